"""Designs: which points there are, and the scenario of each."""

import csv
import pickle
from datetime import date

import numpy as np
import pytest
import small
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import regimesim as rs
from regimesim.errors import Refusal
from regimesim.scenario import load, parse
from regimesim.scenario.declaration import Distribution
from regimesim.sweeps.axes import Listed, Range
from regimesim.sweeps.designs import (
    design_at,
    make_design,
    read_axes,
    read_design,
    scenario_at,
)
from regimesim.sweeps.files import _cell

THREE = """
worlds = 20
seed = 5
[takeover]
difficulty = { uniform = [10, 12] }
[oversight]
control = { auroc = 0.9 }
[policies.plain]
[policies.own]
feedback.density = 0.3
oversight.control.auroc = 0.8
[policies.without]
oversight.control = false
"""


@pytest.fixture
def scenario():
    return parse(THREE)


def test_the_last_axis_of_a_grid_moves_fastest(scenario):
    design = read_design(
        scenario, ["oversight.common_cause=0:1:3", "oversight.audit_budget=0.01,0.1", "labs=1:3:3"]
    )
    assert design.kind == "grid" and len(design) == 18
    assert design.dims == {"oversight.common_cause": 3, "oversight.audit_budget": 2, "labs": 3}
    values, budgets, labs = design.columns.values()
    assert values.tolist() == [0.0] * 6 + [0.5] * 6 + [1.0] * 6
    assert budgets.tolist() == ([0.01] * 3 + [0.1] * 3) * 3
    assert labs.tolist() == [1, 2, 3] * 6
    for point in (0, 7, 17):
        settings = {
            "oversight.common_cause": values[point],
            "oversight.audit_budget": budgets[point],
        }
        assert design.settings(point) == {**settings, "labs": labs[point]}
        assert type(design.settings(point)["labs"]) is int
    for outside in (-1, 18):
        with pytest.raises(IndexError):
            design.settings(outside)


def test_a_range_may_have_equal_ratios(scenario):
    design = read_design(scenario, ["training.bad_data=0.001:1:4:log", "systems=10:1000:3:log"])
    assert design.values["training.bad_data"] == pytest.approx([0.001, 0.01, 0.1, 1])
    assert design.values["systems"].tolist() == [10, 100, 1000]
    assert design.values["systems"].dtype == np.int64


def test_axes_of_a_zip_move_together(scenario):
    design = read_design(
        scenario, ["goals.value=0.1,0.1,0.2", "capability.doubling_time=2:6:3"], kind="zip"
    )
    assert design.dims == {"point": 3}
    assert design.settings(1) == {"goals.value": 0.1, "capability.doubling_time": 4.0}


@pytest.mark.parametrize(("kind", "points"), [("latin_hypercube", 50), ("sobol", 64)])
def test_a_drawn_design_has_a_point_in_each_slice_of_each_axis(scenario, kind, points):
    axes = {
        "oversight.common_cause": {"low": 0, "high": 1},
        "takeover.difficulty": True,
        "training.bad_data": {"low": 0.001, "high": 1, "scale": "log"},
    }
    design = make_design(scenario, axes, kind, points)
    assert design.dims == {"point": points}
    value, difficulty, bad_data = design.columns.values()
    uniforms = (value, (difficulty - 10) / 2, np.log10(bad_data) / 3 + 1)
    for uniform in uniforms:
        assert sorted(np.floor(uniform * points).astype(int)) == list(range(points))
    again = make_design(scenario, axes, kind, points)
    other = make_design(scenario.override({"seed": 6}), axes, kind, points)
    assert np.array_equal(again.columns["oversight.common_cause"], value)
    assert not np.array_equal(other.columns["oversight.common_cause"], value)


