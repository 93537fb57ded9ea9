"""How any study runs: compute, save, print, draw."""

import os
import sys
import time
from collections.abc import Iterable, Sequence
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from regimesim.analysis.terminal import filled, json_text, width
from regimesim.ensemble.interrupts import interrupted_by_flag
from regimesim.ensemble.threads import available_cores, number_of_threads
from regimesim.ensemble.workload import A_SECOND, duration, weigh
from regimesim.errors import Refusal, printable, shown
from regimesim.folders import MANIFEST
from regimesim.results.folder import OUTPUTS, PICTURES, complete_or_absent
from regimesim.results.manifest import manifest_of, record_written, write_json
from regimesim.results.partial import files_into
from regimesim.results.progress import Bar, Progress, compile_model
from regimesim.results.reading import files_in, open_results
from regimesim.scenario import Scenario

if TYPE_CHECKING:
    from regimesim.plots.saving import Drawing


ANNOUNCED = 3.0  # seconds; a study that takes less is there before it could be announced


class Question(Protocol):
    """A checked question: the scenario to run, and more, depending on the study."""

    scenario: Scenario
    threads: int | None

    @property
    def folder(self) -> str:
        """Default name of the folder of results, under `outputs`."""

    @property
    def total(self) -> int | None:
        """Number of worlds to run, over all policies; None where it is unknown."""

    @property
    def more(self) -> dict:
        """Further content of the manifest; optional."""


class Result(Protocol):
    """The answer of a study."""

    question: Question

    def to_dict(self) -> dict:
        """The content of NAME.json: plain values and None."""

    def text(self) -> str:
        """The result in words, in lines as wide as the terminal."""

    def plot(self, ax=None):
        """Draw the main figure of the study, and return its axes."""


def part(name: str, module: str):
    """A module of a study, such as `figure`."""
    return import_module(f"regimesim.studies.{name}.{module}")


def maker(name: str) -> str:
    """The command of a study, as the manifest of its folder names it."""
    return getattr(part(name, "question"), "MAKER", f"regimesim {name}")


def carry_out(
    name: str,
    question: Question,
    out: str | Path | None = None,
    command: Iterable[str] = (),
    figures: bool = True,
    as_json: bool = False,
    notice: str = "",
) -> Result:
    """Answer a question, save the answer, print it and draw it.

    The folder is complete, with its numbers and its manifest, before anything is drawn.  What
    fails later costs itself alone: an answer that cannot be saved is printed, and a manifest,
    figure or page that cannot be made is left out, with a line on standard error.

    Most studies write NAME.json, and what the result saves beside it (`save_beside`).  A study
    that writes more while worlds are running, such as datasets, has a function
    `keep(question, target, command)` in its `compute.py`, which fills the folder and returns the
    result.

    A long study works in stages, and hands the answer of each to `Progress.stand`.  Ctrl-C then
    ends it with the answer of the last finished stage, which is saved and printed like any other.

    Parameters
    ----------
    name : str
        The study, one of `regimesim.studies.STUDIES`.
    question : Question
        The result of the `ask` of that study.
    out : path, optional
        The folder to write, by default `question.folder` in `outputs`.
    command : iterable of str
        The arguments of the command line, for the manifest.
    figures : bool
        Whether figures are drawn.
    as_json : bool
        Whether the content of NAME.json is printed instead of words, and nothing else.
    notice : str
        What standard error says before the study begins.

    Returns
    -------
    Result
        The result of the study's `compute`.

    Raises
    ------
    Refusal
        Where the folder cannot be written, or holds other files.
    KeyboardInterrupt
        After Ctrl-C.
    """
    target = folder_for(out, question.folder)
    if notice:
        print(notice, file=sys.stderr, flush=True)
    keep = getattr(part(name, "compute"), "keep", None) or partial(_keep, name)
    try:
        result = keep(question, target, command)
    except Interrupted as interrupted:
        present(name, interrupted.answer, target, False, as_json)
        raise
    present(name, result, target, figures, as_json)
    return result


class Interrupted(KeyboardInterrupt):
    """Ctrl-C in a study whose answer so far is saved."""

    def __init__(self, answer: Result):
        super().__init__()
        self.answer = answer


def _keep(name, question, target, command):
    """Fill a folder with NAME.json; raises Interrupted where Ctrl-C ended the study early."""
    began, made_by = time.perf_counter(), maker(name)
    with complete_or_absent(target, made_by) as to:
        if question.total != 0:
            compile_model()
            announce(question)
        with Bar(question.total) as progress:
            result, stage = _answer(name, question, progress)
        save_or_print(to / f"{name}.json", result)
        if save_beside := getattr(result, "save_beside", None):
            with at_its_own_cost("What stands beside the numbers"):
                save_beside(to)
        more = dict(getattr(question, "more", None) or {})
        scenario = question.scenario
        if stage:
            scenario, more["interrupted_after"] = result.question.scenario, stage
        write_manifest(to, made_by, scenario, question.threads, command, began, more)
    if stage:
        raise Interrupted(result)
    return result


def _answer(name, question, progress: Progress) -> tuple[Result, str | None]:
    """The answer of a study; after Ctrl-C, that of the last finished stage, and the stage."""
    try:
        return part(name, "compute").compute(question, progress), None
    except KeyboardInterrupt:
        if progress.standing is None:
            raise
    stage, answer = progress.standing
    progress.line(f"Interrupted: this is the answer after {stage}.")
    return answer, stage


