"""`optimise --against`: what it answers, saves and prints, and how it refuses."""

import json
from pathlib import Path

import pytest

import regimesim as rs
from regimesim import cli
from regimesim.analysis.formatting import percent
from regimesim.errors import Refusal
from regimesim.model.compilation import INTERPRETED
from regimesim.results.progress import Progress
from regimesim.studies.optimise.compute import compute
from regimesim.studies.optimise.question import ask
from regimesim.studies.optimise.worst_case_figure import finding, nothing_to_draw, worst_case
from regimesim.studies.optimise.worst_case_text import sentences

pytestmark = pytest.mark.skipif(INTERPRETED, reason="many worlds, too slow uncompiled")

SHARE = "oversight.cot_monitor.share"
SCENARIO = """
name = "small"
worlds = 96
months = 60
systems = 6
seed = 4

[takeover]
difficulty = 10

[feedback]
density_per_doubling = 0

[conduct]
coordination = 0

[oversight]
recognition = 1
recognition_limit = 99
audit_budget = 0.1

[policies.both.oversight]
control = true
cot_monitor = true

[policies.none]
"""
OVER = [f"{SHARE}=0.1,0.5,1"]
AGAINST = ["conduct.coordination", "target"]


@pytest.fixture(scope="module")
def scenario():
    return rs.parse(SCENARIO)


@pytest.fixture(scope="module")
def optimum(scenario):
    return rs.optimise(scenario, "no_takeover", over=OVER, against=AGAINST, threads=2)


def test_the_worst_case_has_bounds_and_mixtures(optimum):
    case = optimum.worst_case
    assert case.solution.saddle.lower <= case.solution.saddle.upper
    for side in (case.solution.saddle.rows, case.solution.saddle.columns):
        assert sum(p for _, p in side) == pytest.approx(1)
    content = optimum.to_dict()["against"]
    assert content["is_saddle"] == (content["gap"] <= content["tolerance"])
    assert content["fresh"]["lower"]["low"] <= content["fresh"]["lower"]["estimate"]
    assert json.loads(json.dumps(content, allow_nan=False)) == content


def test_the_mixture_is_no_worse_than_the_first_policy_in_its_worst_case(optimum):
    """In the worlds of the search, where both are known."""
    case = optimum.worst_case
    assert case.solution.saddle.lower >= case.first_worst.low - 0.1
    assert case.first == optimum.best.candidate


def test_the_answer_without_attackers_is_the_same(scenario, optimum):
    plain = rs.optimise(scenario, "no_takeover", over=OVER, threads=2)
    both = optimum.to_dict()
    assert plain.to_dict() == {k: both[k] for k in plain.to_dict()}
    assert plain.worst_case is None and "against" not in plain.to_dict()
    assert "against" in nothing_to_draw({"optimise": plain.to_dict()})
    assert nothing_to_draw({"optimise": both}) is None
    kept = percent(both["against"]["fresh"]["lower"]["estimate"])
    assert f"keeps {kept} % of worlds" in finding(both["against"])


def test_a_target_holds_against_the_worst_attacker_in_fresh_worlds_or_is_said_to_fail(scenario):
    asked = {"over": OVER, "against": "conduct.coordination", "threads": 2}
    held = rs.optimise(scenario, "no_takeover", subject_to=["audited<=0.15"], **asked)
    case = held.worst_case
    assert [t.verdict for targets in case.solution.held for t in targets] == ["holds"]
    flat = " ".join(held.text().split())
    assert "Against that worst attacker, the target audited <= 0.15 holds." in flat
    assert percent(case.solution.own.estimate) in flat


def test_targets_are_judged_against_an_attacker_that_the_policy_never_met_in_fresh_worlds():
    scenario = rs.load(Path(__file__).parents[2] / "scenarios" / "fixed_assumptions.toml")
    size = {"months": 84, "worlds": 64, "systems": 6}
    scenario = scenario.override(
        {**size, "training.scheming.prior": 1, "oversight.trajectories": 3}
    )
    optimum = rs.optimise(
        scenario,
        "no_takeover",
        subject_to=["growth_kept>=0.95"],
        over=["oversight.audit_budget=0.005:0.2"],
        choose="control,cot_monitor,honeypots",
        choose_events=["strikes_seen>=1:3->frozen"],
        policy="hold_faithful_cot",
        trials=24,
        against="all",
        threads=2,
    )
    case = optimum.worst_case
    assert len(case.solution.held) == len(case.policies) > 0


def test_where_no_policy_reaches_a_target_none_is_best_in_the_worst_case(scenario):
    asked = {"over": OVER, "against": "conduct.coordination", "threads": 2}
    none = rs.optimise(scenario, "no_takeover", subject_to=["audited<=0.01"], **asked)
    content = none.to_dict()
    assert none.worst_case.solution is None and content["against"]["policies"] == []
    flat = " ".join(none.text().split())
    assert "no policy that was tried reaches audited <= 0.01 against all attackers" in flat
    assert "reaches the targets" in nothing_to_draw({"optimise": content})
    assert set(none.scenario().policies) == {"both", "best"}


