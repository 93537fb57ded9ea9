"""Datasets laid out as those of a run, filled with made-up worlds."""

import json

import numpy as np
import xarray as xr
from synthetic import attributes

from regimesim import __version__
from regimesim.analysis.summary import summarise
from regimesim.ensemble.months import QUANTILES
from regimesim.ensemble.netcdf import write_dataset
from regimesim.model.world.records import (
    COUNTS,
    MONTHLY,
    REALS,
    REGIMES,
    SAFEGUARDS,
    THRESHOLDS,
    names,
)
from regimesim.results.reading import MAKER
from regimesim.scenario import parse
from regimesim.scenario.dates import months_later

HELD = (0.15, 0.35, 0.5, 0.6, 0.72, 0.85, 0.95, 0.99)


def make_run(policies=("lax", "strict"), worlds=200, months=180, seed=1, **overrides):
    """(worlds, months) of a run with made-up results, and `overrides` in place of some.

    The n-th policy holds a share HELD[n] of critical tries.  An override is a variable's
    name with an array (policy, world), or `crossing_NAME` for a threshold's.
    """
    policies = list(policies)
    rng = np.random.default_rng(seed)
    rows = _worlds(rng, len(policies), worlds, months)
    for name, value in overrides.items():
        rows[name] = np.broadcast_to(np.asarray(value, float), (len(policies), worlds))
    first = rows["held_first_critical_try"]
    survived = np.where(first == 0, 0.0, rows["critical_tries_held"])
    rows.setdefault("tries_survived", survived)
    rows.setdefault("foreseeable_catch_rate", rows["true_catch_rate"])
    lost = rows["crossing_takeover"]
    rows.setdefault("audits_spent", 0.03 * np.where(np.isnan(lost), months, lost + 1))
    crossing = np.stack([rows.pop(f"crossing_{name}") for name in names(THRESHOLDS)])
    attrs = attributes(worlds, months, seed, policies=_watched(policies))
    both = ("policy", "world")
    caught = rng.random((len(SAFEGUARDS), len(policies), worlds)) < 0.4
    caught = np.where(np.isnan(rows["held_first_critical_try"]), np.nan, caught)
    by_world = xr.Dataset(
        {
            "crossing": (("threshold", *both), crossing),
            "first_try_caught_by": (("safeguard", *both), caught),
            "takeover.difficulty": (both, rng.normal(15, 2, (len(policies), worlds))),
            **{name: (both, rows[name]) for name in names(COUNTS) + names(REALS)},
        },
        coords={
            "policy": policies,
            "world": np.arange(worlds),
            "threshold": list(names(THRESHOLDS)),
            "safeguard": list(SAFEGUARDS),
        },
        attrs=attrs,
    )
    return by_world, _months(crossing, policies, months, attrs)


def _watched(policies):
    """Which safeguards the made-up policies have: control alone."""
    oversight = {name: {} if name == "control" else False for name in SAFEGUARDS}
    return {policy: {"oversight": oversight} for policy in policies}


def save_run(folder, policies=("lax", "strict"), worlds=60, description="", **overrides):
    """Write a run with made-up results to a folder; (worlds, months, summary)."""
    by_world, by_month = make_run(policies, worlds=worlds, **overrides)
    scenario = parse(
        {
            "name": "made-up",
            "description": description,
            "worlds": worlds,
            "seed": overrides.get("seed", 1),
            "takeover": {"difficulty": 14},
            "policies": {policies[0]: {"oversight": {"control": {"auroc": 0.9}}}}
            | {name: {} for name in policies[1:]},
        }
    )
    summary = summarise(by_world)
    manifest = {
        "made_by": MAKER,
        "version": __version__,
        "code_digest": "0123456789abcdef",
        "scenario": scenario.resolved(),
        "given": scenario.raw,
        "command": ["regimesim", "run", "a&b.toml"],
        "libraries": {"numpy": "9.9"},
    }
    folder.mkdir(parents=True, exist_ok=True)
    write_dataset(folder / "worlds.nc", by_world)
    write_dataset(folder / "months.nc", by_month)
    (folder / "summary.json").write_text(json.dumps(summary))
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return by_world, by_month, summary


