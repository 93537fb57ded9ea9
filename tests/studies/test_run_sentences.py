"""The sentences below the table of a run: each follows from the numbers, also at their limits."""

import re
from itertools import combinations

import pytest
from small import FIRST_PART_IN_TOML

import regimesim as rs
from regimesim.model.compilation import INTERPRETED
from regimesim.studies.run.deciding import deciding
from regimesim.studies.run.sentences import beliefs, ranking
from regimesim.studies.run.verdict import verdict
from regimesim.studies.run.what_holds import every_lab, skill

END = "2040-12"
NUMBER = re.compile(r"[<>]?-?\d+(?:\.\d+)? %")


def estimate(value, reach=0.01):
    if value is None:
        return {"estimate": None, "low": None, "high": None, "n": 0}
    return {"estimate": value, "low": value - reach, "high": value + reach, "n": 1000}


def policy(title, safe, met, held=None, believed=None, lost=0.0, pays=1.0, reach=0.01):
    """The part of a summary that the sentences read."""
    gap = None if held is None else believed - held
    return {
        "title": title,
        "no_takeover": estimate(safe, reach),
        "held_first_critical_try": estimate(held),
        "believed_catch_rate": estimate(believed),
        "evidence_gap": estimate(gap, reach),
        "growth_lost": estimate(lost),
        "audited": estimate(0.0 if title == "none" else 0.05),
        "thresholds": {"first_critical_try": {"crossed": met}, "favourable": {"crossed": pays}},
    }


def said(*policies, reach=0.01) -> str:
    """The sentences on these policies, whose differences have intervals of +- reach."""
    named = {one["title"].replace(" ", "_"): one for one in policies}
    paired = {
        f"{a} vs {b}": {
            "no_takeover": estimate(
                named[a]["no_takeover"]["estimate"] - named[b]["no_takeover"]["estimate"], reach
            )
        }
        for a, b in combinations(named, 2)
    }
    summary = {"policies": named, "paired": paired}
    return " ".join([*ranking(summary, END), *beliefs(summary)])


NONE = policy("none", 0.0, 1.0, 0.0, 0.01)
CONTROL = policy("control", 0.1, 0.9, 0.3, 0.75, lost=0.02)


def test_the_first_policy_and_the_next_with_their_shares_and_its_cost():
    text = said(NONE, CONTROL, policy("full stack", 0.6, 0.5, 0.5, 0.52, lost=0.25))
    assert text.startswith(
        "full stack ranks first: 60.0 % of worlds see no takeover by 2040-12, against 10.0 % "
        "under control, the next; full stack costs 25.0 % of growth."
    )


def test_no_policy_is_called_the_next_where_all_others_keep_as_many_worlds():
    text = said(NONE, policy("control", 0.0, 1.0), policy("best", 0.6, 0.5, 0.5, 0.52))
    assert "against 0 % under each of the other 2 policies; best" in text


@pytest.mark.parametrize(
    ("lost", "words"),
    [
        (0.0, "best costs no growth."),
        (-0.03, "growth gains 3.0 %."),
        (1e-6, "best costs <0.1 % of growth."),
        (None, "the next."),
    ],
)
def test_a_cost_of_nothing_a_gain_and_an_unknown_cost(lost, words):
    assert words in said(NONE, policy("best", 0.6, 0.5, 0.2, 0.2, lost=lost))


def test_policies_whose_difference_may_be_0_rank_first_together():
    text = said(
        policy("hold", 0.995, 0.02, 0.9, 0.9, lost=0.01),
        NONE,
        policy("full stack", 1.0, 0.02, 0.9, 0.9, lost=0.3),
    )
    assert text.startswith(
        "full stack and hold rank first together: 99.5 to 100 % of worlds see no takeover by "
        "2040-12, and the 95 % interval of their difference contains 0. Of these, hold costs "
        "least growth, 1.0 %, and full stack most, 30.0 %."
    )


def test_of_many_that_rank_together_three_are_named():
    many = [policy(f"p{k}", 0.9, 0.1, 0.5, 0.5) for k in range(5)]
    text = said(NONE, *many)
    assert "p0, p1 and 3 more rank first together: 90.0 % of worlds" in text
    assert "least growth" not in text  # they cost the same


