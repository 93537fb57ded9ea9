"""The amount of work in a run, and durations in words."""

import numpy as np

# Work is counted in thousands of system-months.
A_SECOND = 15_000  # approximately, of one core


OVERHEAD = 5  # systems that take as long as the rest of a world


def weigh(systems, months, policies: int):
    """The work of one world under all policies; arrays broadcast."""
    return (np.asarray(systems, float) + OVERHEAD) * np.asarray(months, float) * policies / 1000


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
