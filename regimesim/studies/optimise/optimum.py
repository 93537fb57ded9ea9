"""The answer of a search: the best policy or the front, and everything that took part."""

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from regimesim.ensemble.datasets import about_run
from regimesim.scenario import Scenario
from regimesim.studies.optimise import text
from regimesim.studies.optimise.against import WorstCase
from regimesim.studies.optimise.chosen import RUNNER_UP
from regimesim.studies.optimise.decision_table import decision_table
from regimesim.studies.optimise.measured import Measured
from regimesim.studies.optimise.question import Question
from regimesim.studies.race import Look
from regimesim.studies.search import Tried
from regimesim.studies.search_space import scenario_with

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True)
class Optimum:
    """The best policy of a space, or of several aims the front.

    Attributes
    ----------
    question : Question
        The question, as it was checked.
    tried : Tried
        Which policies took part.
    look : Look
        The end of the race.
    chosen : dict of str to Measured
        "best", or "front 1", "front 2", …, best in the first aim first; and with one aim the
        "runner-up", where there is another policy.
    others : dict of str to Measured
        Every policy of the file.
    gains : dict of str to dict
        By "base" and "runner-up": what the best (or the first of the front) is minus that, in the
        same fresh worlds.
    table : list of dict
        For each policy that took part its settings, the estimates that the race used, in how many
        worlds, and why it dropped out.
    worlds : int
        Worlds of all policies in which the search and the race ran, and
    system_months : int
        the months of systems in them.
    worst_case : WorstCase, optional
        The policies that are best against attackers that answer them, where that was asked.
    """

    question: Question
    tried: Tried
    look: Look
    chosen: dict[str, Measured]
    others: dict[str, Measured]
    gains: dict[str, dict]
    table: list[dict]
    worlds: int
    system_months: int
    worst_case: WorstCase | None = None

    @property
    def best(self) -> Measured:
        """The best policy; of a front that which is best in the first aim."""
        return next(iter(self.chosen.values()))

    @property
    def front(self) -> list[Measured]:
        """The policies of the front; with one aim the best alone."""
        return [one for name, one in self.chosen.items() if name != RUNNER_UP]

    def scenario(self) -> Scenario:
        """The scenario of the best policy, or those of the front, beside the base policy."""
        space = self.question.space
        points = {one.name.replace(" ", "_"): one.candidate.point for one in self.front}
        rows = self.worst_case.policies if self.worst_case else ()
        points |= {f"worst_case_{k}": one.point for k, (one, _) in enumerate(rows, 1) if one.point}
        return scenario_with(space, points)

    def to_dict(self) -> dict:
        """The content of optimise.json."""
        question, look = self.question, self.look
        space = question.space
        return {
            **about_run(question.scenario),
            "base": space.base,
            "aims": [aim._asdict() for aim in question.aims],
            "targets": [t._asdict() | {"words": str(t)} for t in question.targets],
            "space": [one.plain() for one in space.dimensions],
            "switched_on": text.origins(space),
            "trials": question.trials,
            "points": self.tried.points,
            "policies_tried": len(self.tried.candidates),
            "contradictions": list(self.tried.contradictions),
            "precision": question.precision,
            "race_worlds": look.worlds,
            "settled": look.settled,
            "reached": look.reached,
            "left": len(look.left),
            "front": len(look.front),
            "dropped": dict(Counter(reason for reason, _ in look.dropped.values())),
            "bound": look.bound,
            "worlds_run": self.worlds,
            "system_months": self.system_months,
            "chosen": {
                name: {"settings": space.settings(one.candidate.point), **one.plain()}
                for name, one in self.chosen.items()
            },
            "decisions": {
                name: decision_table(one.candidate.tables) for name, one in self.chosen.items()
            },
            "file": {name: one.plain() for name, one in self.others.items()},
            "gains": {
                name: {e: one._asdict() for e, one in gains.items()}
                for name, gains in self.gains.items()
            },
            "candidates": self.table,
            **({"against": self.worst_case.plain(space)} if self.worst_case else {}),
        }

    def to_dataframe(self) -> "pandas.DataFrame":
        """A row for each policy that took part, as in `table`, a column for each setting."""
        import pandas

        return pandas.DataFrame(
            {**row["settings"], **{key: value for key, value in row.items() if key != "settings"}}
            for row in self.table
        )

    def text(self) -> str:
        """The answer in words, in lines as wide as the terminal."""
        return text.text(self.to_dict())

    def plot(self, ax=None):
        """Draw the front, or the best among all that were tried; returns the axes."""
        from regimesim.studies.optimise.figure import optimum

        return optimum(self.to_dict(), ax)
