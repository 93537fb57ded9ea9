"""Robust choices: criteria against closed forms and brute force, boxes, and from outside."""

import json
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

import regimesim as rs
from regimesim.analysis.present_worlds import present_worlds
from regimesim.cli import main
from regimesim.results.progress import Progress
from regimesim.studies.robust.compute import compute
from regimesim.studies.robust.conditions import when_instead
from regimesim.studies.robust.criteria import Pool, judge, lowest, quantile
from regimesim.studies.robust.futures import Futures, in_stages
from regimesim.studies.robust.question import ask
from regimesim.studies.robust.text import _choices, sentences
from regimesim.studies.value import read_value

SMALL = {
    "name": "small",
    "worlds": 240,
    "months": 60,
    "labs": 1,
    "systems": 4,
    "takeover": {"difficulty": {"uniform": [2, 16]}},
    "feedback": {"density": 0, "density_trend": 0, "constraint": 0},
    "policies": {"none": {}, "slow": {"oversight": {"tax": 0.5}}},
}
VALUE = "no_takeover - 0.9*growth_lost"


def normal_futures(seed, futures=1000, repeats=16, spread=1.0, luck=2.0):
    """Values (policies, repeats, futures): the first is 0.3 in every future, the second N(0,
    spread²) over futures; both have luck on top."""
    random = np.random.default_rng(seed)
    means = np.stack([np.full(futures, 0.3), random.normal(scale=spread, size=futures)])
    return means[:, None] + random.normal(scale=luck, size=(2, repeats, futures))


EXACT = {  # of the second policy of `normal_futures`
    "mean": 0.0,
    "worst_tenth": -norm.pdf(norm.ppf(0.1)) / 0.1,
    "good_enough": norm.sf(0.5),
    "high_regret": 0.3 - norm.ppf(0.1),
    "most_regret": 0.3 + norm.pdf(norm.ppf(0.1)) / 0.1,
}


def test_criteria_of_normal_futures_are_the_closed_forms():
    """Luck in the mean of 16 worlds has half the spread of futures; the correction removes more
    than half of the error that it makes."""
    found, inside, plain = [], [], []
    for seed in range(60):
        values = normal_futures(seed)
        judged = judge([values], ["sure", "open"], 0.5)
        estimates = {one.criterion.name: one.estimates["open"] for one in judged}
        assert list(estimates) == list(EXACT)
        found.append([one.estimate for one in estimates.values()])
        inside.append([one.low <= EXACT[k] <= one.high for k, one in estimates.items()])
        pool = Pool.of([values.mean(axis=1)])
        plain.append([one.criterion.of(pool, 0.5)[1] for one in judged])
    off, uncorrected = (np.mean(one, axis=0) - list(EXACT.values()) for one in (found, plain))
    tails = [1, 3, 4]
    assert np.all(np.abs(uncorrected[tails]) > 0.1)
    assert np.all(np.abs(off[tails]) < 0.5 * np.abs(uncorrected[tails]))
    assert off[[0, 2]] == pytest.approx(0, abs=0.02)
    assert np.min(np.mean(inside, axis=0)) > 0.8  # of intervals of 95 %, of 60 each


def test_luck_alone_makes_no_clear_choice():
    clear = np.zeros(5)
    for seed in range(40):
        random = np.random.default_rng(seed)
        means = random.normal(scale=0.5, size=(2, 1000))  # alike, but not the same
        values = means[:, None] + random.normal(size=(2, 8, 1000))
        clear += [one.is_clear for one in judge([values], ["one", "other"], 0.0)]
    assert clear.max() <= 6  # of 40 at 5 %: more than six in 1 % of cases


def test_tails_and_quantiles_are_those_of_sorted_rows():
    rows = np.array([[3.0, 1.0, 2.0, 4.0], [0.0, 0.0, 0.0, 8.0]])
    even = np.full(4, 0.25)
    assert lowest(rows, even, 0.5) == pytest.approx([1.5, 0.0])
    assert lowest(rows, even, 0.375) == pytest.approx([(1 + 2 / 2) / 1.5, 0.0])
    assert lowest(rows, np.array([0.1, 0.7, 0.1, 0.1]), 0.5) == pytest.approx([1.0, 0.0])
    assert quantile(rows, even, 0.625) == pytest.approx([3.0, 0.0])
    assert quantile(rows, even, 0.99) == pytest.approx([4.0, 8.0])


