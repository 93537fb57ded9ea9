"""Boxes of assumptions: planted ones are found, noise holds none, and what is told is so."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from small import FIRST_PART_IN_TOML

import regimesim as rs
from regimesim.analysis.boxes import FEWEST, find_boxes, worlds_needed
from regimesim.analysis.estimates import Estimate
from regimesim.analysis.formatting import percent
from regimesim.analysis.meaning import known_share
from regimesim.analysis.prim import (
    Box,
    choose,
    everything,
    measured,
    paste,
    peel,
    prune,
    quasi_p,
    rounded,
    search,
)
from regimesim.cli import main
from regimesim.results.progress import Progress
from regimesim.studies.discover.compute import compute
from regimesim.studies.discover.question import ask
from regimesim.studies.discover.text import sentences, text

SCENARIO = f"""
name = "small"
worlds = 600
months = 60
systems = 6
capability.initial = 7
{FIRST_PART_IN_TOML}takeover.difficulty = {{ uniform = [8, 20] }}
[policies.none]
[policies.control.oversight]
control = true
"""


def planted(worlds=2000, seed=0, inside=0.9, outside=0.1, dimensions=6):
    """Samples that fail with share `inside` where x0 < 0.5 and x3 > 0.6, else `outside`."""
    rng = np.random.default_rng(seed)
    x = rng.random((worlds, dimensions))
    here = (x[:, 0] < 0.5) & (x[:, 3] > 0.6)
    return x, rng.random(worlds) < np.where(here, inside, outside)


@pytest.mark.parametrize("seed", range(5))
def test_a_planted_box_is_found_with_its_limits_and_no_others(seed):
    x, fails = planted(seed=seed)
    step = search(x, fails).step
    assert step.box.limits() == [(0, "high"), (3, "low")]
    # among 2000 points a limit is known to some peels of 5 % of what a box holds
    assert step.box.high[0] == pytest.approx(0.5, abs=0.04)
    assert step.box.low[3] == pytest.approx(0.6, abs=0.04)


def test_peeling_gives_up_coverage_for_density_and_its_numbers_are_what_boxes_hold():
    x, fails = planted()
    steps = peel(x, fails)
    coverage, mass = ([getattr(step, name) for step in steps] for name in ("coverage", "mass"))
    assert steps[0][1:] == (1.0, fails.mean(), 1.0, 0)
    assert np.all(np.diff(coverage) <= 0) and np.all(np.diff(mass) < 0)
    assert np.all(np.array(mass[1:]) >= np.array(mass[:-1]) * 0.95 - 1 / len(x))
    for step in steps:
        inside = step.box.holds(x)
        assert step.mass == inside.mean() and step.density == fails[inside].mean()
        assert step.coverage == fails[inside].sum() / fails.sum()
        # mass × density is the share of all samples that are failures in the box
        assert step.mass * step.density == pytest.approx(step.coverage * fails.mean())
        assert step.dimensions == len({k for k, _ in step.box.limits()})
    assert 0.05 <= mass[-1] < 0.06  # as small as it may get
    assert max(step.density for step in steps) > 0.85


def harmonic(step):
    """The harmonic mean of density and coverage."""
    return 2 / (1 / step.density + 1 / step.coverage)


def test_the_chosen_box_is_as_dense_as_was_asked():
    steps = peel(*planted())
    for least in (0.3, 0.6, 0.9):
        chosen = steps[choose(steps, least)]
        assert chosen.density >= least
        allowed = [step for step in steps if step.density >= least]
        assert harmonic(chosen) == max(map(harmonic, allowed))
    halfway = (steps[0].density + max(step.density for step in steps)) / 2
    assert choose(steps) == choose(steps, halfway)
    densest = steps[choose(steps, 1.0)].density
    assert densest == max(step.density for step in steps)


def test_pasting_widens_a_box_that_was_peeled_too_far_and_never_makes_it_less_dense():
    x, fails = planted(inside=1.0, outside=0.0)
    tight = Box(*(np.array(end) for end in ([-np.inf] * 3 + [0.8] + [-np.inf] * 2,) * 2))
    tight = tight._replace(high=np.array([0.3] + [np.inf] * 5))
    assert paste(tight, x, fails) == tight  # it is as dense as can be already
    x, fails = planted(inside=0.9, outside=0.0)
    wide = paste(tight, x, fails)
    before, after = measured(tight, x, fails), measured(wide, x, fails)
    assert after.density >= before.density and after.mass >= before.mass


def test_quasi_p_values_are_binomial_tails():
    x, fails = planted(400)
    box = everything(6).with_limit(0, "high", 0.5).with_limit(1, "low", 0.1)
    inside = box.holds(x)
    found = quasi_p(box, x, fails)
    assert list(found) == [(0, "high"), (1, "low")]
    for (dimension, side), p in found.items():
        share = fails[box.without(dimension, side).holds(x)].mean()
        tail = stats.binom.sf(fails[inside].sum() - 1, inside.sum(), share)
        assert p == pytest.approx(tail, rel=1e-9)
    assert found[0, "high"] < 1e-4 < 0.05 < found[1, "low"]
    assert prune(box, x, fails).limits() == [(0, "high")]


def test_limits_are_shown_in_few_digits_that_move_hardly_a_sample():
    x, _ = planted()
    box = everything(6).with_limit(0, "high", 0.123456789).with_limit(1, "low", 0.5000004321)
    short = rounded(box, x)
    assert (short.high[0], short.low[1]) == (0.123, 0.5)
    x[:, 0] = 1000 + x[:, 0] / 10  # three digits would move all of them
    short = rounded(everything(6).with_limit(0, "high", 1000.0434343), x)
    assert short.high[0] == pytest.approx(1000.0434343, abs=5e-4)
    assert len(str(short.high[0])) < 10


def test_equal_values_are_peeled_together_and_constants_never():
    rng = np.random.default_rng(1)
    x = np.stack([rng.integers(0, 4, 600), np.ones(600), rng.random(600)], axis=1).astype(float)
    fails = rng.random(600) < np.where(x[:, 0] == 3, 0.9, 0.1)
    step = search(x, fails).step
    assert step.box.limits() == [(0, "low")]
    assert 2 <= step.box.low[0] < 3


def test_noise_holds_no_box_in_at_least_nineteen_of_twenty_cases():
    cases, found = 150, 0
    for seed in range(cases):
        rng = np.random.default_rng(seed)
        found += bool(find_boxes(rng.random((300, 5)), rng.random(300) < 0.4).judged)
    assert found <= stats.binom.isf(1e-4, cases, 0.05)


def test_what_is_shown_of_a_box_is_what_the_other_half_holds():
    x, fails = planted(4000)
    boxes = find_boxes(x, fails)
    (one,) = boxes.judged
    inside, failing = one.box.holds(x[1::2]), fails[1::2]
    assert one.density.estimate == failing[inside].mean()
    assert one.coverage.estimate == failing[inside].sum() / failing.sum()
    assert one.mass.estimate == inside.mean()
    assert one.density.low < 0.9 < one.density.high  # what was planted
    true = 0.9 * 0.2 / (0.9 * 0.2 + 0.1 * 0.8)
    assert one.coverage.low < true < one.coverage.high
    assert (boxes.density, boxes.coverage) == (one.density, one.coverage)
    assert boxes.failing.estimate == fails.mean()
    flattered = measured(one.box, x[0::2], fails[0::2])
    assert flattered == one.search.step


def test_exact_intervals_of_the_other_half_hold_what_a_box_truly_has():
    cases, missed = 60, 0
    for seed in range(cases):
        x, fails = planted(500, seed, inside=0.8, outside=0.2)
        for one in find_boxes(x, fails).judged[:1]:
            fresh, outcome = planted(200_000, seed + 1000, inside=0.8, outside=0.2)
            true = outcome[one.box.holds(fresh)].mean()
            missed += not one.density.low <= true <= one.density.high
    assert missed <= stats.binom.isf(1e-4, cases, 0.05)


def test_a_second_region_is_found_in_what_the_first_leaves():
    rng = np.random.default_rng(3)
    x = rng.random((6000, 4))
    first, second = x[:, 0] < 0.25, (x[:, 0] >= 0.25) & (x[:, 1] > 0.85)
    fails = rng.random(6000) < np.where(first, 0.95, np.where(second, 0.7, 0.02))
    boxes = find_boxes(x, fails)
    assert [box.box.limits() for box in boxes.judged] == [[(0, "high")], [(1, "low")]]
    left = ~boxes.judged[0].box.holds(x[1::2])
    inside = left & boxes.judged[1].box.holds(x[1::2])
    assert boxes.judged[1].density.n == inside.sum()
    told = sum(one.coverage.estimate for one in boxes.judged)
    assert boxes.coverage.estimate == pytest.approx(told)


def test_shares_of_a_box_that_are_not_known_are_given_as_intervals_alone():
    """Boxes of 16 worlds, of which the half that measures them has 8."""
    few, known = Estimate(0.5, 0.16, 0.84, 8), Estimate(0.4, 0.3, 0.5, 99)
    box = {"condition": "x > 1", "limits": {}, "p": 0.01}
    box |= {"density": known_share(few)._asdict(), "coverage": known_share(known)._asdict()}
    assert box["density"]["estimate"] is None and box["coverage"]["estimate"] == 0.4
    assert sentences("none", {"boxes": [box]}) == [
        "none fails in 16.0 to 84.0 % of the worlds with x > 1, which hold 40.0 % of all failures."
    ]
    policy = {"failing": known._asdict(), "worlds": 99, "boxes": [box], "together": box}
    about = {"scenario": "few", "worlds": 100, "seed": 1, "outcome": "no_takeover", "titles": {}}
    words = text({**about, "policies": {"none": policy}, "left_out": {}})
    assert "About 200 worlds (--worlds) would be enough." in " ".join(words.split())


def test_the_same_samples_give_the_same_boxes():
    x, fails = planted()
    ours, again = (find_boxes(x, fails).judged for _ in range(2))
    for one, other in zip(ours, again, strict=True):
        assert one.box.limits() == other.box.limits()
        assert np.array_equal(one.box, other.box) and one[1:6] == other[1:6]
    order = np.array([4, 2, 0, 5, 1, 3])
    turned = search(x[:, order], fails).step
    assert turned[1:] == search(x, fails).step[1:]


def test_how_many_worlds_are_needed():
    fails = np.arange(1000) < 8
    assert worlds_needed(fails) == FEWEST * 1000 // 8
    assert worlds_needed(~fails) == FEWEST * 1000 // 8
    assert worlds_needed(np.arange(1000) < FEWEST) == 0
    assert worlds_needed(np.zeros(10, bool)) is None and worlds_needed(np.ones(10, bool)) is None


def read(folder):
    return json.loads((Path(folder) / "discover.json").read_text(encoding="utf-8"))


def test_the_command_tells_boxes_and_writes_a_folder(file, capsys):
    file.write_text(SCENARIO.replace("[8, 20]", "[8, 40]"))  # decides in every set of draws
    over = ["--over", "cognition.patience=0.2:0.8"]
    assert main(["discover", str(file), *over, "--policy", "none"]) == 0
    told = capsys.readouterr().out
    assert max(map(len, told.splitlines())) <= 80
    found = read("outputs/small-discover")["policies"]["none"]
    folder = Path("outputs/small-discover")
    assert {path.name for path in folder.iterdir()} == {
        "discover.json",
        "manifest.json",
        "figures",
    }
    assert {path.name for path in (folder / "figures").iterdir()} == {"boxes.png", "boxes.svg"}
    box = found["boxes"][0]
    assert list(box["limits"]) == ["takeover.difficulty"]  # what makes a takeover late
    limit = box["limits"]["takeover.difficulty"]["high"]
    assert box["condition"] == f"takeover.difficulty < {limit['value']:g}"
    where = f"of the worlds with takeover.difficulty < {limit['value']:g}, which hold"
    assert where in " ".join(told.split())
    low, high = found["parameters"]["cognition.patience"]["range"]
    assert 0.2 <= low < 0.25 and 0.75 < high <= 0.8
    scenario = rs.load(file)
    again = rs.discover(scenario, ["none"], {"cognition.patience": (0.2, 0.8)})
    assert json.loads(json.dumps(again.to_dict())) == read(folder)
    assert again.text() in told and len(again.plot()) == 2
    (row,) = again.to_dataframe().to_dict("records")
    assert (row["policy"], row["box"], row["condition"]) == ("none", 1, box["condition"])
    assert row["density_low"] == box["density"]["low"] and row["p"] == box["p"]
    drawn = scenario.override({"cognition.patience": {"uniform": [0.2, 0.8]}})
    worlds, _ = rs.run(drawn.choose(["none"]))
    fails = worlds.crossing.sel(threshold="takeover", policy="none").notnull().values
    assert found["failing"]["estimate"] == fails.mean()


def test_the_folder_of_a_run_gives_the_same_boxes(file, capsys):
    assert main(["discover", str(file), "--policy", "none"]) == 0
    expected = read("outputs/small-discover")
    assert main(["run", str(file), "--no-figures"]) == 0
    asked = ["discover", "outputs/small", "--policy", "none", "--out", "again"]
    assert main(asked) == 0
    assert read("again") == expected
    assert json.loads(json.dumps(rs.discover("outputs/small", "none").to_dict())) == expected
    policy = rs.policy(lambda seen, levers: levers, name="own")
    with pytest.raises(rs.Refusal, match="policies written in Python: its worlds have been run"):
        rs.discover("outputs/small", [policy])
    capsys.readouterr()
    assert main([*asked, "--worlds", "5"]) == 2
    assert main([*asked, "--over", "goals.value=0:1"]) == 2
    errors = capsys.readouterr().err.splitlines()
    assert len(errors) == 2 and all("its worlds have been run" in line for line in errors)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--outcome", "no_takover"], "no share \"no_takover\"; the nearest is 'no_takeover'"),
        (["--outcome", "critical_tries"], "of held_first_critical_try, no_takeover"),
        (["--policy", "contrl"], "no policy \"contrl\"; the nearest is 'control'"),
        (["--density", "1.5"], "--density: found 1.5; allowed is more than 0 and at most 1"),
        (["--over", "goals.valu"], "goals.valu: unknown parameter; the nearest is 'goals.value'"),
        (["--over", "months"], "months: its range is missing; write it, as in months=1:5"),
        (["--over", "goals.value=0:2"], "goals.value: found 0:2; allowed is more than 0 and"),
        (["--over", "goals.valu=0:1"], "goals.valu: unknown key; the nearest is 'value'"),
        (["--over", "goals.value=0.1:0.2"] * 2, "goals.value: given twice"),
        (["--over", "goals.value=1:0"], "the range is the wrong way round; write goals.value=0:1"),
        (["--over", "systems=1:9"], "allowed is a whole number"),
        (["--set", "takeover.difficulty=11"], "no parameter is uncertain under 'none'"),
        (["--set", "takeover.difficulty={uniform=[30,31]}"], "none of 600 worlds fail"),
        (["--worlds", "45", "--policy", "none"], "and 40 are needed; run about"),
    ],
)
def test_bad_input_is_shown_and_writes_nothing(file, capsys, options, sentence):
    assert main(["discover", str(file), *options]) == 2
    told = capsys.readouterr()
    assert sentence in told.err and told.out == ""
    assert not Path("outputs").exists() or not list(Path("outputs").iterdir())


def test_mistakes_of_policies_and_of_ranges_come_at_once(file, capsys):
    assert main(["discover", str(file), "--policy", "contrl", "--over", "goals.value=1:0"]) == 2
    first, second = capsys.readouterr().err.splitlines()
    assert "the nearest is 'control'" in first and "write goals.value=0:1" in second


@pytest.mark.parametrize("over", [{"goals.value": 0.3}, {"goals.value": "ab"}, 5])
def test_ranges_from_python_that_are_none_are_refused(file, over):
    with pytest.raises(rs.Refusal, match=r"^--over: .*found") as refused:
        rs.discover(file, "control", over)
    assert len(refused.value.lines) == 1


def test_the_sentence_on_the_page_is_what_its_command_tells():
    root = Path(__file__).parents[2]
    over = {"feedback.density": (0.3, 1), "oversight.audit_budget": (0.006, 0.2)}
    found = rs.discover(root / "scenarios/fixed_assumptions.toml", "dense_feedback", over)
    (told,) = sentences("dense_feedback", found.to_dict()["policies"]["dense_feedback"])
    page = " ".join((root / "docs/methods.md").read_text(encoding="utf-8").split())
    assert f'"{told}"' in page


def test_policies_of_which_nothing_can_be_asked_are_left_out_and_named(file, capsys):
    file.write_text(SCENARIO + "[policies.sure]\ntakeover.difficulty = 40\n")
    assert main(["discover", str(file)]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "Left out: no parameter is uncertain under 'sure'; name some with --over." in told
    assert "none" in read("outputs/small-discover")["policies"]
    assert main(["discover", str(file), "--policy", "sure"]) == 2
    assert "no parameter is uncertain under 'sure'" in capsys.readouterr().err


def test_a_first_try_that_is_lost_is_a_failure_of_its_own(file):
    found = rs.discover(file, ["control"], outcome="held_first_critical_try")
    worlds, _ = rs.run(rs.load(file))
    held = worlds.held_first_critical_try.sel(policy="control").values
    tried = ~np.isnan(held)
    failures = found["control"]
    assert len(failures.sample.fails) == tried.sum() < 600
    assert failures.boxes.failing.estimate == (held[tried] == 0).mean()


def test_progress_counts_the_worlds_and_names_what_each_policy_fails_in(file):
    class Seen(Progress):
        def finding(self, words):
            findings.append(words)

    counted, findings = [], []
    question = ask(file)
    result = compute(question, Seen(counted.append))
    assert sum(counted) == question.total == 1200
    shares = [f"{percent(one.boxes.failing.estimate)} % fail" for one in result.failures]
    assert [words.split(", ")[0] for words in findings] == [
        f"none: {shares[0]}",
        f"control: {shares[1]}",
    ]


def test_a_policy_written_in_python_is_discovered_as_any_other(file):
    still = rs.policy(
        lambda seen, levers: levers, name="still", settings={"oversight.control": {}}
    )
    ours = rs.discover(file, [still]).to_dict()["policies"]["still"]
    assert ours == rs.discover(file, ["control"]).to_dict()["policies"]["control"]

    def halting(observation, levers):
        return rs.Levers(levers.audit_budget, 1.0, 0.0, *levers[3:])

    with pytest.raises(
        rs.Refusal, match=r"under 'halted', only \d+ of 600 worlds fail, and 40 are needed"
    ):
        scenario = rs.load(file).override({"seed": 2})  # by luck, seed 1 has 42
        rs.discover(scenario, [rs.policy(halting, name="halted")])
