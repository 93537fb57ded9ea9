"""The month of the twin's labs: density, knowledge, growth, paradigm, safeguards dropped."""

from twin_catching import in_use
from twin_mathematics import GROWTH, LAB, chance, clip, sigmoid


def move_labs(twin):
    """Density, knowledge, growth and paradigm of every lab; and what they would be without the
    policy. Eq. 7.2.3."""
    leader = max(lab.frontier for lab in twin.labs)
    gaps = [leader - lab.frontier for lab in twin.labs]
    free_leader = max(lab.free_frontier for lab in twin.labs)
    for lab, gap in zip(twin.labs, gaps, strict=True):
        lab.density = feedback_density(twin, lab)
        lab.automation = automation(twin, lab.frontier)
        automated = twin["paradigm.safety_automation"] * lab.automation
        lab.knowledge += twin["paradigm.safety_research"] * (1 + automated)
        grow_freely(twin, lab, free_leader - lab.free_frontier)
        grow(twin, lab, gap)
        climb(twin, lab, gap)
        fall_behind(twin, lab, gap)
    for lab in twin.labs:
        twin.doublings_lost += lab.free_frontier - lab.frontier
        twin.doublings_free += lab.free_frontier - lab.founded
        twin.months_paused += lab.paused / len(twin.labs)


def automation(twin, frontier):
    """What automated research adds to the speed of a lab's growth. Eq. 7.2.2."""
    return twin["capability.research_automation_gain"] * sigmoid(
        (frontier - twin["capability.research_automation_midpoint"])
        / twin["capability.research_automation_width"]
    )


def feedback_density(twin, lab):
    """How dense the lab's training feedback is this month. Eq. 7.2.1."""
    race = twin["feedback.density_race"] * twin["feedback.sparse_premium"]
    drift = (twin.of(lab, "feedback.density_trend") - race) * twin.month
    spread = twin["feedback.density_spread"] * twin.normal(LAB, lab.index, 1, month_key=0)
    grown = max(0.0, lab.frontier - twin["capability.initial"])
    drift += twin.of(lab, "feedback.density_per_doubling") * grown
    return clip(twin.of(lab, "feedback.density") + spread + drift, lab.density_floor, 1.0)


def free_growth(twin, lab, frontier, paradigm):
    """How fast a lab with this frontier and paradigm grows without taxes and pauses.
    Eq. 7.2.4."""
    return (
        (1 + automation(twin, frontier))
        * (1 + twin["paradigm.premium"][paradigm - 1])
        * (1 + twin["feedback.sparse_premium"] * (1 - lab.density))
        * max(0.0, 1 - (max(0.0, frontier) / twin["capability.ceiling"]) ** 4)
    )


def moved(twin, lab, frontier, doublings, gap):
    """The frontier after a month of growth by `doublings`. Eq. 7.2.8."""
    noise = twin["capability.noise"] * twin.normal(GROWTH, lab.index, 0)
    imitated = twin["capability.diffusion"] * gap
    return min(frontier + doublings + imitated + noise, twin["capability.ceiling"])


def moves_up(twin, lab, doublings, gap):
    """Whether a lab that grows by `doublings` moves a paradigm up, if nothing holds it.
    Eq. 7.2.9."""
    rate = twin["paradigm.ladder_rate"] * (1 + twin["paradigm.race"] * max(0.0, gap))
    rate += twin["paradigm.ladder_per_doubling"] * doublings
    return twin.happens("ladder", twin.uniform(GROWTH, lab.index, 1), chance(rate))


def grow(twin, lab, gap):
    """Move the frontier on, and count the growth given up. Eqs. 7.2.5 to 7.2.7 and 7.2.12."""
    free = free_growth(twin, lab, lab.frontier, lab.paradigm)
    taxes = [twin[f"oversight.{name}.tax"] for name in in_use(twin, lab)]
    taxed = free * max(0.0, 1 - twin.of(lab, "oversight.tax") - sum(taxes))
    lab.paused = 1.0 if lab.frozen else max(lab.pause, 1 - lab.growth_lever)
    lab.growth = taxed * (1 - lab.paused)

    share = 1 / (len(twin.labs) * twin["capability.doubling_time"])
    twin.growth_lost_to_taxes += (free - taxed) * share
    twin.growth_lost_to_pauses += taxed * lab.paused * share
    if not lab.frozen:
        doublings = lab.growth / twin["capability.doubling_time"]
        lab.frontier = moved(twin, lab, lab.frontier, doublings, gap)


def grow_freely(twin, lab, gap):
    """The lab's month as it would be without taxes, pauses, freezes and holds. Eq. 8.9."""
    free = free_growth(twin, lab, lab.free_frontier, lab.free_paradigm)
    doublings = free / twin["capability.doubling_time"]
    lab.free_frontier = moved(twin, lab, lab.free_frontier, doublings, gap)
    if lab.free_paradigm < 4 and moves_up(twin, lab, doublings, gap):
        lab.free_paradigm += 1


def climb(twin, lab, gap):
    """Perhaps one paradigm up the ladder, losing safety knowledge. Eq. 7.2.10."""
    doublings = lab.growth / twin["capability.doubling_time"]
    allowed = lab.paradigm < min(lab.hold, 4) and not lab.frozen
    if allowed and moves_up(twin, lab, doublings, gap):
        lab.paradigm += 1
        lab.knowledge *= twin["paradigm.knowledge_transfer"]


def fall_behind(twin, lab, gap):
    """Perhaps drop what slows it down: its safeguards that carry a tax. Eq. 7.2.11."""
    taxes = [twin[f"oversight.{name}.tax"] for name in twin.catching if lab.adopts]
    cost = sum(max(0.0, tax) for tax in taxes)
    rate = twin["oversight.drop_rate"] * cost * gap
    if twin.happens("dropping", twin.uniform(GROWTH, lab.index, 2), chance(rate)):
        lab.dropped = True
