"""What must hold of every world of every scenario, whatever its parameters are."""

import numpy as np

import regimesim as rs
from regimesim.ensemble.ensemble import Share, run_share
from regimesim.ensemble.parameter_sampling import draw_parameters, make_stack
from regimesim.model.dynamics.expectation import CONTINUATION_RATE
from regimesim.model.dynamics.month import GOVERN, PROCEED, simulate
from regimesim.model.dynamics.tiles import make_batch, make_tile
from regimesim.model.world.layout import LAB_FIELDS, SYSTEM_FIELDS, WIDTH, WORLD_FIELDS
from regimesim.model.world.records import COUNTS, MONTHLY, REGIMES, THRESHOLDS, names

# Fields of a tile that are probabilities or shares, and those that may be absent (NaN).
SHARES_OF = {
    "systems": (
        *("density", "foresight", "contentment", "gain", "loss"),
        *("success", "miss", "aware", "willing", "misaligned", "trait", "spent"),
    ),
    "labs": ("density", "paused", "complies", "dropped", "watched", "fed"),
    "worlds": (
        *("suppression", "alarm", "audit_budget", "pause", "growth", "contact", "density_floor"),
        *("correction", "exercise_miss", "miss", "capable", "favourable", "favourable_despite"),
        *("awake", "fed"),
    ),
}
ABSENT = ("believed_catch_rate", "true_catch_rate", "foreseeable_catch_rate", "highest_report")
NOT_NEGATIVE = {
    "systems": ("scope", "horizon", "constraint"),
    "labs": ("knowledge", "erosion", "growth", "willing", "boost", "systems"),
    "worlds": ("audits_spent", "growth_lost_to_pauses", "aware_systems", "favourable_systems"),
}
FIELDS = {"systems": SYSTEM_FIELDS, "labs": LAB_FIELDS, "worlds": WORLD_FIELDS}
SLACK = 1e-9


def check_state(tile, worlds, when):
    """Assert that all state of the first columns is a number, and within its range."""
    for room, fields in FIELDS.items():
        record = getattr(tile, room)
        for name in fields:
            values = record[name][:, :worlds]
            if name not in ABSENT:
                assert np.isfinite(values).all(), f"{when}: {room}.{name} is not finite"
            if name in SHARES_OF[room]:
                inside = (values >= -SLACK) & (values <= 1 + SLACK)
                assert inside.all(), f"{when}: {room}.{name}: {values[~inside][:3]}"
            if name in NOT_NEGATIVE[room]:
                assert (values >= 0).all(), f"{when}: {room}.{name}: {values.min()}"
    assert (tile.systems["log_miss"][:, :, :worlds] <= 0).all(), f"{when}: ln of a miss above 0"
    assert np.isfinite(tile.systems["log_miss"][:, :, :worlds]).all(), f"{when}: ln of a miss"
    beliefs = tile.worlds[["caught_belief", "missed_belief"]]
    assert all((beliefs[name][:, :worlds] >= 1).all() for name in beliefs.dtype.names), when
    for room in ("systems", "labs"):
        rungs = getattr(tile, room)["paradigm"][:, :worlds]
        assert np.isin(rungs, (1, 2, 3, 4)).all(), f"{when}: paradigm"


def step_through(scenario):
    """Live through the first worlds of a policy month by month and check their state after
    every month; their outcomes and monthly sums."""
    worlds = min(scenario.worlds, WIDTH)
    tables = next(iter(scenario.policies.values()))
    numbers = np.arange(worlds, dtype=np.int64)
    seeds = np.full(worlds, scenario.seed, np.int64)
    drawn = draw_parameters(tables, scenario.start, seeds, numbers)
    assert not np.isnan(drawn).any(), "a drawn parameter is no number"
    tile, stack = make_tile(scenario.labs, scenario.systems), make_stack(tables)
    batch = make_batch(seeds, numbers, drawn, scenario.months, continuation_rate=CONTINUATION_RATE)
    for month in range(scenario.months):
        simulate(tile, stack, batch, GOVERN | PROCEED, 1)
        check_state(tile, worlds, f"month {month}")
        if not tile.worlds[0]["running"][:worlds].any():
            break
    return batch.outcomes, batch.monthly


