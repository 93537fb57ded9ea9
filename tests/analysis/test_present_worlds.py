"""Datasets that were selected, masked or put together give what the same worlds alone give."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
import small
import xarray as xr
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import regimesim as rs
from regimesim.analysis.estimands import caught_by, values
from regimesim.analysis.precision import standings
from regimesim.analysis.tries import AGAINST
from regimesim.errors import Refusal

POLICIES = {
    "none": {},
    "control": {"oversight.control": {}},
    "both": {
        "oversight.audit_budget": 0.06,
        "oversight.control": {},
        "oversight.cot_monitor": {"evasion": 0},
    },
}
NAMES = tuple(POLICIES)
N = 40
OUTER = {"join": "outer", "combine_attrs": "override"}
EXAMPLES = settings(max_examples=25, derandomize=True, deadline=None, phases=[Phase.generate])


@pytest.fixture(scope="module")
def run():
    given = {**small.FIRST_PART, **small.SPARSE, "months": 60, "worlds": N}
    given["capability.initial"] = 7
    worlds, months = small.run({**given, "takeover.difficulty": {"normal": [12, 2]}}, POLICIES)
    held = worlds["held_first_critical_try"]
    assert (held == 0).any() and (held == 1).any() and held.isnull().any()
    return worlds, months


def masked(worlds, kept):
    there = np.zeros((len(NAMES), N), bool)
    for row, name in zip(there, NAMES, strict=True):
        row[kept[name]] = True
    return worlds.where(xr.DataArray(there, {"policy": list(NAMES), "world": worlds["world"]}))


def parts(worlds, kept):
    return [worlds.sel(policy=[name]).isel(world=kept[name]) for name in NAMES]


def concatenated(worlds, kept):
    more = {"data_vars": "minimal", "coords": "minimal", "compat": "override"}
    return xr.concat(parts(worlds, kept), "policy", **OUTER, **more)


def merged(worlds, kept):
    return xr.merge(parts(worlds, kept), compat="no_conflicts", **OUTER)


def reindexed(worlds, kept):
    return merged(worlds, kept).reindex(world=[*range(N - 1, -1, -1), N, N + 1], policy=NAMES)


def transposed(worlds):
    return worlds.transpose("world", "safeguard", "policy", "threshold")


def shuffled(worlds):
    order = np.random.default_rng(1).permutation(worlds.sizes["world"])
    return worlds.isel(world=order, policy=slice(None, None, -1), threshold=slice(None, None, -1))


def unlabelled(worlds):
    return worlds.drop_vars("world")


def twice(worlds):
    """Each world again in another place, where it is masked."""
    more = {"data_vars": "minimal", "coords": "minimal", "compat": "override"}
    return xr.concat([worlds, worlds.where(False)], "world", **OUTER, **more)


WAYS = (masked, concatenated, merged, reindexed)
CHANGES = (transposed, shuffled, unlabelled, twice)
some_worlds = st.lists(st.integers(0, N - 1), unique=True).map(sorted)
kept_worlds = st.fixed_dictionaries(dict.fromkeys(NAMES, some_worlds))
changes = st.lists(st.sampled_from(CHANGES), unique=True)


def made(worlds, kept, way, changed):
    worlds = way(worlds, kept)
    for change in changed:
        worlds = change(worlds)
    return worlds


WORDS = ("policy", "first", "second", "estimand", "against", "by", "counted")


def alike(ours, theirs):
    """Two tables with the same rows, whose order does not count; None and NaN are alike."""
    ours, theirs = (_sorted(one) for one in (ours, theirs))
    pd.testing.assert_frame_equal(ours, theirs, rtol=1e-9, atol=1e-12)


def _sorted(table):
    keys = [name for name in WORDS[:5] if name in table]
    numbers = {name: float for name in table if name not in WORDS}
    return table.sort_values(keys, ignore_index=True).astype(numbers)


def alone(worlds, kept, name):
    return worlds.sel(policy=[name]).isel(world=kept[name])


@EXAMPLES
@given(kept=kept_worlds, way=st.sampled_from(WAYS), changed=changes)
def test_estimates_are_those_of_the_same_worlds_alone(run, kept, way, changed):
    worlds, _ = run
    expected = pd.concat([rs.estimates(alone(worlds, kept, name)) for name in NAMES])
    alike(rs.estimates(made(worlds, kept, way, changed)), expected)


@EXAMPLES
@given(kept=kept_worlds, way=st.sampled_from(WAYS), changed=changes)
def test_survival_tables_and_catches_are_those_of_the_same_worlds_alone(run, kept, way, changed):
    worlds, _ = run
    changed = made(worlds, kept, way, changed)
    for name in NAMES:
        here = alone(worlds, kept, name)
        for against in AGAINST:
            pd.testing.assert_frame_equal(
                rs.survival_table(changed, name, against), rs.survival_table(here, name, against)
            )
        assert caught_by(changed, name) == caught_by(here, name)
        assert len(values(changed, name, "takeover.difficulty")) == len(kept[name])


@EXAMPLES
@given(kept=kept_worlds, way=st.sampled_from(WAYS), changed=changes)
def test_pairs_are_compared_in_the_worlds_of_both(run, kept, way, changed):
    worlds, _ = run
    changed = made(worlds, kept, way, changed)
    order = changed["policy"].values  # which a merger sorts
    for compared in (rs.pairs, rs.lasting):
        expected = []
        for first, second in combinations(order, 2):
            both = sorted(set(kept[first]) & set(kept[second]))
            expected.append(compared(worlds.isel(world=both).sel(policy=[first, second])))
        alike(compared(changed), pd.concat(expected))


@EXAMPLES
@given(kept=some_worlds, way=st.sampled_from(WAYS), changed=changes)
def test_a_summary_is_that_of_the_same_worlds_alone(run, kept, way, changed):
    worlds, _ = run
    changed = made(worlds, dict.fromkeys(NAMES, kept), way, changed)
    expected = rs.summarise(worlds.isel(world=kept).sel(policy=changed.policy.values))
    ours = rs.summarise(changed)
    assert ours["worlds"] == expected["worlds"] == len(kept)
    close(ours, expected)
    order = worlds.sel(policy=changed.policy.values).isel(world=kept)
    assert standings(changed, {"no_takeover": 0.1}) == standings(order, {"no_takeover": 0.1})


def close(ours, theirs):
    """Two summaries, whose numbers differ by rounding alone."""
    if isinstance(ours, dict):
        assert list(ours) == list(theirs)
        for key, value in ours.items():
            close(value, theirs[key])
    elif isinstance(ours, list):
        assert len(ours) == len(theirs)
        for one, other in zip(ours, theirs, strict=True):
            close(one, other)
    elif isinstance(ours, float):
        assert ours == pytest.approx(theirs, rel=1e-9, abs=1e-12)
    else:
        assert ours == theirs


@pytest.mark.parametrize("name", NAMES)
def test_one_policy_without_its_dimension(run, name):
    worlds, _ = run
    expected = rs.estimates(worlds.sel(policy=[name]))
    for one in (worlds.sel(policy=name), worlds.isel(policy=NAMES.index(name))):
        alike(rs.estimates(one), expected)
        assert rs.pairs(one).empty and rs.lasting(one).empty
        assert rs.summarise(one)["policies"][name]["no_takeover"]["n"] == N
        assert len(rs.survival_table(one, name, "months"))


def test_one_world_without_its_dimension(run):
    worlds, _ = run
    alike(rs.estimates(worlds.isel(world=7)), rs.estimates(worlds.isel(world=[7])))


def test_one_threshold_is_enough_where_no_other_is_needed(run):
    worlds, _ = run
    one = worlds.sel(threshold="takeover")
    assert values(one, "control", "no_takeover").sum() == np.isnan(one.crossing[1]).sum()
    with pytest.raises(Refusal, match=r"found no threshold \"first_critical_try\""):
        rs.estimates(one)


def test_a_mask_survives_a_file(run, tmp_path):
    worlds, _ = run
    kept = dict(zip(NAMES, (range(0, N, 2), range(30), range(5, 20)), strict=True))
    changed = masked(worlds, kept)
    changed.to_netcdf(tmp_path / "masked.nc", engine="h5netcdf")
    with xr.open_dataset(tmp_path / "masked.nc", engine="h5netcdf") as read:
        alike(rs.estimates(read), rs.estimates(changed))
    assert set(rs.estimates(changed).query("estimand == 'no_takeover'")["n"]) == {20, 30, 15}


def test_a_file_read_without_its_fill_values(run, tmp_path):
    worlds, _ = run
    worlds.to_netcdf(tmp_path / "worlds.nc", engine="h5netcdf")
    raw = {"engine": "h5netcdf", "mask_and_scale": False}
    with xr.open_dataset(tmp_path / "worlds.nc", **raw) as read:
        assert (read["crossing"] == -1).any()
        alike(rs.estimates(read), rs.estimates(worlds))


def test_runs_of_two_seeds_pool(run):
    """Numbers of worlds are those of each run, so that they repeat."""
    worlds, _ = run
    more = {"data_vars": "minimal", "coords": "minimal", "compat": "override"}
    pooled = xr.concat([worlds, worlds], "world", **OUTER, **more)
    table = rs.estimates(pooled)
    assert (table["n"] == 2 * rs.estimates(worlds)["n"]).all()
    assert (rs.pairs(pooled)["n"] == 2 * rs.pairs(worlds)["n"]).all()


LACKING = {
    "a policy": (lambda w: w.sel(policy="control", drop=True), 'found no "policy"'),
    "worlds": (lambda w: w.mean("world"), 'found no "world"'),
    "a variable": (
        lambda w: w.drop_vars("held_first_critical_try"),
        'found no variable "held_first_critical_try"',
    ),
    "what every world has": (lambda w: w[["crossing"]], "no variable that every world has"),
    "looks": (lambda w: w.drop_attrs(), 'found no attribute "looks"'),
    "one of two policies of a name": (
        lambda w: w.isel(policy=[0, 0]),
        'policy "none" is there twice',
    ),
    "one run": (
        lambda w: w.expand_dims(run=2),
        r"has the dimensions \(run, policy, world\); allowed are \(policy, world\)",
    ),
    "a count of some worlds": (
        lambda w: w.assign(expected_held=w.expected_held.where(w.world > 3)),
        "have critical_tries and no expected_held",
    ),
    "the mark of some worlds": (
        lambda w: w.assign(critical_tries=w.critical_tries.where(w.world > 3)),
        "have no critical_tries and a",
    ),
}


@pytest.mark.parametrize("what", LACKING)
def test_a_dataset_that_lacks_something_is_refused_in_one_sentence(run, what):
    change, words = LACKING[what]
    with pytest.raises(Refusal, match=words) as refused:
        rs.estimates(change(run[0]))
    assert len(refused.value.lines) == 1


def test_safeguards_that_were_left_out_do_not_make_others_catch_alone(run):
    worlds, _ = run
    with pytest.raises(Refusal, match=r"found no safeguard \"cot_monitor\""):
        caught_by(worlds.sel(safeguard=["control"]), "both")


def test_half_a_million_worlds_are_estimated_without_a_warning(run):
    """Warnings are errors here; many worlds narrow intervals, and squares and counts grow."""
    worlds, _ = run
    worlds = worlds.sel(policy=["none", "control"])
    many = worlds.isel(world=np.tile(np.arange(N), 500_000 // N))
    few = rs.estimates(worlds).set_index(["policy", "estimand"])
    table = rs.estimates(many).set_index(["policy", "estimand"])
    pd.testing.assert_series_equal(table["counted_estimate"], few["counted_estimate"])
    assert (table["n"] == few["n"] * (500_000 // N)).all()
    assert np.isfinite(table["worth"].dropna()).all()
    width = table["counted_high"] - table["counted_low"]
    assert (width.dropna() < 0.02).all()
    assert (rs.pairs(many)["n"] == rs.pairs(worlds)["n"] * (500_000 // N)).all()
    assert len(rs.lasting(many)) == 2