def test_whole_numbers_words_and_switches_get_equal_shares_of_a_drawn_design(scenario):
    axes = {
        "labs": {"low": 1, "high": 4},
        "oversight.control": [True, False],
        "oversight.control.monitor": ["trusted", "untrusted"],
        "systems": {"low": 1, "high": 3, "scale": "log"},
    }
    labs, control, monitor, systems = make_design(scenario, axes, "sobol", 64).columns.values()
    assert np.unique(labs, return_counts=True)[1].tolist() == [16] * 4
    assert np.unique(control, return_counts=True)[1].tolist() == [32] * 2
    assert np.unique(monitor, return_counts=True)[1].tolist() == [32] * 2
    # in equal ratios from 1 up to 4 (not reached): the number 1 has log 2 / log 4
    assert np.unique(systems, return_counts=True)[1].tolist()[0] == 32
    assert set(systems.tolist()) == {1, 2, 3}


def test_a_distribution_in_a_grid_is_taken_at_the_middles_of_equal_shares(scenario):
    axes = {"oversight.common_cause": {"normal": [0.9, 0.2], "points": 4}}
    cut = stats.truncnorm((0 - 0.9) / 0.2, (1 - 0.9) / 0.2, 0.9, 0.2)
    levels = make_design(scenario, axes).values["oversight.common_cause"]
    assert levels == pytest.approx(cut.ppf([0.125, 0.375, 0.625, 0.875]), rel=1e-9)
    (axis,) = read_axes(scenario, {"oversight.common_cause": {"normal": [0.9, 0.2]}}).axes
    uniforms = np.array([[0.1, 0.5], [0.9, 0.2]])
    assert axis.at(uniforms) == pytest.approx(cut.ppf(uniforms), rel=1e-9)
    assert (axis.unit, axis.words[:5]) == ("share", "How f")


def test_axes_alone_are_placed_by_whoever_asks_for_them(scenario):
    asked = read_axes(scenario, ["oversight.common_cause=0:1", "takeover.difficulty"])
    design = design_at(asked, np.array([[0.25, 0.5], [0.75, 0.25]]))
    assert design.settings(0) == {"oversight.common_cause": 0.25, "takeover.difficulty": 11.0}
    assert design.settings(1) == {"oversight.common_cause": 0.75, "takeover.difficulty": 10.5}


@pytest.mark.parametrize(
    "vary",
    [
        ["feedback.density=0:1:3", "takeover.difficulty=5:30:2"],
        ["oversight.control.auroc=0.6:0.95:3", "oversight.control.monitor=trusted,untrusted"],
        ["oversight.audit_budget=0.01:0.3:3:log", "months=24,48", "start=2026-01,2027-06"],
        ["policies.without.goals.value=0.1,0.2", "policies.own.oversight.control.tax=0:0.2:2"],
        ["goals.value=0.1,0.2", "policies.plain.goals.value=0.7,0.8"],
        ["oversight.control=true", "oversight.red_team.red_team=0,5"],
    ],
)
def test_the_scenario_of_a_point_is_the_one_that_its_values_override(scenario, vary):
    design = read_design(scenario, vary)
    for point in range(len(design)):
        found = scenario_at(scenario, design, point)
        expected = scenario.override(design.settings(point))
        assert found == expected
        assert parse(found.raw, name=found.name) == found
        assert found.override({"worlds": 3}).policies == found.policies
    assert scenario == parse(THREE)


def test_a_switch_turns_a_safeguard_on_and_off(scenario):
    vary = ["oversight.control=true,false", "oversight.control.auroc=0.6,0.7"]
    design = read_design(scenario, [*vary, "policy=plain,without"])
    assert design.policies == ("plain", "without")
    on, off = (scenario_at(scenario, design, point).policies for point in (1, 3))
    assert list(on) == ["plain", "without"]
    assert on["plain"].oversight.control.auroc == 0.7
    assert off["plain"].oversight.control is None
    assert on["without"].oversight.control is off["without"].oversight.control is None


