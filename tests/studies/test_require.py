"""How much is enough: the search on known curves, its interval, its refusals, its answers."""

import json

import numpy as np
import pytest
from small import FIRST_PART, scenario

import regimesim as rs
from regimesim import cli, figures
from regimesim.analysis.estimands import estimate
from regimesim.analysis.estimates import mean, proportion
from regimesim.analysis.formatting import percent
from regimesim.analysis.policy_cells import COSTS
from regimesim.studies.ranges import Varied, read_varied
from regimesim.studies.require import known_worlds
from regimesim.studies.require.compute import require
from regimesim.studies.require.line import Line
from regimesim.studies.require.question import ask
from regimesim.studies.require.search import MOST, search
from regimesim.studies.require.text import sentence, table
from regimesim.studies.targets import Target, read_targets

WATCHED = {
    **FIRST_PART,
    "takeover.difficulty": 12,
    "feedback.density_trend": -0.01,
    "oversight.control": {},
    "oversight.audit_budget": 0.03,
}
HELD = (Target("no_takeover", ">=", 0.9),)


def judged(row, targets=HELD, share=proportion):
    """What a search is told of one target."""
    return [(row, share(row, 1 - 0.05 / len(targets)))]


def known(curve, luck):
    """Worlds that are held where the known `curve` is above their luck, at every value."""
    return lambda at: judged((luck < curve(at[0])).astype(float))


def line(low=0.0, high=1.0, whole=False):
    return Line((Varied("oversight.audit_budget", low, high, whole),))


def luck(worlds=400, seed=0):
    return np.random.default_rng(seed).random(worlds)


def test_the_answer_on_a_known_curve_is_its_root_and_lies_in_its_interval():
    found = search(known(lambda x: np.sqrt(x), luck(20_000)), HELD, line())
    assert (found.kind, found.rising) == ("found", True)
    assert found.low[0] < found.answer[0] < found.high[0]
    assert found.answer[0] == pytest.approx(0.81, abs=0.02)
    assert found.high[0] - found.low[0] < 0.04


def test_the_answer_is_the_least_value_tried_that_reaches_the_target():
    found = search(known(lambda x: x, luck()), HELD, line())
    missed = [one.values for one in found.tried if not one.reached]
    reached = [one.values for one in found.tried if one.reached]
    assert max(missed) < found.answer == min(reached)
    assert found.answer[0] - max(missed)[0] < 0.01  # the bracket has been bisected
    assert len(found.tried) <= MOST


@pytest.mark.parametrize(("goal", "worlds"), [(0.9, 150), (0.98, 150)])
def test_the_interval_covers_the_root_of_a_known_curve(goal, worlds):
    """95 % at least: of 400 runs at most 31 may miss it (99.9 % of a binomial with 5 %)."""
    targets = (Target("no_takeover", ">=", goal),)
    root, runs = goal**2, 400
    missed = 0
    for seed in range(runs):
        own = luck(worlds, seed)
        found = search(known(np.sqrt, own), targets, line(0.3, 1.0))
        above = found.low is None or found.low[0] <= root
        below = found.high is None or root <= found.high[0]
        missed += not (above and below)
    assert missed <= 31


@pytest.mark.parametrize("goal", [0.9, 0.98])
def test_the_interval_covers_the_root_where_fewer_worlds_say_where_to_look(goal):
    """The answer is nearly that of all values in all worlds, from fewer of them."""
    targets, root, missed, lengths, looks = (
        (Target("no_takeover", ">=", goal),),
        goal**2,
        0,
        [],
        [],
    )
    for seed in range(30):
        own, pilot = luck(1600, seed), None
        for worlds in (100, 400, 1600):
            pilot = search(known(np.sqrt, own[:worlds]), targets, line(0.3, 1.0), pilot=pilot)
        whole = search(known(np.sqrt, own), targets, line(0.3, 1.0))
        ends = [(one.low or (0.3,))[0] for one in (pilot, whole)]
        tops = [(one.high or (1.0,))[0] for one in (pilot, whole)]
        missed += not ends[0] <= root <= tops[0]
        lengths.append((tops[0] - ends[0]) / (tops[1] - ends[1]))
        looks.append([sum(t.worlds == 1600 for t in one.tried) for one in (pilot, whole)])
    assert missed <= 6
    assert np.median(lengths) == pytest.approx(1, abs=0.08)
    few, many = np.mean(looks, axis=0)
    assert few < 0.7 * many


