"""The best policy: that of all, in fresh worlds, whatever the seed, threads and interruptions."""

import json

import pytest
from small import FIRST_PART, read, scenario

import regimesim as rs
from regimesim.cli import main
from regimesim.results.progress import Progress
from regimesim.studies.candidates import CommonWorlds
from regimesim.studies.dimensions import Choice
from regimesim.studies.optimise import compute as computing
from regimesim.studies.optimise.compute import FRESH, RUNNER_UP, compute, optimise
from regimesim.studies.optimise.held import FAILS, HOLDS
from regimesim.studies.optimise.question import USUAL_TRIALS, ask
from regimesim.studies.optimise.words import value
from regimesim.studies.search import every_candidate
from regimesim.sweeps.make_executor import make_worker_pool

AUDITS = "oversight.audit_budget"
SIZE = {"worlds": 512, "months": 60, "systems": 6, "capability.initial": 7}
GIVEN = {
    **FIRST_PART,
    **SIZE,
    "takeover.difficulty": {"normal": [11, 2]},
    "oversight.control.tax": 0.1,
    "oversight.interpretability.tax": 0.02,
}
STACKS = "control,cot_monitor,interpretability,honeypots,evaluations,pause"
FROZEN = {"when": "date", "on": "2026-06", "set": {"frozen": 1}}


@pytest.fixture(scope="module")
def small():
    return scenario(GIVEN, {"control": {}, "none": {"oversight.control": False}})


def asked(small, **more):
    wanted = {"maximise": "no_takeover", "over": [f"{AUDITS}=0.01,0.5"], "policy": "control"}
    return ask(small, **{**wanted, "choose": ["control,cot_monitor"], **more})


@pytest.fixture(scope="module")
def best(small):
    return compute(asked(small, subject_to=["growth_kept>=0.95"]), Progress())


def test_the_best_of_64_stacks_is_that_of_all_of_them_with_fewer_system_months(small):
    question = asked(small, over=(), choose=STACKS, precision=0.02)
    race = compute(question, Progress())
    assert race.tried.points == 64
    worlds = race.look.worlds
    with make_worker_pool() as workers:
        all_of_them = CommonWorlds(small, workers)
        candidates = every_candidate(question.space).candidates
        all_of_them.run(candidates, worlds)
        means = {c: all_of_them.linear(c, "no_takeover", worlds).each.mean() for c in candidates}
    most = max(means, key=means.get)
    assert means[most] - means[race.best.candidate] <= max(race.look.bound, 0.02)
    assert race.system_months < 0.75 * all_of_them.system_months()


def test_two_seeds_agree_within_their_intervals(small, best):
    other = compute(
        asked(small.override({"seed": 8}), subject_to=["growth_kept>=0.95"]), Progress()
    )
    # another monitor may be on, which makes no difference beyond the precision
    assert other.best.candidate.tables.oversight.control is None
    one, two = (run.best.fresh["no_takeover"] for run in (best, other))
    assert one.low <= two.high and two.low <= one.high


def test_targets_and_the_lead_are_judged_in_fresh_worlds(small, best):
    # control costs a tenth of growth, and the other monitor nothing
    assert best.best.candidate.point == (False, True, 0.5)
    (held,) = best.best.targets
    assert held.verdict == HOLDS and best.look.reached
    fresh = small.override({"worlds": 8})
    with make_worker_pool(None, 1) as workers:
        worlds = CommonWorlds(fresh, workers, FRESH)
        worlds.run([best.best.candidate], 8)
        again = worlds.linear(best.best.candidate, "growth_lost", 8).each
    assert again.mean() <= 0.05
    lost = best.best.lost["no_takeover"]
    before, after = (est["no_takeover"] for est in (best.best.searched, best.best.fresh))
    assert lost.estimate == pytest.approx(before.estimate - after.estimate)
    assert lost.low < lost.estimate < lost.high
    gained = best.gains[RUNNER_UP]["no_takeover"]
    assert best.chosen[RUNNER_UP].candidate != best.best.candidate
    assert (
        gained.estimate
        == pytest.approx(
            after.estimate - best.chosen[RUNNER_UP].fresh["no_takeover"].estimate, abs=1e-6
        )
        or gained.low < gained.estimate < gained.high
    )
    assert set(best.others) == {"control", "none"}


def test_a_gain_is_the_difference_of_the_numbers_beside_it(best):
    for rival, there in (("base", best.others["control"]), (RUNNER_UP, best.chosen[RUNNER_UP])):
        for estimand, gained in best.gains[rival].items():
            apart = best.best.fresh[estimand].estimate - there.fresh[estimand].estimate
            assert gained.estimate == pytest.approx(apart, abs=1e-6)


