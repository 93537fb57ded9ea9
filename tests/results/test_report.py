"""The page about a run: self-contained, escaped, and true to the summary."""

import base64
import json
import re
import shutil
from html.parser import HTMLParser

import numpy as np
import pytest
from synthetic_run import save_run

from regimesim.analysis.formatting import percent
from regimesim.results.report.blocks import (
    Cell,
    Code,
    Figure,
    Heading,
    Items,
    Paragraph,
    Section,
    Table,
    render,
)
from regimesim.results.report.cells import estimate as cell
from regimesim.results.report.flips import flip_blocks
from regimesim.results.report.page import _differences
from regimesim.results.report.tables import tries_table
from regimesim.scenario import parse
from regimesim.studies.plot.figures import FIGURES, draw_all
from regimesim.studies.run.figure import OF_THE_PAGE, report

NAN = np.nan
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
HEADINGS = [
    "The question",
    "The answer",
    "What would flip it",
    "More figures",
    "How worlds end",
    "All estimates",
    "Policy against policy",
    "Try after try",
    "When thresholds are crossed",
    "What each safeguard caught",
    "What overseers believed",
    "What it costs",
    "What differs from the defaults",
    "How to do it again",
    "What the model cannot tell",
]


def estimate(value, reach=0.01):
    return {"estimate": value, "low": value - reach, "high": value + reach, "n": 60}


