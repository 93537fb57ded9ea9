"""What was found of rare failures, in words and as a table of at most 80 columns."""

from collections.abc import Iterator
from textwrap import fill

LEGEND = """\
Probability of a takeover by the end, and of a first critical try that comes
and is lost, with 95 % intervals. Plain worlds: how many, lived and counted,
would tell as much. Fewer: how many times as many system-months these cost as
were lived here, pilots included; below 1 counting them is cheaper."""
WORDS = {"takeover": "takeover", "first_try_lost": "first try lost"}
NO_ATTEMPT = (
    "nothing is known but the upper end, that of none of so many founded worlds, which more "
    "worlds only lower. Attempts come where systems grow further (months, capability.…), can "
    "succeed (takeover.…), care to (goals.…, feedback.…) or act as in stories (conduct.…)"
)
WIDTH = 80


def tables(found: dict) -> str:
    """The content of rare.json."""
    lines = [f"{found['scenario']}: at most {found['most_worlds']:,} worlds a policy, seed "]
    lines[0] += str(found["seed"])
    lines += [LEGEND, f"{'':46}{'relative':>10}{'plain':>11}", _row("policy", HEADINGS)]
    lines.append("-" * WIDTH)
    for name, policy in found["policies"].items():
        lines += _policy(name, policy, found["relative_error_asked"])
    return "\n".join(line.rstrip() for line in lines)


HEADINGS = ("probability", "error", "worlds", "fewer")


def _row(name, values):
    probability, error, worlds, fewer = values
    return f"{name:18}{probability:>28}{error:>10}{worlds:>11}{fewer:>11}"


def _policy(name, policy, asked) -> Iterator[str]:
    yield fill(f"{name}: {policy['method']}, {policy['worlds']:,} worlds", WIDTH)
    for estimand, words in WORDS.items():
        yield _row(f"  {words}", _values(policy[estimand]))
    told = list(policy["warnings"])
    if policy["takeover"]["relative_error"] is None:
        told.append(NO_ATTEMPT)
    elif not policy["reached"]:
        told.append(f"a relative error of {asked:g} is not reached; more worlds (--worlds) help")
    for sentence in told:
        yield fill(f"Note: {sentence}.", WIDTH, initial_indent="  ", subsequent_indent="  ")


def _chance(probability) -> str:
    """Two digits, but for what is no rare failure: that is not to be rounded to 1."""
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
