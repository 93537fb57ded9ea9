"""Red-team exercises: how overseers come to believe anything about their catch rate."""

from regimesim.compiled import equation
from regimesim.world.draws import EXERCISE, unit, words


@equation
def exercises_caught(seed, month, number, exercises, caught_chance):
    """How many of a month's exercises are caught, each with `caught_chance`."""
    caught = 0.0
    for first in range(0, int(exercises), 4):
        block = words(seed, first // 4, month + 1, number, EXERCISE)
        for k in range(4):
            if first + k < exercises and unit(block[k]) < caught_chance:
                caught += 1.0
    return caught


@equation
def remembered(count, memory, new):
    """A parameter of the Beta belief after a month: old evidence fades, new is added."""
    return 1.0 + (count - 1.0) * memory + new


@equation
def believed_catch_rate(caught_belief, missed_belief):
    """Mean of the Beta belief, A/(A + B)."""
    return caught_belief / (caught_belief + missed_belief)


__all__ = ["believed_catch_rate", "exercises_caught", "remembered"]
