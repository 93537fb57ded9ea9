"""Correlations and draws in a scenario file: what is read, kept and refused."""

import hashlib
import json

import pytest

import regimesim as rs
from regimesim.scenario import parse

LAWS = """
months = 12
systems = 3
worlds = 16
[takeover]
difficulty = { normal = [15, 2] }
[cognition]
awareness_midpoint = { normal = [9, 1] }
patience = { beta = [3, 1] }
[capability]
initial = { fit = "metr" }
"""
A, B, C = "takeover.difficulty", "cognition.awareness_midpoint", "cognition.patience"


def pair(first, second, rank):
    return f'[[correlations]]\nof = ["{first}", "{second}"]\nrank = {rank}\n'


def refusal(path, text):
    path.write_text(text)
    with pytest.raises(rs.Refusal) as refused:
        rs.load(path)
    return "\n".join(refused.value.lines)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (pair("takeover.dificulty", B, 0.5), "nearest that may be drawn is 'takeover.difficulty'"),
        (pair(A, "training.release_interval", 0.5), "takes no distribution"),
        (pair(A, "takeover.collusion", 0.5), "is a number under every policy"),
        (pair(A, "oversight.control.auroc", 0.5), "is absent under every policy"),
        (pair(A, "capability.initial", 0.5), "a fit is drawn by itself"),
        (pair(A, "outside.density", 0.5), "together with feedback.density; name that"),
        (pair(A, B, 1), "rank: found 1; allowed is more than -1 and less than 1"),
        (pair(A, B, '"high"'), 'rank: found "high"'),
        (pair(A, A, 0.5), "twice; a pair has two parameters"),
        (pair(A, B, 0.5) + pair(B, A, 0.4), "pair 2: " + B + " and " + A + " are pair 1"),
        (pair(A, B, 0.5).replace("rank", "rnk"), "unknown key \"rnk\"; the nearest is 'rank'"),
        ('[correlations]\n"a" = 1\n', "allowed is a list of at most 1,000 tables"),
        (
            "[policies.one]\n" + pair(A, B, 0.5).replace("[[", "[[policies.one."),
            "policies share their worlds; it belongs to the top level",
        ),
    ],
)
def test_correlations_that_mean_nothing_are_refused(tmp_path, written, said):
    lines = refusal(tmp_path / "one.toml", LAWS + written)
    assert said in lines
    assert "correlations" in lines
    assert lines.count("\n") == 0


def test_a_mapping_is_refused_like_a_file():
    one = {"correlations": [{"of": [A, "takeover.collusion"], "rank": 0.5}], "worlds": 8}
    with pytest.raises(rs.Refusal, match="is a number under every policy"):
        rs.run(one)


def test_correlations_that_cannot_hold_at_once_are_refused_with_the_least_change(tmp_path):
    # with a-b at r and a-c at 0, b-c is at most the rank of sqrt(1 - score(r)^2): 0.5637 for 0.8
    lines = refusal(tmp_path / "one.toml", LAWS + pair(A, B, 0.8) + pair(B, C, 0.8))
    assert lines.endswith(
        "that of cognition.awareness_midpoint and cognition.patience, 0.8, "
        "would have to be at most 0.56"
    )
    parse(LAWS + pair(A, B, 0.8) + pair(B, C, 0.56))
    with pytest.raises(rs.Refusal):
        parse(LAWS + pair(A, B, 0.8) + pair(B, C, 0.57))


def test_where_no_single_change_would_do_all_have_to_shrink(tmp_path):
    names = [A, B, C, "takeover.caught_value"]
    # all six at -0.9: scores are possible down to -1/3 each, and 0.34 times -0.908 is below that
    listed = [(a, b) for k, a in enumerate(names) for b in names[:k]]
    text = LAWS.replace("[takeover]", "[takeover]\ncaught_value = { beta = [1, 1] }")
    lines = refusal(tmp_path / "one.toml", text + "".join(pair(*of, -0.9) for of in listed))
    assert "they could if each were at most 0.36 times as large" in lines


def test_a_scenario_with_correlations_can_be_written_and_read_again():
    scenario = parse(LAWS + pair(A, B, 0.6), name="one")
    assert parse(json.loads(json.dumps(scenario.resolved()))) == scenario
    assert scenario.with_policy("more", {"oversight.control": {}}).policies["more"].correlations
    without = scenario.override({"correlations": []})
    assert without.policies["scenario"].correlations == ()


# ---- draws ----

