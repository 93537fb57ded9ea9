"""Refusals: what was found, what is allowed, and the nearest valid name."""

import difflib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
SHOWN_LENGTH = 70
MOST_LINES = 50  # printed mistakes of one input
DEEPEST = 20  # tables within tables: a scenario needs five


class Refusal(Exception):
    """Input that cannot be used.

    Parameters
    ----------
    lines : str or iterable of str
        One sentence for each mistake: the place, what was found, and what is allowed.

    Attributes
    ----------
    lines : tuple of str
        The sentences; `str(refusal)` has one a line.
    """

    def __init__(self, lines: str | Iterable[str]):
        self.lines = (lines,) if isinstance(lines, str) else tuple(lines)
        super().__init__("\n".join(self.lines))

    def __reduce__(self):
        return type(self), (self.lines,)


@contextmanager
def gathering(lines: list[str], before: str = "") -> Iterator[None]:
    """Add the sentences of a Refusal in the block to `lines`, each after `before`, so that later
    mistakes are reported too."""
    try:
        yield
    except Refusal as refusal:
        lines += [f"{before}{line}" for line in refusal.lines]


def shown(value) -> str:
    """`value` on one short line, as written in a scenario file."""
    text = _written(value)
    return text if len(text) <= SHOWN_LENGTH else text[: SHOWN_LENGTH - 1] + "…"


def _written(value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        text = json.dumps(value[: 2 * SHOWN_LENGTH], ensure_ascii=False)
        return printable(text)
    if isinstance(value, int) and abs(value) >= 2**64:
        return f"a whole number of {value.bit_length()} bits"
    if isinstance(value, float):
        return f"{value:.15g}"
    if isinstance(value, Mapping):
        parts = [f"{shown_key(str(key))} = {_written(item)}" for key, item in value.items()]
        return "{" + ", ".join(parts) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_written(item) for item in value) + "]"
    return str(value)


def printable(text: str) -> str:
    """`text` with control characters, bidirectional marks and other invisible letters escaped.

    A text from somebody else's file cannot move the cursor of a terminal, or reverse what
    stands around it.  Escapes are those of TOML.
    """
    return "".join(c if c.isprintable() else _escaped(c) for c in text)


def _escaped(letter: str) -> str:
    """The TOML escape of a letter that is invisible or changes the direction of text."""
    return f"\\u{ord(letter):04X}" if ord(letter) < 2**16 else f"\\U{ord(letter):08X}"


def shown_key(key: str) -> str:
    """`key` as written in a scenario file: in quotes where necessary."""
    return key if BARE_KEY.fullmatch(key) and len(key) <= SHOWN_LENGTH else shown(key)


def dotted(path: Iterable) -> str:
    """The dotted name of a path of keys; the middle of a very long one is left out."""
    keys = [shown_key(str(key)) for key in path]
    return ".".join(keys if len(keys) <= DEEPEST else [*keys[:3], "…", *keys[-2:]])


def at_most(lines: Iterable[str], most: int = MOST_LINES) -> list[str]:
    """The first `most` of the lines, and the number of further ones."""
    lines = list(lines)
    more = len(lines) - most
    return lines if more <= 0 else [*lines[:most], f"and {more:,} more mistakes"]


def too_deep(value) -> bool:
    """Whether tables and lists are nested deeper than any scenario needs."""
    level = [value]
    for _ in range(DEEPEST):
        inner = (v.values() if isinstance(v, Mapping) else v for v in level)
        level = [v for values in inner for v in values if isinstance(v, Mapping | list | tuple)]
        if not level:
            return False
    return True


def nearest(name: str, names: Iterable[str], alike: float = 0.0) -> str | None:
    """The one of `names` most similar to `name`; None if all are below `alike` (0 to 1)."""
    close = difflib.get_close_matches(name[:200], list(names), n=1, cutoff=alike)
    return close[0] if close else None


def in_short(names: Iterable[str]) -> list[str]:
    """Names such as C1, C2, C3 as "C1 to C3"; others as they are, in their order."""
    runs: list[list[str]] = []
    for name in names:
        if runs and name == _next(runs[-1][-1]):
            runs[-1].append(name)
        else:
            runs.append([name])
    return [f"{run[0]} to {run[-1]}" if len(run) > 2 else ", ".join(run) for run in runs]


def _next(name: str) -> str | None:
    numbered = re.fullmatch(r"(.*?)(\d+)", name)
    return f"{numbered[1]}{int(numbered[2]) + 1}" if numbered else None
