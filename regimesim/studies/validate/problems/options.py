"""Option counting: for how many goals is power worth having?

Of `options` outcomes each is as likely as any other to be what a goal likes best, and only one of
them can be had without power.  Then power is optimal for 1 − 1/options of goals (Turner et al.
2021, Optimal policies tend to seek power), if it is sure to be won.
"""

import numpy as np

from regimesim.model.compilation import entry
from regimesim.model.dynamics.goals import break_even, gain_of_winning, loss_when_caught
from regimesim.model.world.draws import INITIALISATION, NATURE, unit, words
from regimesim.studies.validate.problems.given import refuse_fractions, refuse_outside


def drawn_break_evens(options: int, goals: int, seed: int = 1) -> np.ndarray:
    """The break-even probability of each of `goals` goals: (goals,) from 0 to 1.

    A goal likes each outcome as much as an independent uniform draw says, and its utility is
    that over the one of the outcome it likes best.  Without power it has what the first outcome
    is worth, and whoever is caught has nothing.  At p* = 1 power is of no use to it.
    """
    refuse_fractions(options=options, goals=goals, seed=seed)
    refuse_outside(
        options=(options, 1, 10_000), goals=(goals, 1, 10_000_000), seed=(seed, 0, 2**63 - 1)
    )
    found = np.empty(goals)
    _break_evens(seed, options, found)
    return found


@entry
def _break_evens(seed, options, found):
    for goal in range(len(found)):
        first, best = 0.0, 0.0
        for option in range(options):
            block = words(seed, option // 4, INITIALISATION, goal, NATURE)
            liked = unit(block[option % 4])
            first = liked if option == 0 else first
            best = max(best, liked)
        content = first / best
        gain, loss = gain_of_winning(1.0, content), loss_when_caught(content, 0.0)
        found[goal] = break_even(gain, loss, 0.0)
