"""The model as arrays over worlds and systems at once, in numpy or in JAX.

Systems lie in arrays (rows, labs, worlds): system i is in row i // labs of lab i mod labs, so what
belongs to a lab (labs, worlds) or to a world (worlds,) broadcasts to its systems, and inner loops
run over worlds.  Every month is computed whole and masked: worlds that are lost go on unseen.
Stages are pure functions of an `Arrays`, which says where functions and draws come from.

The default month with control alone: control by a trusted monitor with a binormal curve; copies,
recognition and coordination; no responses, traps, triggers, events, or labs that do not adopt or
that drop their safeguards, and no record of what oversight costs.  Parameters are the same for
all worlds.  Its draws are its own, so worlds agree with the package's in distribution only.
"""

import math
from functools import partial
from types import SimpleNamespace

import numpy as np
from array_systems import STOOD, assess, conduct, fresh, inspect, prepared
from plain_mesa import defaults, nested
from scipy import special

THRESHOLDS = (
    *("capable", "aware", "favourable", "favourable_despite_safeguards"),
    *("first_critical_try", "takeover"),
)
COUNTED = (
    *("critical_tries", "critical_tries_held", "strikes", "warning_shots"),
    *("story_incidents", "feints"),
)
OF_FIRST_TRY = (
    *("held_first_critical_try", "first_try_was_story", "attempts_in_first_try"),
    *("believed_catch_rate", "true_catch_rate"),
)
MONTHLY = (
    *("frontier", "leader", "capability", "difficulty", "density", "knowledge"),
    *("paradigm_1", "paradigm_2", "paradigm_3", "paradigm_4"),
    *("aware_systems", "favourable_systems", "value", "misaligned_systems"),
    *("reward_seeking_systems", "scheming_systems"),
    *("catch_rate_believed", "catch_rate", "catch_rate_exercises", "danger_belief"),
    *("story_incidents", "strikes", "strikes_caught", "feints", "critical_tries"),
)


class NumpyArrays:
    """Functions of numpy and scipy, draws of a generator of numpy; systems are trained one array
    of those that are due."""

    np = np
    expit, ndtr, ndtri = special.expit, special.ndtr, special.ndtri

    def __init__(self, seed):
        self._generator = np.random.default_rng(seed)

    def uniform(self, *shape):
        return self._generator.random(shape)

    def normal(self, *shape):
        return self._generator.standard_normal(shape)

    def apart(self, stage, *given):
        """What a stage returns, computed once; numpy knows no other way."""
        return stage(*given)

    def retrain(self, p, systems, due, labs):
        """Put freshly trained systems where they are due, in place."""
        _, lab, world = np.nonzero(due)
        drawn = labs["drawn"][lab, :, world].T
        new = fresh(self, p, labs["frontier"][lab, world], labs["density"][lab, world], drawn)
        for name, numbers in new.items():
            systems[name][due] = numbers
        return systems


def model_numbers(months, labs, interval):
    """The number of the model that each lab trains in each month, and at the initialisation."""
    head_start = np.arange(labs) * interval // labs
    return (np.arange(months)[:, None] + head_start) // interval


def choose_feedback(a, p, labs, month):
    """Density of training feedback, of every lab."""
    f = p.feedback
    trend = f.density_trend - f.density_race * f.sparse_premium
    grown = a.np.maximum(0.0, labs["frontier"] - p.capability.initial)
    wanted = f.density + f.density_spread * labs["deviation"] + trend * month
    return a.np.clip(wanted + f.density_per_doubling * grown, f.density_floor, 1.0)


def found(a, p, size, models):
    """Labs, systems and worlds before the first month."""
    rows, number, worlds = size
    founded = p.capability.initial + p.capability.lab_spread * a.normal(number, worlds)
    labs = {
        "frontier": a.np.minimum(founded, p.capability.ceiling),
        "deviation": a.normal(number, worlds),
        "paradigm": a.np.full((number, worlds), p.paradigm.initial),
        "knowledge": a.np.zeros((number, worlds)),
        "drawn": models,
    }
    labs["density"] = choose_feedback(a, p, labs, 0)
    everywhere = a.np.ones((rows, 1, 1))
    drawn = models.transpose(1, 0, 2)[:, None]
    systems = fresh(a, p, labs["frontier"] * everywhere, labs["density"] * everywhere, drawn)
    world = {
        "running": a.np.full(worlds, True),
        "danger": a.np.full(worlds, p.oversight.beliefs.danger_prior),
        "caught_belief": a.np.ones(worlds),
        "missed_belief": a.np.ones(worlds),
        **{name: a.np.zeros(worlds) for name in COUNTED},
        **{name: a.np.full(worlds, np.nan) for name in OF_FIRST_TRY},
        **{f"month_{name}": a.np.full(worlds, -1) for name in THRESHOLDS},
    }
    return labs, systems, world


