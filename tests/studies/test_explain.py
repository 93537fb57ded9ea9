"""`explain`: which numbers are assumptions, known flips, refusals, words, folder and figure."""

import json
from pathlib import Path

import numpy as np
import pytest
from small import FIRST_PART, NO_LUCK, SPARSE, read, scenario

import regimesim as rs
from regimesim import figures
from regimesim.analysis.composition import SAFE
from regimesim.analysis.estimands import estimate
from regimesim.cli import main
from regimesim.ensemble import workload
from regimesim.errors import Refusal
from regimesim.model.compilation import INTERPRETED
from regimesim.results.progress import Progress
from regimesim.studies.explain.assumptions import CHOICES, assumptions_of
from regimesim.studies.explain.compute import compute, explain
from regimesim.studies.explain.points import Points
from regimesim.studies.explain.question import SEARCHES, ask
from regimesim.studies.explain.text import closing
from regimesim.studies.explain.text import text as explain_text
from regimesim.studies.options import policy_taken

SHIPPED = Path(__file__).parents[2] / "scenarios"
FIRST = SHIPPED / "first_critical_try.toml"
# Success is certain above the difficulty and impossible below it, and all systems are alike: a
# world is lost iff capability reaches the difficulty within the run.
SHARP = {
    **FIRST_PART,
    **NO_LUCK,
    **SPARSE,
    "worlds": 16,
    "months": 90,
    "capability.initial": 10,
    "capability.doubling_time": 9,
    "capability.research_automation_gain": 0,
    "takeover.success_slope": 1e6,
    "takeover.automation_bonus": 0,
    "takeover.payoff_delay": 0,
    "takeover.difficulty": 30,
}
DIFFICULTY, DOUBLING = "takeover.difficulty", "capability.doubling_time"

pytestmark = pytest.mark.skipif(INTERPRETED, reason="too slow uncompiled")


@pytest.fixture(scope="module")
def reached():
    """The capability that systems reach by the end of a world without luck."""
    _, months = rs.run(scenario(SHARP))
    return float(months.leader.values.max())


@pytest.fixture(scope="module")
def sharp(reached):
    return explain(scenario(SHARP), over={DIFFICULTY: (12, 40)})


def test_a_known_flip_lies_in_its_bracket(sharp, reached):
    effect = sharp[DIFFICULTY]
    assert sharp.is_good and sharp.no_takeover.estimate == 1
    assert (effect.low.verdict, effect.high.verdict) == ("flips", "stays")
    assert effect.low.estimate.estimate == 0 and effect.high.estimate.estimate == 1
    # a last month of growth may come after the last decision
    assert effect.low.flipped - 0.3 <= reached <= effect.low.kept + 0.3
    assert 0 < effect.low.kept - effect.low.flipped <= 18 / 32 + 1e-9
    assert sharp.flipping == (effect,) and sharp.pair is None


def test_the_nearest_opposite_scenario_is_that_flip(sharp):
    (move,) = sharp.nearest.moves
    effect = sharp[DIFFICULTY]
    assert (move.assumption.key, sharp.nearest.verdict) == (DIFFICULTY, "flips")
    assert effect.low.value < move.value <= effect.low.kept
    assert sharp.nearest.distance == pytest.approx((30 - move.value) / 28)


def test_a_bad_number_is_flipped_by_what_helps():
    result = explain(scenario({**SHARP, DIFFICULTY: 12}), over={DIFFICULTY: (11, 40)})
    assert not result.is_good
    assert (result[DIFFICULTY].low.verdict, result[DIFFICULTY].high.verdict) == ("stays", "flips")
    assert result[DIFFICULTY].high.kept < result[DIFFICULTY].high.flipped


def test_a_pair_flips_what_neither_does_alone():
    """Growth reaches a share of the difficulties; what two assumptions add to it, adds up."""
    drawn = {**SHARP, "worlds": 1000, DIFFICULTY: {"uniform": [14.2, 22.5]}, DOUBLING: 20}
    over = {DOUBLING: (13, 22), "capability.initial": (8, 12)}
    result = explain(scenario(drawn), over=over)
    assert result.is_good and result.flipping == ()
    assert result.pair.verdict == "flips"
    assert {one.assumption.key: one.value for one in result.pair.moves} == {
        DOUBLING: 13,
        "capability.initial": 12,
    }
    assert result.nearest.verdict == "flips"
    assert len(result.nearest.moves) == 2
    assert result.nearest.distance < result.pair.distance
    assert "It takes two assumptions" in " ".join(closing(result.to_dict()))


