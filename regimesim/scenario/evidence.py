"""Evidence: what has been seen so far, as a table of a file.

A table [evidence] names the policy under which it was gathered, and has a table for each kind of
evidence (`regimesim.scenario.evidence_items`), or a list of tables where something was seen
several times.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from regimesim.errors import dotted, shown
from regimesim.scenario.declaration import Distribution, Group, Text, plain
from regimesim.scenario.evidence_items import (
    SEEN,
    Alarms,
    Exercises,
    Honeypots,
    Horizon,
    Item,
    MonitorMeasured,
    NoTakeover,
    Paradigms,
    StoryIncidents,
    StrikesSeen,
)
from regimesim.scenario.policies import POLICY_NAME
from regimesim.scenario.quantity import refused

MOST_ITEMS = 100  # of one kind


@dataclass(frozen=True)
class ItemList:
    """One table of a kind of evidence, or a list of them."""

    group: type[Item]
    kind = "items"
    unit = ""
    source = SEEN
    range = "a table, or a list of tables"

    def read(self, raw: Any) -> tuple[Item, ...]:
        """The items of `raw`, or a pydantic error that names the key."""
        listed = list(raw) if isinstance(raw, list | tuple) else [raw]
        if not all(isinstance(item, Mapping | Item) for item in listed):
            raise refused(f"found {shown(raw)}; allowed is {self.range}")
        if len(listed) > MOST_ITEMS:
            raise refused(f"found {len(listed)} tables; allowed are at most {MOST_ITEMS}")
        several = len(listed) > 1
        return tuple(
            self._item(item, f"number {number}: " if several else "")
            for number, item in enumerate(listed, 1)
        )

    def _item(self, raw: Mapping | Item, place: str) -> Item:
        from regimesim.scenario.input_errors import read

        item, mistakes = read(self.group, plain(raw) if isinstance(raw, Item) else raw)
        if item is None:
            reasons = (f"{place}{dotted(m.path)}: {m.reason}" for m in mistakes)
            raise refused("; ".join(reasons))
        return item

    def __get_pydantic_core_schema__(self, _annotated, _handler):
        from pydantic_core import core_schema

        return core_schema.no_info_plain_validator_function(self.read)


class EvidenceTable(Group):
    """What has been seen so far; `regimesim update` reads it, and a run reads none of it."""

    policy: Annotated[str, Text(f"|{POLICY_NAME.pattern}", "the name of a policy")] = ""
    """The policy in force while it was seen; needed where there are several."""

    no_takeover: Annotated[tuple[NoTakeover, ...], ItemList(NoTakeover)] = ()
    strikes_seen: Annotated[tuple[StrikesSeen, ...], ItemList(StrikesSeen)] = ()
    story_incidents: Annotated[tuple[StoryIncidents, ...], ItemList(StoryIncidents)] = ()
    horizon: Annotated[tuple[Horizon, ...], ItemList(Horizon)] = ()
    exercises: Annotated[tuple[Exercises, ...], ItemList(Exercises)] = ()
    honeypots: Annotated[tuple[Honeypots, ...], ItemList(Honeypots)] = ()
    alarms: Annotated[tuple[Alarms, ...], ItemList(Alarms)] = ()
    paradigms: Annotated[tuple[Paradigms, ...], ItemList(Paradigms)] = ()
    monitor: Annotated[tuple[MonitorMeasured, ...], ItemList(MonitorMeasured)] = ()


KINDS = tuple(name for name in EvidenceTable.model_fields if name != "policy")


@dataclass(frozen=True)
class Evidence:
    """Evidence that was read and checked.

    Attributes
    ----------
    policy : str
        The policy in force while it was gathered.
    items : dict of str to Item
        What was seen, by a label; in the order of `KINDS`.
    kinds : dict of str to str
        The kind of each, by the same label.
    """

    policy: str
    items: dict[str, Item]
    kinds: dict[str, str]

    def months(self, start: str) -> int:
        """The number of months from the start that it is about."""
        return 1 + max((item.last(start) or 0 for item in self.items.values()), default=0)

    def plain(self) -> dict:
        """As it would be written in a file."""
        tables: dict[str, list] = {}
        for label, item in self.items.items():
            tables.setdefault(self.kinds[label], []).append(_written(item))
        return {"policy": self.policy, **tables}


def labelled(table: EvidenceTable) -> Iterator[tuple[str, str, Item]]:
    """(label, kind, item) of everything in a table; a label that comes again gets a number."""
    seen: dict[str, int] = {}
    for kind in KINDS:
        for item in getattr(table, kind):
            label = item.label()
            seen[label] = seen.get(label, 0) + 1
            yield (label if seen[label] == 1 else f"{label} ({seen[label]})"), kind, item


def _written(item: Item) -> dict:
    """An item with the values that are not left out."""
    written = {}
    for name, field in type(item).model_fields.items():
        value = getattr(item, name)
        if value != field.default:
            written[name] = plain(value) if isinstance(value, Distribution | tuple) else value
    return written