def research(a, p, labs, month):
    """A month of growth, of safety research and perhaps of new paradigms.  Returns the labs, and
    the frontier that each expects next month."""
    c, table, f, np = p.capability, p.paradigm, p.feedback, a.np
    frontier, paradigm = labs["frontier"], labs["paradigm"]
    density = choose_feedback(a, p, labs, month)
    gap = frontier.max(0) - frontier
    lead = (frontier - c.research_automation_midpoint) / c.research_automation_width
    automation = c.research_automation_gain * a.expit(lead)
    knowledge = labs["knowledge"] + table.safety_research * (
        1 + table.safety_automation * automation
    )
    headroom = np.maximum(0.0, 1 - (np.maximum(0.0, frontier) / c.ceiling) ** 4)
    premium = sum(table.premium[k] * (paradigm == k + 1) for k in range(4))
    tax = p.oversight.tax + p.oversight.control.tax
    growth = (1 + automation) * (1 + premium) * (1 + f.sparse_premium * (1 - density))
    doublings = growth * headroom * (max(0.0, 1 - tax) / c.doubling_time)
    reached = frontier + doublings + c.diffusion * gap + c.noise * a.normal(*gap.shape)
    rate = table.ladder_rate * (1 + table.race * gap) + table.ladder_per_doubling * doublings
    climbs = (paradigm < min(table.hold, 4)) & (a.uniform(*gap.shape) < -np.expm1(-rate))
    new = {
        "frontier": np.minimum(reached, c.ceiling),
        "density": density,
        "paradigm": paradigm + climbs,
        "knowledge": np.where(climbs, knowledge * table.knowledge_transfer, knowledge),
    }
    return labs | new, new["frontier"] + doublings


def live(a, p, systems, labs):
    """Continual update of every system, and which are to be trained afresh."""
    c, capability = p.capability, systems["capability"]
    leaving = -math.expm1(-1 / c.lifetime)
    moved = capability + c.update_rate * (labs["frontier"] - capability)
    due = systems["spent"] | (a.uniform(*moved.shape) < leaving)
    return systems | {"capability": moved}, due


def drift(a, p, systems):
    """Goals follow training, and wander."""
    value, density = systems["value"], systems["density"]
    pull = p.goals.goal_pull * density * (systems["value_target"] - value)
    wander = p.goals.goal_drift * (1 - density) * a.normal(*value.shape)
    return value + pull + wander


def resolve(a, p, now):
    """Carry out the attempts of the month.  Returns the systems that are spent, and what is
    counted of every world."""
    now = SimpleNamespace(**now)
    strikes, stories, feints = now.strikes, now.stories, now.feints
    b, slope, np = p.oversight.beliefs, p.takeover.success_slope, a.np
    handicap = np.where(stories, p.conduct.story_handicap, 0.0)
    edge = a.expit(slope * (now.allied - handicap - now.difficulty))
    shape, attempts = strikes.shape, strikes | stories
    critical = attempts & (a.uniform(*shape) < p.takeover.real_world_contact * edge)
    caught = attempts & (a.uniform(*shape) >= now.missed)
    found_out = strikes & ~caught & (a.uniform(*shape) < b.discovery)
    known = (strikes & caught) | found_out
    if b.attribution < 1:
        known &= a.uniform(*shape) < b.attribution
    spent = caught | (strikes & ~critical) | feints
    each = {
        "critical": critical,
        "critical_strikes": critical & strikes,
        "missed": critical & ~caught,
        "strikes": strikes,
        "strikes_caught": strikes & caught,
        "found_out": found_out,
        "known": known,
        "story_incidents": stories,
        "feints": feints,
    }
    seen = {name: marks.sum((0, 1)) for name, marks in each.items()}
    seen["lost"], seen["tried"] = seen["missed"] > 0, seen["critical"] > 0
    seen["true"] = np.where(critical, 1 - now.missed, 1.0).prod((0, 1))
    return spent, seen


def keep(a, world, now, seen, month):
    """Thresholds, counts, and what is kept of a first critical try."""
    np, on, now = a.np, world["running"], SimpleNamespace(**now)
    systems = now.aware.shape[0] * now.aware.shape[1]
    reached = {
        "capable": now.capable,
        "aware": 2 * now.aware.sum((0, 1)) >= systems,
        "favourable": now.favourable.any((0, 1)),
        "favourable_despite_safeguards": now.despite.any((0, 1)),
        "first_critical_try": seen["tried"],
        "takeover": seen["lost"],
    }
    first = on & seen["tried"] & (world["month_first_critical_try"] < 0)
    tried = {
        "held_first_critical_try": ~seen["lost"],
        "first_try_was_story": seen["critical_strikes"] == 0,
        "attempts_in_first_try": seen["critical"],
        "believed_catch_rate": believed(world),
        "true_catch_rate": seen["true"],
    }
    counted = {
        "critical_tries": seen["tried"],
        "critical_tries_held": seen["tried"] & ~seen["lost"],
        "strikes": seen["strikes"],
        "warning_shots": seen["strikes_caught"],
        "story_incidents": seen["story_incidents"],
        "feints": seen["feints"],
    }
    kept = {name: np.where(first, value, world[name]) for name, value in tried.items()}
    kept |= {name: world[name] + on * value for name, value in counted.items()}
    for name, crossed in reached.items():
        before = world[f"month_{name}"]
        kept[f"month_{name}"] = np.where(on & crossed & (before < 0), month, before)
    return world | kept