def test_a_target_that_nobody_reaches_is_said_to_fail(small):
    result = compute(asked(small, subject_to=["growth_lost<=-0.5"]), Progress())
    assert not result.look.reached
    assert result.best.targets[0].verdict == FAILS
    assert "No policy was found that reaches growth_lost <= -0.5" in result.text().replace(
        "\n", " "
    )


def test_the_largest_budget_that_a_target_allows_is_found(small):
    """Audits are the budget in every month, whatever the luck: the best has a closed form."""
    result = optimise(
        small,
        "audited",
        subject_to=["audited<=0.2", "growth_lost<=0.11"],
        over={AUDITS: (0.001, 0.5), "oversight.control.tax": (0.05, 0.3)},
        policy="control",
        trials=96,
    )
    settings = result.question.space.settings(result.best.candidate.point)
    assert 0.15 <= settings[AUDITS] <= 0.2
    assert settings["oversight.control.tax"] <= 0.11
    assert [held.verdict for held in result.best.targets] == [HOLDS, HOLDS]
    assert result.question.trials == 96 and result.tried.points == 96


def test_several_aims_give_a_front(small):
    both = ["audited", "growth_lost"]
    result = optimise(
        small.override({"worlds": 128}), "no_takeover", minimise=both,
        choose="control,cot_monitor", over=[f"{AUDITS}=0.01,0.1,0.5"], policy="control",
    )  # fmt: skip
    assert RUNNER_UP not in result.chosen and result.look.bound is None
    assert len(result.front) > 2 and result.best is result.front[0]
    assert set(result.scenario().policies) == {
        "control", *(f"front_{k}" for k, _ in enumerate(result.front, 1))
    }  # fmt: skip
    assert "The front runs from" in result.text().replace("\n", " ")
    assert result.plot().figure is not None


def test_a_line_joins_a_front_of_two_aims_alone(small):
    for minimise, lines in ((["audited"], 1), (["audited", "growth_lost"], 0)):
        ax = compute(asked(small, minimise=minimise), Progress()).plot()
        assert sum(line.get_alpha() == 0.6 for line in ax.get_lines()) == lines
        assert ("and line: the front" in ax.figure.texts[-1].get_text()) == bool(lines)


def test_choices_of_events_take_part(small):
    freeze = Choice("freeze", {"none": {}, "early": {"events": [FROZEN]}})
    result = optimise(
        small.override({"worlds": 64}), "no_takeover", choose="control", choices=[freeze],
        policy="control",
    )  # fmt: skip
    assert result.question.space.settings(result.best.candidate.point)["freeze"] == "early"
    assert result.scenario().policies["best"].events[0].on == "2026-06"


@pytest.mark.parametrize("trials", [None, 24])
def test_threads_and_breaks_change_no_byte(small, tmp_path, monkeypatch, trials):
    """Ctrl-C before there is an answer leaves the journal; the same command then takes its way."""
    few = small.override({"worlds": 64})
    over = [f"{AUDITS}=0.01,0.5"] if trials is None else [f"{AUDITS}=0.01:0.5"]

    def question(threads):
        return asked(few, over=over, trials=trials, threads=threads)

    whole, broken = tmp_path / "whole", tmp_path / "broken"
    computing.keep(question(1), whole)
    runs = []
    run = CommonWorlds.run

    def broken_off(self, candidates, worlds):
        runs.append(worlds)
        if len(runs) == 3:
            raise KeyboardInterrupt
        return run(self, candidates, worlds)

    with monkeypatch.context() as patch:
        patch.setattr(CommonWorlds, "run", broken_off)
        with pytest.raises(KeyboardInterrupt):
            computing.keep(question(2), broken)
    left = broken / "journal"
    assert left.exists() and not (broken / "optimise.json").exists()
    spent = []
    keep_worlds = CommonWorlds.keep
    monkeypatch.setattr(
        CommonWorlds, "keep", lambda self, *a: spent.append(a) or keep_worlds(self, *a)
    )
    computing.keep(question(2), broken)
    resumed = len(spent)
    for name in ("optimise.json", "best.toml", "journal"):
        assert (whole / name).read_bytes() == (broken / name).read_bytes()
    spent.clear()
    computing.keep(question(2), tmp_path / "other")
    assert 0 < resumed < len(spent)


