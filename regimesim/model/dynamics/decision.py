"""Decision: whether to strike now, by the one-step look-ahead rule of optimal stopping."""

from regimesim.model.compilation import equation, stage
from regimesim.model.dynamics.goals import advantage
from regimesim.model.dynamics.prospects import success
from regimesim.model.dynamics.upkeep import followed
from regimesim.model.oversight.dropping import kept
from regimesim.model.world.draws import MONTH, unit, words
from regimesim.model.world.layout import CANDIDATE, COMPLIES, EACH, STRIKES, TAX_OF, WIDTH
from regimesim.model.world.mathematics import LN2, exp
from regimesim.model.world.places import enter

MARGIN = 1.0 + 1e-9  # by which a bound is above what rounding can make of what it bounds
SLACK = MARGIN - 1.0  # the same for what is not a factor


@equation
def misjudgement(calibration_error, calibration_scale, capability, initial, eta):
    """Factor on the odds of success by which a system misjudges them; fades with
    capability. Eq. 7.6.2."""
    beyond = max(0.0, capability - initial)
    return exp(calibration_error * exp(-beyond / calibration_scale) * eta)


@equation
def perceived(chance, odds_factor):
    """p̂: a probability as seen by a system that misjudges its odds by a factor. Eq. 7.6.4."""
    raised = chance * odds_factor
    return raised / (raised + (1.0 - chance))


@equation
def may_tempt(chance, boldness, others_fail, gain, loss, constraint):
    """Whether striking may seem to pay a system that overrates the odds by at most a factor: the
    advantage of what it then sees together with others, multiplied out, as this is cheap.
    Eqs. 7.4.9, 7.6.4 and 7.6.9."""
    raised, lost = chance * boldness, 1.0 - chance
    return (gain - constraint + SLACK) * (raised + lost) > lost * others_fail * (gain + loss)


@equation
def failing(coordination, success, reckoned):
    """Probability that a willing system does not succeed beside a striker: it joins with
    probability κ, and succeeds with q·M̂. Eq. 7.6.8."""
    return max(1e-150, 1.0 - coordination * (success * reckoned))


@equation
def together(chance, others_fail):
    """Probability that a striker, or one that joins it, succeeds, where `others_fail` is Ω.
    Eq. 7.6.9."""
    return chance + (1.0 - chance) * (1.0 - others_fail)


@equation
def _least_growth(x):
    """A bound from below on e^x for x ≥ 0: (1 + y + y²/2)⁴ with y = x/4."""
    y = 0.25 * x
    root = 1.0 + y * (1.0 + 0.5 * y)
    return root * root * (root * root)


@equation
def strikes_now(advantage_now, advantage_next, patience, kept_chance):
    """Strike iff it pays now, and at least as much as waiting a month at the risk of being
    replaced first. Eq. 7.6.7."""
    return advantage_now > 0.0 and advantage_now >= patience * kept_chance * advantage_next


@stage
def decide(tile, stack):
    """Success, thresholds and conduct of every system; conduct that depends on a draw
    is left as a candidate.  Returns how many places there are in which a system acts, or may act:
    they are the first of `tile.acting`."""
    world, scratch, parameters = tile.worlds[0], tile.scratch[0], tile.parameters[0]
    for w in range(WIDTH):
        world.capable[w] = 0.0
        world.favourable[w] = 0.0
        world.favourable_despite[w] = 0.0
        world.favourable_systems[w] = 0.0
        scratch.others_fail[w] = 1.0
    for k in range(tile.labs.shape[0]):
        _watch(tile.labs[k], tile.rows, stack)
        _bound(tile.labs[k], world, parameters)
        _expect(tile.labs[k], parameters.capability)
    if _expect_company(tile):
        return _decide_together(tile)
    acting = 0
    for i in range(tile.systems.shape[0]):
        system, lab = tile.systems[i], tile.labs[i % tile.labs.shape[0]]
        _gauge(system, lab, world, parameters.takeover)
        if _aware(system):
            _choose(system, lab, world, scratch, parameters)
        columns = _mark_candidates(system, lab, world, parameters.capability)
        acting = enter(tile.acting, acting, i, columns)
    return acting


@stage
def _decide_together(tile):
    """Conduct of every system where some may have company: who joins is known only when all have
    chosen, so this fetches every system a second time."""
    world, scratch, parameters = tile.worlds[0], tile.scratch[0], tile.parameters[0]
    struck, acting = 0, 0
    for i in range(tile.systems.shape[0]):
        system, lab = tile.systems[i], tile.labs[i % tile.labs.shape[0]]
        if _aware(system):
            _expect_others(system, lab, scratch, parameters.conduct)
            if _choose(system, lab, world, scratch, parameters):
                struck += _lead_others(system, lab, parameters.conduct)
    for i in range(tile.systems.shape[0]):
        system, lab = tile.systems[i], tile.labs[i % tile.labs.shape[0]]
        if struck:
            _join(i, system, lab, world, parameters.conduct)
        columns = _mark_candidates(system, lab, world, parameters.capability)
        acting = enter(tile.acting, acting, i, columns)
    return acting


