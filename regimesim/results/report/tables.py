"""The tables of a page about a run, each from its summary or its worlds.

A table of something that the run does not hold is empty text.
"""

from regimesim.analysis.estimands import ESTIMANDS, caught_by
from regimesim.analysis.formatting import (
    MARK,
    median_date,
    met_a_critical_try,
    narrowing,
    percent,
    percent_interval,
)
from regimesim.model.world.records import THRESHOLDS
from regimesim.results.report.markup import (
    NOTHING,
    Markup,
    chance,
    escaped,
    estimate,
    joined,
    number,
    paragraph,
    points,
    score,
    table,
    tag,
)
from regimesim.scenario.dates import months_later

SHARES = ("held_first_critical_try", "no_takeover", "believed_catch_rate", "true_catch_rate")
COUNTS = ("critical_tries", "critical_tries_held", "warning_shots_before_first_try")
SCORES = {
    "brier_score": "Brier score",
    "brier_score_of_true_rate": "of the true rate",
    "brier_excess": "difference",
    "log_score": "log score",
    "log_score_of_true_rate": "of the true rate",
    "log_excess": "difference",
}
COSTS = {
    "growth_lost": "growth lost, doublings",
    "growth_lost_to_taxes": "to taxes",
    "growth_lost_to_pauses": "to pauses",
    "audits_spent": "audits spent, share × months",
    "alarms": "alarms, months",
    "false_alarms": "false alarms, months",
}
TRIES = (1, 2, 3, 5, 10, 20)


def _in_full(meanings) -> Markup:
    told = "; ".join(f"{name.replace('_', ' ')}: {meaning}" for name, meaning in meanings)
    return paragraph(f"In full. {told}.", "soft")


def verdict_table(summary: dict) -> Markup:
    """Every estimand of every policy."""
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
    rows = [
        (
            name,
            percent(met_a_critical_try(policy)),
            *(estimate(policy[key], percent) for key in SHARES),
            estimate(policy["evidence_gap"], points),
            *(estimate(policy[key], number) for key in COUNTS),
            estimate(policy["first_try_was_story"], percent),
        )
        for name, policy in summary["policies"].items()
    ]
    shown = (*SHARES, "evidence_gap", *COUNTS, "first_try_was_story")
    caption = "Estimates with 95 % intervals below them."
    told = _in_full((key, ESTIMANDS[key]) for key in shown)
    return joined([table(caption, headings, rows), _integrated(summary), told])


def _integrated(summary) -> Markup:
    """How many estimates are integrated over draws, and what that is worth."""
    times = narrowing(summary, ESTIMANDS)
    if not times:
        return Markup("")
    of = len(ESTIMANDS) * len(summary["policies"])
    return paragraph(
        f"{MARK} {len(times)} of {of} estimates in summary.json, of which those shown here are "
        "marked, are integrated over the draws that decide whether an attempt is critical and "
        f"whether it is caught: their intervals are {times[0]:.2f} to {times[-1]:.2f} times "
        f"narrower, half of them at least {times[len(times) // 2]:.2f} times. Below each stands "
        "what was counted. All others are counted, and so are numbers of worlds.",
        "soft",
    )


def tries_table(summary: dict) -> Markup:
    """How many critical tries a policy survives."""
    rows = []
    for name, policy in summary["policies"].items():
        by_try = {row["try"]: row for row in policy.get("survival_against_tries", ())}
        cells = [_survived(by_try.get(count)) for count in TRIES]
        if by_try:
            rows.append((name, *cells))
    return table(
        "Share of worlds, in %, that survive so many critical tries, by the estimator of Kaplan "
        "and Meier, with 95 % intervals and the number of worlds that met that try.",
        ("policy", *(f"{count} tr{'y' if count == 1 else 'ies'}" for count in TRIES)),
        rows,
    )


def _survived(row) -> Markup:
    if row is None:
        return escaped(NOTHING)
    found = {"estimate": row["survived"], "low": row["low"], "high": row["high"]}
    return joined([estimate(found, percent), tag("small", f"{row['at_risk']:,} worlds")])


