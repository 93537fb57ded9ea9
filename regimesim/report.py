"""One self-contained page about a run: what was asked, what came out, and how to do it again."""

import base64
import html
import json
import re
from pathlib import Path

from regimesim.analysis.first_try import ESTIMANDS, brier_score, caught_by
from regimesim.dates import months_later
from regimesim.declared import plain
from regimesim.refusal import shown
from regimesim.scenario import Scenario, parse
from regimesim.verdict import median_date, met_a_critical_try, percent, percent_interval, sentence
from regimesim.world.records import THRESHOLDS

PLAIN_NUMBERS = {"engine": "h5netcdf", "decode_times": False, "decode_timedelta": False}
LARGEST_SVG = 400_000  # bytes; a heavier drawing is embedded as a picture of points
CAPTIONS = {
    "survival": "Share of worlds without a takeover, by policy.",
    "crossings": "Share of worlds that have crossed each threshold.",
    "regimes": "Share of worlds in each regime.",
    "catch_rates": "Catch rate at the first critical try: what overseers believed, what was true.",
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
STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #5c6670; --line: #d5dae0;
  --page: #ffffff; --tint: #f4f6f8; --mark: #0b5fa5; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e7eb; --soft: #9aa5b1;
  --line: #3a424c; --page: #15181c; --tint: #1e2329; --mark: #7bb8ee; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 68rem; padding: 2.5rem 1.5rem 4rem; background: var(--page);
  color: var(--ink); font: 16px/1.55 system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .3rem; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2.6rem 0 .6rem; padding-top: .9rem;
  border-top: 1px solid var(--line); }
p, li { max-width: 46rem; } section > .soft { font-size: .84rem; }
.soft, caption, figcaption { color: var(--soft); }
.verdicts { padding: 0; list-style: none; }
.verdicts li { margin: .6rem 0; padding: .6rem .9rem; background: var(--tint);
  border-left: 4px solid var(--mark); max-width: none; overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .84rem; line-height: 1.35;
  font-variant-numeric: tabular-nums; }
caption { text-align: left; padding: 0 0 .5rem; }
th, td { padding: .35rem .4rem; border-bottom: 1px solid var(--line); text-align: right;
  vertical-align: top; }
thead th { vertical-align: bottom; font-weight: 600; }
th:first-child, td:first-child, .words td, .words th { text-align: left; }
tbody th { font-weight: 600; overflow-wrap: anywhere; min-width: 6.5rem; }
.words td { overflow-wrap: anywhere; }
small { display: block; color: var(--soft); white-space: nowrap; }
figure { margin: 1.4rem 0; } figure img { width: 100%; background: #fff; padding: .5rem;
  border: 1px solid var(--line); border-radius: 4px; }
pre { background: var(--tint); padding: .8rem 1rem; overflow-x: auto; white-space: pre-wrap; }
@media print { body { max-width: none; padding: 0; font-size: 10.5pt; }
  h2 { break-after: avoid; } figure, tr, .verdicts li { break-inside: avoid; }
  .wide { overflow: visible; } table { font-size: 7pt; } th, td { padding: .2rem; }
  tbody th { min-width: 0; } small { white-space: normal; } }
"""


class Markup(str):
    """Text that is HTML already; every other text is escaped."""


def write_report(folder: str | Path, path: str | Path | None = None) -> Path:
    """Write the page about the run in `folder` to `path` (folder/report.html) and return it.

    Reads the folder's summary.json, manifest.json (its `scenario` and `command`) and
    worlds.nc, and embeds what figures there are.  The page needs no other file and no
    network.
    """
    import xarray as xr

    folder = Path(folder)
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    with xr.open_dataset(folder / "worlds.nc", **PLAIN_NUMBERS) as worlds:
        text = page(summary, manifest, worlds, folder / "figures")
    path = folder / "report.html" if path is None else Path(path)
    path.write_text(text, encoding="utf-8")
    return path


def page(summary: dict, manifest: dict, worlds, figures: Path) -> str:
    """The whole page, from a run's summary, manifest, dataset of worlds, folder of figures."""
    scenario = parse(manifest["scenario"])
    end = scenario.date(summary["months"] - 1)
    sections = (
        _section("The question", _paragraph(QUESTION)),
        _section("The verdict", _verdicts(summary, end) + _verdict_table(summary)),
        _section("Figures", _figures(figures)),
        _section("Policy against policy", _paired(summary)),
        _section("When thresholds are crossed", _thresholds(summary, scenario.start)),
        _section("What each safeguard did at the first critical try", _safeguards(worlds)),
        _section("What differs from the defaults", _differences(scenario)),
        _section("How to do it again", _reproduction(manifest)),
        _section("What the model cannot tell", _items(LIMITS)),
    )
    run = (
        f"{summary['worlds']:,} worlds of {scenario.labs} labs and {scenario.systems} AI systems, "
        f"{scenario.start} to {end}, seed {summary['seed']}"
    )
    return (
        "<!DOCTYPE html>\n"
        '<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "img-src data:; style-src 'unsafe-inline'\">"
        f"{_tag('title', summary['scenario'])}<style>{STYLE}</style></head><body>\n"
        f"{_tag('h1', summary['scenario'])}{_paragraph(scenario.description)}"
        f"{_tag('p', run, 'soft')}\n{''.join(sections)}</body></html>\n"
    )


