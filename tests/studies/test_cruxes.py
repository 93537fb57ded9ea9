"""What makes two scenarios disagree: what differs, its groups, its parts, and the command."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from small import FIRST_PART_IN_TOML

import regimesim as rs
from regimesim.analysis.estimands import counted
from regimesim.analysis.estimates import Estimate
from regimesim.analysis.outcome import OUTCOMES
from regimesim.analysis.survival import threshold_times
from regimesim.cli import main
from regimesim.errors import Refusal
from regimesim.results.progress import Progress
from regimesim.studies.contributions.shares import contributions_of_parts
from regimesim.studies.contributions.subsets import run_subsets
from regimesim.studies.cruxes.compute import compute, largest_effect
from regimesim.studies.cruxes.groups import combinations, differing, grouped
from regimesim.studies.cruxes.question import ask, read_groups

ONE = f"""
name = "one"
worlds = 40
months = 80
systems = 6
seed = 5
feedback.density = 0
feedback.constraint = 0
{FIRST_PART_IN_TOML}[capability]
initial = 8
doubling_time = 6
[takeover]
difficulty = {{ normal = [12, 1] }}
[policies.watched.oversight]
control = true
[policies.bare]
"""
OTHER = f"""
name = "other"
worlds = 60
months = 70
systems = 6
seed = 9
feedback.density = 0.5
feedback.constraint = 0
{FIRST_PART_IN_TOML}[capability]
initial = 8
doubling_time = 5
[takeover]
difficulty = 13
[policies.watched]
paradigm = {{ hold = 2 }}
oversight = {{ control = {{ share = 0.5 }}, cot_monitor = {{ strength = 3 }} }}
[policies.bare]
"""


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, text in (("one", ONE), ("other", OTHER)):
        (tmp_path / f"{name}.toml").write_text(text)
    return ["one.toml", "other.toml"]


@pytest.fixture(scope="module")
def pair():
    return rs.parse(ONE), rs.parse(OTHER)


@pytest.fixture(scope="module")
def question(pair):
    return ask(*pair, "critical_tries", "watched", threads=2)


@pytest.fixture(scope="module")
def found(question):
    return compute(question, Progress()).to_dict()


def answer(*asked, **options):
    """The answer to a question, without a bar."""
    return compute(ask(*asked, **options), Progress())


def lines_of(result):
    """The lines of a result's text, none of which is wider than a terminal."""
    lines = result.text().splitlines()
    assert max(map(len, lines)) <= 80
    return lines


def test_what_differs_is_grouped_by_table_and_by_who_sets_it(question):
    told_of = {
        name: {one.key: (one.ours, one.theirs) for one in group}
        for name, group in question.groups.items()
    }
    assert told_of == {
        "run": {"months": (80, 70)},
        "capability": {"capability.doubling_time": (6.0, 5.0)},
        "feedback": {"feedback.density": (0.0, 0.5)},
        "takeover": {"takeover.difficulty": ({"normal": [12.0, 1.0]}, 13.0)},
        "policy: paradigm": {"paradigm.hold": (4, 2)},
        "policy: oversight.control": {"oversight.control.share": (1.0, 0.5)},
        "policy: oversight.cot_monitor": {"oversight.cot_monitor": (False, {"strength": 3.0})},
    }


def test_groups_may_be_parameters_or_those_of_the_user(question):
    every = differing(question.ours, question.theirs)
    assert list(grouped(every, "parameter")) == [one.key for one in every]
    mine = grouped(every, "table", {"mind": ["feedback", "takeover.difficulty"], "all": ["run"]})
    assert [one.key for one in mine["mind"]] == ["feedback.density", "takeover.difficulty"]
    assert [one.key for one in mine["all"]] == ["months"] and "feedback" not in mine
    policy = grouped(every, "table", {"policy": ["oversight", "paradigm"]})
    assert len(policy["policy"]) == 3 and len(policy) == 5


