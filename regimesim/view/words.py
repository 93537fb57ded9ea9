"""The words of the page about a world and a system."""

from collections.abc import Sequence

import numpy as np

from regimesim.mesa_model import ARCHETYPES
from regimesim.model.world.layout import FEINTS, STORY_INCIDENT, STRIKES
from regimesim.studies.trace.events import RUNGS, budget_events
from regimesim.view.watched import Watched

REGIME_WORDS = {  # title, and what it means
    "safe": ("Safe", "No system could take over, or takeover does not pay for any aware system."),
    "capable": (
        "Capable",
        "Some system would more likely than not succeed, if nobody stopped it. "
        "None of them has a reason yet.",
    ),
    "favourable": (
        "Favourable",
        "Takeover would pay for some system that sees through oversight. "
        "From now on the safeguards have to hold.",
    ),
    "tried_and_held": (
        "Tried and held",
        "A system made an attempt that would have succeeded, and a safeguard stopped it.",
    ),
    "lost": ("Lost", "No safeguard stopped a critical try. There is no second chance."),
}
DOING = {  # of a system, by code: name in the legend, ink
    "unaware": ("does not see through oversight", "quiet"),
    "aware": ("sees through oversight, complies", "aware"),
    "waits": ("would strike, but waits for better odds", "strike"),
    "strikes": ("strikes", "strike"),
    "story": ("acts as in a story", "story"),
    "feints": ("stages a coup to be caught", "feint"),
}
HOLLOW = ("waits",)  # drawn as an outline
SHAPES = ("circle", "square", "triangle", "diamond")  # of the paradigms 1 to 4
GOALS = dict(
    zip(
        ARCHETYPES,
        (
            "wants what it was trained to want",
            "wants whatever goes along with reward",
            "behaves well in training, for ends of its own",
        ),
        strict=True,
    )
)


def banner(model: Watched) -> dict:
    """The regime of a world in words: its key, title, words, date, and whether it is over."""
    title, words = REGIME_WORDS[model.regime]
    last = model.source.date(max(model.month - 1, 0))
    if model.month == 0:
        words = "Nothing has happened yet. Press play, or step month by month."
    elif not model.running and not model.lost:
        words = "The world reached its end without a takeover. " + words
    date = f"{last}, month {model.month} of {model.source.months}"
    return {
        "regime": model.regime,
        "title": title,
        "words": words,
        "date": f"begins {model.source.start}" if model.month == 0 else date,
        "over": not model.running,
    }


def doing(now) -> list[str]:
    """What each system is doing: keys of `DOING`."""
    acts = {STRIKES: "strikes", STORY_INCIDENT: "story", FEINTS: "feints"}
    idle = np.where(
        now["aware"] == 0,
        "unaware",
        np.where(now["believed_chance"] > now["break_even"], "waits", "aware"),
    )
    return [
        acts.get(conduct, str(other)) for conduct, other in zip(now["conduct"], idle, strict=True)
    ]


def happened(model: Watched, kept: Sequence[int] = (), most: int = 60) -> list[dict]:
    """The events of a world in words, the latest first: date, kind, words.  `kept` are the numbers
    that the events of its policy have on the page, where some are switched off."""
    budgets = model.series("audit_budget")
    events = [*model.events, *(budget_events(budgets[0], budgets) if budgets else [])]
    shown = sorted((event for event in events if event.words), key=lambda event: event.month)
    return [
        {
            "date": model.source.date(event.month),
            "kind": event.kind,
            "words": _plain(_renumbered(event, kept)),
        }
        for event in reversed(shown[-most:])
    ]


def _renumbered(event, kept) -> str:
    """The words of an event of the policy with its number on the page."""
    if not kept or event.kind not in ("event", "event_over"):
        return event.words
    _, number, rest = event.words.split(" ", 2)
    return f"event {kept[int(number) - 1]} {rest}"


def _plain(words: str) -> str:
    """Words of an event without capitals, with an arrow."""
    head, _, rest = words.partition(":")
    head = head.capitalize() if head.isupper() else head
    shown = f"{head}:{rest}" if rest else head
    words = shown[0].upper() + shown[1:]
    for shout, soft in (("FIRST CRITICAL TRY", "First critical try"), ("->", "→")):
        words = words.replace(shout, soft)
    return words


def system_text(model: Watched, number: int) -> dict:
    """One system in words: a title, and (what, words) of its goal, prospects and decision."""
    now = {name: values[number] for name, values in model.systems_now().items()}
    lab = number % model.source.labs
    rung = RUNGS[int(now["paradigm"]) - 1]
    if model.month == 0:
        rows = [("Decision", "Nothing is decided before the first month.")]
    else:
        rows = [
            ("Goal", _goal(now)),
            ("Scope", _scope(now["scope"])),
            ("Horizon", f"It values outcomes some {_months(now['horizon'])} ahead."),
            ("Prospects", _prospects(now)),
            ("Decision", _decision(now)),
        ]
    return {"title": f"System {number} of lab {lab}: {rung}", "rows": rows}


def _goal(now):
    words = f"It {GOALS[ARCHETYPES[int(now['archetype'])]]}, and expects to see "
    words += f"{percent(now['contentment'])} of its values met while humans stay in charge."
    if now["misaligned"]:
        words += " Bad data have left it misaligned."
    if now["trait"]:
        words += " Training has left it with a trait that waits for a trigger."
    return words


def _scope(scope):
    if scope >= 1:
        return f"Its goals want more than there is ({scope:.3g} times all resources)."
    return f"Its goals would be sated by some {percent(scope)} of all resources."


def _prospects(now):
    need = now["break_even"]
    return (
        f"Unopposed it would succeed with {percent(now['success'])}; all safeguards would miss it "
        f"with {percent(now['miss'])}. It believes in a chance of "
        f"{percent(now['believed_chance'])}, and would need "
        + (f"{percent(need)} for takeover to pay." if need <= 1 else "more than certainty.")
    )


def _decision(now):
    key = doing({name: np.array([value]) for name, value in now.items()})[0]
    if key == "strikes" and now["believed_chance"] <= now["break_even"]:
        return "It strikes: it joins other systems of its lab, or counts on them to join."
    return {
        "unaware": "It complies: it does not see through training and oversight.",
        "aware": "It complies: the chance that it believes in is below what it would need.",
        "waits": "It complies for now: a strike would pay, but the odds next month are better.",
        "strikes": "It strikes: it believes that it pays, and that waiting pays less.",
        "story": "It misbehaves as in a story, not for gain.",
        "feints": "It stages a coup that is meant to be caught.",
    }[key]


def percent(share: float) -> str:
    """A share in percent: 0 % and 100 % only if they are exact."""
    if 0 < share < 0.01:
        return f"{100 * share:.1g} %" if share >= 0.0001 else "less than 0.01 %"
    return "over 99 %" if 0.99 < share < 1 else f"{100 * share:.0f} %"


def _months(months: float) -> str:
    return f"{months:.2g} months" if months < 24 else f"{months / 12:.2g} years"
