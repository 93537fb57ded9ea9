"""How a policy looks: its title, and one colour and one dash pattern in every figure of a run."""

import json
from itertools import chain
from typing import NamedTuple

from regimesim.analysis.present_months import PresentMonths
from regimesim.analysis.present_worlds import PresentWorlds
from regimesim.plots.style import DASHES, INKS


class Look(NamedTuple):
    """How a policy looks in the figures of a run.

    Attributes
    ----------
    title : str
        How it is written.
    ink : str
        Its colour.
    dash : str or tuple
        Its dash pattern, which differs from that of the policy before it, for grey print.
    """

    title: str
    ink: str
    dash: str | tuple


def looks_of(present: PresentWorlds | PresentMonths) -> dict[str, Look]:
    """The look of each policy of the worlds or the months of a run, by name.

    It follows the place of the policy in the scenario, so that a selection of policies, in any
    order, has the colours of the whole run.

    Parameters
    ----------
    present : PresentWorlds or PresentMonths
        What is there.
    """
    scenario = json.loads(present.attrs.get("scenario_json", "{}"))
    order = list(dict.fromkeys(chain(scenario.get("policies", ()), present.titles)))
    return {name: look(title, order.index(name)) for name, title in present.titles.items()}


def look(title: str, place: int) -> Look:
    """The look of the policy at a place of its scenario."""
    dash = DASHES[(place + place // len(INKS)) % len(DASHES)]
    return Look(title, INKS[place % len(INKS)], dash)