def announce(question: Question) -> None:
    """Say on standard error how long a study will take, where it takes some seconds."""
    if question.total is None:
        return
    threads = number_of_threads(question.threads)
    seconds = expected_seconds(question.scenario, question.total, threads)
    if seconds > ANNOUNCED:
        words = f"About {duration(seconds)} on {threads} core{'s' * (threads > 1)}."
        if len(getattr(question, "stages", ())) > 1:
            words += " First answers come within seconds; Ctrl-C keeps the last."
        print(filled(words), file=sys.stderr, flush=True)


def expected_seconds(
    scenario: Scenario, worlds: int, threads: int | None, months: int | None = None
) -> float:
    """How long some worlds take, each under one policy, for all or the first months."""
    work = worlds * float(weigh(scenario.systems, months or scenario.months, 1))
    return work / (A_SECOND * number_of_threads(threads))


def save_or_print(path: Path, result: Result) -> None:
    """Write an answer as JSON; where the disk refuses it, print it, so that it is not lost."""
    try:
        write_json(path, result.to_dict())
    except OSError:
        print(result.text(), flush=True)
        raise


def present(
    name: str, result: Result, folder: Path, figures: bool = True, as_json: bool = False
) -> None:
    """Print a result that is saved in a folder, in words or as JSON, and draw its figures."""
    if as_json:
        print(json_text(result.to_dict(), ascii_only=True), flush=True)
    else:
        print(result.text())
        print(f"\n{where_results_are(folder)}", flush=True)
    if not figures or not (folder / MANIFEST).exists():
        return
    drawn = None
    with at_its_own_cost("The figures"):  # a broken matplotlib cannot even be imported
        drawn = part(name, "figure")
    if drawn is None:
        return
    if not drawn.FIGURES:
        return
    at_hand = getattr(result, "at_hand", open_results)
    with at_hand(folder) as results:
        draw_figures(folder, drawn.FIGURES, results)
        for page, write in getattr(drawn, "PAGES", {}).items():
            with at_its_own_cost(f"The {page}"):
                record_written(folder, [write(folder, results)])


def folder_for(out: str | Path | None, name: str) -> Path:
    """The folder `out`, or else outputs/NAME.  Raises Refusal for the name of a picture."""
    folder = OUTPUTS / name if out is None else Path(out).expanduser()
    if folder.suffix in PICTURES:
        raise Refusal(f"--out: found {shown(str(folder))}; allowed is a folder, not a picture")
    return folder


@contextmanager
def results_folder(target: Path, made_by: str, scenario, threads=None, command=(), more=()):
    """A folder to write to, which becomes `target`, with a manifest, when the block succeeds.

    Parameters
    ----------
    made_by : str
        The command that writes it.  Only a folder of the same command is replaced.
    more : mapping
        Further content of the manifest.

    Raises
    ------
    Refusal
        Where it cannot be written.
    """
    began = time.perf_counter()
    with complete_or_absent(target, made_by) as folder:
        yield folder
        write_manifest(folder, made_by, scenario, threads, command, began, more)


def write_manifest(folder, made_by, scenario, threads, command, began, more=()) -> None:
    """Write the manifest of a folder whose files are complete.

    `began` is the value of `time.perf_counter` when the work began.
    """
    seconds = time.perf_counter() - began
    with at_its_own_cost("The manifest"):
        manifest = manifest_of(scenario, threads or available_cores(), command, seconds, made_by)
        manifest |= {"files": files_in(folder)} | dict(more or {})
        write_json(folder / MANIFEST, manifest)


def draw_figures(folder: Path, figures: Sequence["Drawing"], results: dict) -> list[Path]:
    """Draw those of `figures` for which the results in a folder have the data, unless on request.

    A figure that fails is left out, with a line on standard error.  Returns the paths.
    """
    from regimesim.plots.saving import draw, lacking

    paths: list[Path] = []

    for drawing in figures:
        if not drawing.on_request and lacking(drawing, results) is None:
            with at_its_own_cost(f"The figure '{drawing.name}'"):
                with files_into(folder / "figures") as to:
                    drawn = [folder / "figures" / p.name for p in draw(drawing, results, to)]
                    record_written(folder, drawn)
                paths += drawn
    return paths


@contextmanager
def at_its_own_cost(what: str):
    """A block that draws or writes `what`; a failure becomes a line on standard error.

    The numbers are saved already, so nothing else is lost.  Ctrl-C is answered at the end of the
    block: raised inside a callback of matplotlib, it would be swallowed.
    """
    pressed: list[bool] = []
    try:
        with interrupted_by_flag() as pressed:
            yield
    except Exception as error:  # whatever a font, a backend or a style raises
        print(filled(f"{what} could not be made ({_reason(error)})."), file=sys.stderr)
        if pressed:
            raise KeyboardInterrupt from None


def _reason(error: Exception) -> str:
    """An error on one line."""
    if isinstance(error, OSError):
        return str(error.strerror or error)
    named = "" if isinstance(error, Refusal) else f"{type(error).__name__}: "
    return printable(f"{named}{error}".splitlines()[0])


def where_results_are(folder: Path) -> str:
    """The line that says where the results are; a long path stands on the next line."""
    place = f"{folder}{os.sep}"
    words = f"Results are in {place}."
    return words if len(words) <= width() else f"Results are in\n{place}"
