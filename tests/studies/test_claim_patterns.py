"""Patterns of claims: their comparisons, and the coverage of the intervals that decide."""

import math

import numpy as np
import pytest
from small import FIRST_PART, nested
from synthetic_run import make_run

import regimesim as rs
from regimesim.analysis.estimates import exact_interval
from regimesim.ensemble.batches import Batched, run_in_batches
from regimesim.ensemble.datasets import AGAIN
from regimesim.errors import Refusal
from regimesim.model.compilation import INTERPRETED
from regimesim.studies.claims.claim import Pattern, read_claim
from regimesim.studies.claims.compute import put_to_test
from regimesim.studies.claims.outcomes import (
    MONTH_OUTCOMES,
    WORLD_OUTCOMES,
    MonthSample,
    of_months,
    of_worlds,
)
from regimesim.studies.claims.patterns import look

BATCHES = 20


# ---- outcomes of months: a ratio of sums, from batches ----


def drawn(rng, batches=BATCHES, effect=0.0):
    """A made-up outcome of months whose true mean is 2 + effect: batches differ in how many
    months they count, and worlds with more months have lower values."""
    counts = rng.integers(50, 150, batches).astype(float)
    values = 2 + effect + (counts - 100) / 1000 + rng.normal(0, 0.2, batches)
    return MonthSample(MONTH_OUTCOMES["knowledge"], values * counts, counts, 400)


def test_the_interval_of_a_monthly_mean_has_its_coverage():
    rng = np.random.default_rng(5)
    truth = 2 + np.mean([(n - 100) * n for n in range(50, 150)]) / 1000 / 99.5
    samples, inside = 2000, 0
    for _ in range(samples):
        level = drawn(rng).level()
        inside += level.low <= truth <= level.high
    low, high = exact_interval(inside, samples, 1 - 1e-6)
    assert low < 0.95 + 0.01 and high > 0.95 - 0.01


def test_a_difference_within_batches_is_as_precise_as_their_pairing():
    sample = drawn(np.random.default_rng(1))
    shifted = sample._replace(sums=sample.sums + 0.5 * sample.counts)
    difference = shifted.difference(sample)
    assert difference.estimate == pytest.approx(0.5)
    assert difference.high - difference.low == pytest.approx(0, abs=1e-9)
    apart = drawn(np.random.default_rng(2), effect=0.5).difference(sample)
    assert apart.high - apart.low > 0.1


def test_an_outcome_equal_in_all_batches_has_the_interval_of_its_worlds():
    counts = np.full(BATCHES, 240.0)
    none = MonthSample(MONTH_OUTCOMES["alarm"], 0 * counts, counts, 400)
    assert none.level().low == 0
    assert none.level().high == pytest.approx(float(exact_interval(0, 400)[1]))
    assert none.difference(none).low == pytest.approx(-none.level().high)


def test_the_rate_of_an_event_that_does_not_occur_is_bounded():
    counts = np.full(BATCHES, 240.0)
    none = MonthSample(MONTH_OUTCOMES["strikes"], 0 * counts, counts, 400)
    rate = none.level().high
    assert math.exp(-rate * counts.sum()) == pytest.approx(0.025)


def test_months_in_which_no_world_is_left_have_no_level():
    counts = np.zeros(BATCHES)
    gone = MonthSample(MONTH_OUTCOMES["strikes"], counts, counts, 0)
    assert gone.level().estimate is None
    assert gone.difference(drawn(np.random.default_rng(1))).low is None


SMALL = {**FIRST_PART, "worlds": 60, "months": 40, "systems": 6, "capability.initial": 9}


@pytest.fixture(scope="module")
def batched_run():
    policies = {"none": {}, "control": {"oversight": {"control": True}}}
    scenario = rs.parse(nested(SMALL) | {"policies": policies})
    return scenario, run_in_batches(scenario, BATCHES)


@pytest.mark.skipif(INTERPRETED, reason="too slow uncompiled")
def test_a_run_in_batches_is_the_run(batched_run):
    scenario, batched = batched_run
    worlds, months = rs.run(scenario)
    # a run also repeats some worlds with other luck
    assert batched.worlds.identical(worlds.drop_vars(AGAIN))
    assert batched.months.identical(months)
    assert len(batched.batches) == BATCHES
    for place, policy in enumerate(scenario.policies):
        for name in ("strikes", "catch_rate", "leader"):
            level = of_months(name, batched.batches, place, (7, 7)).level()
            assert level.estimate == pytest.approx(float(months[name].sel(policy=policy)[7]))
            assert level.n == int(months["worlds_not_lost"].sel(policy=policy)[7])