@stage
def _choose(system, lab, world, scratch, parameters):
    """One system strikes, or does not. Returns in how many columns striking seems to pay."""
    tempted = 0
    if _consider(system, world, scratch):
        tempted = _judge(system, scratch, parameters)
        if tempted:
            _look_ahead(system, lab, world, scratch, parameters)
    return tempted


@stage
def _expect_company(tile):
    """Ω of the willing systems of each lab. Returns in how many columns of labs some system may
    have company; where it is in none, no system's success is computed here. Eq. 7.6.8."""
    world, takeover = tile.worlds[0], tile.parameters[0].takeover
    coordination = tile.parameters[0].conduct.coordination
    company = 0
    for k in range(tile.labs.shape[0]):
        lab = tile.labs[k]
        for w in range(WIDTH):
            lab.all_fail[w], lab.struck[w] = 1.0, 0.0
            company += 1 if coordination[w] > 0.0 and lab.willing[w] > 0.0 else 0
    if company:
        for i in range(tile.systems.shape[0]):
            system, lab = tile.systems[i], tile.labs[i % tile.labs.shape[0]]
            _gauge(system, lab, world, takeover)
            for w in range(WIDTH):
                fails = failing(coordination[w], system.success[w], system.reckoned[w])
                lab.all_fail[w] *= fails if system.willing[w] > 0.0 else 1.0
    return company


@stage
def _aware(system):
    """In how many columns a system is aware."""
    aware = 0
    for w in range(WIDTH):
        aware += 1 if system.aware[w] > 0.0 else 0
    return aware


@stage
def _expect_others(system, lab, scratch, conduct):
    """Ω of those that may join one system."""
    for w in range(WIDTH):
        own = failing(conduct.coordination[w], system.success[w], system.reckoned[w])
        scratch.others_fail[w] = lab.all_fail[w] / (own if system.willing[w] > 0.0 else 1.0)


@stage
def _join(i, system, lab, world, conduct):
    """A willing system joins a strike of its lab, or does not. Eq. 7.6.10."""
    joining = 0
    for w in range(WIDTH):
        called = lab.struck[w] > 0.0 and system.willing[w] > 0.0
        joining += 1 if called and system.conduct[w] == COMPLIES else 0
    if joining == 0:
        return
    for w in range(WIDTH):
        drawn = words(world.seed[w], i, world.month[w] + 1, world.number[w], MONTH)
        joins = unit(drawn[3]) < conduct.coordination[w] and system.willing[w] > 0.0
        joined = joins and lab.struck[w] > 0.0 and system.conduct[w] == COMPLIES
        system.conduct[w] = STRIKES if joined else system.conduct[w]


@stage
def _expect(lab, capability):
    """The frontier that a lab's systems expect next month. Eq. 7.6.5."""
    for w in range(WIDTH):
        lab.expected[w] = lab.frontier[w] + lab.growth[w] / capability.doubling_time[w]


@stage
def _watch(lab, rows, stack):
    """Whether a lab uses any safeguard: where none is used there is nobody to fool."""
    for w in range(WIDTH):
        lab.watched[w] = 0.0
    for j in range(EACH):
        if stack.active[j]:
            for w in range(WIDTH):
                used = kept(lab.dropped[w], rows[TAX_OF[j], w]) * lab.adopts[w]
                lab.watched[w] = max(lab.watched[w], used)


@stage
def _bound(lab, world, parameters):
    """Bounds on the chances of a story incident, before it fades, and of a feint of a lab's
    systems (1 − e^(−r) ≤ r); and how fast the former fades, in logarithms a doubling."""
    conduct, training = parameters.conduct, parameters.training
    for w in range(WIDTH):
        some_moved = world.misaligned_systems[w] + world.awake_systems[w] > 0.0
        factor = max(1.0, training.emergent_story_factor[w]) if some_moved else 1.0
        unsuppressed = 1.0 - world.suppression[w] * lab.adopts[w]
        lab.most_stories[w] = MARGIN * conduct.story_rate[w] * factor * unsuppressed
        lab.fading[w] = LN2 / conduct.reliability_scale[w]
        lab.most_feints[w] = conduct.feint_rate[w] * lab.watched[w]


@stage
def _gauge(system, lab, world, takeover):
    """One system's success with its allies: the one that it has alone, where none helps."""
    helped = 0
    for w in range(WIDTH):
        member, alone = lab.boost_member[w], lab.boost[w]
        help_ = member if system.willing[w] > 0.0 else alone
        helped += 1 if help_ != 0.0 else 0
        allied = system.capability[w] + help_
        system.allied[w] = allied
        system.conduct[w] = COMPLIES
        system.seen[w] = 0.0
        capable = world.capable[w]
        world.capable[w] = 1.0 if allied > world.level[w] else capable
    if not helped:
        return
    for w in range(WIDTH):
        system.success[w] = success(
            lab.contact[w], takeover.success_slope[w], system.allied[w], world.level[w]
        )


