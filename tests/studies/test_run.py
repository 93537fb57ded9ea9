"""The verdict in words and on a terminal."""

from types import SimpleNamespace

import pytest
from synthetic_run import make_run

from regimesim.analysis.formatting import (
    number,
    percent,
    percent_interval,
    rounded,
)
from regimesim.analysis.summary import summarise
from regimesim.studies.run.text import text as verdict

START = SimpleNamespace(start="2026-01", policies={})


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


@pytest.mark.parametrize("columns", [60, 80])
@pytest.mark.parametrize("count", [1, 8])
def test_the_tables_fit_the_terminal_and_are_not_stacked(count, columns, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(columns))
    names = [f"a-policy-of-20-chars{k}"[-20:] for k in range(count)]
    summary = summarise(make_run(names, worlds=100)[0])
    text = printed(summary)
    assert text.isascii()
    lines = text.splitlines()
    assert max(map(len, lines)) <= columns
    for name in names:
        rows = [place for place, line in enumerate(lines) if line.startswith(name)]
        tables = rows[:2]  # whole, in both tables
        cells = [lines[row].split()[1:] or lines[row + 1].split() for row in tables]
        assert [len(row) for row in cells] == [9, 6]


def test_titles_of_23_letters_stand_on_one_line():
    name = "a_policy_of_23_letters_"
    summary = summarise(make_run((name, "b"), worlds=100)[0])
    for policy in summary["policies"].values():
        policy["thresholds"]["first_critical_try"]["crossed"] = 0.9999
    lines = printed(summary).splitlines()
    assert max(map(len, lines)) <= 80
    shares, medians = (line.split() for line in lines if line.startswith(f"{name} "))
    assert len(shares) == 10 and len(medians) == 7


def test_the_tables_hold_the_summary():
    summary = summarise(make_run(("lax", "strict"), worlds=100)[0])
    lax = summary["policies"]["lax"]
    lax["title"] = "lax + more"
    lax["no_takeover"] = {"estimate": 0.5, "low": 0.46, "high": 0.57, "n": 100}
    lax["held_first_critical_try"] = {"estimate": 0.31, "low": 0.27, "high": 0.354, "n": 98}
    lax["believed_catch_rate"] = {"estimate": 0.6, "low": 0.5, "high": 0.7, "n": 98}
    lax["growth_lost"] = {"estimate": -0.02, "low": -0.03, "high": -0.01, "n": 100}
    lax["audited"] = {"estimate": 0.0003, "low": 0, "high": 0.1, "n": 100}
    lax["months_paused_a_year"] = {"estimate": 11.96, "low": None, "high": None, "n": 100}
    lax["false_alarms_a_year"] = {"estimate": None, "low": None, "high": None, "n": 0}
    lax["thresholds"]["first_critical_try"] = {"crossed": 0.98, "median": 13.0}
    lax["thresholds"]["takeover"] = {"crossed": 0.4, "median": None}
    shares, medians = [x for x in printed(summary).splitlines() if x[:5] == "lax +"][:2]
    expected = ["50.0", "7.0", "98.0", "31.0", "60.0", "-2.0", "<0.1", "12.0", "-"]
    assert shares.split()[3:] == expected
    assert medians.split()[-2:] == ["2027-02", "never"]


def test_the_policy_that_keeps_most_worlds_stands_first_and_of_equal_ones_the_cheapest():
    summary = summarise(make_run(("a", "b", "c", "d"), worlds=100)[0])
    values = {"a": (0.2, 0.0), "b": (0.9, 0.3), "c": (0.9, 0.1), "d": (0.2, 0.0)}
    for name, (safe, lost) in values.items():
        summary["policies"][name]["no_takeover"]["estimate"] = safe
        summary["policies"][name]["growth_lost"]["estimate"] = lost
    rows = [
        line[0] for line in printed(summary).splitlines() if line[:2] in ("a ", "b ", "c ", "d ")
    ]
    assert rows[:8] == ["c", "b", "a", "d"] * 2


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "-"), (0.0, "0"), (0.04, "<0.1"), (-0.04, ">-0.1"), (0.05, "0.1"), (12.0, "12.0")],
)
def test_only_exactly_0_months_are_written_as_0(value, text):
    assert number(value) == text


def test_intervals_that_have_no_column_are_bounded_in_a_sentence():
    summary = summarise(make_run(("a", "b"), worlds=100)[0])
    a, b = summary["policies"].values()
    a["held_first_critical_try"] |= {"estimate": 0.5, "low": 0.45, "high": 0.52}
    b["held_first_critical_try"] |= {"estimate": 0.5, "low": 0.47, "high": 0.583}
    words = " ".join(printed(summary).split())
    assert "The other 95 % intervals reach at most 8.3 points for first tries held" in words


def test_a_policy_without_a_critical_try_and_a_name_like_markup():
    summary = summarise(make_run(("[bold]x",), worlds=1, held_first_critical_try=float("nan"))[0])
    text = printed(summary)
    assert "[bold]x" in text


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [(-0.001, "+.2f", "0.00"), (0.0, "+.1f", "0.0"), (-0.0, ".0f", "0"), (-0.02, "+.2f", "-0.02")],
)
def test_a_number_that_is_rounded_to_zero_has_no_sign(value, form, text):
    assert rounded(value, form) == text
    assert percent(-0.0) == "0"


def test_the_verdict_says_by_how_much_conditional_intervals_are_narrower():
    summary = summarise(make_run(("a", "b"), worlds=100)[0])
    assert "Conditional" not in printed(summary)
    safe = summary["policies"]["b"]["no_takeover"]
    safe |= {"worth": 4.0, "by": "integration"}
    words = " ".join(printed(summary).split())
    assert "Conditional Monte Carlo makes intervals up to 2.00 times narrower." in words