def test_views_weigh_the_same_whatever_their_number_of_futures():
    views = [np.array([[1.0], [0.0]]), np.array([[0.0, 0.5, 1.0], [0.9, 0.9, 0.9]])]
    pool = Pool.of(views)
    assert pool.weights.sum() == pytest.approx(1)
    judged = {
        one.criterion.name: one
        for one in judge([np.repeat(view[:, None], 4, axis=1) for view in views], ["a", "b"])
    }
    assert judged["mean"].estimates["a"].estimate == pytest.approx(0.75)
    assert judged["worst_view"].estimates["b"].estimate == pytest.approx(0.0)
    assert judged["worst_view"].chosen == "a"
    assert judged["regret_in_views"].estimates["a"].estimate == pytest.approx(0.4)
    assert judged["regret_in_views"].estimates["b"].estimate == pytest.approx(1.0)


def test_numbers_of_a_study_are_those_of_many_more_worlds_of_each_future():
    """A brute-force nested run: the same futures with 128 worlds each."""
    scenario = {**SMALL, "worlds": 200}
    few = rs.robust(scenario, value=VALUE, good_enough=0.3, repeats=16)
    *_, (_, (many,)) = in_stages(ask(scenario, (), VALUE, 0.3, 128), Progress())
    truth = {one.criterion.name: one for one in judge([many.values], ["none", "slow"], 0.3)}
    for one in few.criteria:
        for policy, estimate in one.estimates.items():
            exact = truth[one.criterion.name].estimates[policy].estimate
            assert estimate.estimate == pytest.approx(exact, abs=0.06), (one.criterion, policy)


def test_the_first_world_of_each_future_is_that_of_a_run():
    question = ask(SMALL, (), "no_takeover", None, 4)
    ((_, (futures,)),) = list(in_stages(question, Progress()))
    assert futures.values.shape == (2, 4, 240)
    worlds = present_worlds(rs.run(rs.parse(SMALL)).worlds)
    difficulty = worlds.rows("none")["takeover.difficulty"]
    assert np.array_equal(futures.drawn["takeover.difficulty"], difficulty)
    for place, policy in enumerate(("none", "slow")):
        own = read_value("no_takeover").of(worlds, policy)
        first, *others = futures.values[place]
        assert np.array_equal(first, own)
        for again in others:  # the same assumptions, with other luck
            assert not np.array_equal(again, own)
            if policy == "slow":  # under the other nearly all worlds are lost
                assert np.corrcoef(again, difficulty)[0, 1] > 0.4


def boxed_futures(seed=0, futures=800):
    """Futures in which `other` gains 0.4 where x > 0.7 and loses 0.3 elsewhere, and forty
    parameters of which one matters."""
    random = np.random.default_rng(seed)
    drawn = {f"a.p{k}": random.uniform(size=futures) for k in range(40)}
    values = random.normal(scale=0.4, size=(3, 8, futures))
    values[1] += np.where(drawn["a.p7"] > 0.7, 0.4, -0.3)
    values[2] -= 0.6
    return Futures(rs.parse(SMALL), values, drawn)


def test_the_box_in_which_another_policy_is_better():
    one = when_instead(boxed_futures(), ["usual", "other", "worse"], "usual")
    assert one.policy == "other"
    assert list(one.limits) == ["a.p7"]
    assert one.limits["a.p7"]["low"]["value"] == pytest.approx(0.7, abs=0.05)
    assert one.condition.startswith("a.p7 > 0.")
    assert one.gain.low < 0.4 < one.gain.high
    assert one.density.estimate > 0.8
    assert one.mass.estimate == pytest.approx(0.3, abs=0.06)


def test_a_policy_that_is_better_in_a_whole_view_needs_no_box():
    futures = boxed_futures()
    futures.values[1] += 0.5
    one = when_instead(futures, ["usual", "other", "worse"], "usual")
    assert one.policy == "other" and not one.limits and not one.why_none
    assert one.gain.low < 0.41 < one.gain.high  # 0.5, and 0.4 or -0.3


