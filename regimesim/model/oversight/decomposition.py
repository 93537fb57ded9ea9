"""What holds an attempt: audits at random, the skill of monitors, traps; and what loses it."""

from regimesim.model.compilation import stage
from regimesim.model.oversight.detection import joint_log_miss
from regimesim.model.oversight.honeypots import HONEYPOTS, trap_chance
from regimesim.model.oversight.recognition import unrecognised_too
from regimesim.model.world.layout import EACH_MONITOR
from regimesim.model.world.mathematics import exp


@stage
def misses_in_part(system, lab, parameters, stack, w):
    """Probabilities that an attempt is missed: by monitors without skill and without traps, by
    monitors without traps, and by all safeguards if it were always recognised. Eq. 8.11."""
    least, total = 0.0, 0.0
    for j in range(EACH_MONITOR):
        if stack.active[j]:
            own = system.log_miss[j, w]
            least, total = min(least, own), total + own
    skilled = exp(joint_log_miss(least, total, parameters.oversight.common_cause[w]))
    trap = trap_chance(system, lab, parameters.honeypots, w) if stack.active[HONEYPOTS] else 0.0
    recognition = system.recognition[w]
    return (
        unrecognised_too(lab.missed_unskilled[w], recognition),
        unrecognised_too(skilled, recognition),
        skilled * (1.0 - trap),
    )