def learn(a, p, world, now, seen):
    """Exercises and incidents move beliefs, where the world is not lost."""
    b, table, np = p.oversight.beliefs, p.oversight.red_team, a.np
    chance = 1 - now["exercise_miss"]
    passed = (a.uniform(table.red_team, *chance.shape) < chance).sum(0)
    caught = passed + seen["strikes_caught"] + seen["feints"]
    missed = table.red_team - passed + seen["found_out"]
    mistaken = seen["strikes_caught"] + seen["found_out"] - seen["known"]
    stories = seen["story_incidents"] + seen["feints"] + mistaken
    evidence = b.strike_evidence * seen["known"] + b.story_evidence * stories
    faded = b.danger_prior + (world["danger"] - b.danger_prior) * b.memory_danger
    learned = {
        "caught_belief": 1 + (world["caught_belief"] - 1) * table.memory + caught,
        "missed_belief": 1 + (world["missed_belief"] - 1) * table.memory + missed,
        "danger": faded + evidence,
    }
    return world | {
        name: np.where(seen["lost"], world[name], new) for name, new in learned.items()
    }


def believed(world):
    """The catch rate that overseers believe in."""
    return world["caught_belief"] / (world["caught_belief"] + world["missed_belief"])


def record(a, world, labs, systems, now, seen):
    """Sums over worlds that are not lost: how many, each monthly quantity, and its square."""
    np, on, now = a.np, world["running"], SimpleNamespace(**now)
    shares = [(labs["paradigm"] == k).mean(0) for k in (1, 2, 3, 4)]
    kinds = [(systems["kind"] == k).mean((0, 1)) for k in (1, 2)]
    quantities = (
        *(labs["frontier"].mean(0), labs["frontier"].max(0), systems["capability"].mean((0, 1))),
        *(now.difficulty, labs["density"].mean(0), labs["knowledge"].mean(0), *shares),
        *(now.aware.mean((0, 1)), now.favourable.mean((0, 1)), now.contentment.mean((0, 1))),
        *(systems["misaligned"].mean((0, 1)), *kinds, believed(world)),
        *(1 - now.missed.mean((0, 1)), 1 - now.exercise_miss, a.expit(world["danger"])),
        *(seen["story_incidents"], seen["strikes"], seen["strikes_caught"], seen["feints"]),
        seen["tried"],
    )
    table = np.stack([np.where(on, quantity, 0.0) for quantity in quantities])
    return np.concatenate([on.sum()[None], table.sum(1), (table**2).sum(1)])


def step(a, p, state, month, drawn):
    """One month; `drawn` are the normals of the model that each lab trains.  Returns the state
    and the month's record."""
    labs, systems, world = state
    labs, expected = a.apart(partial(research, a, p), labs | {"drawn": drawn}, month)
    systems, due = a.apart(partial(live, a, p), systems, labs)
    systems = a.retrain(p, systems, due, labs)
    systems = systems | {"value": a.apart(partial(drift, a, p), systems)}
    now = a.apart(partial(assess, a, p), labs, systems)
    now |= a.apart(partial(inspect, a, p), now["aware"], labs, systems)
    now |= a.apart(partial(conduct, a, p), now, systems, expected)
    spent, seen = a.apart(partial(resolve, a, p), now)
    world = a.apart(partial(keep, a), world, now, seen, month)
    world = a.apart(partial(learn, a, p), world, now, seen)
    row = a.apart(partial(record, a), world, labs, systems, now, seen)
    world = world | {"running": world["running"] & ~seen["lost"]}
    return (labs, systems | {"spent": spent}, world), row


def shape_of(systems, labs, worlds):
    """Rows of systems, labs and worlds."""
    if systems % labs:
        raise ValueError(f"{systems} systems cannot be divided over {labs} labs")
    return systems // labs, labs, worlds


def simulate(systems, months, worlds, parameters=None, labs=3, seed=1):
    """Worlds in numpy, all at once.  Returns what is kept of each, by name, and the record."""
    p, a = prepared(nested(parameters or defaults())), NumpyArrays(seed)
    numbers = model_numbers(months, labs, p.training.release_interval)
    models = a.normal(numbers.max() + 1, labs, STOOD, worlds)
    which = np.arange(labs)
    state = found(a, p, shape_of(systems, labs, worlds), models[numbers[0], which])
    rows = []
    for month in range(months):
        state, row = step(a, p, state, month, models[numbers[month], which])
        rows.append(row)
    return state[2], np.array(rows)


def run(systems, months, worlds, parameters=None, labs=3, seed=1, block=64):
    """Simulate worlds in blocks.  Returns the number of simulated system-months."""
    for first in range(0, worlds, block):
        simulate(systems, months, min(block, worlds - first), parameters, labs, seed + first)
    return systems * months * worlds