def test_presets_are_laid_over_the_scenario_and_values_over_presets(tmp_path):
    (tmp_path / "views").mkdir()
    (tmp_path / "s.toml").write_text(
        THREE + "[sweep.vary]\npreset = ['views/a.toml', 'views/b.toml']\ngoals.value = [0.1, 0.2]"
    )
    (tmp_path / "views/a.toml").write_text(
        "name = 'a'\nworlds = 7\nmonths = 24\nfeedback.density = 0.9\ngoals.value = 0.9\n"
        "[takeover]\ndifficulty = 13\n[policies.own]\nfeedback.density = 0.4"
    )
    (tmp_path / "views/b.toml").write_text("oversight.control = { tax = 0.1 }")
    scenario = load(tmp_path / "s.toml")
    design = read_design(scenario)
    assert design.dims == {"preset": 2, "goals.value": 2}
    a, b = (scenario_at(scenario, design, point) for point in (1, 3))
    assert (a.name, a.worlds, a.months) == ("s", 20, 24)
    assert (b.name, b.worlds, b.months) == ("s", 20, 180)
    assert {tables.goals.value for tables in (*a.policies.values(), *b.policies.values())} == {0.2}
    assert [tables.feedback.density for tables in a.policies.values()] == [0.9, 0.4, 0.9]
    assert {tables.takeover.difficulty for tables in a.policies.values()} == {13.0}
    assert b.policies["plain"].takeover.difficulty == Distribution("uniform", (10, 12))
    assert [bool(tables.oversight.control) for tables in b.policies.values()] == [
        True,
        True,
        False,
    ]
    assert b.policies["plain"].oversight.control.auroc == 0.9
    assert b.policies["plain"].oversight.control.tax == 0.1
    (tmp_path / "views/a.toml").unlink()
    kept = pickle.loads(pickle.dumps(design))
    assert scenario_at(scenario, kept, 1) == a


def test_a_preset_may_switch_on_what_an_axis_varies(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "on.toml").write_text("oversight.pause = true")
    (tmp_path / "off.toml").write_text("oversight.pause = false")
    scenario = parse(THREE)
    vary = ["preset=on.toml,off.toml", "oversight.pause.pause_strength=0.1,0.9"]
    design = read_design(scenario, vary)
    found = [scenario_at(scenario, design, point) for point in range(4)]
    assert [one.policies["own"].oversight.pause.pause_strength for one in found[:2]] == [0.1, 0.9]
    assert found[2] == found[3] and found[2].policies["own"].oversight.pause is None


def test_a_point_may_resolve_what_its_preset_alone_contradicts():
    budgets = (
        "audit_budget = { uniform = [0.1, 0.5] }\nadaptive = { audit_min = 0.1, audit_max = 0.15 }"
    )
    scenario = parse(f"[oversight]\n{budgets}")
    axes = {"oversight.adaptive.audit_min": [0.3], "oversight.adaptive.audit_max": [0.5]}
    adaptive = scenario_at(scenario, make_design(scenario, axes), 0).policies["scenario"].oversight
    assert (adaptive.adaptive.audit_min, adaptive.adaptive.audit_max) == (0.3, 0.5)
    scenario = parse({"oversight": {"tax": 0.8, "pause": {}, "control": {"tax": 0.1}}})
    axes = {"oversight.interpretability": [True], "oversight.interpretability.tax": [0.05, 0.2]}
    design = make_design(scenario, axes)
    assert scenario_at(scenario, design, 0).policies["scenario"].oversight.tax == 0.8


def test_a_table_is_a_row_a_point(tmp_path):
    (tmp_path / "points.csv").write_text(
        "\ufefffeedback.density, labs,oversight.control ,start,takeover.difficulty\r\n"
        '0.1,2,true,"2026-02",1e1\r\n\r\n0.1,3,false,2027-01,12\r\n'
    )
    (tmp_path / "s.toml").write_text(THREE + "[sweep]\ntable = 'points.csv'")
    scenario = load(tmp_path / "s.toml")
    design = read_design(scenario)
    assert (design.kind, design.dims) == ("table", {"point": 2})
    assert design.settings(1) == {
        "feedback.density": 0.1,
        "labs": 3,
        "oversight.control": False,
        "start": "2027-01",
        "takeover.difficulty": 12.0,
    }
    found = scenario_at(scenario, design, 1)
    assert (found.labs, found.start) == (3, "2027-01")
    assert found.policies["plain"].oversight.control is None
    named = read_design(parse(THREE), table=str(tmp_path / "points.csv"))
    assert named.settings(0) == design.settings(0)


