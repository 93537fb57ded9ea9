"""What an attacker does, in words."""

from collections.abc import Iterable

from regimesim.analysis.formatting import listed
from regimesim.studies.attacker import EVENLY, NOBODY, TARGET

# By choice: what systems do where it is above the scenario's value, and where it is below.
CONDUCT = {
    "cognition.patience": (
        "wait longer for better odds",
        "strike sooner instead of waiting for better odds",
    ),
    "cognition.audit_sight": (
        "look at each month's audits before they act",
        "go by the announced audit budget",
    ),
    "cognition.sandbagging": (
        "understate their capability further in evaluations",
        "show more of their capability in evaluations",
    ),
    "conduct.coordination": (
        "join each other's strikes more often",
        "join each other's strikes less often",
    ),
    "conduct.feint_rate": (
        "stage more coups that are meant to be caught",
        "stage fewer coups that are meant to be caught",
    ),
    "takeover.collusion": ("help their allies more", "help their allies less"),
}
EVASION = {
    "control": "get their kind, which monitors them, to look away",
    "cot_monitor": "hide their reasoning from the chain-of-thought monitor",
    "interpretability": "hide their internal states from the probe",
    "honeypots": "learn to see through honeypots earlier",
    EVENLY: "hide a little from every safeguard that can be evaded",
}


def conduct(name: str, own: float | str, value: float | str) -> str:
    """What systems do by one choice.

    Parameters
    ----------
    name : str
        The key of a parameter, or the target.
    own, value : float or str
        The scenario's value, of a distribution its median, and the attacker's.
    """
    if name == TARGET:
        return EVASION[str(value)]
    if value == own:  # of a distribution, in whose place it stands
        return f"have {short(name)} {shown(value)} in every world"
    is_more = float(value) > float(own)
    if name in CONDUCT:
        return f"{CONDUCT[name][0 if is_more else 1]} ({short(name)} {shown(value)})"
    return f"have {name} at {shown(value)}"


def conducts(choices: Iterable[tuple[str, float | str, float | str]]) -> str:
    """What systems do by several choices, in one clause; all of them are named."""
    parts = [conduct(*one) for one in choices]
    return listed(parts, max(len(parts), 1)) if parts else "do what the scenario says"


def short(name: str) -> str:
    """A choice by its last name: "coordination"."""
    return name.rpartition(".")[2].replace("_", " ")


def shown(value: float | str) -> str:
    """A value of a choice in a table or a sentence."""
    if isinstance(value, str):
        return "nobody" if value == NOBODY else value.replace("_", " ")
    return f"{value:.3g}"
