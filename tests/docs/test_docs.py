"""The pages in docs are complete, and their links lead somewhere."""

import re
from pathlib import Path

import numpy as np
import pytest

import regimesim
from regimesim.analysis.estimand_table import ESTIMANDS
from regimesim.cli import app
from regimesim.model.world import draws
from regimesim.scenario.declaration import ASSUMPTION, declared_in
from regimesim.scenario.parameter_reference import default_text
from regimesim.scenario.parameters import Tables, declarations

DOCS = Path(__file__).parents[2] / "docs"
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


def test_the_model_page_lists_every_purpose_of_a_draw():
    text = (DOCS / "odd.md").read_text(encoding="utf-8").split("\n## Draws\n")[1]
    listed = re.findall(r"^\| ([a-z]+) \| (\d+) \|", text.split("\n## ")[0], re.M)
    numbers = {name.lower(): value for name, value in vars(draws).items() if name.isupper()}
    purposes = {n: int(v) for n, v in numbers.items() if isinstance(v, np.int64) and v > 0}
    assert {name: int(number) for name, number in listed} == purposes


@pytest.mark.parametrize("room", ROOMS)
def test_the_architecture_page_names_every_room(room):
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    assert re.search(rf"(^|\W){re.escape(room)}\W", text)


def test_no_room_hides_what_the_package_exports():
    assert not {room.removesuffix(".py") for room in ROOMS} & set(regimesim.__all__)


def documented():
    """The names that the page of the Python functions documents."""
    text = (DOCS / "api.md").read_text(encoding="utf-8")
    return re.findall(r"^\.\. auto\w+:: ([\w.]+)$", text, re.M)


def test_the_page_of_python_documents_every_exported_name():
    exported = {*regimesim.__all__} - {"__version__", "figures"}
    assert sorted(documented()) == sorted({*exported, "regimesim.studies.plot.figures"})


def test_the_page_of_studies_names_every_command():
    text = (DOCS / "studies.md").read_text(encoding="utf-8")
    missing = [
        command.callback.__name__
        for command in app.registered_commands
        if f"`{command.callback.__name__}`" not in text
    ]
    assert missing == []


def test_the_page_of_figures_names_every_figure():
    text = (DOCS / "figures.md").read_text(encoding="utf-8")
    assert [name for name in regimesim.figures.FIGURES if f"`{name}`" not in text] == []


def test_the_page_of_methods_names_every_estimand():
    text = (DOCS / "methods.md").read_text(encoding="utf-8").replace("`…", "`")
    names = set(re.findall(r"`(\w+)`", text.split("\n## Intervals\n")[0]))
    assert [name for name in ESTIMANDS if not names & {name, re.sub(r"^\w+?_", "_", name)}] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if target.startswith("https://"):
            continue
        place, _, name = target.partition("#")
        if name.startswith("regimesim."):  # of the page of the Python functions, in the site
            assert name.removeprefix("regimesim.") in documented()
            continue
        linked = page.parent / place if place else page
        assert linked.exists(), target
        if name:
            headings = re.findall(r"^#+ (.*)$", linked.read_text(encoding="utf-8"), re.M)
            assert name in map(anchor, headings), target


def rows(heading):
    """{key: [cells]} of the table of parameters below a heading of the page of assumptions."""
    text = (DOCS / "assumptions.md").read_text(encoding="utf-8")
    section = text.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    cells = [line.strip("| ").split(" | ") for line in section.splitlines() if line[:3] == "| `"]
    return {first.strip("`"): others for first, *others in cells}


def test_the_page_of_assumptions_has_the_status_that_each_parameter_declares():
    form, chosen = "form: ", "chosen for each run"
    declared = {entry.key: entry for entry in declarations()}
    by_status = {"Calibrated": {}, "Of a published form": {}}
    for key, entry in declared.items():
        source = entry.quantity.source
        if source == chosen:
            assert not entry.table
        elif source != ASSUMPTION:
            heading = "Of a published form" if source.startswith(form) else "Calibrated"
            by_status[heading][key] = [f"`{default_text(entry)}`", source]
    for heading, wanted in by_status.items():
        assert wanted and rows(heading) == wanted
    assert set(rows("Group by group")) == set(Tables.model_fields)
    calibrated = {key.split(".")[0] for key in by_status["Calibrated"]}
    for group, (what, _) in rows("Group by group").items():
        assert (what != "nothing") == (group in calibrated)