class Reader(HTMLParser):
    """Checks that tags are balanced, and keeps cells, sources and headings."""

    def __init__(self):
        super().__init__()
        self.open, self.cells, self.headings, self.sources = [], [], [], []
        self.links, self.places, self.names, self.narrow = [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.sources += [value for name, value in attrs if name == "src"]
        self.links += [value for name, value in attrs if name == "href"]
        self.places += [value for name, value in attrs if name == "id"]
        self.names += [value for name, value in attrs if name == "alt"]
        self.narrow += [value for name, value in attrs if name == "srcset"]
        if tag not in ("meta", "img", "wbr", "source"):
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


def written(folder, policies=("lax", "strict"), figures=True, **overrides):
    """A folder of results of made-up worlds, with its report; (text, reader, summary)."""
    worlds, months, summary = save_run(folder, policies, **overrides)
    if figures:
        draw_all(worlds, months, folder / "figures")
    text, reader = read(folder)
    return text, reader, summary


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A folder of results of the worlds of two policies, with its figures, to be copied."""
    folder = tmp_path_factory.mktemp("saved")
    worlds, months, _ = save_run(folder, ("lax", "strict"))
    draw_all(worlds, months, folder / "figures")
    return folder


def copied(saved, folder, figures=True):
    """A copy of that folder, with its report; (text, reader, summary)."""
    left_out = None if figures else shutil.ignore_patterns("figures")
    shutil.copytree(saved, folder, ignore=left_out, dirs_exist_ok=True)
    return *read(folder), json.loads((folder / "summary.json").read_text())


def read(folder):
    """Write the report of a folder of results; (text, reader)."""
    text = report(folder).read_text(encoding="utf-8")
    reader = Reader()
    reader.feed(text)
    assert reader.open == []
    return text, reader


def test_the_page_holds_everything_and_needs_nothing(saved, tmp_path):
    text, reader, summary = copied(saved, tmp_path)
    assert reader.headings == HEADINGS
    assert len(reader.places) == len(HEADINGS) and reader.links == []
    assert len(reader.sources) == len(OF_THE_PAGE) - 1  # no luck is divided in made-up worlds
    assert all(source.startswith("data:image/") for source in reader.sources + reader.narrow)
    assert "http" not in re.sub(r'src(set)?="data:[^"]*"', "", text).replace("http-equiv", "")
    held = summary["policies"]["lax"]["held_first_critical_try"]
    assert any(cell.startswith(f"{100 * held['estimate']:.1f}") for cell in reader.cells)
    assert "a&amp;b.toml" in text and "9.9" in text
    difference = summary["paired"]["lax vs strict"]["no_takeover"]["estimate"]
    assert f"{100 * difference:+.1f}".replace("-", "\u2212") in text


def test_parameters_that_differ_are_listed(saved, tmp_path):
    _, reader, _ = copied(saved, tmp_path, figures=False)
    rows = [reader.cells[k : k + 3] for k in range(len(reader.cells) - 2)]
    assert ["lax", "0.9", "0.87"] in rows
    assert ["all", "14", "{normal = [15, 2]}"] in rows
    assert reader.sources == []


def test_everything_is_escaped(tmp_path):
    text, _, _ = written(tmp_path, figures=False, description="<script>alert('x')</script> & co")
    assert "<script" not in text
    assert "&lt;script&gt;" in text and "&amp; co" in text


def test_every_part_of_a_page_escapes_hostile_text():
    """As text, in a name that may break, and between the quotes of an attribute."""
    hostile = """<i onload="alert('x')">_a.b&c"""
    cell = Cell(hostile, small=(hostile,), link=hostile)
    blocks = [
        Table((hostile, hostile), [(hostile, hostile), (hostile, cell)], hostile),
        Paragraph(hostile),
        Heading(hostile),
        Items([hostile]),
        Code(hostile),
        Figure(hostile, hostile),
    ]
    text = render(hostile, blocks, [Section(hostile, blocks, hostile)], links=True)
    assert "<i" not in text.replace("<img", "") and "&c" not in text and "'x'" not in text
    reader = Reader()
    reader.feed(text)
    assert text.startswith("<!DOCTYPE html>") and reader.open == []
    assert reader.cells == 2 * [hostile, hostile + hostile]
    assert set(reader.links) == {f"#{hostile}", hostile}
    assert set(reader.sources) == set(reader.places) == {hostile}
    assert reader.headings == [hostile]


def test_parts_with_nothing_to_show_are_left_out():
    empty = [Table(("a",), [], "caption"), Paragraph("")]
    sections = [Section("empty", empty, "empty"), Section("full", [*empty, Code("x")], "full")]
    text = render("title", empty, sections, links=True)
    reader = Reader()
    reader.feed(text)
    assert reader.headings == ["full"] and reader.links == ["#full"]
    assert "<table" not in text and "<p>" not in text


@pytest.mark.parametrize("policies", [("only",), ("a", "b", "c")])
def test_worlds_without_critical_tries(tmp_path, policies):
    rows = (
        "held_first_critical_try crossing_first_critical_try crossing_takeover "
        "believed_catch_rate true_catch_rate first_try_was_story"
    )
    text, reader, _ = written(
        tmp_path, policies, figures=False, **dict.fromkeys(rows.split(), NAN)
    )
    assert "no policy was tested" in text and "never" in text
    assert "nan" not in " ".join(reader.cells).lower()
    assert ("Policy against policy" in reader.headings) == (len(policies) > 1)


def test_a_heavy_drawing_is_embedded_as_points(saved, tmp_path, monkeypatch):
    monkeypatch.setattr("regimesim.results.report.page.LARGEST_SVG", 10)
    _, reader, _ = copied(saved, tmp_path)
    assert all(source.startswith("data:image/png") for source in reader.sources)


def test_the_same_run_gives_the_same_page(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert written(tmp_path / "a")[0] == written(tmp_path / "b")[0]


def moved(source, verdict, share, value=None, low=None, high=None):
    return {
        "source": source,
        "verdict": verdict,
        "value": value,
        "low": low,
        "high": high,
        "end": 1.0,
        "estimate": share,
        "estimate_low": share - 0.05,
        "estimate_high": share + 0.05,
    }


def paired(verdict, share):
    return {
        "sources": ["feedback.density", "goals.value"],
        "limits": [0.7, 0.2],
        "above": [True, False],
        "verdict": verdict,
        "estimate": share,
        "low": share - 0.1,
        "high": share + 0.1,
        "n": 200,
    }


def flipped(**policies):
    """The summary of a run with such flips, and the text of what the page says of them."""
    of = {
        name: {"no_takeover": estimate(share), "flips": {"alone": alone, "pair": pair}}
        for name, (share, alone, pair) in policies.items()
    }
    return flip_blocks({"policies": of})


def test_a_page_says_which_assumption_flips_the_verdict_and_at_which_value():
    words, table, _, command = flipped(
        lax=(
            0.2,
            [moved("feedback.density", "flips", 0.7, 0.62, 0.58, 0.67)],
            paired("flips", 0.8),
        ),
        odd=(0.3, [moved("goals.value", "may flip", 0.52, 0.9, 0.8, None)], paired("stays", 0.4)),
        strict=(0.1, [moved("goals.value", "stays", 0.3)], paired("flips", 0.6)),
        safe=(0.9, [moved("goals.value", "stays", 0.8)], paired("stays", 0.7)),
        last=(0.0, [moved("goals.value", "stays", 0.1)], None),
    )
    assert words.text == (
        "A single assumption flips the verdict on lax. Two together flip that on strict. 1 of the "
        "others stays at 70.0 % or more, whatever any two assumptions do. 1 of the others stays "
        "at 10.0 % or less, whatever any two assumptions do."
    )
    first, second, third = table.rows
    assert (first[0], first[2], second[0], third[0]) == (
        "lax",
        "feedback: density",
        "odd",
        "strict",
    )
    assert (first[3].text, first[3].small) == ("0.62", ("0.58 to 0.67",))
    assert second[3].small == ("0.8 or more", "may be luck") and third[3].text == "–"
    assert (first[4].text, first[4].small) == ("70.0", ("65.0 to 75.0", "at 1"))
    assert first[5].text == "feedback: density above 0.7 and goals: value below 0.2"
    assert first[6].small == ("70.0 to 90.0", "200 worlds")
    assert command.text == "regimesim explain FILE --policy NAME"


def test_a_page_names_the_command_where_a_run_cannot_tell_what_flips_the_verdict(saved, tmp_path):
    text, _, _ = copied(saved, tmp_path, figures=False)
    assert "The worlds of this run do not show it" in text
    assert "regimesim explain FILE --policy NAME" in text
    words, table, *_ = flipped(only=(0.1, [moved("goals.value", "stays", 0.3)], None))
    assert words.text == (
        "No drawn assumption surely flips the verdict on a policy, alone or with another. The "
        "policy stays at 30.0 % or less, whatever any two assumptions do."
    )
    assert len(table.rows) == 1


def test_a_page_names_the_policies_that_luck_may_flip_before_it_counts_the_others():
    stays = (0.1, [moved("goals.value", "stays", 0.3)], None)
    may = (0.8, [moved("goals.value", "may flip", 0.47, 0.9, 0.8, None)], None)
    words, *_ = flipped(odd=may, strict=stays, lax=stays)
    assert words.text == (
        "No drawn assumption surely flips the verdict on a policy, alone or with another; that on "
        "odd may flip. The other 2 policies stay at 30.0 % or less, whatever any two assumptions "
        "do."
    )
    words, *_ = flipped(strict=stays, lax=stays)
    assert " All 2 policies stay at 30.0 % or less" in words.text


def test_every_table_has_the_policies_in_the_order_of_the_answer(saved, tmp_path):
    text, _, summary = copied(saved, tmp_path, figures=False)
    assert list(summary["policies"]) == ["lax", "strict"]
    parts = {part.split("</h2>")[0].split(">")[-1]: part for part in text.split("<h2")[1:]}
    for heading in ("The answer", "How worlds end", "What each safeguard caught"):
        assert parts[heading].index(">strict<") < parts[heading].index(">lax<"), heading


def test_a_parameter_that_was_computed_is_rounded_in_the_table_of_differences():
    horizon = {"lognormal": {"ci90": [0.5, 12]}}
    scenario = parse({"feedback": {"horizon_dense": horizon, "constraint": 0.12345}})
    (table,) = _differences(scenario, {})
    values = {key: value for key, _, value, _ in table.rows}
    assert values["feedback.horizon_dense"] == "{lognormal = [2.449, 0.9661]}"
    assert values["feedback.constraint"] == "0.12345"


def test_a_number_below_0_has_a_true_minus_sign_and_one_world_is_no_plural():
    skill = {"estimate": -0.002, "low": -0.008, "high": 0.008}
    assert (cell(skill, percent).text, cell(skill, percent).small) == ("−0.2", ("−0.8 to 0.8",))
    row = {"try": 1, "at_risk": 1, "survived": 0, "low": 0, "high": 0.8}
    (table,) = tries_table({"policies": {"lax": {"survival_against_tries": [row]}}})
    assert table.rows[0][1].small[-1] == "1 world"


def test_costs_are_what_the_summary_holds(saved, tmp_path):
    _, _, summary = copied(saved, tmp_path, figures=False)
    names = (
        "growth_lost_to_taxes growth_lost_to_pauses months_paused audits_spent alarms false_alarms"
    )
    cost = {
        "per_year": dict.fromkeys(names.split(), estimate(1.25)),
        "per_world": dict.fromkeys(names.split(), estimate(17.5)),
        "years": estimate(14.0),
    }
    summary["policies"]["lax"]["cost"] = cost
    (tmp_path / "summary.json").write_text(json.dumps(summary))
    _, reader = read(tmp_path)
    assert reader.headings == [*HEADINGS[:3], *HEADINGS[4:]]  # there are no more figures
    assert reader.cells.count("1.251.24 to 1.26in all 17.50") == 6


def test_pairs_are_counted_and_forecasts_scored(saved, tmp_path):
    _, reader, summary = copied(saved, tmp_path, figures=False)
    pair = summary["paired"]["lax vs strict"]["no_takeover"]
    place = reader.cells.index(f"{pair['only_second']:,}")
    assert reader.cells[place - 1] == f"{pair['only_first']:,}"
    scored = summary["policies"]["strict"]["brier_score"]["estimate"]
    assert any(cell.startswith(f"{scored:.3f}") for cell in reader.cells)


def test_a_summary_without_counts_scores_tries_and_costs_has_its_page_too(saved, tmp_path):
    _, _, summary = copied(saved, tmp_path, figures=False)
    for of in summary["paired"]["lax vs strict"].values():
        for name in ("only_first", "only_second", "mcnemar_p", "variance_ratio"):
            of.pop(name, None)
    for policy in summary["policies"].values():
        for name in [name for name in policy if "score" in name or "excess" in name]:
            del policy[name]
        del policy["survival_against_tries"], policy["cost"]
    (tmp_path / "summary.json").write_text(json.dumps(summary))
    _, reader = read(tmp_path)
    gone = ("More figures", "Try after try", "What overseers believed", "What it costs")
    assert reader.headings == [heading for heading in HEADINGS if heading not in gone]


def test_a_drawing_keeps_its_words_and_its_places_to_a_hundredth_of_a_point(saved, tmp_path):
    _, reader, _ = copied(saved, tmp_path)
    for source, name in zip(reader.sources, ("headline", "regimes"), strict=False):
        embedded = base64.b64decode(source.partition(",")[2]).decode()
        drawn = (tmp_path / "figures" / f"{name}.svg").read_text()
        assert re.findall(">([^<]+)</text>", embedded) == re.findall(">([^<]+)</text>", drawn)
        ours, theirs = (
            np.array(
                [float(n) for d in re.findall(' d="([^"]*)"', text) for n in NUMBER.findall(d)]
            )
            for text in (embedded, drawn)
        )
        assert len(ours) == len(theirs) and np.abs(ours - theirs).max() < 0.01
        assert len(embedded) < (0.9 if name == "regimes" else 1.0) * len(drawn)


def test_what_holds_a_first_try_is_what_the_summary_holds(saved, tmp_path):
    _, _, summary = copied(saved, tmp_path, figures=False)
    for key in ("held_by_lottery", "held_by_skill", "held_by_traps"):
        summary["policies"]["lax"][key] = estimate(0.4125)
    (tmp_path / "summary.json").write_text(json.dumps(summary))
    _, reader = read(tmp_path)
    assert len([cell for cell in reader.cells if cell.startswith("41.2")]) == 3


def folded(text):
    """The headings of what a reader must open."""
    return re.findall(r"<details><summary><h2>(.*?)</h2></summary>", text)


def test_question_answer_and_what_decides_are_open_and_all_else_is_folded(saved, tmp_path):
    text, reader, summary = copied(saved, tmp_path)
    assert folded(text) == [heading for heading in HEADINGS if heading not in HEADINGS[:3]]
    before, _, after = text.partition("<details>")
    assert before.count("<img") == 1 and after.count("<img") == len(reader.sources) - 1
    assert before.index("The question") < before.index("<table") < before.index("<img")
    for of in summary["policies"].values():
        shares = {"luck": 0.5, "takeover.difficulty": 0.3, "together": 0.2}
        of["variance_shares"] = [
            {"source": source, "estimate": share, "low": share - 0.1, "high": share + 0.1}
            for source, share in shares.items()
        ]
    (tmp_path / "summary.json").write_text(json.dumps(summary))
    FIGURES["what_decides"].draw(summary).flat[0].figure.savefig(
        tmp_path / "figures" / "what_decides.svg", metadata={"Date": None}
    )
    again, reader = read(tmp_path)
    assert reader.headings[:3] == ["The question", "The answer", "What decides"]
    assert folded(again) == folded(text)


def test_policies_are_ranked_and_written_by_their_titles(tmp_path):
    text, _, summary = written(tmp_path, ("lax_one", "strict"), figures=False)
    safest = [of["title"] for of in summary["policies"].values()]
    safest.sort(key=lambda title: title != "strict")
    rows = re.findall(r'scope="row">(.*?)</th>', text)
    assert rows[:2] == safest == ["strict", "lax one"]
    assert "lax_one" not in text.replace("policies.lax_one", "")
    assert "lax one vs strict" in [row.replace("<wbr>", "") for row in rows]


def test_cells_have_their_headings_beside_them_on_narrow_screens(saved, tmp_path):
    text, reader, _ = copied(saved, tmp_path, figures=False)
    labels = re.findall(r'<td role="cell" data-of="([^"]*)">', text)
    assert len(labels) == len(reader.cells) and "no takeover, %" in labels
    assert "display: grid" in text and "::details-content" in text  # narrow, and on paper


def test_pictures_say_what_they_show_and_have_a_narrow_version(saved, tmp_path):
    _, reader, _ = copied(saved, tmp_path)
    assert len(reader.names) == len(reader.narrow) == len(reader.sources)
    assert reader.names[0].startswith("Under both policies, ") and "Policies by" in reader.names[0]
    for wide, narrow in zip(reader.sources, reader.narrow, strict=True):
        drawings = [base64.b64decode(of.partition(",")[2]).decode() for of in (wide, narrow)]
        widths = [float(re.search(r'width="([0-9.]+)pt"', drawing)[1]) for drawing in drawings]
        assert widths[1] == 3.5 * 72 < widths[0]


def test_a_figure_that_cannot_be_drawn_narrow_is_shown_wide(saved, tmp_path, monkeypatch, capsys):
    def broken(*_):
        raise ValueError("no font")

    shutil.copytree(saved, tmp_path, dirs_exist_ok=True)
    drawings = [d._replace(draw=broken) if d.name == "survival" else d for d in OF_THE_PAGE]
    monkeypatch.setattr("regimesim.studies.run.figure.OF_THE_PAGE", drawings)
    _, reader = read(tmp_path)
    assert len(reader.narrow) == len(reader.sources) - 1
    assert "The figure 'survival' for narrow screens could not be made" in capsys.readouterr().err


def test_the_manifest_is_written_as_a_person_writes(saved, tmp_path):
    copied(saved, tmp_path, figures=False)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    manifest |= {"files": {"x.nc": {"bytes": 1065683, "parts": [1, 2]}}, "odd": [True, None]}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    text, reader = read(tmp_path)
    assert "bytes 1065683, parts 1, 2" in reader.cells and "yes, none" in reader.cells
    assert not re.search(r"[{\[]&#39;", text)
