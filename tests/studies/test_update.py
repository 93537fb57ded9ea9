"""Updates on evidence, held against rejection, closed forms and the ranks of truths."""

import json

import numpy as np
import pytest
from scipy import stats
from small import NO_LUCK, SCENARIOS, nested

import regimesim as rs
from regimesim.analysis.likelihoods.of_items import log_likelihoods, needed
from regimesim.analysis.tempering import kish, weights_of
from regimesim.cli import main
from regimesim.ensemble.moved_draws import own_draws
from regimesim.ensemble.observables import Observables, observe
from regimesim.scenario.evidence import Evidence
from regimesim.studies.update import text

FOUR = 4.0  # standard errors
# Exercises meet a monitor that misses nothing, so they are caught as often as it is recognised.
PERFECT = {
    "oversight.control": {},
    "oversight.audit_budget": 1,
    "oversight.recognition": {"beta": [4, 2]},
}
# The frontier stays where it begins, but for the hundredth of a doubling of its first month.
STILL = {
    **NO_LUCK,
    "capability.initial": {"normal": [2, 1]},
    "capability.doubling_time": 120,
    "capability.diffusion": 0,
    "capability.research_automation_gain": 0,
    "capability.ceiling": 60,
}
TINY = {
    "worlds": 3000,
    "months": 10,
    "labs": 2,
    "systems": 4,
    "seed": 11,
    "capability.initial": {"normal": [6, 1]},
    "capability.doubling_time": {"uniform": [3, 9]},
    "takeover.difficulty": {"normal": [9, 2]},
    "conduct.story_rate": {"uniform": [0, 0.3]},
    "cognition.awareness_midpoint": {"uniform": [5, 12]},
    "oversight.recognition": {"uniform": [0.2, 1]},
    "feedback.density": {"uniform": [0, 0.6]},
}
WATCHED = {"watched": {"oversight.control": {}, "oversight.audit_budget": 0.3}, "open": {}}


def scenario(settings, policies=None):
    named = {name: nested(one) for name, one in (policies or {"only": {}}).items()}
    return rs.parse(nested(settings) | {"policies": named})


@pytest.fixture(scope="module")
def tiny():
    return scenario(TINY, WATCHED)


QUIET = {
    "policy": "watched",
    "no_takeover": {"until": "2026-06"},
    "strikes_seen": {"until": "2026-06", "count": 0},
}


@pytest.fixture(scope="module")
def quiet(tiny):
    return rs.update(tiny, QUIET, effective=0)


@pytest.fixture(scope="module")
def run(tiny):
    return rs.run(tiny).worlds


def test_weights_of_exact_evidence_are_rejection(tiny, quiet, run):
    """Worlds with a takeover or a seen strike in six months are those that are left out."""
    seen = observe(tiny, "watched", own_draws(tiny), {"strikes_seen": set(range(6))}, 6)
    kept = np.isnan(seen.lost) & (seen.values["strikes_seen"].sum(axis=1) == 0)
    takeover = run.crossing.sel(threshold="takeover", policy="watched").values
    assert np.array_equal(np.isnan(seen.lost), ~(takeover < 6))
    assert 0.2 < kept.mean() < 0.9
    assert quiet.effective == pytest.approx(kept.sum())
    for policy in ("watched", "open"):
        lost = run.crossing.sel(threshold="takeover", policy=policy).notnull().values
        after = quiet[policy]["estimands"]["no_takeover"]
        assert after["before"]["estimate"] == pytest.approx(1 - lost.mean())
        assert after["after"]["estimate"] == pytest.approx(1 - lost[kept].mean())
        assert after["after"]["n"] == kept.sum()
        crossed = run.crossing.sel(threshold="aware", policy=policy).notnull().values[kept]
        aware = quiet[policy]["thresholds"]["aware"]
        assert aware["after"]["estimate"] == pytest.approx(crossed.mean())
    drawn = run["takeover.difficulty"].sel(policy="watched").values[kept]
    assumption = quiet.to_dict()["assumptions"]["takeover.difficulty"]["after"]
    assert assumption["mean"] == pytest.approx(drawn.mean())


def test_the_change_is_that_of_the_same_worlds(quiet):
    """Worlds that are left are worlds of before, so the change is surer than two numbers apart."""
    one = quiet["watched"]["estimands"]["no_takeover"]
    change = one["change"]
    middle = one["after"]["estimate"] - one["before"]["estimate"]
    assert change["estimate"] == pytest.approx(middle)
    apart = [one[part]["high"] - one[part]["low"] for part in ("before", "after")]
    assert change["high"] - change["low"] < 0.9 * np.hypot(*apart)


