"""What a search has chosen, and the table of all that took part."""

import numpy as np

from regimesim.studies.candidates import Candidate, CommonWorlds
from regimesim.studies.optimise.measured import estimands_of
from regimesim.studies.optimise.question import Question
from regimesim.studies.race import MISSES, Look
from regimesim.studies.search import Tried

MOST_OF_FRONT = 12  # policies of a front that are measured again
BEST, RUNNER_UP, FRONT = "best", "runner-up", "front"


def named_policies(question: Question, look: Look, searched: CommonWorlds) -> dict[str, Candidate]:
    """The policies that were chosen, by the names that the result gives them."""
    if len(question.aims) > 1:
        places = np.unique(
            np.linspace(0, len(look.front) - 1, min(len(look.front), MOST_OF_FRONT)).round()
        )
        shown = [look.front[int(place)] for place in places]
        return {f"{FRONT} {k}": one for k, one in enumerate(shown, 1)}
    named = {BEST: look.best}
    if second := _runner_up(question, look, searched):
        named[RUNNER_UP] = second
    return named


def _runner_up(question: Question, look: Look, searched: CommonWorlds) -> Candidate | None:
    """The next best: of those that are left, or else of those that stayed longest."""
    if len(look.left) > 1:
        return look.left[1]
    rivals = {one: worlds for one, (reason, worlds) in look.dropped.items() if reason != MISSES}
    if not rivals:
        return None
    (aim,) = question.aims
    longest = max(rivals.values())

    def value(one: Candidate) -> float:
        each = searched.linear(one, aim.estimand, longest).each
        return aim.sign * float(np.mean(each, dtype=np.float64))

    return max((one for one, worlds in rivals.items() if worlds == longest), key=value)


def table_of(question: Question, tried: Tried, look: Look, searched: CommonWorlds) -> list[dict]:
    """A row for each policy that took part."""
    rows = []
    for one in tried.candidates:
        reason, worlds = look.dropped.get(one, (None, look.worlds))
        means = {
            name: float(np.mean(searched.linear(one, name, worlds).each, dtype=np.float64))
            for name in estimands_of(question)
        }
        rows.append(
            {
                "words": one.words,
                "settings": question.space.settings(one.point),
                **{name: None if np.isnan(mean) else mean for name, mean in means.items()},
                "worlds": worlds,
                "dropped": reason,
            }
        )
    return rows
