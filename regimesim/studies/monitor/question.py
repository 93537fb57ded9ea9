"""The question of `monitor`: scores of a monitor with labels, checked, from logs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from regimesim.errors import Refusal, gathering, nearest, shown
from regimesim.results.progress import Progress
from regimesim.studies.monitor.area import Scores
from regimesim.studies.monitor.log_files import Log
from regimesim.studies.monitor.samples import (
    Collection,
    Item,
    choose_unit,
    classify,
    collect,
    items_of,
)
from regimesim.studies.ranges import as_number

UNITS = ("trajectory", "step")
BUDGETS = (0.01, 0.03, 0.1, 0.3)
METADATA = "metadata."


@dataclass(frozen=True)
class Question:
    """Scores that count, and where they come from.

    logs: what was read · score, label: as asked · attack, honest: the labels of the classes, as
    JSON · unit: what has a score, a trajectory or a step · unit_words: the same in a sentence ·
    scores: of attacks and of honest work · excluded: how many trajectories (or steps) do not
    count, by reason · budgets: shares of honest work that are audited · notes: sentences.
    """

    logs: tuple[Log, ...]
    score: str
    label: str
    attack: str
    honest: tuple[str, ...]
    unit: str
    unit_words: str
    scores: Scores
    excluded: Mapping[str, int]
    budgets: tuple[float, ...]
    notes: tuple[str, ...] = ()
    threads: int | None = None

    @property
    def scenario(self) -> None:
        """No scenario is run."""
        return None

    @property
    def folder(self) -> str:
        name = "".join(letter if letter.isalnum() else "-" for letter in self.score)[:60]
        return f"{name.strip('-') or 'score'}-monitor"

    @property
    def total(self) -> int:
        """No world is run."""
        return 0

    @property
    def more(self) -> dict:
        """Further content of the manifest: the SHA-256 of each log."""
        return {"logs": {str(log.path): log.sha256 for log in self.logs}}


def ask(
    logs: str | Path | Iterable[str | Path],
    score: str,
    label: str,
    unit: str | None = None,
    budgets: Iterable[float | str] = (),
    progress: Progress | None = None,
) -> Question:
    """Read the logs, and check the arguments of `monitor`, which explains them.

    Raises Refusal.
    """
    lines: list[str] = []
    paths = [logs] if isinstance(logs, str | Path) else list(logs)
    key, attack = _label(label, lines)
    if unit is not None and unit not in UNITS:
        lines.append(f"--unit: found {shown(unit)}; the nearest is '{nearest(str(unit), UNITS)}'")
    shares = _budgets([budgets] if isinstance(budgets, str | float) else budgets, lines)
    if lines:
        raise Refusal(lines)
    collection = collect(paths, score, key, progress or Progress())
    classes: tuple[str, tuple[str, ...]] = ("", ())
    chosen = ("", "")
    with gathering(lines):
        chosen = choose_unit(collection, unit)
    with gathering(lines):
        classes = classify(collection, attack)
    if lines:
        raise Refusal(lines)
    items, excluded, partly = items_of(collection, chosen[0], classes[0])
    scores = _scores(items, excluded, score)
    return Question(
        tuple(collection.logs),
        score,
        label,
        *classes,
        *chosen,
        scores,
        dict(excluded),
        shares,
        tuple(_notes(collection, partly)),
    )


def _label(written: str, lines: list[str]) -> tuple[str, str | None]:
    """The key of the metadata, and the value of attacks, if any."""
    place, equals, value = str(written).partition("=")
    if not place.startswith(METADATA) or place == METADATA or (equals and not value):
        close = nearest(place, (METADATA,), alike=0.5)
        hint = f"; write metadata.{place}" if place and not close and "." not in place else ""
        allowed = "metadata.KEY or metadata.KEY=VALUE, the value of attacks"
        lines.append(f"--label: found {shown(written)}; allowed is {allowed}{hint}")
    return place.removeprefix(METADATA), value if equals else None


def _budgets(budgets, lines: list[str]) -> tuple[float, ...]:
    shares = []
    for written in budgets:
        share = as_number(written)
        if share is None or not 0 < share < 1:
            of_hundred = share is not None and 1 <= share < 100
            hint = f"; {shown(share)} % is {shown(share / 100)}" if of_hundred else ""
            allowed = "a share of honest work, more than 0 and less than 1"
            lines.append(f"--budget: found {shown(written)}; allowed is {allowed}{hint}")
        else:
            shares.append(share)
    return tuple(sorted(set(shares))) or BUDGETS


def _scores(items: list[Item], excluded: Mapping[str, int], score: str) -> Scores:
    """The scores as arrays.  Raises Refusal where a class has none."""
    counts = [sum(item.is_attack is kind for item in items) for kind in (True, False)]
    for count, name in zip(counts, ("attack", "honest work"), strict=True):
        if count < 2:
            reasons = ", ".join(f"{number} ({why})" for why, number in excluded.items())
            left = f"; excluded are {reasons}" if reasons else ""
            held = "no score" if count == 0 else "one score"
            line = f"--score {score}: {held} of {name} is left, and at least two are needed{left}"
            raise Refusal(line)
    names = {name: k for k, name in enumerate(sorted({item.cluster for item in items}))}
    split = [[item for item in items if item.is_attack is kind] for kind in (True, False)]
    numbers = [np.array([item.number for item in part]) for part in split]
    clusters = [np.array([names[item.cluster] for item in part]) for part in split]
    return Scores(*numbers, *clusters)


def _notes(collection: Collection, partly: int) -> Iterable[str]:
    if collection.no_logs:
        count = f"{collection.no_logs} JSON file{'s' * (collection.no_logs > 1)}"
        yield f"{count} in the folders {'are' if collection.no_logs > 1 else 'is'} no log."
    ended = [log for log in collection.logs if log.status != "success"]
    for log in ended:
        yield f"{log.path.name} ended with the status '{log.status}'; what it finished counts."
    if collection.limited:
        yield f"{collection.limited} trajectories were cut short by a limit; they count."
    if partly:
        yield (
            f"In {partly} trajectories that count, some replies of the monitor held no score; the "
            "highest score that a reply held counts."
        )
