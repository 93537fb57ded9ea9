"""`regimesim sensitivity`: how much each parameter matters, told and written down."""

from collections.abc import Iterable
from textwrap import fill

from regimesim.analysis.formatting import (
    NONE,
    digits_for,
    in_unit,
    interval,
    percent,
    so_many,
)
from regimesim.analysis.outcome import OUTCOMES, why_absent
from regimesim.results.progress import compile_model, progress_bar
from regimesim.scenario import Scenario
from regimesim.studies.sensitivity.compute import changed_alone, measure
from regimesim.studies.sensitivity.question import ENDS, POINTS, ask
from regimesim.studies.study import answered, folder_for, where_numbers_are, write_answer

MAKER = "regimesim sensitivity"
NAME = "sensitivity.json"
MOST_WORLDS = 500  # at a point, where their number is not given
WIDTH = 80
# Columns and their widths: of indices, and of effects.
INDICES = {"total index": 20, "first-order": 23}
EFFECTS = {"mu*": 21, "sigma": 8, "alone": 18}
NOISY = 0.1  # of the variance
NAMED = 8  # parameters that change nothing here
OF_INDICES = (
    "total: share of the variance over these parameters that would remain if this one alone "
    "were not known; first: share that would vanish if it alone were known."
)
OF_EFFECTS = (
    "mu*: mean size of what a change over half its range does, doubled, so that it may exceed the "
    "range of the outcome, with 95 % intervals; sigma: how much that depends on where it and the "
    "others are; both {unit}."
)
OF_ONE_EFFECT = (
    "mu*: mean size of what a change over half its range does, doubled, so that it may exceed the "
    "range of the outcome, {unit}. Of a single parameter it has neither an interval nor a sigma, "
    "which are over places of the others."
)
OF_ALONE = (
    "alone: the outcome{unit} where it is at its 5 % and at its 95 % quantile, and all others "
    "are at the centre."
)


def tell_sensitivity(
    scenario: Scenario,
    outcome: str,
    over: Iterable[str] = (),
    policy: str | None = None,
    points: int = POINTS,
    screen: bool = True,
    indices: bool = True,
    threads: int | None = None,
    executor: str | None = None,
    out=None,
    command: Iterable[str] = (),
):
    """Find how much each parameter matters to an outcome, print and write it.

    out: the folder, else outputs/NAME-sensitivity · the others: see `sensitivity`.  Raises
    Refusal for whatever of these cannot be used, before anything is run.
    """
    asked = ask(scenario, outcome, over, policy, points, screen, indices)
    target = folder_for(out, f"{scenario.name}-sensitivity")
    with answered(target, MAKER, asked.scenario, threads, command) as folder:
        compile_model()
        with progress_bar(total=asked.most_worlds) as bar:
            found = measure(asked, threads, executor, bar.update)
        write_answer(folder, "sensitivity", found, ["sensitivity"])
    print(told(found))
    print(f"\n{where_numbers_are(target / NAME)}")


def few_worlds(scenario: Scenario) -> Scenario:
    """The scenario with no more worlds than a point gets where their number is not given."""
    few = {"worlds": MOST_WORLDS}
    return scenario.override(few) if scenario.worlds > MOST_WORLDS else scenario


def told(found: dict) -> str:
    """The content of sensitivity.json as text of at most 80 columns."""
    lines = [
        _filled(f"{found['outcome']} under {found['policy']}: {found['words']}"),
        *map(_filled, _about(found)),
        *_table(_indices(found), INDICES),
        *_table(_effects(found), EFFECTS),
        "",
        *map(_filled, (*_legend(found), *_remarks(found))),
    ]
    return "\n".join(line.rstrip() for line in lines)


def _filled(text):
    """A text in lines; % stays on one line with its number."""
    return fill(text.replace(" %", "\xa0%"), WIDTH).replace("\xa0", " ")


def _about(found):
    size, points = len(found["parameters"]), sum(one["of"] for one in found["undefined"].values())
    yield (
        f"{size} parameter{'s' if size > 1 else ''}, {points:,} points of "
        f"{so_many(found['worlds'])} each, seed {found['seed']}"
    )
    if found["varies"]:
        low, high = (_level(value, found) for value in found["varies"])
        unit = "%" if found["unit"] == "1" else found["unit"]
        yield f"Over these points the outcome is {low} to {high} {unit}."


def _level(value, found):
    """A value of the outcome, shares in percent."""
    if value is None:
        return NONE
    if found["unit"] == "1":
        return percent(value)
    one = {"estimate": value, "low": None, "high": None}
    return interval(one, digits_for(max(map(abs, found["varies"]))))


