"""Estimates by integration over the draws that decide attempts: right on average, as narrow as
they say, and chosen for all neighbours at once."""

from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from scipy.special import expit
from synthetic_run import make_run

import regimesim as rs
from regimesim.analysis.conditional import (
    FEWEST,
    FIELDS,
    Linear,
    Moments,
    Reported,
    difference,
    equivalent_worlds,
    is_narrower,
    moments,
    score_interval,
)
from regimesim.analysis.estimand_table import (
    CONDITIONAL,
    ESTIMANDS,
    FOLLOWS,
    SCORED,
    UNCOUNTED,
    WITHIN,
)
from regimesim.analysis.estimands import caught_by, counted, estimate, estimates, reported, values
from regimesim.analysis.estimates import (
    NOTHING,
    Estimate,
    exact_interval,
    mean,
    proportion,
    proportion_difference,
)
from regimesim.analysis.exact_sums import (
    LONG,
    parts,
    products_of_parts,
    sum_of_products,
    sum_of_squares,
    whole_numbers,
)
from regimesim.analysis.formatting import narrowing, percent
from regimesim.analysis.outcome import read_outcome
from regimesim.analysis.pairs import pairs
from regimesim.analysis.present_worlds import rows_of
from regimesim.analysis.summary import summarise
from regimesim.results.report.blocks import Section, render
from regimesim.results.report.tables import VERDICT, thresholds_table, verdict_table
from regimesim.studies.claims.outcomes import WORLD_OUTCOMES
from regimesim.studies.run.text import text

SCENARIOS = Path(__file__).parents[2] / "scenarios"
SIGMAS = 4.5
RARE = 12  # worlds with something so rare that the spread between worlds does not tell of it
VARIED = {
    "fixed_assumptions": ("control", "dense_feedback", "hold_faithful_cot"),
    "sparse_feedback": None,
    "feints": None,
    "paradigm_ladder": None,
}


@pytest.fixture(scope="module")
def runs():
    """The worlds of four scenarios, some policies of each."""
    found = {}
    for name, policies in VARIED.items():
        scenario = rs.load(SCENARIOS / f"{name}.toml").override({"worlds": 600})
        scenario = scenario.choose(policies or list(scenario.policies)[:2])
        found[name] = rs.run(scenario).worlds
    return found


def test_every_estimand_but_costs_can_be_integrated_and_everything_expected_is_used():
    counted_alone = set(ESTIMANDS) - set(CONDITIONAL)
    assert counted_alone == {
        *("growth_lost", "audited", "months_paused_a_year", "false_alarms_a_year")
    }
    used = {part for ratio in CONDITIONAL.values() for part in ratio}
    assert used - {None} == set(FIELDS)


@pytest.mark.parametrize("name", VARIED)
def test_what_is_expected_is_right_on_average(runs, name):
    """World by world, what was counted minus what is expected is zero but for luck."""
    worlds = runs[name]
    for policy in map(str, worlds["policy"].values):
        rows = rows_of(worlds, policy)
        for estimand, ratio in CONDITIONAL.items():
            if estimand in UNCOUNTED:
                continue
            drawn = np.nan_to_num(values(worlds, policy, estimand))
            apart = drawn - ratio.above(rows)
            error = apart.std(ddof=1) / np.sqrt(apart.size)
            largest = max(1.0, np.abs(drawn).max(), -np.log(1e-6) * ("log" in estimand))
            allowed = SIGMAS * error + RARE * largest / apart.size
            assert abs(apart.mean()) < allowed, (policy, estimand, apart.mean(), error)