def check_orders(worlds, months_lived):
    """Assert what must hold between the outcomes of each world."""
    at = {name: worlds.crossing.sel(threshold=name).values for name in names(THRESHOLDS)}
    for name, month in at.items():
        crossed = month[np.isfinite(month)]
        assert ((crossed >= 0) & (crossed < months_lived)).all(), name
    for name in names(COUNTS):
        values = worlds[name].values
        assert (values[np.isfinite(values)] >= 0).all(), name
    first, takeover = at["first_critical_try"], at["takeover"]
    tried, lost = np.isfinite(first), np.isfinite(takeover)
    assert (tried | ~lost).all() and (first[lost] <= takeover[lost]).all()
    despite = np.isfinite(at["favourable_despite_safeguards"])
    before = at["favourable"] <= at["favourable_despite_safeguards"]
    assert before[despite].all(), "favourable despite safeguards, and not without"
    count = {name: worlds[name].values for name in names(COUNTS)}
    tries, held = count["critical_tries"], count["critical_tries_held"]
    assert (tries >= held).all() and (held >= count["tries_survived"]).all()
    assert ((tries > 0) == tried).all() and ((tries > held) == lost).all()
    assert (count["tries_survived"] == held)[~lost].all()
    attempts = count["attempts_in_first_try"]
    assert (np.isfinite(attempts) == tried).all() and (attempts[tried] >= 1).all()
    assert (tries <= count["strikes"] + count["story_incidents"]).all()
    assert (count["strikes"] >= count["warning_shots"]).all()
    assert (count["warning_shots"] >= count["warning_shots_before_first_try"]).all()
    assert (count["alarms"] >= count["false_alarms"]).all()
    alive = np.where(lost, takeover + 1, months_lived)
    assert (count["alarms"] <= alive).all() and (worlds.audits_spent <= alive + SLACK).all()
    _check_first_try(worlds, count, tried, first, takeover)


def _check_first_try(worlds, count, tried, first, takeover):
    held = count["held_first_critical_try"]
    assert (np.isfinite(held) == tried).all()
    assert (np.isfinite(count["first_try_was_story"]) == tried).all()
    assert (takeover == first)[held == 0].all(), "a first try that was missed is no takeover"
    by = worlds.first_try_caught_by.values
    assert (np.isfinite(by) == tried).all()
    assert ((by[..., tried] > 0).any(axis=0) == (held[tried] > 0)).all()
    for name in ("believed_catch_rate", "true_catch_rate", "foreseeable_catch_rate"):
        rate = worlds[name].values
        assert (np.isfinite(rate) == tried).all(), name
        assert ((rate[tried] >= 0) & (rate[tried] <= 1)).all(), name
    caught_surely = worlds["true_catch_rate"].values == 0
    assert (held[caught_surely & tried] == 0).all(), "caught by nobody"


def check_months(months):
    """Assert what must hold of the record of each month."""
    here = months.worlds_not_lost.values > 0
    for item in MONTHLY:
        values, spread = months[item.name].values, months[f"{item.name}_sd"].values
        assert (np.isfinite(values) == here).all(), item.name
        assert (np.isfinite(spread) | ~here).all() and (spread[here] >= 0).all(), item.name
        if item.unit == "1" and item.name != "erosion":
            off = values[here]
            assert ((off >= -SLACK) & (off <= 1 + SLACK)).all(), item.name
        if item.unit == "1/month":
            assert (values[here] >= 0).all(), item.name
    assert (months.leader.values >= months.frontier.values - SLACK)[here].all()
    shares = months.regime_share.values
    assert (shares >= -SLACK).all() and np.allclose(shares.sum(axis=0), 1, atol=SLACK)
    lost = shares[list(REGIMES).index("lost")]
    assert (np.diff(lost, axis=-1) >= -SLACK).all(), "a lost world came back"
    quantiles = months.leader_quantile.values
    rising = np.diff(quantiles, axis=0)
    assert (rising[np.isfinite(rising)] >= 0).all()


def same(left, right):
    """Whether two arrays of records have the same bits, NaN for NaN."""
    return all(
        np.array_equal(left[name], right[name], equal_nan=left[name].dtype.kind == "f")
        for name in left.dtype.names
    )


def check_invariance(scenario, outcomes, monthly):
    """Assert that neither the cut into batches, nor threads, nor the number of worlds, nor the
    order of policies changes a bit."""
    tables, stop = next(iter(scenario.policies.values())), np.zeros(1, np.int64)
    cut = max(1, len(outcomes) // 3)
    sums = 0
    for first, last in ((0, cut), (cut, len(outcomes))):
        found, record, _ = run_share(scenario, tables, None, Share(0, first, last), stop)
        assert same(found, outcomes[first:last]), "the cut into batches"
        sums = sums + record
    assert np.array_equal(sums, monthly), "the monthly sums of the batches"
    both = scenario.with_policy("other", {"oversight.control": {}})
    order = list(both.policies)
    one, two = rs.run(both, threads=1), rs.run(both.choose(order[::-1]), threads=3)
    for ours, theirs in zip(one, two, strict=True):
        for name in ours.data_vars:
            left, right = ours[name], theirs[name].sel(policy=order)
            right = right.transpose(*left.dims)
            assert np.array_equal(left.values, right.values, equal_nan=True), name
    return one


def check(scenario):
    """Assert everything above of a scenario of one policy; how many months its worlds lived."""
    outcomes, monthly = step_through(scenario)
    by_world, by_month = check_invariance(scenario, outcomes, monthly)
    for policy in by_world.policy.values:
        check_orders(by_world.sel(policy=policy), scenario.months)
        check_months(by_month.sel(policy=[policy]))
    return int(monthly[:, 0].sum())
