"""One world: it is the ensemble's, its events add up, and its story can be read."""

import json

import numpy as np
import pytest
from scenarios_of_tests import busy

import regimesim as rs
from regimesim import cli
from regimesim.model.oversight.policy import policy
from regimesim.model.world.records import MONTHLY, SAFEGUARDS, names
from regimesim.studies.trace.compute import prove, trace
from regimesim.studies.trace.events import _critical_tries, budget_events
from regimesim.studies.trace.figure import PANELS
from regimesim.studies.trace.figure import timeline as draw
from regimesim.studies.trace.find import KINDS, find_world
from regimesim.studies.trace.question import LAST_WORLD
from regimesim.studies.trace.text import timeline, verdict

WORLDS = 80  # among them one of each kind


@pytest.fixture(scope="module")
def ran():
    return rs.run(busy(worlds=WORLDS))


def total(found, kind):
    return sum(event.count for event in found.events if event.kind == kind)


@pytest.mark.parametrize("name", ["none", "control", "all", "untrusted"])
def test_the_world_is_that_of_the_run_and_its_events_add_up(ran, name):
    for world in (0, 17, 39):
        found = trace(busy(), world, policies=name)
        row = ran.worlds.sel(policy=name, world=world)
        for event, count in {
            "strikes": "strikes",
            "strikes_caught": "warning_shots",
            "story_incidents": "story_incidents",
            "feints": "feints",
            "critical_tries_held": "critical_tries_held",
        }.items():
            assert total(found, event) == int(row[count]) == found.outcome[count]
        for threshold, month in found.crossings.items():
            crossed = float(row.crossing.sel(threshold=threshold))
            assert (month is None and np.isnan(crossed)) or month == crossed
        assert found.lost == (total(found, "takeover") > 0)
        assert found.months["strikes"].sum() == found.outcome["strikes"]
        assert set(names(MONTHLY)) <= set(found.months)
        actors = [e for e in found.events if e.kind in ("strikes", "story_incidents", "feints")]
        assert all(len(event.capability) == event.count for event in actors)
        assert [e.month for e in found.events] == sorted(e.month for e in found.events)


def test_a_world_that_is_not_the_ensembles_is_not_shown():
    model = rs.RegimeModel(busy(), "control", 3)
    model.run_model()
    prove(model)
    model.batch.outcomes["strikes"][0] += 1
    with pytest.raises(RuntimeError, match="world 3 is not the ensemble's: strikes"):
        prove(model)


def test_a_policy_in_python_is_traced_too():
    @policy(settings={"oversight.control": {}})
    def doubling(seen, levers):
        return levers.set(
            audit_budget=0.01 if seen.month < 20 else 0.02,
            contact=0.5 if 10 <= seen.month < 15 else levers.contact,
        )

    found = trace(busy(), 5, policies=doubling)
    told = {(event.month, event.kind) for event in found.events}
    assert found.policy == "doubling"
    assert {(0, "audit_budget"), (10, "access"), (15, "access_over")} <= told
    assert len(found.months) > 20 and (20, "audit_budget") in told


def test_alarms_pauses_and_beliefs_begin_and_end_where_the_months_say():
    found = trace(busy(), 0, policies="all")
    alarm = found.months["alarm"].to_numpy()
    begins = np.flatnonzero((alarm == 1) & (np.append(0, alarm[:-1]) == 0))
    assert [e.month for e in found.events if e.kind == "alarm"] == begins.tolist()
    assert len(begins) > 0
    paused = found.months["pause"].to_numpy() > 0
    begins = np.flatnonzero(paused & ~np.append(False, paused[:-1]))
    assert [e.month for e in found.events if e.kind == "pause"] == begins.tolist()
    assert len(begins) > 0
    rungs = found.months[[f"paradigm_{k}" for k in (1, 2, 3, 4)]].to_numpy() @ [1, 2, 3, 4]
    moves = [e.month for e in found.events if e.kind == "paradigm"]
    assert set(np.flatnonzero(np.diff(rungs) != 0) + 1) <= set(moves)


