"""What would flip the odds, as plain values."""

from collections.abc import Iterable

from regimesim.analysis.formatting import percent
from regimesim.analysis.variance_shares import source_in_words
from regimesim.studies.explain.compute import Explanation
from regimesim.studies.explain.flips import FLIPS, MAY_FLIP, Effect, End
from regimesim.studies.explain.together import Move, Together

MOST, FEWEST = 6, 3  # assumptions that are listed: that flip, and that move the odds most
STATUS = {
    "ends": "Moving {size} assumptions …",
    "flips": "Moving those in more worlds that may flip it …",
    "pair": "Moving pairs of assumptions …",
    "nearest": "Looking for the nearest opposite verdict …",
}
WORST = {True: "Worst pair", False: "Best pair"}


def flips_shown(answer: Explanation) -> dict:
    """A heading, a sentence, entries of (name, words), and how far the search is."""
    question = answer.question
    bar = f"{100 * question.good_enough:g} %"
    side = f"below {bar}" if answer.is_good else f"to {bar} or more"
    size, worlds = len(question.assumptions), question.scenario.worlds
    missing = answer.missing[0] if answer.missing else ""
    status = STATUS[missing].format(size=size) if missing else f"{worlds:,} worlds at each value"
    shown = {
        "heading": f"What would bring no takeover {side}",
        "status": status,
        "busy": bool(missing),
    }
    if missing == "ends":
        return {**shown, "sentence": "", "entries": []}
    moved = [*answer.flipping, *answer.perhaps_flipping]
    listed = moved[:MOST] or answer.effects[:FEWEST]
    sentence = _sentence(answer, size)
    entries = [_entry(source_in_words(one.key), _alone(one, answer.is_good)) for one in listed]
    entries += _together(WORST[answer.is_good], answer.pair)
    entries += _together("Nearest opposite", answer.nearest)
    return {**shown, "sentence": sentence, "entries": entries}


def _sentence(answer: Explanation, size: int) -> str:
    """How many assumptions flip the verdict alone."""
    surely, perhaps = len(answer.flipping), len(answer.perhaps_flipping)
    if surely + perhaps == 0:
        return f"None of {size} assumptions alone, as far as is known; these move it most."
    counts = [f"{surely}"] if surely else []
    counts += [f"perhaps {perhaps}{' more' if surely else ''}"] if perhaps else []
    return f"Of {size} assumptions {' and '.join(counts)}, each alone."


def _entry(name: str, words: str) -> dict:
    return {"name": name, "words": words}


def _alone(effect: Effect, good: bool) -> str:
    """What one assumption does alone."""
    drawn = "" if effect.assumption.is_fixed else "drawn around "
    here = f"now {drawn}{_number(effect.assumption.centre)}"
    ends: Iterable[End] = [end for end in effect.ends if end.verdict in (FLIPS, MAY_FLIP)]
    words = [_flip(end, effect.assumption.whole) for end in ends] or [_at(effect.worse(good))]
    return "; ".join([*words, here])


def _flip(end: End, whole: bool) -> str:
    perhaps = "" if end.verdict == FLIPS else "perhaps "
    if end.kept is None or end.flipped is None:
        return f"{perhaps}at {_number(end.value)}: {percent(end.estimate.estimate)} %"
    low, high = sorted((end.kept, end.flipped))
    if whole and high - low <= 1:
        return f"{perhaps}at {_number(end.flipped)}"
    return f"{perhaps}between {_number(low)} and {_number(high)}"


def _at(end: End) -> str:
    return f"at {_number(end.value)}: {percent(end.estimate.estimate)} %"


def _together(name: str, several: Together | None) -> list[dict]:
    """An entry for assumptions that are moved together."""
    if several is None:
        return []
    places = " and ".join(map(_place, several.moves))
    return [_entry(name, f"{places}: {percent(several.estimate.estimate)} %")]


def _place(move: Move) -> str:
    return f"{source_in_words(move.assumption.key)} {_number(move.value)}"


def _number(value: float) -> str:
    return f"{value:.3g}"
