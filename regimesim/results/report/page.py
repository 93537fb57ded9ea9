"""One self-contained page about a run: the question, the results, and how to repeat the run."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from regimesim.analysis.formatting import sentence
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
from regimesim.results.report.tables import (
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

PLAIN_NUMBERS: dict[str, Any] = {
    "engine": "h5netcdf",
    "decode_times": False,
    "decode_timedelta": False,
}
LARGEST_SVG = 400_000  # bytes; a heavier drawing is embedded as a picture of points
PLACES = re.compile(rb' (?:d|x|y)="[^"]*"')  # of a drawing, in points
FINER = re.compile(rb"(\d\.\d\d)\d+")  # more decimals than an eye can see
QUESTION = (
    "A critical try is an attempt to take over that would succeed if nothing stood in its way. "
    "The first one comes without a rehearsal, and a try that no safeguard catches ends the world. "
    "Which policy survives it, and how far from the truth were the beliefs of overseers about "
    "their safeguards?"
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
    folder: str | Path, captions: Mapping[str, str], path: str | Path | None = None
) -> Path:
    """Write the page about a run, which needs no other file and no network.

    Parameters
    ----------
    folder : str or Path
        The folder of the run.  Its summary.json, manifest.json, worlds.nc and figures are
        read.
    captions : mapping
        What stands below each figure, by its name, in the order of the page.
    path : str or Path, optional
        The file to write; by default report.html in `folder`.

    Returns
    -------
    Path
        The file that was written.
    """
    import xarray as xr

    folder = Path(folder)
    summary, manifest = (_read(folder / f"{name}.json") for name in ("summary", "manifest"))
    with xr.open_dataset(folder / "worlds.nc", **PLAIN_NUMBERS) as worlds:
        text = page(summary, manifest, worlds, _figures(folder / "figures", captions))
    path = folder / "report.html" if path is None else Path(path)
    write_whole(path, text)
    return path


def _read(path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


def page(summary: dict, manifest: dict, worlds, figures: list[Figure]) -> str:
    """The whole page as HTML.

    Parameters
    ----------
    summary, manifest : dict
        The content of summary.json and manifest.json.
    worlds : xarray.Dataset
        The worlds of the run.
    figures : list of Figure
        Its figures.
    """
    scenario = parse(manifest["scenario"])
    end = scenario.date(summary["months"] - 1)
    contents = {
        "The question": [Paragraph(QUESTION)],
        "The verdict": [_verdicts(summary, end), *verdict_table(summary)],
        "Figures": figures,
        "Policy against policy": paired_table(summary),
        "Try after try": tries_table(summary),
        "When thresholds are crossed": thresholds_table(summary, scenario.start),
        "What each safeguard caught": [*safeguards_table(worlds), *holds_table(summary)],
        "What overseers believed": scores_table(summary),
        "What it costs": cost_table(summary),
        "What differs from the defaults": _differences(scenario),
        "How to do it again": _reproduction(manifest),
        "What the model cannot tell": [Items(LIMITS)],
    }
    sections = [
        Section(heading, blocks, heading.lower().replace(" ", "-"))
        for heading, blocks in contents.items()
    ]
    run = (
        f"{summary['worlds']:,} worlds of {scenario.labs} labs and {scenario.systems} AI systems, "
        f"{scenario.start} to {end}, seed {summary['seed']}"
    )
    opening = [Paragraph(scenario.description), Paragraph(run, soft=True)]
    return render(summary["scenario"], opening, sections, links=True)


def _verdicts(summary, end) -> Items:
    end = end.replace("-", "\u2011")  # a hyphen and a space at which no line breaks
    sentences = (sentence(name, policy, end) for name, policy in summary["policies"].items())
    return Items([text.replace(" %", "\u00a0%") for text in sentences], verdicts=True)


def _figures(folder: Path, captions: Mapping[str, str]) -> list[Figure]:
    drawn = []
    for name, caption in captions.items():
        svg, png = folder / f"{name}.svg", folder / f"{name}.png"
        if svg.exists() and (svg.stat().st_size <= LARGEST_SVG or not png.exists()):
            content = PLACES.sub(_rounded, svg.read_bytes())
            drawn.append(Figure(caption, data_url(content, "svg+xml")))
        elif png.exists():
            drawn.append(Figure(caption, data_url(png.read_bytes(), "png")))
    return drawn


def _rounded(place) -> bytes:
    return FINER.sub(rb"\1", place[0])


def _differences(scenario: Scenario) -> list:
    rows = [
        (
            difference.key,
            difference.policy or "all",
            _value(difference.value),
            _value(difference.default),
        )
        for difference in scenario.differences()
    ]
    if not rows:
        return [Paragraph("Nothing: every parameter has its default.")]
    headings = ("parameter", "policy", "value", "default")
    return [Table(headings, rows, "Every other parameter has its default.", words=True)]


def _value(value) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return "none" if value is None else shown(plain(value))


def _reproduction(manifest) -> list:
    command = manifest["command"]
    command = command if isinstance(command, str) else " ".join(map(str, command))
    rows = []
    for name, value in manifest.items():
        if name not in ("scenario", "given", "command"):
            parts = value.items() if isinstance(value, dict) else [("", value)]
            rows += [
                (f"{name} {part}".replace("_", " ").strip(), str(item)) for part, item in parts
            ]
    return [Code(command), Table(("", ""), rows, "Versions and settings of the run.", words=True)]
