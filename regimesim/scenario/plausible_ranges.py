"""The plausible range of every number that a policy can set, beside the range that is allowed.

What is allowed has a meaning; what is plausible is worth a test.  Studies and the live page vary
a parameter over its plausible range where no other is written.
"""

from collections.abc import Mapping

from regimesim.scenario.declaration import Declaration, Plausible
from regimesim.scenario.parameters import OUTSIDE_OF
from regimesim.scenario.plausible_development import DEVELOPMENT
from regimesim.scenario.plausible_oversight import OVERSIGHT

ANY = "*"  # in a key, in the place of the table of a safeguard
OUTSIDE = "outside"
PLAUSIBLE: Mapping[str, Plausible] = {**DEVELOPMENT, **OVERSIGHT}


def plausible(key: str) -> Plausible:
    """The plausible range of a number.

    Parameters
    ----------
    key : str
        The dotted name of a parameter, or of one number of a list, as in
        "paradigm.premium.paradigm 2".

    Returns
    -------
    Plausible
        Labs outside a policy have the ranges of those that adopt it.

    Raises
    ------
    KeyError
        For anything else: a setting of the run, a word, a value of an event.
    """
    first, _, rest = key.partition(".")
    for name in (key, f"{first}.{ANY}.{rest.partition('.')[2]}"):
        if name in PLAUSIBLE:
            return PLAUSIBLE[name]
    if first == OUTSIDE and rest in OUTSIDE_OF:
        return plausible(OUTSIDE_OF[rest])
    raise KeyError(key)


def plausible_parts(declared: Declaration) -> tuple[Plausible, ...]:
    """The plausible ranges of a declared parameter: one, or of a list those of its parts.

    Empty for what is no number of the model.
    """
    parts = getattr(declared.quantity, "parts", ())
    keys = [f"{declared.key}.{part}" for part in parts] or [declared.key]
    try:
        return tuple(map(plausible, keys))
    except KeyError:
        return ()
