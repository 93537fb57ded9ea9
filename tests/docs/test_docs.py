"""The pages in docs are complete, and their links lead somewhere."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import typer

import regimesim
from regimesim.analysis.estimand_table import ESTIMANDS
from regimesim.cli import app
from regimesim.model.world import draws
from regimesim.scenario.declaration import ASSUMPTION, declared_in
from regimesim.scenario.parameter_reference import default_text
from regimesim.scenario.parameters import Tables, declarations

DOCS = Path(__file__).parents[2] / "docs"
PAGES = sorted(DOCS.glob("*.md"))
README = DOCS.parent / "README.md"
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
    listed = re.findall(r"^\| ([a-z_]+) \| (\d+) \|", text.split("\n## ")[0], re.M)
    numbers = {name.lower(): value for name, value in vars(draws).items() if name.isupper()}
    purposes = {n: int(v) for n, v in numbers.items() if isinstance(v, np.int64) and v > 0}
    assert {name: int(number) for name, number in listed} == purposes


@pytest.mark.parametrize("room", ROOMS)
def test_the_architecture_page_names_every_room(room):
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    assert re.search(rf"(^|\W){re.escape(room)}\W", text)


def test_the_architecture_page_names_files_that_exist():
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    package = DOCS.parent / "regimesim"
    paths = set(re.findall(r"`([\w.-]+/[\w./-]+|\w+\.(?:py|toml))`", text))
    paths = {path for path in paths if not path.startswith(("studies/NAME", "outputs/"))}
    parts = "cli.py", "question.py", "compute.py", "text.py", "figure.py"  # of any study
    homes = (DOCS.parent, package, package / "sweeps", package / "studies" / "validate")
    assert len(paths) > 30
    missing = {path for path in paths if not any((home / path).exists() for home in homes)}
    assert missing <= set(parts)


def test_the_architecture_page_counts_packages_floors_and_arrows():
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    script = [sys.executable, DOCS.parent / ".ci" / "structure"]
    printed = subprocess.run(script, capture_output=True, text=True, check=True).stdout
    numbers = re.findall(r"\d+", printed)
    counted = r"(\d+) packages on (\d+) floors, with (\d+) arrows"
    assert re.search(counted, text).groups() == tuple(numbers)


def test_no_room_hides_what_the_package_exports():
    assert not {room.removesuffix(".py") for room in ROOMS} & set(regimesim.__all__)


def documented():
    """The names that the page of the Python functions documents."""
    text = (DOCS / "api.md").read_text(encoding="utf-8")
    return re.findall(r"^\.\. auto\w+:: ([\w.]+)(?:\(\))?$", text, re.M)


def test_the_page_of_python_documents_every_exported_name():
    exported = {*regimesim.__all__} - {"__version__", "figures"}
    assert sorted(name for name in documented() if "." not in name) == sorted(exported)
    assert "regimesim.studies.plot.figures" in documented()


def test_the_page_of_studies_names_every_command():
    text = (DOCS / "studies.md").read_text(encoding="utf-8")
    missing = [
        command.callback.__name__
        for command in app.registered_commands
        if f"`{command.callback.__name__}`" not in text
    ]
    assert missing == []


def commands_on(page):
    """(name, the rest of the line) of every command in a block of code of a page."""
    text = page.read_text(encoding="utf-8").replace("\\\n", " ")
    code = re.findall(r"```\w*\n(.*?)```", text, re.S) + re.findall(r"^    .*$", text, re.M)
    line = r"^\s*(?:\$ )?(?:\.venv/bin/)?regimesim +([a-z]+)(.*)$"
    return [command for block in code for command in re.findall(line, block, re.M)]


def test_commands_on_pages_have_the_options_that_they_use():
    commands = typer.main.get_command(app).commands
    shown = [one for page in (README, *PAGES) for one in commands_on(page)]
    wrong = []
    for name, rest in shown:
        parameters = commands[name].params
        options = {option for one in parameters for option in (*one.opts, *one.secondary_opts)}
        used = set(re.findall(r"(?<!\S)\[?(--[a-z-]+)", rest.partition("  #")[0]))
        wrong += [f"regimesim {name}{rest}"] if used - options else []
    assert len(shown) > 40 and wrong == []


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
