"""Ranges as texts and as a mapping: one reader, whichever study asks for them."""

import pytest

import regimesim as rs
from regimesim.studies.discover.question import drawn_over
from regimesim.studies.parameter_points import parameters_in_question
from regimesim.studies.ranges import Varied, read_ranges, read_varied

AUDITS = "oversight.audit_budget"
PAIRS = {AUDITS: (0.01, 0.1), "months": (100, 200), "takeover.difficulty": None}
TEXTS = [f" {AUDITS} = 0.01 : 0.1", "months=100:2e2", "takeover.difficulty"]


def plain(key, ends):
    return key, ends


def test_texts_and_a_mapping_are_read_alike():
    expected = {key: (key, ends) for key, ends in PAIRS.items()}
    assert read_ranges(TEXTS, "--over", plain) == expected
    assert read_ranges(PAIRS, "--over", plain) == expected
    assert read_ranges(TEXTS[0], "--over", plain) == {AUDITS: (AUDITS, (0.01, 0.1))}
    assert read_ranges((), "--over", plain) == read_ranges({}, "--over", plain) == {}


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (5, "--over: found 5; expected KEY or KEY=LOW:HIGH, as in"),
        ([5], "--over: found 5; expected KEY or"),
        (["=1:2"], '--over: found "=1:2"; expected KEY or'),
        (["a="], '--over: found "a="; expected KEY or'),
        (["a=1"], '--over: found "a=1"; expected KEY or'),
        (["a=:2"], '--over: found "a=:2"; expected KEY or'),
        ({"a": 5}, "--over: a: found 5; allowed is two numbers, (low, high), or None"),
        ({"a": "12"}, '--over: a: found "12"; allowed is two numbers'),
        ({"a": (1, 2, 3)}, "--over: a: found [1, 2, 3]; allowed is two numbers"),
        ({"a": (True, 2)}, "--over: a: found true; allowed is a number"),
        (["a=x:2"], '--over: a: found "x"; allowed is a number'),
        (["a=1:inf"], '--over: a: found "inf"; allowed is a number'),
        (["a=2:1"], "--over: a: the range is the wrong way round; write a=1:2"),
        (["a=2:2.0"], "--over: a: the range from 2 to 2 holds one value only"),
        (["a=1:2", "a=3:4"], "--over: a: given twice"),
    ],
)
def test_what_is_no_range_is_refused_in_one_sentence(source, sentence):
    with pytest.raises(rs.Refusal) as refused:
        read_ranges(source, "--over", plain)
    (line,) = refused.value.lines
    assert line.startswith(sentence)


def test_a_range_may_have_to_be_there():
    for source in (["a"], {"a": None}):
        with pytest.raises(rs.Refusal, match=r'found "a"; expected KEY=LOW:HIGH, as in'):
            read_ranges(source, "--over", plain, "KEY=LOW:HIGH", open_ends=False)


def test_every_study_reads_the_same_ends():
    scenario = rs.parse({"takeover": {"difficulty": 12}})
    text = "takeover.difficulty=10:14"
    assert read_varied([text], scenario) == (Varied("takeover.difficulty", 10, 14),)
    (parameter,) = parameters_in_question(scenario, "scenario", [text])
    assert parameter.varies == [10, 14]
    drawn = drawn_over(scenario, [text]).policies["scenario"].takeover.difficulty
    assert drawn.plain() == {"uniform": [10, 14]}


def test_all_mistakes_of_all_ranges_come_at_once():
    with pytest.raises(rs.Refusal) as refused:
        read_varied(
            [f"{AUDITS}=0:2", "nothing", "months=9:1", "takeover.difficulty=1"], rs.parse({})
        )
    assert len(refused.value.lines) == 4


def everywhere(scenario, key):
    """The ends of a parameter without written ones, as each study takes them."""
    (varied,) = read_varied([key], scenario)
    (parameter,) = parameters_in_question(scenario, "scenario", [key])
    tables = drawn_over(scenario, [key]).policies["scenario"]
    table, name = key.split(".")
    drawn = getattr(getattr(tables, table), name).numbers
    assert list(drawn) == parameter.varies == [varied.low, varied.high]
    return drawn


def test_without_written_ends_every_study_takes_the_plausible_range():
    assert everywhere(rs.parse({"takeover": {"difficulty": 12}}), "takeover.difficulty") == (
        10,
        25,
    )
    assert everywhere(rs.parse({}), "goals.value") == (0.1, 0.9)


def test_the_plausible_range_is_widened_to_hold_the_value_of_the_scenario():
    assert everywhere(rs.parse({"takeover": {"difficulty": 8}}), "takeover.difficulty") == (8, 25)
    two = {"policies": {"far": {"goals": {"value": 0.95}}, "near": {"goals": {"value": 0.05}}}}
    (varied,) = read_varied(["goals.value"], rs.parse(two))
    assert varied[1:3] == (0.05, 0.95)
    hard = rs.parse({"takeover": {"difficulty": {"uniform": [26, 32]}}})
    (varied,) = read_varied(["takeover.difficulty"], hard)
    assert varied[1:3] == (10, 29)  # the median
    fitted = rs.parse({"capability": {"doubling_time": {"fit": "metr"}}})
    assert read_varied(["capability.doubling_time"], fitted)[0][1:3] == (3, 12)


@pytest.mark.parametrize("key", ["months", "takeover.difficulty.sd", "events.1.months"])
def test_what_has_no_plausible_range_needs_written_ends(key):
    scenario = rs.parse({})
    for read in (read_varied, lambda keys, of: drawn_over(of, keys)):
        with pytest.raises(rs.Refusal, match="its range is missing; write it, as in"):
            read([key], scenario)
