"""From the `[claim]` table of a scenario to a Claim, or a refusal of every mistake in it."""

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from regimesim.errors import Refusal, nearest, shown
from regimesim.model.world.records import COUNTS, REALS, THRESHOLDS
from regimesim.scenario import Scenario, load
from regimesim.studies.claims.outcomes import OF_MONTHS, OF_WORLDS

TEXTS = ("id", "title", "argument", "held_by", "mechanism", "look_at", "neutral", "found")
KEYS = (*TEXTS, "equations", "figure", "because", "shown", "vanishes", "besides")
FOUND = ("shown", "not shown")
OVER_POLICIES = ("rises", "falls", "alike", "same")
OVER_TIME = ("grows", "shrinks", "steady")
BOUNDS = ("above", "below")
RELATIONS = (*OVER_POLICIES, *OVER_TIME, *BOUNDS)
MORE = ("says", "outcome", "minus", "during", "within", "apart_from", "under")
FIGURES = ("outcomes", "months", "crossings", "visible_signal")
ALONE = ("outcomes", "visible_signal")  # figures that need no list
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
    """One thing that must be seen: an outcome, or one minus another, and how it must lie.

    relation: of RELATIONS · policies: that it is about, in order · value: the bound of
    above and below, the largest difference of alike · periods: first and last month of
    each, empty for outcomes of worlds · apart_from: what may differ where worlds are the
    same.
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

    shown: where its mechanism works · vanishes: where it is neutral · besides: what else is seen,
    or instead · found: the verdict that the file reports, `because` of what · worlds: how many
    the file asks for, fewer of which may leave it undecided.
    """

    id: str
    title: str
    argument: str
    held_by: str
    mechanism: str
    equations: tuple[str, ...]
    look_at: str
    neutral: str
    found: str
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
    found, twice = {}, []
    for path in files:
        first = found.setdefault(_number_of(path), path)
        if first is not path:
            twice.append(f"{path}: has the number of {first.name}; allowed is one file a number")
    if twice:
        raise Refusal(twice)
    return found


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
    """The claim that a scenario is made for; raises Refusal with every mistake in it."""
    given = scenario.raw.get("claim")
    if not isinstance(given, Mapping):
        raise Refusal(f"{scenario.source}: claim: found {shown(given)}; a claim needs a table")
    lines = [*_unknown(given, KEYS), *_wrong_texts(given)]
    kind, panels = _figure(given.get("figure", "outcomes"), scenario, lines)
    groups = {
        group: _patterns(group, given.get(group, []), scenario, lines)
        for group in ("shown", "vanishes", "besides")
    }
    if not groups["shown"] and "shown" not in given:
        lines.append("shown: missing; a claim is about a pattern")
    if given.get("found") in FOUND and (given["found"] == "shown") != ("because" not in given):
        lines.append("because: says why a claim is 'not shown', and is needed there alone")
    if lines:
        raise Refusal(f"{scenario.source}: claim: {line}" for line in lines)
    texts = {key: " ".join(given[key].split()) for key in TEXTS}
    because, equations = " ".join(given.get("because", "").split()), tuple(given["equations"])
    more = {"equations": equations, "because": because, "figure": kind, "panels": panels}
    return Claim(**texts, **more, **groups, scenario=scenario, worlds=scenario.worlds)


def _unknown(given: Mapping, known: Iterable[str]) -> list[str]:
    return [
        f"{key}: unknown key; the nearest is '{nearest(str(key), known)}'"
        for key in given
        if key not in known
    ]


def _wrong_texts(given: Mapping) -> Iterable[str]:
    for key in TEXTS:
        if not isinstance(given.get(key), str) or not given[key].strip():
            yield f"{key}: found {shown(given.get(key, 'nothing'))}; allowed is a text"
    if isinstance(given.get("found"), str) and given["found"] not in FOUND:
        yield f"found: found {shown(given['found'])}; allowed are {' and '.join(FOUND)}"
    if not _is_texts(given.get("equations")):
        yield "equations: allowed is a list of sections of the model's description"
    else:
        for name in given["equations"]:
            if name not in SECTIONS:
                close = nearest(name, SECTIONS)
                yield f"equations: no section {shown(name)}; the nearest is '{close}'"
    because = given.get("because", "so")
    if not isinstance(because, str) or not because.strip():
        yield f"because: found {shown(because)}; allowed is a text"


def _is_texts(given) -> bool:
    return isinstance(given, list) and bool(given) and all(isinstance(x, str) for x in given)


def _figure(given, scenario, lines) -> tuple[str, tuple[str, ...]]:
    """Kind and panels of `figure = "outcomes"` or `figure = { months = [...] }`."""
    kind, panels = (given, []) if isinstance(given, str) else ("", [])
    if isinstance(given, Mapping) and len(given) == 1:
        ((kind, panels),) = given.items()
    if kind not in FIGURES or not isinstance(panels, list):
        lines.append(f"figure: found {shown(given)}; allowed are {', '.join(FIGURES)}")
        return "outcomes", ()
    lines += _wrong_panels(kind, panels, isinstance(given, str), scenario)
    return kind, tuple(map(str, panels))


