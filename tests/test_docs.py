"""The pages in docs are complete, and their links lead somewhere."""

import re
from pathlib import Path

import pytest

from regimesim.declared import declared_in
from regimesim.world.parameters import Tables

DOCS = Path(__file__).parents[1] / "docs"
PAGES = sorted(DOCS.glob("*.md"))
ROOMS = sorted(
    path.name
    for path in (DOCS.parent / "regimesim").iterdir()
    if (path.suffix == ".py" and not path.name.startswith("__")) or (path / "__init__.py").exists()
)


def anchor(heading):
    """The name that a heading is linked by."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


def test_the_model_page_names_every_parameter():
    text = (DOCS / "odd.md").read_text(encoding="utf-8")
    words = set(re.findall(r"\w+", text))
    missing = [entry.key for entry in declared_in(Tables) if entry.name not in words]
    assert missing == []


@pytest.mark.parametrize("room", ROOMS)
def test_the_architecture_page_names_every_room(room):
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    assert re.search(rf"(^|\W){re.escape(room)}\W", text)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        place, _, name = target.partition("#")
        linked = page.parent / place if place else page
        assert linked.exists(), target
        if name:
            headings = re.findall(r"^#+ (.*)$", linked.read_text(encoding="utf-8"), re.M)
            assert name in map(anchor, headings), target
