"""The month of the twin's labs: density, knowledge, growth, paradigm, safeguards dropped."""

from twin_catching import in_use
from twin_mathematics import GROWTH, LAB, chance, clip, sigmoid


def move_labs(twin):
    """Density, knowledge, growth and paradigm of every lab. Eqs. 7.2.2 and 7.2.3."""
    leader = max(lab.frontier for lab in twin.labs)
    gaps = [leader - lab.frontier for lab in twin.labs]
    for lab, gap in zip(twin.labs, gaps, strict=True):
        lab.density = feedback_density(twin, lab)
        lab.automation = twin["capability.research_automation_gain"] * sigmoid(
            (lab.frontier - twin["capability.research_automation_midpoint"])
            / twin["capability.research_automation_width"]
        )
        automated = twin["paradigm.safety_automation"] * lab.automation
        lab.knowledge += twin["paradigm.safety_research"] * (1 + automated)
        grow(twin, lab, gap)
        climb(twin, lab, gap)
        fall_behind(twin, lab, gap)


def feedback_density(twin, lab):
    """How dense the lab's training feedback is this month. Eq. 7.2.1."""
    race = twin["feedback.density_race"] * twin["feedback.sparse_premium"]
    drift = (twin["feedback.density_trend"] - race) * twin.month
    spread = twin["feedback.density_spread"] * twin.normal(LAB, lab.index, 1, month_key=0)
    grown = max(0.0, lab.frontier - twin["capability.initial"])
    drift += twin["feedback.density_per_doubling"] * grown
    return clip(twin["feedback.density"] + spread + drift, twin.density_floor, 1.0)


def grow(twin, lab, gap):
    """Move the frontier on, and count the growth given up. Eqs. 7.2.4 to 7.2.8
    and 7.2.12."""
    ceiling = twin["capability.ceiling"]
    free = (
        (1 + lab.automation)
        * (1 + twin["paradigm.premium"][lab.paradigm - 1])
        * (1 + twin["feedback.sparse_premium"] * (1 - lab.density))
        * max(0.0, 1 - (max(0.0, lab.frontier) / ceiling) ** 4)
    )
    tax = twin["oversight.tax"] + sum(twin[f"oversight.{name}.tax"] for name in in_use(twin, lab))
    taxed = free * max(0.0, 1 - tax)
    pause = max(twin.pause if lab.complies else 0.0, 1 - twin.growth_lever)
    lab.growth = taxed * (1 - pause)
    lab.paused = pause

    doubling_time = twin["capability.doubling_time"]
    share = 1 / (len(twin.labs) * doubling_time)
    twin.growth_lost_to_taxes += (free - taxed) * share
    twin.growth_lost_to_pauses += taxed * pause * share

    noise = twin["capability.noise"] * twin.normal(GROWTH, lab.index, 0)
    lab.frontier += lab.growth / doubling_time + twin["capability.diffusion"] * gap + noise
    lab.frontier = min(lab.frontier, ceiling)


def climb(twin, lab, gap):
    """Perhaps one paradigm up the ladder, losing safety knowledge. Eqs. 7.2.9 and
    7.2.10."""
    rate = twin["paradigm.ladder_rate"] * (1 + twin["paradigm.race"] * max(0.0, gap))
    rate += twin["paradigm.ladder_per_doubling"] * lab.growth / twin["capability.doubling_time"]
    allowed = lab.paradigm < min(twin.hold, 4)
    if allowed and twin.happens("ladder", twin.uniform(GROWTH, lab.index, 1), chance(rate)):
        lab.paradigm += 1
        lab.knowledge *= twin["paradigm.knowledge_transfer"]


def fall_behind(twin, lab, gap):
    """Perhaps drop what slows it down: its safeguards that carry a tax. Eq. 7.2.11."""
    cost = sum(max(0.0, twin[f"oversight.{name}.tax"]) for name in twin.catching)
    rate = twin["oversight.drop_rate"] * cost * gap
    if twin.happens("dropping", twin.uniform(GROWTH, lab.index, 2), chance(rate)):
        lab.dropped = True
