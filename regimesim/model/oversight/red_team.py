"""Red-team exercises: the evidence from which overseers infer their catch rate."""

from regimesim.model.compilation import equation
from regimesim.model.world.draws import EXERCISE, unit, words


@equation
def exercises_caught(seed, month, number, first, exercises, caught_chance):
    """How many of the four exercises from `first` on are caught, each with `caught_chance`;
    there are `exercises` in all this month. Eq. 7.8.1."""
    block = words(seed, first // 4, month + 1, number, EXERCISE)
    one = 1.0 if first < exercises and unit(block[0]) < caught_chance else 0.0
    two = 1.0 if first + 1 < exercises and unit(block[1]) < caught_chance else 0.0
    three = 1.0 if first + 2 < exercises and unit(block[2]) < caught_chance else 0.0
    four = 1.0 if first + 3 < exercises and unit(block[3]) < caught_chance else 0.0
    return one + two + three + four


@equation
def remembered(count, memory, new):
    """A parameter of the Beta belief after a month: old evidence fades, new is added.
    Eqs. 7.8.2 and 7.8.3."""
    return 1.0 + (count - 1.0) * memory + new


@equation
def believed_catch_rate(caught_belief, missed_belief):
    """Mean of the Beta belief, A/(A + B). Eq. 7.8.5."""
    return caught_belief / (caught_belief + missed_belief)


__all__ = ["believed_catch_rate", "exercises_caught", "remembered"]
