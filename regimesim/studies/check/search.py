"""Which parameters a pattern finds: by their names, their words or their sources."""

import re
from collections.abc import Callable

from regimesim.analysis.terminal import filled
from regimesim.errors import Refusal, nearest, shown
from regimesim.scenario.declaration import Declaration
from regimesim.scenario.parameter_reference import (
    default_text,
    everything,
    plausible_text,
    range_text,
    reason_text,
    tables,
)

ALIKE = 0.7  # a name less like the pattern than this (0 to 1) is not what the user meant


def matching(pattern: str) -> list[Declaration]:
    """The parameters that a pattern finds in their names, words or sources.

    Parameters
    ----------
    pattern : str
        A regular expression, or plain text where it is none; case does not matter.

    Returns
    -------
    list of Declaration
        Those found by name first, then by words, then by source; each group in the order of
        a scenario file.

    Raises
    ------
    Refusal
        Where there are none: it names the nearest name, if one is near.
    """
    try:
        wanted = re.compile(pattern, re.IGNORECASE)
    except re.error:
        wanted = re.compile(re.escape(pattern), re.IGNORECASE)
    entries = everything()
    by_name = [entry for entry in entries if wanted.search(entry.key)]
    by_words = [entry for entry in entries if wanted.search(" ".join(entry.words.split()))]
    by_source = [entry for entry in entries if wanted.search(entry.quantity.source)]
    matches = {entry.key: entry for entry in (*by_name, *by_words, *by_source)}
    if not matches:
        raise Refusal(_nothing_matches(pattern, entries))
    return list(matches.values())


def _nothing_matches(pattern: str, entries: list[Declaration]) -> str:
    """The sentence of a refusal, with the nearest name where one is near."""
    nothing = f"params: no parameter matches {shown(pattern)}"
    names = {word: word for entry in entries for word in re.split(r"[._]", entry.key)}
    names |= {name: entry.key for entry in entries for name in (entry.name, entry.key)}
    names |= {name: name for name, _, _ in tables() if name}
    if close := nearest(pattern, names, ALIKE):
        return f"{nothing}; the nearest is '{names[close]}'"
    return f"{nothing} in its name, words or source: this is not in the model"


def parameters(pattern: str = "", bold: Callable[[str], str] = str) -> str:
    """The parameters that match, as text for a terminal; `bold` marks what should stand out.

    Raises Refusal where none match.
    """
    blocks = []
    for entry in matching(pattern):
        facts = f"{range_text(entry)}. Source: {entry.quantity.source}."
        line = filled(f"{entry.key} = {default_text(entry)}", rest="  ")
        heading = line.replace(entry.key, bold(entry.key), 1)
        lines = [entry.words, facts]
        if plausible := plausible_text(entry):
            lines.append(f"Plausible: {plausible}. {reason_text(entry)}")
        blocks.append("\n".join([heading, *(filled(text, " " * 4) for text in lines)]))
    return "\n\n".join(blocks)
