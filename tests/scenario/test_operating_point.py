"""An operating point of a monitor gives its area or its slope, exactly."""

import math

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import expit, logit

import regimesim as rs
from regimesim.ensemble.parameter_sampling import columns, draw_parameters
from regimesim.model.oversight.detection import (
    audit_odds,
    audit_quantile,
    binormal_log_miss,
    logistic_log_miss,
    stretch,
)

PHI, QUANTILE = stats.norm.cdf, stats.norm.ppf
POINT = {"fpr": 0.01, "tpr": 0.55}
CASES = [(0.01, 0.55), (0.05, 0.4), (0.2, 0.9)]


def monitor(name="control", **table):
    """A monitor as it is read."""
    scenario = rs.parse({"oversight": {name: table}})
    return getattr(scenario.policies["scenario"].oversight, name)


def refused(name="control", **table) -> str:
    with pytest.raises(rs.Refusal) as caught:
        monitor(name, **table)
    (line,) = caught.value.lines
    return line


def looks(one, strength, audited) -> float:
    """What a look of the model catches."""
    if one.curve == "logistic":
        return -math.expm1(logistic_log_miss(audit_odds(audited, one.slope), strength, 1.0))
    quantile, stretched = audit_quantile(audited, one.slope), strength * stretch(one.slope)
    return -math.expm1(binormal_log_miss(quantile, stretched, 1.0))


def strength_of(one) -> float:
    """d′ of an area, by other means than those that are tested."""
    if one.curve == "binormal":
        return math.sqrt(2) * QUANTILE(one.auroc)
    return brentq(lambda d: _area(d, one.slope) - one.auroc, 0, 20, xtol=1e-12)


def _area(strength, slope) -> float:
    """Under a logistic curve."""
    catch = lambda alpha: expit(1.6 * strength + slope * logit(alpha))  # noqa: E731
    return quad(catch, 0, 1, epsabs=1e-11, limit=500)[0]


@pytest.mark.parametrize(("fpr", "tpr"), CASES)
def test_at_slope_1_the_area_has_a_closed_form(fpr, tpr):
    binormal = monitor(operating_point={"fpr": fpr, "tpr": tpr})
    d = QUANTILE(tpr) - QUANTILE(fpr)
    assert binormal.auroc == pytest.approx(PHI(d / math.sqrt(2)), abs=1e-11)
    logistic = monitor(operating_point={"fpr": fpr, "tpr": tpr}, curve="logistic")
    k = tpr / (1 - tpr) * (1 - fpr) / fpr
    exact = k / (k - 1) - k * math.log(k) / (k - 1) ** 2
    assert logistic.auroc == pytest.approx(exact, abs=1e-10)


@pytest.mark.parametrize(("fpr", "tpr"), CASES)
@pytest.mark.parametrize("slope", [0.61, 1.4])
@pytest.mark.parametrize("curve", ["binormal", "logistic"])
def test_with_a_slope_the_area_is_solved_and_the_curve_goes_through_the_point(
    curve, slope, fpr, tpr
):
    one = monitor(operating_point={"fpr": fpr, "tpr": tpr}, slope=slope, curve=curve)
    if curve == "binormal":
        exact = PHI((QUANTILE(tpr) - slope * QUANTILE(fpr)) / math.sqrt(1 + slope**2))
        assert one.auroc == pytest.approx(exact, abs=1e-11)
    assert looks(one, strength_of(one), fpr) == pytest.approx(tpr, abs=1e-6)


@pytest.mark.parametrize("curve", ["binormal", "logistic"])
def test_with_an_area_the_slope_is_solved(curve):
    for slope in (0.5, 0.9, 1.6):
        there = monitor(operating_point=POINT, slope=slope, curve=curve)
        back = monitor(operating_point=POINT, auroc=there.auroc, curve=curve)
        assert back.slope == pytest.approx(slope, abs=1e-9)


def test_the_binormal_slope_is_the_root_of_a_quadratic():
    x, y, u = QUANTILE(0.01), QUANTILE(0.55), QUANTILE(0.87)
    a, b, c = x * x - u * u, -2 * x * y, y * y - u * u
    roots = [(-b + s * math.sqrt(b * b - 4 * a * c)) / (2 * a) for s in (1, -1)]
    (slope,) = [root for root in roots if 0.1 < root < 3 and y - root * x > 0]
    assert monitor(operating_point=POINT, auroc=0.87).slope == pytest.approx(slope, abs=1e-10)


@pytest.mark.parametrize("name", ["cot_monitor", "interpretability"])
@pytest.mark.parametrize("curve", ["binormal", "logistic"])
def test_of_other_monitors_the_point_gives_the_strength(name, curve):
    one = monitor(name, operating_point=POINT, slope=0.7, curve=curve)
    assert looks(one, one.strength, 0.01) == pytest.approx(0.55, abs=1e-9)
    back = monitor(name, operating_point=POINT, strength=one.strength, curve=curve)
    assert back.slope == pytest.approx(0.7, abs=1e-9)


