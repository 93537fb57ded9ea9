"""What would flip the odds: the study `explain` in the background, until settings change."""

import time
from collections.abc import Callable

import numpy as np

from regimesim.ensemble.threads import available_cores
from regimesim.ensemble.workload import A_SECOND, weigh
from regimesim.results.progress import Progress
from regimesim.scenario import Scenario
from regimesim.studies.explain.compute import Explanation, compute
from regimesim.studies.explain.question import Question, ask

PAUSE, LOOK = 1.5, 0.1  # seconds without a change before it begins, and between looks at it
MOST, FEWEST = 512, 64  # worlds at a value
PATIENCE = 60.0  # seconds of one core, which fewer worlds than MOST must not exceed …
LONGEST = 120.0  # … and FEWEST neither


class Stopped(Exception):
    """Other settings were chosen."""


class _Seeking(Progress):
    """Hands on each answer, and ends the study where `stop` says so."""

    def __init__(self, stop: np.ndarray, publish: Callable[[Explanation], object]):
        super().__init__(self._look)
        self._stop, self._publish = stop, publish

    def wait(self) -> None:
        """Wait until settings have been left alone for a moment."""
        until = time.monotonic() + PAUSE
        while time.monotonic() < until:
            self._look(0)
            time.sleep(LOOK)

    def _look(self, worlds: int) -> None:
        if self._stop[0]:
            raise Stopped

    def stand(self, stage, answer, words) -> None:
        self._look(0)
        self._publish(answer)


def seek(scenario: Scenario, stop: np.ndarray, publish: Callable[[Explanation], object]) -> None:
    """Explain the odds of the only policy of a scenario, and publish each answer until the last.

    One core is left to the page.  Where a world takes so much work that an answer would take many
    minutes, nothing is published.

    Parameters
    ----------
    scenario : Scenario
        With one policy.
    stop : ndarray, shape (1,)
        Other than 0 where other settings were chosen.
    publish : callable
        Called with each Explanation.
    """
    seeking = _Seeking(stop, publish)
    try:
        seeking.wait()
        question = question_of(scenario)
        if question is None:
            return
        seeking.stand("everything", compute(question, seeking), "")
    except Stopped:
        pass


def question_of(scenario: Scenario) -> Question | None:
    """The question in as many worlds as take a moment; None where even a few take long."""
    threads = max(available_cores() - 1, 1)
    for worlds in (MOST, MOST // 2, MOST // 4, FEWEST):
        question = ask(scenario.override({"worlds": worlds}), threads=threads)
        seconds = question.total * float(weigh(scenario.systems, scenario.months, 1)) / A_SECOND
        if seconds <= PATIENCE:
            return question
    return question if seconds <= LONGEST else None