def _escaped(text) -> Markup:
    return text if isinstance(text, Markup) else Markup(html.escape(str(text)))


def _breakable(name: str) -> Markup:
    """A name that a narrow column may break after an underscore, a hyphen or a dot."""
    return Markup(re.sub("([-_.])", r"\1<wbr>", _escaped(name)))


def _tag(name: str, content, style: str = "") -> Markup:
    kind = f' class="{style}"' if style else ""
    return Markup(f"<{name}{kind}>{_escaped(content)}</{name}>")


def _paragraph(text) -> Markup:
    return _tag("p", text) if text else Markup("")


def _items(lines, style: str = "") -> Markup:
    return _tag("ul", Markup("".join(_tag("li", line) for line in lines)), style)


def _section(heading: str, content: Markup) -> Markup:
    """A section with its heading; nothing where there is nothing to tell."""
    return Markup(f"<section>{_tag('h2', heading)}{content}</section>\n" if content else "")


def _table(caption: str, headings, rows, style: str = "") -> Markup:
    """A table whose first column heads the rows; every cell is escaped unless it is markup."""
    head = "".join(_tag("th", heading) for heading in headings)
    body = "".join(
        f"<tr>{_tag('th', _breakable(first))}{''.join(_tag('td', cell) for cell in cells)}</tr>"
        for first, *cells in rows
    )
    inside = f"{_tag('caption', caption)}<thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
    return _tag("div", _tag("table", Markup(inside), style), "wide")


def _verdicts(summary, end) -> Markup:
    end = end.replace("-", "\u2011")  # a hyphen and a space at which no line breaks
    told = (sentence(name, policy, end) for name, policy in summary["policies"].items())
    return _items((text.replace(" %", "\u00a0%") for text in told), "verdicts")


def _verdict_table(summary) -> Markup:
    headings = (
        "policy",
        "met a critical try, %",
        "held the first, %",
        "no takeover, %",
        "believed catch rate, %",
        "true catch rate, %",
        "evidence gap, points",
        "critical tries",
        "of them held",
        "warning shots before the first",
        "first was a story, %",
    )
    shares = ("held_first_critical_try", "no_takeover", "believed_catch_rate", "true_catch_rate")
    counts = ("critical_tries", "critical_tries_held", "warning_shots_before_first_try")
    rows = [
        (
            name,
            percent(met_a_critical_try(policy)),
            *(_estimate(policy[key], percent) for key in shares),
            _estimate(policy["evidence_gap"], _points),
            *(_estimate(policy[key], _number) for key in counts),
            _estimate(policy["first_try_was_story"], percent),
        )
        for name, policy in summary["policies"].items()
    ]
    meanings = "; ".join(f"{key.replace('_', ' ')}: {words}" for key, words in ESTIMANDS.items())
    table = _table("Estimates with 95 % intervals below them.", headings, rows)
    return Markup(table + _tag("p", f"In full. {meanings}.", "soft"))


def _estimate(estimate: dict, written) -> Markup:
    """An estimate with its interval below it in small print."""
    if estimate["estimate"] is None:
        return _escaped("–")
    if estimate["low"] is None:
        return _escaped(written(estimate["estimate"]))
    interval = f"{written(estimate['low'])} to {written(estimate['high'])}"
    return Markup(_escaped(written(estimate["estimate"])) + _tag("small", interval))


def _points(share: float) -> str:
    return f"{100 * share:+.1f}".replace("-", "\u2212")


def _number(value: float) -> str:
    return f"{value:,.2f}"


