"""How a policy looks: its title, and one colour and one dash pattern in every figure."""

import json
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from regimesim.analysis.present_months import PresentMonths
from regimesim.analysis.present_worlds import PresentWorlds
from regimesim.plots.style import DASHES, INKS
from regimesim.scenario.titles import usual_title


class Look(NamedTuple):
    """How a policy looks in every figure of a scenario.

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

    It follows the place of the policy in the file of the scenario, so that a selection of
    policies, in any order, has the colours of all.

    Parameters
    ----------
    present : PresentWorlds or PresentMonths
        What is there.
    """
    return looks(present.titles, order_in(present.attrs))


def order_in(attrs: Mapping) -> list[str]:
    """The names of all policies of a scenario, from the attributes of a dataset."""
    return list(json.loads(attrs.get("titles_json", "{}")))


def looks_in(content: Mapping, policies: Iterable[str]) -> dict[str, Look]:
    """The look of some policies of a study, by name.

    Parameters
    ----------
    content : mapping
        What the study has saved; its `titles` are those of all policies of the scenario, in
        the order of its file.
    policies : iterable of str
        Their names.
    """
    known = content.get("titles", {})
    return looks({name: known.get(name, usual_title(name)) for name in policies}, known)


def looks(titles: Mapping[str, str], order: Iterable[str]) -> dict[str, Look]:
    """The look of each policy, by name.

    Parameters
    ----------
    titles : mapping
        The titles, by the name of the policy.
    order : iterable of str
        The names of all policies of the scenario; others come after these.
    """
    places = {name: place for place, name in enumerate(dict.fromkeys([*order, *titles]))}
    return {name: _look(title, places[name]) for name, title in titles.items()}


def _look(title: str, place: int) -> Look:
    """The look of the policy at a place of its scenario."""
    dash = DASHES[(place + place // len(INKS)) % len(DASHES)]
    return Look(title, INKS[place % len(INKS)], dash)
