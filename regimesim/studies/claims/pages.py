"""All claims on one page: the gallery for a browser, and docs/claims.md."""

import hashlib
import re
from pathlib import Path

from regimesim.results.report.blocks import (
    Cell,
    Figure,
    Heading,
    Items,
    Paragraph,
    Section,
    Table,
    data_url,
    render,
)
from regimesim.studies.claims.text import GROUPS, MARKS

TITLE = "Arguments, and what the model shows of them"
OPENING = """\
Each claim is an argument from the debate, as a scenario that anybody can run, change and dispute:
`regimesim claims C6` runs one, and `regimesim claims C6 --set KEY=VALUE` runs it under another
assumption. The model takes no side: opposite views are opposite parameter values."""
DECIDED = """\
A claim states which pattern must show where its mechanism works, and what must show where the
mechanism is neutral. It is *shown* if all of this shows. Each comparison is decided at 95 %: the
whole interval must lie where the pattern says. Two settings count as alike if the whole interval
of their difference lies within a margin that the claim states, and as the same if no world differs
in any bit. A claim needs all its comparisons, so none is corrected for the others. Differences are
within the same worlds and counted; means of months have intervals from 20 batches of worlds.
Numbers of one policy are expected values over the draws of attempts where that is more precise, so
a difference is close to that of the two numbers before it, but not equal. Hardly any means less
than 5 %, nearly all more than 95 %. A month that never comes counts as the end of the run, also in
worlds that were lost before it.

Most claims run 15 systems instead of the default of 60, for speed; each states the number. With 60
the verdicts are the same, except for C7 and C19: story incidents are counted over all systems, so
their margins would have to be four times as wide.
"""
LIMIT = """\
Shown means that the pattern follows from these assumptions in this model, at these parameters. It
does not mean that it is true of the world."""
MARKDOWN = """\
<!-- Made by `regimesim claims --markdown`; do not edit. -->

# {title}

{opening}

{decided}

{limit}

| | claim | verdict |
| --- | --- | --- |
{rows}

{sections}
"""


def digest(claim: dict) -> str:
    """Sixteen hexadecimal digits that change with the section about a claim."""
    return hashlib.sha256(section(claim, "").encode()).hexdigest()[:16]


def anchor(heading: str) -> str:
    """The anchor of a heading of a page."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


# ---- docs/claims.md ----


def markdown(claims: list[dict], images: str) -> str:
    """The page of all claims; `images` is the folder of their figures, seen from the page."""
    rows = [
        f"| {claim['id']} | [{claim['title']}](#{anchor(_heading(claim))}) | {claim['verdict']} |"
        for claim in claims
    ]
    return MARKDOWN.format(
        title=TITLE,
        opening=OPENING,
        decided=DECIDED.rstrip(),
        limit=LIMIT,
        rows="\n".join(rows),
        sections="\n".join(section(claim, images) for claim in claims).rstrip(),
    )


def _heading(claim) -> str:
    return f"{claim['id']} {claim['title']}"


def section(claim: dict, images: str) -> str:
    """The section of docs/claims.md about one claim."""
    equations = " · ".join(f"[{name}](odd.md#{anchor(name)})" for name in claim["equations"])
    scenario = claim["scenario"]
    lines = [
        f"## {_heading(claim)}",
        "",
        claim["argument"],
        "",
        f"- **Held by** {claim['held_by']}.",
        f"- **Mechanism**: {claim['mechanism']}.",
        f"- **Equations**: {equations}",
        f"- **Scenario**: [{scenario}](../scenarios/claims/{scenario}.toml), "
        f"{claim['worlds']:,} worlds, {claim['systems']} systems, {claim['months']} months",
        f"- **Look at**: {claim['look_at']}",
        f"- **Neutral**: {claim['neutral']}",
        "",
        f"**{claim['verdict'].capitalize()}.**"
        + (f" {claim['because']}" if claim["because"] else ""),
        "",
        f"![{claim['look_at']}]({images}/{scenario}.png)",
        "",
    ]
    for group, patterns in claim["patterns"].items():
        lines += [f"{GROUPS[group]}:", ""]
        lines += [line for pattern in patterns for line in _listed(pattern)]
        lines.append("")
    return "\n".join(lines)


def _listed(pattern):
    seen = "seen" if pattern["seen"] else "**not seen**"
    yield f"- {pattern['says']} *({seen}; {pattern['of']})*"
    numbers = "; ".join(f"{number['of']} {number['written']}" for number in pattern["numbers"])
    yield f"  <br>{numbers}"


# ---- the gallery ----


def gallery(claims: list[dict], figures: Path) -> str:
    """A self-contained page of all claims with the figures in the folder `figures`."""
    rows = [
        (claim["id"], Cell(claim["title"], link=f"#{claim['id']}"), claim["verdict"])
        for claim in claims
    ]
    opening = [
        *(Paragraph(_plain(text)) for text in (OPENING, DECIDED, LIMIT)),
        Table(("", "claim", "verdict"), rows, words=True),
    ]
    sections = [_gallery_section(claim, figures) for claim in claims]
    return render(TITLE, opening, sections, links=False)


def _plain(text: str) -> str:
    return " ".join(re.sub("[`*]", "", text).split())


def _gallery_section(claim, figures) -> Section:
    picture = figures / f"{claim['scenario']}.png"
    facts = (
        ("held by", claim["held_by"]),
        ("mechanism", claim["mechanism"]),
        ("equations", "; ".join(claim["equations"])),
        ("look at", claim["look_at"]),
        ("neutral", claim["neutral"]),
        ("run it", f"regimesim claims {claim['id']}"),
    )
    verdict = f"{claim['verdict'].capitalize()}. {claim['because']}".strip()
    blocks = [
        Paragraph(claim["argument"]),
        Table(("", ""), facts, words=True),
        Items([verdict], verdicts=True),
    ]
    if picture.exists():
        blocks.append(Figure(claim["look_at"], data_url(picture.read_bytes(), "png")))
    for group, patterns in claim["patterns"].items():
        blocks += [Heading(GROUPS[group]), *map(_numbers, patterns)]
    return Section(_heading(claim), blocks, claim["id"])


def _numbers(pattern) -> Table:
    """The numbers of a pattern."""
    rows = [(n["of"], n["written"], MARKS[n["holds"]]) for n in pattern["numbers"]]
    seen = "seen" if pattern["seen"] else "not seen"
    caption = f"{pattern['says']} ({seen}; {pattern['of']})"
    return Table(("", "estimate (95 % interval)", "as it must be"), rows, caption)