@pytest.mark.parametrize("name", VARIED)
def test_reported_is_the_narrower_of_two_intervals_of_the_estimand_that_chooses(runs, name):
    worlds = runs[name]
    integrated = 0
    for policy in map(str, worlds["policy"].values):
        for estimand in ESTIMANDS:
            found = reported(worlds, policy, estimand)
            assert found.counted == counted(worlds, policy, estimand)
            assert found.interval_estimate == estimate(worlds, policy, estimand)
            if found.by == "counts":
                assert found.equivalent_worlds is None and found.interval_estimate == found.counted
                continue
            integrated += 1
            if estimand in UNCOUNTED:
                assert found.counted == NOTHING and found.equivalent_worlds is None
                continue
            width, other = found.high - found.low, found.counted.high - found.counted.low
            assert found.n == found.counted.n
            assert width < other or FOLLOWS[estimand] != estimand
            assert found.equivalent_worlds == pytest.approx((other / width) ** 2)
            least, most = WITHIN[estimand]
            assert least <= found.low <= found.estimate <= found.high <= most
            ratio, rows = CONDITIONAL[estimand], rows_of(worlds, policy)
            above = ratio.above(rows)
            below = len(above) if ratio.over is None else rows[ratio.over].sum()
            expected = above.sum() / below
            assert found.estimate == pytest.approx(np.clip(expected, least, most))
    assert integrated > 0


@pytest.mark.parametrize("name", VARIED)
def test_neighbours_have_one_estimator(runs, name):
    """The gap is belief minus truth, the truth is the share held, and tries held are some of
    all tries, on every page."""
    worlds = runs[name]
    for policy in map(str, worlds["policy"].values):
        one = {estimand: reported(worlds, policy, estimand) for estimand in ESTIMANDS}
        for estimand, leader in FOLLOWS.items():
            assert one[estimand].by == one[leader].by
        if one["held_first_critical_try"].n:
            believed, true = one["believed_catch_rate"].estimate, one["true_catch_rate"].estimate
            assert one["evidence_gap"].estimate == pytest.approx(believed - true, abs=1e-9)
        if one["held_first_critical_try"].by == "integration":
            assert true == pytest.approx(one["held_first_critical_try"].estimate)
        assert one["critical_tries_held"].estimate <= one["critical_tries"].estimate


def test_everything_on_a_page_says_the_same_of_the_share_held(runs):
    """The verdict, the first of the tries, the safeguard that catches alone, and the pairs."""
    worlds = runs["fixed_assumptions"].sel(policy=["control", "dense_feedback"])
    summary = summarise(worlds)
    control, dense = (summary["policies"][name] for name in ("control", "dense_feedback"))
    held = control["held_first_critical_try"]
    assert held["by"] == "integration" and held["estimate"] != held["counted"]["estimate"]
    first, *later = control["survival_against_tries"]
    assert [first[end] for end in ("survived", "low", "high")] == [
        held[end] for end in ("estimate", "low", "high")
    ]
    assert first["counted"]["estimate"] == pytest.approx(held["counted"]["estimate"])
    assert all(row["survived"] <= first["survived"] for row in later)
    only = caught_by(worlds, "control")["control"]
    assert only["caught"].estimate == only["alone"].estimate == held["estimate"]
    pair = summary["paired"]["control vs dense_feedback"]["held_first_critical_try"]
    apart = held["estimate"] - dense["held_first_critical_try"]["estimate"]
    assert pair["by"] == "integration" and pair["estimate"] == pytest.approx(apart, abs=1e-6)
    table = thresholds_table(summary, "2026-01")[0]
    lost = percent(1 - control["no_takeover"]["estimate"])
    assert table.rows[0][-1].small[-1] == f"{lost} % of worlds"


def test_a_run_without_what_is_expected_is_counted(runs):
    worlds = runs["fixed_assumptions"]
    older = worlds.drop_vars(FIELDS)
    for estimand in ESTIMANDS:
        found = reported(older, "control", estimand)
        assert found == Reported.of(counted(worlds, "control", estimand))
        assert found.by == "counts"
    assert set(pairs(older)["by"]) == {"counts"}
    assert reported(make_run(("a",), worlds=40)[0], "a", "no_takeover").by == "counts"