def test_bayes_factors_are_ratios_of_shares(quiet, run):
    content = quiet.to_dict()
    lost = run.crossing.sel(threshold="takeover", policy="watched").values
    well, early = np.isnan(lost), lost < 6
    factor = content["items"]["no takeover until 2026-06"]["alone"]
    shown = (~well & ~early).sum() / (~well).sum()
    assert factor["bayes_factor"] == pytest.approx(1 / shown)
    assert factor["low"] < factor["bayes_factor"] < factor["high"]
    both = content["items"]["no takeover until 2026-06"]["left_out"]["bayes_factor"]
    other = content["items"]["no strikes seen until 2026-06"]["alone"]["bayes_factor"]
    assert both == other
    silent = content["silence"]
    assert len(silent["items"]) == 2
    assert silent["where_lost"]["estimate"] < silent["where_well"]["estimate"]
    assert "Silence (no takeover until 2026-06 and no strikes seen" in quiet.text()


def test_exercises_leave_a_beta_posterior():
    case = scenario({**TINY, **PERFECT, "worlds": 4000})
    evidence = {"exercises": {"on": "2026-01", "caught": 15, "of": 20}}
    result = rs.update(case, evidence, effective=0)
    one = result.to_dict()["assumptions"]["oversight.recognition"]["after"]
    exact, error = stats.beta(19, 7), FOUR / np.sqrt(result.effective)
    assert one["mean"] == pytest.approx(exact.mean(), abs=error * exact.std())
    assert one["low"] == pytest.approx(exact.ppf(0.05), abs=2 * error * exact.std())
    assert one["high"] == pytest.approx(exact.ppf(0.95), abs=2 * error * exact.std())


def test_worlds_that_are_drawn_have_the_same_beta_posterior():
    """180 of 200 leave weights of few worlds; those drawn where it is likely are as exact."""
    case = scenario({**TINY, **PERFECT, "worlds": 400, "months": 4})
    evidence = {"exercises": {"on": "2026-01", "caught": 180, "of": 200}}
    result = rs.update(case, evidence, effective=200)
    content = result.to_dict()
    assert content["method"] == "drawn" and content["effective_by_weights"] < 150
    assert content["is_enough"] and content["effective"] >= 200
    one = content["assumptions"]["oversight.recognition"]["after"]
    exact, error = stats.beta(184, 22), FOUR / np.sqrt(content["effective"])
    assert one["mean"] == pytest.approx(exact.mean(), abs=error * exact.std())
    assert one["low"] == pytest.approx(exact.ppf(0.05), abs=2 * error * exact.std())
    assert one["high"] == pytest.approx(exact.ppf(0.95), abs=2 * error * exact.std())
    others = content["assumptions"]["takeover.difficulty"]
    assert abs(others["shift"]) < error


def test_a_measured_horizon_leaves_a_normal_posterior():
    case = scenario({**TINY, **STILL, "worlds": 4000})
    evidence = {"horizon": {"on": "2026-01", "hours": 8, "error": 1}}
    result = rs.update(case, evidence, effective=0)
    drawn = result.to_dict()["assumptions"]["capability.initial"]
    error = FOUR / np.sqrt(result.effective)
    grown = 1 / 120  # of the first month, after which it is measured
    assert drawn["after"]["mean"] == pytest.approx((2 + 3 - grown) / 2, abs=error)
    assert drawn["learned"] == pytest.approx(0.5, abs=0.5 * error * np.sqrt(2) + 0.02)


def test_ranks_of_truths_are_uniform(tiny):
    """Simulation-based calibration: evidence is made by each of 500 worlds, and the rank of what
    that world had drawn is uniform among the others, as they are weighted by the evidence."""
    rng, truths = np.random.default_rng(5), 500
    evidence = {
        "policy": "watched",
        "no_takeover": {"until": "2026-05"},
        "strikes_seen": {"until": "2026-05", "count": 0, "reported": 0.3},
        "story_incidents": {"until": "2026-05", "count": 0, "reported": {"beta": [4, 2]}},
        "horizon": {"on": "2026-05", "hours": 1, "error": 1.5},
        "exercises": {"on": "2026-03", "caught": 0, "of": 5},
    }
    read = rs.parse({**tiny.raw, "evidence": evidence}).evidence
    draws = own_draws(tiny, 5000)
    seen = observe(tiny, "watched", draws, needed(read, tiny.start), read.months(tiny.start))
    alive = np.flatnonzero(np.isnan(seen.lost))
    pool = alive[truths:]
    others = Observables(
        seen.lost[pool],
        seen.months,
        {name: values[pool] for name, values in seen.values.items()},
        seen.parameters,
    )
    ranks, effective = [], []
    for truth in alive[:truths]:
        data = _made_by(truth, seen, rng)
        items = {
            label: item.model_copy(update=data[read.kinds[label]])
            for label, item in read.items.items()
        }
        shown = Evidence(read.policy, items, read.kinds)
        weights = weights_of(log_likelihoods(shown, others, None, tiny.start).sum(axis=1))
        effective.append(kish(weights))
        below = draws.cube[pool] < draws.cube[truth]
        ranks.append(weights @ below / weights.sum())
    ranks = np.array(ranks)
    assert len(ranks) == truths and np.median(effective) > 100
    for column, name in enumerate(draws.coordinates):
        result = stats.kstest(ranks[:, column], "uniform")
        assert result.pvalue > 0.001, name