def test_events_withdrawals_and_strikers_of_one_month_are_in_the_story():
    found = trace(
        busy(
            labs=2,
            months=40,
            capability={"initial": 8},
            takeover={"difficulty": 10, "caught_value": 1},
            goals={"value": 0.02},
            feedback={"density": 0.1, "constraint": 0},
            cognition={"awareness_midpoint": 4},
            conduct={"coordination": 0.9},
            training={"shared": 0.7},
            events=[
                {"on": "2026-01", "months": 2, "set": {"growth": 0.5}},
                {"when": "strikes_seen", "at_least": 1, "months": 3, "set": {"frozen": 1}},
                {"on": "2026-01", "withdraw": "all"},
            ],
            oversight={"honeypots": {"traps": 0.99, "seen_through_limit": 90}},
            policies={"a": {}},
        ),
        0,
    )
    of = {kind: [e for e in found.events if e.kind == kind] for kind in ("event", "event_over")}
    begin = [(e.month, e.words) for e in of["event"]]
    assert begin[0] == (0, "event 1 comes for 2 months: growth 0.5")
    assert begin[1] == (1, "event 2 comes for 3 months: labs with the policy train nothing")
    assert (2, "event 1 ends") in [(e.month, e.words) for e in of["event_over"]]
    assert total(found, "withdrawals") == found.outcome["withdrawals"] == 10
    strikes = [e for e in found.events if e.kind == "strikes" and e.month == 0]
    assert (
        "5 systems of lab 0 strike together: 0, 2, 4…, copies of its model 0" in strikes[0].words
    )
    tries = [e for e in found.events if e.kind == "critical_tries_held"]
    assert len(tries) == found.outcome["critical_tries_held"]
    (first,) = [e for e in found.events if e.kind == "first_critical_try"]
    assert f"of {found.outcome['attempts_in_first_try']} attempts at once" in first.words
    assert "held, caught by honeypots" in first.words


def test_a_try_that_no_single_safeguard_caught_names_none():
    before = {"critical_tries_held": 0}
    after = {
        "month_critical": 2.0,
        "critical_tries_held": 1,
        "crossing": np.array([0, 0, 0, 0, 3, -1]),
        "month_caught_by": np.zeros(4, int),
        "held_first_critical_try": 1,
        "believed_catch_rate": 0.9,
        "true_catch_rate": 0.5,
    }
    first, _ = _critical_tries(3, before, after)
    assert first[2].startswith(
        "FIRST CRITICAL TRY of 2 attempts at once, held, caught by different safeguards:"
    )
    caught = {**after, "month_caught_by": np.eye(4, dtype=int)[SAFEGUARDS.index("cot_monitor")]}
    first, _ = _critical_tries(3, before, caught)
    assert "held, caught by cot monitor: believed" in first[2]  # as later tries are written
    lost = {**after, "critical_tries_held": 0, "month_critical": 1.0}
    kinds = [kind for kind, *_ in _critical_tries(4, before, lost)]
    assert kinds == ["takeover"]


def test_a_step_of_the_budget_is_shown_once_it_is_large():
    told = budget_events(0.1, [0.1, 0.12, 0.149, 0.151, 0.16, 0.3, 0.0, 0.0])
    assert [event.month for event in told] == [3, 5, 6]


@pytest.mark.parametrize("kind", KINDS)
def test_the_world_found_is_the_first_of_its_kind(ran, kind):
    of_policies = []
    for name in ("none", "control", "all"):
        row = ran.worlds.sel(policy=name)
        held = row.held_first_critical_try.values
        lost = ~np.isnan(row.crossing.sel(threshold="takeover").values)
        is_kind = {
            "first_failure": held == 0,
            "held_then_lost": (held == 1) & lost,
            "held_to_the_end": (held == 1) & ~lost,
            "never_tried": np.isnan(held),
            "story_first": row.first_try_was_story.values == 1,
            "lost": lost,
        }[kind]
        first = int(np.argmax(is_kind)) if is_kind.any() else None
        assert find_world(busy(worlds=WORLDS).choose([name]), kind) == first
        of_policies.append(first)
    assert kind == "never_tried" or any(world is not None for world in of_policies)


def test_the_timeline_fits_80_columns_and_ends_with_the_verdict(ran):
    for name in ("none", "control", "all"):
        for world in range(4):
            found = trace(busy(), world, policies=name)
            lines = timeline(found)
            assert max(map(len, lines)) <= 80
            assert verdict(found) in " ".join(" ".join(lines).split())
            assert ("was lost" in verdict(found)) == found.lost


