"""The verdict in words and on a terminal."""

from types import SimpleNamespace

import pytest
from synthetic_run import make_run

from regimesim.analysis.formatting import MARK, percent, percent_interval, rounded, sentence
from regimesim.analysis.summary import summarise
from regimesim.studies.run.text import SHOWN
from regimesim.studies.run.text import text as verdict

START = SimpleNamespace(start="2026-01")


def printed(summary):
    return verdict(summary, START)


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (None, "-"),
        (0.0, "0"),
        (1.0, "100"),
        (0.3149, "31.5"),
        (0.00049, "<0.1"),
        (0.99951, ">99.9"),
        (0.9995, ">99.9"),
        (0.9994, "99.9"),
        (-0.25, "-25.0"),
        (-0.0001, ">-0.1"),
        (-0.9999, "<-99.9"),
    ],
)
def test_percent_rounds_no_share_to_0_or_100(share, text):
    assert percent(share) == text


def test_an_interval_in_percent():
    estimate = {"estimate": 0.5, "low": 0.25, "high": 1.0, "n": 3}
    assert percent_interval(estimate) == "50.0 (25.0-100)"
    assert percent_interval(estimate | {"low": -0.25}) == "50.0 (-25.0 to 100)"
    assert percent_interval(estimate | {"low": None, "high": None}) == "50.0"
    assert percent_interval(dict.fromkeys(estimate)) == "-"


@pytest.mark.parametrize("count", [1, 8])
def test_the_tables_fit_80_columns(count):
    names = [f"a-policy-of-20-chars{k}"[-20:] for k in range(count)]
    summary = summarise(make_run(names, worlds=100)[0])
    text = printed(summary)
    assert text.isascii()
    lines = text.splitlines()
    assert max(map(len, lines)) <= 80
    for name in names:
        rows = [line for line in lines if line.startswith(name)]
        assert len(rows) == 2  # whole, in both tables


@pytest.mark.parametrize("marked", [False, True])
def test_names_of_24_letters_stand_on_one_line(marked):
    name = "a_policy_of_24_letters_x"
    summary = summarise(make_run((name, "b"), worlds=100)[0])
    estimate = {"estimate": 0.501, "low": 0.452, "high": 0.549, "n": 100}
    for policy in summary["policies"].values():
        policy["thresholds"]["first_critical_try"]["crossed"] = 0.9999
        policy |= {
            key: estimate | {"worth": 4.0, "by": "integration"} if marked else estimate
            for key in SHOWN
        }
    lines = printed(summary).splitlines()
    assert max(map(len, lines)) <= 80
    shares, medians = (line.split() for line in lines if line.startswith(f"{name} "))
    assert shares.count("(45.2-54.9)*" if marked else "(45.2-54.9)") == 2
    assert len(shares) == 8 and len(medians) == 7


def test_the_tables_hold_the_summary():
    summary = summarise(make_run(("lax", "strict"), worlds=100)[0])
    lax = summary["policies"]["lax"]
    lax["held_first_critical_try"] = {"estimate": 0.31, "low": 0.27, "high": 0.354, "n": 98}
    lax["thresholds"]["first_critical_try"] = {"crossed": 0.98, "median": 13.0}
    lax["thresholds"]["takeover"] = {"crossed": 0.4, "median": None}
    shares, medians = (line for line in printed(summary).splitlines() if line[:4] == "lax ")
    assert shares.split()[1:4] == ["98.0", "31.0", "(27.0-35.4)"]
    assert medians.split()[-2:] == ["2027-02", "never"]


def test_a_policy_without_a_critical_try_and_a_name_like_markup():
    summary = summarise(make_run(("[bold]x",), worlds=1, held_first_critical_try=float("nan"))[0])
    text = printed(summary)
    assert "[bold]x" in text
    policy = summary["policies"]["[bold]x"]
    assert "nothing was tested" in sentence("x", policy, "2040-12")


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.2, 0.4, "more often lost than held"),
        (0.6, 0.8, "more often held than lost"),
        (0.4, 0.6, "about as often"),
    ],
)
def test_the_verdict_in_words(low, high, words):
    policy = summarise(make_run(("a",), worlds=50)[0])["policies"]["a"]
    middle = (low + high) / 2
    held = {"estimate": middle, "low": low, "high": high, "n": 1234}
    words = sentence("a", policy | {"held_first_critical_try": held}, "2040-12")
    assert words in words and "1,234 worlds" in words and "2040-12" in words


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [(-0.001, "+.2f", "0.00"), (0.0, "+.1f", "0.0"), (-0.0, ".0f", "0"), (-0.02, "+.2f", "-0.02")],
)
def test_a_number_that_is_rounded_to_zero_has_no_sign(value, form, text):
    assert rounded(value, form) == text
    assert percent(-0.0) == "0"


def test_only_conditional_estimates_are_marked():
    summary = summarise(make_run(("a", "b"), worlds=100)[0])
    assert MARK not in printed(summary)
    safe = summary["policies"]["b"]["no_takeover"]
    safe |= {"worth": 4.0, "by": "integration"}
    lines = [line for line in printed(summary).splitlines() if MARK in line]
    assert lines[0].startswith("b ") and lines[0].count(MARK) == 1
    assert (
        lines[1].startswith("* Conditional Monte Carlo")
        and "2.00 times" in lines[1]
        and len(lines) == 2
    )
