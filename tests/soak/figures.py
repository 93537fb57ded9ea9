"""The campaign's last figures: kept in last.json, and told between the marks of a page."""

import json
from pathlib import Path

LAST = Path(__file__).with_name("last.json")
PAGE = Path(__file__).parents[2] / "docs" / "soak.md"
BEGIN, END = "<!-- measured: begin -->\n", "<!-- measured: end -->\n"


def table(figures: dict[str, dict[str, int]]) -> str:
    """A line a part: how many cases failed, and how often what came of the others."""
    lines = ["| part | failed | what came |", "| --- | --- | --- |"]
    for part, counts in sorted(figures.items()):
        came = [f"{what} {n:,}" for what, n in sorted(counts.items()) if what != "failed"]
        lines.append(f"| {part} | {counts.get('failed', 0)} | {', '.join(came)} |")
    return "\n".join(lines) + "\n"


def keep(part: str, counts, last: Path = LAST, page: Path = PAGE) -> None:
    """Put the figures of a part in the place of its former ones, in the file and on the page."""
    figures = json.loads(last.read_text()) if last.exists() else {}
    figures[part] = dict(counts)
    last.write_text(json.dumps(figures, indent=2, sort_keys=True) + "\n")
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    text = f"{before}{BEGIN}\n{table(figures)}\n{END}{rest.partition(END)[2]}"
    page.write_text(text, encoding="utf-8")
