"""The compiled month beside its twin, in several worlds at once, month by month.

The kernel lives through a tile; beside each of its columns goes a twin.  After every month
all state, all counts and the record of the month are compared, and then the twin takes the
kernel's state over, bit by bit.  So rounding does not add up, a month is compared to nine
digits whatever the parameters are, and where an event hangs on less than rounding the
comparison goes on with the next month: the twin says which of its comparisons were that
close.  Such a month is excused as a tie only if the twin, with some of just those decided
the other way, lives through the kernel's month, and the sums of a month over worlds only if
such comparisons make all of them right.  A close comparison alone excuses nothing: where
automation and its threshold for the trigger are both all but 1, "trigger" is close every month.
"""

from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import chain, combinations, islice, product

import numpy as np
from twin import NEVER, Twin
from twin_governance import govern

from regimesim.ensemble.parameter_sampling import draw_parameters, make_stack
from regimesim.model.dynamics.month import GOVERN, PROCEED, simulate
from regimesim.model.dynamics.record import GRAIN, LARGEST
from regimesim.model.dynamics.tiles import make_batch, make_tile
from regimesim.model.world.layout import WIDTH
from regimesim.model.world.normal import normal
from regimesim.model.world.records import EXPECTED, MONTHLY, THRESHOLDS, names
from regimesim.scenario.dates import months_between
from regimesim.scenario.parameters import active, choices, declarations

RELATIVE, ABSOLUTE = 1e-9, 1e-9
MOST_TURNED = 400  # ways in which the close comparisons of a month are decided anew

SYSTEM = (
    *("capability", "paradigm", "density", "value", "value_target", "scope", "horizon"),
    *("constraint", "awareness", "calibration", "archetype", "misaligned", "trait", "spent"),
    "model",
)
LAB = (
    *("frontier", "paradigm", "density", "knowledge", "erosion", "growth", "paused", "dropped"),
    *("adopts", "free_frontier", "free_paradigm"),
)
WORLD = ("danger", "caught_belief", "missed_belief", "audit_budget", "suppression", "awake")
COUNTS = (
    *("critical_tries", "critical_tries_held", "tries_survived", "strikes", "warning_shots"),
    *("warning_shots_before_first_try", "story_incidents", "feints", "alarms", "false_alarms"),
    "withdrawals",
)
REALS = (
    *("audits_spent", "months_paused", "growth_lost_to_pauses", "growth_lost_to_taxes"),
    *("doublings_lost", "doublings_free"),
)
RATES = ("believed_catch_rate", "true_catch_rate", "foreseeable_catch_rate")
TRUTHS = {"misaligned", "trait", "spent", "dropped", "awake", "adopts"}
WHOLE = {"paradigm", "archetype", "model", "free_paradigm"}


@dataclass
class Found:
    """What comparisons found: months compared, the largest difference of each quantity,
    ties by the comparison that was close, and how often things happened."""

    scenarios: int = 0
    world_months: int = 0
    largest: dict = field(default_factory=dict)
    ties: Counter = field(default_factory=Counter)
    happened: Counter = field(default_factory=Counter)

    def differs(self, name, ours, theirs):
        """Note how far two values, or lists of values, are from each other; whether too far."""
        ours, theirs = np.asarray(ours, float), np.asarray(theirs, float)
        assert np.isfinite(ours).all(), f"{name}: {ours}"
        off = np.abs(ours - theirs) / (ABSOLUTE + RELATIVE * np.abs(theirs))
        worst = float(off.max(initial=0.0))
        if worst <= 1.0:
            self.largest[name] = max(self.largest.get(name, 0.0), worst * RELATIVE)
        return not worst <= 1.0


def numbers_of(parameters, column, tables, start):
    """Every parameter of a world under its dotted key, as drawn."""
    found = {"adopters": tables.adopters, "adopters_are": tables.adopters_are}
    found["events"] = [
        event.model_dump(exclude={"set"})
        | {"set": event.set.model_dump(exclude_none=True)}
        | ({"month": months_between(start, event.on)} if event.on else {})
        for event in tables.events
    ]
    worded = {f"{table}.{key}": value for table, key, value in choices(tables)}
    for declared in declarations():
        if not declared.table or declared.kind == "table":
            continue
        table = declared.table.rpartition(".")[2]
        if declared.kind == "choice":
            found[declared.key] = worded[f"{table}.{declared.name}"]
        else:
            row = parameters[table][declared.name]
            many = row.ndim == 2
            found[declared.key] = row[:, column].tolist() if many else float(row[column])
    return found


