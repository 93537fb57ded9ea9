"""What the tables of a policy depend on beside themselves: the scenario, and the run."""

from collections.abc import Iterator, Mapping
from math import inf

from regimesim.errors import shown
from regimesim.scenario.dates import months_later
from regimesim.scenario.distribution_numbers import declared_default
from regimesim.scenario.input_errors import Mistake, read
from regimesim.scenario.parameters import OUTSIDE_OF, Outside, Tables


def with_outside(tables: Tables, base: Mapping, overlay: Mapping) -> Tables:
    """The tables, in which labs that do not adopt the policy have the values of the scenario.

    `base` is the scenario as in a file, without policies, and `overlay` what the policy sets
    over it; a value of `outside` that neither has is that of the scenario.  Where all labs adopt
    the policy, nothing reads `outside`, and it stays as it is.
    """
    return tables if tables.adopters is None else with_all_outside(tables, base, overlay)


def with_all_outside(tables: Tables, base: Mapping, overlay: Mapping) -> Tables:
    """The same, even where all labs adopt the policy."""
    without = {name: _value(base, tuple(key.split("."))) for name, key in OUTSIDE_OF.items()}
    written = [dict(one.get("outside") or {}) for one in (base, overlay)]
    outside, mistakes = read(Outside, {**without, **written[0], **written[1]})
    assert outside is not None, mistakes  # each value was read before, with the same range
    return tables.model_copy(update={"outside": outside})


def _value(raw: Mapping, path: tuple[str, ...]):
    for key in path:
        if not isinstance(raw, Mapping) or key not in raw:
            return declared_default(path)
        raw = raw[key]
    return raw


def beyond_the_run(run, tables: Tables) -> Iterator[Mistake]:
    """A mistake where a policy has more adopters than there are labs, and for each event that
    never comes in the run.  `run` has the settings of a scenario."""
    last = months_later(run.start, run.months - 1)
    if tables.adopters is not None and tables.adopters > run.labs:
        labs = f"{run.labs} lab{'s' if run.labs > 1 else ''}"
        yield Mistake(("adopters",), f"found {tables.adopters}; a world has {labs}")
    for number, event in enumerate(tables.events, 1):
        if event.on and not run.start <= event.on <= last:
            reason = f"event {number}: on: found {shown(event.on)}; the run is from "
            yield Mistake(("events",), f"{reason}{run.start} to {last}")
        least = -inf if event.at_least is None else event.at_least
        if event.when in ("strikes_seen", "story_incidents") and least > run.systems:
            reason = f"event {number}: at_least: found {shown(least)}; a world has {run.systems} "
            yield Mistake(("events",), f"{reason}systems, and {event.when} is never above that")
