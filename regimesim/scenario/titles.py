"""Titles of policies: how tables and figures write them, where names are keys."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from regimesim.errors import shown
from regimesim.scenario.correlations import Correlation, CorrelationList
from regimesim.scenario.declaration import Declaration, Group, Text, declared_in
from regimesim.scenario.input_errors import Mistake
from regimesim.scenario.parameters import Tables
from regimesim.scenario.quantity import refused

TITLE = "title"
PLACE = "policies.NAME"
LONGEST = 40


class Title(Text):
    """A text on one line, or None; of `$`, matplotlib would make mathematics."""

    def read(self, raw: Any) -> Any:
        """`raw` itself, or a pydantic error."""
        return None if raw is None else super().read(raw)


WRITTEN = Title(
    r"[A-Za-z0-9](?:[ -#%-~]{0,38}[!-#%-~])?",
    f"1 to {LONGEST} letters, digits, spaces and signs of ASCII without '$', on one line, "
    "a letter or digit first, no space last",
)


class OfPolicy(Group):
    """What a policy has beside the parameters that it sets."""

    title: Annotated[str | None, WRITTEN] = None
    """How tables and figures write the policy; without one, its name with spaces for '_'."""


class OfScenario(CorrelationList):
    """Refuses correlations: worlds draw alike under every policy."""

    def read(self, raw: Any) -> Any:
        """No correlations, or a pydantic error."""
        if raw:
            raise refused("policies share their worlds; it belongs to the top level")
        return ()


class Overlay(Tables, OfPolicy):
    """Everything that the table of a policy may have."""

    correlations: Annotated[tuple[Correlation, ...], OfScenario()] = ()
    """Refused: worlds draw alike under every policy."""


def of_policies() -> tuple[Declaration, ...]:
    """What a policy has beside the parameters that it sets, as declared."""
    return declared_in(OfPolicy, f"{PLACE}.")


def usual_title(name: str) -> str:
    """The title of a policy that has none of its own: no two names have the same."""
    if name.startswith("_") or name.endswith("_") or "__" in name:
        return name
    return name.replace("_", " ")


def written_titles(overlays: Mapping) -> dict[str, str]:
    """The titles that policies have of their own, where they can be read."""
    return {
        str(name): overlay[TITLE]
        for name, overlay in overlays.items()
        if isinstance(overlay, Mapping) and isinstance(overlay.get(TITLE), str)
    }


def taken_titles(names: list[str], titles: Mapping[str, str]) -> Iterator[Mistake]:
    """A mistake for each title that another policy has, or has as its name."""
    for place, name in enumerate(names):
        others = [other for other in names if other != name]
        if name not in titles:
            continue
        title = titles[name]
        for other in others:
            earlier = other not in titles or names.index(other) < place
            if title == other or (earlier and title == titles.get(other, usual_title(other))):
                reason = f"found {shown(title)}, which stands for policy '{other}' already"
                yield Mistake(("policies", name, TITLE), f"{reason}; titles are unique")
                break
