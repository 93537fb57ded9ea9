"""`regimesim claims`: list the claims, run one, or run all of them into a gallery."""

import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from regimesim.results.manifest import record_written, write_json
from regimesim.results.partial import files_into, write_whole
from regimesim.results.progress import Bar, compile_model
from regimesim.studies.claims.claim import find_claims, load_claim
from regimesim.studies.claims.compute import Claims, Trial, put_to_test
from regimesim.studies.claims.figure import draw_small
from regimesim.studies.claims.pages import digest, gallery, markdown
from regimesim.studies.claims.question import Question, worlds_of
from regimesim.studies.claims.text import listed, plain
from regimesim.studies.study import (
    at_its_own_cost,
    folder_for,
    present,
    results_folder,
    save_or_print,
)

MAKER = "regimesim claims"
DOCS = Path("docs")
IMAGES = Path("images") / "claims"


def list_claims(folder: Path) -> None:
    """Print a line a claim."""
    print(listed([load_claim(path)._asdict() for path in find_claims(folder).values()]))


def run_claim(question: Question, out=None, command: Iterable[str] = ()) -> None:
    """Run one claim, print its patterns and verdict, and write its folder.

    The folder (`out`, else outputs/claim-C6) holds claim.json, the figure and the manifest.
    """
    target, threads = folder_for(out, question.folder), question.threads
    with results_folder(target, MAKER, question.scenario, threads, command) as folder:
        compile_model()
        (trial,) = trials(question)
        save_or_print(folder / "claim.json", trial)
    present("claims", trial, target)


def run_claims(question: Question, out=None, command: Iterable[str] = ()) -> None:
    """Run all claims, print their verdicts, and write a folder.

    The folder (`out`, else outputs/claims) holds claims.json, a figure of each claim, the gallery
    index.html, and the manifest.
    """
    target, began, tested = folder_for(out, question.folder), time.perf_counter(), []
    raw = {"given": {claim.id: claim.scenario.raw for claim in question.claims}}
    with results_folder(target, MAKER, None, question.threads, command, raw) as folder:
        compile_model()
        for trial in trials(question):
            tested.append(trial)
            print(listed([plain(trial)]), flush=True)
        content = Claims(tuple(tested)).to_dict()
        write_json(folder / "claims.json", content)
    figures = draw_all(tested, target / "figures")
    with at_its_own_cost("The page"):
        write_whole(target / "index.html", gallery(content["claims"], target / "figures"))
        record_written(target, [target / "index.html", *figures])
    shown, seconds = sum(t.verdict == "shown" for t in tested), time.perf_counter() - began
    print(f"\n{shown} of {len(tested)} claims are shown, in {seconds:.0f} seconds.")
    print(f"Results are in {target}{os.sep}, index.html first.")


def write_markdown(question: Question, docs: Path = DOCS) -> None:
    """Run all claims and write docs/claims.md with its figures."""
    compile_model()
    tested, images = list(trials(question)), docs / IMAGES
    page = markdown(Claims(tuple(tested)).to_dict()["claims"], IMAGES.as_posix())
    for old in images.glob("*.png"):
        old.unlink()
    draw_all(tested, images)
    (docs / "claims.md").write_text(page, encoding="utf-8")
    print(f"{docs / 'claims.md'}")


def trials(question: Question) -> Iterator[Trial]:
    """Put each claim to the test, with a progress bar each."""
    for claim in question.claims:
        with Bar(worlds_of(claim), desc=claim.id) as progress:
            yield put_to_test(claim, question.threads, progress)


def draw_all(tested: Iterable[Trial], folder: Path) -> list[Path]:
    """Save a small figure of each claim; one that fails is left out.  Returns the files."""
    paths = []
    for trial in tested:
        claim = trial.claim
        with at_its_own_cost(f"The figure of {claim.id}"), files_into(folder) as to:
            path = to / f"{claim.scenario.name}.png"
            draw_small(trial.to_dict(), path, digest(plain(trial)))
            paths.append(folder / path.name)
    return paths