FILE = """
[sweep]
design = "sobol"
points = 16
[sweep.vary]
goals.value = { low = 0.1, high = 0.9 }
"takeover.difficulty" = true
policy = ["plain", "own"]
"""


def test_the_command_line_replaces_what_a_file_says_of_its_sweep():
    scenario = parse(THREE + FILE)
    design = read_design(scenario)
    assert (design.kind, len(design), design.policies) == ("sobol", 16, ("plain", "own"))
    assert list(design.dims) == ["point"]
    assert len(read_design(scenario, points=32)) == 32
    other = read_design(scenario, kind="latin_hypercube", points=7)
    assert (other.kind, len(other), len(other.axes)) == ("latin_hypercube", 7, 2)
    axes = read_design(scenario, ["labs=1:5"])
    assert (axes.kind, len(axes), list(axes.values)) == ("sobol", 16, ["labs"])
    grid = read_design(scenario, ["labs=1:5:5"], kind="grid")
    assert grid.dims == {"labs": 5} and grid.policies == ("plain", "own", "without")
    graded = parse(THREE + "[sweep.vary]\ngoals.value = { low = 0.1, high = 0.9, points = 3 }")
    assert len(read_design(graded, kind="sobol", points=8)) == 8


def test_the_same_axes_from_a_file_a_command_line_and_python_are_the_same(scenario):
    written = parse(
        THREE
        + """[sweep.vary]
        "feedback.density" = { low = 0.1, high = 1, points = 4 }
        policies.plain.goals.value = [0.1, 0.2]
        oversight = { trajectories = { lognormal = [10, 0.5], points = 2 } }
        """
    )
    texts = [
        "feedback.density=0.1:1:4",
        "policies.plain.goals.value=0.1,0.2",
        "oversight.trajectories={lognormal = [10, 0.5], points = 2}",
    ]
    axes = {
        "feedback.density": np.linspace(0.1, 1, 4),
        "policies.plain.goals.value": (0.1, 0.2),
        "oversight.trajectories": {"lognormal": [10, 0.5], "points": 2},
    }
    first, *others = (
        read_design(written),
        read_design(scenario, texts),
        make_design(scenario, axes),
    )
    for other in others:
        assert other.dims == first.dims
        assert [other.settings(p) for p in range(16)] == [first.settings(p) for p in range(16)]


def test_a_sweep_is_no_part_of_a_run_and_survives_changes():
    scenario = parse(THREE + FILE)
    assert scenario == parse(THREE)
    assert "sweep" not in scenario.resolved()
    changed = scenario.override({"goals.value": 0.3}).choose(["own", "plain"])
    changed = changed.with_policy("more", {"goals.value": 0.2})
    assert len(read_design(changed)) == 16
    point = scenario_at(changed, read_design(changed), 0)
    assert "sweep" not in point.raw and list(point.policies) == ["plain", "own"]


def test_a_name_that_comes_from_a_file_survives_changes(tmp_path):
    (tmp_path / "mine.toml").write_text("worlds = 3")
    scenario = load(tmp_path / "mine.toml")
    changed = scenario.override({"worlds": 4}).with_policy("more", {})
    assert changed.name == "mine"


def test_a_large_grid_takes_no_room_before_its_points_are_asked_for(scenario):
    vary = ["oversight.common_cause=0:1:1000", "feedback.density=0:1:1000", "labs=1:10:10"]
    design = read_design(scenario, vary)
    assert len(design) == 10_000_000
    assert sum(values.nbytes for values in design.values.values()) < 20_000
    last = scenario_at(scenario, design, 9_999_999)
    assert (last.labs, last.policies["plain"].oversight.common_cause) == (10, 1.0)


