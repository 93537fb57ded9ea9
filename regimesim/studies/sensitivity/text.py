"""How much each parameter matters, in words and tables."""

from collections.abc import Iterator

from regimesim.analysis.formatting import (
    NONE,
    digits_for,
    in_unit,
    interval,
    listed,
    percent,
    so_many,
)
from regimesim.analysis.outcome import why_absent
from regimesim.analysis.policy_cells import costs_in_words
from regimesim.analysis.terminal import filled, table
from regimesim.ensemble.parameter_sampling import drawn_jointly
from regimesim.studies.sensitivity.agreement import ENDS
from regimesim.studies.sensitivity.question import TRAJECTORIES
from regimesim.studies.sensitivity.weights import Weight

NAME = "sensitivity.json"
INDICES = ("total index", "first-order")  # columns
EFFECTS = ("mu*", "sigma", "alone")
NOISY = 0.1  # of the variance
NAMED = 8  # parameters that are named of those that do not change the outcome
OF_INDICES = (
    "Total index: the share of the variance that would remain if every parameter but this one "
    "were known. First-order index: the share that would vanish if this one alone were known. "
    "Both have 95 % intervals."
)
OF_EFFECTS = (
    "mu*: the mean size of an elementary effect {unit}. An elementary effect is twice the change "
    "of the outcome when the parameter moves over half of its range, so mu* may exceed the range "
    "of the outcome. "
)
OF_SEVERAL = (
    "mu* has a 95 % interval; where two overlap, it is not known which is larger. sigma: the "
    "standard deviation of these effects; it is large where an effect depends on the values of "
    "the parameters."
)
OF_ONE = (
    "A single parameter has neither an interval nor a sigma, because both come from different "
    "values of the other parameters."
)
OF_ALONE = (
    "alone: the outcome{unit} with this parameter at its 5 % and at its 95 % quantile, and every "
    "other parameter at its central value."
)


def text(result) -> str:
    """A `Sensitivity` as text for a terminal."""
    question = result.question
    outcome, title = question.outcome, question.scenario.title(question.policy)
    lines = [
        filled(f"{outcome.name} under {title}: {outcome.words}"),
        *map(filled, _about(result)),
        *_table(_indices(result), INDICES),
        *_table(_effects(result), EFFECTS),
        "",
        *map(filled, (*_legend(result), *_remarks(result))),
    ]
    return "\n".join(lines)


def finding(result) -> str:
    """The result of screening, short enough for a progress bar."""
    first = _ranked(result)
    return f"most: {first[0].rpartition('.')[2]}" if first else "no effect seen"


def standing(result) -> str:
    """The parameters that matter most, for the line about a stage."""
    order, outcome = _ranked(result), result.question.outcome.name
    if not order:
        return f"no effect on {outcome} seen"
    vague = [key for key in order if result[key].vague]
    known = [key for key in order if not result[key].vague]
    if not known or not vague:
        return f"{outcome} depends most on {listed(order[:3])}"
    perhaps = f"perhaps more on {listed(vague[:3])}, whose index is still too uncertain"
    return f"{outcome} depends most on {listed(known[:3])}, or {perhaps}"


def _ranked(result) -> list[str]:
    return [one.key for one in sorted(_acting(result), key=lambda one: one.order)]


def _worlds(result) -> str:
    return so_many(result.question.few)


def _shares(result) -> bool:
    """Whether the outcome is a share."""
    return result.question.outcome.unit == "1"


def _about(result) -> Iterator[str]:
    size, points = len(result.weights), sum(one["of"] for one in result.undefined.values())
    question, of_screening = result.question, ""
    every = question.scenario.worlds
    if question.screen and question.few < every:
        moved = question.moved if question.worlds_of_trajectories == every else 0
        of_screening = f" ({question.alone + moved:,} of them of {so_many(every)})"
    yield (
        f"{size} parameter{'s' if size > 1 else ''}, {points:,} points of {_worlds(result)} each"
        f"{of_screening}, seed {question.scenario.seed}"
    )
    if result.varies:
        low, high = (_level(value, result) for value in result.varies)
        unit = "%" if _shares(result) else result.question.outcome.unit
        yield f"Over these points the outcome ranges from {low} to {high} {unit}."
    if result.centre and result.costs:
        yield _centre(result)


