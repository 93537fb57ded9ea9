"""A first answer within seconds: what each parameter does alone, in a few worlds.

Screening many parameters takes thousands of points.  Each parameter at both its ends takes few of
them.  These points are run again in the first stage.
"""

from regimesim.analysis.formatting import in_unit, interval, percent, so_many
from regimesim.ensemble.workload import FIRST, GRAIN, weigh
from regimesim.results.progress import Progress
from regimesim.studies.sensitivity.agreement import one_at_a_time
from regimesim.studies.sensitivity.question import Question
from regimesim.studies.sensitivity.runs import run_points

FEWEST = 2 * GRAIN  # worlds: with fewer, many parameters seem to do the same
MOST = 3  # parameters that the line names


def first_look(question: Question, progress: Progress) -> None:
    """Print which parameters move the outcome most by themselves, where the first stage of the
    screening takes much longer."""
    scenario, size = question.scenario, len(question.parameters)
    uniforms = one_at_a_time(size)
    a_world = float(weigh(scenario.systems, scenario.months, len(uniforms)))
    worlds = max(int(FIRST / a_world) // GRAIN * GRAIN, FEWEST)
    first_stage = question.stages[0] * float(question.screened) / len(uniforms)
    if worlds > first_stage / 2 or worlds >= scenario.worlds:
        return
    (run,) = run_points(question, question.parameters, uniforms, Progress(), (worlds,))
    ends = run.value[1:].reshape(size, 2)
    moved = abs(ends[:, 1] - ends[:, 0])
    order = sorted((k for k in range(size) if moved[k] > 0), key=lambda k: -moved[k])[:MOST]
    name = question.outcome.name
    if not order:
        centre = f"{name} is {_level(run.value[0], question)} ({_unit(question)})"
        progress.line(
            f"First look, {so_many(worlds)} a point: with every parameter at its central value "
            f"{centre}, and none alone moves it."
        )
        return
    words = "; ".join(
        f"{question.parameters[k].key} {_level(ends[k, 0], question)} to "
        f"{_level(ends[k, 1], question)}"
        for k in order
    )
    progress.line(
        f"First look, {so_many(worlds)} a point: alone, from the 5 % to the 95 % quantile, these "
        f"move {name} most: {words} ({_unit(question)})."
    )


def _unit(question: Question) -> str:
    return "%" if question.outcome.unit == "1" else in_unit(question.outcome.unit)


def _level(value: float, question: Question) -> str:
    if question.outcome.unit == "1":
        return percent(value)
    return interval({"estimate": float(value), "low": None, "high": None}, 1)
