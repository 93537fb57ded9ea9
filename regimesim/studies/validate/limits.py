"""Ours of exact limits, in which the behaviour of the model is known: a function for each row.

Each function runs its scenario of scenarios/validation, for several seeds.
"""

import numpy as np

from regimesim.analysis.estimates import Estimate
from regimesim.ensemble.ensemble import run
from regimesim.mesa_model import RegimeModel
from regimesim.model.world.mathematics import exp
from regimesim.studies.validate.published import exactly

SEEDS = (1, 2, 3)


def _runs(question, name):
    """The worlds of the scenario of a row, for each seed: datasets."""
    scenario = question.scenario_of(name)
    for seed in SEEDS:
        chosen = scenario if seed == scenario.seed else scenario.override({"seed": seed})
        yield run(chosen, threads=question.threads).worlds


def _stepped(question, name):
    """Each world of the scenario of a row: an iterator that yields its model after every month."""
    scenario = question.scenario_of(name)
    for world in range(scenario.worlds):
        model = RegimeModel(scenario, world=world)
        yield _months(model)


def _months(model):
    while model.running:
        model.step()
        yield model


def _crossed(worlds, threshold):
    return np.isfinite(worlds.crossing.sel(threshold=threshold).values)


def no_safeguards(question) -> dict[str, Estimate]:
    """L1: no first critical try is held."""
    runs = list(_runs(question, "L1"))
    tried = [_crossed(worlds, "first_critical_try") for worlds in runs]
    held = [
        worlds.held_first_critical_try.values[some]
        for worlds, some in zip(runs, tried, strict=True)
    ]
    return {
        "share held, three seeds": exactly(np.concatenate(held).mean()),
        "share of worlds with a try": exactly(np.mean(tried)),
    }


def endless_slope(question) -> dict[str, Estimate]:
    """L2: the first month in which a system is above the difficulty."""
    capable, favourable, crossed = [], [], []
    for months in _stepped(question, "L2"):
        first = None
        for model in months:
            level = float(model.tile.worlds[0]["level"][0])
            if first is None and any(system.capability > level for system in model.systems):
                first = model.month - 1
        crossed.append(first is not None)
        capable.append(_months_off(model.crossings["capable"], first))
        favourable.append(_months_off(model.crossings["favourable"], first))
    return {
        "capable: months off, at most": exactly(max(capable)),
        "favourable: months off, at most": exactly(max(favourable)),
        "share of worlds that cross": exactly(np.mean(crossed)),
    }


def _months_off(month, wanted):
    """The distance of two months; infinite where only one of them exists."""
    if month is None or wanted is None:
        return 0 if month is wanted else np.inf
    return abs(month - wanted)


def no_contact(question) -> dict[str, Estimate]:
    """L3: critical tries of systems that are capable."""
    runs = list(_runs(question, "L3"))
    return {
        "critical tries, three seeds": exactly(sum(int(w.critical_tries.sum()) for w in runs)),
        "share of worlds that are capable": exactly(
            np.mean([_crossed(worlds, "capable") for worlds in runs])
        ),
    }


def one_cause(question) -> dict[str, Estimate]:
    """L4: M of every system in every month, compared with its least M_j."""
    apart = [
        abs(system.miss - exp(float(system.record["log_miss"][:, 0].min())))
        for months in _stepped(question, "L4")
        for model in months
        for system in model.systems
    ]
    return {"M differs from min M_j by": exactly(max(apart))}


def no_patience(question) -> dict[str, Estimate]:
    """L5: the month of the first strike, compared with that of the threshold."""
    apart, struck_ever = [], []
    for months in _stepped(question, "L5"):
        struck = None
        for model in months:
            if struck is None and model.outcome["strikes"]:
                struck = model.month - 1
        struck_ever.append(struck is not None)
        apart.append(_months_off(struck, model.crossings["favourable"]))
    return {
        "months off, at most": exactly(max(apart)),
        "share of worlds with a strike": exactly(np.mean(struck_ever)),
    }


def posterior_mean(question) -> dict[str, Estimate]:
    """L6: belief after each month, compared with the counts of all months so far."""
    apart, strikes = [], 0.0
    for months in _stepped(question, "L6"):
        caught, runs = 0.0, 0.0
        for model in months:
            if model.lost:
                break  # overseers do not learn from the month of a takeover
            seen = model.measured("strikes_caught")
            discovered = float(model.tile.worlds[0]["month_strikes_discovered"][0])
            exercises = model.tables.oversight.red_team.red_team
            caught += float(model.tile.worlds[0]["exercises_caught"][0]) + seen
            runs += exercises + seen + discovered
            strikes += seen + discovered
            apart.append(abs(model.beliefs["catch_rate"] - (1 + caught) / (2 + runs)))
    return {
        "belief differs from it by": exactly(max(apart)),
        "strikes that entered it": exactly(strikes),
    }


def no_noise(question) -> dict[str, Estimate]:
    """L7: worlds that differ from the first of their seed in any value."""
    unlike, tried = 0, []
    for worlds in _runs(question, "L7"):
        differs = np.zeros(worlds.sizes["world"], bool)
        for values in worlds.data_vars.values():
            of_world = np.moveaxis(values.values, values.get_axis_num("world"), 0)
            of_world = of_world.reshape(len(differs), -1)
            same = (of_world == of_world[0]) | (np.isnan(of_world) & np.isnan(of_world[0]))
            differs |= ~same.all(axis=1)
        unlike += int(differs.sum())
        tried.append(_crossed(worlds, "first_critical_try"))
    return {
        "worlds unlike the first, three seeds": exactly(unlike),
        "share of worlds with a try": exactly(np.mean(tried)),
    }
