"""Problems with a known answer: each function against a closed form or another library."""

import math

import numpy as np
import pytest
from scipy import stats

import regimesim as rs
from regimesim.errors import Refusal
from regimesim.model.compilation import INTERPRETED
from regimesim.scenario.calibration import SHIPPED
from regimesim.studies.validate.problems import (
    detection,
    limited_audits,
    nested,
    options,
    stacks,
    stopping,
    upfront_audit,
)
from regimesim.studies.validate.shapes import ratio

pytestmark = pytest.mark.skipif(INTERPRETED, reason="thousands of draws, too slow uncompiled")

FOUR_SIGMA = 4.0


def assert_share(count, n, probability):
    """`count` of `n` is what `probability` lets expect, within four standard errors."""
    error = FOUR_SIGMA * math.sqrt(probability * (1 - probability) / n)
    assert abs(count / n - probability) <= error


# ---- nested oversight ----

GUARD, HOUDINI = nested.Line(1.2, -100), nested.Line(0.7, 400, ceiling=1500)


@pytest.mark.parametrize("steps", [1, 2, 7])
def test_nested_success_is_the_product_over_its_steps(steps):
    wanted = 1.0
    for k in range(steps):
        guard = 1.2 * (1000 + 300 * k / steps) - 100
        houdini = min(0.7 * (1000 + 300 * (k + 1) / steps) + 400, 1500)
        wanted *= 1 / (1 + 10 ** (-(guard - houdini) / 400))
    result = nested.nested_success(GUARD, HOUDINI, 1000, 300, steps)
    assert result == pytest.approx(wanted, rel=1e-12)


def test_a_guard_400_points_ahead_holds_ten_of_eleven_times():
    assert nested.step_success(1400, 1000) == pytest.approx(10 / 11)
    assert nested.step_success(1000, 1000) == pytest.approx(1 / 2)


def test_the_best_nesting_is_no_worse_than_any_other():
    guard, houdini = nested.Line(1, 300), nested.Line(1, 0)
    best = nested.best_nesting(guard, houdini, 1000, 2000, most=60)
    all_ = [nested.nested_success(guard, houdini, 1000, 2000, n) for n in range(1, 61)]
    assert best.success == max(all_) and all_[best.steps - 1] == best.success
    assert 1 < best.steps < 60


# ---- detection curves ----


@pytest.mark.parametrize("strength", [0.0, 0.7, 1.6, 4.0])
@pytest.mark.parametrize("rate", [0.001, 0.05, 0.6])
def test_points_of_operation_lie_on_their_curves(strength, rate):
    wanted = stats.norm.sf(stats.norm.isf(rate) - strength)
    assert detection.true_positive_rate(rate, strength) == pytest.approx(wanted, rel=1e-9)
    odds = rate / (1 - rate) * math.exp(1.6 * strength)
    result = detection.true_positive_rate(rate, strength, "logistic")
    assert result == pytest.approx(odds / (1 + odds), rel=1e-12)


@pytest.mark.parametrize("strength", [0.5, 1.6, 5.0])
def test_areas_under_the_curves_equal_closed_forms(strength):
    area = stats.norm.cdf(strength / math.sqrt(2))
    assert detection.auroc_of(strength) == pytest.approx(area, abs=1e-8)
    k = math.exp(1.6 * strength)  # of the odds; the area is k/(k − 1) − k·ln k/(k − 1)²
    area = k / (k - 1) - k * math.log(k) / (k - 1) ** 2
    assert detection.auroc_of(strength, "logistic") == pytest.approx(area, abs=1e-8)


@pytest.mark.parametrize("curve", detection.LOG_MISS)
@pytest.mark.parametrize("auroc", [0.5, 0.62, 0.87, 0.995])
def test_strength_and_area_are_inverse_functions(curve, auroc):
    strength = detection.strength_of(auroc, curve)
    assert detection.auroc_of(strength, curve) == pytest.approx(auroc, abs=1e-7)


# ---- upfront auditing ----

GAME = upfront_audit.audit_game(200, 0.1, 0.4)


@pytest.mark.parametrize("rate", [0.0, 0.003, 0.02, 1.0])
def test_the_attacker_wins_with_the_probability_of_the_closed_form(rate):
    wanted = (1 - rate) ** 20 * (1 - (1 - 0.4 * rate) ** 180)
    assert GAME.attacker_wins(rate) == pytest.approx(wanted, rel=1e-12, abs=1e-12)
    played = upfront_audit.play(GAME, rate, 4000, seed=5)
    assert_share(played.estimate * 4000, 4000, wanted)


