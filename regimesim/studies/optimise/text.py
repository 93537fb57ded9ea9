"""The best policy in words, from the content of optimise.json."""

from collections.abc import Iterator, Mapping

from regimesim.analysis import terminal
from regimesim.analysis.estimand_table import UNITS
from regimesim.analysis.formatting import (
    listed,
    number,
    percent,
    so_many,
)
from regimesim.analysis.policy_cells import COSTS, SAFE
from regimesim.analysis.terminal import filled
from regimesim.studies.attacker import OF_EVADED, OWN
from regimesim.studies.dimensions import Switch, switched_on
from regimesim.studies.optimise import worst_case_text
from regimesim.studies.optimise.decision_text import decisions
from regimesim.studies.optimise.front_text import better_in_file, front, nearest
from regimesim.studies.optimise.words import cell, said, value
from regimesim.studies.race import BEATEN, CLOSE, MISSES, Look
from regimesim.studies.search_space import Space

BASE, BEST, RUNNER_UP = "base", "best", "runner-up"
WIDE = 24  # columns of a label of the table
HEADINGS = {
    SAFE: "no take-\nover",
    **{name: heading for name, (heading, _) in COSTS.items()},
}


def text(content: Mapping) -> str:
    """The whole answer, in lines for a terminal."""
    paragraphs = [
        heading(content),
        "\n".join(_table(content)),
        *decisions(content),
        *(filled(part) for part in sentences(content)),
    ]
    return "\n\n".join(paragraphs)


def sentences(content: Mapping) -> Iterator[str]:
    """The paragraphs below the table."""
    yield " ".join(front(content) if _several(content) else _best(content))
    yield " ".join(_race(content))
    if "against" in content:
        yield from worst_case_text.sentences(content)
    notes = list(_notes(content))
    if notes:
        yield " ".join(notes)


def heading(content: Mapping) -> str:
    """What was sought, and among which policies."""
    aims = " and ".join(
        f"{'most' if aim['maximise'] else 'least'} {said(aim['estimand'])}"
        for aim in content["aims"]
    )
    targets = " and ".join(target["words"] for target in content["targets"])
    wanted = aims + (f", with {targets}" if targets else "")
    rules = [one for one in content["space"] if "rule" in one]
    begins = tuple(f"{one['name']}." for one in rules)
    names = [one["name"] for one in content["space"] if not one["name"].startswith(begins or ".")]
    dimensions = listed(names, 20)
    title = content["titles"].get(content["base"], content["base"])
    head = (
        f"{content['scenario']}: {wanted}. {content['policies_tried']:,} policies over {title}, "
        f"by {dimensions}; seed {content['seed']}."
    )
    worlds = so_many(content["race_worlds"])
    legend = (
        f"Each in {worlds} that took no part in the search; shares in %, in brackets 95 % "
        "intervals."
    )
    named = [filled(f"{one['name']}: {one['rule']}", "  ", "    ") for one in rules]
    return "\n".join([filled(head), *named, filled(legend)])


def finding(look: Look) -> str:
    """The best so far, short enough for a progress bar."""
    front = f", {len(look.front)} on the front" if len(look.front) > 1 else ""
    return f"{look.best.words}{front}; {len(look.left)} left"


def best_so_far(words: str, points: int) -> str:
    """The best of the points so far, short enough for a progress bar."""
    return f"{points} points, best {words}"


def standing(content: Mapping) -> str:
    """The answer in a few words, for the line about a stage."""
    name, one = next(iter(content["chosen"].items()))
    aim = content["aims"][0]["estimand"]
    shown = value(one["fresh"][aim], aim)
    if _several(content):
        members = len(content["chosen"])
        return f"a front of {members}, from {one['words']} with {said(aim)} {shown}"
    fails = [held["words"] for held in one["targets"] if held["verdict"] == "fails"]
    missed = f", but {listed(fails)} fails" if fails else ""
    return f"{name} is {one['words']}, with {said(aim)} {shown}{missed}"