# ---- outcomes of worlds ----


def test_every_outcome_of_worlds_has_a_level_in_its_range():
    worlds, _ = make_run()
    for name, outcome in WORLD_OUTCOMES.items():
        level = of_worlds(name, worlds, "lax").level()
        assert outcome.within[0] <= level.estimate <= outcome.within[1], name
        assert level.low is None or level.low <= level.estimate <= level.high, name


def test_a_month_that_never_comes_counts_as_the_end():
    crossing = np.array([[10.0, 20.0, np.nan, np.nan]])
    worlds, _ = make_run(["only"], 4, 50, crossing_takeover=crossing)
    assert of_worlds("month.takeover", worlds, "only").level().estimate == 32.5
    assert of_worlds("crossed.takeover", worlds, "only").level().estimate == 0.5


def test_two_outcomes_of_the_same_world_are_subtracted():
    tried, lost = np.array([[10.0, 20.0, np.nan]]), np.array([[12.0, np.nan, np.nan]])
    more = {"crossing_first_critical_try": tried, "crossing_takeover": lost}
    worlds, months = make_run(["only"], 3, 50, **more)
    options = {"outcome": "month.takeover", "minus": "month.first_critical_try", "value": 5.0}
    result = look(Pattern("", "above", ("only",), **options), Batched(worlds, months, []))
    assert result.levels[0].estimate.estimate == pytest.approx((2 + 30 + 0) / 3)
    assert "less months until: first critical try" in result.outcome.words


# ---- patterns ----


def seen(relation, policies=("lax", "strict"), **more):
    """A pattern in a made-up run of 200 worlds, in which strict holds more than lax."""
    options = {"outcome": "held_first_critical_try", **more}
    worlds, months = make_run()
    return look(Pattern("", relation, policies, **options), Batched(worlds, months, []))


def test_rises_and_falls_are_each_other_s_opposite():
    assert seen("rises").holds and not seen("falls").holds
    back = ("strict", "lax")
    assert seen("falls", back).holds and not seen("rises", back).holds


def test_neither_rises_nor_falls_where_nothing_differs():
    alike = ("lax", "lax")
    assert not seen("rises", alike).holds and not seen("falls", alike).holds
    assert seen("alike", alike, value=0.05).holds
    assert not seen("alike", alike, value=0.001).holds  # too few worlds for that precision
    assert not seen("alike", value=0.05).holds


def test_every_step_of_a_series_must_go_the_same_way():
    assert not seen("rises", ("lax", "strict", "lax")).holds
    assert not seen("rises", ("lax", "lax", "strict")).holds


def test_above_and_below_need_the_whole_interval():
    level = seen("above", ("lax",)).levels[0].estimate
    assert seen("above", ("lax",), value=level.low - 0.001).holds
    assert not seen("above", ("lax",), value=level.estimate).holds
    assert not seen("below", ("lax",), value=level.estimate).holds
    assert seen("below", ("lax",), value=level.high + 0.001).holds


def test_a_pattern_is_open_where_its_interval_straddles_the_bound():
    level = seen("above", ("lax",)).levels[0].estimate
    straddled = seen("above", ("lax",), value=level.estimate)
    assert straddled.open and not straddled.holds
    assert not seen("above", ("lax",), value=level.high + 0.001).open
    assert not seen("below", ("lax",), value=level.low - 0.001).open
    assert seen("below", ("lax",), value=level.estimate).open
    assert not seen("falls").open  # strict holds more than lax, beyond doubt
    assert seen("rises", ("lax", "lax")).open
    difference = seen("rises").steps[0].estimate
    near, far = seen("alike", value=difference.estimate), seen("alike", value=difference.low / 2)
    assert near.open and not near.holds and not far.open


