"""From TOML text to a mapping, with every repeated key reported and the rest still read."""

import hashlib
import re
import sys
import tomllib
from pathlib import Path

from regimesim.errors import DEEPEST, MOST_LINES, Refusal, dotted, nearest, shown, too_deep
from regimesim.scenario.input_errors import Mistake

STDIN = Path("-")  # in the place of a file: standard input
LARGEST_FILE = 2**20
LONG_NUMBER = "integer string conversion"  # in Python's message about a number that is too long
PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
HEADER = re.compile(r"\s*\[([^\[\]]+)\]\s*(#.*)?")
REPEATED = re.compile(r"Cannot (overwrite|declare|mutate immutable)|Duplicate inline table key")
BARE_WORD = re.compile(r"[A-Za-z0-9_./ :-]*")
TOO_DEEP = f"tables lie within each other more than {DEEPEST} deep"
LOOSE_NUMBER = re.compile(r"([+-]?)([0-9]*)(\.?)([0-9]*)([eE][+-]?[0-9]+)?")
DOTTED_KEY = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")


def read_text(path: Path, what: str = "a scenario file") -> tuple[str, str]:
    """The text of the file at `path`, or of standard input, and its SHA-256.

    `what` it is, sentences say.  Raises Refusal if it cannot be read.
    """
    content = _read_stdin() if path == STDIN else _read_bytes(path, what)
    if len(content) > LARGEST_FILE:
        raise Refusal(f"larger than 1 MiB, the most that {what} may be")
    try:
        return content.decode("utf-8-sig"), hashlib.sha256(content).hexdigest()
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise Refusal(f"line {line}: not UTF-8 text") from None


def _read_stdin() -> bytes:
    if sys.stdin is None or sys.stdin.closed:
        raise Refusal("is closed")
    try:
        return sys.stdin.buffer.read(LARGEST_FILE + 1)
    except OSError as error:
        raise Refusal(f"cannot be read: {error.strerror}") from None


def _read_bytes(path: Path, what: str) -> bytes:
    try:
        if path.is_dir():
            raise Refusal(f"a folder, not {what}")
        if not path.exists():
            raise Refusal(f"no such file{_neighbour(path)}")
        if not path.is_file():
            raise Refusal("not an ordinary file")
        with path.open("rb") as file:
            return file.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        raise Refusal(f"cannot be read: {getattr(error, 'strerror', None) or error}") from None


def _neighbour(path: Path) -> str:
    pattern = f"*{path.suffix or '.toml'}"
    files = [file.name for file in path.parent.glob(pattern)] if path.parent.is_dir() else []
    close = nearest(path.name, files, alike=0.6)
    return f"; the nearest is '{path.parent / close}'" if close else ""


def read_toml(text: str) -> tuple[dict, list[Mistake]]:
    """The mapping that `text` holds, and the repeated keys, of which the first counts.

    Raises a Refusal with line and column when the text is not TOML.
    """
    lines = text.replace("\r\n", "\n").split("\n")
    repeated: list[Mistake] = []
    while True:
        try:
            content = tomllib.loads("\n".join(lines))
            if too_deep(content):
                raise Refusal(TOO_DEEP)
            return content, repeated
        except RecursionError:
            raise Refusal(TOO_DEEP) from None
        except ValueError as error:
            message, place = PLACE.sub("", str(error)), PLACE.search(str(error))
            if not REPEATED.match(message) or not place or not place[1]:
                where = (
                    f"line {place[1]}, column {place[2]}" if place and place[1] else "end of file"
                )
                earlier = [_line(mistake) for mistake in repeated]
                if LONG_NUMBER in message:
                    message = "a whole number of thousands of digits"
                raise Refusal([*earlier, f"{where}: not TOML: {message}"]) from None
            if len(repeated) == MOST_LINES:
                raise Refusal([*map(_line, repeated), "and more keys are given twice"]) from None
            first, last = _repeated_lines(lines, int(place[1]) - 1)
            repeated.append(_repeated(lines, first))
            lines[first : last + 1] = [""] * (last + 1 - first)


def _line(mistake: Mistake) -> str:
    return f"{dotted(mistake.path)}: {mistake.reason}"


def _repeated_lines(lines: list[str], last: int) -> tuple[int, int]:
    """First and last line of the entry or table that ends, or is headed, at line `last`."""
    if lines[last].lstrip().startswith("["):
        end = last + 1
        while end < len(lines) and not HEADER.fullmatch(lines[end]):
            end += 1
        return last, end - 1
    for first in range(last, -1, -1):
        try:
            if tomllib.loads("\n".join(lines[first : last + 1])):
                return first, last
        except ValueError:
            continue  # the entry began further up
    return last, last


def _repeated(lines: list[str], first: int) -> Mistake:
    if header := HEADER.fullmatch(lines[first]):
        path = header[1]
    else:
        heads = filter(None, map(HEADER.fullmatch, reversed(lines[:first])))
        table = next((head[1] for head in heads), "")
        path = ".".join(filter(None, (table, lines[first].partition("=")[0])))
    parts = tuple(part.strip().strip("\"'") for part in path.split("."))
    return Mistake(parts, f"given twice; line {first + 1} repeats it")


def _as_toml(written: str) -> str | None:
    """A number that TOML writes otherwise, such as .05, 5. or 007, as it writes it; else None."""
    parts = LOOSE_NUMBER.fullmatch(written)
    if not parts or not (parts[2] or parts[4]):
        return None
    sign, whole, point, decimals, power = (part or "" for part in parts.groups())
    fraction = f".{decimals or 0}" * bool(point)
    return f"{sign}{whole.lstrip('0') or '0'}{fraction}{power}"


def read_setting(text: str) -> tuple[str, object]:
    """Key and value of `KEY=VALUE`, where VALUE is TOML or a bare word.

    Raises a Refusal that says how it should look.
    """
    key, equals, written = (part.strip() for part in text.partition("="))
    if not equals or not DOTTED_KEY.fullmatch(key) or not written:
        raise Refusal(f"--set {shown(text)}: expected KEY=VALUE, as in takeover.collusion=0.5")
    try:
        mapping = tomllib.loads(f"value = {written}")
    except (ValueError, RecursionError):
        if plain := _as_toml(written):
            reason = f"{shown(written)} is no number in TOML; write {plain}"
            raise Refusal(f"--set {key}: {reason}") from None
        if not BARE_WORD.fullmatch(written):
            raise Refusal(f"--set {key}: {shown(written)} is not a TOML value") from None
        return key, written
    if set(mapping) != {"value"}:
        raise Refusal(f"--set {key}: {shown(written)} is more than one value")
    return key, mapping["value"]