def test_the_first_world_of_a_kind_is_traced_or_refused():
    first = find_world(busy().choose(["control"]), "lost")
    assert trace(busy(), find="lost", policies="control").world == first
    calm = busy(months=2, takeover={"difficulty": 60})
    with pytest.raises(rs.Refusal, match="none of the 40 worlds of none is one lost"):
        trace(calm, find="lost", policies="none")


def test_the_figure_is_drawn_from_what_is_saved_alone():
    found = trace(busy(), 1, policies=["control"])
    saved = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    for axes in (draw(saved), found.plot()):
        assert len(axes) == len(PANELS)
        lines = {line.get_label(): line for ax in axes for line in ax.get_lines()}
        believed = found.months["catch_rate_believed"].to_numpy()
        np.testing.assert_array_equal(lines["believed"].get_ydata(), believed)
        np.testing.assert_array_equal(lines["lab 2"].get_ydata(), found.months["lab_2"])
    with pytest.raises(ValueError, match="2 axes were given for 5 panels"):
        draw(saved, axes[:2])


def test_what_is_saved_is_the_table_and_the_events():
    found = trace(busy(), 1, policies="control")
    saved = found.to_dict()
    assert (saved["scenario"], saved["policy"], saved["world"]) == ("busy", "control", 1)
    for name, column in saved["monthly"].items():
        assert all(
            value == ours or (value is None and np.isnan(ours))
            for value, ours in zip(column, found.to_dataframe()[name], strict=True)
        )
    assert [(e["month"], e["kind"]) for e in saved["events"]] == [e[:2] for e in found.events]
    assert (
        saved["crossings"] == found.crossings and saved["outcome"].keys() == found.outcome.keys()
    )
    assert max(map(len, found.text().splitlines())) <= 80


def test_a_trace_is_of_one_policy():
    with pytest.raises(rs.Refusal, match="found 2; allowed is one"):
        trace(busy(), 0, policies=["none", "control"])


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "small.toml"
    path.write_text(
        'name = "small"\nworlds = 20\nmonths = 60\nsystems = 6\n[takeover]\ndifficulty = 40\n'
        "[policies.none]\n[policies.control.oversight.control]\n"
    )
    return path


def answer(capsys, *arguments):
    code = cli.main([str(argument) for argument in arguments])
    told = capsys.readouterr()
    return code, told.out, told.err


def test_the_command_writes_a_folder_that_plot_draws_again(file, tmp_path, capsys):
    out = tmp_path / "world"
    asked = ("trace", file, "--world", LAST_WORLD, "--policy", "control", "--out", out)
    code, told, _ = answer(capsys, *asked)
    assert code == 0
    assert f"World {LAST_WORLD} under control had no critical try by 2030-12" in told
    assert json.loads((out / "manifest.json").read_text())["made_by"] == "regimesim trace"
    content = json.loads((out / "trace.json").read_text())
    assert content["world"] == LAST_WORLD and len(content["monthly"]["leader"]) == 60
    first = {path.name: path.read_bytes() for path in (out / "figures").iterdir()}
    assert set(first) == {"trace.png", "trace.svg"}
    code, told, _ = answer(capsys, "plot", out)
    assert code == 0 and len(told.splitlines()) == 2
    assert {path.name: path.read_bytes() for path in (out / "figures").iterdir()} == first


def test_no_world_of_a_kind_is_said_and_leaves_no_folder(file, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, err = answer(capsys, "trace", file, "--find", "lost", "--policy", "none")
    assert (code, out) == (2, "")
    assert err == "--find: none of the 20 worlds of none is one lost\n"
    assert not (tmp_path / "outputs").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--world", "-1"], 'found "-1"; allowed is a whole number, 0 to 4294967295'),
        (["--world", "4294967296"], "allowed is a whole number, 0 to 4294967295"),
        (["--world", "1.5"], "allowed is a whole number"),
        (["--find", "first_fail"], "the nearest is 'first_failure'"),
        (["--find", "lost", "--world", "1"], "give one of them"),
        (["--policy", "contol"], "the nearest is 'control'"),
        (["--out", "world.svg"], 'found "world.svg"; allowed is a folder, not a picture'),
    ],
)
def test_a_mistake_is_shown_in_a_sentence(file, capsys, arguments, told):
    code, out, err = answer(capsys, "trace", file, *arguments)
    assert (code, out) == (2, "")
    assert told in err and len(err.splitlines()) == 1