def test_policies_that_are_all_alike():
    text = said(policy("a", 0.5, 0.6, 0.2, 0.2), policy("b", 0.49, 0.6, 0.2, 0.2), reach=0.05)
    assert text.startswith("a stands first, but no policy keeps clearly fewer worlds")
    assert "points between" not in text and "ranks" not in text


def test_every_world_lost_under_every_policy():
    text = said(NONE, policy("control", 0.0, 1.0, 0.3, 0.75))
    assert text.startswith("No policy keeps a world: all are lost by 2040-12.")
    assert "points between" not in text
    assert "Belief misleads most under control" in text


def test_no_world_lost_under_any_policy():
    text = said(
        policy("a", 1.0, 0.3, 1.0, 0.6, lost=0.2), policy("b", 1.0, 0.2, 1.0, 0.9, lost=0.1)
    )
    assert text.startswith(
        "No world is lost by 2040-12, under any policy. Of these, b costs least"
    )
    assert "overseers believe in a catch rate of 60.0 %" in text  # too little


@pytest.mark.parametrize("count", [1, 2])
def test_no_try_anywhere(count):
    policies = [policy(f"p{k}", 1.0, 0.0) for k in range(count)]
    under = " under any policy" if count > 1 else ""
    assert said(*policies) == f"No world meets a critical try{under}, so no safeguard is tested."


@pytest.mark.parametrize(
    ("best", "words"),
    [
        (
            policy("best", 0.96, 0.08, 0.6, 0.6, pays=0.99),
            "Most of the 96.0 points between best and none are deterrence: 92.0 are worlds "
            "without a critical try, and unopposed, a takeover would pay in 99.0 % of worlds "
            "under best.",
        ),
        (
            policy("best", 0.96, 0.08, 0.6, 0.6, pays=0.2),
            "are tries that are never made: 92.0 are worlds without a critical try, and even "
            "unopposed, a takeover would pay in only 20.0 % of worlds under best.",
        ),
        (
            policy("best", 0.9, 0.9, 0.9, 0.9),
            "Most of the 90.0 points between best and none are catching: 80.0 are worlds that "
            "meet critical tries and hold all of them.",
        ),
        (
            policy("best", 0.8, 0.6, 0.7, 0.7),
            "The 80.0 points between best and none are both deterrence and catching: 40.0 are "
            "worlds without a critical try, 40.0 worlds that meet critical tries and hold all",
        ),
        (
            policy("best", 0.8, 1.0, 0.8, 0.8),
            "are catching: critical tries come in 100 % of worlds under best and in 100 % under "
            "none, and all are held in more worlds.",
        ),
    ],
)
def test_deterrence_and_catching_are_what_the_shares_say(best, words):
    assert words in said(NONE, best)


def test_fewer_tries_that_are_held_less_often():
    text = said(policy("guard", 0.5, 1.0, 0.5, 0.5), policy("best", 0.8, 0.2, 0.01, 0.01))
    assert (
        "The 30.0 points between best and guard are deterrence: critical tries come in 20.0 % of "
        "worlds under best and in 100 % under guard, though fewer worlds meet some and hold all"
    ) in text


def test_the_last_of_equal_policies_is_the_one_that_costs_least():
    assert "between best and none" in said(
        NONE, policy("control", 0.0, 1.0, 0.3, 0.3), policy("best", 0.9, 0.1, 0.5, 0.5)
    )


def test_one_policy_is_not_ranked():
    text = said(policy("only", 0.4, 0.8, 0.3, 0.7, lost=0.1))
    assert text == (
        "40.0 % (+- 1.0) of worlds see no takeover by 2040-12; this costs 10.0 % of growth. "
        "20.0 % of worlds meet no critical try, and 20.0 % meet some and hold all of them. "
        "Belief misleads: overseers believe in a catch rate of 70.0 % at the first critical try, "
        "and 30.0 % of first tries are held."
    )
    assert "Every world meets a critical try, and 40.0 % hold all of theirs." in said(
        policy("only", 0.4, 1.0, 0.6, 0.6)
    )


