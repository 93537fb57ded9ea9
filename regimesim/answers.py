"""The folder of an answer: its numbers, its figures and its manifest, all of them or none."""

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from regimesim.experiment.ensemble import available_cores
from regimesim.experiment.saved import files_in
from regimesim.results import OUTPUTS, complete_or_absent, manifest_of, write_json


def folder_for(out: str | Path | None, name: str) -> Path:
    """The folder that was asked for, else outputs/NAME."""
    return OUTPUTS / name if out is None else Path(out)


@contextmanager
def answered(
    target: Path,
    maker: str,
    scenario,
    threads: int | None = None,
    command: Iterable[str] = (),
    more: Mapping[str, object] | None = None,
) -> Iterator[Path]:
    """A folder to write to, which becomes `target` when the block ends well, with a manifest.

    maker: the command that writes it, as for `results.complete_or_absent` · scenario: what
    was run · more: what the manifest holds besides.  Raises Refusal where it cannot be written.
    """
    began = time.perf_counter()
    with complete_or_absent(target, maker) as folder:
        yield folder
        spent = time.perf_counter() - began
        manifest = manifest_of(scenario, threads or available_cores(), command, spent, maker)
        manifest |= {"files": files_in(folder)} | dict(more or {})
        write_json(folder / "manifest.json", manifest)


def write_answer(folder: Path, name: str, found: dict, figures: Iterable[str]) -> None:
    """Write `found` as NAME.json, and the figures that show it."""
    from regimesim.plots.figures import draw

    write_json(folder / f"{name}.json", found)
    for figure in figures:
        draw(figure, {name: found}, folder / "figures")
