"""Audits: how the budget is divided over the monitors of each lab, and what audits find that pick
trajectories at random."""

from regimesim.model.compilation import equation, stage
from regimesim.model.oversight.detection import (
    CERTAIN,
    audit_odds,
    audit_quantile,
    audited_share,
    joint_log_miss,
)
from regimesim.model.oversight.dropping import kept
from regimesim.model.oversight.policy import ELO
from regimesim.model.world.layout import EACH_MONITOR, SHARE_OF, SLOPE_OF, TAX_OF, WIDTH
from regimesim.model.world.mathematics import exp, log


@equation
def reckoned_budget(audit_budget, announced, audit_sight):
    """The audit budget that systems reckon with: between what it is and what was announced.
    Eq. 7.6.3."""
    blurred = audit_sight * audit_budget + (1.0 - audit_sight) * announced
    return audit_budget if audit_sight >= 1.0 else blurred


@stage
def allot(tile, stack, hidden):
    """Audit quantile and odds of each monitor's part of the budget of every lab, in every column:
    of the one that systems reckon with where it is `hidden` from them. Eq. 7.5.1."""
    world, scratch, parameters = tile.worlds[0], tile.scratch[0], tile.parameters[0]
    for w in range(WIDTH):
        budget = world.budget[w]
        if hidden:
            announced = parameters.oversight.audit_budget[w]
            budget = reckoned_budget(budget, announced, parameters.cognition.audit_sight[w])
        scratch.budget[w] = budget
    for k in range(tile.labs.shape[0]):
        _allot_lab(
            tile.labs[k], tile.labs[0], k > 0, tile.rows, scratch, parameters.oversight, stack
        )


@stage
def _allot_lab(lab, first, has_first, rows, scratch, oversight, stack):
    """Divide the budget of one lab over the monitors that it uses; as in the first lab where
    both use the same."""
    for w in range(WIDTH):
        lab.shares[w] = 0.0
    for j in range(EACH_MONITOR):
        if stack.active[j]:
            for w in range(WIDTH):
                uses = kept(lab.dropped[w], rows[TAX_OF[j], w])
                lab.shares[w] += rows[SHARE_OF[j], w] * uses * lab.adopts[w]
    if has_first and audits_as(lab, first):
        for j in range(EACH_MONITOR):
            for w in range(WIDTH):
                lab.audited[j, w] = first.audited[j, w]
                lab.quantile[j, w], lab.odds[j, w] = first.quantile[j, w], first.odds[j, w]
        for w in range(WIDTH):
            lab.missed_unskilled[w] = first.missed_unskilled[w]
        return
    moved = 0
    for j in range(EACH_MONITOR):
        if stack.active[j] and _divide(j, lab, rows, scratch):
            moved += 1
            for w in range(WIDTH):
                audited = lab.audited[j, w]
                lab.quantile[j, w] = audit_quantile(audited, rows[SLOPE_OF[j], w])
                lab.odds[j, w] = audit_odds(audited, rows[SLOPE_OF[j], w])
    if moved:
        _miss_unskilled(lab, scratch, oversight, stack)


@stage
def _divide(j, lab, rows, scratch):
    """The part of a lab's budget that one monitor gets. Returns in how many columns it is not the
    one that it got before, or the world is new."""
    changed = 0
    for w in range(WIDTH):
        audited = audited_share(scratch.budget[w], rows[SHARE_OF[j], w], lab.shares[w])
        audited *= kept(lab.dropped[w], rows[TAX_OF[j], w])
        changed += 1 if audited != lab.audited[j, w] else 0
        lab.audited[j, w] = audited
    return changed


@stage
def audits_as(lab, first):
    """Whether one lab divides its budget as the first one does, in every column."""
    alike = 0
    for w in range(WIDTH):
        alike += 1 if lab.shares[w] == first.shares[w] else 0
    return alike == WIDTH


@stage
def _miss_unskilled(lab, scratch, oversight, stack):
    """Probability that the monitors of a lab miss an attempt if they pick what they audit at
    random; one that is rated has no budget, and misses it. Eq. 8.11."""
    for w in range(WIDTH):
        scratch.least[w], scratch.total[w] = 0.0, 0.0
    for j in range(EACH_MONITOR):
        if stack.active[j] and stack.curves[j] != ELO:
            for w in range(WIDTH):
                missed = 1.0 - lab.audited[j, w]
                log_missed = oversight.trajectories[w] * log(missed)
                own = log_missed if missed > 1e-300 else CERTAIN
                scratch.least[w] = min(scratch.least[w], own)
                scratch.total[w] += own
    for w in range(WIDTH):
        cause = oversight.common_cause[w]
        lab.missed_unskilled[w] = exp(joint_log_miss(scratch.least[w], scratch.total[w], cause))
