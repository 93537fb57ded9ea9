"""How Sphinx builds the site: `make docs`.

The source folder is the root of the project, so that a link between docs/, notebooks/ and
scenarios/ leads to the same place here and among the files. Each claim has a page of its own, a
section of docs/claims.md, and docs/studies.md ends with the help of every command.
"""

import re
from pathlib import Path

from typer.testing import CliRunner

import regimesim
from regimesim.cli import app as commands

DOCS = Path(__file__).parent
CLAIMS = DOCS / "claims"  # made here, and ignored by git

project = "regimesim"
author = "The regimesim authors"
copyright = "The regimesim authors"
release = version = regimesim.__version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
root_doc = "docs/index"
include_patterns = ["docs/**", "notebooks/*.ipynb"]
exclude_patterns = [".*", "benchmarks", "build", "dist", "outputs", "regimesim", "tests"]

myst_heading_anchors = 4
nb_execution_mode = "off"  # `make notebooks` runs them; the tests run them again
nb_merge_streams = True
autodoc_default_options = {"members": True, "member-order": "bysource"}
autodoc_typehints = "none"  # the docstrings say them in words
napoleon_google_docstring = False
napoleon_use_ivar = True  # attributes as a list, like parameters
add_module_names = False
toc_object_entries_show_parents = "hide"
default_role = "code"  # what is in `backticks` in a docstring
smartquotes_action = "D"  # dashes alone: {"worlds": 100} can be copied

html_theme = "pydata_sphinx_theme"
html_title = "regimesim"
html_static_path = ["_static"]
html_css_files = ["site.css"]
templates_path = ["_templates"]
html_additional_pages = {"index": "to_index.html"}
html_show_sourcelink = False
html_theme_options = {
    "navbar_align": "left",
    "header_links_before_dropdown": 5,
    "show_prev_next": False,
    "navigation_depth": 3,
    "footer_start": ["copyright"],
    "footer_end": [],
}


def pages_of_claims(text: str) -> dict[str, str]:
    """The pages that docs/claims.md is cut into: {"claims": ..., "claims/C01": ...}."""
    opening, *sections = re.split(r"^## (?=C\d+ )", text, flags=re.M)
    names = [f"claims/C{int(section[1:].split()[0]):02}" for section in sections]
    rows = iter(names)
    opening = re.sub(r"\]\(#c\d[^)]*\)", lambda _: f"]({next(rows)}.md)", opening)
    toctree = "\n".join(["```{toctree}", ":hidden:", *names, "```"])
    pages = {"claims": f"{opening}\n{toctree}\n"}
    for name, section in zip(names, sections, strict=True):
        pages[name] = "# " + re.sub(r"\]\((?!https:|#)", "](../", section)
    return pages


def write_claims(app, config):
    """Write a page a claim, where it is not there already as it must be."""
    CLAIMS.mkdir(exist_ok=True)
    pages = pages_of_claims((DOCS / "claims.md").read_text(encoding="utf-8"))
    wanted = {DOCS / f"{name}.md": text for name, text in pages.items() if name != "claims"}
    for path in set(CLAIMS.iterdir()) - set(wanted):
        path.unlink()
    for path, text in wanted.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def help_of_commands() -> str:
    """A heading and a block of text a command, in the order of `regimesim --help`."""
    sections = []
    for command in commands.registered_commands:
        name = command.callback.__name__
        shown = CliRunner().invoke(commands, [name, "--help"], prog_name="regimesim")
        sections.append(f"### {name}\n\n```text\n{shown.output.strip()}\n```\n")
    return "\n".join(sections)


def read(app, name, source):
    """Complete the pages that have more in the site than in the file, and call a linked page by
    its title, not by the name of its file."""
    if name == "docs/claims":
        source[0] = pages_of_claims(source[0])["claims"]
    if name == "docs/studies":
        source[0] += help_of_commands()
    source[0] = re.sub(r"\[\w+\.md\]\(", "[](", source[0])


def is_field(_app, _what, _name, member, skip, _options):
    """Leave out the fields of named tuples, which the text of their class lists."""
    return skip or type(member).__name__ == "_tuplegetter"


def setup(app):
    app.connect("autodoc-skip-member", is_field)
    app.connect("config-inited", write_claims)
    app.connect("source-read", read)
