"""The policies that are best in the worst case, in words."""

from collections.abc import Iterator, Mapping

from regimesim.analysis.formatting import listed, percent, percent_interval, so_many
from regimesim.studies.optimise.held import FAILS, HOLDS, UNCLEAR

START = "Against attackers that answer the policy,"


def bounds(against: Mapping) -> str:
    """The bounds of the worst case in a few words."""
    low, high = percent(against["lower"]), percent(against["upper"])
    return f"in the worst case {low} to {high} % of worlds without a takeover"


def rounds(number: int) -> str:
    """How far best answers in turn have come."""
    return f"{number} round{'s' * (number != 1)} of best answers"


def sentences(content: Mapping) -> Iterator[str]:
    """What both sides came to, in two paragraphs."""
    against = content["against"]
    if not against["policies"]:
        targets = listed([one["words"] for one in content["targets"]], 9)
        yield (
            f"{START} no policy that was tried reaches {targets} against all attackers that were "
            f"found, so none is best in the worst case. {_first(against)}"
        )
        return
    yield f"{_ending(against)} {_kept(against)}"
    yield _attackers(against)


def _ending(against) -> str:
    """Whether there is a saddle, or how large the gap is."""
    after = rounds(against["rounds"])
    gap = f"{percent(against['gap'])} points"
    if against["is_saddle"]:
        return f"{START} a saddle was found after {after} (gap {gap})."
    return (
        f"{START} no saddle was found in {after}: the gap between what is kept for sure and "
        f"what may be kept is {gap}."
    )


def _kept(against) -> str:
    """What the mixtures of both sides keep, in fresh worlds."""
    ends = against["own"], against["fresh"]["lower"], against["fresh"]["upper"]
    own, lower, upper = map(percent_interval, ends)
    words = [
        f"Best in the worst case is {_mixture(against['policies'])}. In fresh worlds it keeps "
        f"{lower} % without a takeover against the worst attacker that was found for it, and "
        f"{own} % against the scenario's attacker. Against the mixture of attackers the best "
        f"answer that was found keeps {upper} %.",
        *_targets(against["policies"]),
        _first(against),
        *_of_file(against),
    ]
    return " ".join(words)


def _first(against) -> str:
    """What the best policy against the scenario's attacker keeps in its worst case."""
    first = against["first"]
    return (
        f"Best against the scenario's attacker was {first['words']}, which keeps "
        f"{percent_interval(first['worst'])} % in its worst case."
    )


def _of_file(against) -> Iterator[str]:
    """Which policy of the file is the safest; results that were saved earlier may lack it."""
    if "file" in against:
        safest = against["file"]
        than = ", more than the best of the search" if file_is_safer(against) else ""
        yield (
            f"Of the policies of the file, {safest['words']} keeps most in its worst case: "
            f"{percent_interval(safest['worst'])} %{than}."
        )


def file_is_safer(against: Mapping) -> bool:
    """Whether a policy of the file keeps more in its worst case, by intervals that lie apart."""
    safest = against.get("file")
    return bool(safest) and safest["worst"]["low"] > against["fresh"]["lower"]["high"]


def _targets(policies) -> Iterator[str]:
    """Whether each target holds in fresh worlds, for every policy of the mixture."""
    for place, target in enumerate(policies[0]["targets"]):
        verdicts = {one["targets"][place]["verdict"] for one in policies}
        verdict = next(v for v in (FAILS, UNCLEAR, HOLDS) if v in verdicts)
        said = {
            HOLDS: "holds",
            UNCLEAR: "may not hold; more worlds would show it",
            FAILS: "does not hold",
        }[verdict]
        which = {HOLDS: "each of them", UNCLEAR: "one of them", FAILS: "one of them"}[verdict]
        of = f" for {which}" if len(policies) > 1 else ""
        yield f"Against that worst attacker, the target {target['words']} {said}{of}."


def _attackers(against) -> str:
    """What the mixture of attackers does."""
    does = "; ".join(
        f"{_part(one['probability'])}systems {_conducts(one['choices'])}"
        for one in against["attackers"]
    )
    return (
        f"The attacker: {does}. Both sides searched in {so_many(against['worlds_of_search'])}; a "
        "better answer of either side may exist, and would move the bounds."
    )


def _mixture(policies) -> str:
    """A policy, or several with their probabilities."""
    if len(policies) == 1:
        return str(policies[0]["words"])
    parts = [f"{percent(one['probability'])} % {one['words']}" for one in policies]
    return f"a mixture, drawn by chance: {'; '.join(parts)}"


def _part(probability: float) -> str:
    return "" if probability >= 1 - 1e-9 else f"in {percent(probability)} % of cases "


def _conducts(choices) -> str:
    """What an attacker has chosen, by name."""
    parts = [
        f"{name.rpartition('.')[2].replace('_', ' ')} "
        f"{value.replace('_', ' ') if isinstance(value, str) else format(value, '.3g')}"
        for name, value in choices.items()
    ]
    return f"with {listed(parts, 9)}" if parts else "as in the scenario"
