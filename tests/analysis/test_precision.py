"""Adding worlds until intervals are narrow: the rule, its coverage, and the same worlds."""

import json
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from scipy import stats
from small import SCENARIO
from synthetic_run import make_run

import regimesim as rs
from regimesim.analysis.estimands import estimate
from regimesim.analysis.estimates import exact_interval, share
from regimesim.analysis.precision import (
    Standing,
    closing_words,
    looks,
    needed,
    read_targets,
    standings,
    until_precise,
    with_maximum_worlds,
)
from regimesim.cli import main

WIDE = {"held_first_critical_try": 0.1, "no_takeover": 0.07}


def summary():
    return json.loads(Path("outputs/small/summary.json").read_text(encoding="utf-8"))


def test_looks_follow_from_the_maximum_alone():
    assert looks(6400) == (100, 200, 400, 800, 1600, 3200, 6400)
    assert looks(1000) == (125, 250, 500, 1000)  # none of fewer than 64 worlds
    assert looks(10) == (10,)
    assert looks(201) == (100, 201)


def test_the_maximum_where_none_is_given():
    of = rs.parse(SCENARIO)
    assert [
        with_maximum_worlds(of.override({"worlds": n})).worlds for n in (30, 20_000, 2_000_000)
    ] == [
        3000,
        1_000_000,
        2_000_000,
    ]


def ended(p, half_width, confidence, most=6400, runs=20_000):
    """(runs whose last interval holds p, worlds on average) under the stopping rule."""
    numbers = np.array(looks(most))
    rng = np.random.default_rng(12)
    counts = rng.binomial(np.diff(numbers, prepend=0), p, (runs, len(numbers))).cumsum(axis=1)
    low, high = exact_interval(counts, numbers, confidence)
    narrow = (high - low) / 2 <= half_width
    narrow[:, -1] = True
    last = narrow.argmax(axis=1), (low <= p) & (p <= high)
    return int(np.take_along_axis(last[1], last[0][:, None], 1).sum()), numbers[last[0]].mean()


@pytest.mark.parametrize("p", [0.005, 0.02, 0.1, 0.3, 0.5, 0.98])
@pytest.mark.parametrize("half_width", [0.01, 0.02, 0.04])
def test_the_interval_that_ends_a_run_covers_at_least_95_percent(p, half_width):
    hits, _ = ended(p, half_width, 1 - 0.05 / len(looks(6400)))
    assert stats.binomtest(hits, 20_000, 0.95, alternative="less").pvalue > 1e-3


def test_without_the_correction_it_would_not():
    hits, _ = ended(0.02, 0.01, 0.95)
    assert stats.binomtest(hits, 20_000, 0.95, alternative="less").pvalue < 1e-6


def test_a_run_of_the_rule_itself_is_the_one_that_was_simulated():
    """`until_precise`, step by step, on worlds that are held with a share known beforehand."""
    held = (np.random.default_rng(13).random(6400) < 0.2).astype(float)
    seen = []

    def add(stage, first, times):
        seen.append((first, stage.worlds, times))
        worlds, _ = make_run(
            ("a",),
            worlds=stage.worlds,
            held_first_critical_try=[held[: stage.worlds]],
        )
        return nullcontext(worlds.assign_attrs(looks=times))

    scenario = rs.parse({"worlds": 6400})
    result = until_precise(scenario, {"held_first_critical_try": 0.04}, add)
    widths = {}
    for number in looks(6400):
        at_look = share(int(held[:number].sum()), number, 1 - 0.05 / 7)
        widths[number] = (at_look.high - at_look.low) / 2
    enough = min(number for number, width in widths.items() if width <= 0.04)
    assert 200 < enough < 6400 and result.scenario.worlds == enough
    assert (
        seen
        == [(first, n, 7) for first, n in zip((0, *widths), widths, strict=False)][: len(seen)]
    )
    assert result.reached and result.standings[0].half_width == pytest.approx(widths[enough])


def test_worlds_in_memory_are_those_of_a_longer_run():
    scenario = rs.parse(SCENARIO).override({"worlds": 2000})
    steps = []
    worlds, months = rs.run_to_precision(
        scenario, WIDE, threads=2, on_look=lambda stage, _: steps.append(stage.worlds)
    )
    n = worlds.sizes["world"]
    assert tuple(steps) == looks(2000)[: len(steps)] and len(steps) > 1 and n == steps[-1] < 2000
    plain = rs.run(scenario.override({"worlds": n}))
    xr.testing.assert_equal(worlds, plain.worlds)
    xr.testing.assert_identical(months, plain.months)
    assert worlds.attrs == {**plain.worlds.attrs, "looks": len(looks(2000))}
    for standing in standings(worlds, WIDE):
        low, high = estimate(worlds, standing.policy, standing.estimand)[1:3]
        assert standing.half_width == (high - low) / 2 <= standing.target


def test_policies_written_in_python_may_be_added_to():
    @rs.policy(settings={"oversight.control": {}})
    def steady(seen, levers):
        return levers

    scenario = rs.parse(SCENARIO).override({"worlds": 160})
    result = rs.run_to_precision(scenario, {"no_takeover": 0.01}, ["control", steady])
    xr.testing.assert_equal(result.worlds, rs.run(scenario, ["control", steady]).worlds)
    assert "Precision not reached at the maximum of 160 worlds" in result.text()
    assert result.to_dict()["precision"]["most_worlds"] == 160