def _made_by(truth, seen, rng):
    """What is seen in a world: counts of its own, and draws of each observation model."""
    stories = seen.values["story_rate"][truth].sum()
    known = rng.poisson(rng.beta(4, 2) * stories)
    strikes = seen.values["strikes_seen"][truth, :5].sum()
    leader = seen.during("leader", 4, 4)[truth, 0]
    rate = float(seen.during("exercise_catch_rate", 2, 2)[truth, 0])
    return {
        "no_takeover": {},
        "strikes_seen": {"count": int(rng.binomial(int(strikes), 0.3))},
        "story_incidents": {"count": int(known)},
        "horizon": {"hours": float(2 ** (leader + 1.5 * rng.normal()))},
        "exercises": {"caught": int(rng.binomial(5, rate))},
    }


def test_a_seen_strike_says_more_than_silence():
    """Two quiet years hardly move P(no takeover), and one strike that was seen lowers it far."""
    case = rs.load(SCENARIOS / "evidence_quiet_months.toml").override({"worlds": 640})
    silent = rs.update(case, policies="control", effective=0)
    seen = {"policy": "control", "strikes_seen": {"until": "2027-12", "count": 1}}
    strike = rs.update(case, seen, policies="control", effective=60)
    before, quiet = (
        silent["control"]["estimands"]["no_takeover"][part]["estimate"]
        for part in ("before", "after")
    )
    warned = strike["control"]["estimands"]["no_takeover"]["after"]
    assert strike.searched is not None and strike.effective >= 60
    assert 0.25 < before < 0.45
    assert before < quiet < before + 0.05
    assert warned["high"] < before


def test_the_posterior_is_a_scenario(tmp_path, quiet):
    path = quiet.save_posterior(tmp_path / "posterior.toml", worlds=500)
    posterior = rs.load(path)
    assert posterior.evidence is None and posterior.name == "scenario_updated"
    worlds = rs.run(posterior.override({"worlds": 3000}), ["watched"]).worlds
    after = quiet.to_dict()["assumptions"]
    for name in ("takeover.difficulty", "conduct.story_rate"):
        drawn = worlds[name].sel(policy="watched").values
        sd = drawn.std()
        error = FOUR * sd * (1 / 500 + 1 / 3000) ** 0.5
        assert drawn.mean() == pytest.approx(after[name]["after"]["mean"], abs=error)
    pair = np.corrcoef(
        *(
            worlds[name].sel(policy="watched")
            for name in ("takeover.difficulty", "conduct.story_rate")
        )
    )
    assert np.isfinite(pair).all()


def test_a_posterior_is_a_prior_for_later_evidence(tmp_path, quiet):
    prior = rs.load(quiet.save_posterior(tmp_path / "first.toml", worlds=300))
    later = {"policy": "watched", "horizon": {"on": "2026-08", "hours": 300, "error": 0.5}}
    result = rs.update(prior.override({"worlds": 300}), later, effective=100)
    one = result.to_dict()["assumptions"]["capability.initial"]
    assert one["after"]["mean"] > one["before"]["mean"]
    rows = rs.load(result.save_posterior(tmp_path / "second.toml"))
    again = rs.run(rows.override({"worlds": 64}), "watched").worlds["capability.initial"]
    known = result.after.worlds["capability.initial"].sel(policy="watched").values
    assert np.isin(again.sel(policy="watched").values, known).all()


def test_evidence_may_be_gathered_under_a_policy_in_python(tiny):
    @rs.policy(settings={"oversight.control": {}})
    def vigilant(_, levers):
        return levers.set(audit_budget=0.3)

    own = rs.update(tiny, {**QUIET, "policy": "vigilant"}, [vigilant, "watched"], effective=0)
    same = rs.update(tiny, QUIET, "watched", effective=0)
    assert own["vigilant"]["estimands"]["no_takeover"]["after"]["n"] == pytest.approx(
        same["watched"]["estimands"]["no_takeover"]["after"]["n"], rel=0.02
    )


def test_the_result_is_plain_json_and_a_table(quiet):
    content = json.loads(json.dumps(quiet.to_dict(), allow_nan=False))
    assert content["evidence"]["policy"] == "watched" and content["method"] == "weights"
    table = quiet.to_dataframe()
    row = table[(table.policy == "open") & (table.estimand == "no_takeover")].iloc[0]
    assert row["after_low"] <= row["after_estimate"] <= row["after_high"]