def test_the_interval_of_curves_with_their_own_luck_at_every_value_covers_it_too():
    """Worlds that are not common make the curve rough: isotonic regression bears it."""
    root, missed = 0.9, 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        found = search(lambda at, rng=rng: judged(rng.random(300) < at[0]), HELD, line(0.5, 1.0))
        missed += not (
            (found.low is None or found.low[0] <= root)
            and (found.high is None or root <= found.high[0])
        )
    assert missed <= 13


def test_where_no_world_fails_the_interval_stays_open():
    """30 worlds cannot show 99 %: at 30 of 30 the exact lower limit is 88 %."""
    targets = (Target("no_takeover", ">=", 0.99),)
    found = search(known(lambda x: x > 0.4, luck(30)), targets, line())
    assert found.answer[0] == pytest.approx(0.4, abs=0.01)
    assert found.high is None
    assert "too few worlds" in sentence(found)


def test_an_answer_whose_interval_is_the_whole_range_is_not_given():
    """8 of 10 worlds hold at the high end: that may be too many or too few."""
    targets = (Target("no_takeover", ">=", 0.6),)
    few = search(known(lambda x: 0.4 + 0.4 * x, np.linspace(0.05, 0.95, 10)), targets, line())
    assert (few.kind, few.answer, few.low, few.high) == ("unknown", None, None, None)
    assert f"About {few.needed_worlds:,} worlds (--worlds) would narrow it" in sentence(few)
    many = np.linspace(0, 1, 2 * few.needed_worlds)
    enough = search(known(lambda x: 0.4 + 0.4 * x, many), targets, line())
    assert enough.kind == "found" and (enough.low or enough.high)


def test_a_falling_curve_is_answered_by_the_most_that_still_reaches_the_target():
    found = search(known(lambda x: 1 - x, luck(5000)), HELD, line())
    assert (found.kind, found.rising) == ("found", False)
    assert found.answer[0] == pytest.approx(0.1, abs=0.02)
    assert found.low[0] < found.answer[0] < found.high[0]
    assert "at most" in sentence(found)


def test_what_cannot_be_reached_and_what_is_reached_everywhere_are_answers():
    nowhere = search(known(lambda x: 0.5 * x, luck()), HELD, line())
    everywhere = search(known(lambda x: 0.97 + 0.02 * x, luck(4000)), HELD, line())
    assert (nowhere.kind, nowhere.answer) == ("nowhere", None)
    assert nowhere.reached_at is None and everywhere.reached_at == everywhere.tried[0].values
    assert "not met anywhere in the range" in sentence(nowhere)
    assert (everywhere.kind, everywhere.answer) == ("everywhere", None)
    assert "is met over the whole range: even at" in sentence(everywhere)


def test_a_curve_that_is_not_monotone_is_said_to_be_none():
    found = search(known(lambda x: 4 * x * (1 - x), luck()), HELD, line(0.01, 0.99))
    assert (found.kind, found.answer) == ("not monotone", None)
    assert "luck does not explain" in sentence(found)
    rough = search(known(lambda x: x, luck()), HELD, line())
    assert not rough.notes


def test_a_value_that_changes_nothing_is_said_to():
    found = search(known(lambda x: 0.5, luck()), HELD, line())
    assert sentence(found).endswith(
        "no_takeover is the same at all values tried: "
        "oversight.audit_budget makes no difference here."
    )


def test_where_nothing_is_tested_nothing_is_claimed():
    found = search(lambda at: judged(np.full(50, np.nan)), HELD, line())
    assert found.kind == "untested"
    some = search(
        lambda at: judged(np.where(at[0] < 0.9, luck() < at[0] + 0.3, np.nan)), HELD, line()
    )
    assert some.kind == "found"
    assert some.answer[0] == pytest.approx(0.6, abs=0.05)
    assert "no world has a value of no_takeover" in sentence(some)


def test_of_several_targets_all_must_hold():
    targets = (Target("no_takeover", ">=", 0.5), Target("evidence_gap", "<=", 0.1))
    own = luck(20_000)

    def evaluate(at):
        gap = np.full(len(own), 0.8 - at[0]) + 0.01 * own
        return [*judged((own < at[0]).astype(float), targets), (gap, mean(gap, 0.975))]

    found = search(evaluate, targets, line())
    assert found.answer[0] == pytest.approx(0.705, abs=0.01)


