"""`regimesim cruxes`: what makes two scenarios disagree, told and written down."""

from collections.abc import Iterable
from functools import partial
from textwrap import fill

from regimesim.analysis.formatting import digits_for, in_unit, interval, percent_interval, so_many
from regimesim.errors import shown
from regimesim.results.progress import compile_model, progress_bar
from regimesim.scenario import Scenario
from regimesim.studies.cruxes.compute import measure
from regimesim.studies.cruxes.groups import TABLE
from regimesim.studies.cruxes.question import _read, ask, read_groups
from regimesim.studies.study import answered, folder_for, where_numbers_are, write_answer

MAKER = "regimesim cruxes"
NAME = "cruxes.json"
WIDTH, CELL = 80, 19
MOST_TOLD = 3  # interactions
LEGEND = (
    "Shapley value: what the group changes, averaged over all orders of going from A to B; the "
    "values add up to the difference. alone: in A by itself; last: where all others are as in B "
    "already."
)
TOGETHER = (
    "What two groups change together, beyond what each changes by itself; each pair is judged by "
    "itself, so that of many one or the other may be luck:"
)


def tell_cruxes(
    a,
    b,
    outcome: str,
    policy: str | None = None,
    by: str = TABLE,
    groups: Iterable[str] = (),
    settings: Iterable[str] = (),
    threads: int | None = None,
    out=None,
    command: Iterable[str] = (),
):
    """Find which parameters make the scenarios in two files disagree, print and write it.

    groups: texts NAME=KEY,KEY · settings: `worlds=N` and `seed=S`, else those of the first ·
    out: the folder, else outputs/A-B-cruxes.  Raises Refusal for whatever of these cannot be
    used, before anything is run.
    """
    ours, theirs = _read(a, b, settings)
    asked = ask(ours, theirs, outcome, policy, by, read_groups(groups))
    target = folder_for(out, f"{ours.name}-{theirs.name}-cruxes")
    other = {"other": {"scenario": theirs.resolved(), "given": theirs.raw}}
    with answered(target, MAKER, ours, threads, command, other) as folder:
        compile_model()
        with progress_bar(total=asked.all_worlds) as bar:
            found = measure(asked, threads, bar.update)
        write_answer(folder, "cruxes", found, ["cruxes"])
    print(told(found))
    for line in _of_its_own(ours, theirs):
        print(fill(line, WIDTH))
    print(f"\n{where_numbers_are(target / NAME)}")


def _of_its_own(ours: Scenario, theirs: Scenario):
    """What of the run of the second scenario is not used."""
    kinds = {"worlds": "{:,} worlds", "seed": "seed {}"}
    differ = [name for name in kinds if getattr(ours, name) != getattr(theirs, name)]
    if differ:
        own, used = (
            " and ".join(kinds[name].format(getattr(one, name)) for name in differ)
            for one in (theirs, ours)
        )
        yield f"{theirs.source} has {own} of its own; both were run with {used}."


def told(found: dict) -> str:
    """The content of cruxes.json as text of at most 80 columns."""
    write = writer(found)
    lines = [
        fill(f"{found['outcome']}: {found['words']}", WIDTH),
        f"{in_unit(found['unit'])}, with 95 % intervals; {so_many(found['worlds'])}, "
        f"seed {found['seed']}",
        "",
        *_sides(found, write),
        "",
        *_table(found["groups"], write),
        "",
        fill(LEGEND, WIDTH),
        *_together(found, write),
        "",
        "What differs (A -> B):",
    ]
    for name, group in found["groups"].items():
        lines.append(_cut(f"  {name}"))
        for key, (here, there) in group["parameters"].items():
            lines.append(_cut(f"    {key}: {_value(here)} -> {_value(there)}"))
    return "\n".join(line.rstrip() for line in lines)


def _sides(found, write):
    for letter in "ab":
        side = found[letter]
        head = f"{letter.upper()} says {write(side)}{_resting(side, found)}"
        about = f"{side['source']}, {side['policy']}"
        room = WIDTH - len(head) - 3
        yield f"{head} ({about if len(about) <= room else f'…{about[1 - room :]}'})"
    difference = found["difference"]
    yield f"B minus A: {write(difference)}{_resting(difference, found)}"


def _resting(estimate, found):
    """On how many worlds an estimate rests, where it is not all of them."""
    return f" of {so_many(estimate['n'])}" if estimate["n"] < found["worlds"] else ""


def _table(groups, write):
    kinds = {"shapley": "Shapley value", "alone": "alone", "last": "last"}
    rows = {name: [write(group[kind]) for kind in kinds] for name, group in groups.items()}
    for name, group in groups.items():
        if group["no_world_differs"]:
            rows[name] = ["no world differs", "", ""]
    cell = max(CELL, *(len(text) + 1 for row in rows.values() for text in row))
    key = max(WIDTH - 3 * cell, 0)
    rows = {"due to": kinds.values(), **rows}
    for name, row in rows.items():
        if len(name) > key:
            yield _cut(name)
            name = ""
        yield f"{name:{key}}" + "".join(f"{text:>{min(cell, WIDTH // 3)}}" for text in row)


def _together(found, write):
    """The greatest interactions that are not luck."""
    clear = [one for one in found["interactions"] if one["low"] is not None]
    clear = [one for one in clear if one["low"] > 0 or one["high"] < 0][:MOST_TOLD]
    if clear:
        yield ""
        yield fill(TOGETHER, WIDTH)
    for one in clear:
        cell = write(one)
        names = _cut(f"  {' and '.join(one['groups'])}", WIDTH - len(cell) - 2)
        yield f"{names}: {cell}"


def writer(found):
    """How estimates of an outcome are written: shares in percent, else with as many digits as
    the largest of them needs."""
    if found["unit"] == "1":
        return percent_interval
    groups = [group["shapley"] for group in found["groups"].values()]
    sizes = [abs(one["estimate"]) for one in (found["difference"], *groups)]
    return partial(interval, digits=digits_for(max(sizes)))


def _value(value) -> str:
    return "none" if value is None else shown(value)


def _cut(line: str, width: int = WIDTH) -> str:
    return line if len(line) <= width else f"{line[: width - 1]}…"
