"""Every sentence about a cause is still on its page, and its runs show what it says.

The pages read for sentences that no row covers are the README, the prose of docs/views.md, the
patterns of docs/odd.md, the comments of the scenarios and the notebooks' prose. Claims have runs
of their own in which the mechanism is absent.
"""

import json
import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from causes import BACKED as OF_THE_FIRST_PART
from causes import WRITTEN
from causes_of_mechanisms import BACKED as OF_MECHANISMS
from causes_of_views import BACKED as OF_VIEWS
from sentences_without_runs import NEEDS_NO_RUN

import regimesim as rs
from regimesim.analysis.estimates import mean, proportion, proportion_difference
from regimesim.model.compilation import INTERPRETED

ROOT = Path(__file__).parents[2]
BACKED = OF_THE_FIRST_PART + OF_MECHANISMS + OF_VIEWS
CONFIDENCE = 0.99
SHARES = ("no_takeover", "met_a_try", "held", "warned", "favourable", "tried_before_it_paid")
CAUSAL = re.compile(
    r"\b(because|so that|due to|caus(e|ed|es)|therefore|thus|hence|thanks to|reason|makes|lets)\b"
    r"|(?<![\w-])so (?!(that|many|much|far|few|little|on|do|from)\b)"
    r"|, since (?!\d)",
    re.IGNORECASE,
)
PAGES = (
    "README.md",
    "docs/views.md",
    "docs/odd.md",
    *sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "scenarios").glob("*.toml")),
    *sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "notebooks").glob("*.ipynb")),
)


def first_words(cause) -> str:
    return next(iter(cause.says.values()))[0][:50]


def prose(page: str) -> str:
    """The text of a page, without code, tables that are computed, and marks of its format."""
    text = (ROOT / page).read_text(encoding="utf-8")
    if page.endswith(".toml"):
        lines = (line[1:].strip() if line.startswith("#") else "" for line in text.splitlines())
        described = re.findall(r'^(?:description|says) = "(.*)"$', text, re.MULTILINE)
        because = re.findall(r'^because = """(.*?)"""', text, re.MULTILINE | re.DOTALL)
        return "\n".join(lines) + "\n\n" + "\n\n".join(described + because)
    if page.endswith(".ipynb"):
        cells = json.loads(text)["cells"]
        return "\n\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
    if page == "docs/odd.md":
        text = text[text.index("### Patterns") : text.index("## 2 ")]
    text = re.sub(r"<!-- (\w+) -->.*?<!-- end of \1 -->", "", text, flags=re.DOTALL)
    text = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    return re.sub(r"^    .*$", "", text, flags=re.MULTILINE)


def sentences(page: str) -> list[str]:
    """The sentences of a page, each on one line."""
    blocks = re.split(r"\n\s*\n|\n(?=- |\d\. |\| |#)", prose(page))
    joined = (re.sub(r"\s+", " ", block).strip() for block in blocks)
    return [one for block in joined for one in re.split(r"(?<=[.!?])\s+(?=[A-Z`*(])", block)]


def on_one_line(page: str) -> str:
    return re.sub(r"\s+", " ", prose(page))


def key_of(cause, case):
    return cause.scenario, json.dumps(case.changed or {}), cause.worlds


@cache
def policies_of(key) -> tuple[str, ...]:
    """All policies that the table runs in these worlds, so that they run at once."""
    cases = (
        case
        for cause in BACKED
        for seen in cause.seen
        for case in (seen.case, seen.minus)
        if case and key_of(cause, case) == key
    )
    return tuple(sorted({case.policy for case in cases}))


@cache
def run(key):
    """The worlds of a scenario with some changes, under the policies that the table names."""
    name, changed, worlds = key
    scenario = rs.load(ROOT / "scenarios" / f"{name}.toml")
    own = [policy for policy in scenario.policies if policy in policies_of(key)]
    written = [policy for policy in policies_of(key) if policy not in own]
    scenario = scenario.choose(own or list(scenario.policies)[:1])
    scenario = scenario.override({"worlds": worlds, **json.loads(changed)})
    return rs.run(scenario, [*own, *(WRITTEN[policy] for policy in written)]).worlds