def test_a_run_gets_the_solved_numbers_and_says_them():
    scenario = rs.parse({"oversight": {"control": {"operating_point": POINT, "auroc": 0.87}}})
    tables = scenario.policies["scenario"]
    drawn, where = draw_parameters(tables, scenario.start, *np.zeros((2, 1), int)), columns(tables)
    assert drawn[0, where["oversight.control.slope"]] == tables.oversight.control.slope < 0.6
    written = scenario.resolved()["policies"]["scenario"]["oversight"]["control"]
    assert written["operating_point"] == POINT and written["slope"] < 0.6
    assert rs.parse(scenario.resolved()) == scenario


@pytest.mark.parametrize(
    ("table", "line"),
    [
        (
            {"operating_point": POINT, "auroc": 0.9, "slope": 1},
            "operating_point: found beside auroc and slope; it gives one of them, so leave one "
            "out",
        ),
        (
            {"operating_point": POINT, "auroc": 0.55},
            "operating_point: with auroc = 0.55 no slope from 0.1 to 3 fits; auroc is 0.6393 to "
            "0.9877 at slopes of 0.1 and 3",
        ),
        (
            {"operating_point": POINT, "auroc": {"uniform": [0.8, 0.9]}},
            "auroc: found beside operating_point, where it is a number: {uniform = [0.8, 0.9]}",
        ),
        (
            {"operating_point": POINT, "curve": "elo", "guard": [1] * 4, "evader": [1] * 4},
            'operating_point: found with the curve "elo"; the curves "binormal" and "logistic" '
            "use it",
        ),
        (
            {"operating_point": {"fpr": 0.2, "tpr": 0.1}},
            "operating_point: tpr: found 0.1; a monitor with skill catches more than the share "
            "0.2 that it audits",
        ),
        (
            {"operating_point": {"fpr": 1, "tpr": 0.1}},
            "operating_point: fpr: found 1; allowed is more than 0 and less than 1",
        ),
        (
            {"operating_point": [0.01, 0.55]},
            "operating_point: found [0.01, 0.55]; allowed is a table such as "
            "{ fpr = 0.01, tpr = 0.55 }",
        ),
        (
            {"operating_point": {"fpr": 1e-9, "tpr": 0.999}},
            "operating_point: with slope = 1 the area is 1; allowed is 0.5 to 0.9999",
        ),
    ],
)
def test_what_contradicts_is_refused_in_a_sentence(table, line):
    assert refused(**table) == f"scenario: oversight.control.{line}"


def test_an_area_that_two_slopes_reach_is_refused():
    """Through (0.4, 0.6) a slope of 1 has the largest area, Φ(√2·Φ⁻¹(0.6))."""
    line = refused(operating_point={"fpr": 0.4, "tpr": 0.6}, auroc=0.63)
    start, slopes = line.split("the slopes ")
    assert start == "scenario: oversight.control.operating_point: with auroc = 0.63 "
    assert slopes.endswith(" fit; give the slope, not auroc")
    for slope in map(float, slopes.split(" fit; ")[0].split(" and ")):
        area = PHI(QUANTILE(0.6) * (1 + slope) / math.hypot(1, slope))
        assert area == pytest.approx(0.63, abs=1e-4)


def test_a_policy_replaces_what_the_scenario_states():
    control = {"auroc": 0.9, "slope": 0.8}
    policies = {
        "point": {"oversight": {"control": {"operating_point": POINT}}},
        "both": {"oversight": {"control": {"operating_point": POINT, "auroc": 0.87}}},
        "usual": {},
    }
    scenario = rs.parse({"oversight": {"control": control}, "policies": policies})
    of = {name: tables.oversight.control for name, tables in scenario.policies.items()}
    assert of["usual"].slope == of["point"].slope == 0.8
    assert of["point"].auroc == monitor(operating_point=POINT, slope=0.8).auroc
    assert of["both"].slope == monitor(operating_point=POINT, auroc=0.87).slope
    changed = scenario.override({"policies.both.oversight.control.slope": 1.1})
    after = changed.policies["both"].oversight.control
    assert (after.auroc, after.slope, after.operating_point) == (0.87, 1.1, None)


def test_points_of_a_sweep_solve_the_rest_again():
    """A point that sets the slope gets the area that goes with it, as a file would."""
    from regimesim.sweeps.point_scenarios import make_frame

    scenario = rs.parse({"oversight": {"control": {"operating_point": POINT}}})
    assert make_frame(scenario, {}, (), ("oversight.control.slope",)).base is None
    control = rs.parse({"oversight": {"control": {}}})
    assert make_frame(control, {}, (), ("oversight.control.slope",)).base is not None
    swept = scenario.override({"oversight.control.slope": 0.6})
    again = swept.policies["scenario"].oversight.control
    assert again.auroc == monitor(operating_point=POINT, slope=0.6).auroc