def _score(value: float) -> str:
    return f"{value:.3f}"


def _figures(folder: Path) -> Markup:
    drawn = []
    for name, caption in CAPTIONS.items():
        svg, png = folder / f"{name}.svg", folder / f"{name}.png"
        if svg.exists() and (svg.stat().st_size <= LARGEST_SVG or not png.exists()):
            picture, kind = svg, "svg+xml"
        elif png.exists():
            picture, kind = png, "png"
        else:
            continue
        content = base64.b64encode(picture.read_bytes()).decode()
        image = f'<img alt="{html.escape(caption)}" src="data:image/{kind};base64,{content}">'
        drawn.append(f"<figure>{image}{_tag('figcaption', caption)}</figure>\n")
    return Markup("".join(drawn))


def _paired(summary) -> Markup:
    if not summary["paired"]:
        return Markup("")
    rows = [
        (
            pair,
            _estimate(difference["no_takeover"], _points),
            _estimate(difference["held_first_critical_try"], _points),
            f"{difference['held_first_critical_try']['n']:,}",
        )
        for pair, difference in summary["paired"].items()
    ]
    return _table(
        "The first policy minus the second, in percentage points, in the same worlds; the first "
        "critical try only in worlds where both met one.",
        ("pair", "no takeover", "held the first critical try", "worlds where both met one"),
        rows,
    )


def _thresholds(summary, start) -> Markup:
    def when(times):
        spread = ""
        if times["p10"] is not None:
            late = "later" if times["p90"] is None else months_later(start, times["p90"])
            spread = _tag("small", f"{months_later(start, times['p10'])} to {late}")
        crossed = _tag("small", f"{percent(times['crossed'])} % of worlds")
        return Markup(_escaped(median_date(times, start)) + spread + crossed)

    rows = [
        (name, *(when(policy["thresholds"][threshold.name]) for threshold in THRESHOLDS))
        for name, policy in summary["policies"].items()
    ]
    headings = ("policy", *(threshold.name.replace("_", " ") for threshold in THRESHOLDS))
    meanings = "; ".join(f"{t.name.replace('_', ' ')}: {t.words}" for t in THRESHOLDS)
    table = _table(
        "The month by which half of all worlds had crossed; below it from a tenth to nine tenths, "
        "and the share that crossed by the end.",
        headings,
        rows,
    )
    return Markup(table + _tag("p", f"In full. {meanings}.", "soft"))


def _safeguards(worlds) -> Markup:
    policies = [str(name) for name in worlds["policy"].values]
    parts = {policy: caught_by(worlds, policy) for policy in policies}
    names = [str(name) for name in worlds["safeguard"].values]
    rows = []
    for policy in policies:
        cells = []
        for name in names:
            part = parts[policy][name]
            alone = _tag("small", f"alone: {percent_interval(part['alone']._asdict(), '–')}")
            cells.append(Markup(_estimate(part["caught"]._asdict(), percent) + alone))
        rows.append((policy, *cells, _estimate(brier_score(worlds, policy)._asdict(), _score)))
    headings = ("policy", *(name.replace("_", " ") for name in names), "Brier score")
    return _table(
        "Share of first critical tries that a safeguard caught, in %, and that no other caught; "
        "and the Brier score of the believed catch rate (0 is perfect, always saying one half "
        "scores 0.25).",
        headings,
        rows,
    )


def _differences(scenario: Scenario) -> Markup:
    rows = [
        (difference.key, difference.policy or "all", _value(difference.value), default)
        for difference in scenario.differences()
        for default in (_value(difference.default),)
    ]
    if not rows:
        return _paragraph("Nothing: every parameter has its default.")
    return _table(
        "Every other parameter has its default.",
        ("parameter", "policy", "value", "default"),
        rows,
        "words",
    )


def _value(value) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return "none" if value is None else shown(plain(value))


def _reproduction(manifest) -> Markup:
    command = manifest["command"]
    command = command if isinstance(command, str) else " ".join(map(str, command))
    rest = {k: v for k, v in manifest.items() if k not in ("scenario", "command")}
    rows = []
    for name, value in rest.items():
        parts = value.items() if isinstance(value, dict) else [("", value)]
        rows += [(f"{name} {part}".replace("_", " ").strip(), str(item)) for part, item in parts]
    table = _table("What it was run with.", ("", ""), rows, "words") if rows else ""
    return Markup(_tag("pre", command) + table)
