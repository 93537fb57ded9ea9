"""Decision: whether to strike now, by the one-step look-ahead rule of optimal stopping."""

from regimesim.compiled import equation, stage
from regimesim.dynamics.goals import advantage
from regimesim.dynamics.prospects import success
from regimesim.dynamics.training import followed
from regimesim.oversight.dropping import kept
from regimesim.world.draws import CONDUCT, unit, words
from regimesim.world.mathematics import exp
from regimesim.world.state import CANDIDATE, COMPLIES, STRIKES, WIDTH


@equation
def misjudgement(calibration_error, calibration_scale, capability, initial, eta):
    """Factor on the odds of success by which a system misjudges them; fades with
    capability (7.9: logit p̂ = logit p + s·η)."""
    beyond = max(0.0, capability - initial)
    return exp(calibration_error * exp(-beyond / calibration_scale) * eta)


@equation
def perceived(chance, odds_factor):
    """p̂: a probability as seen by a system that misjudges its odds by a factor."""
    raised = chance * odds_factor
    return raised / (raised + (1.0 - chance))


@equation
def strikes_now(advantage_now, advantage_next, patience, kept_chance):
    """Strike iff it pays now, and at least as much as waiting a month at the risk of being
    replaced first."""
    return advantage_now > 0.0 and advantage_now >= patience * kept_chance * advantage_next


@equation
def _expected(system, lab, w, capability):
    """Capability that a system expects to have next month."""
    growth = lab.growth[w] / capability.doubling_time[w]
    return followed(system.capability[w], lab.frontier[w] + growth, capability.update_rate[w])


@stage
def decide(tile, stack):
    """Success, thresholds and conduct of every system; conduct that hangs on a draw is
    left as a candidate."""
    world, parameters = tile.worlds[0], tile.parameters[0]
    for w in range(WIDTH):
        world.capable[w] = 0.0
        world.favourable[w] = 0.0
        world.favourable_despite[w] = 0.0
        world.favourable_systems[w] = 0.0
    for k in range(tile.labs.shape[0]):
        _watch(tile.labs[k], parameters, stack)
    for i in range(tile.systems.shape[0]):
        system, lab = tile.systems[i], tile.labs[i % tile.labs.shape[0]]
        _choose(system, lab, world, parameters)
        _mark_candidates(i, system, lab, world, parameters)


@stage
def _watch(lab, parameters, stack):
    """Whether a lab uses any safeguard that catches: where none does there is nobody to fool."""
    control, cot_monitor, probe = (
        parameters.control,
        parameters.cot_monitor,
        parameters.interpretability,
    )
    for w in range(WIDTH):
        dropped = lab.dropped[w]
        by_control = kept(dropped, control.tax[w]) if stack.control else 0.0
        by_cot = kept(dropped, cot_monitor.tax[w]) if stack.cot_monitor else 0.0
        by_probe = kept(dropped, probe.tax[w]) if stack.interpretability else 0.0
        lab.watched[w] = max(by_control, by_cot, by_probe)


@stage
def _choose(system, lab, world, parameters):
    """One system: prospects with allies, advantage now and next month, and the choice."""
    capability, takeover, cognition = (
        parameters.capability,
        parameters.takeover,
        parameters.cognition,
    )
    for w in range(WIDTH):
        c, aware = system.capability[w], system.aware[w] > 0.0
        gain, loss, norm = system.gain[w], system.loss[w], system.constraint[w]
        help_ = lab.boost_member[w] if system.willing[w] > 0.0 else lab.boost[w]
        slope, level, contact = takeover.success_slope[w], world.level[w], world.contact[w]
        q = success(contact, slope, c + help_, level)
        p = q * system.miss[w]
        factor = misjudgement(
            cognition.calibration_error[w],
            cognition.calibration_scale[w],
            c,
            capability.initial[w],
            system.calibration[w],
        )
        later = success(contact, slope, _expected(system, lab, w, capability) + help_, level)
        strikes = strikes_now(
            advantage(perceived(p, factor), gain, loss, norm),
            advantage(perceived(later * system.miss[w], factor), gain, loss, norm),
            cognition.patience[w],
            exp(-1.0 / capability.lifetime[w]),
        )
        pays = aware and advantage(q, gain, loss, norm) > 0.0
        pays_despite = aware and advantage(p, gain, loss, norm) > 0.0
        system.allied[w] = c + help_
        system.success[w] = q
        system.conduct[w] = STRIKES if aware and strikes else COMPLIES
        world.capable[w] = max(world.capable[w], 1.0 if c + help_ > level else 0.0)
        world.favourable[w] = max(world.favourable[w], 1.0 if pays else 0.0)
        world.favourable_despite[w] = max(
            world.favourable_despite[w], 1.0 if pays_despite else 0.0
        )
        world.favourable_systems[w] += 1.0 if pays else 0.0


@stage
def _mark_candidates(i, system, lab, world, parameters):
    """Mark a system whose draw is below a bound on the chance of a story incident or feint:
    few are, and only for these is the exact chance worth computing (1 − e^(−r) ≤ r)."""
    conduct = parameters.conduct
    for w in range(WIDTH):
        drawn = words(world.seed[w], i, world.month[w] + 1, world.number[w], CONDUCT)
        story = conduct.story_rate[w] * max(1.0, parameters.training.emergent_story_factor[w])
        feint = conduct.feint_rate[w] * lab.watched[w]
        bound = feint if system.aware[w] > 0.0 else story * (1.0 - world.suppression[w])
        complies = system.conduct[w] == COMPLIES
        marked = complies and unit(drawn[0]) < bound
        system.conduct[w] = CANDIDATE if marked else system.conduct[w]
