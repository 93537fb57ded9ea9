"""Machines and files that are against us: one clear sentence each, or it works."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from fuzz import Told, in_a_process, in_process, what_is_wrong
from kills import BASE, SWEEP, must, start

TINY = ("--worlds", "8", "--set", "systems=3", "--set", "months=6", "--threads", "1")
RUN = ("run", str(BASE), *TINY, "--no-figures")
READERS = (("plot", "{}"), ("compare", "one", "{}"), ("contributions", "{}", "--threads", "1"),
           ("discover", "{}"), ("worth", "{}"), ("robust", "{}"), ("merge", "{}", "one"),
           ("plot", "{}", "--figure", "survival"))  # fmt: skip
STRANGE = 'a b/ü ø 漢字/it\'s "here"'


def run_at(place: Path, *arguments, **how) -> Told:
    """A command in a process of its own, in a folder."""
    return in_a_process(arguments, cwd=place, **how)


def here(place: Path, *arguments) -> Told:
    """A command in this process, in a folder."""
    with contextlib.chdir(place):
        return in_process(arguments)


def good(told: Told, codes=(0, 2)) -> str | None:
    """Why a command ended in no good way, with what it said, or None."""
    wrong = what_is_wrong(told, codes)
    return wrong and f"{wrong}: {told.err[-800:]}"


def hostile(place: Path, say=print) -> Counter:
    """Try everything once: how often what came."""
    counts = Counter()
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    must([*RUN, "--out", "one"], place)
    for group in (damaged, paths, streams, surroundings, full_disks, collisions, too_much):
        for name, reason in group(place):
            counts[group.__name__] += 1
            if reason:
                counts["failed"] += 1
                say(f"{group.__name__}: {name}: {reason}")
    return counts


def damaged(place) -> Iterator[tuple]:
    """Files of a run that are torn, empty, of others, or gone, for every command that reads."""
    one = place / "one"
    foreign = {"a": [1], "made_by": "regimesim run", "scenario": 3, "files": 4, "policies": []}
    foreign["version"] = json.loads((one / "manifest.json").read_text())["version"]
    for name in ("manifest.json", "summary.json", "worlds.nc", "months.nc"):
        whole = (one / name).read_bytes()
        middle = len(whole) // 2
        other = json.dumps(foreign).encode()
        if name.endswith(".nc"):
            other = (one / ("months.nc" if name == "worlds.nc" else "worlds.nc")).read_bytes()
        contents = {"torn": whole[: len(whole) * 6 // 10], "empty": b"", "foreign": other,
                    "zeros": bytes(len(whole)), "list": b"[]", "gone": None,
                    "bits": whole[:middle] + bytes(64) + whole[middle + 64 :]}  # fmt: skip
        for how, content in contents.items():
            broken = place / "broken"
            shutil.copytree(one, broken)
            if content is None:
                (broken / name).unlink()
            else:
                (broken / name).write_bytes(content)
            for arguments in READERS:
                told = here(place, *(part.format("broken") for part in arguments))
                yield f"{name} {how}: {arguments[0]}", good(told)
            shutil.rmtree(broken)


def paths(place) -> Iterator[tuple]:
    """Places that are none, odd, too long, or in circles."""
    (place / "circle").symlink_to(place / "circle2")
    (place / "circle2").symlink_to(place / "circle")
    os.mkfifo(place / "pipe")
    (place / "folder").mkdir()
    for odd in ("folder", "pipe", "circle", "/dev/zero", "/dev/null", "", "x" * 300, "a/" * 2500,
                "no\nsuch", "/proc/self/mem", "/proc"):  # fmt: skip
        for command in ("check", "run", "sweep"):
            yield f"{command} {odd[:20]!r}", good(here(place, command, odd), (2,))
    for out in ("pipe", "circle", "/dev/null", "/proc/x", "x" * 300, "y" * 250, "a/" * 2500, "."):
        yield f"--out {out[:20]!r}", good(here(place, *RUN, "--out", out), (2,))
    told = here(place, *RUN, "--out", STRANGE)
    yield "spaces and other letters", good(told, (0,))
    yield "read there", good(here(place, "compare", "one", STRANGE), (0,))
    copy = place / "sö möre.toml"
    copy.write_bytes(BASE.read_bytes())
    yield "a file of such a name", good(here(place, "check", copy.name), (0,))
    for when in (0, 4e9):  # 1970 and 2096
        os.utime(place / "one" / "manifest.json", (when, when))
        yield f"a clock at {when:g}", good(here(place, *RUN, "--out", "one"), (0,))


def streams(place) -> Iterator[tuple]:
    """Nobody who listens, or nowhere to write to."""
    base = f"exec {sys.executable} -m regimesim"
    run = " ".join(f"'{part}'" for part in RUN)
    for end, codes in (("| head -1", None), (">&-", (0,)), ("2>&-", (0,)), (">&- 2>&- <&-", (0,)),
                       ("> /dev/full", (2,))):  # fmt: skip
        for command in (f"{run} --out st", "params", "schema", f"check '{BASE}'"):
            shell = f"set -o pipefail; ({base} {command}) {end}"
            done = subprocess.run(
                ["bash", "-c", shell], cwd=place, capture_output=True, timeout=200
            )
            err = done.stderr.decode()
            wrong = "Traceback" in err or "Exception ignored" in err
            if codes and done.returncode not in codes:
                wrong = True
            yield f"{command[:12]} {end}", f"{done.returncode}: {err[-800:]}" if wrong else None


def surroundings(place) -> Iterator[tuple]:
    """No home, no language, no cache to write to."""
    bare = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    cache = os.environ.get("REGIMESIM_CACHE_DIR") or str(Path.home() / ".cache" / "regimesim")
    for name, env in {
        "LANG=C": {"LANG": "C", "REGIMESIM_CACHE_DIR": cache},
        "ASCII": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii",
                  "REGIMESIM_CACHE_DIR": cache},
        "no HOME": {"REGIMESIM_CACHE_DIR": cache},
        "no such HOME": {"HOME": "/nonexistent", "REGIMESIM_CACHE_DIR": cache},
        "a cache that is no folder": {"REGIMESIM_CACHE_DIR": "/dev/null/x"},
    }.items():  # fmt: skip
        if name.startswith("a cache"):  # compiles anew: only what is light
            yield name, good(run_at(place, "check", BASE, env=bare | env), (0,))
        else:
            yield name, good(run_at(place, *RUN, "--out", "sür", env=bare | env), (0,))


def full_disks(place) -> Iterator[tuple]:
    """Disks with room for some of it, and files that may not grow further."""
    for size in (20, 60, 120, 180, 240, 300, 500):
        told = run_at(place, *RUN, "--out", "small", preexec_fn=_file_limit(size))
        yield f"files of at most {size} KiB: run", good(told) or _whole_or_none(place / "small")
        shutil.rmtree(place / "small", ignore_errors=True)
        with _disk(place / "disk", size) as disk:
            if disk is None:
                continue
            told = run_at(place, *RUN, "--out", "disk/r")
            left = [path.name for path in disk.iterdir() if path.name != "r"]
            wrong = good(told) or (f"left behind: {left}" if left else None)
            yield f"disk of {size} KiB: run", wrong or _whole_or_none(disk / "r")
            shutil.rmtree(disk / "r", ignore_errors=True)
            sweep = ("sweep", str(BASE), *SWEEP, "--no-figures", "--out", "disk/s")
            wrong = good(run_at(place, *sweep))
            _resize(disk, 50_000)
            again = (*sweep, "--resume") if (disk / "s" / "journal").exists() else sweep
            yield f"disk of {size} KiB: sweep", wrong or good(run_at(place, *again), (0,))
            _resize(disk, 50_000, "ro")
            for command in (RUN, sweep, ("plot", "disk/s")):
                given = (*command, "--out", "disk/ro") if command is RUN else command
                yield f"read only: {command[0]}", good(run_at(place, *given), (0, 2))


def collisions(place) -> Iterator[tuple]:
    """Two at once in one folder, and a folder that goes away meanwhile."""
    long = ("run", str(BASE), "--worlds", "600", "--set", "systems=20", "--threads", "1",
            "--no-figures", "--out", "both")  # fmt: skip
    two = [start(long, place) for _ in range(2)]
    said = [process.communicate(timeout=300)[1].decode() for process in two]
    wrong = (
        any("Traceback" in text for text in said) or not (place / "both/manifest.json").exists()
    )
    yield "two runs", "".join(said)[-800:] if wrong else None
    sweep = ("sweep", str(BASE), *SWEEP, "--no-figures", "--out", "both_s")
    two = [start(sweep, place) for _ in range(2)]
    said = [process.communicate(timeout=300)[1].decode() for process in two]
    codes = sorted(process.returncode for process in two)
    wrong = any("Traceback" in text for text in said) or codes not in ([0, 2], [0, 0])
    yield "two sweeps", f"{codes} {said}" if wrong else None
    for arguments, out in ((long, "both"), (sweep, "both_s")):
        shutil.rmtree(place / out)
        process = start(arguments, place)
        deadline, gone = time.monotonic() + 60, False
        while process.poll() is None and time.monotonic() < deadline and not gone:
            for path in (*place.glob(f".{out}.*.partial"), *place.glob(out)):
                shutil.rmtree(path, ignore_errors=True)
                gone = True
            time.sleep(0.05)
        err = process.communicate(timeout=300)[1].decode()
        wrong = good(Told(process.returncode, "", err))
        yield f"{arguments[0]}: its folder removed meanwhile", wrong
        code = must_or_say(arguments, place)
        yield f"{arguments[0]}: after that", code


def must_or_say(arguments, place) -> str | None:
    """Why a command did not end well, or None."""
    try:
        must(arguments, place)
    except AssertionError as error:
        return str(error)


def too_much(place) -> Iterator[tuple]:
    """Requests that no machine can meet: refused before memory is asked for, or planned."""
    huge = ("--worlds", "5000000", "--set", "systems=100000", "--set", "months=1200")
    for arguments in (
        ("run", str(BASE), *huge, "--threads", "5000"),
        ("contributions", str(BASE), *huge, "--threads", "5000"),
        ("discover", str(BASE), *huge, "--threads", "5000"),
        ("worth", str(BASE), *huge, "--threads", "5000"),
        ("robust", str(BASE), *huge, "--threads", "5000"),
        ("sweep", str(BASE), *huge, "--vary", "feedback.density=0.1:1:10"),
        ("sweep", str(BASE), "--vary", "feedback.density=0.1:1:1000000000"),
        ("sweep", str(BASE), *(f"--vary={key}=0.1:0.9:9999" for key in
                               ("feedback.density", "oversight.audit_budget"))),
        ("sensitivity", str(BASE), "--outcome", "no_takeover", "--points", "1073741824"),
        ("run", str(BASE), "--worlds", "1000000000"),
        ("run", str(BASE), "--set", "systems=1000000"),
    ):  # fmt: skip
        began = time.monotonic()
        told = run_at(place, *arguments, preexec_fn=_memory_limit)
        wrong = good(told, (2,)) or ("slow" if time.monotonic() - began > 60 else None)
        yield " ".join(arguments[2:])[:60], wrong
    many = place / "many.toml"
    many.write_text("".join(f"[policies.p{k}]\n" for k in range(20_000)))
    yield "20,000 policies", good(run_at(place, "run", many.name), (2,))
    many.write_bytes(b"#" * 2**21)
    yield "a file of 2 MiB", good(run_at(place, "run", many.name), (2,))


def _whole_or_none(folder) -> str | None:
    return None if not folder.exists() or (folder / "manifest.json").exists() else "half-written"


def _file_limit(kib):
    def limit():
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (kib * 1024, kib * 1024))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    return limit


def _memory_limit():
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (2**36, 2**36))


class _disk:
    """A small disk at a folder, where this machine lets us mount one, else None."""

    def __init__(self, folder: Path, kib: int):
        self.folder, self.kib = folder, kib

    def __enter__(self):
        self.folder.mkdir(exist_ok=True)
        mount = ["mount", "-t", "tmpfs", "-o", f"size={self.kib}k", "tmpfs", str(self.folder)]
        try:
            subprocess.run(mount, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            self.folder.rmdir()
            return None
        return self.folder

    def __exit__(self, *_):
        if self.folder.exists():
            subprocess.run(["umount", str(self.folder)], check=True)
            self.folder.rmdir()


def _resize(disk, kib, mode="rw"):
    subprocess.run(["mount", "-o", f"remount,{mode},size={kib}k", str(disk)], check=True)