def paired_table(summary: dict) -> Markup:
    """Differences between policies in the same worlds, with McNemar's counts."""
    headings = ["pair"]
    counted = any(
        "only_first" in of for pair in summary["paired"].values() for of in pair.values()
    )
    for words in ("no takeover", "first critical try held"):
        headings.append(f"{words}, points")
        headings += ["only the first", "only the second", "p"] if counted else ()
    headings.append("worlds where both met a try")
    rows = []
    for pair, of in summary["paired"].items():
        safe, held = of["no_takeover"], of["held_first_critical_try"]
        rows.append((pair, *_compared(safe, counted), *_compared(held, counted), f"{held['n']:,}"))
    caption = (
        "The first policy minus the second, in percentage points, in the same worlds; the first "
        "critical try only in worlds where both met one."
    )
    if counted:
        caption += (
            " Between them the worlds in which only the first held out, and only the second, and "
            "the exact p value of McNemar's test that both are as frequent. It is for one "
            "comparison: of many, some are small by luck. In small print, by how much being in "
            "the same worlds narrowed the interval."
        )
    if any(found.get("worth") for of in summary["paired"].values() for found in of.values()):
        caption += f" {MARK} Integrated, as above; below it what was counted, as p and worlds are."
    return table(caption, headings, rows)


def _compared(difference, counted):
    yield joined([estimate(difference, points), _narrowed(difference.get("variance_ratio"))])
    if counted:
        yield f"{difference['only_first']:,}"
        yield f"{difference['only_second']:,}"
        yield chance(difference["mcnemar_p"])


def _narrowed(ratio) -> Markup:
    times = 1 if ratio is None else ratio**0.5
    return tag("small", f"{times:.1f} times narrower") if times >= 1.05 else Markup("")


def thresholds_table(summary: dict, start: str) -> Markup:
    """When each threshold is crossed."""

    def when(times):
        spread = ""
        if times["p10"] is not None:
            late = "later" if times["p90"] is None else months_later(start, times["p90"])
            spread = tag("small", f"{months_later(start, times['p10'])} to {late}")
        crossed = tag("small", f"{percent(times['crossed'])} % of worlds")
        return joined([median_date(times, start), spread, crossed])

    rows = [
        (name, *(when(policy["thresholds"][threshold.name]) for threshold in THRESHOLDS))
        for name, policy in summary["policies"].items()
    ]
    headings = ("policy", *(threshold.name.replace("_", " ") for threshold in THRESHOLDS))
    caption = (
        "The month by which half of all worlds had crossed; below it from a tenth to nine tenths, "
        "and the share that crossed by the end."
    )
    meanings = _in_full((threshold.name, threshold.words) for threshold in THRESHOLDS)
    return joined([table(caption, headings, rows), meanings])


def safeguards_table(worlds) -> Markup:
    """Which safeguard caught the first critical try."""
    names = [str(name) for name in worlds["safeguard"].values]
    rows = []
    for policy in (str(name) for name in worlds["policy"].values):
        parts = caught_by(worlds, policy)
        cells = []
        for name in names:
            part = {key: found._asdict() for key, found in parts[name].items()}
            alone = tag("small", f"alone: {percent_interval(part['alone'], NOTHING)}")
            cells.append(joined([estimate(part["caught"], percent), alone]))
        rows.append((policy, *cells))
    return table(
        "Share of first critical tries that a safeguard caught, in %, and that no other caught.",
        ("policy", *(name.replace("_", " ") for name in names)),
        rows,
    )


def scores_table(summary: dict) -> Markup:
    """How good the beliefs were as forecasts."""
    policies = summary["policies"]
    kept = [key for key in SCORES if any(key in policy for policy in policies.values())]
    rows = [
        (name, *(estimate(policy.get(key), score) for key in kept))
        for name, policy in policies.items()
    ]
    return table(
        "The believed catch rate as a forecast that the first critical try is held, and how the "
        "true one would have scored: 0 is perfect. Always saying one half has a Brier score of "
        "0.25 and a log score of 0.69. The difference is what was lost by believing wrongly.",
        ("policy", *(SCORES[key] for key in kept)),
        rows if kept else (),
    )


def cost_table(summary: dict) -> Markup:
    """What a policy costs a year, and in all."""
    rows = []
    for name, policy in summary["policies"].items():
        if "cost" in policy:
            a_year, in_all = policy["cost"]["per_year"], policy["cost"]["per_world"]
            cells = [_cost(a_year[key], in_all[key]) for key in COSTS]
            rows.append((name, *cells, estimate(policy["cost"]["years"], number)))
    return table(
        "What a policy cost in a year of a world that was not lost, with its 95 % interval, and "
        "below it in all, to the takeover or the end: a world that is lost pays nothing more.",
        ("policy", *COSTS.values(), "years"),
        rows,
    )


def _cost(a_year, in_all) -> Markup:
    if in_all["estimate"] is None:
        return escaped(NOTHING)
    return joined([estimate(a_year, number), tag("small", f"in all {number(in_all['estimate'])}")])
