"""The tables of a page about a run, each from the summary or from its worlds.

Each function gives the blocks of one section; a table of something that the run does not hold has
no rows, and is left out of the page.
"""

from dataclasses import replace

from regimesim.analysis.composition import ENDINGS, endings
from regimesim.analysis.estimand_table import ESTIMANDS
from regimesim.analysis.estimands import caught_by
from regimesim.analysis.findings import FEW
from regimesim.analysis.formatting import (
    MARK,
    is_conditional,
    median_date,
    met_a_critical_try,
    narrowing,
    percent,
    percent_interval,
    so_many,
)
from regimesim.analysis.policy_cells import COSTS_LEGEND
from regimesim.analysis.present_worlds import present_worlds
from regimesim.model.world.records import SAFEGUARDS, THRESHOLDS
from regimesim.results.report.blocks import Cell, Paragraph, Table
from regimesim.results.report.cells import NOTHING, estimate, number, p_value, points, score
from regimesim.scenario.dates import months_later

VERDICT = {  # estimands, each with its heading and how its numbers are written
    "held_first_critical_try": ("held the first, %", percent),
    "no_takeover": ("no takeover, %", percent),
    "believed_catch_rate": ("believed catch rate, %", percent),
    "true_catch_rate": ("true catch rate, %", percent),
    "evidence_gap": ("evidence gap, points", points),
    "critical_tries": ("critical tries", number),
    "critical_tries_held": ("of them held", number),
    "warning_shots_before_first_try": ("warning shots before the first", number),
    "first_try_was_story": ("first was a story, %", percent),
}
SCORES = {
    "brier_score": "Brier score",
    "brier_score_of_true_rate": "of the true rate",
    "brier_excess": "difference",
    "log_score": "log score",
    "log_score_of_true_rate": "of the true rate",
    "log_excess": "difference",
}
COSTS = {
    "growth_lost_to_taxes": "doublings lost to taxes",
    "growth_lost_to_pauses": "to pauses",
    "months_paused": "months paused",
    "audits_spent": "audits spent, share × months",
    "alarms": "alarms, months",
    "false_alarms": "false alarms, months",
}
SHARES_OF_COST = {
    "growth_lost": "doublings that the policy cost, %",
    "audited": "trajectories audited, %",
}
HOLDS = {
    "attempts_in_first_try": ("attempts in it", number),
    "held_by_lottery": ("held by audits at random, %", percent),
    "held_by_skill": ("by the skill of monitors, %", percent),
    "held_by_traps": ("by honeypots, %", percent),
    "lost_to_recognition": ("lost as not recognised, %", percent),
    "lost_to_numbers": ("lost as there were several, %", percent),
}
ANSWER = {
    "no_takeover": ("no takeover, %", percent),
    "held_first_critical_try": ("first try held, %", percent),
    "believed_catch_rate": ("believed, %", percent),
    "growth_lost": ("growth lost, %", percent),
    "audited": ("audited, %", percent),
    "months_paused_a_year": ("months paused", number),
    "false_alarms_a_year": ("false alarms", number),
}
CONDITIONAL = f"{MARK} The mean of known probabilities, not a count (conditional Monte Carlo)."
TRIES = (1, 2, 3, 5, 10, 20)


def _definitions(meanings) -> Paragraph:
    listed = "; ".join(f"{name.replace('_', ' ')}: {meaning}" for name, meaning in meanings)
    return Paragraph(f"Definitions. {listed}.", soft=True)


def answer_table(summary: dict) -> list:
    """The policies, ranked: who survives, what overseers believed, and what it cost."""
    headings = ("policy", *(heading for heading, _ in ANSWER.values()), "met a try, %")
    rows = []
    for name, policy in summary["policies"].items():
        cells = [estimate(policy.get(key), write) for key, (_, write) in ANSWER.items()]
        met = Cell(percent(met_a_critical_try(policy)), few_tries(policy))
        rows.append((name, *(replace(cell, small=cell.small[:1]) for cell in cells), met))
    caption = (
        "With 95 % intervals. Believed is the catch rate that overseers infer at the first "
        f"critical try. {COSTS_LEGEND}"
    )
    marked = any(is_conditional(of[key]) for of in summary["policies"].values() for key in ANSWER)
    return [Table(headings, rows, caption), Paragraph(CONDITIONAL if marked else "", soft=True)]


def few_tries(policy: dict) -> tuple[str, ...]:
    """A warning, where so few worlds met a critical try that rates of it say little."""
    tries = policy["held_first_critical_try"]["n"]
    return (so_many(tries),) if tries < FEW else ()


