"""One self-contained page about a run: what was asked, what came out, and how to do it again."""

import base64
import html
import json
import re
from pathlib import Path
from typing import Any

from regimesim.analysis.formatting import sentence
from regimesim.errors import shown
from regimesim.results.report.markup import (
    Markup,
    document,
    escaped,
    items,
    joined,
    paragraph,
    table,
    tag,
)
from regimesim.results.report.tables import (
    contributions_tables,
    cost_table,
    frontier_table,
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
CAPTIONS = {
    "survival": "Share of worlds without a takeover, by policy.",
    "regime_map": "The regime that most worlds are in, by policy and month.",
    "crossings": "Share of worlds that have crossed each threshold.",
    "regimes": "Share of worlds in each regime.",
    "catch_rates": "Catch rate at the first critical try: what overseers believed, what was true.",
    "evidence_gap": "Catch rate month by month, believed and true, and when first critical tries "
    "come.",
    "capability": "Time horizon of the leading lab against the difficulty of a takeover, after "
    "the horizons that were measured.",
    "contributions": "What each safeguard and response contributes.",
    "frontier": "Safety against usefulness.",
}
QUESTION = (
    "A critical try is an attempt to take over that would succeed if nothing stood in its way. "
    "The first one comes without a rehearsal, and one that no safeguard catches ends the world. "
    "Which policy survives it, and how far was what overseers believed of their safeguards from "
    "the truth?"
)
LIMITS = (
    "It is no forecast. Shares of worlds are consequences of the assumptions in the scenario, "
    "not probabilities of events.",
    "The intervals say how far a share is known from this many worlds. How far the assumptions "
    "are known they do not say; vary those instead.",
    "Dates follow from the growth that is assumed, and shift with it.",
    "Whether a takeover is possible at all, and at which capability, is put in, not found out.",
    "Safeguards are told apart only by how well they separate harm from harmlessness, how much "
    "they may inspect and how much they fail together; how to build them is outside the model.",
    "What is not in the model, such as misuse by people, war, or help from systems that are "
    "on our side, cannot come out of it.",
)


def write_report(folder: str | Path, path: str | Path | None = None) -> Path:
    """Write the page about the run in `folder` to `path` (folder/report.html) and return it.

    Reads the folder's summary.json, manifest.json (its `scenario` and `command`), worlds.nc
    and, where it is there, contributions.json, and embeds what figures there are.  The
    page needs no other file and no network.
    """
    import xarray as xr

    folder = Path(folder)
    summary, manifest = (_read(folder / f"{name}.json") for name in ("summary", "manifest"))
    apart = folder / "contributions.json"
    found = _read(apart) if apart.exists() else None
    with xr.open_dataset(folder / "worlds.nc", **PLAIN_NUMBERS) as worlds:
        text = page(summary, manifest, worlds, folder / "figures", found)
    path = folder / "report.html" if path is None else Path(path)
    path.write_text(text, encoding="utf-8")
    return path


def _read(path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


def page(summary: dict, manifest: dict, worlds, figures: Path, contributions=None) -> str:
    """The whole page, from a run's summary, manifest, dataset of worlds, folder of figures and
    content of contributions.json."""
    scenario = parse(manifest["scenario"])
    end = scenario.date(summary["months"] - 1)
    contents = {
        "The question": paragraph(QUESTION),
        "The verdict": joined([_verdicts(summary, end), verdict_table(summary)]),
        "Figures": _figures(figures),
        "Policy against policy": paired_table(summary),
        "Try after try": tries_table(summary),
        "When thresholds are crossed": thresholds_table(summary, scenario.start),
        "What each safeguard caught": safeguards_table(worlds),
        "What each safeguard contributes": contributions_tables(contributions),
        "What overseers believed": scores_table(summary),
        "What it costs": joined([cost_table(summary), frontier_table(contributions)]),
        "What differs from the defaults": _differences(scenario),
        "How to do it again": _reproduction(manifest),
        "What the model cannot tell": items(LIMITS),
    }
    contents = {heading: content for heading, content in contents.items() if content}
    run = (
        f"{summary['worlds']:,} worlds of {scenario.labs} labs and {scenario.systems} AI systems, "
        f"{scenario.start} to {end}, seed {summary['seed']}"
    )
    body = [
        tag("h1", summary["scenario"]),
        paragraph(scenario.description),
        tag("p", run, "soft"),
        _jumps(contents),
        *(_section(heading, content) for heading, content in contents.items()),
    ]
    return document(summary["scenario"], body)


def _place(heading: str) -> str:
    return heading.lower().replace(" ", "-")


def _jumps(headings) -> Markup:
    links = (f'<a href="#{_place(text)}">{escaped(text)}</a> ' for text in headings)
    return tag("nav", Markup("".join(links)))


def _section(heading: str, content: Markup) -> Markup:
    inside = f"{tag('h2', heading)}{content}"
    return Markup(f'<section id="{_place(heading)}">{inside}</section>\n')


def _verdicts(summary, end) -> Markup:
    end = end.replace("-", "\u2011")  # a hyphen and a space at which no line breaks
    told = (sentence(name, policy, end) for name, policy in summary["policies"].items())
    return items((text.replace(" %", "\u00a0%") for text in told), "verdicts")


def _figures(folder: Path) -> Markup:
    drawn = []
    for name, caption in CAPTIONS.items():
        svg, png = folder / f"{name}.svg", folder / f"{name}.png"
        if svg.exists() and (svg.stat().st_size <= LARGEST_SVG or not png.exists()):
            kind, content = "svg+xml", PLACES.sub(_rounded, svg.read_bytes())
        elif png.exists():
            kind, content = "png", png.read_bytes()
        else:
            continue
        source = f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
        image = Markup(f'<img alt="{html.escape(caption)}" src="{source}">')
        drawn.append(
            tag("figure", joined([tag("div", image, "wide"), tag("figcaption", caption)]))
        )
    return joined(drawn)


def _rounded(place) -> bytes:
    return FINER.sub(rb"\1", place[0])


def _differences(scenario: Scenario) -> Markup:
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
        return paragraph("Nothing: every parameter has its default.")
    headings = ("parameter", "policy", "value", "default")
    return table("Every other parameter has its default.", headings, rows, "words")


def _value(value) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return "none" if value is None else shown(plain(value))


def _reproduction(manifest) -> Markup:
    command = manifest["command"]
    command = command if isinstance(command, str) else " ".join(map(str, command))
    rows = []
    for name, value in manifest.items():
        if name not in ("scenario", "given", "command"):
            parts = value.items() if isinstance(value, dict) else [("", value)]
            rows += [
                (f"{name} {part}".replace("_", " ").strip(), str(item)) for part, item in parts
            ]
    return joined([tag("pre", command), table("What it was run with.", ("", ""), rows, "words")])