def test_the_tables_and_the_summary_say_the_same(runs):
    worlds = runs["fixed_assumptions"]
    table, summary = estimates(worlds), summarise(worlds)
    assert list(table)[2:8] == ["estimate", "low", "high", "n", "by", "worth"]
    assert set(table["by"]) == {"integration", "counts"}
    for _, line in table.iterrows():
        kept = dict(summary["policies"][line.policy][line.estimand])
        for name, value in kept.pop("counted").items():
            assert line[f"counted_{name}"] == value or value is None
        for name, value in kept.items():
            assert line[name] == value or value is None
    times = narrowing(summary, ESTIMANDS)
    assert times == sorted(times) and len(times) == table["worth"].notna().sum()
    verdict = Section("The verdict", verdict_table(summary), "verdict")
    page = render("a run", [], [verdict], links=False)
    assert f"{len(times)} of the {len(table)} estimates" in page
    on_page = table[table["estimand"].isin(list(VERDICT))]
    marked = (on_page["by"] == "integration").sum()
    assert 0 < marked == page.count("<sup>*</sup>") == page.count(">counted ")


def test_tries_that_come_or_do_not_make_a_plain_mean():
    """Where w is 0 or 1, the ratio is the mean over the worlds with 1, and so is its error."""
    rng = np.random.default_rng(1)
    came = (rng.random(200) < 0.4).astype(float)
    gap = rng.normal(0, 0.1, 200)
    found = Moments.of(gap * came, came)
    plain = mean(gap[came == 1])
    assert found.worlds == pytest.approx(came.sum())
    seen = gap[came == 1].min(), gap[came == 1].max()
    assert found.interval((-np.inf, np.inf), seen=seen) == pytest.approx(plain[:3])


def test_shares_of_zeros_and_ones_are_known_as_exactly_as_by_counts():
    """Nothing is gained where nothing is left to be integrated over."""
    rng = np.random.default_rng(2)
    drawn = (rng.random(400) < 0.1).astype(float)
    by_counts = proportion(drawn)
    _, low, high = Moments.of(drawn, np.ones(400)).interval((0.0, 1.0))
    assert low < by_counts.low and high > by_counts.high
    assert not is_narrower(by_counts, (drawn.mean(), low, high))


def test_a_class_of_worlds_too_rare_to_be_met_is_left_room():
    tiny = 1e-6 * np.random.default_rng(3).random(200)
    _, low, high = Moments.of(tiny, np.ones(200)).interval((0.0, 1.0))
    assert low == pytest.approx(0, abs=1e-6)
    assert high >= exact_interval(0, 200)[1] * (1 - 1e-6)


def test_few_worlds_and_few_events_have_no_integrated_interval():
    ones = np.ones(FEWEST - 1)
    assert np.isnan(Moments.of(0.5 * ones, ones).interval((0.0, 1.0))).all()
    enough = Moments.of(np.linspace(0, 2, 60), np.ones(60))
    assert np.isfinite(enough.interval((0.0, np.inf), seen=(0, 2))).all()
    nothing = Moments.of(np.zeros(9), np.zeros(9))
    assert nothing.worlds == 0 and np.isnan(nothing.interval((0.0, 1.0))).all()


def test_counts_that_are_alike_in_all_worlds_may_be_one_more_in_others():
    alike = Moments.of(np.full(90, 1.5), np.ones(90)).interval((0.0, np.inf), seen=(1, 1))
    unseen = exact_interval(0, 90)[1]
    assert alike == pytest.approx((1.5, 1.5 * (1 - unseen), 1.5 + 0.5 * unseen))
    unbounded = Moments.of(np.full(90, 1.5), np.ones(90)).interval((-np.inf, np.inf), seen=(1, 1))
    assert unbounded[0] == 1.5 and np.isnan(unbounded[1:]).all()


def test_a_mean_of_zeros_and_ones_is_never_known_less_for_being_certain():
    """An interval from 0.03 to 1 was reported for a share of 1 in every world."""
    ones = np.ones(200)
    for certain in (ones, 1 - 1e-12 * ones):
        _, low, high = Moments.of(certain, ones).interval((0.0, 1.0))
        assert low == pytest.approx(1 - exact_interval(0, 200)[1]) and high <= 1