def _wrong_panels(kind, panels, alone, scenario) -> Iterable[str]:
    """What is wrong with the list of a figure's panels, or with there being none."""
    what, known = {
        "months": ("outcome", OF_MONTHS),
        "outcomes": ("outcome", OF_WORLDS),
        "crossings": ("threshold", CROSSINGS),
        "visible_signal": ("policy", scenario.policies),
    }[kind]
    for name in panels:
        if not isinstance(name, str) or name not in known:
            close = nearest(str(name), known)
            yield f"figure: unknown {what} {shown(name)}; the nearest is '{close}'"
    if not panels and not (alone and kind in ALONE):
        yield f"figure: {kind}: found nothing to draw; name one {what} at least"
    if kind == "visible_signal" and len(panels) > 1:
        yield f"figure: visible_signal: found {shown(panels)}; allowed is one policy"


def _patterns(group, given, scenario, lines) -> tuple[Pattern, ...]:
    if not isinstance(given, list) or not all(isinstance(one, Mapping) for one in given):
        lines.append(f"{group}: found {shown(given)}; allowed are tables [[claim.{group}]]")
        return ()
    found = []
    for number, one in enumerate(given, 1):
        try:
            found.append(_pattern(one, scenario))
        except Refusal as refusal:
            lines += [f"{group} {number}: {line}" for line in refusal.lines]
    return tuple(found)


def _pattern(given: Mapping, scenario: Scenario) -> Pattern:
    """One pattern, or a Refusal of what is wrong with it."""
    lines = _unknown(given, (*RELATIONS, *MORE))
    relations = [key for key in RELATIONS if key in given]
    if len(relations) != 1:
        allowed = f"allowed is one of {', '.join(RELATIONS)}"
        raise Refusal([*lines, f"found {shown(relations)}; {allowed}"])
    (relation,) = relations
    if not isinstance(given.get("says"), str):
        lines.append("says: missing; say in words what is seen")
    bound = relation in BOUNDS
    policies = given.get("under") if bound else given[relation]
    policies = [policies] if isinstance(policies, str) else policies
    lines += _wrong_policies(relation, policies, scenario)
    value = given[relation] if bound else given.get("within", 0.0)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        key = relation if bound else "within"
        lines.append(f"{key}: found {shown(value)}; allowed is a finite number")
    elif not bound and value < 0:
        lines.append(f"within: found {shown(value)}; allowed is 0 or more")
    if relation in ("alike", "steady") and "within" not in given:
        lines.append("within: missing; say what difference would not matter")
    periods = _periods(given, relation, scenario, lines)
    lines += _wrong_outcomes(given, relation, periods)
    if lines:
        raise Refusal(lines)
    return Pattern(
        " ".join(given["says"].split()),
        relation,
        tuple(policies),
        given.get("outcome", ""),
        given.get("minus", ""),
        float(value),
        periods,
        tuple(given.get("apart_from", ())),
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


def _periods(given, relation, scenario, lines) -> tuple[Period, ...]:
    """The periods of `during`: a pair of months, or, over time, a list of pairs."""
    found = given.get("during")
    if relation in OVER_TIME:
        pairs, least = found, 2
    else:
        pairs, least = [] if found is None else [found], 0
    try:
        periods = tuple((int(first), int(last)) for first, last in pairs)
        if len(periods) < least or not all(0 <= a <= b < scenario.months for a, b in periods):
            raise ValueError
    except (TypeError, ValueError):
        wanted = "a list of pairs" if least else "a pair"
        wanted += f" of months, 0 to {scenario.months - 1}"
        lines.append(f"during: found {shown(found or 'nothing')}; allowed is {wanted}")
        return ()
    return periods


def _wrong_outcomes(given, relation, periods) -> Iterable[str]:
    if relation == "same":
        apart = given.get("apart_from", [])
        if not isinstance(apart, list):
            yield f"apart_from: found {shown(apart)}; allowed is a list of variables of a world"
            return
        for name in apart:
            if name not in OF_A_WORLD:
                close = nearest(str(name), OF_A_WORLD)
                yield f"apart_from: no variable {shown(name)}; the nearest is '{close}'"
        return
    known = OF_MONTHS if periods else OF_WORLDS
    for key in ("outcome", "minus"):
        name = given.get(key, "")
        if (key == "outcome" or name) and not (isinstance(name, str) and name in known):
            where = "of months" if periods else "of worlds (one of months needs `during`)"
            close = nearest(str(name), known)
            yield f"{key}: no outcome {shown(name)} {where}; the nearest is '{close}'"


__all__ = ["Claim", "Pattern", "find_claims", "load_claim", "read_claim"]
