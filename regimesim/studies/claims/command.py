"""`regimesim claims`: list the claims, run one, or run all of them into a gallery."""

import os
import re
import time
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from regimesim.errors import Refusal, in_short, shown
from regimesim.results.folder import complete_or_absent
from regimesim.results.manifest import manifest_of, write_json
from regimesim.results.progress import compile_model, progress_bar
from regimesim.scenario.toml_reader import read_setting
from regimesim.studies.claims.compute import put_to_test
from regimesim.studies.claims.figure import draw
from regimesim.studies.claims.pages import digest, gallery, markdown
from regimesim.studies.claims.question import Claim, find_claims, load_claim, read_claim
from regimesim.studies.claims.text import listed, printed, told
from regimesim.studies.study import answered, folder_for

MAKER = "regimesim claims"
FOLDER = Path("scenarios") / "claims"
DOCS = Path("docs")
IMAGES = Path("images") / "claims"


def claims_folder(given: str | Path | None = None) -> Path:
    """The folder of the claims: the given one, else that of the current folder or checkout."""
    if given is not None:
        return Path(given)
    checkout = Path(__file__).parents[3]
    return FOLDER if FOLDER.is_dir() else checkout / FOLDER


def list_claims(folder: Path) -> None:
    """Print a line a claim."""
    print(listed([load_claim(path)._asdict() for path in find_claims(folder).values()]))


def run_claim(name: str, folder: Path, settings=(), out=None, threads=None, command=()) -> None:
    """Run one claim, print what is seen, and write its folder (`out`, else outputs/claim-C6)
    with claim.json, its figure and its manifest."""
    claim = _changed(load_claim(_path(name, folder)), settings)
    target = folder_for(out, f"claim-{claim.id}")
    compile_model()
    with answered(target, MAKER, claim.scenario, threads, command) as place:
        found = _tried(claim, place, threads)
        write_json(place / "claim.json", found)
    print(printed(found))
    print(f"\nThe figure and the numbers are in {target}{os.sep}.")


def run_claims(folder: Path, settings=(), out=None, threads=None, command=()) -> None:
    """Run all claims, print their verdicts, and write a folder (`out`, else outputs/claims)
    with claims.json, a figure each, the gallery index.html, and the manifest."""
    claims = [_changed(load_claim(path), settings) for path in find_claims(folder).values()]
    target = folder_for(out, "claims")
    began = time.perf_counter()
    compile_model()
    with complete_or_absent(target, MAKER) as place:
        (place / "figures").mkdir()
        found = []
        for claim in claims:
            found.append(_tried(claim, place / "figures", threads))
            print(listed(found[-1:]), flush=True)
        write_json(place / "claims.json", {"claims": found})
        page = gallery(found, place / "figures")
        (place / "index.html").write_text(page, encoding="utf-8")
        seconds = time.perf_counter() - began
        write_json(place / "manifest.json", _manifest(claims, threads, command, seconds))
    seen = sum(claim["verdict"] == "shown" for claim in found)
    print(f"\n{seen} of {len(found)} claims are shown, in {seconds:.0f} seconds.")
    print(f"Results are in {target}{os.sep}, index.html first.")


def write_markdown(folder: Path, docs: Path = DOCS, threads=None) -> None:
    """Run all claims and write docs/claims.md with its figures."""
    claims = [load_claim(path) for path in find_claims(folder).values()]
    compile_model()
    with TemporaryDirectory() as temporary:
        found = [_tried(claim, Path(temporary), threads) for claim in claims]
        page = markdown(found, IMAGES.as_posix())
        images = docs / IMAGES
        images.mkdir(parents=True, exist_ok=True)
        for old in images.glob("*.png"):
            old.unlink()
        for picture in Path(temporary).iterdir():
            (images / picture.name).write_bytes(picture.read_bytes())
    (docs / "claims.md").write_text(page, encoding="utf-8")
    print(f"{docs / 'claims.md'}")


def _path(name: str, folder: Path) -> Path:
    known = find_claims(folder)
    digits = re.fullmatch(r"[Cc]0*(\d+)", name)
    wanted = f"C{digits[1]}" if digits else name
    if wanted not in known:
        raise Refusal(f"no claim {shown(name)}; there are {', '.join(in_short(known))}")
    return known[wanted]


def _changed(claim: Claim, settings) -> Claim:
    """The claim with `KEY=VALUE` settings."""
    changes = dict(map(read_setting, settings))
    if not changes:
        return claim
    changed = read_claim(claim.scenario.override(changes, "command line"))
    return changed._replace(worlds=claim.worlds)


def _tried(claim: Claim, place: Path, threads) -> dict:
    """What a claim's run tells; its figure is written to `place`."""
    with _bar(claim) as bar:
        trial = put_to_test(claim, threads, bar.update)
    found = told(trial)
    draw(trial, place / f"{claim.scenario.name}.png", digest(found))
    return found


@contextmanager
def _bar(claim):
    total = claim.scenario.worlds * len(claim.scenario.policies)
    with progress_bar(total=total, desc=claim.id) as bar:
        yield bar


def _manifest(claims, threads, command, seconds) -> dict:
    """As of one run, with what was given of every claim."""
    about = manifest_of(claims[0].scenario, threads, command, seconds, MAKER)
    given = {claim.id: claim.scenario.raw for claim in claims}
    return {**{k: v for k, v in about.items() if k not in ("scenario", "seed")}, "given": given}
