"""Cells of the tables of policies: how they rank, what they cost, and how precise that is."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from regimesim.analysis.formatting import half_width, listed, narrowing, number, percent

SAFE, HELD, BELIEVED = "no_takeover", "held_first_critical_try", "believed_catch_rate"
LOST = "growth_lost"
NOTHING = {"estimate": None}
LEAST_NARROWING = 1.005  # a smaller one is rounded to 1
NARROWER = "Conditional Monte Carlo makes intervals up to {:.2f} times narrower."
REACH = {  # words for estimands whose interval has no place in the table, by unit
    "points": (
        percent,
        {
            HELD: "first tries held",
            BELIEVED: "belief",
            LOST: "growth lost",
            "audited": "audits",
        },
    ),
    "months": (
        number,
        {"months_paused_a_year": "pauses", "false_alarms_a_year": "false alarms"},
    ),
}
COSTS: dict[str, tuple[str, Callable[[float | None], str]]] = {
    LOST: ("growth\nlost", percent),
    "audited": ("aud-\nited", percent),
    "months_paused_a_year": ("months\npaused", number),
    "false_alarms_a_year": ("false\nalarms", number),
}
"""The costs of a policy, each with the heading of its column and how it is written."""

COSTS_LEGEND = (
    "Costs: growth lost, in % of the doublings that the same worlds would have without it, "
    "trajectories audited, in %, and months of a year that are paused or have a false alarm."
)


def cost_cells(policy: Mapping, costs: Iterable[str] = COSTS) -> list[str]:
    """The cells of the costs of one policy, from its part of a summary."""
    return [COSTS[name][1](policy[name]["estimate"]) for name in costs]


def cost_headings(costs: Iterable[str] = COSTS) -> list[str]:
    """The headings of their columns."""
    return [COSTS[name][0] for name in costs]


def costs_in_words(costs: Mapping[str, Mapping]) -> str:
    """What a policy costs, as the object of a sentence."""
    lost, audited, paused, alarms = (COSTS[name][1](costs[name]["estimate"]) for name in COSTS)
    return (
        f"{lost} % of growth, audits of {audited} % of trajectories, and {paused} months of "
        f"pauses and {alarms} of false alarms a year"
    )


def ranked(policies: Mapping[str, Mapping]) -> list[str]:
    """The names of the policies of a summary: those with more worlds without a takeover first,
    of equal ones those that cost less growth, else in the order of the summary."""

    def place(name):
        safe, lost = (policies[name].get(key, NOTHING)["estimate"] for key in (SAFE, LOST))
        return (1.0 if safe is None else -safe, 0.0 if lost is None else lost)

    return sorted(policies, key=place)


def notes_on_precision(policies: Iterable[Mapping], shown: Sequence[str]) -> Iterator[str]:
    """How precise the estimates `shown` of a table are whose intervals have no place in it."""
    parts, policies = [], list(policies)
    for unit, (write, words) in REACH.items():
        widest = {words[name]: _widest(policies, name) for name in words if name in shown}
        ends = [f"{write(width)} for {word}" for word, width in widest.items() if width]
        if ends:
            ends[0] = ends[0].replace(" for", f" {unit} for", 1)
            parts.append(listed(ends, len(ends)))
    if parts:
        yield f"The other 95 % intervals reach at most {', and '.join(parts)}."
    times = narrowing({"policies": dict(enumerate(policies))}, shown)
    if times and times[-1] >= LEAST_NARROWING:
        yield NARROWER.format(times[-1])


def _widest(policies, estimand) -> float:
    widths = [half_width(policy[estimand]) for policy in policies]
    return max((width for width in widths if width is not None), default=0.0)