def test_combinations_go_from_one_side_to_the_other(question):
    first, last = question.scenarios[0], question.scenarios[-1]
    assert len(question.scenarios) == 128
    for ends, side in ((first, question.ours), (last, question.theirs)):
        (tables,) = ends.policies.values()
        assert tables == side.tables
        assert (ends.months, ends.worlds, ends.seed) == (side.scenario.months, 40, 5)
    (mixed,) = question.scenarios[0b1000100].policies.values()  # feedback and the last
    assert mixed.feedback.density == 0.5 and mixed.oversight.cot_monitor.strength == 3
    assert mixed.oversight.control.share == 1 and mixed.capability.doubling_time == 6


def test_values_add_up_and_both_ends_are_those_of_plain_runs(pair, found):
    one, other = pair
    other = other.override({"worlds": 40, "seed": 5})
    for side, scenario in (("a", one), ("b", other)):
        worlds = rs.run(scenario.choose(["watched"])).worlds
        expected = counted(worlds, "watched", "critical_tries")._asdict()
        assert {key: found[side][key] for key in expected} == expected
    total = sum(group["shapley"]["estimate"] for group in found["groups"].values())
    difference = found["b"]["estimate"] - found["a"]["estimate"]
    assert difference != 0
    assert found["difference"]["estimate"] == pytest.approx(difference, abs=1e-12)
    assert total == pytest.approx(difference, abs=1e-12)
    sizes = [abs(group["shapley"]["estimate"]) for group in found["groups"].values()]
    assert sizes == sorted(sizes, reverse=True)


def test_alone_and_last_are_differences_of_plain_runs(pair, found):
    one, _ = pair
    base = one.choose(["watched"])
    changed = rs.run(base.override({"feedback.density": 0.5})).worlds
    plain = rs.run(base).worlds
    expected = float((changed.critical_tries - plain.critical_tries).mean())
    alone = found["groups"]["feedback"]["alone"]
    assert alone["estimate"] == pytest.approx(expected, abs=1e-12) and expected != 0
    by_set = {frozenset(c["as_in_b"]): c["estimate"] for c in found["combinations"]}
    everything = frozenset(found["groups"])
    last = found["groups"]["feedback"]["last"]["estimate"]
    assert last == pytest.approx(by_set[everything] - by_set[everything - {"feedback"}], abs=1e-12)


def test_threads_change_no_bit(question, found):
    assert compute(replace(question, threads=1), Progress()).to_dict() == found


def test_progress_counts_all_worlds_and_shows_both_sides(question, found):
    class Seen(Progress):
        def finding(self, words):
            findings.append(words)

    counted, findings = [], []
    compute(question, Seen(counted.append))
    assert sum(counted) == question.total == 128 * 40
    assert findings == [f"{side.upper()}: {found[side]['estimate']:.3g}" for side in "ab"]


def test_switching_safeguards_on_is_taking_a_policy_apart():
    one = rs.parse(ONE)
    own = one.override({"policies.bare.takeover.difficulty": 12.5})
    both = {"oversight.control": {}, "oversight.cot_monitor": {}, "takeover.difficulty": 12.5}
    other = one.with_policy("stack", both).choose(["stack"])
    parted = answer(own.choose(["bare"]), other, "no_takeover").to_dict()["groups"]
    subsets = contributions_of_parts(next(run_subsets(other, "stack")))["no_takeover"]["parts"]
    for name, part in subsets.items():
        ours = parted[f"policy: oversight.{name}"]["shapley"]
        assert ours == {key: pytest.approx(value) for key, value in part["shapley"].items()}


