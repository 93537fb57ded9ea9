"""The summary of a run: its contract, and its numbers recomputed by hand."""

import json
import tracemalloc

import numpy as np
import pytest
from synthetic_run import make_run

from regimesim.analysis.composition import endings
from regimesim.analysis.conditional import Reported
from regimesim.analysis.estimand_table import ESTIMANDS
from regimesim.analysis.estimands import brier_score, caught_by, estimate
from regimesim.analysis.estimates import NOTHING, mean, proportion
from regimesim.analysis.pairs import COLUMNS, PAIRED, Lasting, Pair, compare
from regimesim.analysis.summary import summarise
from regimesim.model.world.records import THRESHOLDS, names

NAN = np.nan
TRIES = ["try", "at_risk", "failed", "ended", "survived", "low", "high", "by"]
MANY = 40_000  # worlds, more than are kept in memory


def test_the_summary_keeps_its_contract():
    worlds, _ = make_run(("lax", "strict", "none"), worlds=50)
    summary = summarise(worlds)
    keys = ["scenario", "seed", "worlds", "months", "titles", "policies", "paired"]
    assert list(summary) == keys
    assert (summary["scenario"], summary["seed"]) == ("made-up", 1)
    assert (summary["worlds"], summary["months"]) == (50, 180)
    assert list(summary["policies"]) == ["lax", "strict", "none"]
    for policy in summary["policies"].values():
        more = ["thresholds", "survival_against_tries", "first_tries_held"]
        more += ["cost", "variance_shares", "flips"]
        assert list(policy) == ["title", *ESTIMANDS, *more]
        for estimand in ESTIMANDS:
            plain = ["estimate", "low", "high", "n"]
            assert list(policy[estimand]) == [*plain, "by", "worth", "counted"]
            assert list(policy[estimand]["counted"]) == plain
        assert tuple(policy["thresholds"]) == names(THRESHOLDS)
        for times in policy["thresholds"].values():
            assert list(times) == ["crossed", "p10", "median", "p90"]
        for tries in policy["survival_against_tries"]:
            assert list(tries) == TRIES and tries["by"] == "counts"
    assert list(summary["paired"]) == ["lax vs strict", "lax vs none", "strict vs none"]
    for pair in summary["paired"].values():
        assert list(pair) == [
            *PAIRED,
            "survival_against_months",
            "survival_against_tries",
        ]
        for name, found in pair.items():
            assert tuple(found) == (COLUMNS if name in PAIRED else Lasting._fields)
    assert json.loads(json.dumps(summary, allow_nan=False)) == summary


def test_every_number_by_hand():
    worlds, _ = make_run(
        ("a", "b"),
        worlds=4,
        months=10,
        held_first_critical_try=[[1, 0, NAN, 1], [1, 1, NAN, NAN]],
        crossing_first_critical_try=[[2, 3, NAN, 5], [2, 3, NAN, NAN]],
        crossing_takeover=[[NAN, 3, NAN, 9], [NAN, NAN, NAN, NAN]],
        believed_catch_rate=[[0.9, 0.8, NAN, 0.7], [0.9, 0.8, NAN, NAN]],
        true_catch_rate=[[0.5, 0.1, NAN, 0.6], [0.5, 0.1, NAN, NAN]],
        critical_tries=[[1, 1, 0, 4], [1, 1, 0, 0]],
        critical_tries_held=[[1, 0, 0, 3], [1, 1, 0, 0]],
        warning_shots_before_first_try=[[0, 2, 0, 1], [0, 2, 0, 0]],
        first_try_was_story=[[0, 0, NAN, 1], [0, 0, NAN, NAN]],
    )
    summary = summarise(worlds)
    told = summary["policies"]["a"]
    a = {name: told[name]["counted"] for name in ESTIMANDS}
    assert all(told[name]["by"] == "counts" for name in a)
    assert a["held_first_critical_try"] == proportion([1, 0, 1])._asdict()
    assert a["no_takeover"] == proportion([1, 0, 1, 0])._asdict()
    assert a["evidence_gap"] == pytest.approx(mean([0.4, 0.7, 0.1], within=(-1, 1))._asdict())
    assert a["believed_catch_rate"]["estimate"] == pytest.approx(0.8)
    assert a["true_catch_rate"]["estimate"] == pytest.approx(0.4)
    assert a["critical_tries"] == mean([1, 1, 0, 4], within=(0, np.inf))._asdict()
    assert a["critical_tries_held"]["estimate"] == 1
    expected = mean([0, 2, 1], within=(0, np.inf))._asdict()
    assert a["warning_shots_before_first_try"] == expected
    assert a["first_try_was_story"] == proportion([0, 0, 1])._asdict()
    expected = {"crossed": 0.75, "p10": 2, "median": 3, "p90": None}
    assert told["thresholds"]["first_critical_try"] == expected
    pair = summary["paired"]["a vs b"]
    assert pair["no_takeover"] == compare([1, 0, 1, 0], [1, 1, 1, 1]).plain()
    assert pair["no_takeover"]["estimate"] == -0.5
    assert pair["held_first_critical_try"] == compare([1, 0], [1, 1]).plain()


