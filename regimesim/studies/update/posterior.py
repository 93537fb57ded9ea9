"""The posterior of assumptions as a scenario: a file, and rows of draws beside it."""

import csv
from copy import deepcopy
from pathlib import Path

import numpy as np

from regimesim.ensemble.datasets import about_run, drawn_names
from regimesim.ensemble.parameter_sampling import DRAWN_AS, uncertain
from regimesim.errors import Refusal
from regimesim.scenario import Scenario
from regimesim.scenario.toml_writer import written

LEFT_OUT = ("extends", "evidence", "correlations", "claim", "description")
WORDS = "What was learned of assumptions from evidence; luck is drawn again."


def write_posterior(result, path: Path, worlds: int | None = None) -> Path:
    """Write a scenario at `path`, and a CSV file of the same name beside it.

    Each row of the CSV file has the assumptions of one world after the evidence; all rows have
    the same weight.  A run of the scenario takes a row for each world, with luck of its own.

    Raises Refusal where policies draw an assumption from different distributions.
    """
    scenario = result.question.scenario
    columns = _columns(scenario, result.after)
    rows = _rows(result.after.weighted, worlds)
    names = list(columns)
    with path.with_suffix(".csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        writer.writerows(zip(*(columns[name][rows].tolist() for name in names), strict=True))
    path.write_text(
        written(_content(result, path, bool(names)), _comment(result)), encoding="utf-8"
    )
    return path


def _columns(scenario: Scenario, sample) -> dict[str, np.ndarray]:
    """The assumptions of each world, by dotted name."""
    columns: dict[str, np.ndarray] = {}
    for name in drawn_names(scenario):
        if DRAWN_AS.get(name, name) != name:  # it follows the key that it stands for
            continue
        by = [one for one, tables in scenario.policies.items() if name in uncertain(tables)]
        values = np.asarray(sample.worlds[name].sel(policy=by).values, dtype=np.float64)
        if np.any(values != values[0]):
            raise Refusal(
                f"{scenario.source}: policies draw {name} from different distributions, so the "
                "posterior has no single value of it in each world"
            )
        columns[name] = values[0]
    return columns


def _rows(weighted, worlds: int | None) -> np.ndarray:
    """The places of worlds in proportion to their weights."""
    count = len(weighted.weights) if worlds is None else worlds
    below = np.cumsum(weighted.weights) / np.sum(weighted.weights)
    places = np.searchsorted(below, (np.arange(count) + 0.5) / count)
    return np.minimum(places, len(below) - 1)


def _content(result, path: Path, has_draws: bool) -> dict:
    """The scenario in tables."""
    scenario = result.question.scenario
    raw = {key: value for key, value in deepcopy(scenario.raw).items() if key not in LEFT_OUT}
    head = {"name": f"{scenario.name}_updated"[:60], "description": WORDS}
    raw |= head
    if "draws" in raw:
        _restore(raw)
    if has_draws:
        raw["draws"] = {"file": path.with_suffix(".csv").name}
    return {**head, **raw}


def _restore(table) -> None:
    """Put a range in the place of each column of draws that the prior had: the new column takes
    its place again when the file is read."""
    for key, value in list(table.items()):
        if isinstance(value, dict) and set(value) == {"column", "of"}:
            table[key] = _range_of(value)
        elif isinstance(value, dict):
            _restore(value)
        elif isinstance(value, list | tuple):
            table[key] = [
                _range_of(item) if isinstance(item, dict) and "column" in item else item
                for item in value
            ]


def _range_of(column: dict) -> dict:
    from regimesim.scenario.columns import column_of

    low, high = column_of(column).ends
    return {"uniform": [low, high if high > low else low + 1e-9 * max(abs(low), 1.0)]}


def _comment(result) -> str:
    """Where the posterior comes from."""
    about, question = about_run(result.question.scenario), result.question
    lines = [
        f"Posterior of {about['scenario']} (scenario {about['scenario_digest']}, seed "
        f"{about['seed']}, regimesim {about['version']}).",
        f"{result.effective:,.0f} effective worlds. Evidence under {question.policy}:",
        *(f"  {label}" for label in question.evidence.items),
    ]
    return "\n".join(lines)
