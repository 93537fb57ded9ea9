"""The scenario with some assumptions moved: P(no takeover) there, in the same worlds."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from regimesim.analysis.estimates import Estimate
from regimesim.scenario.declaration import plain
from regimesim.studies.explain.assumptions import is_set, of_a_safeguard, overlay_of
from regimesim.studies.explain.question import Question
from regimesim.studies.parameter_points import numbers_of
from regimesim.sweeps.designs import POINT, Design
from regimesim.sweeps.engine import evaluate_in_stages

OUTCOME = "no_takeover"

Moves = Mapping[str, float]


@dataclass(frozen=True, eq=False)
class Moved(Design):
    """A design with points at which some keys have other values than in the scenario.

    own: the values in the scenario, by key · moves: at each point, the values that differ.
    """

    own: dict[str, object] = field(default_factory=dict)
    moves: tuple[dict[str, object], ...] = ()

    @property
    def dims(self) -> dict[str, int]:
        """The points."""
        return {POINT: len(self.moves)}

    def settings(self, point: int) -> dict[str, object]:
        """The plain value of each key at a point."""
        return self.own | self.moves[point]


class Points:
    """P(no takeover) where assumptions are moved; what was run is remembered."""

    def __init__(self, question: Question, progress):
        self._question, self._progress = question, progress
        self._by_key = {one.key: one for one in question.assumptions}
        self._numbers = numbers_of(question.scenario, question.policy)
        self._known: dict[tuple, Estimate | None] = {}
        self.mistakes: dict[str, None] = {}  # in the order in which they were met

    def expect(self, more: int) -> None:
        """Show that about so many more worlds are to be run."""
        self._progress.total(self._progress.done + more)

    def look(self, wanted: Sequence[Moves], worlds: int) -> list[Estimate | None]:
        """The estimate at each point, from the first `worlds` worlds.

        None where the values contradict others of the scenario.
        """
        (estimates,) = self.look_in_stages(wanted, (worlds,))
        return estimates

    def look_in_stages(
        self, wanted: Sequence[Moves], stages: Sequence[int]
    ) -> Iterator[list[Estimate | None]]:
        """The estimates at each point, from each of rising numbers of worlds."""
        every = [frozenset(moves.items()) for moves in wanted]
        new = {
            key: moves
            for key, moves in zip(every, wanted, strict=True)
            if any((worlds, key) not in self._known for worlds in stages)
        }
        runs = self._run(list(new.values()), stages) if new else ([] for _ in stages)
        for worlds, estimates in zip(stages, runs, strict=True):
            self._known |= zip(((worlds, key) for key in new), estimates, strict=True)
            yield [self._known[worlds, key] for key in every]

    def _run(
        self, points: Sequence[Moves], stages: Sequence[int]
    ) -> Iterator[list[Estimate | None]]:
        question = self._question
        datasets = evaluate_in_stages(
            question.scenario,
            self._design(points),
            stages,
            question.rules,
            threads=question.threads,
            progress=self._progress,
        )
        for worlds, dataset in zip(stages, datasets, strict=True):
            yield self._estimates(dataset, worlds)

    def _estimates(self, dataset, worlds: int) -> list[Estimate | None]:
        question = self._question
        here = dataset.sel(policy=question.policy)
        ends = np.stack([here[f"{OUTCOME}{end}"].values for end in ("", "_low", "_high")], axis=1)
        errors = list(map(str, np.ravel(dataset["error"].values)))
        self.mistakes |= dict.fromkeys(filter(None, errors))
        return [
            None if error else Estimate(*map(float, row), worlds)
            for row, error in zip(ends, errors, strict=True)
        ]

    def _design(self, points: Sequence[Moves]) -> Moved:
        moved = dict.fromkeys(key for moves in points for key in moves)
        parts = {key: self._numbers[key].declared for key in moved}
        own, places = {}, {}
        for key, declared in parts.items():
            place = self._place(declared.key)
            places[key] = place
            own[place] = self._own(declared)
        moves = tuple(self._settings(one, parts, places) for one in points)
        (policy,) = self._question.scenario.policies
        return Moved("table", (), {}, (policy,), own=own, moves=moves)

    def _settings(self, moves: Moves, parts, places) -> dict[str, object]:
        """The values that differ from those of the scenario, a list as a whole."""
        settings: dict[str, object] = {}
        for key, value in moves.items():
            declared, value = parts[key], self._by_key[key].plain(value)
            if declared.kind == "list":
                listed = settings.get(places[key]) or self._own(declared)
                names = [f"{declared.key}.{part}" for part in declared.quantity.parts]
                own = zip(names, listed, strict=True)
                value = [value if name == key else x for name, x in own]
            settings[places[key]] = value
        return settings

    def _own(self, declared):
        """The value of the scenario, as it is written in a file."""
        if declared.kind != "list":
            return plain(self._numbers[declared.key].value)
        names = [f"{declared.key}.{part}" for part in declared.quantity.parts]
        return [plain(self._numbers[name].value) for name in names]

    def _place(self, key: str) -> str:
        """Where a value is set: in the policy if the policy sets it, else in the scenario, so that
        it holds for labs that do not adopt the policy too."""
        scenario, policy = self._question.scenario, self._question.policy
        own = of_a_safeguard(key) or is_set(overlay_of(scenario, policy), key)
        return f"policies.{policy}.{key}" if own and scenario.raw.get("policies") else key