def test_luck_alone_makes_no_box():
    futures = boxed_futures()
    values = np.random.default_rng(3).normal(size=futures.values.shape)
    one = when_instead(futures._replace(values=values), ["usual", "other", "worse"], "usual")
    assert one is None or not one.limits


def content_of(**changed):
    """The content of robust.json with made numbers: two criteria, two policies."""
    estimate = {"estimate": 0.5, "low": 0.4, "high": 0.6, "n": 300}
    other = {"estimate": 0.2, "low": 0.1, "high": 0.3, "n": 300}
    criterion = {
        "words": "mean",
        "policies": {"a": estimate, "b": other},
        "chosen": "a",
        "behind": {"b": other},
        "is_clear": True,
        "corrected_by": 0.0,
    }
    worst = {**criterion, "words": "worst tenth", "chosen": "b", "behind": {"a": other}}
    instead = {
        "view": "small",
        "policy": "b",
        "share": 0.3,
        "condition": "takeover.difficulty < 8",
        "mass": {"estimate": 0.25},
        "density": {"estimate": 0.8},
        "gain": other,
        "why_none": "",
    }
    content = {
        "policies": {"a": {"title": "first"}, "b": {"title": "second"}},
        "criteria": {"mean": criterion, "worst_tenth": worst},
        "views": [{"name": "small"}],
        "instead": [instead],
        "good_enough": 0.5,
        "repeats": 16,
    }
    return {**content, **changed}


def test_the_sentences_word_for_word():
    assert list(sentences(content_of())) == [
        "The choice depends on the criterion: first by mean; second by worst tenth.",
        "Choose second instead of first when takeover.difficulty < 8: there, in 25.0 % of "
        "futures, it is worth 0.200 (0.100-0.300) more.",
    ]
    unclear = {
        **content_of()["instead"][0],
        **{"gain": {"estimate": -0.1, "low": -0.2, "high": 0.05}, "density": {"estimate": 0.4}},
    }
    assert list(sentences(content_of(instead=[unclear])))[1] == (
        "The best alternative to first is second, which is better in 30.0 % of futures, most of "
        "all when takeover.difficulty < 8: there, in 25.0 % of futures, it is better in 40.0 %, "
        "but on average not clearly: what it adds is -0.100 (-0.200 to 0.050)."
    )
    throughout = {**content_of()["instead"][0], "condition": "", "share": 0.9}
    assert list(sentences(content_of(instead=[throughout])))[1] == (
        "Choose second instead of first: on average over all of its futures it is worth 0.200 "
        "(0.100-0.300) more; it is better in 90.0 % of them."
    )
    lucky = {**content_of()["criteria"]["worst_tenth"], "chosen": "a", "is_clear": False}
    criteria = {"mean": content_of()["criteria"]["mean"], "worst_tenth": lucky}
    assert next(sentences(content_of(criteria=criteria))) == (
        "Every criterion chooses first (by worst tenth perhaps by luck)."
    )
    (*_, last) = _choices(content_of(criteria=criteria))  # its interval excludes 0
    assert "all pairs of policies are compared" in " ".join(last.split())
    none = {"view": "x", "policy": "b", "share": 0.25, "condition": "", "gain": None}
    none["why_none"] = "no limits"
    criteria = {"mean": {**content_of()["criteria"]["mean"], "corrected_by": 0.04}}
    views = [{"name": "x"}, {"name": "y"}]
    changed = {"criteria": criteria, "instead": [none], "views": views, "good_enough": None}
    assert list(sentences(content_of(**changed))) == [
        "Every criterion chooses first.",
        "Under x, the best alternative to first is second, which is better in 25.0 % of futures; "
        "no limits.",
        "The correction for luck moved no number by more than 0.04; with twice as many worlds of "
        "each future (--repeats 32) less has to be corrected.",
        "To count the futures in which a policy is good enough, write --good-enough and the "
        "value that is.",
    ]