def comment(content: Mapping) -> str:
    """The comment at the head of best.toml."""
    lines = [
        f"From regimesim optimise of {content['scenario']} (scenario "
        f"{content['scenario_digest']}, seed {content['seed']}, regimesim {content['version']}).",
        *(
            f"{name}: {one['words']}"
            for name, one in content["chosen"].items()
            if name != RUNNER_UP
        ),
        "Worlds of the same seed chose it; run it with another --seed.",
    ]
    return "\n".join(lines)


def origins(space: Space) -> dict[str, str | None]:
    """For each safeguard that the base policy has not, the policy whose settings it has where it
    is on; None for those of the scenario, or the defaults."""
    have = {
        one.name
        for one in space.dimensions
        if isinstance(one, Switch)
        and getattr(space.base_candidate.tables.oversight, one.name) is None
    }
    return {name: switched_on(space.scenario, name)[1] for name in sorted(have)}


def _several(content) -> bool:
    return len(content["aims"]) > 1


def _columns(content) -> list[str]:
    """The estimands of the table: aims, then targets, then safety and costs."""
    wanted = [aim["estimand"] for aim in content["aims"]]
    wanted += [target["estimand"] for target in content["targets"]]
    return list(dict.fromkeys([*wanted, SAFE, *COSTS]))


def _table(content) -> list[str]:
    """A row for each policy that was chosen, and the base policy; the first two columns with
    their intervals."""
    columns = _columns(content)
    shown = columns[: max(len(content["aims"]), 1) + bool(content["targets"])][:2]
    head = ["", *(HEADINGS.get(name, name.replace("_", "\n")) for name in columns)]
    rows = []
    for name, one in _rows(content):
        cells = [
            cell(one["fresh"][e], e) if e in shown else _plain_cell(one["fresh"][e], e)
            for e in columns
        ]
        rows += [name, ("  ", *cells)] if len(name) > WIDE else [(name, *cells)]
    return terminal.table(head, rows)


def _rows(content):
    titles = content["titles"]
    for name, one in content["chosen"].items():
        yield f"{name}: {one['words']}" if not _several(content) else one["words"], one
    base = content["base"]
    yield titles.get(base, base), content["file"][base]


def _plain_cell(estimate, estimand) -> str:
    middle = estimate["estimate"]
    return percent(middle) if UNITS[estimand] == "1" else number(middle)


def _best(content) -> Iterator[str]:
    """The best policy: what it reaches, what holds, and what is luck."""
    best, aim = content["chosen"][BEST], content["aims"][0]
    name, title = aim["estimand"], content["titles"].get(content["base"], content["base"])
    yield from nearest(content)
    yield f"Best is {best['words']}: {said(name)} {value(best['fresh'][name], name)}"
    gained = content["gains"]["base"][name]
    yield f"in fresh worlds, {_more(gained, name)} than {title}."
    for held in best["targets"]:
        yield _holds(held)
    yield _curse(best["lost"][name], best["searched"][name], name)
    if RUNNER_UP in content["gains"]:
        yield _rival(content, name)
    else:
        yield "No other policy that reaches the targets was tried."
    yield from better_in_file(content)


def _more(gained, name) -> str:
    """A difference in words, as in "20.3 points more (18.1 to 22.5)"."""
    middle_value = gained["estimate"]
    if middle_value is None:
        return "incomparable with what there is"
    size = dict(gained)
    if middle_value < 0:
        size |= {
            "estimate": -middle_value,
            "low": _minus(gained["high"]),
            "high": _minus(gained["low"]),
        }
    unit = " points" if UNITS[name] == "1" else ""
    word = "more" if middle_value >= 0 else "less"
    middle, _, between = cell(size, name).partition(" ")
    return f"{middle}{unit} {word}{f' {between}' if between else ''}"


def _minus(value):
    return None if value is None else -value


def _holds(held) -> str:
    measured = value(held["measured"], held["estimand"])
    return {
        "holds": f"The target {held['words']} holds there: {measured}.",
        "fails": f"The target {held['words']} does not hold there: {measured}.",
        "unclear": f"Whether the target {held['words']} holds is not clear: {measured}; more "
        "worlds would show it.",
    }[held["verdict"]]


