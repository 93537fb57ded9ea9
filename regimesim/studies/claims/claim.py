"""A claim, read from the `[claim]` table of its scenario."""

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from regimesim.errors import Refusal, nearest, shown
from regimesim.model.world.records import COUNTS, REALS, THRESHOLDS
from regimesim.scenario import Scenario, load
from regimesim.studies.claims.outcomes import MONTH_OUTCOMES, WORLD_OUTCOMES

TEXTS = ("id", "title", "argument", "held_by", "mechanism", "look_at", "neutral", "found")
KEYS = (*TEXTS, "equations", "figure", "because", "shown", "vanishes", "besides")
VERDICTS = ("shown", "not shown")
OVER_POLICIES = ("rises", "falls", "alike", "same")
OVER_TIME = ("grows", "shrinks", "steady")
BOUNDS = ("above", "below")
RELATIONS = (*OVER_POLICIES, *OVER_TIME, *BOUNDS)
MORE = ("says", "outcome", "minus", "during", "within", "apart_from", "under")
FIGURES = ("outcomes", "months", "crossings", "visible_signal")
WITHOUT_LIST = ("outcomes", "visible_signal")  # figures that need no list of panels
SECTIONS = (  # of the model's description that hold equations
    "2 Entities, state variables and scales",
    "7.1 Governance and evaluations",
    "7.2 Labs",
    "7.3 Training",
    "7.4 Prospects and stakes",
    "7.5 Catching",
    "7.6 Conduct",
    "7.7 Resolution",
    "7.8 Learning",
    "8 Observation",
)
CROSSINGS = tuple(item.name for item in THRESHOLDS)
OF_A_WORLD = ("crossing", *(item.name for item in (*COUNTS, *REALS)), "first_try_caught_by")
Period = tuple[int, int]


class Pattern(NamedTuple):
    """A relation that must hold for an outcome, or for the difference of two.

    says: the relation in words · relation: one of RELATIONS · policies: that are compared, in
    order · outcome, minus: names of outcomes, the second subtracted from the first · value: the
    bound of above and below, the largest difference of alike and steady · periods: first and
    last month of each, empty for outcomes of worlds · apart_from: variables that may differ
    where worlds must be the same.
    """

    says: str
    relation: str
    policies: tuple[str, ...]
    outcome: str = ""
    minus: str = ""
    value: float = 0.0
    periods: tuple[Period, ...] = ()
    apart_from: tuple[str, ...] = ()


class Claim(NamedTuple):
    """An argument, its scenario, and the patterns that must be seen.

    reported: the verdict that the file reports (its key `found`) · because: the reason where it
    is "not shown" · shown: patterns where the mechanism works · vanishes: patterns where it is
    neutral · besides: other patterns that are seen · worlds: how many the file sets; with fewer
    the claim may be undecided.
    """

    id: str
    title: str
    argument: str
    held_by: str
    mechanism: str
    equations: tuple[str, ...]
    look_at: str
    neutral: str
    reported: str
    because: str
    figure: str
    panels: tuple[str, ...]
    shown: tuple[Pattern, ...]
    vanishes: tuple[Pattern, ...]
    besides: tuple[Pattern, ...]
    scenario: Scenario
    worlds: int

    @property
    def patterns(self) -> tuple[Pattern, ...]:
        """All of its patterns."""
        return (*self.shown, *self.vanishes, *self.besides)


def find_claims(folder: str | Path) -> dict[str, Path]:
    """The files of claims in `folder` by the number of the claim, such as "C6", in order."""
    if not Path(folder).is_dir():
        raise Refusal(f"{folder}: no such folder")
    files = sorted(Path(folder).glob("C[0-9][0-9]_*.toml"))
    if not files:
        raise Refusal(f"{folder}: holds no claims; name their folder with --from")
    claims, twice = {}, []
    for path in files:
        first = claims.setdefault(_number_of(path), path)
        if first is not path:
            twice.append(f"{path}: has the number of {first.name}; allowed is one file a number")
    if twice:
        raise Refusal(twice)
    return claims


def _number_of(path: Path) -> str:
    return f"C{int(path.name[1:3])}"