def _centre(result) -> str:
    """The outcome and the costs with every parameter at its central value."""
    where = "With every parameter at its central value"
    costs = f"the policy costs {costs_in_words(result.costs)}"
    if result.centre["estimate"] is None or not result.varies:
        return f"{where}, {costs}."
    unit = "%" if _shares(result) else result.question.outcome.unit
    return f"{where} it is {_level(result.centre['estimate'], result)} {unit}, and {costs}."


def _level(value: float | None, result) -> str:
    """A value of the outcome, shares in percent."""
    if value is None:
        return NONE
    if _shares(result):
        return percent(value)
    one = {"estimate": value, "low": None, "high": None}
    return interval(one, digits_for(max(map(abs, result.varies))))


def _table(rows, columns) -> Iterator[str]:
    """A row for each parameter, the most important first; no line without rows."""
    if rows:
        cells = [(key, *(row.get(name, "") for name in columns)) for key, row in rows.items()]
        yield ""
        yield from table(("parameter", *columns), cells)


def _indices(result) -> dict[str, dict[str, str]]:
    rest = result.rest
    apart = [one for one in _acting(result) if not rest or one.key not in rest.keys]
    shown = {one.key: one for one in apart} | ({_together(rest): rest} if rest else {})
    return {
        name: {
            "total index": interval(one.total._asdict(), 2) if one.total else NONE,
            "first-order": interval(one.first._asdict(), 2) if one.first else NONE,
        }
        for name, one in shown.items()
        if one.total or one.first or result.needed_points
    }


def _together(rest) -> str:
    return f"{len(rest.keys)} others together"


def _effects(result) -> dict[str, dict[str, str]]:
    """The cells of effects; those of shares in percentage points."""
    size = 100 if _shares(result) else 1
    moving = [one for one in _acting(result) if one.moves]
    sizes = [one.mu_star.estimate or 0 for one in moving]
    digits, single = digits_for(size * max(sizes, default=0)), len(result.weights) == 1
    return {
        one.key: {
            "mu*": interval(_sized(one.mu_star, size, single), digits),
            "sigma": NONE if one.sigma is None or single else f"{size * one.sigma:.{digits}f}",
            "alone": " -> ".join(_level(end.estimate, result) for end in one.alone),
        }
        for one in moving
    }


def _sized(estimate, size, single) -> dict:
    """An estimate in the unit that is printed; a single parameter has no interval."""
    ends = {name: getattr(estimate, name) for name in ("estimate", "low", "high")}
    sized = {name: None if x is None else size * x for name, x in ends.items()}
    return {**sized, "low": None, "high": None} if single else sized


def _legend(result) -> Iterator[str]:
    unit = result.question.outcome.unit
    if _has_indices(result):
        yield OF_INDICES
    if result.question.screen and _effects(result):
        words = OF_EFFECTS + (OF_SEVERAL if len(result.weights) > 1 else OF_ONE)
        yield words.format(unit="in percentage points" if _shares(result) else in_unit(unit))
        yield OF_ALONE.format(unit=f" ({in_unit(unit)})")


def _has_indices(result) -> bool:
    return any(one.total or one.first for one in result.weights)


def _acting(result) -> list[Weight]:
    return [one for one in result.weights if not one.no_effect]


def _remarks(result) -> Iterator[str]:
    """What a reader must know, in a sentence each."""
    if joint := _joint(result):
        yield (
            f"Here each parameter varies by itself; in the scenario {listed(joint)} are drawn "
            "jointly."
        )
    yield from result.question.notes
    if result.rest:
        yield (
            f"The {len(result.rest.keys)} parameters with the smallest mu* have indices only "
            "together. To divide these, name parameters with --over KEY."
        )
    yield from _without_effect(result)
    if result.varies and result.varies[0] == result.varies[1]:
        yield "The outcome is the same at every point, so there is no variance to explain."
    yield from _noise(result)
    yield from _vague(result)
    yield from _undefined(result)


