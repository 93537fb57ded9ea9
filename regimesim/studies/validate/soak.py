"""The section of the page on the soak test, from the figures of its last campaign.

`python tests/soak --keep` writes these figures into `soak.json`.
"""

import json
from collections.abc import Mapping
from pathlib import Path

FIGURES = Path(__file__).with_name("soak.json")
BEGIN, END = "<!-- measured: begin -->\n", "<!-- measured: end -->\n"
SECTION = """\
## Soak test

`make soak` misuses regimesim systematically: scenario files mutated at random, commands killed at
random moments, damaged and foreign results, unusual paths, closed streams, full disks, two runs in
one folder, and requests that exceed the memory. Each case must give a valid run, or one sentence
per mistake and exit code 2. It must leave no traceback and no half-written file, and must not
damage complete results. The exit code of `make soak` is 1 if a case fails.
[architecture.md](architecture.md#tests) describes its design.

The table shows the last campaign of each part; `python tests/soak --keep` updates it. `kills` are
those before the end of their command; a later one is counted as "ended before" and repeated.

"""


def table(figures: Mapping[str, Mapping[str, int]]) -> str:
    """A table with a line per part of the campaign.

    Parameters
    ----------
    figures
        By part, the number of cases of each kind; "failed" is the number that failed.

    Returns
    -------
    str
        The table in Markdown.
    """
    lines = ["| part | failed | results |", "| --- | --- | --- |"]
    for part, counts in sorted(figures.items()):
        others = [f"{kind} {n:,}" for kind, n in sorted(counts.items()) if kind != "failed"]
        lines.append(f"| {part} | {counts.get('failed', 0)} | {', '.join(others)} |")
    return "\n".join(lines) + "\n"


def block(figures: Mapping[str, Mapping[str, int]]) -> str:
    """The table between the marks that a campaign replaces on the page."""
    return f"{BEGIN}\n{table(figures)}\n{END}"


def section() -> str:
    """The section of the page, with the figures of `soak.json`."""
    return SECTION + block(json.loads(FIGURES.read_text(encoding="utf-8")))