def test_a_distribution_is_replaced_at_the_ends_and_kept_in_the_base():
    drawn = {**SHARP, "worlds": 200, DIFFICULTY: {"uniform": [10, 30]}}
    result = explain(scenario(drawn), over={DIFFICULTY: (11, 29)})
    assert 0 < result.no_takeover.estimate < 1
    assert [end.estimate.estimate for end in result[DIFFICULTY].ends] == [0, 1]
    assert result[DIFFICULTY].assumption.centre == pytest.approx(20)
    row = result.to_dict()["assumptions"][DIFFICULTY]
    assert row["value"] == {"uniform": [10, 30]}


def test_what_changes_nothing_stays():
    result = explain(scenario(SHARP), over={"training.trigger_shift": (1, 3)})
    (effect,) = result.effects
    assert [end.verdict for end in effect.ends] == ["stays", "stays"]
    assert (result.pair, result.nearest) == (None, None)
    assert "does not surely reverse the verdict" in " ".join(closing(result.to_dict()))


def test_an_end_that_contradicts_the_scenario_is_left_out():
    """An adaptive budget that begins above its range contradicts it."""
    policies = {"only": {"oversight.control": {}, "oversight.adaptive": {"audit_max": 0.2}}}
    over = {"oversight.audit_budget": (0.01, 0.5), DIFFICULTY: (12, 40)}
    result = explain(scenario(SHARP, policies), over=over)
    assert [one.key for one in result.effects] == [DIFFICULTY]
    assert any("audit_budget" in line for line in result.left_out)


def test_a_part_of_a_list_is_an_assumption(reached):
    part = "paradigm.premium.paradigm 1"
    result = explain(scenario({**SHARP, DIFFICULTY: reached + 4}), over={part: (0, 2)})
    assert result[part].high.estimate.estimate == 0
    assert result[part].low.estimate.estimate == 1


def test_a_policy_in_python_is_explained():
    @rs.policy(settings={"oversight.control": {}})
    def lazy(seen, levers):
        return levers

    result = explain(scenario(SHARP), lazy, over={DIFFICULTY: (12, 40)})
    assert result.question.policy == "lazy"
    assert result[DIFFICULTY].flips


# which numbers are assumptions


def keys_of(file, policy):
    return {one.key for one in assumptions_of(rs.load(file), policy)}


def test_what_overseers_choose_is_no_assumption():
    keys = keys_of(FIRST, "defence_in_depth")
    assert not keys & CHOICES
    assert "feedback.density_trend" not in keys  # which the policy sets
    assert "feedback.density_trend" in keys_of(FIRST, "control")
    assert {"oversight.cot_monitor.evasion", "oversight.control.auroc", DIFFICULTY} <= keys
    assert "paradigm.faithfulness.paradigm 2" in keys


def test_the_policy_that_nobody_named_is_the_first_with_a_monitor():
    assert ask(rs.load(FIRST)).policy == "control"
    bare = scenario(SHARP, {"first": {}, "second": {"oversight.pause": True}})
    assert ask(bare).policy == "first"
    said = " ".join(policy_taken(rs.load(FIRST), None).split())
    assert said.startswith("The policy is control. To name another, write --policy NAME: none,")
    assert policy_taken(rs.load(FIRST), "none") == "" == policy_taken(scenario(SHARP), None)


def test_how_many_labs_adopt_is_an_assumption_where_the_policy_does_not_say():
    halt = rs.load(FIRST).choose(["halt"])
    (one,) = assumptions_of(halt, "halt", ["adopters"])
    assert (one.low, one.centre, one.high, one.unit) == (1, 3, 3, "of 3 labs")
    assert one in assumptions_of(halt, "halt")
    (one,) = assumptions_of(halt.override({"labs": 5}), "halt", ["adopters"])
    assert (one.low, one.centre, one.high) == (1, 5, 5)
    assert "adopters" not in keys_of(FIRST, "halt_in_two_labs")
    alone = halt.override({"labs": 1})
    assert "adopters" not in {one.key for one in assumptions_of(alone, "halt")}
    with pytest.raises(Refusal, match="adopters: found 5; a world has 3 labs"):
        assumptions_of(halt, "halt", ["adopters=1:5"])


@pytest.mark.skipif(INTERPRETED, reason="too slow uncompiled")
def test_a_halt_flips_where_one_lab_does_not_adopt_it():
    result = explain(rs.load(FIRST).override({"worlds": 100}), "halt", over=["adopters"])
    low = result["adopters"].low
    assert (low.value, low.kept, low.flipped) == (1, 3, 2) and result["adopters"].flips
    said = " ".join(result.text().split())
    assert "adopters 3 2 of 3 labs 1: " in said
    assert "The verdict is no firmer than adopters: 2 of 3 labs in place of 3 reverses it." in said