def test_belief_that_is_right_and_belief_that_nobody_could_test():
    right = said(NONE, policy("best", 0.6, 0.5, 0.5, 0.505))
    assert right.endswith("does not differ clearly from the true catch rate under any policy.")
    untested = policy("best", 1.0, 0.0)
    assert "elief" not in said(policy("none", 0.0, 1.0), untested)


def test_beliefs_that_mislead_as_much_are_both_named():
    text = said(
        policy("a", 0.3, 1.0, 0.3, 0.75), NONE, policy("b", 0.2, 1.0, 0.2, 0.64, reach=0.02)
    )
    assert "Belief misleads most under a, and perhaps as much under b: under a overseers" in text


SMALL = f"""
worlds = 40
months = 60
systems = 6
capability.initial = 7
{FIRST_PART_IN_TOML}
"""
LARGER = SMALL.replace("40", "2000", 1)
PAIR = "[policies.none]\n[policies.control.oversight]\ncontrol = true\n"
needs_compiler = pytest.mark.skipif(INTERPRETED, reason="too slow uncompiled")


@needs_compiler
@pytest.mark.parametrize("policies", ["", "[policies.only]\n", PAIR])
@pytest.mark.parametrize("difficulty", ["-5", "{ normal = [11, 1] }", "60"])
def test_runs_at_their_limits_have_sentences_that_agree_with_the_table(policies, difficulty):
    run = rs.run(rs.parse(f"{SMALL}takeover.difficulty = {difficulty}\n{policies}"))
    lines = [*ranking(run.summary, END), *beliefs(run.summary)]
    assert lines and all(line.endswith(".") and "None" not in line for line in lines)
    shares = [one["no_takeover"]["estimate"] for one in run.summary["policies"].values()]
    if difficulty == "60":
        assert len(lines) == 1 and lines[0].startswith("No world meets a critical try")
    elif shares == [0, 0]:
        assert lines[0].startswith("No policy keeps a world")
    elif len(shares) == 1:
        assert lines[0].startswith(NUMBER.findall(lines[0])[0])


@needs_compiler
def test_a_policy_in_python_is_named_by_its_title():
    @rs.policy(title="audit everything", settings={"oversight.control": {"auroc": 0.99}})
    def thorough(seen, levers):
        return levers.set(audit_budget=1.0)

    scenario = rs.parse(f"{SMALL}takeover.difficulty = {{ normal = [11, 1] }}\n{PAIR}")
    text = rs.run(scenario, ["none", thorough]).text()
    row = next(line for line in text.splitlines() if line.startswith("audit everything"))
    assert row.split()[-4:-2] == ["0", "100"]  # growth lost, audited
    assert "audit everything ranks first" in " ".join(text.split())


@needs_compiler
def test_three_paragraphs_follow_the_tables(monkeypatch):
    """What ranks first, what overseers believe and what decides, each a paragraph of its own."""
    monkeypatch.setenv("COLUMNS", "80")
    drawn = f"{LARGER}takeover.difficulty = {{ normal = [11, 4] }}\n"
    run = rs.run(rs.parse(f"{drawn}{PAIR}"))
    words = run.text()
    _, *paragraphs = words.split("\n- ")
    assert [one.split()[0] for one in paragraphs] == ["control", "Belief", "Under"], words
    assert all(line.startswith("  ") for one in paragraphs for line in one.splitlines()[1:])
    told = [one.replace("\n  ", " ") for one in paragraphs]
    assert told == verdict(run.summary, run.scenario, "2030-12")


@needs_compiler
def test_the_report_leaves_what_decides_to_its_own_part():
    drawn = f"{LARGER}takeover.difficulty = {{ normal = [11, 4] }}\n"
    run = rs.run(rs.parse(f"{drawn}{PAIR}"))
    whole = verdict(run.summary, run.scenario, END)
    assert verdict(run.summary, run.scenario, END, assumptions=False) == whole[:-1]