@pytest.mark.parametrize(
    ("scenarios", "options", "said"),
    [
        (SMALL, {"policies": ["none"]}, "between two policies at least"),
        (SMALL, {"policies": ["none", "slwo"]}, "the nearest is 'slow'"),
        (SMALL, {"repeats": 3}, "allowed is an even number from 4 to 256"),
        (SMALL, {"repeats": 300}, "allowed is an even number from 4 to 256"),
        (SMALL, {"good_enough": np.nan}, "--good-enough: found nan"),
        (SMALL, {"value": "no_takover"}, "the nearest is 'no_takeover'"),
        ({**SMALL, "worlds": 99}, {}, "a comparison needs at least 100 futures"),
        ([SMALL, SMALL], {}, 'two scenarios have the name "small"'),
        ([], {}, "allowed is one or several"),
        (
            [SMALL, {**SMALL, "name": "b", "policies": {"none": {}, "fast": {}}}],
            {},
            "of the same names in every scenario; found none",
        ),
    ],
)
def test_a_comparison_that_cannot_be_made_is_refused(scenarios, options, said):
    with pytest.raises(rs.Refusal) as refused:
        rs.robust(scenarios, **options)
    assert said in str(refused.value)


def test_several_views_and_one_that_draws_nothing():
    fixed = {**SMALL, "name": "fixed", "takeover": {"difficulty": 12}}
    result = rs.robust([SMALL, fixed], value="no_takeover", repeats=4)
    assert [(one.name, one.futures, one.worlds) for one in result.views] == [
        ("small", 240, 960),
        ("fixed", 1, 240),
    ]
    means = [one.means["slow"].estimate for one in result.views]
    assert result["mean"].estimates["slow"].estimate == pytest.approx(np.mean(means))
    assert result["worst_view"].estimates["slow"].estimate == pytest.approx(min(means))
    names = [one.criterion.name for one in result.criteria]
    assert "good_enough" not in names
    assert "To count the futures" in result.text()
    table = result.to_dataframe()
    assert len(table) == 2 * len(names)
    assert (table.groupby("criterion").chosen.sum() == 1).all()


def test_stages_end_in_the_answer_of_a_study_without_them(monkeypatch):
    question = ask({**SMALL, "worlds": 100}, (), VALUE, 0.3, 16)
    assert question.stages == (16,)
    whole = compute(question, Progress())
    monkeypatch.setattr("regimesim.studies.robust.question.begins", lambda work: True)
    assert question.stages == (4, 8, 16)
    progress = Progress()
    assert compute(question, progress).to_dict() == whole.to_dict()
    assert progress.standing.stage == "8 of 16 worlds of each future"
    early = compute(replace(question, repeats=8), Progress())
    assert progress.standing.answer.to_dict() == early.to_dict()
    assert question.total == 2 * 16 * 100


def test_the_command(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for name in ("one", "two"):
        (tmp_path / f"{name}.toml").write_text(
            "worlds = 100\nmonths = 60\nlabs = 1\nsystems = 4\n"
            "takeover.difficulty = { uniform = [2, 16] }\n"
            "[feedback]\ndensity = 0\ndensity_trend = 0\nconstraint = 0\n"
            "[policies.none]\n[policies.slow.oversight]\ntax = 0.5\n[policies.more]\n"
        )
    options = ["--value", VALUE, "--good-enough", "0.2", "--repeats", "4"]
    assert main(["robust", "one.toml", "two.toml", "--between", "none,slow", *options]) == 0
    printed = capsys.readouterr().out
    assert "one and two: 200 futures, 4 worlds each, seed 1" in printed
    assert max(map(len, printed.splitlines())) <= 80
    folder = tmp_path / "outputs" / "one-two-robust"
    content = json.loads((folder / "robust.json").read_text())
    assert set(content["policies"]) == {"none", "slow"}
    assert [one["name"] for one in content["views"]] == ["one", "two"]
    assert content["criteria"]["mean"]["chosen"] in ("none", "slow")
    assert json.loads((folder / "manifest.json").read_text())["others"]
    (folder / "figures" / "robust.png").unlink()
    assert main(["plot", str(folder)]) == 0
    assert (folder / "figures" / "robust.png").exists()
    assert main(["robust", str(folder)]) == 2
    assert main(["robust", "one.toml", "--repeats", "5"]) == 2
    errors = capsys.readouterr().err
    assert "allowed is the file of a scenario" in errors.replace("\n", " ")
    assert "--repeats: found 5" in errors