@pytest.mark.parametrize("high", [5, 20, 1000])
def test_a_whole_number_is_found_exactly(high):
    found = search(known(lambda x: x >= 3, luck()), HELD, line(0, high, whole=True))
    assert found.answer == (3.0,)
    assert found.line.settings(found.answer) == {"oversight.audit_budget": 3}


def test_a_line_ends_at_its_ends_and_writes_its_values_short():
    for ends in ((0, 1), (0.01, 0.5), (-1, 1), (0.5, 0.9999)):
        along = line(*ends)
        assert (along.at(0)[0], along.at(1)[0]) == ends
        values = [along.at(place)[0] for place in np.linspace(0, 1, 40)]
        assert values == sorted(values)
        assert all(value == float(f"{value:.4g}") for value in values)


def test_the_worlds_are_common_and_the_answer_is_what_a_run_gives():
    given = {**WATCHED, "worlds": 64}
    asked = {"oversight.audit_budget": (0.001, 0.3)}
    requirements = require(scenario(given), {"no_takeover": 0.5}, asked)
    (found,) = requirements
    assert found.kind == "found"
    for one in (found.tried[3], next(t for t in found.tried if t.values == found.answer)):
        (value,) = one.values
        worlds, _ = rs.run(scenario({**given, "oversight.audit_budget": value}))
        assert estimate(worlds, "only", "no_takeover") == one.estimates[0]
    assert (found.low or (0,))[0] <= found.answer[0]
    content = json.loads(json.dumps(requirements.to_dict()))["policies"]["only"]
    assert content["answer"] == {"oversight.audit_budget": found.answer[0]}
    assert len(table(found)) == len(found.tried) + 2
    assert len(requirements.to_dataframe()) == len(found.tried)
    assert sentence(found) in " ".join(requirements.text().split())
    costs = found.costs[found.answer]
    worlds, _ = rs.run(scenario({**given, **found.line.settings(found.answer)}))
    assert costs == {name: estimate(worlds, "only", name) for name in COSTS}
    audits = percent(costs["audited"].estimate)
    assert (
        f"The policy then costs 0 % of growth, audits of {audits} % of trajectories"
        in sentence(found)
    )
    tried = {tuple(one["values"].values()): one["costs"] for one in content["tried"]}
    assert tried[found.answer]["audited"]["estimate"] == costs["audited"].estimate
    axes = requirements.plot()
    assert len(axes) == 1 and len(axes[0].get_lines()) == 3


def test_several_parameters_move_together_in_one_policy_of_many():
    two = {"weak": {"oversight.control": {}}, "none": {}}
    asked = ["oversight.audit_budget=0:0.5", "oversight.control.auroc=0.5:0.99"]
    given = scenario({"takeover.difficulty": 12}, two)
    found = require(given, "no_takeover=0.5", asked, policies="weak")["weak"]
    assert found.policy == "weak"
    one = found.tried[len(found.tried) // 2]
    assert one.values[0] == pytest.approx(0.5 * one.place, rel=1e-3)
    assert one.values[1] == pytest.approx(0.5 + 0.49 * one.place, rel=1e-3)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("no_takover=0.9", "the nearest is 'no_takeover'"),
        ("no_takeover=1.2", "found 1.2; allowed is 0 to 1"),
        ("no_takeover=high", "allowed is a number"),
        ("evidence_gap=0.1", "write evidence_gap<= or evidence_gap>="),
        ("no_takeover", "expected NAME>=VALUE, NAME<=VALUE or NAME=VALUE"),
    ],
)
def test_a_target_that_cannot_be_one_is_refused(text, told):
    with pytest.raises(rs.Refusal, match=told) as refusal:
        read_targets([text])
    assert len(refusal.value.lines) == 1


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("audit_budget", "the nearest is 'oversight.audit_budget'"),
        ("oversight.audit_budget=0.2:0.1", "write oversight.audit_budget=0.1:0.2"),
        ("oversight.audit_budget=0.1:0.1", "holds one value only"),
        ("oversight.audit_budget=0.1:2", "found 2; allowed is 0 to 1"),
        ("oversight.audit_budget=a:1", "allowed is a number"),
        ("oversight.audit_budget=0.1", "expected KEY or KEY=LOW:HIGH"),
        ("oversight.red_team.red_team=0.5:3", "allowed is a whole number"),
        ("oversight.evaluations.response", "only a single number can vary"),
        ("paradigm.faithfulness", "only a single number can vary"),
        ("months", "its range is missing"),
        ("worlds=1:5", "is a setting of the run and cannot vary"),
    ],
)
def test_a_parameter_that_cannot_vary_so_is_refused(text, told):
    with pytest.raises(rs.Refusal, match=told) as refusal:
        read_varied([text], rs.parse({}))
    assert len(refusal.value.lines) == 1


