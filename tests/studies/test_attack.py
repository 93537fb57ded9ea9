"""The study `attack`: its answer in fresh worlds, what it saves, its command, and its refusals."""

import json

import numpy as np
import pytest

import regimesim as rs
from regimesim import cli
from regimesim.analysis.estimands import estimate
from regimesim.errors import Refusal
from regimesim.model.compilation import INTERPRETED
from regimesim.results.progress import Progress
from regimesim.studies.attack.compute import FILE, compute
from regimesim.studies.attack.figure import finding
from regimesim.studies.attack.question import ask
from regimesim.studies.attack.text import left_out, sentence, sentences
from regimesim.studies.attack.words import conduct, conducts
from regimesim.studies.attacker import EVADED, EVENLY, OWN, TARGET

pytestmark = pytest.mark.skipif(INTERPRETED, reason="many worlds, too slow uncompiled")

# Monitors decide something: systems strike each for itself, and all that is audited is recognised.
SCENARIO = """
name = "small"
worlds = 320
months = 90
systems = 9
seed = 4

[takeover]
difficulty = 11

[feedback]
density_per_doubling = 0

[training.scheming]
prior = 1

[conduct]
coordination = 0

[paradigm]
hold = 2

[oversight]
recognition = 1
recognition_limit = 99
audit_budget = 0.1

[policies.one.oversight]
control = true

[policies.two]
title = "control + CoT"
oversight = { control = true, cot_monitor = true }
"""


@pytest.fixture(scope="module")
def scenario():
    return rs.parse(SCENARIO)


@pytest.fixture(scope="module")
def attacks(scenario):
    return rs.attack(scenario, trials=12, threads=2)


def test_each_policy_has_a_worst_case_that_is_worse_than_its_own(attacks):
    assert [one.policy for one in attacks] == ["one", "two"]
    for one in attacks:
        assert one.worst.high < one.own.low and one.lost.low > 0
        assert one.lost.estimate == pytest.approx(one.own.estimate - one.worst.estimate, abs=1e-6)
    assert attacks["two"].choices and attacks["two"].tried > 12


def test_the_worst_case_is_what_a_run_of_its_scenario_gives(attacks, tmp_path):
    saved = rs.load(attacks.save(tmp_path / "worst.toml"))
    assert saved == attacks.scenario and saved.titles == {"two": "control + CoT"}
    worlds = rs.run(saved).worlds
    own = rs.run(attacks.question.scenario).worlds
    for one in attacks:
        assert estimate(worlds, one.policy, "no_takeover") == one.worst
        assert estimate(own, one.policy, "no_takeover") == one.own


def test_a_choice_given_up_is_the_scenarios_own_again(attacks):
    one = attacks["one"]
    first = one.choices[0]
    key = f"policies.one.{first.name}"
    without = attacks.scenario.override({key: first.own})
    back = estimate(rs.run(without).worlds, "one", "no_takeover")
    gained = back.estimate - one.worst.estimate
    assert first.gain.estimate == pytest.approx(gained, abs=1e-6)
    gains = [choice.gain.estimate for choice in one.choices]
    assert gains == sorted(gains, reverse=True)


def test_the_search_runs_in_other_worlds_than_those_of_the_answer(scenario):
    """With other worlds to answer in, the search still takes its own beyond them."""
    question = ask(scenario, ["one"], ["conduct.coordination"], 4)
    assert question.searched == 256 < scenario.worlds
    one = compute(question, Progress())["one"]
    fewer = compute(ask(scenario.override({"worlds": 64}), ["one"], trials=4), Progress())
    assert fewer.question.searched == 64 and one.searched != one.worst.estimate


def test_the_same_seed_gives_the_same_answer(scenario, attacks):
    again = rs.attack(scenario, trials=12, threads=1)
    assert again.to_dict() == attacks.to_dict()


def test_a_stage_stands_before_the_end(scenario):
    progress = Progress()
    result = compute(ask(scenario, ["two"], trials=8), progress)
    stage, answer = progress.standing
    assert stage == "2 of 8 trials" and answer.question.scenario.worlds == 80
    assert answer.question.trials == 2 and result.question.trials == 8
    assert len(ask(scenario, trials=3).stages) == 1


def test_distributions_are_the_scenarios_own(scenario):
    drawn = scenario.override({"conduct.coordination": {"uniform": [0, 0.2]}})
    attacks = rs.attack(drawn, "one", ["conduct.coordination"], trials=4)
    assert "0.1 (median)" in attacks.text()
    one = attacks["one"]
    (chosen,) = one.choices
    assert chosen.drawn == "{uniform = [0, 0.2]}" and chosen.own == pytest.approx(0.1)
    assert chosen.value == 1


def test_a_policy_of_the_scenario_itself_is_attacked_too(tmp_path):
    alone = rs.parse({"worlds": 64, "months": 40, "systems": 6, "oversight": {"control": {}}})
    result = rs.attack(alone, trials=4)
    assert list(result.scenario.policies) == ["scenario"]
    assert rs.load(result.save(tmp_path / "worst.toml")) == result.scenario


# ---- words ----


def test_every_choice_has_words_both_ways():
    for name in OWN:
        more, less = conduct(name, 0.5, 1), conduct(name, 0.5, 0)
        assert more != less and name.rpartition(".")[2].replace("_", " ") in more
    assert len({conduct(TARGET, "none", one) for one in (*EVADED, EVENLY)}) == len(EVADED) + 1
    assert conduct("conduct.story_rate", 0.02, 0.1) == "have conduct.story_rate at 0.1"
    assert conduct("conduct.coordination", 0.5, 0.5) == "have coordination 0.5 in every world"
    assert conducts([]) == "do what the scenario says"
    assert conducts([("takeover.collusion", 0, 1)] * 5).count("help their allies") == 5