def test_worth_is_the_ratio_of_widths_squared():
    assert equivalent_worlds((0.5, 0.4, 0.6), (0.5, 0.45, 0.55)) == pytest.approx(4)
    assert equivalent_worlds((0.5, 0.4, 0.6), (0.5, 0.3, 0.7)) == pytest.approx(0.25)
    assert np.isnan(equivalent_worlds((0.5, 0.4, 0.6), (0.5, np.nan, np.nan)))
    assert Reported.of(Estimate(None, None, None, 0)).estimate is None


def hazards(rng, kind, share, shape):
    """Probabilities of which the mean is `share`."""
    if kind == "beta":
        return rng.beta(share, 1 - share, shape)
    if kind == "wide":  # by its own mean, of which `middle` is told
        return expit(-4 + 3 * rng.standard_normal(shape))
    certain = rng.random(shape) < share  # in a rare class of worlds it is certain
    return np.where(certain, 1.0, 1e-6 * rng.random(shape))


def share_of(kind, share):
    if kind != "wide":
        return share
    x = np.linspace(-9, 9, 20_001)
    return float(np.average(expit(-4 + 3 * x), weights=stats.norm.pdf(x)))


@pytest.mark.parametrize("kind", ["beta", "wide", "class"])
@pytest.mark.parametrize("share", [0.003, 0.05, 0.5, 0.95])
@pytest.mark.parametrize("n", [50, 200, 1000])
def test_the_interval_of_a_share_that_is_reported_covers(kind, share, n):
    """The choice of the narrower interval included."""
    rng, runs = np.random.default_rng(4), 800
    chance = hazards(rng, kind, share, (runs, n))
    count = (rng.random(chance.shape) < chance).sum(axis=1)
    ends = exact_interval(count, n)
    middle = chance.mean(axis=1)
    spread = ((chance - middle[:, None]) ** 2).sum(axis=1)
    found = Moments.from_sums(middle, float(n), float(n), spread).interval((0.0, 1.0))
    by_counts = ~is_narrower((count / n, *ends), found)
    low, high = (np.where(by_counts, a, b) for a, b in zip(ends, found[1:], strict=True))
    truth = share_of(kind, share)
    hits = int(((low <= truth) & (truth <= high)).sum())
    assert stats.binomtest(hits, runs, 0.95, alternative="less").pvalue > 1e-3, hits / runs


@pytest.mark.parametrize("kind", ["beta", "class"])
@pytest.mark.parametrize("n", [50, 200, 1000])
def test_the_interval_of_a_share_of_tries_covers(kind, n):
    rng, runs, held = np.random.default_rng(5), 800, 0.8
    tried = hazards(rng, "beta", 0.3, (runs, n))
    chance = hazards(rng, kind, held, (runs, n))
    comes = rng.random(tried.shape) < tried
    count = (comes & (rng.random(tried.shape) < chance)).sum(axis=1)
    some = np.maximum(comes.sum(axis=1), 1)
    ends = exact_interval(count, some)
    middle = (tried * chance).sum(axis=1) / tried.sum(axis=1)
    spread = ((tried * (chance - middle[:, None])) ** 2).sum(axis=1)
    sums = tried.sum(axis=1), (tried**2).sum(axis=1)
    found = Moments.from_sums(middle, *sums, spread).interval((0.0, 1.0))
    by_counts = ~is_narrower((count / some, *ends), found)
    low, high = (np.where(by_counts, a, b) for a, b in zip(ends, found[1:], strict=True))
    hits = int(((low <= held) & (held <= high)).sum())
    assert stats.binomtest(hits, runs, 0.95, alternative="less").pvalue > 1e-3, hits / runs