def values(outcome: str, worlds) -> np.ndarray:
    """An outcome of every world of one policy; NaN where there is none."""
    month = {
        str(name): worlds.crossing.sel(threshold=name).values for name in worlds.threshold.values
    }
    tried = ~np.isnan(month["first_critical_try"])
    if outcome.startswith("month."):
        crossed = month[outcome.removeprefix("month.")]
        return np.where(np.isnan(crossed), worlds.attrs["months"], crossed)
    pays = month["favourable_despite_safeguards"]
    believed, true = worlds.believed_catch_rate.values, worlds.true_catch_rate.values
    return {
        "no_takeover": lambda: 1.0 * np.isnan(month["takeover"]),
        "met_a_try": lambda: 1.0 * tried,
        "favourable": lambda: 1.0 * ~np.isnan(month["favourable"]),
        "tried_before_it_paid": lambda: 1.0 * (tried & ~(pays <= month["first_critical_try"])),
        "warned": lambda: 1.0 * (tried & (worlds.warning_shots_before_first_try.values > 0)),
        "held": lambda: worlds.held_first_critical_try.values.astype(float),
        "believed": lambda: believed,
        "gap": lambda: believed - true,
    }[outcome]()


def interval(cause, seen) -> tuple[float, float]:
    """The interval of what a row asks for: within worlds where every world has the outcome."""
    ours, *theirs = (
        values(seen.outcome, run(key_of(cause, case)).sel(policy=case.policy, drop=True))
        for case in filter(None, (seen.case, seen.minus))
    )
    if not theirs:
        one = proportion if seen.outcome in SHARES else mean
        return one(ours, CONFIDENCE)[1:3]
    if not np.isnan([ours, *theirs]).any():
        if seen.outcome in SHARES:
            return proportion_difference(ours, theirs[0], CONFIDENCE)[1:3]
        return mean(ours - theirs[0], CONFIDENCE)[1:3]
    # Other worlds may have the outcome in each of the two: treated as independent, which is wider.
    first, second = mean(ours, CONFIDENCE), mean(theirs[0], CONFIDENCE)
    middle = first.estimate - second.estimate
    down = np.hypot(first.estimate - first.low, second.high - second.estimate)
    up = np.hypot(first.high - first.estimate, second.estimate - second.low)
    return middle - down, middle + up


@pytest.mark.skipif(INTERPRETED, reason="too slow uncompiled")
@pytest.mark.parametrize(
    "cause", BACKED, ids=lambda cause: next(iter(cause.says.values()))[0][:50]
)
def test_the_effect_goes_with_its_cause(cause):
    for seen in cause.seen:
        low, high = interval(cause, seen)
        assert seen.above is not None or seen.below is not None
        assert seen.above is None or low > seen.above, (seen, low, high)
        assert seen.below is None or high < seen.below, (seen, low, high)


@pytest.mark.parametrize(
    "cause", BACKED, ids=lambda cause: next(iter(cause.says.values()))[0][:50]
)
def test_the_sentence_is_on_its_page(cause):
    for page, fragments in cause.says.items():
        for fragment in fragments:
            assert fragment in on_one_line(page), page


@pytest.mark.parametrize("page", PAGES)
def test_every_causal_sentence_has_a_run_or_needs_none(page):
    covered = [part for cause in BACKED for part in cause.says.get(page, ())]
    covered += NEEDS_NO_RUN.get(page, ())
    causal = [one for one in sentences(page) if CAUSAL.search(one)]
    missing = [one for one in causal if not any(part in one for part in covered)]
    assert not missing, "add a row with a run to tests/causes.py:\n" + "\n".join(missing)
    for part in NEEDS_NO_RUN.get(page, ()):
        assert any(part in one for one in causal), f"{page} no longer says: {part}"


def test_a_causal_sentence_without_a_run_is_noticed():
    assert CAUSAL.search("Worlds last longer because labs pause.")
    assert CAUSAL.search("Labs pause, so worlds last longer.")
    assert not CAUSAL.search("Growth has been measured since 2023, so far.")
