"""The notebooks as they are kept: one question each, whole outputs, small and stable files.

That they run is tested by nbmake (`make test`).
"""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
MOST_BYTES = 1_500_000  # all together
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
FOLDER = re.compile(r"(?<![\w.:/])/(home|root|tmp|usr|Users|work)\b|[A-Z]:\\")

by_name = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def cells(path, kind):
    """The cells of a kind."""
    return [cell for cell in read(path)["cells"] if cell["cell_type"] == kind]


def read(path):
    """A notebook as plain values."""
    return json.loads(path.read_text(encoding="utf-8"))


def outputs(path):
    """All outputs of a notebook, in order."""
    return [output for cell in cells(path, "code") for output in cell["outputs"]]


@by_name
def test_it_asks_one_question_and_ends_with_what_it_cannot_tell(path):
    first, *_, last = (text(cell["source"]) for cell in cells(path, "markdown"))
    assert first.startswith("# ") and first.count("**The question:") == 1
    assert "## What this cannot tell" in last


@by_name
def test_its_outputs_are_whole(path):
    code = cells(path, "code")
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    assert any("image/png" in output.get("data", {}) for output in outputs(path))
    for output in outputs(path):
        assert output["output_type"] != "error"
        assert output.get("name") != "stderr", text(output["text"])


@by_name
def test_it_is_the_same_wherever_it_was_run(path):
    assert read(path)["metadata"] == METADATA
    for cell in read(path)["cells"]:
        assert cell["metadata"] == {}
        assert not FOLDER.search(text(cell["source"]))
    for output in outputs(path):
        shown = {
            kind: data for kind, data in output.get("data", {}).items() if "image" not in kind
        }
        for words in (output.get("text", ""), *shown.values()):
            assert not FOLDER.search(text(words))


def test_all_together_are_small_and_on_the_site():
    page = (ROOT / "docs/tutorials.md").read_text(encoding="utf-8")
    assert NOTEBOOKS and sum(path.stat().st_size for path in NOTEBOOKS) < MOST_BYTES
    assert [path.name for path in NOTEBOOKS if f"notebooks/{path.stem}" not in page] == []


def text(lines):
    """Text that a notebook keeps line by line."""
    return lines if isinstance(lines, str) else "".join(lines)
