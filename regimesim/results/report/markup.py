"""What a page is written with: escaped text, tags, tables, numbers in words, one style sheet."""

import html
import re

from regimesim.analysis.formatting import MARK, rounded

STYLE_SHEET = """
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
.soft, .told, figcaption { color: var(--soft); }
.told { font-size: .84rem; margin: 0 0 .5rem; max-width: none; }
a { color: var(--mark); }
nav { margin: 1.2rem 0 0; font-size: .88rem; } nav a { margin-right: 1.1rem;
  white-space: nowrap; text-decoration: none; display: inline-block; }
.verdicts { padding: 0; list-style: none; }
.verdicts li { margin: .6rem 0; padding: .6rem .9rem; background: var(--tint);
  border-left: 4px solid var(--mark); max-width: none; overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin: .4rem 0 1rem; font-size: .84rem;
  line-height: 1.35; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .4rem; border-bottom: 1px solid var(--line); text-align: right;
  vertical-align: top; }
thead th { vertical-align: bottom; font-weight: 600; }
th:first-child, td:first-child, .words td, .words th { text-align: left; }
tbody th { font-weight: 600; overflow-wrap: break-word; min-width: 6.5rem; }
.words td { overflow-wrap: anywhere; }
sup { line-height: 0; color: var(--mark); }
small { display: block; color: var(--soft); white-space: nowrap; }
figure { margin: 1.4rem 0 2rem; } figure img { width: 100%; background: #fff; padding: .5rem;
  border: 1px solid var(--line); border-radius: 4px; }
figcaption { font-size: .9rem; max-width: 46rem; }
pre { background: var(--tint); padding: .8rem 1rem; overflow-x: auto; white-space: pre-wrap;
  overflow-wrap: anywhere; font-size: .84rem; }
@media screen and (max-width: 40rem) { body { padding: 1.2rem .9rem 3rem; }
  h1 { font-size: 1.5rem; } figure img { min-width: 38rem; } }
@page { margin: 16mm 14mm; }
@media print { :root { --ink: #000; --soft: #444; --line: #bbb; --page: #fff; --tint: #f4f6f8;
  --mark: #0b5fa5; font-size: 10pt; } body { max-width: none; padding: 0; font-size: 1rem; }
  nav { display: none; } h2, .told { break-after: avoid; break-inside: avoid; }
  h2 { margin-top: 1.6rem; }
  figure, tr, .verdicts li { break-inside: avoid; } thead { display: table-header-group; }
  figure img { border: 0; padding: 0; max-height: 225mm; object-fit: contain; }
  .wide { overflow: visible; } table { font-size: 7.5pt; } th, td { padding: .2rem; }
  tbody th { min-width: 0; overflow-wrap: anywhere; } small { white-space: normal; } }
"""
NOTHING = "–"
MINUS = "\u2212"


class Markup(str):
    """Text that is HTML already; every other text is escaped."""


def escaped(text) -> Markup:
    """Text as HTML."""
    return text if isinstance(text, Markup) else Markup(html.escape(str(text)))


def joined(parts) -> Markup:
    """Parts of a page one after the other."""
    return Markup("".join(escaped(part) for part in parts))


def breakable(name: str) -> Markup:
    """A name that a narrow column may break after an underscore, a hyphen or a dot."""
    return Markup(re.sub("([-_.])", r"\1<wbr>", escaped(name)))


def tag(name: str, content, style: str = "") -> Markup:
    """`content` in a tag of the class `style`."""
    kind = f' class="{style}"' if style else ""
    return Markup(f"<{name}{kind}>{escaped(content)}</{name}>")


def paragraph(text, style: str = "") -> Markup:
    """A paragraph; nothing where there is no text."""
    return tag("p", text, style) if text else Markup("")


def items(lines, style: str = "") -> Markup:
    """A list."""
    return tag("ul", joined(tag("li", line) for line in lines), style)


def table(caption: str, headings, rows, style: str = "") -> Markup:
    """A table whose first column heads the rows; nothing where there are no rows."""
    head = joined(tag("th", heading) for heading in headings)
    lines = []
    for first, *cells in rows:
        inside = joined([tag("th", breakable(first)), *(tag("td", cell) for cell in cells)])
        lines.append(tag("tr", inside))
    if not lines:
        return Markup("")
    inside = joined([tag("thead", tag("tr", head)), tag("tbody", joined(lines))])
    wide = tag("div", tag("table", inside, style), "wide")
    return joined([paragraph(caption, "told"), wide])


def estimate(found: dict | None, written) -> Markup:
    """An estimate with its interval below it in small print; one that is integrated is marked,
    and below it stands what was counted."""
    if found is None or found["estimate"] is None:
        return escaped(NOTHING)
    if found["low"] is None:
        return escaped(written(found["estimate"]))
    interval = tag("small", _interval(found, written))
    if not found.get("worth"):
        return joined([written(found["estimate"]), interval])
    counted = found["counted"]
    beside = [tag("small", f"counted {written(counted['estimate'])}")]
    beside.append(tag("small", _interval(counted, written)))
    return joined([written(found["estimate"]), tag("sup", MARK), interval, *beside])


def _interval(found, written) -> str:
    return f"{written(found['low'])} to {written(found['high'])}"


def points(share: float) -> str:
    """A difference of shares in percentage points."""
    return _with_minus(rounded(100 * share, "+.1f"))


def number(value: float) -> str:
    """A number with two decimals."""
    return _with_minus(rounded(value, ",.2f"))


def score(value: float) -> str:
    """A number with three decimals."""
    return _with_minus(rounded(value, ".3f"))


def _with_minus(text: str) -> str:
    """A number with a true minus sign."""
    return text.replace("-", MINUS)


def document(title: str, body) -> str:
    """A page of parts, one after the other, that loads nothing and runs nothing."""
    return (
        "<!DOCTYPE html>\n"
        '<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "img-src data:; style-src 'unsafe-inline'\">"
        f"{tag('title', title)}<style>{STYLE_SHEET}</style></head><body>\n"
        f"{joined(body)}</body></html>\n"
    )


def chance(p: float | None) -> str:
    """A p value."""
    if p is None:
        return NOTHING
    return "<0.001" if p < 0.001 else "1" if p == 1 else f"{p:.3f}"
