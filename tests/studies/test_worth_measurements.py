"""Measurements of what worlds show: their laws, their worth by nested updates, and refusals."""

import numpy as np
import pytest
from scipy.stats import norm

import regimesim as rs
from regimesim.analysis.likelihoods import alarms, caught, horizon, measured_area, story_incidents
from regimesim.ensemble.moved_draws import own_draws
from regimesim.ensemble.observables import observe
from regimesim.model.oversight.control import parity_strength
from regimesim.scenario.calibration import read_horizons
from regimesim.studies.worth.information import rule_of_shown
from regimesim.studies.worth.observation import observed
from regimesim.studies.worth.reading import HORIZON_ERROR, read_measurements

SMALL = {
    "worlds": 1000,
    "months": 60,
    "labs": 1,
    "systems": 4,
    "capability": {"initial": {"normal": [2.5, 2]}},
    "takeover": {"difficulty": 9},
    "feedback": {"density": 0, "density_trend": 0, "constraint": 0},
    "policies": {
        "none": {},
        "slow": {"oversight": {"tax": 0.5}},
        "guarded": {
            "oversight": {
                "control": {
                    "auroc": {"uniform": [0.6, 0.99]},
                    "monitor_slope": {"uniform": [0, 0.4]},
                },
                "evaluations": {},
                "tax": 0.1,
            }
        },
    },
}
UNIFORM = (np.arange(20_000) + 0.5) / 20_000


def law_of(drawn, values):
    """The share of draws that are each of some values."""
    return np.array([np.mean(drawn == value) for value in values])


def test_what_would_be_seen_has_the_law_that_evidence_is_weighed_by():
    same = np.ones(UNIFORM.size)
    tried = law_of(caught.simulated(5, 0.3 * same, UNIFORM), range(6))
    assert tried == pytest.approx(np.exp(caught.log_likelihood(np.arange(6), 5, 0.3)), abs=1e-3)
    rates = np.tile([0.4, 1.1], (UNIFORM.size, 1))
    stories = law_of(story_incidents.simulated(rates, UNIFORM), range(5))
    total = np.array([[1.5]])
    expected = [np.exp(story_incidents.log_likelihood([k], total)[0]) for k in range(5)]
    assert stories == pytest.approx(expected, abs=1e-3)
    chances = np.tile([0.1, 0.5, 0.9], (UNIFORM.size, 1))
    months = law_of(alarms.simulated(chances, UNIFORM), range(4))
    expected = [np.exp(alarms.log_likelihood(k, chances[:1])[0]) for k in range(4)]
    assert months == pytest.approx(expected, abs=1e-3)
    log_hours = horizon.simulated(0.5, 3.0 * same, UNIFORM)
    density = np.exp(horizon.log_likelihood(2.0**3.2, 0.5, np.array([3.0])))[0]
    assert np.mean(np.abs(log_hours - 3.2) < 0.05) == pytest.approx(0.1 * density, rel=0.01)


@pytest.mark.parametrize("slope", [0.5, 1.0, 2.0])
def test_areas_are_those_of_the_curves(slope):
    strength = np.array([0.0, 1.2, 3.0])
    areas = np.array([0.5, 0.8, 0.97])
    drawn = np.array([parity_strength(area, slope, True) for area in areas])
    logistic = measured_area.area_of(drawn, np.full(3, slope), "logistic")
    assert logistic == pytest.approx(areas, abs=1e-10)
    random = np.random.default_rng(1)
    lift = strength * np.sqrt((1 + slope**2) / 2)
    attacks = (random.normal(size=(200_000, 3)) + lift) / slope
    above = np.mean(attacks > random.normal(size=(200_000, 3)), axis=0)
    binormal = measured_area.area_of(strength, np.full(3, slope), "binormal")
    assert above == pytest.approx(binormal, abs=4 * 0.5 / np.sqrt(200_000))


def shown_by(text, scenario):
    """What one observation shows in the worlds of a scenario."""
    (one,) = read_measurements([text], scenario)[1]
    return observed([one], scenario, np.arange(scenario.worlds), {})[one.text]


