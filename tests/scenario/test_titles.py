"""Titles of policies: where they are read, refused, and kept."""

import json

import jsonschema
import numpy as np
import pytest
import xarray

import regimesim as rs
from regimesim.analysis.labels import titles_of
from regimesim.analysis.present_sweep import axes_of, fixed_axes
from regimesim.scenario import parse
from regimesim.scenario.json_schema import schema
from regimesim.scenario.titles import usual_title
from regimesim.studies.check.text import overview

FILE = """
worlds = 12
months = 24
systems = 6
[policies.hold_1]
title = "control + hold"
[policies.control.oversight]
control = true
[policies.both_at_once]
"""


@pytest.fixture(scope="module")
def run():
    return rs.run(parse(FILE))


def line_of(text) -> str:
    with pytest.raises(rs.Refusal) as refused:
        parse(text)
    (line,) = refused.value.lines
    return line


def test_a_policy_has_its_own_title_or_its_name_with_spaces():
    scenario = parse(FILE)
    titles = [scenario.title(name) for name in scenario.policies]
    assert titles == ["control + hold", "control", "both at once"]


def test_no_two_names_have_the_same_usual_title():
    names = ["a_b", "a__b", "_a_b", "a_b_", "_", "__", "a-b", "ab", "a", "_a"]
    assert len({usual_title(name) for name in names}) == len(names)
    assert all(usual_title(name).strip() == usual_title(name) for name in names)


@pytest.mark.parametrize(
    "written",
    [
        "",
        " x",
        "x ",
        "two\nlines",
        "bell\a",
        "\u202eback",
        "x" * 41,
        "$x$",
        "über",
        3,
        True,
        ["x"],
    ],
)
def test_a_title_that_is_no_short_line_of_plain_letters_is_refused(written):
    line = line_of(FILE + f"title = {json.dumps(written)}")
    assert line.startswith("scenario: policies.both_at_once.title: found ")
    assert "1 to 40 letters" in line
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"policies": {"a": {"title": written}}}, schema())


@pytest.mark.parametrize("written", ["x", "x" * 40, 'a "b" & <c> | d\\', "2 monitors, 10 %"])
def test_other_titles_are_read_as_they_are_written(written):
    scenario = parse({"policies": {"a": {"title": written}}})
    assert scenario.title("a") == written
    jsonschema.validate({"policies": {"a": {"title": written}}}, schema())


@pytest.mark.parametrize(
    ("title", "other"),
    [("control + hold", "hold_1"), ("control", "control"), ("hold_1", "hold_1")],
)
def test_a_title_that_stands_for_another_policy_is_refused(title, other):
    line = line_of(FILE + f'title = "{title}"')
    expected = f"found \"{title}\", which stands for policy '{other}' already; titles are unique"
    assert line == f"scenario: policies.both_at_once.title: {expected}"


def test_the_first_of_two_equal_titles_is_not_the_one_that_is_refused():
    same = {"a": {"title": "x"}, "b": {}, "c": {"title": "x"}}
    assert "policies.c.title" in line_of({"policies": same})


def test_a_policy_may_have_the_usual_title_as_its_own():
    assert parse({"policies": {"a_b": {"title": "a b"}}}).title("a_b") == "a b"


def test_the_top_level_has_no_title():
    line = line_of(f'title = "x"\n{FILE}')
    assert line == 'scenario: title: found "x"; it belongs to a policy, [policies.NAME]'


def test_a_title_is_changed_chosen_and_resolved_with_its_policy():
    scenario = parse(FILE)
    changed = scenario.override({"policies.control.title": "monitor"})
    assert changed.title("control") == "monitor"
    assert changed.choose(["control"]).titles == {"control": "monitor"}
    assert parse(changed.resolved()) == changed != scenario
    assert changed.policies == scenario.policies  # no parameter of the model


def test_the_words_of_check_name_a_title():
    lines = overview(parse(FILE)).splitlines()
    assert "    hold_1 (control + hold): no safeguard" in lines
    assert "    both_at_once: no safeguard" in lines


def test_a_file_that_extends_another_keeps_titles(tmp_path):
    (tmp_path / "a.toml").write_text(FILE)
    (tmp_path / "b.toml").write_text('extends = "a.toml"\npolicies.control.title = "monitor"')
    assert rs.load(tmp_path / "b.toml").titles == {
        "hold_1": "control + hold",
        "control": "monitor",
    }


@pytest.mark.parametrize("key", ["title", "policies.control.title"])
def test_a_title_cannot_vary(key):
    with pytest.raises(rs.Refusal, match="changes no number"):
        rs.sweep(parse(FILE), {key: ["x", "y"]})


def test_datasets_have_titles_whatever_was_selected_or_joined(run):
    worlds, months = run
    expected = {"hold_1": "control + hold", "control": "control", "both_at_once": "both at once"}
    assert titles_of(worlds) == titles_of(months, "months") == expected
    one = worlds.sel(policy="hold_1")
    assert titles_of(one) == {"hold_1": "control + hold"}
    more = worlds.assign_coords(world=worlds.world + worlds.sizes["world"])
    assert titles_of(xarray.concat([worlds, more], "world")) == expected
    parts = [worlds.sel(policy=[name]) for name in expected]
    assert titles_of(xarray.concat(parts, "policy")) == expected
    assert titles_of(worlds.reindex(policy=["hold_1", "new_one"]))["new_one"] == "new one"
    assert titles_of(worlds.drop_vars("title"))["hold_1"] == "hold 1"
    assert titles_of(worlds.where(worlds.world < 3)) == expected


def test_a_saved_run_has_titles_and_its_summary_too(run, tmp_path):
    worlds, _ = run
    worlds.to_netcdf(tmp_path / "worlds.nc")
    with xarray.open_dataset(tmp_path / "worlds.nc") as read:
        assert titles_of(read) == titles_of(worlds)
    assert run.summary["policies"]["hold_1"]["title"] == "control + hold"


def test_the_title_of_a_policy_in_python():
    @rs.policy(title="mine + more", settings={"oversight.control": {}})
    def mine(seen, levers):
        return levers

    worlds, _ = rs.run(parse(FILE), ["hold_1", mine])
    assert titles_of(worlds) == {"hold_1": "control + hold", "mine": "mine + more"}
    other = rs.policy(mine.decide, name="other", title="mine + more")
    with pytest.raises(rs.Refusal, match="which stands for policy 'mine' already"):
        rs.run(parse(FILE), [mine, other])
    with pytest.raises(rs.Refusal, match="1 to 40 letters"):
        rs.run(parse(FILE), [rs.policy(mine.decide, title="two\nlines")])


def test_a_sweep_has_titles_that_are_no_axis():
    sweep = rs.sweep(parse(FILE), {"feedback.density": [0.3, 0.7]}).dataset
    assert titles_of(sweep, "sweep")["hold_1"] == "control + hold"
    assert axes_of(sweep) == ["feedback.density"]
    assert fixed_axes(sweep.sel(policy="hold_1")) == {}


def test_a_title_changes_no_number(run):
    worlds, _ = run
    other, _ = rs.run(parse(FILE.replace("control + hold", "another")))
    assert all(
        np.array_equal(worlds[name], other[name], equal_nan=True) for name in worlds.data_vars
    )
