"""One self-contained page about a run: the question, the results, and how to repeat the run."""

import json
import re
from collections.abc import Mapping, Sequence
from html import unescape
from pathlib import Path

from regimesim.analysis.findings import as_estimate, survivors
from regimesim.analysis.policy_cells import ranked
from regimesim.errors import shown
from regimesim.results.partial import write_whole
from regimesim.results.report.blocks import (
    Code,
    Figure,
    Items,
    Paragraph,
    Section,
    Table,
    data_url,
    render,
)
from regimesim.results.report.flips import flip_blocks
from regimesim.results.report.tables import (
    answer_table,
    composition_table,
    cost_table,
    holds_table,
    paired_table,
    safeguards_table,
    scores_table,
    thresholds_table,
    tries_table,
    verdict_table,
)
from regimesim.scenario import Scenario, parse
from regimesim.scenario.declaration import plain

LARGEST_SVG = 400_000  # bytes; a heavier drawing is embedded as a picture of points
PLACES = re.compile(rb' (?:d|x|y)="[^"]*"')  # of a drawing, in points
FINER = re.compile(rb"(\d\.\d\d)\d+")  # more decimals than an eye can see
LONG = re.compile(r"(?<![\w.])\d+\.\d{6,}(?![\w.])")  # a number that was computed, not written
DEFAULTS = "Every other parameter has its default. Long numbers are rounded to four digits."
TITLE = re.compile("<dc:title>(.*?)</dc:title>", re.DOTALL)  # of a drawing
HEADLINE, DECISIVE = "headline", "what_decides"  # figures that are not folded
QUESTION = (
    "A critical try is an attempt to take over that would succeed if nothing stood in its way. "
    "The first one comes without a rehearsal, and a try that no safeguard catches ends the world. "
    "Which policy survives it, at what cost, and how far were the beliefs of overseers from the "
    "truth?"
)
LIMITS = (
    "It is no forecast. Shares of worlds are consequences of the assumptions in the scenario, "
    "not probabilities of events.",
    "The intervals express the uncertainty that comes from a finite number of worlds. They do not "
    "express the uncertainty of the assumptions; vary those instead.",
    "Dates follow from the assumed growth, and shift with it.",
    "Whether a takeover is possible at all, and at which capability, is an assumption, not a "
    "result.",
    "Safeguards differ only in how well they separate harmful from harmless actions, how much "
    "they may inspect and how strongly their failures are correlated; how to build them is "
    "outside the model.",
    "Effects that are not in the model, such as misuse by people, war, or help from friendly "
    "systems, cannot appear in its results.",
)


def write_report(
    folder: str | Path,
    worlds,
    captions: Mapping[str, str],
    sentences: Sequence[str] = (),
    narrow: str | Path | None = None,
    path: str | Path | None = None,
) -> Path:
    """Write the page about a run, which needs no other file and no network.

    Parameters
    ----------
    folder : str or Path
        The folder of the run.  Its summary.json, manifest.json and figures are read.
    worlds : xarray.Dataset
        The worlds of the run.
    captions : mapping
        What stands below each figure, by its name, in the order of the page.
    sentences : sequence of str
        What the table of policies shows.
    narrow : str or Path, optional
        A folder with the same figures as SVG, drawn for narrow screens.
    path : str or Path, optional
        The file to write; by default report.html in `folder`.

    Returns
    -------
    Path
        The file that was written.
    """
    folder = Path(folder)
    summary, manifest = (_read(folder / f"{name}.json") for name in ("summary", "manifest"))
    figures = _figures(folder / "figures", captions, None if narrow is None else Path(narrow))
    text = page(summary, manifest, worlds, figures, sentences)
    path = folder / "report.html" if path is None else Path(path)
    write_whole(path, text)
    return path