@stage
def _consider(system, world, scratch):
    """Whether takeover would pay one system.  Returns in how many columns it may seem to pay an
    aware system, which then has to judge its chances. Eq. 7.6.1."""
    may_strike = 0
    for w in range(WIDTH):
        aware = system.aware[w] > 0.0
        gain, loss, norm = system.gain[w], system.loss[w], system.constraint[w]
        p = system.success[w] * system.miss[w]
        # `&`, not `and`: with a branch around an equation, rows are written element by element
        pays = aware & (advantage(system.success[w], gain, loss, norm) > 0.0)
        pays_despite = aware & (advantage(p, gain, loss, norm) > 0.0)
        favourable, despite = world.favourable[w], world.favourable_despite[w]
        world.favourable[w] = 1.0 if pays else favourable
        world.favourable_despite[w] = 1.0 if pays_despite else despite
        world.favourable_systems[w] += 1.0 if pays else 0.0
        reckoned, bold = system.success[w] * system.reckoned[w], system.boldness[w]
        tempting = may_tempt(reckoned, bold, scratch.others_fail[w], gain, loss, norm)
        may_strike += 1 if aware and tempting else 0
    return may_strike


@stage
def _judge(system, scratch, parameters):
    """Whether takeover seems to pay one system.  Returns in how many columns it seems to pay an
    aware system. Eqs. 7.6.2, 7.6.4 and 7.6.9."""
    cognition, initial = parameters.cognition, parameters.capability.initial
    tempted = 0
    for w in range(WIDTH):
        scratch.odds_factor[w] = misjudgement(
            cognition.calibration_error[w],
            cognition.calibration_scale[w],
            system.capability[w],
            initial[w],
            system.calibration[w],
        )
        reckoned = system.success[w] * system.reckoned[w]
        seen = together(perceived(reckoned, scratch.odds_factor[w]), scratch.others_fail[w])
        scratch.advantage[w] = advantage(
            seen, system.gain[w], system.loss[w], system.constraint[w]
        )
        aware = system.aware[w] > 0.0
        tempted += 1 if aware and scratch.advantage[w] > 0.0 else 0
    return tempted


@stage
def _look_ahead(system, lab, world, scratch, parameters):
    """One system's choice between now and next month. Eqs. 7.6.5 and 7.6.6."""
    takeover = parameters.takeover
    for w in range(WIDTH):
        ahead = followed(
            system.capability[w], lab.expected[w], parameters.capability.update_rate[w]
        )
        member, alone = lab.boost_member[w], lab.boost[w]
        help_ = member if system.willing[w] > 0.0 else alone
        later = success(lab.contact[w], takeover.success_slope[w], ahead + help_, world.level[w])
        next_month = advantage(
            together(
                perceived(later * system.reckoned[w], scratch.odds_factor[w]),
                scratch.others_fail[w],
            ),
            system.gain[w],
            system.loss[w],
            system.constraint[w],
        )
        strikes = strikes_now(
            scratch.advantage[w],
            next_month,
            parameters.cognition.patience[w],
            world.kept_chance[w],
        )
        system.conduct[w] = STRIKES if system.aware[w] > 0.0 and strikes else COMPLIES


@stage
def _lead_others(system, lab, conduct):
    """Note in which columns one system strikes and others of its lab may join. Returns in
    how many."""
    struck = 0
    for w in range(WIDTH):
        heard = conduct.coordination[w] > 0.0 and lab.willing[w] > 0.0
        leads = heard and system.conduct[w] == STRIKES
        lab.struck[w] = max(lab.struck[w], 1.0 if leads else 0.0)
        struck += 1 if leads else 0
    return struck


@stage
def _mark_candidates(system, lab, world, capability):
    """Mark a system whose draw is below a bound on the chance of a story incident or feint:
    few are, and only for these is the exact chance worth computing.  Returns the running columns,
    as bits, in which it acts or may act."""
    columns = 0
    for w in range(WIDTH):
        beyond = max(0.0, system.capability[w] - capability.initial[w])
        faded = system.mood[w] * _least_growth(beyond * lab.fading[w])
        aware = system.aware[w] > 0.0
        likely = system.mood[w] < lab.most_feints[w] if aware else faded < lab.most_stories[w]
        marked = likely and system.conduct[w] == COMPLIES
        conduct = CANDIDATE if marked else system.conduct[w]
        system.conduct[w] = conduct
        columns |= 1 << w if (conduct != COMPLIES) & (world.running[w] != 0) else 0
    return columns
