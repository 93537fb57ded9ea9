"""One word for one idea: names and texts use no word that the glossary lists as retired."""

import ast
import json
import re
import tokenize
from pathlib import Path

import pytest

HOME = Path(__file__).parents[2]
GLOSSARY = (HOME / "docs" / "glossary.md").read_text(encoding="utf-8")
PACKAGE = sorted((HOME / "regimesim").rglob("*.py"))
PAGES = [HOME / "README.md", *sorted((HOME / "docs").glob("*.md"))]
NOTEBOOKS = sorted((HOME / "notebooks").glob("*.ipynb"))
SCENARIOS = sorted((HOME / "scenarios").rglob("*.toml"))


def retired(heading):
    """The first column of the table below a heading of the glossary, cell by cell."""
    section = GLOSSARY.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| ")][2:]
    return {word.strip() for row in rows for word in re.sub(r"\(.*?\)", "", row).split(",")}


NAMES = retired("Names that are no longer used")
PHRASES = re.compile(
    rf"\b({'|'.join(sorted(map(re.escape, retired('Phrases that are no longer used'))))})\b", re.I
)


def names_in(source: str):
    """(name, line) of everything that a module defines or binds, arguments included."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name, node.lineno
        elif isinstance(node, ast.arg):
            yield node.arg, node.lineno
        elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield getattr(node, "id", None) or node.attr, node.lineno


def words_of(name):
    """The words of a name: of `first_try` and of `FirstTry` first and try."""
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}


def texts_in(path: Path):
    """(text, line) of the comments and strings of a module, docstrings included."""
    with tokenize.open(path) as file:
        for token in tokenize.generate_tokens(file.readline):
            if token.type in (tokenize.COMMENT, tokenize.STRING):
                yield token.string, token.start[0]


def test_the_glossary_lists_what_is_retired():
    assert {"told", "found", "room", "crew", "pieces"} <= NAMES
    assert PHRASES.search("It is told here.") and not PHRASES.search("It is written here.")


@pytest.mark.parametrize("path", PACKAGE, ids=lambda path: str(path.relative_to(HOME)))
def test_a_module_has_no_retired_word(path):
    source = path.read_text(encoding="utf-8")
    wrong = [f"{line}: {name}" for name, line in names_in(source) if words_of(name) & NAMES]
    wrong += [
        f"{line}: {phrase[0]}"
        for text, line in texts_in(path)
        if (phrase := PHRASES.search(" ".join(text.split())))
    ]
    assert wrong == []


@pytest.mark.parametrize("path", [*PACKAGE, *PAGES], ids=lambda path: path.stem)
def test_no_module_has_a_retired_name(path):
    assert not words_of(path.stem) & NAMES


@pytest.mark.parametrize("path", [*PAGES, *SCENARIOS], ids=lambda path: path.name)
def test_a_page_has_no_retired_phrase(path):
    text = path.read_text(encoding="utf-8")
    if path.name == "glossary.md":
        text = text.split("\n## Names that are no longer used\n")[0]
    lines = enumerate(text.splitlines(), 1)
    assert [f"{n}: {phrase[0]}" for n, line in lines if (phrase := PHRASES.search(line))] == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_has_no_retired_phrase(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    texts = ["".join(cell["source"]) for cell in cells]
    assert [phrase[0] for text in texts if (phrase := PHRASES.search(text))] == []
