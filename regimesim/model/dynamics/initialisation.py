"""Initialisation: a column of a tile becomes a new world, and leaves its result at its end."""

from regimesim.model.compilation import assignments, stage
from regimesim.model.dynamics.capability import density_of
from regimesim.model.dynamics.training import prepare_training
from regimesim.model.oversight import control
from regimesim.model.oversight.adoption import adopt, of_adopter
from regimesim.model.oversight.detection import stretch
from regimesim.model.oversight.policy import LOGISTIC
from regimesim.model.world.draws import INITIALISATION, LAB, NOBODY, WORLD, unit, words
from regimesim.model.world.layout import EACH_MONITOR, SLOPE_OF
from regimesim.model.world.normal import normal
from regimesim.model.world.places import place_of
from regimesim.model.world.records import COUNTS, EXPECTED, MONITORS, REALS, OfFirstTry

CONTROL = MONITORS.index("control")


@stage
def initialise(tile, stack, w, seed, number, drawn, due):
    """Make column `w` world `number`, with its drawn parameters (numbers,); all of its
    systems are then due to be trained. Returns how many are due with those that were due
    before. Eq. 5.3."""
    for k in range(tile.rows.shape[0]):
        tile.rows[k, w] = drawn[k]
    world, parameters = tile.worlds[0], tile.parameters[0]
    world.seed[w], world.number[w], world.month[w], world.running[w] = seed, number, 0, 1
    world.redline_error[w] = normal(words(seed, NOBODY, INITIALISATION, number, WORLD)[0])
    world.parity[w] = control.parity_strength(
        parameters.control.auroc[w], parameters.control.slope[w], stack.curves[CONTROL] == LOGISTIC
    )
    for j in range(EACH_MONITOR):
        world.stretch[j, w] = stretch(tile.rows[SLOPE_OF[j], w])
    prepare_training(world, parameters, w)
    world.danger[w] = parameters.beliefs.danger_prior[w]
    world.caught_belief[w], world.missed_belief[w] = 1.0, 1.0
    world.suppression[w], world.awake[w], world.fed[w] = 0.0, 0.0, 0.0
    world.audit_budget[w] = parameters.oversight.audit_budget[w]
    _forget(world, w)
    labs = tile.labs.shape[0]
    for k in range(labs):
        lab, block = tile.labs[k], words(seed, k, INITIALISATION, number, LAB)
        _initialise_lab(lab, w, parameters, block)
        lab.systems[w] = (tile.systems.shape[0] - k + labs - 1) // labs
    adopt(tile.labs, stack, w)
    feedback, outside = parameters.feedback, parameters.outside
    for k in range(labs):
        lab, initial = tile.labs[k], parameters.capability.initial[w]
        floor = of_adopter(lab.adopts[w], feedback.density_floor[w], outside.density_floor[w])
        lab.density[w] = density_of(lab, feedback, outside, initial, floor, 0.0, w)
    for i in range(tile.systems.shape[0]):
        tile.due[due + i] = place_of(i, w)
        system = tile.systems[i]
        system.seen[w], system.misaligned[w], system.archetype[w] = 0.0, 0.0, 0.0
    return due + tile.systems.shape[0]


def _first_values():
    """The name of each recorded quantity, and its value before anything has happened."""
    for recorded, absent in ((COUNTS, -1), (REALS, "nan"), (EXPECTED, "nan")):
        for item in recorded:
            yield {"name": item.name, "first": absent if isinstance(item, OfFirstTry) else 0}


_start_records = assignments("world.{name}[w] = {first}", _first_values(), ("world", "w"))


@stage
def _forget(world, w):
    """Clear what was counted in the column before."""
    _start_records(world, w)
    world.month_stories[w], world.month_feints[w], world.month_strikes[w] = 0.0, 0.0, 0.0
    world.month_strikes_caught[w], world.month_strikes_discovered[w] = 0.0, 0.0
    world.exercises_caught[w] = 0.0
    world.carried[w], world.weight[w], world.untried[w] = 0.0, 1.0, 1.0
    world.misaligned_systems[w] = 0.0
    world.reward_seeking_systems[w], world.scheming_systems[w] = 0.0, 0.0
    for k in range(world.crossing.shape[0]):
        world.crossing[k, w] = -1
    for j in range(world.caught_by.shape[0]):
        world.caught_by[j, w] = -1
    for k in range(world.event_end.shape[0]):
        world.event_end[k, w] = 0.0
    for k in range(world.memory.shape[0]):
        world.memory[k, w] = float("nan")
    world.doublings_lost[w], world.doublings_free[w] = 0.0, 0.0


@stage
def _initialise_lab(lab, w, parameters, block):
    """One lab at month 0. Eqs. 5.1 and 5.2."""
    capability = parameters.capability
    founded = capability.initial[w] + capability.lab_spread[w] * normal(block[0])
    lab.frontier[w] = min(founded, capability.ceiling[w])
    lab.deviation[w] = normal(block[1])
    lab.complies[w] = 1.0 if unit(block[2]) < parameters.pause.pause_compliance[w] else 0.0
    lab.paradigm[w] = parameters.paradigm.initial[w]
    lab.knowledge[w], lab.erosion[w], lab.dropped[w] = 0.0, 0.0, 0.0
    lab.growth[w], lab.paused[w], lab.willing[w] = 0.0, 0.0, 0.0
    lab.model[w], lab.missed_unskilled[w] = -1.0, 1.0
    for j in range(EACH_MONITOR):
        lab.audited[j, w] = -1.0  # no share: the first month's is new
    lab.founded[w], lab.free_frontier[w] = lab.frontier[w], lab.frontier[w]
    lab.free_paradigm[w] = lab.paradigm[w]


_copy_recorded = assignments(
    "outcome.{name} = world.{name}[w]",
    [item._asdict() for item in (*COUNTS, *REALS)],
    ("world", "w", "outcome"),
)
_copy_expected = assignments(
    "outcome.{name} = world.{name}[w]",
    [item._asdict() for item in EXPECTED],
    ("world", "w", "outcome"),
)


@stage
def leave(tile, w, outcome):
    """Write the result of column `w` into one OUTCOME record."""
    world = tile.worlds[0]
    _copy_recorded(world, w, outcome)
    for k in range(world.crossing.shape[0]):
        outcome.crossing[k] = world.crossing[k, w]
    for j in range(world.caught_by.shape[0]):
        outcome.caught_by[j] = world.caught_by[j, w]


@stage
def leave_expected(tile, w, outcome):
    """Write the expectations of column `w` into one OUTCOME record."""
    _copy_expected(tile.worlds[0], w, outcome)
