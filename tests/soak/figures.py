"""The figures of the campaign: kept as JSON, and shown on the page of the documents."""

import json
from pathlib import Path

from regimesim.studies.validate.soak import BEGIN, END, FIGURES, block

PAGE = Path(__file__).parents[2] / "docs" / "validation.md"


def keep(part: str, counts, figures: Path = FIGURES, page: Path = PAGE) -> None:
    """Replace the figures of a part, in the file and on the page."""
    kept = json.loads(figures.read_text()) if figures.exists() else {}
    kept[part] = dict(counts)
    figures.write_text(json.dumps(kept, indent=2, sort_keys=True) + "\n")
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    text = before + block(kept) + rest.partition(END)[2]
    page.write_text(text, encoding="utf-8")
