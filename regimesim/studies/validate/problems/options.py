"""Option counting: for which share of goals is seeking power optimal?

Each of `options` outcomes is equally likely to be the best one for a goal, and only one of them
can be reached without power.  If power is certain to be won, seeking it is optimal for a share
1 − 1/options of goals (Turner et al. 2021, Optimal policies tend to seek power).
"""

import numpy as np

from regimesim.model.compilation import entry
from regimesim.model.dynamics.goals import break_even, gain_of_winning, loss_when_caught
from regimesim.model.world.draws import INITIALISATION, NATURE, unit, words
from regimesim.studies.validate.problems.checks import refuse_fractions, refuse_outside


def drawn_break_evens(options: int, goals: int, seed: int = 1) -> np.ndarray:
    """The break-even probability of each of `goals` goals: (goals,) from 0 to 1.

    The value of each outcome for a goal is an independent uniform draw, divided by that of its
    best outcome.  Without power a goal has the value of the first outcome; a system that is
    caught has 0.  At a break-even probability of 1, power is of no use.
    """
    refuse_fractions(options=options, goals=goals, seed=seed)
    refuse_outside(
        options=(options, 1, 10_000), goals=(goals, 1, 10_000_000), seed=(seed, 0, 2**63 - 1)
    )
    probabilities = np.empty(goals)
    _break_evens(seed, options, probabilities)
    return probabilities


@entry
def _break_evens(seed, options, probabilities):
    for goal in range(len(probabilities)):
        first, best = 0.0, 0.0
        for option in range(options):
            block = words(seed, option // 4, INITIALISATION, goal, NATURE)
            value = unit(block[option % 4])
            first = value if option == 0 else first
            best = max(best, value)
        content = first / best
        gain, loss = gain_of_winning(1.0, content), loss_when_caught(content, 0.0)
        probabilities[goal] = break_even(gain, loss, 0.0)
