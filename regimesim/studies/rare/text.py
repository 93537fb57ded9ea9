"""The probabilities of rare failures as a table for a terminal, with notes."""

from collections.abc import Iterator

from regimesim.analysis.terminal import filled, table

LEGEND = (
    "Probability of a takeover by the end, and that a first critical try occurs and is lost, with "
    "95 % intervals. Plain worlds: how many worlds give the same precision if failures are "
    "counted. Fewer: how many times as many system-months these cost as this estimate, pilots "
    "included; below 1, counting is cheaper."
)
WORDS = {"takeover": "takeover", "first_try_lost": "first try lost"}
NO_ATTEMPT = (
    "only an upper end is known: that for no failure in so many initial worlds, which more "
    "worlds only lower. Attempts occur where systems grow further (months, capability.…), can "
    "succeed (takeover.…), want to (goals.…, feedback.…) or act as in stories (conduct.…)"
)
HEADINGS = ("policy", "probability", "relative\nerror", "plain\nworlds", "fewer")


def tables(content: dict) -> str:
    """The content of rare.json as a table."""
    about = f"{content['scenario']}: at most {content['most_worlds']:,} worlds a policy"
    lines = [filled(f"{about}, seed {content['seed']}"), filled(LEGEND)]
    rows: list = []
    for name, policy in content["policies"].items():
        rows += _policy(name, policy)
    lines += table(HEADINGS, rows)
    for name, policy in content["policies"].items():
        lines += _notes(name, policy, content["relative_error_asked"])
    return "\n".join(lines)


def _policy(name, policy) -> Iterator[str | tuple[str, ...]]:
    yield f"{name}: {policy['method']}, {policy['worlds']:,} worlds"
    for estimand, words in WORDS.items():
        yield f"  {words}", *_values(policy[estimand])


def _notes(name, policy, goal) -> Iterator[str]:
    notes = list(policy["warnings"])
    if policy["takeover"]["relative_error"] is None:
        notes.append(NO_ATTEMPT)
    elif not policy["reached"]:
        notes.append(f"a relative error of {goal:g} is not reached; more worlds (--worlds) help")
    for sentence in notes:
        yield filled(f"Note on {name}: {sentence}.")


def _chance(probability) -> str:
    """Two digits; three decimals for what is not rare, which must not be rounded to 1."""
    return f"{probability:.3f}" if 0.1 <= probability < 1.0 else f"{probability:.2g}"


def _values(estimate):
    low, high = (_chance(estimate[key]) for key in ("low", "high"))
    if estimate["relative_error"] is None:
        return f"0 (below {high})", "-", "-", "-"
    probability = f"{_chance(estimate['estimate'])} ({low} to {high})"
    error = f"{100 * estimate['relative_error']:.1f} %"
    if estimate["plain_worlds"] is None:
        return probability, error, "-", "-"
    return probability, error, f"{estimate['plain_worlds']:.2g}", f"{estimate['fewer']:.3g}"