def test_a_policy_without_any_critical_try_has_nulls():
    rows = (
        "held_first_critical_try crossing_first_critical_try crossing_takeover "
        "believed_catch_rate true_catch_rate first_try_was_story"
    )
    worlds, _ = make_run(("calm", "still"), worlds=30, **dict.fromkeys(rows.split(), NAN))
    summary = summarise(worlds)
    calm = summary["policies"]["calm"]
    nothing = Reported.of(NOTHING).plain()
    for estimand in (
        "held_first_critical_try",
        "evidence_gap",
        "believed_catch_rate",
        "true_catch_rate",
        "warning_shots_before_first_try",
        "first_try_was_story",
    ):
        assert calm[estimand] == nothing
    assert calm["no_takeover"]["estimate"] == 1 and calm["no_takeover"]["high"] == 1
    assert calm["thresholds"]["takeover"]["crossed"] == 0
    never = Pair(None, None, None, 0, 0, 0, None, None, "counts", None, NOTHING).plain()
    assert summary["paired"]["calm vs still"]["held_first_critical_try"] == never
    json.dumps(summary, allow_nan=False)


def test_one_world_and_one_policy():
    worlds, _ = make_run(("only",), worlds=1)
    summary = summarise(worlds)
    assert summary["paired"] == {}
    assert summary["policies"]["only"]["no_takeover"]["n"] == 1
    tries = summary["policies"]["only"]["critical_tries"]
    assert 0 <= tries["low"] < tries["estimate"] < tries["high"]
    json.dumps(summary, allow_nan=False)


def test_what_each_safeguard_contributes():
    worlds, _ = make_run(("a",), worlds=4, held_first_critical_try=[[1, 1, 0, NAN]])
    caught = np.array([[1, 0, 0, NAN], [1, 1, 0, NAN], [0, 0, 0, NAN], [0, 0, 0, NAN]])
    caught = caught[:, None, :]
    worlds["first_try_caught_by"] = (("safeguard", "policy", "world"), caught)
    parts = caught_by(worlds, "a")
    assert parts["control"] == {"caught": proportion([1, 0, 0]), "alone": proportion([0, 0, 0])}
    assert parts["cot_monitor"]["caught"] == proportion([1, 1, 0])
    assert parts["cot_monitor"]["alone"] == proportion([0, 1, 0])


def test_the_brier_score_by_hand():
    worlds, _ = make_run(
        ("a",),
        worlds=3,
        believed_catch_rate=[[0.9, 0.5, NAN]],
        held_first_critical_try=[[1, 0, NAN]],
    )
    assert brier_score(worlds, "a") == estimate(worlds, "a", "brier_score")
    assert brier_score(worlds, "a").estimate == pytest.approx((0.1**2 + 0.5**2) / 2)


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """Eight policies in 40,000 worlds, 90 MB in all: in memory, and as a file."""
    worlds, _ = make_run([f"policy-{k}" for k in range(8)], worlds=MANY)
    path = tmp_path_factory.mktemp("many") / "worlds.nc"
    packed = {name: {"dtype": "int16", "_FillValue": -1} for name in ("crossing",)}
    held = {"dtype": "int8", "_FillValue": -1}
    flags = ("held_first_critical_try", "first_try_was_story", "first_try_caught_by")
    packed |= dict.fromkeys(flags, held)
    worlds.to_netcdf(path, engine="h5netcdf", encoding=packed)
    return worlds, path


@pytest.mark.parametrize(
    ("of", "rows"),
    [
        (summarise, 20),
        (lambda worlds: endings(worlds, "policy-3"), 8),
        (lambda worlds: caught_by(worlds, "policy-3"), 6),
    ],
    ids=["summary", "endings", "caught_by"],
)
def test_what_is_read_from_disk_is_held_a_few_rows_at_a_time(many, of, rows):
    import xarray as xr

    worlds, path = many
    expected = of(worlds)
    with xr.open_dataset(path, engine="h5netcdf") as on_disk:
        tracemalloc.start()
        got = of(on_disk)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert got == expected
    assert most < rows * 8 * MANY