AXES = {
    "steps": (Range(0.1, 1, points=10), [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]),
    "steps through 0": (Range(-0.3, 0.3, points=7), [-0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3]),
    "ratios": (Range(0.001, 1000, "log", 7), [0.001, 0.01, 0.1, 1.0, 10.0, 100.0, 1000.0]),
    "an array": (Listed(tuple(np.arange(0.1, 0.75, 0.1))), [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]),
    "thirds": (Range(0, 1, points=4), [0, 1 / 3, 2 / 3, 1]),
    "tiny ends": (Range(1e-300, 5, points=2), [1e-300, 5]),
    "tiny values": (Listed((1e-300, 1e-18, 5.0)), [1e-300, 1e-18, 5.0]),
    "one level": (Range(0.3, 5, points=1), [0.3]),
    "whole numbers": (Range(1, 5, points=3, whole=True), [1, 3, 5]),
}


@pytest.mark.parametrize("name", AXES)
def test_levels_are_the_decimals_that_a_person_writes(name):
    values, expected = AXES[name]
    assert values.levels().tolist() == expected


def test_a_level_is_selected_by_its_decimal():
    scenario = small.scenario({"worlds": 4, "months": 6})
    axis = {"feedback.density": {"low": 0.1, "high": 0.9, "points": 9}}
    swept = rs.sweep(scenario, axis).dataset
    for level in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9):
        assert swept.sel({"feedback.density": level}).sizes["policy"] == 1


@pytest.mark.parametrize("word", ["true", "True", "TRUE", " true "])
def test_a_switch_of_a_table_is_read_however_it_is_written(tmp_path, word):
    (tmp_path / "p.csv").write_text(f"oversight.control\n{word}\n")
    design = read_design(parse(THREE), table=str(tmp_path / "p.csv"))
    assert design.settings(0) == {"oversight.control": True}


KINDS = {
    "feedback.density": st.floats(0, 1).map(lambda x: round(x, 12)),
    "capability.initial": st.floats(0, 20).map(lambda x: round(x, 12)),
    "labs": st.integers(1, 20),
    "oversight.control": st.booleans(),
    "oversight.control.curve": st.sampled_from(["binormal", "logistic"]),
    "start": st.dates(date(2000, 1, 1), date(2099, 1, 1)).map(lambda day: f"{day:%Y-%m}"),
}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.fixed_dictionaries(KINDS), min_size=1, max_size=4), st.booleans())
def test_what_a_sweep_writes_is_read(tmp_path_factory, points, spreadsheet):
    """The table of a sweep, with a row for each policy, also after a spreadsheet saved it."""
    path = tmp_path_factory.mktemp("table") / "points.csv"
    with path.open("w", newline="", encoding="utf-8-sig" if spreadsheet else "utf-8") as file:
        table = csv.writer(file)
        table.writerow(["point", *KINDS, "policy", "no_takeover", "error"])
        for number, point in enumerate(points):
            for policy in ("plain", "own"):
                cells = [_cell(point[key]) for key in KINDS]
                if spreadsheet:
                    cells[3] = cells[3].upper()
                table.writerow([number, *cells, policy, 0.5, ""])
    design = read_design(parse(THREE), table=str(path))
    assert [design.settings(k) for k in range(len(design))] == points


def test_columns_of_a_table_are_ignored_by_name(tmp_path):
    path = tmp_path / "p.csv"
    path.write_text("index,labs,note\n0,2,first\n1,3,second\n")
    design = read_design(parse(THREE), table=str(path), ignored=["index", "note"])
    assert [design.settings(k) for k in range(2)] == [{"labs": 2}, {"labs": 3}]
    with pytest.raises(Refusal, match=r"no column \"indx\" to ignore; the nearest is 'index'"):
        read_design(parse(THREE), table=str(path), ignored=["indx", "note"])
    with pytest.raises(Refusal, match="every column is ignored"):
        read_design(parse(THREE), table=str(path), ignored=["index", "note", "labs"])
    with pytest.raises(Refusal, match="--ignore: names columns of a table; found without --table"):
        read_design(parse(THREE), ["labs=1,2"], ignored=["index"])