def test_the_answer_in_words_fits_a_terminal_and_has_every_number(attacks):
    words = attacks.text()
    assert max(map(len, words.splitlines())) <= 80
    assert "control + CoT" in words and "at most what is printed" in words
    assert "In its worst case" in words
    content = attacks.to_dict()
    assert json.loads(json.dumps(content, allow_nan=False)) == json.loads(json.dumps(content))
    assert "sandbagging" in left_out(content)[0]
    table = attacks.to_dataframe()
    assert len(table) == sum(len(one.choices) for one in attacks)
    assert np.isfinite(table["estimate"]).all()


# ---- the command ----


def share(estimate, low=None, high=None):
    ends = estimate if low is None else low, estimate if high is None else high
    return {"estimate": estimate, "low": ends[0], "high": ends[1], "n": 256}


def test_a_choice_that_does_no_clear_harm_is_no_part_of_what_does_most():
    target = {"name": TARGET, "own": "none", "value": "cot_monitor", "gain": share(0.8, 0.7, 0.9)}
    feints = {"name": "conduct.feint_rate", "own": 0.0, "value": 0.0049}
    feints["gain"] = share(0.0, -0.01, 0.01)
    one = {"title": "both", "choices": [target, feints]}
    assert sentence(one) == (
        "both: the attacker does most harm where systems hide their reasoning from the "
        "chain-of-thought monitor. That it also has feint rate 0.0049 adds no more than luck may."
    )
    together = {"title": "both", "choices": [feints]}  # each alone adds nothing: all are named
    assert "stage more coups that are meant to be caught (feint rate 0.0049)" in sentence(together)


def test_who_keeps_most_in_the_worst_case_is_said_only_where_it_is_clear():
    def said(*policies):
        content = {"policies": {}, "worlds_of_search": 256}
        for title, own, worst in policies:
            one = {"title": title, "own": own, "worst": worst, "tried": 9, "searched": 0.0}
            content["policies"][title] = one
        return next(sentences(content)), finding(content)

    first, second = ("one", share(0.9), share(0.5)), ("two", share(0.7), share(0.2))
    words, title = said(first, second)
    assert words == (
        "In its worst case, one keeps most worlds: 50.0 %. With the scenario's attacker, too, one "
        "keeps most."
    )
    assert title.startswith("Against the worst attacker found, one keeps most worlds: 50.0 %")
    close = ("two", share(0.95), share(0.45, 0.35, 0.55))
    words, title = said(first, close)
    assert words == (
        "In its worst case, one keeps 50.0 % and two 45.0 %; which of them keeps more may be "
        "luck. With the scenario's attacker two keeps most."
    )
    assert "no policy clearly keeps most worlds: one 50.0 %, two 45.0 %" in title
    nothing = (
        ("one", share(0.9), share(0.0, 0.0, 0.01)),
        ("two", share(0.9), share(0.0, 0.0, 0.01)),
    )
    assert said(*nothing)[0] == (
        "In its worst case, no policy keeps any of these worlds. With the scenario's attacker no "
        "policy clearly keeps most."
    )


def test_the_command_saves_numbers_a_scenario_and_a_figure(file, capsys):
    options = ["--policy", "two", "--trials", "4", "--worlds", "64", "--out", "out"]
    assert cli.main(["attack", str(file), *options]) == 0
    folder = file.parent / "out"
    assert {path.name for path in folder.iterdir()} == {
        "attack.json",
        FILE,
        "manifest.json",
        "figures",
    }
    assert {path.name for path in (folder / "figures").iterdir()} == {"attack.png", "attack.svg"}
    assert "worst found" in capsys.readouterr().out
    assert cli.main(["run", str(folder / FILE), "--no-figures", "--out", "again"]) == 0
    assert cli.main(["plot", str(folder), "--figure", "attack"]) == 0


def test_json_is_what_is_saved(file, capsys):
    options = ["--policy", "one", "--trials", "2", "--worlds", "48", "--json", "--no-figures"]
    assert cli.main(["attack", str(file), "--out", "out", *options]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == json.loads((file.parent / "out" / "attack.json").read_text())
    assert printed["policies"]["one"]["choices"] and printed["worlds_of_search"] == 48


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--policy", "onee"], "no policy \"onee\"; the nearest is 'one'"),
        (["--over", "oversight.audit_budget"], "belongs to the overseer"),
        (["--over", "conduct.coordination=0:3"], "allowed is 0 to 1"),
        (["--over", "cognition.sandbagging"], "has no oversight.evaluations"),
        (["--policy", "one", "--over", "target"], "no safeguard that could be evaded more"),
        (["--trials", "0"], "--trials: found 0; allowed is a whole number from 1 to 10,000"),
        (["--worlds", "0"], "worlds"),
    ],
)
def test_what_cannot_be_used_is_refused_in_a_sentence(file, capsys, options, sentence):
    assert cli.main(["attack", str(file), *options]) == 2
    refused = capsys.readouterr().err
    assert sentence in " ".join(refused.split())
    assert [path.name for path in file.parent.iterdir()] == ["small.toml"]


def test_a_policy_in_python_is_refused(scenario):
    @rs.policy(settings={"oversight.control": {}})
    def vigilant(seen, levers):
        return levers

    with pytest.raises(Refusal, match="written in Python"):
        rs.attack(scenario, vigilant)
