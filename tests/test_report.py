"""The page about a run: self-contained, escaped, and true to the summary."""

import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from synthetic_run import make_run

from regimesim.analysis.summary import summarise
from regimesim.plots import draw_all
from regimesim.report import write_report
from regimesim.scenario import parse

NAN = np.nan


class Reader(HTMLParser):
    """Checks that tags are balanced, and keeps cells, sources and headings."""

    def __init__(self):
        super().__init__()
        self.open, self.cells, self.headings, self.sources = [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.sources += [value for name, value in attrs if name in ("src", "href")]
        if tag not in ("meta", "img", "wbr"):
            self.open.append(tag)
        if tag == "td":
            self.cells.append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, text):
        if "td" in self.open:
            self.cells[-1] += text
        if "h2" in self.open:
            self.headings.append(text)


def written(folder, policies=("lax", "strict"), figures=True, description="", **overrides):
    """A folder of results of made-up worlds, with its report; (text, reader, summary)."""
    worlds, months = make_run(policies, worlds=60, **overrides)
    scenario = parse(
        {
            "name": "made-up",
            "description": description,
            "takeover": {"difficulty": 14},
            "policies": {name: {} for name in policies[1:]}
            | {policies[0]: {"oversight": {"control": {"auroc": 0.9}}}},
        }
    )
    worlds.to_netcdf(folder / "worlds.nc", engine="h5netcdf")
    summary = summarise(worlds)
    (folder / "summary.json").write_text(json.dumps(summary))
    manifest = {
        "scenario": scenario.resolved(),
        "command": ["regimesim", "run", "a&b.toml"],
        "versions": {"numpy": "9.9"},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    if figures:
        draw_all(worlds, months, folder / "figures")
    text = write_report(folder).read_text(encoding="utf-8")
    reader = Reader()
    reader.feed(text)
    assert reader.open == []
    return text, reader, summary


def test_the_page_holds_everything_and_needs_nothing(tmp_path):
    text, reader, summary = written(tmp_path)
    assert len(reader.headings) == 9
    assert len(reader.sources) == 4
    assert all(source.startswith("data:image/") for source in reader.sources)
    assert "http" not in re.sub(r'src="data:[^"]*"', "", text).replace("http-equiv", "")
    held = summary["policies"]["lax"]["held_first_critical_try"]
    assert any(cell.startswith(f"{100 * held['estimate']:.1f}") for cell in reader.cells)
    assert "a&amp;b.toml" in text and "9.9" in text
    difference = summary["paired"]["lax vs strict"]["no_takeover"]["estimate"]
    assert f"{100 * difference:+.1f}".replace("-", "\u2212") in text


def test_parameters_that_differ_are_listed(tmp_path):
    _, reader, _ = written(tmp_path, figures=False)
    rows = [reader.cells[k : k + 3] for k in range(len(reader.cells) - 2)]
    assert ["lax", "0.9", "0.87"] in rows
    assert ["all", "14", "{normal = [15, 2]}"] in rows
    assert reader.sources == []


def test_everything_is_escaped(tmp_path):
    text, _, _ = written(tmp_path, figures=False, description="<script>alert('x')</script> & co")
    assert "<script" not in text
    assert "&lt;script&gt;" in text and "&amp; co" in text


@pytest.mark.parametrize("policies", [("only",), ("a", "b", "c")])
def test_worlds_without_critical_tries(tmp_path, policies):
    rows = (
        "held_first_critical_try crossing_first_critical_try crossing_takeover "
        "believed_catch_rate true_catch_rate first_try_was_story"
    )
    text, reader, _ = written(
        tmp_path, policies, figures=False, **dict.fromkeys(rows.split(), NAN)
    )
    assert "nothing was tested" in text and "never" in text
    assert "nan" not in " ".join(reader.cells).lower()
    assert ("Policy against policy" in reader.headings) == (len(policies) > 1)


def test_a_heavy_drawing_is_embedded_as_points(tmp_path, monkeypatch):
    monkeypatch.setattr("regimesim.report.LARGEST_SVG", 10)
    _, reader, _ = written(tmp_path)
    assert all(source.startswith("data:image/png") for source in reader.sources)


def test_the_same_run_gives_the_same_page(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert written(tmp_path / "a")[0] == written(tmp_path / "b")[0]
