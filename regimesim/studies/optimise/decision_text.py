"""The decision tables of what a search has chosen, for a terminal."""

from collections.abc import Iterator, Mapping

from regimesim.analysis import terminal
from regimesim.analysis.terminal import filled

STRICTEST = (
    "Of several that hold at once the strictest counts; one that holds again begins again. "
    "Incidents are those of the month before; systems that are replaced are trained afresh."
)
BEST, FIRST = "best", "front 1"


def decisions(content: Mapping) -> Iterator[str]:
    """The decision tables of policies that have events or responses: of the best policy, or the
    first of a front, and of others that are best in the worst case."""
    tables: dict[str, list] = {}
    chosen = content["decisions"]
    if BEST in chosen:
        tables["The best policy, to be followed:"] = chosen[BEST]
    else:
        tables["The first policy of the front, to be followed:"] = chosen[FIRST]
    policies = content.get("against", {}).get("policies", ())
    for place, one in enumerate(policies, 1):
        which = f", policy {place} of {len(policies)}" if len(policies) > 1 else ""
        if one["decisions"] not in tables.values():
            tables[f"Best in the worst case{which}:"] = one["decisions"]
    shown = {title: rows for title, rows in tables.items() if len(rows) > 1}
    for place, (title, rows) in enumerate(shown.items(), 1):
        lines = terminal.table(
            ("if", "for", "then"), [tuple(row[key] for key in row) for row in rows], words=True
        )
        note = [filled(STRICTEST)] if place == len(shown) else []
        yield "\n".join([title, *lines, *note])