@pytest.mark.parametrize("n", [50, 400])
@pytest.mark.parametrize("apart", [(0.5, 0.4), (0.02, 0.01), (0.97, 0.99)])
def test_the_interval_of_a_difference_covers(n, apart):
    rng, runs, hits = np.random.default_rng(6), 400, 0
    for _ in range(runs):
        luck = rng.standard_normal((2, n))
        alike = 0.9 * luck[0] + np.sqrt(0.19) * luck[1]
        first, second = (
            stats.beta.ppf(stats.norm.cdf(x), share, 1 - share)
            for x, share in zip((luck[0], alike), apart, strict=True)
        )
        draw = rng.random(n)
        by_counts = proportion_difference(draw < first, draw < second)
        ones = np.ones(n)
        expected = difference(Linear.of(first, ones), Linear.of(second, ones))
        found = Reported.of(by_counts, expected)
        hits += found.low <= apart[0] - apart[1] <= found.high
    assert stats.binomtest(hits, runs, 0.95, alternative="less").pvalue > 1e-3, hits / runs


def test_pairs_are_the_differences_of_what_is_reported(runs):
    worlds, policies = runs["fixed_assumptions"], ("dense_feedback", "hold_faithful_cot")
    table = pairs(worlds.sel(policy=list(policies))).set_index("estimand")
    assert table.loc["no_takeover", "by"] == "integration"
    assert table.loc["no_takeover", "worth"] > 1
    few = table.loc["held_first_critical_try"]
    assert few["by"] == "integration" and few["estimate"] == pytest.approx(
        np.subtract(*(reported(worlds, p, "held_first_critical_try").estimate for p in policies)),
        abs=1e-6,
    )
    ours, theirs = (reported(worlds, policy, "no_takeover") for policy in policies)
    assert {ours.by, theirs.by} == {"integration", "counts"}
    found = table.loc["no_takeover", "estimate"]
    assert found == pytest.approx(ours.estimate - theirs.estimate, abs=1e-6)


def test_a_score_leaves_open_what_the_share_held_leaves_open(runs):
    worlds = runs["fixed_assumptions"]
    rows = rows_of(worlds, "control")
    held = moments(rows, "held_first_critical_try")
    _, *shares = held.interval((0.0, 1.0))
    for estimand in SCORED:
        lost, kept = 2.0, 1.0
        _, low, high = score_interval(
            moments(rows, estimand), held, (lost, kept), (-np.inf, np.inf), seen=(0, 1)
        )
        ends = sorted(lost + (kept - lost) * share for share in shares)
        assert low <= ends[0] and high >= ends[1]


def test_products_of_parts_add_up_exactly():
    """Also of negative numbers, and of counts as large as there can be."""
    rng = np.random.default_rng(7)
    many = rng.integers(-(2**34), 2**51, (1, 1000))
    weights = rng.integers(0, 2**32, (1, 1000))
    squares = np.array([p.sum() for p in products_of_parts(many, LONG)])
    assert sum_of_squares(squares, LONG) == sum(int(k) ** 2 for k in many[0])
    products = np.array([(a * b).sum() for a in parts(many, LONG) for b in parts(weights)])
    expected = sum(int(a) * int(b) for a, b in zip(many[0], weights[0], strict=True))
    assert sum_of_products(products) == expected
    assert whole_numbers(np.array([[0.25, np.nan]]), [[True, False]], np.array([0.5])).sum() == 0


def test_the_verdict_says_that_it_integrates(runs):
    worlds = runs["fixed_assumptions"].sel(policy=["dense_feedback"])
    scenario = rs.load(SCENARIOS / "fixed_assumptions.toml")
    told = {}
    for name, dataset in {"new": worlds, "old": worlds.drop_vars(FIELDS)}.items():
        told[name] = text(summarise(dataset), scenario)
        assert max(map(len, told[name].splitlines())) <= 80
    assert "Conditional Monte Carlo" in told["new"] and "Conditional" not in told["old"]


@pytest.mark.parametrize("narrow", [1e-3, 1e-160, 1e-300, 5e-324])
def test_how_many_worlds_one_equals_is_finite_however_narrow_its_interval(narrow):
    """A square of the ratio itself overflows; warnings are errors here."""
    gained = float(equivalent_worlds((0.0, 0.0, 0.5), (0.0, 0.0, narrow)))
    assert 1 < gained < np.inf
    if narrow > 1e-150:
        assert gained == pytest.approx((0.5 / narrow) ** 2)