def test_only_what_can_act_is_an_assumption():
    keys = keys_of(FIRST, "none")
    assert not any(key.startswith("oversight.control") for key in keys)
    assert "oversight.trajectories" not in keys


def test_every_choice_is_a_parameter():
    from regimesim.scenario.declaration import declared_in
    from regimesim.scenario.parameters import Tables

    declared = {one.key for one in declared_in(Tables)}
    unshared = {"oversight.honeypots.share"}
    assert set(CHOICES) - declared <= unshared


def test_every_assumption_has_a_range_that_holds_more_than_one_value():
    for policy in ("none", "defence_in_depth"):
        for one in assumptions_of(rs.load(FIRST), policy):
            assert one.low < one.high, one.key
            assert one.share(one.at_share(0.1, one.high)) <= 1


def test_a_value_outside_its_range_counts_from_the_nearest_end():
    watched = scenario(FIRST_PART, {"only": {"oversight.control": {}}})
    (one,) = assumptions_of(watched, "only", {"oversight.recognition_limit": (6, 16)})
    assert (one.centre, one.share(16), one.share(6)) == (99, 0, 1)
    assert one.at_share(0.5, 6) == 11


def test_a_named_choice_may_be_moved():
    (one,) = assumptions_of(rs.load(FIRST), "control", ["oversight.audit_budget=0.01:0.1"])
    assert (one.low, one.high, one.centre) == (0.01, 0.1, 0.03)


def test_all_and_one_range():
    everything = assumptions_of(rs.load(FIRST), "control")
    over = assumptions_of(rs.load(FIRST), "control", ["all", f"{DIFFICULTY}=12:13"])
    assert len(over) == len(everything)
    assert {one.key: one.ends for one in over}[DIFFICULTY] == (12, 13)


# points

WATCHED = {
    **FIRST_PART,
    "worlds": 64,
    "capability.initial": 8,
    "feedback.density": 0.9,
    "paradigm.faithfulness": [0.6, 0.8, 0.3, 0],
    DIFFICULTY: {"normal": [26, 3]},
}
POLICIES = {
    "only": {
        "oversight.control": {},
        "oversight.cot_monitor": {"strength": 3},
    }
}


@pytest.mark.parametrize(
    ("moves", "changes"),
    [
        ({}, {}),
        ({DIFFICULTY: 28.0}, {DIFFICULTY: 28}),
        ({"feedback.density": 0.8}, {"feedback.density": 0.8}),
        ({"oversight.control.auroc": 0.95}, {"policies.only.oversight.control.auroc": 0.95}),
        ({"training.release_interval": 3.0}, {"training.release_interval": 3}),
        (
            {"paradigm.faithfulness.paradigm 1": 0.1, "paradigm.faithfulness.paradigm 2": 0.2},
            {"paradigm.faithfulness": [0.1, 0.2, 0.3, 0]},
        ),
    ],
)
def test_a_point_is_the_scenario_with_other_values(moves, changes):
    watched = scenario(WATCHED, POLICIES)
    (point,) = Points(ask(watched), Progress()).look([moves], 64)
    run = rs.run(watched.override(changes)).worlds
    whole = estimate(run, "only", "no_takeover")
    assert point[:3] == pytest.approx(whole[:3], abs=1e-6)
    assert 0 < point.estimate < 1


def test_points_are_the_same_together_and_alone_and_are_run_once():
    question, counted = ask(scenario(WATCHED, POLICIES)), []
    wanted = [{DIFFICULTY: 11.0}, {}, {"goals.value": 0.4}, {DIFFICULTY: 11.0}]
    together = Points(question, Progress(counted.append))
    seen = together.look(wanted, 32)
    assert sum(counted) == 3 * 32 and seen[0] == seen[3]
    assert together.look(wanted[:1], 32) == seen[:1] and sum(counted) == 3 * 32
    for moves, estimate_ in zip(wanted, seen, strict=True):
        assert Points(question, Progress()).look([moves], 32) == [estimate_]


def test_an_assumption_moves_for_labs_that_do_not_adopt_the_policy_too():
    """What the policy does not set itself is the same in all labs."""
    dense = {**SHARP, DIFFICULTY: 14, "feedback.constraint": 5, "feedback.density": 1}
    watched = {"adopters": 1, "oversight.control": {}, "oversight.audit_budget": 1}
    lone = scenario(dense, {"only": watched})
    before, after = Points(ask(lone), Progress()).look([{}, {"feedback.density": 0.0}], 16)
    assert (before.estimate, after.estimate) == (1, 0)
    own = lone.override({"policies.only.feedback.density": 0})  # of the lab that catches all
    assert estimate(rs.run(own).worlds, "only", "no_takeover").estimate == 1