@pytest.mark.parametrize(
    ("outcome", "hold"),
    [
        ("held_first_critical_try", 4),
        ("evidence_gap", 4),
        ("first_critical_try_median", 4),
        ("takeover_crossed", 2),
    ],
)
def test_every_kind_of_outcome_adds_up(pair, outcome, hold):
    groups = {"world": ["capability", "feedback", "takeover"], "policy": ["oversight"]}
    tempting = {"paradigm.hold": 4, "feedback.density": 0.4, "oversight.cot_monitor.strength": 0.5}
    tempting = {f"policies.watched.{k}": value for k, value in tempting.items() if hold == 4}
    groups["policy"] += ["paradigm"] if hold == 2 else []
    one = pair[0].override({"worlds": 160})  # enough for every effect to be given
    result = answer(one, pair[1].override(tempting), outcome, "watched", groups=groups)
    found = result.to_dict()
    assert found["difference"]["estimate"] != 0
    assert list(result.question.groups) == ["run", "world", "policy"]
    total = sum(group["shapley"]["estimate"] for group in found["groups"].values())
    assert total == pytest.approx(found["b"]["estimate"] - found["a"]["estimate"], abs=1e-9)
    worlds = rs.run(one.choose(["watched"])).worlds
    if OUTCOMES[outcome].threshold is None:
        expected = counted(worlds, "watched", outcome).estimate
    else:
        name, _, kind = outcome.rpartition("_")
        crossing = worlds.crossing.sel(policy="watched", threshold=name).values
        expected = threshold_times(crossing, 80)[kind]
    assert found["a"]["estimate"] == pytest.approx(expected, abs=1e-12)
    assert any("B minus A" in line for line in lines_of(result))


def test_an_outcome_that_some_combination_lacks_is_refused(pair):
    one, other = pair
    safe = other.override({"takeover.difficulty": 60})
    with pytest.raises(Refusal, match=r"does not exist for .* combinations.*such as no_takeover"):
        rs.cruxes(one, safe, "held_first_critical_try")


def test_the_result_is_a_table_and_a_figure(pair):
    groups = {"mind": ["capability", "feedback"]}
    result = rs.cruxes(*pair, "no_takeover", policies=["watched"], groups=groups)
    table = result.to_dataframe()
    assert set(table.group) == {
        "mind",
        "run",
        "takeover",
        "policy: paradigm",
        "policy: oversight.control",
        "policy: oversight.cot_monitor",
    }
    assert {"shapley", "shapley_low", "alone", "last_high", "parameters"} <= set(table)
    assert table.shapley.sum() == pytest.approx(result.difference.estimate, abs=1e-12)
    assert result["mind"].shapley.estimate == table.set_index("group").shapley["mind"]
    first = result.plot().get_yticklabels()[0]
    assert first.get_text() == "A: one, watched"
    assert rs.cruxes(*pair, "no_takeover").question.ours.policy == "watched"  # the first


def test_a_policy_written_in_python_is_moved_with_its_rule(pair):
    same = rs.policy(lambda seen, levers: levers, name="same", settings={"oversight.control": {}})

    def halting(observation, levers):
        return rs.Levers(levers.audit_budget, 1.0, 0.0, *levers[3:])

    halted = rs.policy(halting, name="halted", settings={"oversight.control": {}})
    named = [one.with_policy("plain", {"oversight.control": {}}) for one in pair]
    plain = rs.cruxes(*named, "critical_tries", "plain")
    ours = rs.cruxes(*pair, "critical_tries", same)
    assert ours.parts == plain.parts and ours.combinations == plain.combinations
    without = rs.cruxes(*pair, "critical_tries", [halted])
    assert all(x < y for x, y in zip(without.combinations, ours.combinations, strict=True))
    with pytest.raises(Refusal, match="policies: found 2; allowed is one"):
        rs.cruxes(*pair, "critical_tries", [same, halted])


