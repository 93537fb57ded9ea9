"""The question of `calibrate`: a file of measured capability, and what of it is fitted."""

import math
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from pydantic_core import PydanticCustomError

from regimesim.errors import Refusal, gathering
from regimesim.scenario.calibration import Calibration, calibration_of, refuse_unfit
from regimesim.scenario.declaration import declared_in
from regimesim.scenario.measured.window import Year
from regimesim.scenario.parameters import Settings


@dataclass(frozen=True)
class Question:
    """A fit to a file, and the month at which a scenario starts with it.

    `options` are the keys of the fit in a scenario file, besides the file.
    """

    calibration: Calibration
    options: dict[str, object]
    start: str
    threads: int | None = None
    scenario: None = None

    @property
    def name(self) -> str:
        """The name of the file."""
        return Path(self.calibration.measured.place).name

    @property
    def folder(self) -> str:
        return f"{Path(self.name).stem}-calibrate"

    @property
    def total(self) -> int:
        """No world is run."""
        return 0

    @property
    def more(self) -> dict:
        """Further content of the manifest."""
        measured = self.calibration.measured
        return {"measured_files": {measured.place: measured.digest}}


def ask(
    file: str | PathLike[str],
    quantile: str = "p50",
    since: Year = 2019,
    until: Year = math.inf,
    *,
    version: str | None = None,
    start: str | None = None,
) -> Question:
    """Check the arguments of the command.  Raises Refusal."""
    lines: list[str] = []
    declared = next(one for one in declared_in(Settings) if one.key == "start")
    month = declared.default if start is None else start
    try:
        declared.quantity.read(month)
    except PydanticCustomError as error:
        lines.append(f"start: {(error.context or {})['reason']}")
    calibration = None
    with gathering(lines):
        calibration = calibration_of(file, quantile, since, until, version=version)
        refuse_unfit(calibration)
    if lines or calibration is None:
        raise Refusal(lines)
    options: dict[str, object] = {"since": since}
    if until != math.inf:
        options["until"] = until
    if quantile != "p50":
        options["quantile"] = quantile
    if version is not None:
        options["version"] = version
    return Question(calibration, options, month)


def read_year(text: str) -> float | int | str:
    """A year of the command line as a number, and any other text, such as a date, as it is."""
    try:
        year = float(text)
    except ValueError:
        return text
    return int(year) if year.is_integer() else year