def test_all_mistakes_come_at_once_and_before_anything_runs(monkeypatch):
    monkeypatch.setattr(known_worlds, "fill_store", None)
    with pytest.raises(rs.Refusal) as refusal:
        read_varied(
            ["oversight.audit_budget", "oversight.audit_budget", "nothing=0:1"], rs.parse({})
        )
    assert len(refusal.value.lines) == 2
    for key in ("oversight.audit_budget", "oversight.control.auroc"):
        with pytest.raises(rs.Refusal, match="would change nothing"):
            require(scenario(), {"no_takeover": 0.9}, [key])
    with pytest.raises(rs.Refusal, match="fewer than two monitors"):
        require(scenario(WATCHED), {"no_takeover": 0.9}, ["oversight.common_cause"])
    adaptive = {**WATCHED, "oversight.adaptive": {}}
    with pytest.raises(rs.Refusal, match="never lie above audit_max"):
        require(scenario(adaptive), {"no_takeover": 0.9}, ["oversight.adaptive.audit_min=0:0.5"])
    with pytest.raises(rs.Refusal, match="no policy"):
        require(scenario(WATCHED), {"no_takeover": 0.9}, ["conduct.story_rate"], policies=["x"])


def test_a_policy_that_the_range_contradicts_is_left_out_unless_it_is_named():
    policies = {"watched": WATCHED, "adaptive": {**WATCHED, "oversight.adaptive": {}}}
    source, vary = scenario({}, policies), ["oversight.audit_budget=0.001:0.1"]
    question = ask(source, {"no_takeover": 0.9}, vary)
    assert list(question.scenario.policies) == ["watched"]
    assert question.left_out == (
        "under policy 'adaptive', oversight.audit_budget: found 0.001; with adaptive = true it "
        "stays between audit_min and audit_max, 0.005 to 0.2",
    )
    with pytest.raises(rs.Refusal, match="stays between audit_min and audit_max"):
        ask(source, {"no_takeover": 0.9}, vary, policies=["adaptive"])


FILE = """
name = "small"
worlds = 32
months = 100
systems = 6
[takeover]
difficulty = 12
[policies.none]
[policies.control.oversight.control]
"""


def test_the_command_answers_for_every_policy_that_it_acts_on(tmp_path, capsys):
    file, out = tmp_path / "small.toml", tmp_path / "answers"
    file.write_text(FILE)
    asked = ["--for", "no_takeover=0.5", "--vary", "oversight.audit_budget=0.001:0.9"]
    assert cli.main(["require", str(file), *asked, "--out", str(out)]) == 0
    told = capsys.readouterr().out
    assert "Under control, no_takeover >= 0.5" in told
    assert "Left out: oversight.audit_budget would change nothing: policy 'none'" in told
    content = json.loads((out / "require.json").read_text())
    assert content["policies"]["control"]["sentence"] in " ".join(told.split())
    assert (content["scenario"], content["seed"], content["version"]) == (
        "small",
        1,
        rs.__version__,
    )
    drawn = {"figures/require_control.png", "figures/require_control.svg"}
    assert {str(path.relative_to(out)) for path in out.rglob("*.*")} == {
        "manifest.json", "require.json", *drawn,
    }  # fmt: skip
    before = {name: (out / name).read_bytes() for name in drawn}
    assert cli.main(["plot", str(out)]) == 0
    assert {name: (out / name).read_bytes() for name in drawn} == before
    said = content["policies"]["control"]["sentence"]
    (ax,) = figures.requirement(content, "control")
    assert said.startswith(f"{ax.figure.get_label()}. ")
    capsys.readouterr()
    assert cli.main(["require", str(file), *asked, "--policy", "none"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_where_a_curve_that_is_not_monotone_reaches_its_target_is_shown_in_ranges():
    falls_and_rises = search(known(lambda x: 1 - 3 * x * (1 - x), luck()), HELD, line(-0.4, 1.4))
    told = sentence(falls_and_rises)
    assert falls_and_rises.kind == "not monotone"
    low, high = told.split("Of the values tried, it is met ")[1].split("; and ")
    assert low.split()[0] in ("at", "from") and " -0.4" in low
    assert high.startswith("from ") and " to " in high