def test_sides_tell_on_how_few_worlds_they_rest(pair):
    one, _ = pair
    rare = one.override({"feedback.density": 0.9, "policies.watched.paradigm.hold": 2})
    result = answer(one, rare, "evidence_gap", "watched")
    few = result.b.n
    assert 1 <= few < result.a.n <= 40
    assert result.difference.n == min(few, result.a.n)
    line = next(x for x in lines_of(result) if x[:7] == "B gives")
    assert f" of {few} world{'s' if few > 1 else ''}" in line


def test_a_group_that_changes_no_world_is_shown_so(pair):
    one, _ = pair
    other = one.override({"oversight.beliefs.attribution": 0.5, "capability.doubling_time": 20})
    result = answer(one, other, "first_critical_try_median", "bare")
    assert result["oversight.beliefs"].no_world_differs
    assert not result["capability"].no_world_differs
    assert "oversight.beliefs: no effect in any world" in " ".join(result.text().split())


def test_long_names_are_cut_to_the_width(pair):
    long = "a name for everything that two people might ever disagree about, and some more of it"
    assert lines_of(answer(*pair, "no_takeover", "watched", groups={long: ["run", "feedback"]}))


@pytest.mark.parametrize(
    ("groups", "sentence"),
    [
        ({"g": []}, "--group g: names nothing"),
        ({"g": 5}, "--group g: found 5; allowed are names"),
        (["g=goals"], "expected keys by name"),
        ({"takeover": ["feedback"]}, "not all of it is in the group; name it otherwise"),
    ],
)
def test_groups_from_python_that_cannot_be(pair, groups, sentence):
    with pytest.raises(Refusal) as refused:
        ask(*pair, "no_takeover", "watched", groups=groups)
    (line,) = refused.value.lines
    assert sentence in line
    alone = ask(*pair, "no_takeover", "watched", groups={"takeover": "takeover"})
    assert "takeover.difficulty" in [one.key for one in alone.groups["takeover"]]


def test_sides_that_contradict_each_other_are_refused():
    least = "adaptive = { audit_min = %s, audit_max = %s }"
    budget = "audit_budget = { uniform = [0.01, 0.4] }"
    adaptive = f"[policies.only.oversight]\n{budget}\n{least}\n"
    low, high = (rs.parse(adaptive % ends) for ends in ((0.01, 0.02), (0.3, 0.4)))
    with pytest.raises(Refusal, match=r"of the other side.*--group NAME=KEY,KEY"):
        ask(low, high, "no_takeover", by="parameter")
    assert len(ask(low, high, "no_takeover").groups) == 1


def test_more_than_ten_groups_are_refused_with_advice(pair):
    one, _ = pair
    keys = ("noise", "lab_spread", "system_spread", "diffusion", "update_rate", "lifetime")
    other = one.override(
        {f"capability.{key}": 0.9 for key in keys}
        | {f"cognition.{key}": 0.6 for key in ("patience", "awareness_spread", "sandbagging")}
        | {f"goals.{key}": 0.6 for key in ("value", "value_spread")}
    )
    with pytest.raises(Refusal, match=r"^11 groups .* at most 10 .* leave out --by parameter"):
        ask(one, other, "no_takeover", by="parameter")
    assert len(ask(one, other, "no_takeover").groups) == 3


def read(path):
    return json.loads(Path(path).read_text(encoding="utf-8"))


