"""Measurements as they are written: of a parameter, of a monitor, or of what a world shows.

- "takeover.difficulty +- 1", "oversight.recognition: 300 trials" and
  "oversight.control.auroc: 300 trajectories" measure a parameter;
- "monitor: 300 trajectories at a gap of 3 doublings" a monitor against a system that is so much
  more capable than it;
- "honeypots: 300", "exercises: 300 on 2027-06", "horizon on 2027-06", "strikes by 2027-06",
  "story incidents by 2027-06" and "alarms by 2027-06" what a world shows under the policy in
  force, which " under NAME" names.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from pydantic_core import PydanticCustomError

from regimesim.ensemble.datasets import drawn_names
from regimesim.errors import Refusal, nearest, shown
from regimesim.model.world.records import SAFEGUARDS
from regimesim.scenario import Scenario
from regimesim.scenario.dates import months_between
from regimesim.scenario.evidence_items import MONITORS, Month
from regimesim.scenario.parameters import active
from regimesim.studies.worth.measurement import Measurement, count_of, error_of, of_parameter
from regimesim.studies.worth.observation import (
    ALARMS,
    EXERCISES,
    HONEYPOTS,
    HORIZON,
    MONITOR,
    STORIES,
    STRIKES,
    Observation,
    Tested,
)

HORIZON_ERROR = 0.5  # doublings: the median of the 95 % intervals of METR's horizons
PARADIGM = 2  # of the systems that a monitor of thoughts is tested on
WIDEST = 40.0  # doublings of a gap
MOST = 1_000_000  # exercises and traps
EXAMPLES = (
    '"takeover.difficulty +- 1", "oversight.recognition: 300 trials", '
    '"monitor: 300 trajectories at a gap of 3 doublings", "honeypots: 300", '
    '"horizon on 2027-06" or "strikes by 2027-06"'
)
NUMBERED = re.compile(
    r"(?P<what>[\w .]+?)\s*:\s*(?P<number>-?[0-9][0-9_,]*)\s*"
    r"(?P<noun>trials?|traps?|exercises?|trajector(?:y|ies))?(?P<tail>(?:\s.*)?)"
)
ERROR = re.compile(r"(?P<key>[\w .]+?)\s*(?:\+-|±)\s*(?P<error>\S+)")
DATED = re.compile(
    r"(?P<what>[\w ]+?)\s+(?P<when>on|by)\s+(?P<date>\S+)"
    r"(?:\s*(?:\+-|±)\s*(?P<error>\S+)(?:\s+doublings?)?)?"
)
UNDER = re.compile(r"(?P<rest>.*?)\s+under\s+(?P<policy>\S+)")
GAP = re.compile(r"\s+at\s+a\s+gap\s+of\s+(?P<gap>\S+)\s+doublings?")
OF_PARADIGM = re.compile(r"\s+at\s+paradigm\s+(?P<paradigm>\S+)")
ON = re.compile(r"\s+on\s+(?P<date>\S+)")
COUNTED = {"strikes": STRIKES, "story incidents": STORIES, "alarms": ALARMS}
NOUNS = {
    STRIKES: "strikes that are seen",
    STORIES: "story incidents",
    ALARMS: "months with an alarm",
}
TRIED = {EXERCISES: "exercises are caught", HONEYPOTS: "systems go into a trap"}


class Place(NamedTuple):
    """Where observations are made: the scenario, and the policy that is named for one."""

    scenario: Scenario
    named: str | None = None

    def policy(self, fits, lacks: str) -> str:
        """The policy in force: the one that is named, else that of the evidence, else the first,
        of those that `fits`.  Raises Refusal where there is none, without what `lacks` names."""
        policies = self.scenario.policies
        if self.named is not None:
            if self.named not in policies:
                close = nearest(self.named, policies)
                raise Refusal(
                    f"under: no policy {shown(self.named)} here; the nearest is '{close}'"
                )
            if not fits(policies[self.named]):
                raise Refusal(f"the policy {self.named} is without {lacks}")
            return self.named
        evidence = self.scenario.evidence
        first = [evidence.policy] if evidence and evidence.policy in policies else []
        for name in (*first, *policies):
            if fits(policies[name]):
                return name
        raise Refusal(f"every policy here is without {lacks}")

    def month(self, written: str) -> int:
        """The month of the run that a date stands for.  Raises Refusal."""
        try:
            date = Month().read(written)
        except PydanticCustomError:
            date = ""
        if not date:
            raise Refusal(f"found {shown(written)}; allowed is {Month().range}")
        run = self.scenario
        month = months_between(run.start, date)
        if month < 0:
            raise Refusal(f"found {shown(written)}; the run starts in {run.start}")
        if month >= run.months:
            raise Refusal(f"found {shown(written)}; the run ends in {run.date(run.months - 1)}")
        return month

    def under(self, policy: str) -> str:
        """The policy in words, for what is said of an observation."""
        return f"under {self.scenario.title(policy)}"

    def text(self, text: str) -> str:
        """The text of an observation, with the policy where it was named."""
        return text if self.named is None else f"{text} under {self.named}"


def read_measurements(
    texts: Iterable[str], scenario: Scenario
) -> tuple[tuple[Measurement, ...], tuple[Observation, ...]]:
    """The measurements of parameters, and the observations, that texts stand for.

    Raises Refusal with a sentence for each that cannot be made.
    """
    of_parameters: dict[str, Measurement] = {}
    observations: dict[str, Observation] = {}
    lines: list[str] = []
    for text in [texts] if isinstance(texts, str) else list(texts):
        try:
            one = _read(text, scenario)
        except Refusal as refusal:
            lines += [f"--measure {shown(text)}: {line}" for line in refusal.lines]
            continue
        if isinstance(one, Measurement):
            of_parameters[one.text] = one
        else:
            observations[one.text] = one
    if lines:
        raise Refusal(lines)
    return tuple(of_parameters.values()), tuple(observations.values())


def _read(text, scenario: Scenario) -> Measurement | Observation:
    if not isinstance(text, str):
        raise Refusal(f"cannot be read; allowed is {EXAMPLES}")
    written, place = text.strip(), Place(scenario)
    if under := UNDER.fullmatch(written):
        written, place = under["rest"], Place(scenario, under["policy"])
    drawn = drawn_names(scenario)
    parts = NUMBERED.fullmatch(written)
    if parts is None and (of_key := ERROR.fullmatch(written)) and not under:
        return of_parameter(text, of_key["key"], drawn, error=of_key["error"])
    if parts is None and (dated := DATED.fullmatch(written)):
        return _dated(dated, place)
    if parts is None:
        raise Refusal(f"cannot be read; allowed is {EXAMPLES}")
    what, noun = parts["what"], parts["noun"] or ""
    if "." in what:
        if not noun.startswith(("trial", "trajector")) or parts["tail"]:
            raise Refusal("a parameter is measured by trials, by trajectories, or with +-")
        return of_parameter(text, what, drawn, number=parts["number"], noun=noun)
    if noun.startswith("trajector"):
        return _of_monitor(parts, place)
    return _tried(parts, place, drawn)


def _of_monitor(parts, place: Place) -> Observation:
    """A monitor, tested on trajectories of both kinds."""
    name = _monitor(parts["what"], place)
    policy = place.policy(lambda tables: active(tables)[name], name)
    if getattr(place.scenario.policies[policy].oversight, name).curve == "elo":
        raise Refusal(f"{name} has the curve elo, which knows no area")
    number = count_of(parts["number"], "trajectories", 4)
    gap, paradigm, tail = 0.0, PARADIGM, parts["tail"]
    words, text = "", f"{name}: {number:,} trajectories"
    if match := GAP.fullmatch(tail):
        if name != "control":
            raise Refusal(f"a gap matters for control alone; {name} reads the system itself")
        gap = _gap(match["gap"])
        text += f" at a gap of {gap:g} doublings"
        words = f", of a system {abs(gap):g} doublings {'behind' if gap < 0 else 'ahead of'} it"
    elif match := OF_PARADIGM.fullmatch(tail):
        if name != "cot_monitor":
            raise Refusal("a paradigm matters for cot_monitor alone")
        if match["paradigm"] not in ("1", "2", "3", "4"):
            raise Refusal(f"paradigm: found {shown(match['paradigm'])}; allowed are 1 to 4")
        paradigm = int(match["paradigm"])
    elif tail.strip():
        raise Refusal(f"found {shown(tail.strip())}; allowed is 'at a gap of 3 doublings'")
    if name == "cot_monitor":
        text += f" at paradigm {paradigm}"
    about = f"the area of this monitor {place.under(policy)}, half of them attacks{words}"
    test = Tested(name, -gap, paradigm)
    return Observation(place.text(text), about, MONITOR, policy, float(number), test=test)


def _monitor(what: str, place: Place) -> str:
    """The monitor of a name; "monitor" is the first that a policy here has.  Raises Refusal."""
    if what == MONITOR:
        has = [active(tables) for tables in place.scenario.policies.values()]
        first = next((name for name in MONITORS if any(one[name] for one in has)), None)
        if first is None:
            raise Refusal(f"no policy here has a monitor: {', '.join(MONITORS)}")
        return first
    if what not in MONITORS:
        names = (MONITOR, *MONITORS)
        raise Refusal(f"no monitor {shown(what)}; the nearest is '{nearest(what, names)}'")
    return what


def _gap(written: str) -> float:
    try:
        gap = float(written)
    except ValueError:
        gap = float("nan")
    if not abs(gap) <= WIDEST:
        raise Refusal(f"gap: found {shown(written)}; allowed are -{WIDEST:g} to {WIDEST:g}")
    return gap


def _tried(parts, place: Place, drawn: Iterable[str]) -> Observation:
    """Exercises, or systems that are shown a trap."""
    kind = parts["what"]
    if kind not in TRIED:
        close = nearest(kind, (*TRIED, *drawn))
        raise Refusal(f"nothing here is called {shown(kind)}; the nearest is '{close}'")
    number = count_of(parts["number"], kind, 1, MOST)
    if parts["tail"] and not ON.fullmatch(parts["tail"]):
        raise Refusal(f"found {shown(parts['tail'].strip())}; allowed is 'on 2027-06'")
    date = ON.fullmatch(parts["tail"])
    on = date["date"] if date else place.scenario.start
    month = place.month(on)
    fits, lacks = _has_safeguard, "a safeguard"
    if kind == HONEYPOTS:
        fits, lacks = (lambda tables: active(tables)[HONEYPOTS]), HONEYPOTS
    policy = place.policy(fits, lacks)
    about = f"how many of {number:,} {TRIED[kind]} in {on[:7]} {place.under(policy)}"
    text = place.text(f"{kind}: {number:,} on {on[:7]}")
    return Observation(text, about, kind, policy, float(number), month, month)


def _has_safeguard(tables) -> bool:
    return any(active(tables)[name] for name in SAFEGUARDS)


def _dated(parts, place: Place) -> Observation:
    """A measured horizon, or what is counted up to a month."""
    what, when = parts["what"].replace("_", " ").removesuffix(" seen"), parts["when"]
    names = {HORIZON: "on", **dict.fromkeys(COUNTED, "by")}
    if what not in names:
        close = nearest(what, names)
        raise Refusal(
            f"nothing here is called {shown(parts['what'])}; the nearest is '{close} "
            f"{names[close]} {parts['date']}'"
        )
    if when != names[what]:
        raise Refusal(f"found {shown(when)}; allowed is '{what} {names[what]} {parts['date']}'")
    month, date = place.month(parts["date"]), parts["date"][:7]
    if what != HORIZON:
        return _counted(COUNTED[what], what, parts, place, month)
    policy = place.policy(lambda tables: True, "")
    error = error_of(parts["error"]) if parts["error"] else HORIZON_ERROR
    text = place.text(f"{HORIZON} on {date} +- {error:g} doublings")
    usual = "" if parts["error"] else ", the usual one of METR's"
    about = (
        f"the horizon of the leading lab {place.under(policy)}, with a standard error of "
        f"{error:g} doublings{usual}"
    )
    return Observation(text, about, HORIZON, policy, error, month, month)


def _counted(kind: str, what: str, parts, place: Place, month: int) -> Observation:
    if parts["error"]:
        raise Refusal(f"found +-; {what} are counted, without an error")

    def fits(tables) -> bool:
        return kind != ALARMS or active(tables)["evaluations"]

    policy = place.policy(fits, "evaluations, which raise alarms")
    date = parts["date"][:7]
    about = f"the number of {NOUNS[kind]} until {date} {place.under(policy)}"
    return Observation(place.text(f"{what} by {date}"), about, kind, policy, 0.0, 0, month)