def test_the_best_attack_beats_every_rate_on_a_grid():
    best = upfront_audit.best_attack(GAME)
    rates = np.linspace(0, 0.2, 2001)
    wins = (1 - rates) ** 20 * (1 - (1 - 0.4 * rates) ** 180)
    assert best.rate == pytest.approx(rates[wins.argmax()], abs=1e-4)
    assert wins.max() <= best.wins <= wins.max() + 1e-6


def test_a_seed_determines_the_games():
    played = [upfront_audit.play(GAME, 0.02, 500, seed=seed) for seed in (1, 1, 2)]
    assert played[0] == played[1] != played[2]


def test_without_audits_one_attempt_with_a_certain_backdoor_wins():
    game = upfront_audit.audit_game(50, 0, 1)
    assert upfront_audit.play(game, 1.0, 100).estimate == 1.0
    assert upfront_audit.play(upfront_audit.audit_game(50, 1, 1), 0.5, 100).estimate == 0.0


# ---- stacks ----


@pytest.mark.parametrize("common_cause", [0, 0.35, 1])
def test_drawn_stacks_miss_together_with_the_probability_of_the_formula(common_cause):
    misses, n = [0.6, 0.3, 0.1], 30_000
    wanted = 0.1**common_cause * (0.6 * 0.3 * 0.1) ** (1 - common_cause)
    assert stacks.joint_miss(misses, common_cause) == pytest.approx(wanted, rel=1e-12)
    missed = stacks.drawn_misses(misses, common_cause, n, seed=4)
    assert missed.shape == (n, 3)
    assert_share(missed.all(axis=1).sum(), n, wanted)
    for column, miss in zip(missed.T, misses, strict=True):
        assert_share(column.sum(), n, miss)


def test_one_safeguard_misses_with_its_own_probability():
    assert_share(stacks.drawn_misses([0.4], 0.5, 20_000).sum(), 20_000, 0.4)
    assert not stacks.drawn_misses([0.9, 0.0], 0.5, 500).all(axis=1).any()
    assert stacks.joint_miss([0.9, 0.0], 0.5) == 0.0


# ---- options ----


@pytest.mark.parametrize("count", [1, 2, 7, 40])
@pytest.mark.parametrize("chance", [1.0, 0.3])
def test_power_serves_the_share_of_goals_of_the_closed_form(count, chance):
    # Of uniform draws u: P(u_0 < p·max) = E[p·max of the others] = p·(k − 1)/k.
    even, n = options.drawn_break_evens(count, 20_000, seed=3), 20_000
    assert ((even > 0) & (even <= 1)).all()
    assert_share((even < chance).sum(), n, chance * (1 - 1 / count))


# ---- stopping ----


@pytest.mark.parametrize("kept", [0.5, 0.9, 0.99])
def test_the_best_month_has_the_greatest_discounted_advantage(kept):
    advantage = np.random.default_rng(3).normal(-1, 1, 60).cumsum() * 0.1
    advantage[20:] += np.linspace(0, 4, 40)
    discounted = kept ** np.arange(60) * advantage
    assert stopping.best_month(advantage, kept) == int(discounted.argmax())


@pytest.mark.parametrize(
    "problem",
    [
        stopping.Stopping(9, 6, 15),
        stopping.Stopping(15, 2.5, 40, caught_value=0.4, constraint=0.1),
    ],
)
def test_the_strike_and_the_exact_solution_are_the_best_month_of_all(problem):
    def satisfaction(share):
        return math.expm1(-share / 0.8) / math.expm1(-1 / 0.8)

    gain = math.exp(-6 / 50) * (1 - satisfaction(0.5))
    loss = satisfaction(0.5) - satisfaction(0.5 * problem.caught_value)
    months = np.arange(2000)
    capability = -10 + (months + 1) / problem.doubling_time
    success = 1 / (1 + np.exp(-problem.slope * (capability - problem.difficulty)))
    advantage = success * gain - (1 - success) * loss - problem.constraint
    best = int((np.exp(-months / problem.lifetime) * advantage).argmax())
    assert 0 < best < problem.months
    assert problem.exact_month() == problem.strike_month() == best
    assert problem.success(best) == pytest.approx(success[best], rel=1e-9)


def test_several_systems_strike_in_the_exact_month_only_if_they_count_on_nobody():
    alone, counting = (stopping.Stopping(12, 3, 60, systems=3, coordination=k) for k in (0, 0.5))
    assert alone.strike_month() == alone.exact_month()
    assert counting.strike_month() < alone.exact_month()


