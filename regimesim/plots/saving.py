"""Declaration and saving of figures."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from regimesim.analysis.present_months import present_months
from regimesim.analysis.present_worlds import present_worlds
from regimesim.plots.style import in_style, provenance, words

FORMATS = ("png", "svg", "pdf")
DATASETS = ("worlds", "months", "sweep")
GATES = {"worlds": present_worlds, "months": present_months}  # by which figures read them
UNDATED = {  # metadata without a date: the same run gives the same bytes
    "png": {"Software": "regimesim"},
    "svg": {"Date": None},
    "pdf": {"CreationDate": None, "ModDate": None},
}


class Drawing(NamedTuple):
    """The declaration of a figure.

    Attributes
    ----------
    name : str
        Its name, and that of its file.
    draw : callable
        The function that draws it, from what it needs.
    needs : tuple of str
        The arguments of `draw`: the datasets `worlds`, `months` or `sweep`, or the name of a JSON
        file of the folder of results without its suffix, such as `summary`.
    takes : tuple of str
        The options of `draw`.
    unfit : tuple of callable
        Checks that take a sweep and an outcome, and return why the figure cannot be drawn, or
        None.
    keys : int or None
        The number of axes in the option `over`; None for any number.
    each : str or None
        The key of a table in the first need, where the figure is drawn for each of its entries;
        the name of the entry is an argument of `draw`, and ends the name of the file.
    caption : str
        What it shows, in the words that stand below it on the page about a run.
    on_request : bool
        Whether it is drawn only where it is named: a command draws the others.
    unless : callable or None
        A check that takes the results by name, and returns why there is nothing to draw, or None.
    """

    name: str
    draw: Callable
    needs: tuple[str, ...]
    takes: tuple[str, ...] = ()
    unfit: tuple[Callable, ...] = ()
    keys: int | None = None
    each: str | None = None
    caption: str = ""
    on_request: bool = False
    unless: Callable[[dict], str | None] | None = None


def draw(
    drawing: Drawing,
    run: dict,
    folder,
    formats=("png", "svg"),
    style="paper",
    options: Mapping[str, object] | None = None,
) -> list[Path]:
    """Save a figure as folder/NAME.FORMAT.

    Each file names the run that it shows, and the same run gives the same bytes.

    Parameters
    ----------
    drawing : Drawing
        The figure.
    run : dict
        The results by name: `worlds`, `months`, `sweep`, ….
    folder : str or Path
        The folder of the files.
    formats : sequence of str
        Of "png", "svg" and "pdf".
    style : str
        A name of STYLES.
    options : mapping, optional
        Options, of which the figure uses those that it takes; an outcome and axes become part of
        the name of the file.

    Returns
    -------
    list of Path
        The files.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    used = {k: v for k, v in (options or {}).items() if k in drawing.takes and v is not None}
    stem = f"{drawing.name}_{used['outcome']}" if "outcome" in used else drawing.name
    stem = "_".join([stem, "over", *used["over"]]) if "over" in used else stem
    needed = [GATES.get(need, lambda results: results)(run[need]) for need in drawing.needs]
    paths = []
    with in_style(style):
        for entry in needed[0][drawing.each] if drawing.each else [None]:
            named = [] if entry is None else [entry]
            axes = drawing.draw(*needed, *named, **used)
            paths += _save(axes, folder, "_".join([stem, *named]), provenance(needed[0]), formats)
    return paths


def _save(axes, folder: Path, stem: str, about: str, formats) -> list[Path]:
    """Save the figure of `axes` in each of the formats."""
    figure, paths = np.ravel(axes)[0].figure, []
    for suffix in formats:
        paths.append(folder / f"{stem}.{suffix}")
        about_key = "Subject" if suffix == "pdf" else "Description"
        title = figure.get_label() or words(stem)
        metadata = {"Title": title, about_key: about, **UNDATED[suffix]}
        figure.savefig(paths[-1], metadata=metadata)
    return paths


def lacking(
    drawing: Drawing, run: dict, options: Mapping[str, object] | None = None
) -> str | None:
    """Why a figure with these options cannot be drawn from `run`, or None."""
    options = options or {}
    for need in drawing.needs:
        if need not in run:
            file = f"{need}.nc" if need in DATASETS else f"{need}.json"
            return f"needs {file}, which is not there"
    if drawing.unless and (reason := drawing.unless(run)):
        return reason
    chosen = [key for key, value in options.items() if value is not None]
    if odd := [key for key in chosen if key not in drawing.takes]:
        return f"takes no --{odd[0]}"
    over = options.get("over")
    if over and drawing.keys not in (None, len(over)):
        return f"takes {drawing.keys} --over, and {len(over)} were given"
    reasons = (check(run["sweep"], options.get("outcome")) for check in drawing.unfit)
    return next((reason for reason in reasons if reason), None)