def test_an_interrupted_search_keeps_its_answer(small, tmp_path, monkeypatch):
    def stop_after(self, stage, answer, words):
        Progress.stand(self, stage, answer, words)
        raise KeyboardInterrupt

    monkeypatch.setattr("regimesim.results.progress.Bar.stand", stop_after)
    question = asked(small, precision=0)
    with pytest.raises(KeyboardInterrupt):
        computing.keep(question, tmp_path / "early")
    content = read(tmp_path / "early" / "optimise.json")
    assert content["race_worlds"] == 128
    assert read(tmp_path / "early" / "manifest.json")["interrupted_after"] == "128 of 512 worlds"
    alone = compute(question.of(None, 128), Progress()).to_dict()
    assert json.loads(json.dumps(alone)) == content


COMMAND = [
    *("--maximise", "no_takeover", "--choose", "control,cot_monitor", "--worlds", "64"),
    *("--over", f"{AUDITS}=0.01,0.5"),
]
SCENARIO = """
name = "small"
worlds = 30
months = 60
systems = 6
capability.initial = 7
takeover.difficulty = { normal = [11, 1] }
[policies.none]
[policies.control.oversight]
control = true
"""


def test_the_command_leaves_a_scenario_and_a_figure(file, capsys):
    assert main(["optimise", str(file), *COMMAND, "--subject-to", "growth_lost<=0.5"]) == 0
    words = capsys.readouterr().out
    assert max(map(len, words.splitlines())) <= 80
    folder = file.parent / "outputs" / "small-optimise"
    content = read(folder / "optimise.json")
    assert content["chosen"]["best"]["words"] in words.replace("\n", " ")
    own = rs.load(folder / "best.toml")
    assert list(own.policies) == ["control", "best"]
    assert rs.run(own).worlds.sizes["policy"] == 2
    (folder / "figures" / "optimum.png").unlink()
    assert main(["plot", str(folder)]) == 0
    assert (folder / "figures" / "optimum.png").exists()
    assert main(["optimise", str(file), *COMMAND, "--json", "--no-figures"]) == 0
    assert "chosen" in json.loads(capsys.readouterr().out.split("\n", 2)[2])


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ([], "--maximise: no aim; name one, as in no_takeover"),
        (["--maximise", "no_takeovers"], "the nearest is 'no_takeover'"),
        (["--minimise", "growth_keep"], "the nearest is 'growth_kept'"),
        (["--maximise", "no_takeover", "--minimise", "no_takeover"], "was named twice"),
        ([*COMMAND, "--subject-to", "growth_lost=0.1"], "--subject-to: growth_lost may be meant"),
        ([*COMMAND, "--subject-to", "growth_kept>=2"], 'growth_kept: found "2"; allowed is a'),
        ([*COMMAND, "--choose", "contrl"], "the nearest is 'control'"),
        ([*COMMAND, "--minimise", "audited", "--precision", "0.1"], "--precision: is of a single"),
        ([*COMMAND, "--precision", "-1"], "--precision: found -1"),
        ([*COMMAND, "--precision", "inf"], "--precision: found inf"),
        (
            [*COMMAND, "--subject-to", "growth_kept>=0.9", "--subject-to", "growth_lost>=0.5"],
            "--subject-to: growth_lost <= 0.1 and growth_lost >= 0.5 contradict each other",
        ),
        ([*COMMAND, "--subject-to", "growth_kept>0.5"], "expected NAME>=VALUE, NAME<=VALUE or"),
        ([*COMMAND, "--policy", "contro"], "the nearest is 'control'"),
        ([*COMMAND, "--executor", "dask"], "--executor dask: name its scheduler"),
        (["--maximise", "no_takeover"], "--over: nothing varies"),
    ],
)
def test_bad_input_is_one_sentence(file, capsys, options, sentence):
    assert main(["optimise", str(file), *options]) == 2
    assert [one for one in capsys.readouterr().err.splitlines() if sentence in one]
    assert not (file.parent / "outputs").exists()


def test_words_of_estimates():
    share = {"estimate": 0.123, "low": 0.1, "high": 0.15, "n": 10}
    assert value(share, "no_takeover") == "12.3 % (10.0-15.0)"
    assert value({**share, "estimate": None}, "no_takeover") == "-"
    assert value(share, "months_paused_a_year") == "0.12 (0.10-0.15)"


def test_a_space_with_a_range_is_sampled(small):
    question = asked(small, over=[AUDITS])
    assert question.trials == USUAL_TRIALS
    assert question.stages == ((64, 64), (256, 512))
    assert asked(small).stages == tuple((None, n) for n in (32, 64, 128, 256, 512))
