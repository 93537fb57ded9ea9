"""The amount of work in a run, its stages, and durations in words."""

import numpy as np

# Work is counted in thousands of system-months.
A_SECOND = 15_000  # approximately, of one core


OVERHEAD = 5  # systems that take as long as the rest of a world

# Where results depend on a number of worlds, it is a multiple of GRAIN: the same on every
# machine, whatever the columns of its tiles.
GRAIN = 16
FIRST = 5 * A_SECOND  # work of the first stage of a study
FEWEST, TIMES = GRAIN, 4  # worlds of that stage at least, and how many times more the next has


def weigh(systems, months, policies: float):
    """The work of one world under all policies; arrays broadcast."""
    return (np.asarray(systems, float) + OVERHEAD) * np.asarray(months, float) * policies / 1000


def stages(worlds: int, work: float) -> tuple[int, ...]:
    """The numbers of worlds at which a study has an answer: few at first, in the end all.

    The first stage takes some seconds, and each later one has four times as many worlds.  The
    numbers follow from the work alone, so they are the same on every machine.

    Parameters
    ----------
    worlds : int
        The number of worlds of the last stage.
    work : float
        The work of one world, in all that the study runs in it.
    """
    number, numbers = max(int(FIRST / work) // GRAIN * GRAIN, FEWEST), []
    while 3 * number <= 2 * worlds:  # a stage of nearly all worlds says nothing new
        numbers.append(number)
        number *= TIMES
    return (*numbers, worlds)


def begins(work: float) -> bool:
    """Whether so much work takes as long as the first stage of a study."""
    return work >= FIRST


UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


def duration(seconds: float) -> str:
    """A duration in one or two units, as in "2 hours 5 minutes"."""
    seconds = max(round(seconds), 1)
    place = next(k for k, (size, _) in enumerate(UNITS) if seconds >= size)
    parts, rest = [], seconds
    for size, unit in UNITS[place : place + 2]:
        count, rest = divmod(rest, size)
        if count:
            parts.append(_many(count, unit))
    return " ".join(parts)


def _many(count: int, one: str, several: str | None = None) -> str:
    return f"{count:,} {one if count == 1 else several or one + 's'}"