class Pairs:
    """The first worlds of a policy: in the kernel, and as twins."""

    def __init__(self, scenario, policy=None, worlds=2, rule=None, own_rule=None):
        worlds = min(worlds, WIDTH)
        self.scenario = scenario
        policy = next(iter(scenario.policies)) if policy is None else policy
        self.tables = tables = scenario.policies[policy]
        self.rule = rule
        self.tile = make_tile(scenario.labs, scenario.systems)
        self.stack = make_stack(tables)
        numbers = np.arange(worlds, dtype=np.int64)
        seeds = np.full(worlds, scenario.seed, np.int64)
        drawn = draw_parameters(tables, scenario.start, seeds, numbers)
        self.batch = make_batch(seeds, numbers, drawn, scenario.months)
        simulate(self.tile, self.stack, self.batch, GOVERN, 1)
        on = {name for name, is_on in active(tables).items() if is_on}
        sizes = (scenario.labs, scenario.systems, scenario.months, scenario.seed)
        self.twins = [
            Twin(
                numbers_of(self.tile.parameters[0], w, tables, scenario.start),
                on,
                *sizes,
                world=w,
                normal_of=lambda word: normal(np.uint64(word)),
                rule=own_rule,
            )
            for w in range(worlds)
        ]

    def run(self, found=None):
        """Live through every month and compare; what was found.  Raises AssertionError."""
        found = Found() if found is None else found
        found.scenarios += 1
        for w in range(len(self.twins)):
            self._found(found, w)
        for month in range(self.scenario.months):
            running = [w for w, twin in enumerate(self.twins) if self._runs(w)]
            if not running:
                break
            if month:
                simulate(self.tile, self.stack, self.batch, GOVERN, 1)
            if self.rule:
                self.rule.set_levers(self.tile)
            simulate(self.tile, self.stack, self.batch, PROCEED, 1)
            before = {w: deepcopy(self.twins[w]) for w in running}
            for w in running:
                self.twins[w].step()
                self._settle(found, w, before[w], f"month {month}")
                found.world_months += 1
            self._compare_record(found, month, before)
        for twin in self.twins:
            found.happened.update({name: bool(getattr(twin, name)) for name in COUNTS})
            found.happened.update({name: at >= 0 for name, at in twin.crossings.items()})
        return found

    def _found(self, found, w):
        """Compare at the founding, after which the kernel has already set the levers of month 0,
        and take its state over without what events did then."""
        twin = self.twins[w]
        governed = deepcopy(twin)
        govern(governed)
        wrong = sorted(set(self._differences(found, w, governed)))
        assert not wrong, f"world {w}, founding: {', '.join(wrong)}"
        self._adopt(w, twin)
        twin.withdrawals, twin.event_end = 0, [0.0] * len(twin.event_end)
        for system in twin.systems:
            system.spent = False

    def _runs(self, w):
        return bool(self.tile.worlds[0]["running"][w])

    def _settle(self, found, w, before, when):
        """Compare, then take the kernel's state over.  `before` is the twin as it was before
        the month."""
        twin = self.twins[w]
        wrong = sorted(set(self._differences(found, w, twin)))
        if wrong:
            other, turned = next(self._others(w, before), (None, ()))
            if other is None:
                close = sorted(set(twin.close))
                raise AssertionError(f"world {w}, {when}: {', '.join(wrong)}; close: {close}")
            self.twins[w] = other
            found.ties.update(other.close[k] for k in turned if k < len(other.close))
            found.ties["months"] += 1
        self._adopt(w, self.twins[w])

    def _others(self, w, before):
        """Twins that live through the kernel's month with some of its close comparisons decided
        the other way, each with the numbers of these."""
        number = len(self.twins[w].close)
        sets = chain.from_iterable(combinations(range(number + 2), k) for k in (1, 2, 3))
        for turned in islice(sets, MOST_TURNED):
            twin = deepcopy(before)
            twin.turned = frozenset(turned)
            twin.step()
            if not any(self._differences(Found(), w, twin)):
                twin.turned = frozenset()
                yield twin, turned

    def _differences(self, found, w, twin):
        """Names of what is not the same in a column of the tile and in its twin."""
        for record, items, fields in (
            (self.tile.systems, twin.systems, SYSTEM),
            (self.tile.labs, twin.labs, LAB),
        ):
            for name in fields:
                theirs = [float(getattr(item, name)) for item in items]
                if found.differs(name, record[name][:, w], theirs):
                    yield name
        world = self.tile.worlds[0]
        for name in WORLD + REALS:
            if found.differs(name, world[name][w], getattr(twin, name)):
                yield name
        free = world["doublings_free"][w]
        lost = world["doublings_lost"][w] / free if free > 0 else 0.0
        if found.differs("growth_lost", world["growth_lost"][w], lost):
            yield "growth_lost"
        if world["event_end"][: len(twin.event_end), w].tolist() != twin.event_end:
            yield "event_end"
        for name in names(EXPECTED):
            if found.differs(name, world[name][w], twin.expectation.sums[name]):
                yield name
        if found.differs("untried", world["untried"][w], twin.expectation.untried):
            yield "untried"
        yield from (name for name in COUNTS if world[name][w] != getattr(twin, name))
        crossed = dict(zip(names(THRESHOLDS), world["crossing"][:, w].tolist(), strict=True))
        yield from (name for name, at in twin.crossings.items() if crossed[name] != at)
        if bool(world["running"][w]) != (not twin.lost and twin.month < twin.months):
            yield "running"
        yield from self._first_try(found, w, twin, world)

    def _first_try(self, found, w, twin, world):
        if twin.held is None:
            absent = (world["held_first_critical_try"][w], world["first_try_was_story"][w])
            if absent != (-1, -1) or not np.isnan(world["true_catch_rate"][w]):
                yield "first try"
            return
        if world["held_first_critical_try"][w] < 0:
            yield "first try"
            return
        for name, theirs in (
            ("held_first_critical_try", twin.held),
            ("attempts_in_first_try", twin.attempts_in_first_try),
            ("first_try_was_story", twin.first_try_was_story),
        ):
            if world[name][w] != theirs:
                yield name
        if world["caught_by"][:, w].tolist() != list(map(int, twin.caught_by)):
            yield "caught_by"
        for name in RATES:
            if found.differs(name, world[name][w], getattr(twin, name)):
                yield name

    def _compare_record(self, found, month, before):
        """The sums of a month against what its twins measured; `before` are the twins as they
        were before it.  Where these differ, it is a tie only if comparisons decided the other
        way, which leave every world as the kernel has it, make all sums of the month right."""
        records = {w: [self.twins[w].record] for w in before}
        wrong = self._wrong_sums(found, month, [known for (known,) in records.values()])
        if not wrong:
            return
        for w, known in records.items():
            for other, _ in self._others(w, before[w]):
                if other.record not in known:
                    known.append(other.record)
        for chosen in islice(product(*records.values()), MOST_TURNED):
            if not self._wrong_sums(Found(), month, chosen):
                found.ties["records"] += 1
                return
        close = sorted({item for w in before for item in self.twins[w].close})
        raise AssertionError(f"month {month}: {'; '.join(wrong)}; close: {close}")

    def _wrong_sums(self, found, month, records):
        """What sums of a month are not those of these records, in words."""
        row, wrong = self.batch.monthly[month], []
        assert row[0] == len(records)
        for k, name in enumerate(names(MONTHLY)):
            theirs = sum(min(max(record[name], -LARGEST[k]), LARGEST[k]) for record in records)
            ours = row[1 + k] * GRAIN[k]
            loose = len(records) * (GRAIN[k] if GRAIN[k] < 1 else 0)
            if abs(ours - theirs) > loose and found.differs(f"record of {name}", ours, theirs):
                wrong.append(f"record of {name}: {ours}, {theirs}")
        return wrong

    def _adopt(self, w, twin):
        """Give the twin the kernel's state."""
        for record, items, fields in (
            (self.tile.systems, twin.systems, SYSTEM),
            (self.tile.labs, twin.labs, LAB),
        ):
            for name in fields:
                column = record[name][:, w].tolist()
                kind = bool if name in TRUTHS else int if name in WHOLE else float
                for item, value in zip(items, column, strict=True):
                    setattr(item, name, kind(value))
        world = self.tile.worlds[0]
        for name in WORLD + COUNTS + REALS:
            kind = bool if name in TRUTHS else int if name in COUNTS else float
            setattr(twin, name, kind(world[name][w]))
        twin.event_end = world["event_end"][: len(twin.event_end), w].tolist()
        expectation = twin.expectation
        expectation.untried = float(world["untried"][w])
        expectation.sums = {name: float(world[name][w]) for name in names(EXPECTED)}
        crossing = world["crossing"][:, w].tolist()
        twin.crossings = dict(zip(names(THRESHOLDS), crossing, strict=True))
        twin.lost = twin.crossings["takeover"] != NEVER
        if twin.crossings["first_critical_try"] == NEVER:
            twin.held = None
        else:
            twin.held = bool(world["held_first_critical_try"][w])
            twin.first_try_was_story = bool(world["first_try_was_story"][w])
            twin.caught_by = tuple(map(bool, world["caught_by"][:, w]))
            twin.attempts_in_first_try = int(world["attempts_in_first_try"][w])
            for name in RATES:
                setattr(twin, name, float(world[name][w]))


__all__ = ["COUNTS", "LAB", "RATES", "REALS", "SYSTEM", "WORLD", "Found", "Pairs", "numbers_of"]