def test_a_problem_without_a_strike_is_refused():
    with pytest.raises(Refusal, match="no system strikes within 90 months"):
        stopping.Stopping(9, 6, 15, caught_value=0.4, constraint=2).strike_month()
    with pytest.raises(Refusal, match="no value in any month"):
        stopping.Stopping(9, 6, 15, constraint=2).exact_month()


# ---- ratios ----


def test_the_interval_of_a_ratio_has_its_coverage():
    rng, n, covered = np.random.default_rng(1), 400, 0
    for _ in range(n):
        bottom = rng.poisson(200, 20)
        result = ratio(rng.poisson(60, 20), bottom, 0.95)
        covered += result.low <= 0.3 <= result.high
    assert_share(covered, n, 0.95)


def test_the_interval_of_a_ratio_without_events_is_that_of_a_poisson_count():
    result = ratio(np.zeros(20), np.full(20, 50.0), 0.95)
    assert (result.estimate, result.low) == (0.0, 0.0)
    assert stats.poisson.cdf(0, 1000 * result.high) == pytest.approx(0.025)
    assert ratio(np.ones(20), np.zeros(20)).estimate is None


# ---- calibration of any file ----

HEADER = "model,release_date,published_file_version,is_sota,p50_min,p80_min\n"


@pytest.fixture
def horizons(tmp_path):
    """Seven models half a year apart: p50 doubles in 200 days, p80 in 100; two set no record."""
    rows = [
        f"m{k},{2020 + k // 2}-0{1 + 6 * (k % 2)}-01,v{k % 2},{int(k not in (2, 5))},"
        f"{2 ** (k * 0.9):.6f},{2 ** (k * 1.8) / 64 if k != 3 else ''}\n"
        for k in range(7)
    ]
    path = tmp_path / "mine.csv"
    path.write_text(HEADER + "".join(rows))
    return path


def line_of(path, column, keep):
    """Doubling days of an ordinary regression through the kept rows of a file."""
    days, levels = [], []
    for k, line in enumerate(path.read_text().splitlines()[1:]):
        cells = line.split(",")
        if k in keep:
            days.append(np.datetime64(cells[1]).astype(int))
            levels.append(math.log2(float(cells[column])))
    return 1 / stats.linregress(days, levels).slope


@pytest.mark.parametrize(
    ("choice", "column", "keep"),
    [
        ({}, 4, {0, 1, 3, 4, 6}),
        ({"records": False}, 4, set(range(7))),
        ({"quantile": "p80"}, 5, {0, 1, 4, 6}),
        ({"since": 2020.4, "until": 2022.4}, 4, {1, 3, 4}),
        ({"until": 2022.9, "records": False, "quantile": "p80"}, 5, {0, 1, 2, 4, 5}),
        ({"version": "v0"}, 4, {0, 4, 6}),
        ({"longest": 30}, 4, {0, 1, 3, 4}),
    ],
)
def test_a_fit_uses_the_chosen_horizons_of_a_file(horizons, choice, column, keep):
    growth = rs.calibrate(horizons, **choice)
    assert growth.n == len(keep)
    assert growth.doubling_days == pytest.approx(line_of(horizons, column, keep))


def test_the_shipped_measurements_are_fitted_without_a_file():
    assert rs.calibrate(since=2023).doubling_days == pytest.approx(128.744, abs=0.001)
    sentence = r"column model: found \".*\" 2 times; allowed is once a version: choose one of "
    with pytest.raises(
        Refusal, match=sentence + r'column published_file_version, "1\.0" or "1\.1"$'
    ):
        rs.calibrate(SHIPPED)
    assert rs.calibrate(SHIPPED, version="1.1").n == 17


def test_a_model_that_is_measured_twice_in_one_version_is_refused(tmp_path):
    path = tmp_path / "twice.csv"
    path.write_text(HEADER + "a,2024-01-01,1,1,4,\n" * 2 + "b,2025-01-01,1,1,8,\n")
    for version in (None, "1"):
        with pytest.raises(Refusal, match=r'column model: found "a" 2 times; allowed is once$'):
            rs.calibrate(path, version=version)