def test_a_monitor_is_measured_at_the_gap():
    """Of very many trajectories it is the area of the drawn strength, less what the gap takes."""
    scenario = rs.parse({**SMALL, "worlds": 200})
    drawn = observe(scenario, "guarded", own_draws(scenario), {}, 0).parameters
    auroc, slope = (drawn[f"oversight.control.{key}"] for key in ("auroc", "monitor_slope"))
    for text, gap in (
        ("monitor: 10000000 trajectories", 0.0),
        ("control: 10000000 trajectories at a gap of 3 doublings", 3.0),
        ("control: 10000000 trajectories at a gap of -2 doublings", -2.0),
    ):
        strength = np.maximum(np.sqrt(2) * norm.ppf(auroc) - slope * gap, 0)
        shown = shown_by(text, scenario)
        assert shown.there.all()
        assert shown.column == pytest.approx(norm.cdf(strength / np.sqrt(2)), abs=1e-3)
    few = shown_by("monitor: 40 trajectories", scenario).column
    error = (few - auroc) / measured_area.area_error(auroc, 20, 20)
    inside = few < 1  # no measured area is larger
    assert 0.8 < error[inside].std() < 1.1


def test_worlds_that_are_lost_before_show_nothing_and_gain_nothing():
    scenario = rs.parse({**SMALL, "worlds": 300, "takeover": {"difficulty": 4}})
    lost = observe(scenario, "none", own_draws(scenario), {}, 24).lost
    shown = shown_by("horizon on 2027-12", scenario)
    assert 0 < shown.there.sum() < 300
    assert (shown.there == np.isnan(lost)).all()
    values = np.random.default_rng(2).normal(size=(300, 2)) + 3 * np.outer(
        shown.column > 5, [0, 1]
    )
    rule = rule_of_shown(values, shown.column, shown.there)
    assert (rule.gains[~shown.there] == 0).all()
    assert len(set(rule.choice[~shown.there])) == 1
    none = rule_of_shown(values, shown.column, np.zeros(300, bool))
    assert none.estimate(0.95).estimate == 0


def nested(scenario, value_of, kind, items):
    """The worth of observing one of some items, all as probable, by an update on each."""
    after = [rs.update(scenario, {"policy": "none", kind: one}, effective=0) for one in items]
    values = np.array(
        [[value_of(one[name]["estimands"]) for name in scenario.policies] for one in after]
    )
    return values.max(axis=1).mean() - values.mean(axis=0).max()


def test_a_measured_horizon_is_worth_what_updates_on_it_are():
    policies = {name: SMALL["policies"][name] for name in ("none", "slow")}
    scenario = rs.parse({**SMALL, "policies": policies})
    shown = shown_by("horizon on 2026-03 +- 1", scenario)
    assert shown.there.mean() > 0.99  # so that what lost worlds gain matters little
    quantiles = np.quantile(shown.column[shown.there], (np.arange(10) + 0.5) / 10)
    items = [{"on": "2026-03", "hours": float(2.0**one), "error": 1.0} for one in quantiles]

    def value_of(estimands):
        means = {name: one["after"]["estimate"] for name, one in estimands.items()}
        return means["no_takeover"] - 0.9 * means["growth_lost"]

    by_updates = nested(scenario, value_of, "horizon", items)
    (one,) = rs.worth(
        scenario, value="no_takeover - 0.9*growth_lost", measure=["horizon on 2026-03 +- 1"]
    ).measurements
    assert one.is_clear
    assert one.worth.low > 0.01  # there is something to learn
    assert one.worth.low - 0.01 < by_updates < one.worth.high + 0.01


def test_the_error_of_a_horizon_is_the_usual_one_of_measurements():
    widths = [
        np.log2(one.p50_high / one.p50_low) / (2 * 1.96) for one in read_horizons() if one.p50_low
    ]
    assert np.median(widths) == pytest.approx(HORIZON_ERROR, abs=0.05)