def test_growth_lost_to_taxes_may_be_a_gain():
    lost = np.array([[-3.0, -2.0, -1.0]])
    worlds, _ = make_run(["only"], 3, 50, growth_lost_to_taxes=lost)
    result = of_worlds("growth_lost_to_taxes", worlds, "only").level()
    assert result.estimate == -2 and result.low < -2 < result.high < 1


def test_a_pattern_of_an_outcome_without_values_is_not_seen():
    worlds, months = make_run(held_first_critical_try=np.nan)
    run = Batched(worlds, months, [])
    for relation in ("rises", "alike", "above"):
        pattern = Pattern("", relation, ("lax", "strict"), "held_first_critical_try", value=0.0)
        result = look(pattern, run)
        assert not result.holds and not result.open


def test_one_bit_in_one_world_is_a_difference():
    worlds, months = make_run()
    both = worlds.isel(policy=[0, 0]).assign_coords(policy=["a", "b"]).copy(deep=True)
    same = Pattern("", "same", ("a", "b"))
    assert look(same, Batched(both, months, [])).holds
    rates = both["audits_spent"].values
    rates[1, 17] = np.nextafter(rates[1, 17], np.inf)
    result = look(same, Batched(both, months, []))
    assert not result.holds and result.steps[0].estimate.estimate == 1
    allowed = same._replace(apart_from=("audits_spent",))
    assert look(allowed, Batched(both, months, [])).holds


@pytest.mark.skipif(INTERPRETED, reason="too slow uncompiled")
def test_patterns_in_time(batched_run):
    _, run = batched_run

    def holds(relation, **options):
        return look(Pattern("", relation, ("none",), **options), run).holds

    years = ((0, 3), (12, 15), (24, 27))
    assert holds("grows", outcome="leader", periods=years)
    assert not holds("shrinks", outcome="leader", periods=years)
    assert not holds("steady", outcome="leader", periods=years, value=0.5)
    assert holds("steady", outcome="audit_budget", periods=years, value=0.3)
    period = ((0, 3),)
    assert holds("above", outcome="leader", minus="capability", periods=period, value=0)
    assert not holds("above", outcome="capability", minus="leader", periods=period, value=0)


# ---- a claim, and mistakes in it ----

GOOD = {
    "id": "C99",
    "title": "Control helps",
    "argument": "Who watches sees more.",
    "held_by": "those who watch",
    "mechanism": "control",
    "equations": ["7.5 Catching"],
    "look_at": "the first try",
    "neutral": "nobody watches",
    "found": "shown",
    "shown": [
        {"says": "more is held", "outcome": "no_takeover", "rises": ["none", "control"]},
        {"says": "more is caught", "outcome": "catch_rate", "during": [0, 9], "above": 0.1}
        | {"under": "control"},
    ],
    "vanishes": [{"says": "nothing", "same": ["none", "none"]}],
}


def claim(**changes):
    policies = {"none": {}, "control": {"oversight": {"control": True}}}
    table = {key: value for key, value in (GOOD | changes).items() if value is not None}
    return read_claim(rs.parse(nested(SMALL) | {"policies": policies, "claim": table}))


@pytest.mark.skipif(INTERPRETED, reason="too slow uncompiled")
def test_the_text_of_a_claim_has_its_numbers_in_80_columns():
    trial = put_to_test(claim(title="Control helps " * 9))
    text = trial.text()
    assert max(map(len, text.splitlines())) <= 80
    assert text.endswith("C99: shown") and "worlds of none that differ from none" in text


@pytest.mark.skipif(INTERPRETED, reason="too slow uncompiled")
def test_a_claim_that_is_not_shown_gives_the_reason_and_other_patterns():
    falls = [{"says": "less is held", "outcome": "no_takeover", "falls": ["none", "control"]}]
    reported = {"found": "not shown", "because": "Watching helps.", "besides": GOOD["shown"]}
    trial = put_to_test(claim(shown=falls, **reported))
    assert trial.verdict == "not shown" and trial.as_reported
    text = trial.text()
    assert "NOT SEEN" in text and text.endswith("Watching helps.")
    wrong = put_to_test(claim(shown=falls))
    assert not wrong.as_reported and "Its file reports: shown." in wrong.text()