def test_a_bad_file_of_horizons_is_one_sentence(tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text(HEADER + "a,2024-01-01,1,1,soon,\n")
    with pytest.raises(Refusal) as refusal:
        rs.calibrate(path, quantile="p80")
    assert refusal.value.lines == (
        f'{path}, line 2: p50_min is "soon"; allowed is a number of minutes above 0',
    )


# ---- what cannot be asked ----


@pytest.mark.parametrize(
    ("call", "sentences"),
    [
        (lambda: rs.calibrate(quantile="p08"), ["quantile: found \"p08\"; the nearest is 'p80'"]),
        (
            lambda: rs.calibrate(since="now", until=math.nan),
            ['since: found "now"; allowed is a year, such as 2023.5', "until: found nan; allowed"],
        ),
        (lambda: rs.calibrate(since=2024, until=2024.01), ["since 2024 until 2024.01 finds 0"]),
        (lambda: detection.strength_of(0.3), ["auroc: found 0.3; allowed is 0.5 to 0.9999"]),
        (lambda: detection.auroc_of(1, "bnormal"), ['curve: found "bnormal"; the nearest is']),
        (lambda: detection.true_positive_rate(2, -1), ["false_positive_rate: ", "strength: "]),
        (lambda: nested.nested_success(GUARD, HOUDINI, 1, 1, 0), ["steps: found 0; allowed is 1"]),
        (lambda: nested.best_nesting(GUARD, HOUDINI, 1, 1, 1.5), ["most: found 1.5; allowed is"]),
        (lambda: upfront_audit.audit_game(10, 2, "x"), ["audited_share: found 2", 'found "x"']),
        (lambda: upfront_audit.play(GAME, 0.1, 0), ["games: found 0; allowed is 1 to 1e+07"]),
        (lambda: stacks.joint_miss([0.1] * 4, 0), ["misses: found 4 safeguards"]),
        (
            lambda: stacks.drawn_exponent(0.1, 0, 50),
            ["attempts: found 50, in none of which all 3 safeguards miss; needed"],
        ),
        (lambda: stacks.drawn_misses([0.1, 2], 3, 1), ["common_cause: found 3", "misses[1]: "]),
        (lambda: options.drawn_break_evens(0, 0), ["options: found 0", "goals: found 0"]),
        (
            lambda: stopping.Stopping(1.5, 1, 1).exact_month(),
            ["doubling_time: found 1.5; allowed"],
        ),
        (lambda: stopping.Stopping(500, 1, 1).exact_month(), ["doubling_time: found 500"]),
    ],
)
def test_every_unusable_argument_is_refused_in_a_sentence(call, sentences):
    with pytest.raises(Refusal) as refusal:
        call()
    assert len(refusal.value.lines) == len(sentences)
    for line, sentence in zip(refusal.value.lines, sentences, strict=True):
        assert sentence in line


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (nested.Line(math.nan, 0), "guard.slope: found nan"),
        (nested.Line(1, math.inf), "guard.intercept: found inf"),
        (nested.Line(1, 0, 5, 3), "guard.floor: found 5; allowed is -inf to 3"),
    ],
)
def test_an_impossible_line_of_ratings_is_refused(line, sentence):
    with pytest.raises(Refusal) as refusal:
        nested.best_nesting(line, nested.Line(1, 0), 1000, 400)
    assert sentence in str(refusal.value)


def test_a_detector_without_alarms_has_no_true_positives():
    assert math.copysign(1, detection.true_positive_rate(0, 1)) == 1


# ---- audits that run out ----


@pytest.mark.parametrize(("months", "audits"), [(1, 1), (2, 1), (5, 3), (7, 2)])
def test_a_game_of_limited_audits_has_the_value_of_dresher(months, audits):
    plans = sum(math.comb(months, k) for k in range(audits + 1))
    wanted = -math.comb(months - 1, audits) / plans
    game = limited_audits.LimitedAudits(months, audits)
    assert game.value_by_month() == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize("is_blind", [False, True])
def test_no_plan_does_better_against_the_mixtures_of_limited_audits(is_blind):
    game = limited_audits.LimitedAudits(4, 1, is_blind)
    saddle = game.saddle()
    assert saddle.is_saddle and len(saddle.rows) > 1
    audits, attacks = game.best_audits(saddle.columns), game.best_attacks(saddle.rows)
    gained = sum(p * game.payoff(audits, plan) for plan, p in saddle.columns)
    lost = sum(p * game.payoff(plan, attacks) for plan, p in saddle.rows)
    assert gained == pytest.approx(lost, abs=1e-9)
    assert gained == pytest.approx(-0.5 if is_blind else -0.6, abs=1e-9)


def test_an_attacker_who_waits_attacks_when_audits_are_spent():
    game = limited_audits.LimitedAudits(3, 1)
    spent_early = (True, False, False)
    attacks = game.best_attacks([(spent_early, 1.0)])
    assert game.payoff(spent_early, attacks) == limited_audits.MISSED


@pytest.mark.parametrize(("months", "audits"), [(0, 0), (3, 4), (13, 1), (2.5, 1), (True, 1)])
def test_a_game_of_limited_audits_refuses_other_numbers(months, audits):
    with pytest.raises(Refusal, match=r"months|audits"):
        limited_audits.LimitedAudits(months, audits)