def test_the_command_adds_worlds_to_the_files_and_tells_of_it(file, capsys):
    asked = [f"--precision={name}={half_width}" for name, half_width in WIDE.items()]
    assert main(["run", str(file), "--no-figures", *asked]) == 0
    told = capsys.readouterr()
    found = summary()
    n = found["worlds"]
    assert n in looks(3000) and n < 3000
    assert f"Precision reached after {n:,} worlds" in told.out
    assert max(map(len, told.out.splitlines())) <= 80
    assert all(f"{number:,} worlds: " in told.err for number in looks(3000) if number <= n)
    plain = rs.run(rs.load(file).override({"worlds": n}))
    with xr.open_dataset("outputs/small/worlds.nc", engine="h5netcdf") as kept:
        xr.testing.assert_equal(kept.load(), plain.worlds)
        assert int(kept.attrs["looks"]) == len(looks(3000)) and int(kept.attrs["worlds"]) == n
        again = json.loads(json.dumps(rs.summarise(kept)))
    with xr.open_dataset("outputs/small/months.nc", engine="h5netcdf") as kept:
        xr.testing.assert_equal(kept.load(), plain.months)
    precision = found.pop("precision")
    assert again == found
    assert precision["reached"] and precision["most_worlds"] == 3000
    assert len(precision["standings"]) == 4
    assert all(line["half_width"] <= line["asked"] for line in precision["standings"])
    manifest = json.loads(Path("outputs/small/manifest.json").read_text(encoding="utf-8"))
    assert manifest["scenario"]["worlds"] == n


def test_the_command_says_so_when_the_maximum_is_hit(file, capsys):
    asked = ["--precision", "no_takeover=0.001", "--worlds", "70"]
    assert main(["run", str(file), "--no-figures", *asked]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "Precision not reached at the maximum of 70 worlds (--worlds): no_takeover ±" in told
    assert "under none (target 0.001; needs about" in told and "under control" in told
    found = summary()
    assert found["worlds"] == 70 and not found["precision"]["reached"]


def test_a_plain_run_says_nothing_of_precision(file, capsys):
    assert main(["run", str(file), "--no-figures"]) == 0
    assert "recision" not in capsys.readouterr().out and "precision" not in summary()


BAD = {
    "held=0.01": "no estimand \"held\"; the nearest is 'held_first_critical_try'",
    "no_takeovr=0.01": "no estimand \"no_takeovr\"; the nearest is 'no_takeover'",
    "no_takeover=abc": 'found "abc"; allowed is a half-width of the 95 % interval, more than 0 '
    "and less than 0.5",
    "no_takeover=0": 'found "0"; allowed is',
    "no_takeover=2": 'found "2"; allowed is',
    "no_takeover=nan": 'found "nan"; allowed is',
    "evidence_gap=1": 'found "1"; allowed is a half-width of the 95 % interval, more than 0 '
    "and less than 1",
    "critical_tries=inf": 'found "inf"; allowed is a half-width of the 95 % interval, more than 0',
    "no_takeover": "write ESTIMAND=HALF_WIDTH, as in no_takeover=0.01",
}


@pytest.mark.parametrize("text", BAD)
def test_what_cannot_be_asked_is_refused_in_one_sentence(file, capsys, text):
    assert main(["run", str(file), "--precision", text]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"command line: --precision {text}: {BAD[text]}")
    assert len(error.splitlines()) == 1 and not Path("outputs").exists()


def test_every_mistake_is_shown_at_once():
    with pytest.raises(rs.Refusal) as refusal:
        read_targets(["no_takeover=0.1", "no_takeover=0.2", "held=1"])
    first, second = refusal.value.lines
    assert first.endswith("it is given twice") and "held=1" in second
    with pytest.raises(rs.Refusal, match="no estimand"):
        rs.run_to_precision(rs.parse(SCENARIO), {"held": 0.1})


def test_how_many_worlds_are_needed():
    assert needed(1000, Standing("a", "no_takeover", 0.04, 0.01, 1000)) == 16_000
    assert needed(700, Standing("a", "no_takeover", 0.0101, 0.01, 700)) == 720
    assert needed(700, Standing("a", "no_takeover", 0.001, 0.01, 700)) == 700
    assert needed(700, Standing("a", "held_first_critical_try", None, 0.01, 0)) is None


def test_where_there_is_no_interval_that_is_said():
    rows = ("held_first_critical_try", "believed_catch_rate", "true_catch_rate")
    worlds, _ = make_run(("calm",), worlds=70, critical_tries=0, **dict.fromkeys(rows, np.nan))
    targets = {"held_first_critical_try": 0.1, "critical_tries": 0.01}
    result = until_precise(
        rs.parse({"worlds": 70}), targets, lambda *_: nullcontext(worlds.assign_attrs(looks=1))
    )
    words = closing_words(result)
    assert "held_first_critical_try has no interval under calm: no world has it" in words
    assert "critical_tries ± 0.026 under calm" in words  # none in 70 worlds
    assert json.loads(json.dumps(result.summary(), allow_nan=False))["reached"] is False