def _noise(result) -> Iterator[str]:
    """How much of what makes points differ is noise, and what it does to the indices."""
    share = result.noise_share
    # noise may hide all that the polynomials explain
    explained = result.explained if _has_indices(result) else None
    if explained is not None:
        yield (
            f"The indices divide the {percent(explained)} % of the variance over points that "
            "polynomials in one or two parameters explain. Sampling noise is in the rest: it "
            "makes intervals longer, but moves no index."
        )
    if share is None:
        return
    advice = " Run more worlds (--worlds)." if _too_noisy(result) else ""
    yield (
        f"At most {percent(min(share, 1.0))} % of the variance over points is sampling noise, "
        f"from {_worlds(result)} at each point.{advice}"
    )
    if explained is not None and (unexplained := 1 - explained - share) > NOISY:
        yield (
            f"So at least {percent(unexplained)} % is in no index: three or more parameters act "
            "together, or the outcome jumps."
        )


def _too_noisy(result) -> bool:
    """Whether noise looks like interactions, as it does but in a regression."""
    return result.explained is None and (result.noise_share or 0.0) > NOISY


def _joint(result) -> list[str]:
    """The parameters that the scenario draws jointly and that vary here independently."""
    together = drawn_jointly(result.question.scenario.policies[result.question.policy])
    joint = [one.key for one in result.question.parameters if one.key in together]
    return joint if len(joint) <= NAMED else [*joint[:NAMED], f"{len(joint) - NAMED} more"]


def _vague(result) -> Iterator[str]:
    """What it takes to give the indices that are left out."""
    if result.needed_points is None:
        return
    share, worlds = result.noise_share or 0.0, result.question.few
    more = ""
    if _too_noisy(result):
        more = f" of about {so_many(_rounded_up(worlds * share / NOISY))} each (--worlds)"
    yield (
        "An index with a dash is too uncertain to be given: its 95 % interval is wider than half "
        "of the range from 0 to 1, or reaches beyond -0.2 or 1.2. About "
        f"{result.needed_points:,} points (--points){more} would be enough."
    )


def _rounded_up(number: float) -> int:
    """A number of worlds, rounded up to two digits."""
    grain = 10 ** max(0, len(str(int(number))) - 2)
    return int(-(-number // grain) * grain)


def _without_effect(result) -> Iterator[str]:
    """Parameters that changed nothing, and those that changed everything but this outcome."""
    question = result.question
    no_effect = [one.key for one in result.weights if one.no_effect]
    still = [one.key for one in _acting(result) if one.mu_star and not one.moves]
    changes = len(ENDS) + TRAJECTORIES if question.screen else question.points
    if still:
        some, more = still[:NAMED], len(still) - NAMED
        rest = f" and {more} more ({NAME} lists all)" if more > 0 else ""
        yield (
            f"In {changes} trials each, these parameters changed other results of a run, but "
            f"never this outcome: {', '.join(some)}{rest}."
        )
    if no_effect:
        left = " They are left out of the indices." if question.screen and question.indices else ""
        yield (
            f"In {changes} trials each, these parameters had no effect on any result: "
            f"{', '.join(no_effect)}. This is not proof: a parameter may act only at other "
            f"values of the others.{left}"
        )


def _undefined(result) -> Iterator[str]:
    why, other = why_absent(result.question.outcome)
    for stage, one in result.undefined.items():
        if one["points"]:
            lost = (
                f"Indices need it at every point, so they are not computed. Choose another "
                f"outcome, such as {other}, or run more worlds (--worlds)."
                if stage == "indices"
                else "Effects at these points are left out."
            )
            yield (
                f"At {one['points']:,} of {one['of']:,} points of the {stage} the outcome does "
                f"not exist: {why}. {lost}"
            )