def test_the_command_tells_and_writes_a_folder(files, capsys):
    asked = ["cruxes", *files, "--outcome", "no_takeover", "--policy", "watched"]
    assert main([*asked, "--group", "world=capability,feedback,takeover", "--worlds", "20"]) == 0
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 80
    assert "policy: oversight.cot_monitor" in text and "paradigm.hold: 4 -> 2" in text
    assert " sets " in text.replace("\n", " ")
    folder = Path("outputs/one-other-cruxes")
    assert {path.name for path in folder.iterdir()} == {"cruxes.json", "manifest.json", "figures"}
    found = read(folder / "cruxes.json")
    assert (found["worlds"], found["seed"], found["a"]["policy"]) == (20, 5, "watched")
    assert {path.name for path in (folder / "figures").iterdir()} == {"cruxes.png", "cruxes.svg"}
    manifest = read(folder / "manifest.json")
    assert manifest["made_by"] == "regimesim cruxes"
    assert manifest["other"]["scenario"]["name"] == "other"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--outcome", "no_takeovr"], "\"no_takeovr\"; the nearest is 'no_takeover'"),
        (["--policy", "watchd"], "no policy \"watchd\"; the nearest is 'watched'"),
        (["--by", "tabel"], "allowed are table and parameter; the nearest is 'table'"),
        (["--group", "mind"], "expected NAME=KEY,KEY"),
        (["--group", "mind=feedback,goals"], '"goals" does not differ; the nearest that does'),
        (["--group", "a=feedback", "--group", "b=feedback.density"], "is in group 'a' already"),
        (["--worlds", "0"], "worlds: found 0"),
    ],
)
def test_bad_input_is_shown_and_writes_nothing(files, capsys, options, sentence):
    outcome = [] if "--outcome" in options else ["--outcome", "no_takeover"]
    policy = [] if "--policy" in options else ["--policy", "watched"]
    assert main(["cruxes", *files, *outcome, *policy, *options]) == 2
    errors = capsys.readouterr().err.splitlines()
    assert all(sentence in line for line in errors) and 1 <= len(errors) <= 2
    assert not Path("outputs").exists()


def test_alike_files_have_nothing_to_disagree_about(files, capsys):
    asked = ["cruxes", files[0], files[0], "--outcome", "no_takeover"]
    assert main(asked) == 2
    assert "nothing differs" in capsys.readouterr().err
    assert main(["cruxes", *files, "--outcome", "no_takeover", "--policy", "bare"]) == 0
    text = capsys.readouterr().out
    assert "policy: " not in text


def test_mistakes_of_both_files_come_at_once(files, capsys):
    for file in files:
        Path(file).write_text("worlds = 0\n")
    assert main(["cruxes", *files, "--outcome", "no_takeover"]) == 2
    assert [line.split(":")[0] for line in capsys.readouterr().err.splitlines()] == files


def test_groups_are_read_from_texts():
    assert read_groups(["a= b , c.d", "e=f"]) == {"a": ["b", "c.d"], "e": ["f"]}
    with pytest.raises(Refusal, match="given twice"):
        read_groups(["a=b", "a=c"])


def test_every_place_is_its_own_combination(question):
    made = combinations(question.ours, question.theirs, question.groups)
    assert np.array_equal([list(one.policies) for one in made], [[str(k)] for k in range(128)])
    assert len({str(one.resolved()) for one in made}) == 128


def test_effects_that_few_worlds_leave_open_are_not_given(pair):
    """Four worlds cannot say what some groups do; the figure has their intervals alone."""
    one, other = (side.override({"worlds": 4}) for side in pair)
    result = answer(one, other, "critical_tries", "watched")
    unknown = [part for part in result.parts if part.shapley.estimate is None]
    assert unknown and result.parts[-len(unknown) :] == tuple(unknown)  # they come last
    for part in unknown:
        low, high = part.shapley.low, part.shapley.high
        assert low <= 0 <= high and high - low > result.largest
    text = " ".join(lines_of(result))
    assert "An effect with a dash may be of either sign" in text
    assert "–" in {words.get_text() for words in result.plot().texts}
    json.dumps(result.to_dict(), allow_nan=False)


def test_the_largest_effect_is_what_is_possible_or_else_what_was_estimated(question):
    effects = [Estimate(-3.0, -4.0, -2.0, 9), Estimate(1.0, 0.0, 2.0, 9)]
    assert largest_effect(OUTCOMES["no_takeover"], effects) == 1
    assert largest_effect(OUTCOMES["evidence_gap"], effects) == 2
    assert largest_effect(OUTCOMES["critical_tries"], effects) == 3