BRIEF = 'months = 12\nsystems = 3\nworlds = 16\n[draws]\nfile = "p.csv"\n'
GOOD = f"{A},{C}\n12,0.5\n14,0.75\n15,0.25\n"


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("takeover.dificulty\n1\n", "nearest that may be drawn is 'takeover.difficulty'"),
        ("months\n1\n", "takes no distribution"),
        (f"{A},{A}\n1,2\n", "given twice"),
        (f",{A}\n0,2\n", "column 1: no name"),
        (f"{A};{C}\n1;2\n", 'separated by ";"'),
        ("", "no header"),
        (f"{A}\n", "no row below the header"),
        (f"{A},{C}\n1,\n", "found nothing; allowed is 0 to 1"),
        (f"{A},{C}\n1,nan\n", 'found "nan"; allowed is 0 to 1'),
        (f"{A},{C}\n1,1.5\n", 'line 2, column "cognition.patience": found "1.5"; allowed is 0 to'),
        (f"{A},{C}\n1\n", "found 1 cell; the header has 2"),
        ("oversight.control.auroc\n0.9\n", "oversight.control is switched off"),
        (f'{A}\n"12\n', "not a CSV file"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused(tmp_path, table, said):
    (tmp_path / "p.csv").write_text(table)
    lines = refusal(tmp_path / "one.toml", BRIEF)
    assert said in lines
    assert "draws: " in lines
    assert "p.csv: " in lines


def test_a_file_that_is_not_there_is_refused_with_all_other_mistakes(tmp_path):
    (tmp_path / "q.csv").write_text(GOOD)
    lines = refusal(tmp_path / "one.toml", BRIEF.replace("12", "1200000") + "[takeovr]\nx = 1\n")
    assert "no such file; the nearest is " in lines
    assert "months: found 1200000" in lines
    assert "takeovr: unknown key" in lines


def test_what_every_policy_sets_to_a_number_is_refused(tmp_path):
    (tmp_path / "p.csv").write_text(GOOD)
    own = "[policies.one.cognition]\npatience = 0.5\n"
    assert "every policy sets it" in refusal(tmp_path / "one.toml", BRIEF + own)


def test_draws_and_correlations_of_one_parameter_are_refused(tmp_path):
    (tmp_path / "p.csv").write_text(GOOD)
    laws = "[cognition]\nawareness_midpoint = { normal = [9, 1] }\n"
    lines = refusal(tmp_path / "one.toml", BRIEF + laws + pair(A, B, 0.5))
    assert "whose rows have correlations of their own" in lines


def test_a_saved_scenario_needs_no_other_file(tmp_path):
    (tmp_path / "p.csv").write_text(GOOD)
    (tmp_path / "one.toml").write_text(BRIEF)
    scenario = rs.load(tmp_path / "one.toml")
    digest = hashlib.sha256(GOOD.encode()).hexdigest()
    assert scenario.files[str(tmp_path / "p.csv")] == digest
    (tmp_path / "p.csv").unlink()
    for written in (scenario.resolved(), {"name": "one", **scenario.raw}):
        assert parse(json.loads(json.dumps(written))) == scenario
    assert (
        scenario.override({"takeover.difficulty": 12}).policies["scenario"].takeover.difficulty
        == 12
    )
    with pytest.raises(rs.Refusal, match="only a file names draws"):
        scenario.override({"draws.file": "other.csv"})


def test_a_file_that_extends_one_with_draws_may_set_what_they_draw(tmp_path):
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "p.csv").write_text(GOOD)
    (tmp_path / "below" / "one.toml").write_text(BRIEF)
    (tmp_path / "two.toml").write_text('extends = "below/one.toml"\ncognition.patience = 0.5\n')
    tables = rs.load(tmp_path / "two.toml").policies["scenario"]
    assert tables.cognition.patience == 0.5
    assert sorted(tables.takeover.difficulty.values) == [12, 14, 15]
    twice = 'extends = "below/one.toml"\n[draws]\nfile = "below/p.csv"\n'
    assert "has draws already" in refusal(tmp_path / "three.toml", twice)


def test_one_number_of_a_list_may_be_drawn(tmp_path):
    (tmp_path / "p.csv").write_text("paradigm.premium.paradigm 2\n0.1\n0.2\n")
    (tmp_path / "one.toml").write_text(BRIEF)
    premium = rs.load(tmp_path / "one.toml").policies["scenario"].paradigm.premium
    assert list(premium[1].values) == [0.1, 0.2]
    assert parse({}).policies["scenario"].paradigm.premium[2] == premium[2]