# answers while it runs


class Watched(Progress):
    """Keeps every standing answer, with the number of worlds that were run before it."""

    def __init__(self):
        super().__init__()
        self.stood = []

    def stand(self, stage, answer, words):
        super().stand(stage, answer, words)
        self.stood.append((self.done, stage, answer, words))


@pytest.fixture(scope="module")
def watched(reached):
    """The standing answers on two assumptions of which one flips the verdict."""
    over = {DIFFICULTY: (12, 40), "training.trigger_shift": (1, 3)}
    watched = Watched()
    return watched, compute(ask(scenario(SHARP), over=over), watched)


def test_the_number_stands_before_assumptions_are_moved(watched):
    done, stage, answer, words = watched[0].stood[0]
    assert (done, stage) == (16, "16 worlds") and words.startswith("no takeover in 100 (")
    assert words.endswith("2 assumptions are to be moved")
    assert answer.missing == SEARCHES and answer.effects == ()
    assert answer.endings == watched[1].endings and answer.costs == watched[1].costs


def test_answers_stand_after_the_ends_and_after_each_flip_and_pairs(watched, reached):
    progress, whole = watched
    _, ends, flip, pairs = progress.stood
    assert ends[1] == "16 of 16 worlds at both ends of every range"
    assert ends[2].missing == SEARCHES[1:] and DIFFICULTY in ends[3]
    assert ends[2][DIFFICULTY].may_flip and not ends[2].flipping  # few worlds never say surely
    assert flip[1] == "1 of 1 ends in all worlds" and flip[2].flipping[0].key == DIFFICULTY
    assert flip[2][DIFFICULTY] == whole[DIFFICULTY] and flip[2].pair is None
    assert f"flips the verdict at {whole[DIFFICULTY].low.flipped:.3g}" in flip[3]
    assert pairs[2].pair == whole.pair and pairs[2].missing == ("nearest",)
    assert whole.missing == () and progress.standing.answer is pairs[2]


def test_what_an_interrupted_answer_lacks_is_said_and_no_more_is_claimed(watched):
    said = {
        0: "before any assumption was moved",
        1: "before all assumptions that may flip the verdict",
        3: "before the nearest opposite verdict",
    }
    for place, words in said.items():
        content = watched[0].stood[place][2].to_dict()
        text = " ".join(explain_text(content).split())
        assert words in text and "No scenario with the opposite verdict" not in text
        assert "neither one assumption nor a pair" not in text
    assert "interrupted" not in watched[1].text()


def test_the_answer_does_not_depend_on_the_number_of_stages(monkeypatch):
    drawn = {**SHARP, "worlds": 200, DIFFICULTY: {"uniform": [10, 30]}}
    over = {DIFFICULTY: (11, 29), DOUBLING: (6, 12)}
    whole = explain(scenario(drawn), over=over)
    monkeypatch.setattr(workload, "FIRST", 1)
    progress = Watched()
    again = compute(ask(scenario(drawn), over=over), progress)
    assert again.to_dict() == whole.to_dict()
    assert [one[1] for one in progress.stood[:4]] == [
        "16 of 200 worlds",
        "64 of 200 worlds",
        "200 worlds",
        "16 of 100 worlds at both ends of every range",
    ]


# refusals


@pytest.mark.parametrize("bar", [0, 1, -0.1, 1.5, "half", True, None, float("nan")])
def test_a_bar_outside_its_range_is_refused(bar):
    with pytest.raises(Refusal, match=r"--good-enough: found .*; allowed is a number of more"):
        ask(scenario(), good_enough=bar)


@pytest.mark.parametrize(
    ("over", "words"),
    [
        ([f"{DIFFICULTY}=12:12"], "holds one value only"),
        ([f"{DIFFICULTY}=14:12"], "the wrong way round"),
        ([f"{DIFFICULTY}=12:99"], "allowed is -10 to 60"),
        (["paradigm.initial=1:2.5"], "allowed is a whole number"),
        (["takeover.dificulty"], "the nearest is 'takeover.difficulty'"),
        (["months=10:20"], "is a setting of the run"),
        (["oversight.control.auroc"], "has no oversight.control"),
        (["oversight.common_cause"], "fewer than two monitors"),
    ],
)
def test_what_cannot_move_is_refused(over, words):
    with pytest.raises(Refusal) as caught:
        ask(scenario(), over=over)
    assert words in str(caught.value) and str(caught.value).startswith("--over")


