"""What a careful reader would say of a run: at most three paragraphs, made from its numbers."""

from collections.abc import Mapping

from regimesim.scenario import Scenario
from regimesim.studies.run.deciding import deciding
from regimesim.studies.run.sentences import beliefs, ranking
from regimesim.studies.run.what_holds import every_lab, skill


def verdict(summary: Mapping, scenario: Scenario, end: str, assumptions: bool = True) -> list[str]:
    """What ranks first and why; what overseers believe, and what holds tries; what decides.

    Parameters
    ----------
    summary : mapping
        The content of summary.json.
    scenario : Scenario
        The scenario of the run.
    end : str
        The last month of the run.
    assumptions : bool
        Whether to say which assumptions decide.

    Returns
    -------
    list of str
        A paragraph for each of the three that there is something to say about.
    """
    paragraphs = (
        [*ranking(summary, end), *every_lab(summary, scenario)],
        [*beliefs(summary), *skill(summary)],
        deciding(summary) if assumptions else [],
    )
    return [" ".join(sentences) for sentences in paragraphs if sentences]