def test_an_interval_without_width_equals_no_number_of_worlds():
    assert np.isnan(equivalent_worlds((0.0, 0.0, 0.5), (0.0, 0.0, 0.0)))
    assert np.isnan(equivalent_worlds((0.0, 0.0, 0.5), (np.nan, np.nan, np.nan)))


def with_expectations(worlds, **rows):
    """Made-up worlds with what is expected in each: `rows`, and 0 of all else."""
    shape = (1, worlds.sizes["world"])
    expected = {name: np.broadcast_to(rows.get(name, 0.0), shape) for name in FIELDS}
    return worlds.assign({name: (("policy", "world"), row) for name, row in expected.items()})


def test_what_holds_and_loses_a_first_try_is_a_share_of_first_tries():
    """With the chance w of a try drawn apart from the parts, R is the parts' own mean."""
    rng = np.random.default_rng(5)
    n = 400
    chance = rng.choice([0.2, 0.9], n)
    lottery, attempts = rng.choice([0.1, 0.3], n), rng.choice([1.4, 1.6], n)
    worlds = with_expectations(
        make_run(("a",), worlds=n)[0],
        expected_first_try=chance,
        expected_by_lottery=chance * lottery,
        expected_by_skill=chance * (0.6 - 2 * lottery),
        expected_by_traps=chance * 0.1,
        expected_lost_to_recognition=chance * 0.05,
        expected_held=chance * (0.7 - lottery),
        expected_attempts=chance * attempts,
    )
    tried = int((~np.isnan(worlds["held_first_critical_try"])).sum())
    by_lottery = float((chance * lottery).sum() / chance.sum())
    expected = {
        "held_by_lottery": by_lottery,
        "held_by_skill": 0.6 - 2 * by_lottery,
        "held_by_traps": 0.1,
        "lost_to_recognition": 0.05,
        "lost_to_numbers": 0.0,
    }
    assert set(expected) == set(UNCOUNTED)
    held = 0.0
    for name, value in expected.items():
        found = reported(worlds, "a", name)
        assert found.estimate == pytest.approx(value) and found.n == tried
        assert found.low <= found.estimate <= found.high and found.by == "integration"
        assert found.counted == NOTHING and np.isnan(values(worlds, "a", name)).all()
        held += found.estimate * name.startswith("held")
    assert held == pytest.approx(float((chance * (0.7 - lottery)).sum() / chance.sum()))
    assert reported(worlds, "a", "held_by_lottery").high < 0.25
    found = reported(worlds, "a", "attempts_in_first_try")
    expected = float((chance * attempts).sum() / chance.sum())
    assert found.by == "integration" and found.estimate == pytest.approx(expected)
    drawn = worlds["attempts_in_first_try"].values
    assert found.counted.estimate == pytest.approx(np.nanmean(drawn))


def test_an_estimand_without_a_value_in_each_world_is_no_outcome_of_worlds():
    with pytest.raises(rs.Refusal, match="held_by_skill is known as an expectation alone"):
        read_outcome("held_by_skill")
    assert read_outcome("growth_lost").words and "held_by_skill" not in WORLD_OUTCOMES


def test_the_score_of_the_truth_is_that_of_the_foreseeable_rate():
    held = [[1.0, 0.0, 1.0, np.nan]]
    worlds, _ = make_run(
        ("a",),
        worlds=4,
        held_first_critical_try=held,
        believed_catch_rate=[[0.9, 0.9, 0.9, np.nan]],
        true_catch_rate=[[0.1, 0.1, 0.1, np.nan]],
        foreseeable_catch_rate=[[0.6, 0.5, 0.8, np.nan]],
    )
    of_truth = counted(worlds, "a", "brier_score_of_true_rate").estimate
    assert of_truth == pytest.approx((0.16 + 0.25 + 0.04) / 3)
    excess = counted(worlds, "a", "brier_excess").estimate
    assert excess == pytest.approx((0.01 + 0.81 + 0.01) / 3 - of_truth)
    logs = -np.mean(np.log([0.6, 0.5, 0.8]))
    assert counted(worlds, "a", "log_score_of_true_rate").estimate == pytest.approx(logs)
