"""METR's results as published, `benchmark_results_1_1.yaml` and its like."""

import math
from collections import Counter
from collections.abc import Mapping
from functools import cache

from regimesim.errors import Refusal, at_most, dotted, shown, too_deep
from regimesim.scenario.measured.measurement import (
    MeasuredFile,
    Measurement,
    as_number,
    minutes,
    release_date,
    value_text,
)

RESULTS, BENCHMARK = "results", "benchmark_name"
PUBLISHED = "doubling_time_in_days"


def read_yaml(text: str) -> dict | None:
    """The table in a YAML text, or None where it holds none.

    Only plain values are made, and dates stay texts.  Raises Refusal for a table that has a key
    twice, and for a reference to another part of the file, which may be expanded without end.
    """
    import yaml

    try:
        content = yaml.load(text, _loader())
    except (yaml.YAMLError, RecursionError, ValueError):  # such as a number of too many digits
        return None
    return content if isinstance(content, dict) and not too_deep(content) else None


@cache
def _loader():
    """The loader of `read_yaml`."""
    import yaml

    class Loader(yaml.SafeLoader):
        def compose_node(self, parent, index):
            if self.check_event(yaml.AliasEvent):
                line = self.peek_event().start_mark.line + 1
                raise Refusal(f"line {line}: refers to another part of the file; write it out")
            return super().compose_node(parent, index)

        def construct_mapping(self, node, deep=False):
            keys = Counter(key.value for key, _ in node.value if isinstance(key.value, str))
            key, times = next(iter(keys.most_common(1)), ("", 0))
            if times > 1:
                line = node.start_mark.line + 1
                raise Refusal(f"line {line}: {shown(key)} stands {times} times in a table")
            return super().construct_mapping(node, deep)

    Loader.add_constructor("tag:yaml.org,2002:timestamp", Loader.construct_scalar)
    return Loader


def is_of_metr(content: Mapping) -> bool:
    """Whether a table has the shape of METR's results."""
    return isinstance(content.get(RESULTS), dict) and BENCHMARK in content


def metr_file(content: Mapping, place: str, digest: str) -> MeasuredFile:
    """METR's results; raises Refusal with a sentence for each wrong value."""
    horizons, mistakes = [], []
    for model, result in content[RESULTS].items():
        try:
            horizons.append(_measurement(str(model), result, str(content[BENCHMARK])))
        except ValueError as error:
            mistakes.append(f"{place}: {dotted((RESULTS, model))}: {error}")
    if mistakes:
        raise Refusal(at_most(mistakes))
    return MeasuredFile(
        place,
        digest,
        "METR's results",
        horizons=tuple(sorted(horizons, key=lambda one: one.released)),
        published=_published(content.get(PUBLISHED)),
        where=f"the texts of {BENCHMARK}",
    )


def _measurement(model: str, result, benchmark: str) -> Measurement:
    result = _table(result, "result")
    metrics = _table(result.get("metrics"), "metrics")
    is_sota = metrics.get("is_sota")
    if not isinstance(is_sota, bool):
        raise ValueError(f"is_sota is {value_text(is_sota)}; allowed are true and false")
    p50 = _table(metrics.get("p50_horizon_length"), "p50_horizon_length")
    p80 = _table(metrics.get("p80_horizon_length") or {}, "p80_horizon_length")
    return Measurement(
        model=model,
        released=release_date(result.get("release_date")),
        version=str(result.get(BENCHMARK, benchmark)),
        is_sota=is_sota,
        p50=minutes(p50.get("estimate"), "p50_horizon_length"),
        p80=math.nan
        if p80.get("estimate") is None
        else minutes(p80["estimate"], "p80_horizon_length"),
        p50_low=as_number(p50.get("ci_low")),
        p50_high=as_number(p50.get("ci_high")),
    )


def _table(value, name: str) -> Mapping:
    if not isinstance(value, Mapping):
        raise ValueError(f"{name} is {value_text(value)}; allowed is a table")
    return value


def _published(stated) -> dict[str, dict[str, float]]:
    """The doubling times in days that the file states, by period."""
    names = {"point_estimate": "estimate", "ci_low": "low", "ci_high": "high"}
    periods = {}
    for period, numbers in stated.items() if isinstance(stated, Mapping) else ():
        if isinstance(numbers, Mapping) and as_number(numbers.get("point_estimate")) > 0:
            read = {name: as_number(numbers.get(key)) for key, name in names.items()}
            periods[str(period)] = {name: one for name, one in read.items() if one > 0}
    return periods