def _table(rows, widths):
    """A row a parameter, the weightiest first; nothing where there is none."""
    if not rows:
        return
    room = WIDTH - sum(widths.values())
    yield ""
    for key, row in {"parameter": dict(zip(widths, widths, strict=True)), **rows}.items():
        if len(key) > room:
            yield key
            key = ""
        yield f"{key:{room}}" + "".join(
            f"{row.get(name, ''):>{width}}" for name, width in widths.items()
        )


def _indices(found) -> dict[str, dict[str, str]]:
    return {
        key: {"total index": interval(one["total"], 2), "first-order": interval(one["first"], 2)}
        for key, one in _acting(found).items()
        if one["total"]
    }


def _effects(found) -> dict[str, dict[str, str]]:
    """The cells of effects; those of shares in percentage points."""
    size = 100 if found["unit"] == "1" else 1
    known = {key: one for key, one in _acting(found).items() if _moves(one)}
    there = [one["mu_star"]["estimate"] or 0 for one in known.values()]
    digits = digits_for(size * max(there, default=0))
    return {
        key: {
            "mu*": interval(_sized(one["mu_star"], size, len(found["parameters"])), digits),
            "sigma": _sigma(one["sigma"], size, digits, len(found["parameters"])),
            "alone": " -> ".join(_level(end["estimate"], found) for end in one["alone"]),
        }
        for key, one in known.items()
    }


def _sized(estimate, size, parameters):
    """An estimate in the unit that is shown; of a single parameter without its interval."""
    sized = {key: None if x is None else size * x for key, x in estimate.items()}
    return sized if parameters > 1 else {**sized, "low": None, "high": None}


def _sigma(sigma, size, digits, parameters):
    return NONE if sigma is None or parameters == 1 else f"{size * sigma:.{digits}f}"


def _moves(one) -> bool:
    """Whether a parameter was screened, and moved the outcome or may have."""
    return bool(one["mu_star"]) and (one["mu_star"]["estimate"] != 0 or changed_alone(one) != 0)


def _legend(found):
    if any(one["total"] for one in found["parameters"].values()):
        yield f"{OF_INDICES} 95 % intervals."
    if found["trajectories"] and _effects(found):
        shares = found["unit"] == "1"
        words = OF_EFFECTS if len(found["parameters"]) > 1 else OF_ONE_EFFECT
        yield words.format(unit="in percentage points" if shares else in_unit(found["unit"]))
        yield OF_ALONE.format(unit=f" ({in_unit(found['unit'])})")


def _acting(found):
    return {key: one for key, one in found["parameters"].items() if not one["no_effect"]}


def _remarks(found):
    """What a reader must know, a sentence each."""
    yield from _without_effect(found)
    varies = found["varies"]
    if varies and varies[0] == varies[1]:
        yield "The outcome is the same at every point, so there is no variance to share out."
    share = found["noise_share"]
    if share is not None:
        advice = ": more worlds (--worlds) are needed" if share > NOISY else ""
        yield (
            f"Of the variance over points at most {percent(min(share, 1.0))} % is the luck of "
            f"{so_many(found['worlds'])}{advice}."
        )
    yield from _undefined(found)


def _without_effect(found):
    """Parameters that changed nothing, and those that only left this outcome alone."""
    idle = [key for key, one in found["parameters"].items() if one["no_effect"]]
    acting = _acting(found)
    still = [key for key, one in acting.items() if one["mu_star"] and not _moves(one)]
    changes = len(ENDS) + found["trajectories"] if found["trajectories"] else found["points"]
    if still:
        some, more = still[:NAMED], len(still) - NAMED
        rest = f" and {more} more (all are in {NAME})" if more > 0 else ""
        yield (
            f"In the same {changes} changes of each, {', '.join(some)}{rest} moved other numbers "
            "of a run, but not this outcome: mu* 0, and no change alone."
        )
    if idle:
        left = "; left out of the indices" if found["trajectories"] and found["points"] else ""
        yield (
            f"No effect seen in {changes} changes of each, which is not proof (a parameter may "
            f"act only where others are elsewhere){left}: {', '.join(idle)}"
        )


def _undefined(found):
    why, other = why_absent(OUTCOMES[found["outcome"]])
    for stage, one in found["undefined"].items():
        if one["points"]:
            lost = (
                f"Indices need it everywhere and are not given; ask for another outcome, such as "
                f"{other}, or for more worlds (--worlds)."
                if stage == "indices"
                else "Effects there are left out."
            )
            yield (
                f"At {one['points']} of {one['of']} points of the {stage} the outcome does not "
                f"exist: {why}. {lost}"
            )
