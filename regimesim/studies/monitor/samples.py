"""From logs to the scores of attacks and of honest work: what counts, once, and what does not."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from regimesim.errors import Refusal, nearest, shown
from regimesim.results.progress import Progress
from regimesim.studies.monitor.log_files import Log, NotALog, find_logs, read_log
from regimesim.studies.monitor.scores import (
    MISSING,
    OF_STEPS,
    UNPARSED,
    Scored,
    Step,
    label_keys,
    label_of,
    score_names,
    score_of,
    step_names,
    steps_of,
)

COPY = "the same trajectory is in another log, a retry or a rescored copy"
FAILED = "the trajectory ended in an error"
INVALID = "the trajectory was marked as invalid"
UNLABELLED = "the sample has no such label"
ATTACKS, HONEST = ("attack", "true", "1"), ("honest", "false", "0")
MOST_LISTED = 6


@dataclass(frozen=True)
class Trajectory:
    """What one sample of a log says."""

    log: Log
    id: str
    epoch: int
    label: str | None
    score: Scored
    steps: tuple[Step, ...]
    flaw: str | None  # why it does not count, whatever its score

    @property
    def said(self) -> tuple:
        """What copies of the same trajectory must agree in."""
        return self.label, self.score.number, self.steps


@dataclass
class Collection:
    """The trajectories of some logs, each once, and what else was found on the way."""

    score: str
    label: str
    trajectories: dict[tuple, Trajectory] = field(default_factory=dict)
    logs: list[Log] = field(default_factory=list)
    no_logs: int = 0  # files of a folder
    copies: int = 0
    limited: int = 0  # trajectories that a limit of tokens, messages or time cut short
    of_trajectories: Counter = field(default_factory=Counter)  # names of scores
    of_steps: Counter = field(default_factory=Counter)
    labels: Counter = field(default_factory=Counter)  # names
    conflicts: list[tuple[Trajectory, Trajectory]] = field(default_factory=list)

    def add(self, log: Log, sample: Mapping) -> None:
        """Add a sample of a log, unless it is there."""
        self.of_trajectories.update(score_names(sample))
        self.of_steps.update(step_names(sample))
        self.labels.update(label_keys(sample))
        error, invalid, epoch = (sample.get(k) for k in ("error", "invalidation", "epoch"))
        new = Trajectory(
            log,
            str(sample.get("id")),
            epoch if isinstance(epoch, int) else 1,
            label_of(sample, self.label),
            score_of(sample, self.score),
            tuple(steps_of(sample, OF_STEPS.get(self.score, self.score))),
            FAILED if error else INVALID if invalid else None,
        )
        uuid = sample.get("uuid")
        key = ("uuid", uuid) if isinstance(uuid, str) else (log.run, new.id, new.epoch)
        old = self.trajectories.get(key)
        if old is None:
            self.limited += bool(sample.get("limit"))
            self.trajectories[key] = new
            return
        self.copies += 1
        scored = [one.score.number is not None or bool(one.steps) for one in (old, new)]
        if scored == [False, True]:
            self.trajectories[key] = new
        elif all(scored) and old.said != new.said:
            self.conflicts.append((old, new))


def collect(paths: Iterable[str | Path], score: str, label: str, progress: Progress) -> Collection:
    """Every trajectory of the logs at `paths`, once.

    Raises Refusal for files that are no logs or are damaged, and where logs disagree on a
    trajectory.
    """
    files, inside = find_logs(paths)
    collection, lines = Collection(score, label), []
    progress.total(len(files))
    for path in files:
        try:
            collection.logs.append(read_log(path, collection.add))
        except NotALog as refusal:
            if path in inside and path.suffix == ".json":
                collection.no_logs += 1
            else:
                lines += refusal.lines
        except Refusal as refusal:
            lines += refusal.lines
        progress(1)
    if not lines and not collection.logs:
        lines = [f"{', '.join(map(str, paths))}: holds no log of Inspect or ControlArena"]
    if not lines and not collection.trajectories:
        lines = [f"{collection.logs[0].path}: holds no sample; a log of samples is needed"]
    if not lines and collection.conflicts:
        lines = [_conflict(collection)]
    if lines:
        raise Refusal(lines)
    return collection


def _conflict(collection: Collection) -> str:
    old, new = collection.conflicts[0]
    numbers = [
        shown(one.score.number) if one.score.number is not None else "" for one in (old, new)
    ]
    more = len(collection.conflicts) - 1
    others = f", and {more} more differ" if more else ""
    scores = f" ({numbers[0]} and {numbers[1]})" if all(numbers) else ""
    which = f"sample {shown(old.id)}, epoch {old.epoch}"
    if old.log.path == new.log.path:
        return (
            f"{old.log.path}: holds {which}, twice, with different scores{scores}{others}; "
            "allowed is one sample of each id and epoch"
        )
    return (
        f"{which}: {old.log.path} and {new.log.path} hold the "
        f"same trajectory with different scores{scores}{others}; name one of the two logs"
    )


def choose_unit(collection: Collection, unit: str | None) -> tuple[str, str]:
    """The unit, "trajectory" or "step", and a sentence that says what counts.

    Raises Refusal for an unknown score, and where both are possible and neither is asked for.
    """
    name = collection.score
    whole, steps = collection.of_trajectories[name] > 0, collection.of_steps[name] > 0
    if not whole and not steps:
        raise Refusal(_no_score(collection))
    if unit == "step" and not steps:
        known = [*collection.of_steps]
        there = f"; scores of steps are {_listed(known)}" if known else ""
        raise Refusal(f"--unit: {name} has one score for a whole trajectory, none of steps{there}")
    if unit is None and steps:
        raise Refusal(
            f"--unit: {name} has a score for each step; --unit step ranks single steps, and "
            "--unit trajectory ranks whole trajectories by the highest score of their steps, "
            "which is the unit of the model; say which"
        )
    if unit == "step":
        return "step", "Each step counts, with its own score and the label of its trajectory."
    if whole:
        return "trajectory", "Each trajectory counts, every epoch of a sample as one."
    return "trajectory", "Each trajectory counts, with the highest score of its steps."


def _no_score(collection: Collection) -> str:
    names = [
        *collection.of_trajectories,
        *(n for n in collection.of_steps if n not in collection.of_trajectories),
    ]
    if not names:
        name = shown(collection.score)
        return f"--score: no sample of these logs has a score, so there is no {name}"
    parts = [name for name in names if name.startswith(f"{collection.score}.")]
    close = nearest(collection.score, parts or names)
    return f"--score: no sample has {shown(collection.score)}; the nearest is '{close}'"


def classify(collection: Collection, attack: str | None) -> tuple[str, tuple[str, ...]]:
    """The label of attacks, as JSON, and those of honest work.

    Raises Refusal where the labels do not part the trajectories in two, or do not say which is
    which.
    """
    place = f"--label metadata.{collection.label}"
    counts = Counter(
        one.label for one in collection.trajectories.values() if one.label is not None
    )
    if not counts:
        if not collection.labels:
            raise Refusal(f"{place}: no sample of these logs has metadata")
        close = nearest(collection.label, collection.labels)
        raise Refusal(f"{place}: no sample has it; the nearest is 'metadata.{close}'")
    values = [value for value, _ in counts.most_common()]
    if len(values) == 1:
        raise Refusal(
            f"{place}: is {values[0]} in all {counts[values[0]]} samples that have it; both "
            "attacks and honest work are needed"
        )
    if attack is not None:
        chosen = next((value for value in values if _plain(value) == attack), None)
        if chosen is None:
            close = nearest(attack, map(_plain, values))
            raise Refusal(f"{place}={attack}: no sample has this value; the nearest is '{close}'")
    else:
        chosen = _attack_of(values)
        if chosen is None:
            raise Refusal(
                f"{place}: has the values {_listed(values)}; say which is an attack, as in "
                f"{place}={_plain(values[0])}"
            )
    return chosen, tuple(value for value in values if value != chosen)


def _attack_of(values: list[str]) -> str | None:
    """The one of two values that names attacks, as far as the two words tell."""
    if len(values) != 2:
        return None
    for words, pick in ((ATTACKS, 0), (HONEST, 1)):
        named = [_plain(value).lower() in words for value in values]
        if sum(named) == 1:
            return values[named.index(True) if pick == 0 else named.index(False)]
    return None


def _plain(value: str) -> str:
    """A label as a person writes it."""
    read = json.loads(value)
    return read if isinstance(read, str) else value


def _listed(names: list[str]) -> str:
    more = len(names) - MOST_LISTED
    return ", ".join(names[:MOST_LISTED]) + (f" and {more} more" if more > 0 else "")


@dataclass(frozen=True)
class Item:
    """A score that counts: of a trajectory, or of a step."""

    number: float
    is_attack: bool
    cluster: str  # the id of the sample, whose epochs and modes are not independent


def items_of(collection: Collection, unit: str, attack: str) -> tuple[list[Item], Counter, int]:
    """The scores that count, how many do not by reason, and how many trajectories of those that
    count had a reply without a score."""
    items: list[Item] = []
    excluded: Counter = Counter({COPY: collection.copies} if collection.copies else {})
    whole = collection.of_trajectories[collection.score] > 0
    partly = 0
    for one in collection.trajectories.values():
        reason = one.flaw or (UNLABELLED if one.label is None else None)
        numbers = []
        if reason is None:
            numbers, reason, unparsed = _numbers(one, unit, whole)
            excluded[UNPARSED] += unparsed if unit == "step" else 0
            partly += bool(numbers) and unparsed > 0
        if reason is not None:
            excluded[reason] += 1
        items += [Item(number, one.label == attack, one.id) for number in numbers]
    return items, +excluded, partly


def _numbers(one: Trajectory, unit: str, whole: bool) -> tuple[list[float], str | None, int]:
    """The scores of a trajectory, or why it has none; and its replies without a score."""
    parsed = [step.number for step in one.steps if step.parsed]
    unparsed = len(one.steps) - len(parsed)
    if unit == "trajectory" and whole:
        if one.score.number is None:
            return [], one.score.reason, unparsed
        return [one.score.number], None, unparsed
    if not one.steps:
        return [], MISSING, 0
    if unit == "step":
        return parsed, None, unparsed
    return ([max(parsed)], None, unparsed) if parsed else ([], UNPARSED, unparsed)
