"""What holds an attempt: audits at random, the skill of monitors, traps; and what loses it."""

from regimesim.model.compilation import stage
from regimesim.model.oversight.detection import CERTAIN, joint_log_miss
from regimesim.model.oversight.honeypots import HONEYPOTS, trap_chance
from regimesim.model.oversight.policy import ELO
from regimesim.model.oversight.recognition import unrecognised_too
from regimesim.model.world.layout import EACH_MONITOR
from regimesim.model.world.mathematics import exp, log


@stage
def misses_in_part(system, lab, parameters, stack, w):
    """Probabilities that an attempt is missed: by monitors without skill and without traps, by
    monitors without traps, and by all safeguards if it were always recognised. Eq. 8.11."""
    trajectories = parameters.oversight.trajectories[w]
    cause = parameters.oversight.common_cause[w]
    least, total, least_random, total_random = 0.0, 0.0, 0.0, 0.0
    for j in range(EACH_MONITOR):
        if stack.active[j]:
            own, random = system.log_miss[j, w], 0.0
            if stack.curves[j] != ELO:
                missed = 1.0 - lab.audited[j, w] * lab.adopts[w]
                random = trajectories * log(missed) if missed > 1e-300 else CERTAIN
            least, total = min(least, own), total + own
            least_random, total_random = min(least_random, random), total_random + random
    skilled = exp(joint_log_miss(least, total, cause))
    unskilled = exp(joint_log_miss(least_random, total_random, cause))
    trap = trap_chance(system, lab, parameters.honeypots, w) if stack.active[HONEYPOTS] else 0.0
    recognition = system.recognition[w]
    return (
        unrecognised_too(unskilled, recognition),
        unrecognised_too(skilled, recognition),
        skilled * (1.0 - trap),
    )