@pytest.mark.parametrize(
    ("text", "named", "about"),
    [
        ("monitor: 300 trajectories at a gap of 3 doublings",
         "control: 300 trajectories at a gap of 3 doublings", "3 doublings ahead of it"),
        ("exercises: 1,000", "exercises: 1,000 on 2026-01", "in 2026-01 under guarded"),
        ("horizon on 2027-06", "horizon on 2027-06 +- 0.5 doublings", "the usual one of METR's"),
        ("horizon on 2027-06-30 ± 0.3", "horizon on 2027-06 +- 0.3 doublings", "of 0.3 doublings"),
        ("strikes by 2027-06 under slow", "strikes by 2027-06 under slow", "under slow"),
        ("story incidents by 2027-06", "story incidents by 2027-06", "until 2027-06 under none"),
        ("alarms by 2027-06", "alarms by 2027-06", "under guarded"),
    ],
)  # fmt: skip
def test_an_observation_says_its_size(text, named, about):
    (one,) = read_measurements(text, rs.parse(SMALL))[1]
    assert one.text == named
    assert about in one.about


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("controll: 30 trajectories", "the nearest is 'control'"),
        ("cot_monitor: 30 trajectories", "every policy here is without cot_monitor"),
        ("monitor: 0 trajectories", "found 0 trajectories; allowed are 4 to"),
        ("control: 30 trajectories at a gap of x doublings", "allowed are -40 to 40"),
        ("control: 30 trajectories at paradigm 3", "for cot_monitor alone"),
        ("control: 30 trajectories at noon", "allowed is 'at a gap of 3 doublings'"),
        ("honeypots: 300", "every policy here is without honeypots"),
        ("honeypot: 300", "the nearest is 'honeypots'"),
        ("exercises: 0", "found 0 exercises; allowed are 1 to 1,000,000"),
        ("exercises: -3", "found -3 exercises"),
        ("exercises: 30 on 2025-12", "the run starts in 2026-01"),
        ("exercises: 30 on 2031-01", "the run ends in 2030-12"),
        ("exercises: 30 in 2027-06", "allowed is 'on 2027-06'"),
        ("exercises: 30 under slow", "the policy slow is without a safeguard"),
        ("exercises: 30 under slwo", "the nearest is 'slow'"),
        ("horizon on 2027-13", 'allowed is a month "YYYY-MM"'),
        ("horizon on 2027-02-31", 'allowed is a month "YYYY-MM"'),
        ("horizon by 2027-06", "allowed is 'horizon on 2027-06'"),
        ("horizon on 2027-06 +- 0", "allowed is a number above 0"),
        ("horizn on 2027-06", "the nearest is 'horizon on 2027-06'"),
        ("strikes by 2027-06 +- 1", "strikes are counted, without an error"),
        ("capability.initial: 300", "by trials, by trajectories, or with +-"),
        ("know everything", "cannot be read; allowed is "),
    ],
)
def test_an_observation_that_cannot_be_made_is_refused(text, said):
    with pytest.raises(rs.Refusal) as refused:
        read_measurements([text], rs.parse(SMALL))
    assert len(refused.value.lines) == 1
    assert said in str(refused.value)


def test_figures_show_measurements_and_policies_where_nothing_is_worth_knowing():
    one = rs.parse({**SMALL, "worlds": 300})
    measure = ["horizon on 2026-03", "alarms by 2026-12"]
    bars = rs.worth(one, ["none", "slow", "guarded"], "no_takeover - 0.9*growth_lost", measure)
    labels = [label.get_text() for label in bars.plot().get_yticklabels()]
    assert {"horizon on 2026-03 +- 0.5 doublings", "alarms by 2026-12"} < set(labels)
    assert labels[-1] == "all, where effects add up"
    nothing = rs.worth(one, ["none", "slow"], "no_takeover - 90*growth_lost", measure[:1])
    ax = nothing.plot()
    assert [label.get_text() for label in ax.get_yticklabels()] == ["none", "slow"]
    titles = [text.get_text() for text in ax.figure.texts]
    assert "Nothing here would change the choice: none" in titles


def test_what_is_the_same_in_nearly_every_world_does_not_move_the_choice_in_these():
    """Rare results overlap with the constant; what luck explains of them must not be taken from
    what is learned of all other worlds."""
    rng = np.random.default_rng(5)
    changes, gains = [], []
    for _ in range(40):
        first = rng.normal(0.0, 1.0, 600)
        values = np.stack([first, first + rng.normal(0.03, 0.15, 600)], axis=1)
        shown = np.where(rng.random(600) < 0.02, rng.integers(1, 4, 600), 0).astype(float)
        there = rng.random(600) > 0.02
        rule = rule_of_shown(values, shown, there)
        changes.append(np.mean(rule.choice != np.argmax(values.mean(axis=0))))
        gains.append(rule.gains.mean())
    assert max(changes) < 0.05  # no more than the worlds with a rare result
    assert abs(np.mean(gains)) < 0.001  # of 0.03 between the policies