def load_claim(path: str | Path) -> Claim:
    """The claim in a file of `find_claims`; raises Refusal with every mistake in it."""
    claim = read_claim(load(path))
    if claim.id != _number_of(Path(path)):
        wanted = f"allowed is {shown(_number_of(Path(path)))}, as in the name of the file"
        raise Refusal(f"{claim.scenario.source}: claim: id: found {shown(claim.id)}; {wanted}")
    return claim


def read_claim(scenario: Scenario) -> Claim:
    """The claim in the table of a scenario; raises Refusal with every mistake in it."""
    table = scenario.raw.get("claim")
    if not isinstance(table, Mapping):
        raise Refusal(f"{scenario.source}: claim: found {shown(table)}; a claim needs a table")
    lines = [*_unknown(table, KEYS), *_wrong_texts(table)]
    kind, panels = _figure(table.get("figure", "outcomes"), scenario, lines)
    groups = {
        group: _patterns(group, table.get(group, []), scenario, lines)
        for group in ("shown", "vanishes", "besides")
    }
    if not groups["shown"] and "shown" not in table:
        lines.append("shown: missing; a claim is about a pattern")
    if table.get("found") in VERDICTS and (table["found"] == "shown") != ("because" not in table):
        lines.append("because: says why a claim is 'not shown', and is needed there alone")
    if lines:
        raise Refusal(f"{scenario.source}: claim: {line}" for line in lines)
    texts = {key: " ".join(table[key].split()) for key in TEXTS}
    texts["reported"] = texts.pop("found")
    because, equations = " ".join(table.get("because", "").split()), tuple(table["equations"])
    more = {"equations": equations, "because": because, "figure": kind, "panels": panels}
    return Claim(**texts, **more, **groups, scenario=scenario, worlds=scenario.worlds)


def _unknown(table: Mapping, known: Iterable[str]) -> list[str]:
    return [
        f"{key}: unknown key; the nearest is '{nearest(str(key), known)}'"
        for key in table
        if key not in known
    ]


def _wrong_texts(table: Mapping) -> Iterable[str]:
    for key in TEXTS:
        if not isinstance(table.get(key), str) or not table[key].strip():
            yield f"{key}: found {shown(table.get(key, 'nothing'))}; allowed is a text"
    if isinstance(table.get("found"), str) and table["found"] not in VERDICTS:
        yield f"found: found {shown(table['found'])}; allowed are {' and '.join(VERDICTS)}"
    if not _is_texts(table.get("equations")):
        yield "equations: allowed is a list of sections of the model's description"
    else:
        for name in table["equations"]:
            if name not in SECTIONS:
                close = nearest(name, SECTIONS)
                yield f"equations: no section {shown(name)}; the nearest is '{close}'"
    because = table.get("because", "so")
    if not isinstance(because, str) or not because.strip():
        yield f"because: found {shown(because)}; allowed is a text"


def _is_texts(value) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(x, str) for x in value)


def _figure(value, scenario, lines) -> tuple[str, tuple[str, ...]]:
    """Kind and panels of `figure = "outcomes"` or `figure = { months = [...] }`."""
    kind, panels = (value, []) if isinstance(value, str) else ("", [])
    if isinstance(value, Mapping) and len(value) == 1:
        ((kind, panels),) = value.items()
    if kind not in FIGURES or not isinstance(panels, list):
        lines.append(f"figure: found {shown(value)}; allowed are {', '.join(FIGURES)}")
        return "outcomes", ()
    lines += _wrong_panels(kind, panels, isinstance(value, str), scenario)
    return kind, tuple(map(str, panels))


def _wrong_panels(kind, panels, alone, scenario) -> Iterable[str]:
    """Mistakes in the list of panels of a figure, or that it is missing."""
    what, known = {
        "months": ("outcome", MONTH_OUTCOMES),
        "outcomes": ("outcome", WORLD_OUTCOMES),
        "crossings": ("threshold", CROSSINGS),
        "visible_signal": ("policy", scenario.policies),
    }[kind]
    for name in panels:
        if not isinstance(name, str) or name not in known:
            close = nearest(str(name), known)
            yield f"figure: unknown {what} {shown(name)}; the nearest is '{close}'"
    if not panels and not (alone and kind in WITHOUT_LIST):
        yield f"figure: {kind}: found nothing to draw; name one {what} at least"
    if kind == "visible_signal" and len(panels) > 1:
        yield f"figure: visible_signal: found {shown(panels)}; allowed is one policy"


