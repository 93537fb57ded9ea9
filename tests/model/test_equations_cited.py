"""The equations of the description of the model and the code that computes them cite each other.

On the page, `docs/odd.md`, an equation carries a number such as (7.2.3), which says its section;
in the code, `Eq. 7.2.3` or `Eqs. 7.2.3 and 7.2.4` stands in a function that computes it."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

HOME = Path(__file__).parents[2]
PAGE = (HOME / "docs" / "odd.md").read_text(encoding="utf-8")
NUMBER = r"(?:\d|D)(?:\.\d+)+"
NUMBERED = re.compile(rf"^ {{4}}.*\S +\(({NUMBER})\)$", re.M)
HEADING = re.compile(r"^#+ (?:(\d(?:\.\d)?) |(D)raws$)", re.M)
CITATION = re.compile(rf"\bEqs?\.\s+((?:{NUMBER}(?:,\s+|\s+and\s+|\s+to\s+)?)+)")
SECTION = re.compile(r"(?<=\s)\((7\.\d)[:),]")
CODE = sorted((HOME / "regimesim").rglob("*.py"))
TWIN = sorted((HOME / "tests").glob("twin*.py"))
EQUATIONS = [
    *sorted((HOME / "regimesim" / "model" / "dynamics").glob("*.py")),
    *sorted((HOME / "regimesim" / "model" / "oversight").glob("*.py")),
]


def numbers_of_the_page():
    """The number of every equation, in the order of the page."""
    return NUMBERED.findall(PAGE)


def cited(text):
    """Every number that a text cites; `Eqs. 7.2.4 to 7.2.8` cites all five."""
    found = []
    for listed in CITATION.findall(text):
        for first, last in re.findall(rf"({NUMBER})(?:\s+to\s+({NUMBER}))?", listed):
            section, _, begin = first.rpartition(".")
            end = last.rpartition(".")[2] or begin
            found += [f"{section}.{k}" for k in range(int(begin), int(end) + 1)]
    return found


def functions(path):
    """(name, source with comments, decorators) of every function of a file."""
    source = path.read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            decorators = [ast.unparse(decorator) for decorator in node.decorator_list]
            yield node.name, ast.get_source_segment(source, node), decorators


def test_equations_are_numbered_by_section_in_the_order_of_the_page():
    place, expected = None, []
    for line in PAGE.splitlines():
        if heading := HEADING.match(line):
            place, count = heading[1] or heading[2], 0
        if NUMBERED.match(line):
            count += 1
            expected.append(f"{place}.{count}")
    found = numbers_of_the_page()
    assert found == expected and len(set(found)) == len(found) > 80


def test_every_line_of_the_submodels_that_sets_something_belongs_to_a_numbered_equation():
    """An equation may go on for some lines, and stands in a block that ends with its number."""
    submodels = PAGE.split("\n## 7 Submodels\n")[1].split("\n## 8 Observation\n")[0]
    blocks = re.findall(r"\n\n((?: {4}.*\n(?:\n(?= {4}))?)+)", submodels)
    assert len(blocks) > 15
    for block in blocks:
        for line in block.splitlines():
            if re.match(r" {4}\S+ +(=|←) ", line):
                rest = block[block.index(line) :]
                assert NUMBERED.search(rest), f"without a number: {line}"


@pytest.mark.parametrize("path", [*CODE, *TWIN], ids=lambda path: path.name)
def test_every_equation_and_section_that_is_cited_exists(path):
    text = path.read_text(encoding="utf-8")
    assert set(cited(text)) <= set(numbers_of_the_page())
    assert set(SECTION.findall(text)) <= {heading[0] for heading in HEADING.findall(PAGE)}


@pytest.mark.parametrize("files", [CODE, TWIN], ids=["package", "twin"])
def test_every_equation_of_the_submodels_is_cited_by_a_function(files):
    found = Counter()
    for path in files:
        for _, source, _ in functions(path):
            found.update(set(cited(source)))
    wanted = [n for n in numbers_of_the_page() if files is CODE or n[0] == "7"]
    assert [number for number in wanted if not found[number]] == []


@pytest.mark.parametrize("path", EQUATIONS, ids=lambda path: path.stem)
def test_every_equation_of_the_code_cites_its_number(path):
    without = [
        name
        for name, source, decorators in functions(path)
        if "equation" in decorators and not name.startswith("_") and not cited(source)
    ]
    assert without == []


def test_citations_are_read_as_they_are_written():
    text = "Eq. 7.2.1. Eqs. 7.3.1, 7.3.2 and D.4. Eqs. 7.2.4 to 7.2.6 and 8.1; Eq.\n    5.2"
    assert cited(text) == [
        *("7.2.1", "7.3.1", "7.3.2", "D.4", "7.2.4", "7.2.5", "7.2.6", "8.1", "5.2"),
    ]