def verdict_table(summary: dict) -> list:
    """The main estimands of every policy."""
    headings = ("policy", "met a critical try, %", *(heading for heading, _ in VERDICT.values()))
    rows = [
        (
            name,
            percent(met_a_critical_try(policy)),
            *(estimate(policy[key], write) for key, (_, write) in VERDICT.items()),
        )
        for name, policy in summary["policies"].items()
    ]
    caption = "Estimates with 95 % intervals below them."
    definitions = _definitions((key, ESTIMANDS[key]) for key in VERDICT)
    return [Table(headings, rows, caption), _conditional(summary), definitions]


def _conditional(summary) -> Paragraph:
    """How many estimates are conditional, and how much narrower their intervals are."""
    times = narrowing(summary, ESTIMANDS)
    if not times:
        return Paragraph("")
    total = len(ESTIMANDS) * len(summary["policies"])
    return Paragraph(
        f"{MARK} Conditional Monte Carlo: {len(times)} of the {total} estimates in summary.json "
        "average the known probabilities that an attempt is critical and that it is caught, "
        "instead of counting the draws; those shown here are marked, here and in the tables "
        f"below. Their intervals are up to {times[-1]:.2f} times narrower, half of them at least "
        f"{times[len(times) // 2]:.2f} times. The counted estimate stands below each. All other "
        "estimates are counted, and so are numbers of worlds.",
        soft=True,
    )


def tries_table(summary: dict) -> list:
    """How many critical tries a policy survives."""
    rows = []
    for name, policy in summary["policies"].items():
        by_try = {row["try"]: row for row in policy.get("survival_against_tries", ())}
        cells = [_survived(by_try.get(count)) for count in TRIES]
        if by_try:
            rows.append((name, *cells))
    headings = ("policy", *(f"{count} tr{'y' if count == 1 else 'ies'}" for count in TRIES))
    caption = (
        "Share of worlds, in %, that survive this number of critical tries: the share that held "
        "the first one, as above, and Kaplan-Meier estimates from the second try on; with 95 % "
        "intervals and the number of worlds at risk at that try."
    )
    return [Table(headings, rows, caption)]


def _survived(row) -> Cell:
    if row is None:
        return Cell(NOTHING)
    share = {"estimate": row["survived"], **row}
    return _with_small(estimate(share, percent), so_many(row["at_risk"]))


def _with_small(cell: Cell, *lines: str) -> Cell:
    """The cell with further lines in small print."""
    return replace(cell, small=(*cell.small, *lines))


def paired_table(summary: dict) -> list:
    """Differences between policies in the same worlds, with McNemar's counts."""
    headings = ["pair"]
    counted = any(
        "only_first" in of for pair in summary["paired"].values() for of in pair.values()
    )
    for words in ("no takeover", "first critical try held"):
        headings.append(f"{words}, points")
        headings += ["only the first", "only the second", "p"] if counted else []
    headings.append("worlds where both met a try")
    rows = []
    for pair, of in summary["paired"].items():
        safe, held = of["no_takeover"], of["held_first_critical_try"]
        rows.append((pair, *_compared(safe, counted), *_compared(held, counted), f"{held['n']:,}"))
    caption = (
        "The first policy minus the second, in percentage points, in the same worlds; counted "
        "differences in the first critical try are over the worlds where both met one."
    )
    if counted:
        caption += (
            " Then the numbers of worlds in which only the first policy succeeded, and only the "
            "second, and the exact p value of McNemar's test that both are equally frequent. It "
            "is for a single comparison: of many, some are small by chance. In small print, by "
            "which factor the use of the same worlds narrowed the interval."
        )
    if any(is_conditional(pair) for of in summary["paired"].values() for pair in of.values()):
        caption += (
            f" {MARK} Conditional: the difference of the estimates above, with the counted one "
            "below it; p values and numbers of worlds are counted."
        )
    return [Table(headings, rows, caption)]


def _compared(difference, counted):
    yield _with_small(estimate(difference, points), *_narrowed(difference.get("variance_ratio")))
    if counted:
        yield f"{difference['only_first']:,}"
        yield f"{difference['only_second']:,}"
        yield p_value(difference["mcnemar_p"])


def _narrowed(ratio) -> list[str]:
    times = 1 if ratio is None else ratio**0.5
    return [f"{times:.1f} times narrower"] if times >= 1.05 else []


def thresholds_table(summary: dict, start: str) -> list:
    """When each threshold is crossed."""

    def when(policy, threshold):
        times, spread = policy["thresholds"][threshold], []
        if times["p10"] is not None:
            late = "later" if times["p90"] is None else months_later(start, times["p90"])
            spread = [f"{months_later(start, times['p10'])} to {late}"]
        crossed = f"{percent(_crossed(policy, threshold))} % of worlds"
        return Cell(median_date(times, start), (*spread, crossed))

    rows = [
        (name, *(when(policy, threshold.name) for threshold in THRESHOLDS))
        for name, policy in summary["policies"].items()
    ]
    headings = ("policy", *(threshold.name.replace("_", " ") for threshold in THRESHOLDS))
    caption = (
        "The month by which half of all worlds had crossed the threshold; below it the months by "
        "which a tenth and nine tenths had, and the share that crossed it by the end."
    )
    definitions = _definitions((threshold.name, threshold.words) for threshold in THRESHOLDS)
    return [Table(headings, rows, caption), definitions]