def _curse(lost, searched, name) -> str:
    """What the best policy loses in fresh worlds."""
    was = f"In the worlds that chose it, the estimate of {said(name)} was {value(searched, name)}"
    if lost["estimate"] is None or lost["low"] is None:
        return f"{was}."
    middle, _, between = cell(lost, name).partition(" ")
    unit = " points" if UNITS[name] == "1" else ""
    if lost["low"] > 0:
        return (
            f"{was}: it loses {middle}{unit} {between} in fresh ones, more than luck (optimiser's "
            "curse)."
        )
    return (
        f"{was}: what it loses in fresh ones (optimiser's curse) is within luck, "
        f"{between.strip('()')}{unit}."
    )


def _rival(content, name) -> str:
    """Whether the lead over the runner-up is more than luck."""
    lead, rival = content["gains"][RUNNER_UP][name], content["chosen"][RUNNER_UP]
    sign = 1 if content["aims"][0]["maximise"] else -1
    ends = [lead["low"], lead["high"]]
    words = f"The runner-up is {rival['words']}"
    if lead["estimate"] is None or None in ends:
        return f"{words}, which cannot be compared in these worlds."
    clear = min(sign * end for end in ends) > 0
    behind = max(sign * end for end in ends) < 0
    judged = "which is more than luck" if clear else "which may be luck"
    if behind:
        judged = "so in fresh worlds the runner-up is the better one"
    return f"{words}: the best has {_more(lead, name)}, {judged}."


def _race(content) -> Iterator[str]:
    """How the answer was found, and how certain it is."""
    dropped, tried = content["dropped"], content["policies_tried"]
    parts = [
        f"{dropped[reason]:,} {one if dropped[reason] == 1 else more}"
        for reason, one, more in (
            (MISSES, "clearly misses a target", "clearly miss a target"),
            (BEATEN, "is clearly beaten", "are clearly beaten"),
            (
                CLOSE,
                "is better by no more than the precision",
                "are better by no more than the precision",
            ),
        )
        if dropped.get(reason)
    ]
    were = f"; {listed(parts)}" if parts else ""
    yield (
        f"Of {tried:,} policies, {content['left']:,} {'is' if content['left'] == 1 else 'are'} "
        f"left after "
        f"{so_many(content['race_worlds'])}{were}."
    )
    if content["bound"] is not None:
        name = content["aims"][0]["estimand"]
        bound = content["bound"]
        most = f"{percent(bound)} points" if UNITS[name] == "1" else f"{bound:.3g}"
        yield f"No other policy is better by more than {most} (95 % for all at once)."
    whole = tried * content["race_worlds"]
    times = whole / content["worlds_run"]
    took = f"This took {so_many(content['worlds_run'])} of policies"
    saved = (
        f"; each policy in {so_many(content['race_worlds'])} would take {times:.3g} times as many"
        if times > 1.01
        else ""
    )
    yield f"{took}{saved}."


def _notes(content) -> Iterator[str]:
    """What a reader should know of the policies that were tried."""
    on = [
        f"{name} as under {content['titles'].get(policy, policy)}"
        for name, policy in content["switched_on"].items()
        if policy
    ]
    if on:
        yield f"Where the base policy lacks them, they have settings: {listed(on, 9)}."
    theirs = [one["name"] for one in content["space"] if one["name"] in (*OWN, *OF_EVADED)]
    if theirs:
        are = "is" if len(theirs) == 1 else "are"
        yield (
            f"{listed(theirs, 9)} {are} what systems choose, and no overseer (see `regimesim "
            "attack`): no policy can set it."
        )
    if content["contradictions"]:
        count, points = len(content["contradictions"]), content["points"]
        do = "contradicts itself and was" if count == 1 else "contradict themselves and were"
        yield (
            f"{count:,} of {points:,} points {do} left out{', such as' if count > 1 else ''}: "
            f"{content['contradictions'][0]}."
        )