MISTAKES = [
    ({"titel": "x"}, "titel: unknown key; the nearest is 'title'"),
    ({"title": None}, 'title: found "nothing"; allowed is a text'),
    ({"found": "perhaps"}, 'found: found "perhaps"; allowed are shown and not shown'),
    ({"because": " "}, 'because: found " "; allowed is a text'),
    ({"equations": ["7.5 Catchin"]}, "no section \"7.5 Catchin\"; the nearest is '7.5 Catching'"),
    ({"figure": "crossings"}, "figure: crossings: found nothing to draw; name one threshold"),
    ({"figure": {"months": []}}, "figure: months: found nothing to draw; name one outcome"),
    ({"figure": {"crossings": ["zz"]}}, 'figure: unknown threshold "zz"; the nearest is'),
    ({"figure": {"visible_signal": ["zz"]}}, 'figure: unknown policy "zz"; the nearest is'),
    (
        {"figure": {"visible_signal": ["none", "control"]}},
        'visible_signal: found ["none", "control"]; allowed is one policy',
    ),
    ({"figure": {"outcomes": [["x"]]}}, 'figure: unknown outcome ["x"]; the nearest is'),
    ({"because": "so"}, "because: says why a claim is 'not shown', and is needed there alone"),
    ({"equations": []}, "equations: allowed is a list of sections"),
    ({"figure": "pie"}, 'figure: found "pie"; allowed are outcomes, months'),
    (
        {"figure": {"months": ["leder"]}},
        "figure: unknown outcome \"leder\"; the nearest is 'leader'",
    ),
    ({"shown": "x"}, 'shown: found "x"; allowed are tables [[claim.shown]]'),
    ({"shown": None}, "shown: missing"),
]
PATTERN_MISTAKES = [
    ({}, "found []; allowed is one of rises, falls"),
    ({"rises": ["none"]}, 'rises: found ["none"]; allowed are names of policies, 2 at least'),
    ({"rises": ["none", "contrl"]}, "rises: no policy \"contrl\"; the nearest is 'control'"),
    ({"above": 0.5, "under": "nobody"}, "above: no policy \"nobody\"; the nearest is 'none'"),
    ({"above": "x", "under": "none"}, 'above: found "x"; allowed is a finite number'),
    ({"alike": ["none", "control"], "within": -1}, "within: found -1; allowed is 0 or more"),
    ({"outcome": ["x"], "above": 1, "under": "none"}, 'outcome: no outcome ["x"] of worlds'),
    ({"same": ["none", "none"], "apart_from": [3]}, "apart_from: no variable 3; the nearest is"),
    ({"same": ["none", "none"], "apart_from": 3}, "apart_from: found 3; allowed is a list"),
    ({"alike": ["none", "control"]}, "within: missing"),
    (
        {"grows": ["none"], "outcome": "leader"},
        'during: found "nothing"; allowed is a list of pairs',
    ),
    ({"rises": ["none", "control"], "during": [0, 99]}, "allowed is a pair of months, 0 to 39"),
    ({"rises": ["none", "control"], "outcome": "leader"}, 'no outcome "leader" of worlds'),
    ({"rises": ["none", "control"], "says": None}, "says: missing"),
    ({"rises": ["none", "control"], "than": 3}, "than: unknown key"),
]


@pytest.mark.parametrize(("changes", "line"), MISTAKES)
def test_a_mistake_in_a_claim_is_refused(changes, line):
    with pytest.raises(Refusal) as refused:
        claim(**changes)
    assert any(line in reason for reason in refused.value.lines), refused.value.lines


@pytest.mark.parametrize(("changes", "line"), PATTERN_MISTAKES)
def test_a_mistake_in_a_pattern_is_refused(changes, line):
    table = {"says": "x", "outcome": "no_takeover"} | changes
    pattern = {key: value for key, value in table.items() if value is not None}
    with pytest.raises(Refusal) as refused:
        claim(shown=[pattern])
    assert any(reason.startswith("scenario: claim: shown 1: ") for reason in refused.value.lines)
    assert any(line in reason for reason in refused.value.lines), refused.value.lines


def test_all_mistakes_come_at_once():
    with pytest.raises(Refusal) as refused:
        claim(title=None, found="perhaps", shown=[{"says": "x"}])
    assert len(refused.value.lines) >= 3


def test_a_scenario_without_a_claim_is_none():
    with pytest.raises(Refusal, match="a claim needs a table"):
        read_claim(rs.parse({}))