def test_the_safest_policy_of_the_file_is_named_with_its_own_worst_case(optimum):
    policy, kept = optimum.worst_case.of_file
    most = f"both keeps most in its worst case: {percent(kept.estimate)}"
    assert policy.words == "both"
    assert f"Of the policies of the file, {most}" in " ".join(optimum.text().split())
    assert kept.estimate <= optimum.others["both"].fresh["no_takeover"].estimate


def test_the_figure_has_a_row_for_the_safest_policy_of_the_file(optimum):
    content = optimum.to_dict()
    ax = worst_case(content)
    *_, of_file, last = [label.get_text() for label in ax.get_yticklabels()]
    assert (of_file, last) == ("both (of the file)", "at most")
    assert "both" not in finding(content["against"])
    content["against"]["fresh"]["lower"] |= {"estimate": 0.1, "high": 0.2}
    assert finding(content["against"]).endswith("both (of the file) keeps 100 %")
    assert "100 (96.2-100) %, more than the best of the search." in " ".join(sentences(content))
    del content["against"]["file"]  # as results that were saved earlier
    assert "both" not in " ".join(
        label.get_text() for label in worst_case(content).get_yticklabels()
    )


def test_the_label_of_the_axis_stands_clear_of_the_caption(optimum):
    figure = optimum.plot().figure
    label, caption = figure.axes[0].xaxis.label, figure.texts[-1]
    figure.draw_without_rendering()
    assert label.get_window_extent().y0 > caption.get_window_extent().y1


def test_the_same_seed_gives_the_same_saddle(scenario, optimum):
    again = rs.optimise(scenario, "no_takeover", over=OVER, against=AGAINST, threads=1)
    assert again.to_dict()["against"] == optimum.to_dict()["against"]


def test_each_round_stands_before_the_next(scenario):
    progress, stages = Progress(), []
    stand = progress.stand
    progress.stand = lambda stage, answer, words: (
        stages.append(stage),
        stand(stage, answer, words),
    )
    compute(ask(scenario, "no_takeover", over=OVER, against="conduct.coordination"), progress)
    rounds = [stage for stage in stages if "best answers" in stage]
    assert rounds[0] == "1 round of best answers"
    assert progress.standing.answer.worst_case is not None


def test_the_text_says_what_was_reached(optimum):
    words = optimum.text()
    assert max(map(len, words.splitlines())) <= 80
    flat = " ".join(words.split())
    assert "Against attackers that answer the policy," in flat
    assert "Best in the worst case is" in flat and "cot_monitor.share" in flat
    saddle = optimum.worst_case.solution.saddle
    assert ("a saddle was found" in flat) == saddle.is_saddle
    assert ("no saddle was found" in flat) == (not saddle.is_saddle)


def test_the_command_saves_policies_that_run(file, capsys):
    options = ["--maximise", "no_takeover", "--over", *OVER, "--against", "conduct.coordination"]
    command = ["optimise", str(file), *options, "--worlds", "48", "--out", "out"]
    assert cli.main(command) == 0
    drawn = {path.name for path in (file.parent / "out" / "figures").glob("*.png")}
    assert drawn == {"optimum.png", "worst_case.png"}
    content = json.loads((file.parent / "out" / "optimise.json").read_text())
    saved = rs.load(file.parent / "out" / "best.toml")
    mixture = [name for name in saved.policies if name.startswith("worst_case_")]
    assert len(mixture) == len(content["against"]["policies"])
    assert "attackers that answer" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("against", "sentence"),
    [
        ("oversight.audit_budget", "--against: oversight.audit_budget: belongs to the overseer"),
        ("conduct.coordination=0:2", "allowed is 0 to 1"),
        ("cognition.sandbagging", "has no oversight.evaluations"),
        ("nonsense", "unknown parameter"),
        (",target", "as in conduct.coordination=0:0.5"),
        ("cognition.audit_sight", "'both' has an audit budget that never changes"),
        ("conduct.coordination,conduct.coordination", "given twice"),
    ],
)
def test_what_attackers_cannot_choose_is_refused(scenario, against, sentence):
    with pytest.raises(Refusal) as refused:
        ask(scenario, "no_takeover", over=OVER, against=against)
    assert any(line.startswith("--against: ") and sentence in line for line in refused.value.lines)


def test_attackers_answer_one_aim_alone(scenario):
    for aims in ({"minimise": "growth_lost"}, {"minimise": "audited", "maximise": "no_takeover"}):
        with pytest.raises(Refusal, match="--against: the attacker answers one aim"):
            ask(scenario, over=OVER, against="all", **aims)


def test_a_key_belongs_to_one_side(scenario):
    with pytest.raises(Refusal, match="varies as a choice of the policy already"):
        ask(scenario, "no_takeover", over=["conduct.coordination"], against="all")


def test_safeguards_that_may_be_chosen_count_for_the_attacker(scenario):
    question = ask(scenario, "no_takeover", choose="honeypots,evaluations", against="all")
    assert "cognition.sandbagging" in question.attackers.names
    assert "honeypots" in question.attackers.targets