def with_shares(title, safe, **shares):
    """A policy whose variance has these shares, each with an interval of +- 0.03."""
    rows = [
        {
            "source": source.replace("__", "."),
            "estimate": share,
            "low": share - 0.03,
            "high": share + 0.03,
        }
        for source, share in shares.items()
    ]
    return policy(title, safe, 0.5) | {"variance_shares": rows}


def test_what_decides_is_said_of_the_policy_whose_worlds_differ_most():
    clear = with_shares("clear", 0.99, luck=0.9, a__one=0.1, together=0.0)
    open_ = with_shares("open", 0.4, luck=0.25, a__one=0.3, a__two=0.2, a__idle=0.01, together=0.2)
    (text,) = deciding({"policies": {"clear": clear, "open": open_}})
    assert text == (
        "Under open, 22 to 28 % of what makes worlds differ is luck; of the 3 assumptions that "
        "are drawn, a.one (27 to 33 %) and a.two (17 to 23 %) decide most by themselves, and 17 "
        "to 23 % arises only where several act together (95 % intervals)."
    )


def test_what_decides_where_no_assumption_does_or_one():
    none = with_shares("x", 0.5, luck=0.98, a__one=0.01, together=0.01)
    (text,) = deciding({"policies": {"x": none}})
    assert text.endswith(
        "95 to 100 % of what makes worlds differ is luck; a.one decides little (95 % intervals)."
    )
    none = with_shares("x", 0.5, luck=0.98, a__one=0.01, a__two=0.01, together=0.0)
    (text,) = deciding({"policies": {"x": none}})
    assert text.endswith(
        "of the 2 assumptions that are drawn, none decides much by itself (95 % intervals)."
    )
    one = with_shares("x", 0.5, luck=0.5, a__one=0.5, together=0.0)
    (text,) = deciding({"policies": {"x": one}})
    assert text.endswith("a.one (47 to 53 %) decides the rest (95 % intervals).")
    assert deciding({"policies": {"x": policy("x", 0.5, 0.5)}}) == []


def holds(lottery, skill, traps=0.0):
    shares = {"by_lottery": lottery, "by_skill": skill, "by_traps": traps}
    return {"first_tries_held": {name: estimate(share) for name, share in shares.items()}}


def adopted(safe_of_two, reach=0.01):
    """What is said of a policy in all labs and of the same one in two of three."""
    control = {"oversight": {"control": {}}}
    scenario = rs.parse(
        {"labs": 3, "policies": {"all": control, "two": {**control, "adopters": 2}}}
    )
    named = {"all": policy("all", 0.8, 0.3, 0.5, 0.5), "two": policy("two", safe_of_two, 0.9)}
    paired = {"all vs two": {"no_takeover": estimate(0.8 - safe_of_two, reach)}}
    return list(every_lab({"policies": named, "paired": paired}, scenario))


def test_how_much_of_what_is_held_is_skill_under_the_first_two_policies_with_monitors():
    halt = policy("halt", 0.8, 0.3, 0.6, 0.7) | holds(0.22, 0.43)
    stack = policy("stack", 0.3, 0.9, 0.5, 0.7) | holds(0.34, 0.05, 0.07)
    weak = CONTROL | holds(0.1, 0.2)
    none = NONE | {"first_tries_held": {k: estimate(0.0) for k in holds(0, 0)["first_tries_held"]}}
    named = {one["title"]: one for one in (none, weak, stack, halt)}
    assert list(skill({"policies": named})) == [
        "Monitors without any skill would, by audits at random, hold 22.0 % of first tries under "
        "halt and 34.0 % under stack; skill adds 43.0 and 5.0 points, honeypots 7.0 under stack."
    ]
    assert list(skill({"policies": {"none": none}})) == []
    old = {"halt": policy("halt", 0.8, 0.3, 0.6, 0.7)}  # of a run of before
    assert list(skill({"policies": old})) == []


def test_whether_the_first_policy_needs_every_lab():
    assert adopted(0.03) == [
        "all needs every lab: with 2 of 3 labs (two), 3.0 % of worlds see no takeover."
    ]
    assert adopted(0.6)[0].startswith("all does better with every lab: with 2 of 3 labs")
    assert adopted(0.795) == []  # the interval of the difference contains 0