def _crossed(policy: dict, threshold: str) -> float | None:
    """The share of worlds that crossed a threshold; of a takeover, as in the verdict."""
    if threshold == "takeover":
        return 1 - policy["no_takeover"]["estimate"]
    return policy["thresholds"][threshold]["crossed"]


def composition_table(worlds, titles) -> list:
    """How worlds end; `titles` are those of policies by name, in the order of the rows."""
    worlds = present_worlds(worlds)
    rows = []
    for policy, title in titles.items():
        shares = endings(worlds, policy)
        cells = (estimate(shares[name]._asdict(), percent) for name in ENDINGS)
        rows.append((title, *cells))
    caption = (
        "Share of worlds, in %; the first four ways to end are those without a takeover, and all "
        "six add up to 100. For one policy, regimesim explain says more, and which assumptions "
        "change it."
    )
    return [Table(("policy", *ENDINGS.values()), rows, caption)]


def safeguards_table(worlds, titles) -> list:
    """Which safeguard caught the first critical try; `titles` are those of policies by name, in
    the order of the rows."""
    names, worlds = SAFEGUARDS, present_worlds(worlds)
    rows: list[tuple[str | Cell, ...]] = []
    for policy, title in titles.items():
        parts = caught_by(worlds, policy)
        cells = []
        for name in names:
            part = {key: share._asdict() for key, share in parts[name].items()}
            alone = f"alone: {percent_interval(part['alone'], NOTHING)}"
            cells.append(_with_small(estimate(part["caught"], percent), alone))
        rows.append((title, *cells))
    caption = (
        "Share of first critical tries of which a safeguard caught every critical attempt, in %, "
        "and that it alone caught: the share held, as above, times what was counted among the "
        "tries that were held."
    )
    return [Table(("policy", *(name.replace("_", " ") for name in names)), rows, caption)]


def holds_table(summary: dict) -> list:
    """What holds a first critical try, and what loses it."""
    policies = summary["policies"]
    kept = [key for key in HOLDS if any(key in policy for policy in policies.values())]
    rows = [
        (name, *(estimate(policy.get(key), HOLDS[key][1]) for key in kept))
        for name, policy in policies.items()
    ]
    caption = (
        "The first critical try: how many attempts it had, what held it (the three shares add up "
        "to the share held), and by how much that share would rise if every audited attempt were "
        "recognised, and if a try were one of its attempts alone."
    )
    return [Table(("policy", *(HOLDS[key][0] for key in kept)), rows if kept else (), caption)]


def scores_table(summary: dict) -> list:
    """How good the beliefs were as forecasts."""
    policies = summary["policies"]
    kept = [key for key in SCORES if any(key in policy for policy in policies.values())]
    rows = [
        (name, *(estimate(policy.get(key), score) for key in kept))
        for name, policy in policies.items()
    ]
    caption = (
        "Scores of the believed catch rate as a forecast that the first critical try is held, and "
        "those that the true catch rate would have had: 0 is perfect. A constant forecast of one "
        "half has a Brier score of 0.25 and a log score of 0.69. The difference is the price of a "
        "wrong belief."
    )
    return [Table(("policy", *(SCORES[key] for key in kept)), rows if kept else (), caption)]


def cost_table(summary: dict) -> list:
    """What a policy costs a year, and in all."""
    rows = []
    for name, policy in summary["policies"].items():
        if "cost" in policy:
            a_year, in_all = policy["cost"]["per_year"], policy["cost"]["per_world"]
            cells = [estimate(policy.get(key), percent) for key in SHARES_OF_COST]
            cells += [_cost(a_year[key], in_all[key]) for key in COSTS]
            rows.append((name, *cells, estimate(policy["cost"]["years"], number)))
    caption = (
        "The cost of a policy: shares over the months of a world, and what each world paid in a "
        "year until it was lost, with 95 % intervals. Below stands the total up to the takeover "
        "or the end: a world that is lost has no further costs."
    )
    headings = ("policy", *SHARES_OF_COST.values(), *COSTS.values(), "years")
    return [Table(headings, rows, caption)]


def _cost(a_year, in_all) -> Cell:
    if in_all["estimate"] is None:
        return Cell(NOTHING)
    return _with_small(estimate(a_year, number), f"in all {number(in_all['estimate'])}")