def _read(path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


def page(
    summary: dict,
    manifest: dict,
    worlds,
    figures: dict[str, Figure],
    sentences: Sequence[str] = (),
) -> str:
    """The whole page as HTML.

    Parameters
    ----------
    summary, manifest : dict
        The content of summary.json and manifest.json.
    worlds : xarray.Dataset
        The worlds of the run.
    figures : dict of Figure
        Its figures by name.
    sentences : sequence of str
        What the table of policies shows.
    """
    scenario = parse(manifest["scenario"])
    policies = summary["policies"]
    titles = {name: policies[name]["title"] for name in ranked(policies)}
    summary = _titled(summary, titles)
    headline, decisive = (
        [figure] if (figure := figures.pop(name, None)) else [] for name in (HEADLINE, DECISIVE)
    )
    opened = {
        "The question": _question(summary, scenario),
        "The answer": [*_answer(summary, sentences), *headline, Paragraph(LIMITS[0], soft=True)],
        "What decides": decisive,
        "What would flip it": flip_blocks(summary),
    }
    folded = {
        "More figures": list(figures.values()),
        "How worlds end": composition_table(worlds, titles),
        "All estimates": verdict_table(summary),
        "Policy against policy": paired_table(summary),
        "Try after try": tries_table(summary),
        "When thresholds are crossed": thresholds_table(summary, scenario.start),
        "What each safeguard caught": [*safeguards_table(worlds, titles), *holds_table(summary)],
        "What overseers believed": scores_table(summary),
        "What it costs": cost_table(summary),
        "What differs from the defaults": _differences(scenario, titles),
        "How to do it again": _reproduction(manifest),
        "What the model cannot tell": [Items(LIMITS)],
    }
    sections = [
        Section(heading, blocks, heading.lower().replace(" ", "-"), heading in folded)
        for heading, blocks in {**opened, **folded}.items()
    ]
    return render(summary["scenario"].replace("_", " "), [], sections, links=False)


def _titled(summary: dict, titles: Mapping[str, str]) -> dict:
    """The summary with titles for names, and policies in the order of the titles."""
    pairs = {
        f"{first} vs {second}": f"{titles[first]} vs {titles[second]}"
        for first in titles
        for second in titles
    }
    return {
        **summary,
        "policies": {title: summary["policies"][name] for name, title in titles.items()},
        "paired": {pairs[pair]: of for pair, of in summary["paired"].items()},
    }


def _question(summary, scenario) -> list:
    count, end = len(summary["policies"]), scenario.date(summary["months"] - 1)
    run = (
        f"{count} {'policy' if count == 1 else 'policies'} in the same {summary['worlds']:,} "
        f"worlds of {scenario.labs} labs and {scenario.systems} AI systems, {scenario.start} to "
        f"{end}, seed {summary['seed']}."
    )
    return [Paragraph(scenario.description), Paragraph(QUESTION), Paragraph(run, soft=True)]


def _answer(summary, sentences) -> list:
    policies = summary["policies"]
    shares = {title: as_estimate(of["no_takeover"]) for title, of in policies.items()}
    tries = sum(of["held_first_critical_try"]["n"] for of in policies.values())
    finding = survivors(shares, tries).replace(" %", "\u00a0%")
    said = (one.replace(" %", "\u00a0%").replace("+- ", "±\u00a0") for one in sentences)
    more = [Paragraph(one) for one in said]
    return [Items([f"{finding}."], verdicts=True), *answer_table(summary), *more]


def _figures(folder: Path, captions: Mapping[str, str], narrow: Path | None) -> dict[str, Figure]:
    """The figures of a folder that have a caption, by name."""
    drawn = {}
    for name, caption in captions.items():
        svg, png = folder / f"{name}.svg", folder / f"{name}.png"
        if svg.exists() and (svg.stat().st_size <= LARGEST_SVG or not png.exists()):
            source = _drawing(svg)
        elif png.exists():
            source = data_url(png.read_bytes(), "png")
        else:
            continue
        small = narrow / svg.name if narrow else svg
        is_small = narrow and small.exists() and small.stat().st_size <= LARGEST_SVG
        drawn[name] = Figure(caption, source, _finding(svg), _drawing(small) if is_small else "")
    return drawn


def _drawing(path: Path) -> str:
    return data_url(PLACES.sub(_rounded, path.read_bytes()), "svg+xml")


def _finding(svg: Path) -> str:
    """The title of a drawing: what it shows."""
    title = TITLE.search(svg.read_text(encoding="utf-8")) if svg.exists() else None
    return unescape(title[1]) if title else ""


def _rounded(place) -> bytes:
    return FINER.sub(rb"\1", place[0])


def _differences(scenario: Scenario, titles: Mapping[str, str]) -> list:
    rows = [
        (
            difference.key,
            titles[difference.policy] if difference.policy else "all",
            _value(difference.value),
            _value(difference.default),
        )
        for difference in scenario.differences()
    ]
    if not rows:
        return [Paragraph("Nothing: every parameter has its default.")]
    headings = ("parameter", "policy", "value", "default")
    return [Table(headings, rows, DEFAULTS, words=True)]


def _value(value) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return "none" if value is None else LONG.sub(_shortened, shown(plain(value)))


def _shortened(number: re.Match) -> str:
    return f"{float(number[0]):.4g}"


def _reproduction(manifest) -> list:
    command = manifest["command"]
    command = command if isinstance(command, str) else " ".join(map(str, command))
    rows = []
    for name, value in manifest.items():
        if name not in ("scenario", "given", "command", "written"):
            parts = value.items() if isinstance(value, dict) else [("", value)]
            rows += [
                (f"{name} {part}".replace("_", " ").strip(), _plain(item)) for part, item in parts
            ]
    return [Code(command), Table(("", ""), rows, "Versions and settings of the run.", words=True)]


def _plain(value) -> str:
    """A value of a manifest as a person writes it."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {_plain(item)}" for name, item in value.items())
    if isinstance(value, list):
        return ", ".join(map(_plain, value))
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "none"}[value]
    return str(value)