def _worlds(rng, policies, worlds, months):
    """The rows of made-up worlds; the same luck for every policy, which only holds more."""
    shape = (policies, worlds)
    luck = rng.standard_normal((5, worlds))
    capable = np.clip(60 + 15 * luck[0], 0, None).round()
    aware = np.clip(50 + 15 * luck[1], 0, None).round()
    favourable = np.maximum(capable, aware) + rng.exponential(8, worlds).round()
    held_share = np.resize(HELD, policies)[:, None]
    delay = rng.exponential(10, worlds) + 60 * held_share * rng.random(worlds)
    despite = (favourable + delay).round()
    first = despite + rng.exponential(6, worlds).round()
    held = np.where(rng.random(worlds) < held_share, 1.0, 0.0)
    later = first + rng.exponential(30, worlds).round() + 1
    takeover = np.where(held == 1, np.where(held_share < 0.8, later, np.inf), first)
    true = np.clip(held_share + 0.08 * luck[3], 0.01, 0.995)
    believed = np.clip(0.5 + 0.5 * true + 0.06 * luck[4], 0.01, 0.995)
    tried = first < months
    lost = takeover < months
    rows = {
        "crossing_capable": capable,
        "crossing_aware": aware,
        "crossing_favourable": favourable,
        "crossing_favourable_despite_safeguards": despite,
        "crossing_first_critical_try": first,
        "crossing_takeover": takeover,
    }
    rows = {name: np.where(v < months, v, np.nan) for name, v in rows.items()}
    rows = {name: np.broadcast_to(v, shape) for name, v in rows.items()}
    tries = np.where(tried, 1.0 + rng.poisson(1, shape), 0)
    counts = {
        "critical_tries": tries,
        "critical_tries_held": tries - lost,
        "strikes": tries + 1,
        "warning_shots": rng.poisson(0.5, shape),
        "warning_shots_before_first_try": np.where(tried, rng.poisson(0.3, shape), 0),
        "story_incidents": rng.poisson(3, shape),
        "feints": np.zeros(shape),
        "first_try_was_story": np.where(tried, rng.random(shape) < 0.05, np.nan),
        "held_first_critical_try": np.where(tried, held, np.nan),
        "believed_catch_rate": np.where(tried, believed, np.nan),
        "true_catch_rate": np.where(tried, true, np.nan),
        "attempts_in_first_try": np.where(tried, 1.0 + rng.poisson(0.2, shape), np.nan),
        "withdrawals": np.zeros(shape),
        "alarms": np.zeros(shape),
        "false_alarms": rng.poisson(1, shape),
        "months_paused": rng.random(shape),
        "growth_lost": np.broadcast_to(0.03 + 0.01 * luck[0], shape),
        "growth_lost_to_pauses": np.zeros(shape),
        "growth_lost_to_taxes": np.zeros(shape),
    }
    return {**rows, **{name: np.asarray(v, float) for name, v in counts.items()}}


def _months(crossing, policies, months, attrs):
    when = dict(zip(names(THRESHOLDS), np.nan_to_num(crossing, nan=np.inf), strict=True))
    t = np.arange(months)[:, None, None]
    lost = when["takeover"] <= t
    states = [lost, when["first_critical_try"] <= t, when["favourable"] <= t]
    states += [when["capable"] <= t, np.ones_like(lost)]
    taken, shares = np.zeros_like(lost), []
    for state in states:
        shares.append((state & ~taken).mean(axis=2).T)
        taken |= state
    place = ("policy", "month")
    here = (~(when["takeover"] < t)).sum(axis=2).T
    filled = {name: np.where(here > 0, 1.0, np.nan) for name in names(MONTHLY)}
    spreads = {f"{name}_sd": value for name, value in filled.items()}
    growing = np.linspace(3, 20, months)[None, :] * np.ones((len(policies), 1))
    fan = np.stack([growing + 2 * q - 1 for q in QUANTILES])
    fan = np.where(here > 0, fan, np.nan)
    return xr.Dataset(
        {
            "regime_share": (("regime", *place), np.stack(shares)),
            "worlds_not_lost": (place, here),
            "leader_quantile": (("quantile", *place), fan),
            **{name: (place, value) for name, value in {**filled, **spreads}.items()},
        },
        coords={
            "policy": policies,
            "month": np.arange(months),
            "regime": list(REGIMES),
            "quantile": list(QUANTILES),
            "date": ("month", [months_later("2026-01", m) for m in range(months)]),
        },
        attrs=attrs,
    )
