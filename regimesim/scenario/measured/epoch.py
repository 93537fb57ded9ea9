"""Epoch AI's tables: METR's horizons in its benchmark hub, and its Capabilities Index."""

import math
from collections.abc import Mapping

from regimesim.errors import Refusal, at_most, shown
from regimesim.scenario.measured.horizons import SHIPPED, each_row, read_horizons
from regimesim.scenario.measured.measurement import (
    MeasuredFile,
    Measurement,
    Score,
    as_number,
    minutes,
    release_date,
    with_records,
)
from regimesim.scenario.measured.names import date_of

HUB = ("Model version", "Time horizon")  # the columns that are needed
RELEASED = "Release date"  # which a table of the hub may have
INDEX = ("Model", "eci", "date")


def hub_file(text: str, place: str, digest: str) -> MeasuredFile:
    """Epoch's table of METR's horizons.

    The table has no dates.  A model has METR's release date of the model of that name, or else
    the date in its name; one without either is left out.  Whether a model set a record follows
    from the dates.  Raises Refusal with a sentence for each wrong value.
    """
    known = [(one.model, one.released) for one in read_horizons(SHIPPED)]
    made = _read(text, place, HUB, lambda row: _horizon(row, known))
    return MeasuredFile(
        place,
        digest,
        "Epoch AI's table of METR's time horizons",
        horizons=with_records([one for _, one in made if one is not None], "p50"),
        undated=tuple(row["Model version"] for row, one in made if one is None),
        names="column Model version",
    )


def _read(text, place, columns, make):
    """Each row with what `make` makes of it; raises Refusal with a sentence for each wrong row."""
    made, mistakes = each_row(text, place, columns, make)
    if mistakes:
        raise Refusal(at_most(mistakes))
    return made


def _horizon(row: Mapping[str, str], known) -> Measurement | None:
    name = row["Model version"]
    p50 = minutes(row["Time horizon"], "Time horizon")
    released = release_date(row[RELEASED], RELEASED) if row.get(RELEASED) else date_of(name, known)
    if released is None:
        return None
    ends = (as_number(row.get(key) or "nan") for key in ("CI_low", "CI_high"))
    return Measurement(name, released, "", False, p50, math.nan, *ends)


def index_file(text: str, place: str, digest: str) -> MeasuredFile:
    """Epoch's Capabilities Index; raises Refusal with a sentence for each wrong value."""
    made = _read(text, place, INDEX, _score)
    return MeasuredFile(
        place,
        digest,
        "Epoch AI's Capabilities Index",
        scores=with_records([one for _, one in made], "score"),
        names="column Model",
    )


def _score(row: Mapping[str, str]) -> Score:
    score = as_number(row["eci"])
    if not math.isfinite(score):
        raise ValueError(f"eci is {shown(row['eci'])}; allowed is a number")
    ends = (as_number(row.get(key) or "nan") for key in ("eci_ci_low", "eci_ci_high"))
    return Score(row["Model"], release_date(row["date"], "date"), False, score, *ends)