def _patterns(group, tables, scenario, lines) -> tuple[Pattern, ...]:
    if not isinstance(tables, list) or not all(isinstance(one, Mapping) for one in tables):
        lines.append(f"{group}: found {shown(tables)}; allowed are tables [[claim.{group}]]")
        return ()
    patterns = []
    for number, one in enumerate(tables, 1):
        try:
            patterns.append(_pattern(one, scenario))
        except Refusal as refusal:
            lines += [f"{group} {number}: {line}" for line in refusal.lines]
    return tuple(patterns)


def _pattern(table: Mapping, scenario: Scenario) -> Pattern:
    """The pattern in a table; raises Refusal with every mistake in it."""
    lines = _unknown(table, (*RELATIONS, *MORE))
    relations = [key for key in RELATIONS if key in table]
    if len(relations) != 1:
        allowed = f"allowed is one of {', '.join(RELATIONS)}"
        raise Refusal([*lines, f"found {shown(relations)}; {allowed}"])
    (relation,) = relations
    if not isinstance(table.get("says"), str):
        lines.append("says: missing; say in words what is seen")
    bound = relation in BOUNDS
    policies = table.get("under") if bound else table[relation]
    policies = [policies] if isinstance(policies, str) else policies
    lines += _wrong_policies(relation, policies, scenario)
    value = table[relation] if bound else table.get("within", 0.0)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        key = relation if bound else "within"
        lines.append(f"{key}: found {shown(value)}; allowed is a finite number")
    elif not bound and value < 0:
        lines.append(f"within: found {shown(value)}; allowed is 0 or more")
    if relation in ("alike", "steady") and "within" not in table:
        lines.append("within: missing; say what difference would not matter")
    periods = _periods(table, relation, scenario, lines)
    lines += _wrong_outcomes(table, relation, periods)
    if lines:
        raise Refusal(lines)
    return Pattern(
        " ".join(table["says"].split()),
        relation,
        tuple(policies),
        table.get("outcome", ""),
        table.get("minus", ""),
        float(value),
        periods,
        tuple(table.get("apart_from", ())),
    )


def _wrong_policies(relation, policies, scenario) -> Iterable[str]:
    least = 2 if relation in OVER_POLICIES else 1
    if not _is_texts(policies) or len(policies) < least:
        where = "under" if relation in BOUNDS else relation
        yield f"{where}: found {shown(policies)}; allowed are names of policies, {least} at least"
        return
    for name in policies:
        if name not in scenario.policies:
            close = nearest(name, scenario.policies)
            yield f"{relation}: no policy {shown(name)}; the nearest is '{close}'"


def _periods(table, relation, scenario, lines) -> tuple[Period, ...]:
    """The periods of `during`: a pair of months, or, over time, a list of pairs."""
    during = table.get("during")
    if relation in OVER_TIME:
        pairs, least = during, 2
    else:
        pairs, least = [] if during is None else [during], 0
    try:
        periods = tuple((int(first), int(last)) for first, last in pairs)
        if len(periods) < least or not all(0 <= a <= b < scenario.months for a, b in periods):
            raise ValueError
    except (TypeError, ValueError):
        wanted = "a list of pairs" if least else "a pair"
        wanted += f" of months, 0 to {scenario.months - 1}"
        lines.append(f"during: found {shown(during or 'nothing')}; allowed is {wanted}")
        return ()
    return periods


def _wrong_outcomes(table, relation, periods) -> Iterable[str]:
    if relation == "same":
        apart = table.get("apart_from", [])
        if not isinstance(apart, list):
            yield f"apart_from: found {shown(apart)}; allowed is a list of variables of a world"
            return
        for name in apart:
            if name not in OF_A_WORLD:
                close = nearest(str(name), OF_A_WORLD)
                yield f"apart_from: no variable {shown(name)}; the nearest is '{close}'"
        return
    known = MONTH_OUTCOMES if periods else WORLD_OUTCOMES
    for key in ("outcome", "minus"):
        name = table.get(key, "")
        if (key == "outcome" or name) and not (isinstance(name, str) and name in known):
            where = "of months" if periods else "of worlds (one of months needs `during`)"
            close = nearest(str(name), known)
            yield f"{key}: no outcome {shown(name)} {where}; the nearest is '{close}'"


__all__ = ["Claim", "Pattern", "find_claims", "load_claim", "read_claim"]