def test_all_mistakes_come_at_once():
    with pytest.raises(Refusal) as caught:
        ask(scenario(), good_enough=2, over=["nothing", f"{DIFFICULTY}=3:3"])
    assert len(caught.value.lines) == 3


def test_an_unknown_policy_is_refused_and_nothing_is_written(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    code = main(["explain", str(FIRST), "--policy", "controll", "--out", "here"])
    assert code == 2 and "control" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


# the command


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The folder that the command writes."""
    folder = tmp_path_factory.mktemp("explain") / "out"
    command = ["explain", str(FIRST), "--policy", "dense_feedback", "--worlds", "60"]
    over = ["--over", DIFFICULTY, "--over", "oversight.trajectories", "--over", "goals.value"]
    size = ["--set", "systems=6", "--set", "months=100", "--good-enough", "0.9"]
    assert main([*command, *over, *size, "--out", str(folder)]) == 0
    return folder


def test_the_folder_has_numbers_manifest_and_figure(folder):
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert names == {
        "explain.json",
        "manifest.json",
        "figures/explanation.png",
        "figures/explanation.svg",
    }
    content = read(folder / "explain.json")
    assert content["policy"] == "dense_feedback" and content["good_enough"] == 0.9
    safe = sum(content["endings"][name]["estimate"] for name in SAFE)
    assert safe == pytest.approx(content["no_takeover"]["estimate"])


def test_the_figure_names_what_held_a_try_as_the_text_does(folder):
    axes = figures.explanation(read(folder / "explain.json"))
    names = [label.get_text() for label in axes[0].get_yticklabels()]
    assert "held by audits at random" in names and "held by skill" in names


def test_plot_redraws_the_figure(folder, tmp_path):
    assert main(["plot", str(folder), "--out", str(tmp_path / "again")]) == 0
    for suffix in ("png", "svg"):
        drawn = (folder / "figures" / f"explanation.{suffix}").read_bytes()
        assert (tmp_path / "again" / f"explanation.{suffix}").read_bytes() == drawn


def test_json_is_what_is_saved(folder, capsys, tmp_path):
    command = ["explain", str(FIRST), "--policy", "none", "--worlds", "16", "--json"]
    size = ["--set", "systems=4", "--set", "months=40", "--over", "goals.value=0.4:0.6"]
    assert main([*command, *size, "--out", str(tmp_path / "out")]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == read(tmp_path / "out" / "explain.json")


def test_the_answer_is_one_screen(sharp, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    lines = sharp.text().splitlines()
    assert 20 <= len(lines) <= 40 and max(map(len, lines)) <= 80


def test_the_last_words_say_what_most_worlds_are_lost_to(sharp):
    lost = explain(scenario({**SHARP, DIFFICULTY: 12}), over={DIFFICULTY: (11, 13)})
    words = " ".join(closing(lost.to_dict()))
    assert "100 % are lost at the first critical try and 0 % at a later one" in words
    assert (
        "Of all worlds 100 % see no takeover: 100 without a try, as a takeover never pays even"
        in " ".join(closing(sharp.to_dict()))
    )


def test_numbers_of_the_words_are_those_of_the_result(sharp):
    words = sharp.text()
    assert "No takeover in 100 (" in words and "good enough (at least 50 %)" in words
    low, high = sorted((sharp[DIFFICULTY].low.kept, sharp[DIFFICULTY].low.flipped))
    assert f"{low:.3g}-{high:.3g}" in words
    assert "-> " in words and DIFFICULTY in words


def test_a_table_has_a_row_for_each_assumption(sharp):
    frame = sharp.to_dataframe()
    assert list(frame.assumption) == [DIFFICULTY]
    assert frame.low_verdict[0] == "flips" and frame.low[0] == 12 and frame.high_estimate[0] == 1


def test_the_same_seed_gives_the_same_answer(sharp):
    again = explain(scenario(SHARP), over={DIFFICULTY: (12, 40)}, threads=1)
    assert again.to_dict() == sharp.to_dict()


def test_moves_together_have_rows_of_their_own(sharp):
    names = [label.get_text() for label in np.ravel(sharp.plot())[1].get_yticklabels()]
    assert names[0] == f"{DIFFICULTY} (30)"
    assert names[1].startswith("nearest opposite: difficulty")


def test_two_panels_need_two_axes(sharp):
    from matplotlib.figure import Figure

    axes = Figure().subplots(1, 2)
    assert np.ravel(sharp.plot(axes))[0] is axes[0]
    with pytest.raises(ValueError, match="1 axes were given for 2 panels"):
        sharp.plot(Figure().subplots())
