"""A saved sweep as a file of another library."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from regimesim.analysis.terminal import filled
from regimesim.errors import Refusal, nearest, shown
from regimesim.results.partial import partial_beside
from regimesim.results.reading import open_results
from regimesim.studies.export import ema, salib
from regimesim.studies.export.points import Points

LIBRARIES = {"ema": ema, "salib": salib}


@dataclass(frozen=True)
class Export:
    """A sweep that was written for another library.

    Attributes
    ----------
    path : Path
        The file.
    to : str
        The library, "ema" or "salib".
    points : int
        The number of points.
    failed : int
        The number of those that could not be run, whose outcomes are NaN.
    policies, outcomes : tuple of str
        Their names.
    left_out : dict
        By policy, the outcomes that do not exist at every point and were left out.
    """

    path: Path
    to: str
    points: int
    failed: int
    policies: tuple[str, ...]
    outcomes: tuple[str, ...]
    left_out: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def to_dict(self) -> dict:
        """What was written, as plain values."""
        names = {policy: list(names) for policy, names in self.left_out.items()}
        return {
            "path": str(self.path),
            "to": self.to,
            "points": self.points,
            "failed": self.failed,
            "policies": list(self.policies),
            "outcomes": list(self.outcomes),
            "left_out": names,
        }

    def text(self) -> str:
        """What was written, in lines as wide as the terminal."""
        policies = "policy" if len(self.policies) == 1 else "policies"
        size = f"Points: {self.points:,}, under {len(self.policies)} {policies}"
        lines = [filled(f"{size}. Outcomes: {len(self.outcomes)}.")]
        if self.failed:
            lines.append(filled(f"Points that could not be run, and are NaN: {self.failed:,}."))
        for policy, names in self.left_out.items():
            listed = ", ".join(names)
            sentence = f"{policy}: left out, since missing at some points: {listed}."
            lines.append(filled(sentence, rest="  "))
        return "\n".join(lines)


def export(folder: str | Path, to: str, out: str | Path | None = None) -> Export:
    """Write a finished sweep for EMA workbench or SALib.

    Neither library is needed.  Estimates are written, without their intervals.

    Parameters
    ----------
    folder : path
        The folder of a sweep.
    to : str
        "ema", an archive for `ema_workbench.load_results`, or "salib", a JSON file with the
        problem, the points and the outcomes for `SALib.analyze.sobol` or `morris`.
    out : path, optional
        The file to write, by default beside the folder: NAME.ema.tar.gz or NAME.salib.json.

    Returns
    -------
    Export
        The path, and what was written and left out.

    Raises
    ------
    Refusal
        Where `folder` is not that of a finished sweep, where the library would misread its
        points or names, and where the file exists or cannot be written.

    References
    ----------
    Kwakkel (2017), Environmental Modelling & Software 96, 239-250; Herman and Usher (2017),
    Journal of Open Source Software 2, 97.
    """
    if to not in LIBRARIES:
        allowed, close = " or ".join(LIBRARIES), nearest(str(to), LIBRARIES)
        raise Refusal(f"--to: found {shown(to)}; allowed is {allowed}; the nearest is '{close}'")
    library, folder = LIBRARIES[to], Path(folder).expanduser()
    path = _target(folder, out, library.SUFFIX)
    with open_results(folder) as results:
        if "sweep" not in results:
            raise Refusal(f"{folder}: is not the folder of a sweep")
        points = Points(results["sweep"])
        left_out = library.check(points, str(folder))
        with partial_beside(path) as partial:
            library.write(points, partial / path.name)
            os.replace(partial / path.name, path)
    about = (len(points), points.failed, points.policies, points.outcomes)
    return Export(path, to, *about, left_out)


def _target(folder: Path, out, suffix: str) -> Path:
    """The file to write; an existing one is never replaced, since it may be anything."""
    named = folder if folder.name not in ("", "..") else folder.resolve()
    path = Path(out).expanduser() if out else named.with_name(f"{named.name}{suffix}")
    if path.exists() or path.is_symlink():
        raise Refusal(f"{path}: exists; remove it, or name another file with --out")
    return path