def test_policies_that_are_not_reported_still_gather_evidence(tiny, quiet):
    result = rs.update(tiny, QUIET, policies="open", effective=0)
    assert list(result.to_dict()["policies"]) == ["open"]
    assert result["open"] == quiet["open"]


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "small.toml"
    path.write_text(
        "worlds = 64\nmonths = 24\nsystems = 4\nlabs = 2\n"
        "takeover.difficulty = { normal = [9, 2] }\ncapability.initial = 6\n"
        "[policies.watched.oversight]\ncontrol = true\n[policies.open]\n"
        '[evidence]\npolicy = "watched"\nno_takeover = { until = "2026-04" }\n'
    )
    return path


def test_the_command_writes_everything(file, tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["update", str(file), "--effective", "0", "--out", str(out)]) == 0
    printed = capsys.readouterr().out
    assert "evidence under watched until 2026-04; 64 worlds" in printed
    names = {path.name for path in out.iterdir()}
    assert names == {
        *("update.json", "observables.nc", "posterior.toml", "posterior.csv"),
        *("manifest.json", "figures"),
    }
    assert (out / "figures" / "before_and_after.png").stat().st_size > 0
    assert main(["plot", str(out)]) == 0
    assert (
        main(
            [
                "run",
                str(out / "posterior.toml"),
                "--worlds",
                "32",
                "--no-figures",
                "--out",
                str(tmp_path / "again"),
            ]
        )
        == 0
    )


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ('no_takeover = { until = "2026-04" }\npolicy = "nobody"', "no policy of that name"),
        ('exercises = { on = "2026-02", caught = 3, of = 2 }\npolicy = "open"', "at most of = 2"),
        ('exercises = { on = "2026-02", caught = 9, of = 9 }\npolicy = "open"',
         "9 of 9 exercises caught in 2026-02: none of"),
        ('horizons = { on = "2026-02" }', "the nearest is 'horizon'"),
    ],
)  # fmt: skip
def test_bad_evidence_is_one_sentence_and_leaves_nothing(file, tmp_path, capsys, table, sentence):
    seen, out = tmp_path / "seen.toml", tmp_path / "out"
    seen.write_text(f"[evidence]\n{table}\n")
    assert main(["update", str(file), "--evidence", str(seen), "--out", str(out)]) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len([line for line in lines if sentence in line]) == 1
    assert not out.exists()


def test_a_number_of_worlds_that_is_none_is_refused(tiny):
    with pytest.raises(rs.Refusal, match="--effective: found -1; allowed is a number of worlds"):
        rs.update(tiny, QUIET, effective=-1)


def test_fewer_than_thirty_effective_worlds_have_learned_nothing(tiny):
    """One world has no variance, which is no sign that all of it was learned."""
    sharp = {"policy": "open", "horizon": {"on": "2026-06", "hours": 90, "error": 0.002}}
    result = rs.update(tiny, sharp, effective=0)
    content = result.to_dict()
    assert 1 <= result.effective < 30
    assert max(one["learned"] for one in content["assumptions"].values()) > 0.5
    assert not any(one["is_clear"] for one in content["assumptions"].values())
    words = " ".join(result.text().split())
    assert "Too few effective worlds are left to say what was learned of assumptions." in words
    assert len(result.plot()) == 1  # no panel of assumptions


def test_words_for_what_hardly_changes(quiet):
    content = json.loads(json.dumps(quiet.to_dict()))
    for one in content["assumptions"].values():
        one |= {"learned": -0.001, "is_clear": True}
    item = next(iter(content["items"].values()))
    item["predictive_p"] = 0.0
    own = content["policies"]["watched"]["estimands"]["no_takeover"]
    own |= {"after": own["before"], "change": {**own["change"], "low": -0.01, "high": 0.01}}
    words = text.text(content)
    assert "-0 %" not in words and " 0 %" in words
    assert "<0.001" in words and "p below 0.001" in " ".join(words.split())
    assert "All evidence together leaves P(no takeover) under watched at " in words


def test_evidence_that_no_world_shows_is_refused_where_it_stands(tiny, tmp_path):
    seen = {"policy": "open", "strikes_seen": {"until": "2026-02", "count": 7}}
    file = tmp_path / "seen.toml"
    file.write_text(
        '[evidence]\npolicy = "open"\nstrikes_seen = { until = "2026-02", count = 7 }\n'
    )
    what = "7 strikes seen until 2026-02: none of 48,000 worlds shows it under open"
    for source, place in ((seen, "evidence"), (file, f"{file}: evidence")):
        with pytest.raises(rs.Refusal) as refused:
            rs.update(tiny, source)
        assert str(refused.value) == f"{place}: {what}"
