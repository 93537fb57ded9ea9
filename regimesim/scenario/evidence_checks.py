"""Whether evidence fits a scenario, and itself: its policy, its months, its numbers."""

from collections.abc import Iterator, Mapping

from regimesim.errors import nearest, shown
from regimesim.scenario.dates import months_later
from regimesim.scenario.evidence import KINDS, Evidence, EvidenceTable, labelled
from regimesim.scenario.evidence_contradictions import contradictions
from regimesim.scenario.evidence_items import Item
from regimesim.scenario.input_errors import Mistake, read
from regimesim.scenario.parameters import active

EVIDENCE = "evidence"


def read_evidence(raw, run, policies: Mapping) -> tuple[Evidence | None, list[Mistake]]:
    """The evidence of a table, or None and every mistake in it.

    Parameters
    ----------
    raw : mapping
        The table [evidence].
    run : Settings
        The settings of the scenario: its start, months, labs and systems.
    policies : mapping of str to Tables
        The policies of the scenario.
    """
    if not isinstance(raw, Mapping):
        return None, [Mistake((EVIDENCE,), f"found {shown(raw)}; allowed is a table [evidence]")]
    table, mistakes = read(EvidenceTable, raw)
    if table is None:
        return None, [Mistake((EVIDENCE, *one.path), one.reason) for one in mistakes]
    mistakes = [Mistake((EVIDENCE, *path), why) for path, why in _unfit(table, run, policies)]
    if mistakes:
        return None, mistakes
    listed = list(labelled(table))
    policy = table.policy or next(iter(policies))
    return (
        Evidence(
            policy,
            {label: item for label, _, item in listed},
            {label: kind for label, kind, _ in listed},
        ),
        [],
    )


def beyond_the_end(evidence: Evidence, run) -> Iterator[str]:
    """A sentence for each item that is about months after the end of the run.

    A shorter run of the same file reads no evidence, so this is no mistake in the file.
    """
    for label, item in evidence.items.items():
        last = item.last(run.start)
        if last is not None and last >= run.months:
            end, at = (months_later(run.start, month) for month in (run.months - 1, last))
            yield f"{label}: found {shown(at)}; the run ends in {end}"


def _unfit(table: EvidenceTable, run, policies) -> Iterator[tuple[tuple[str, ...], str]]:
    """(path, reason) of everything that does not fit the scenario, or contradicts itself."""
    if not any(getattr(table, kind) for kind in KINDS):
        yield (), f"found nothing that was seen; allowed are {', '.join(KINDS)}"
    yield from _policy(table.policy, policies)
    numbers = [*_spans(table, run), *_sizes(table, run)]
    yield from numbers
    if not numbers:
        yield from contradictions(table, run)
    tables = policies.get(table.policy or next(iter(policies), ""))
    if tables is not None:
        yield from _of_policy(table, tables)


def _spans(table: EvidenceTable, run) -> Iterator[tuple[tuple[str, ...], str]]:
    for kind in KINDS:
        items = getattr(table, kind)
        for number, item in enumerate(items, 1):
            place = f"number {number}: " if len(items) > 1 else ""
            yield from (((kind,), place + why) for why in _months(item, run))


def _policy(name: str, policies) -> Iterator[tuple[tuple[str, ...], str]]:
    if not name and len(policies) > 1:
        named = ", ".join(policies)
        yield ("policy",), f"missing; name the policy in force while this was seen: {named}"
    if name and name not in policies:
        close = nearest(name, policies)
        yield ("policy",), f"found {shown(name)}; no policy of that name; the nearest is '{close}'"


def _months(item: Item, run) -> Iterator[str]:
    """Why the months of an item lie outside the run, or in the wrong order."""
    first, last = item.first(run.start), item.last(run.start)
    if first is not None and first < 0:
        word = "since" if getattr(item, "since", "") else "on"
        at = shown(months_later(run.start, first))
        yield f"{word}: found {at}; the run starts in {run.start}"
    elif last is not None and last < 0:
        yield f"until: found {shown(months_later(run.start, last))}; the run starts in {run.start}"
    elif first is not None and last is not None and last < first:
        yield f"until: found {shown(months_later(run.start, last))}; since is later"


def _sizes(table: EvidenceTable, run) -> Iterator[tuple[tuple[str, ...], str]]:
    for item in table.paradigms:
        if sum(item.labs) != run.labs:
            labs = f"{run.labs} lab{'s' if run.labs > 1 else ''}"
            yield ("paradigms",), f"labs: found {sum(item.labs)} labs in all; a world has {labs}"
    for alarms in table.alarms:
        span = len(alarms.span(run.start))
        if (alarms.months or 0) > span > 0:
            yield ("alarms",), f"months: found {alarms.months}; there are {span} months in all"
    for strikes in table.strikes_seen:
        most = max(len(strikes.span(run.start)), 1) * run.systems
        if (strikes.count or 0) > most:
            reason = f"count: found {strikes.count:,}; {run.systems} systems make at most {most:,}"
            yield ("strikes_seen",), f"{reason} strikes by then"


def _of_policy(table: EvidenceTable, tables) -> Iterator[tuple[tuple[str, ...], str]]:
    """What cannot be seen under the policy."""
    on = active(tables)
    if table.alarms and not on["evaluations"]:
        yield ("alarms",), "the policy has no evaluations, which raise alarms"
    for item in table.monitor:
        if not on[item.monitor]:
            yield ("monitor",), f"monitor: found {shown(item.monitor)}; the policy does not use it"
        elif getattr(tables.oversight, item.monitor).curve == "elo":
            yield ("monitor",), f"monitor: {item.monitor} has the curve elo, without a threshold"
