"""The command `validate`: its rows, how they are judged, what it prints, and how it refuses."""

import json
import tomllib
from pathlib import Path

import jsonschema
import pytest

import regimesim as rs
from regimesim.analysis.estimates import NOTHING, Estimate
from regimesim.cli import main
from regimesim.errors import Refusal
from regimesim.model.compilation import INTERPRETED
from regimesim.studies.study import where_results_are
from regimesim.studies.validate.compute import OURS, Validation
from regimesim.studies.validate.published import SIMULATED
from regimesim.studies.validate.question import choose
from regimesim.studies.validate.targets import Target, read_targets

pytestmark = pytest.mark.skipif(INTERPRETED, reason="many worlds, too slow uncompiled")

ROOT = Path(__file__).parents[2]
SCENARIOS = sorted((ROOT / "scenarios" / "validation").glob("*.toml"))


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """Results go to the outputs of a folder of the test."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def rows():
    return rs.validate(folder=ROOT / "scenarios" / "validation", threads=2)


def test_every_row_holds(rows):
    assert [row.about.name for row in rows] == list(OURS)
    assert [number for row in rows for number in row.numbers if not number.holds] == []


def test_every_row_has_targets_and_a_function():
    assert list(read_targets()) == list(OURS)


LIMITS = [f"L{k}" for k in range(1, 8)]


def test_the_page_is_what_the_command_gives(rows):
    page = (ROOT / "docs" / "validation.md").read_text(encoding="utf-8")
    assert page == rows.markdown()


def test_the_confidence_of_an_interval_is_that_of_all_simulated_numbers(rows):
    simulated = [n for row in rows for n in row.numbers if n.ours.low is not None]
    assert len(simulated) == SIMULATED


def test_the_table_fits_a_terminal(rows):
    table = rows.text()
    assert max(map(len, table.splitlines())) <= 80
    assert table.count(" pass\n") == sum(len(row.numbers) for row in rows)
    assert table.endswith(f"\n\nAll {len(OURS)} rows hold.")


def test_an_infinite_number_fails_and_is_still_json(rows):
    row = rows["V1"]
    number = row.numbers[0]._replace(ours=Estimate(float("inf"), None, None, 1), holds=False)
    validation = Validation((row._replace(numbers=(number,)),))
    result = json.loads(json.dumps(validation.to_dict(), allow_nan=False))
    assert result["holds"] is False and result["rows"][0]["numbers"][0]["ours"] is None
    assert "inf" in validation.text()


# ---- judging ----


@pytest.mark.parametrize(
    ("target", "ours", "holds"),
    [
        (Target("is", 2.0, 0.1), Estimate(2.09, None, None, 1), True),
        (Target("is", 2.0, 0.1), Estimate(1.89, None, None, 1), False),
        (Target("is", 0.0), Estimate(1e-300, None, None, 1), False),
        (Target("is", 2.0, 0.1), Estimate(2.05, 2.01, 2.1, 50), False),
        (Target("is", 2.0), Estimate(2.5, 1.9, 3.1, 50), True),
        (Target("above", 1.0), Estimate(1.5, 0.9, 2.0, 50), False),
        (Target("above", 1.0), Estimate(1.5, 1.1, 2.0, 50), True),
        (Target("above", 1.0), Estimate(1.0, None, None, 1), False),
        (Target("below", 1.0), Estimate(0.5, 0.1, 1.2, 50), False),
        (Target("below", 1.0), Estimate(0.5, None, None, 1), True),
        (Target("below", 1.0), NOTHING, False),
        (Target("is", 0.0, 9.0), Estimate(float("nan"), None, None, 1), False),
    ],
)
def test_a_target_is_met_within_its_tolerance_by_an_interval_or_beyond_a_bound(
    target, ours, holds
):
    assert target.holds(ours) is holds


# ---- the command ----


def test_rows_are_chosen_by_name_and_come_in_their_order(capsys):
    assert choose(["v4", "L3", "V1", "v1"], OURS) == ["V1", "V4", "L3"]
    assert main(["validate", "V2", "v1"]) == 0
    out = capsys.readouterr().out
    assert out.index("V1  Doubling") < out.index("V2  METR") and "V3" not in out


def test_the_last_line_is_about_the_chosen_rows(rows):
    first, *others = rows
    assert last_line(rows) == "All 22 rows hold."
    assert last_line(others[:3]) == "All 3 chosen rows hold."
    assert last_line([rows["V4"]]) == "V4 holds."
    failed = first._replace(numbers=(first.numbers[0]._replace(holds=False),))
    assert last_line([failed]) == "V1 does not hold."
    assert last_line([failed, *others]) == "21 of 22 rows hold; not V1."


def last_line(rows):
    return Validation(tuple(rows)).text().splitlines()[-1]


def test_the_table_is_saved_and_is_that_of_python(tmp_path, capsys):
    out = tmp_path / "held"
    assert main(["validate", "V4", "V2", "--out", str(out)]) == 0
    assert capsys.readouterr().out.endswith(f"\n{where_results_are(out)}\n")
    assert {path.name for path in out.iterdir()} == {"validate.json", "manifest.json"}
    saved = json.loads((out / "validate.json").read_text())
    validation = rs.validate(["V4", "V2"])
    assert saved == validation.to_dict()
    assert json.loads((out / "manifest.json").read_text())["made_by"] == "regimesim validate"
    table = validation.to_dataframe()
    assert len(table) == sum(len(row.numbers) for row in validation) and table["holds"].all()
    assert main(["plot", str(out)]) == 2
    assert "there is no figure of what it holds" in capsys.readouterr().err


def test_json_holds_the_same_numbers(capsys):
    assert main(["validate", "V4", "L4", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["holds"] is True and [row["name"] for row in result["rows"]] == ["V4", "L4"]
    number = result["rows"][0]["numbers"][0]
    assert number["target"] == {"is": 1.593, "within": 0.005}
    assert number["ours"] == pytest.approx(1.593, abs=0.0005) and number["low"] is None


WRONG = """
[V1.values]
"since 2023, 14 models" = 128.0
[V4]
tolerance = 0.5
[L3.values]
"critical tries, three seeds" = { above = 0 }
"""


@pytest.mark.parametrize("form", [[], ["--json"], ["--markdown"]])
def test_a_row_that_fails_is_printed_and_the_exit_code_is_1(tmp_path, capsys, form):
    path = tmp_path / "mine.toml"
    path.write_text(WRONG)
    assert main(["validate", "V1", "V4", "L3", "--targets", str(path), *form]) == 1
    out = capsys.readouterr().out
    if form == ["--json"]:
        rows = json.loads(out)["rows"]
        assert [row["holds"] for row in rows] == [False, True, False]
        assert [number["holds"] for number in rows[0]["numbers"]] == [False, True]
    else:
        assert out.count("FAIL") == 2
        assert "1 of 3 chosen rows hold; not V1, L3." in out


def test_the_printed_page_has_the_sections_of_the_saved_one(capsys):
    assert main(["validate", "L4", "--markdown"]) == 0
    page = (ROOT / "docs" / "validation.md").read_text(encoding="utf-8")
    printed = capsys.readouterr().out
    section = printed[printed.index("## L4") : printed.index("## What must")]
    assert section in page


def test_rows_are_the_same_from_another_folder():
    assert rs.validate(["L4"]).holds


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["V33"], 'validate: no row "V33"; there are V1 to V15 and L1 to L7'),
        (["posterior"], 'validate: no row "posterior"; there are V1'),
        (["L4", "--from", "."], "has no L4_one_cause.toml, which L4 needs; name the folder"),
        (["V1", "--json", "--markdown"], "--json or --markdown, not both"),
        (["V1", "--targets", "nowhere.toml"], "nowhere.toml: cannot be read"),
        (["V1", "--jsn"], "no such option '--jsn'; the nearest is '--json'"),
    ],
)
def test_unusable_arguments_are_refused_in_a_sentence(capsys, arguments, line):
    assert main(["validate", *arguments]) == 2
    printed = capsys.readouterr()
    assert printed.out == "" and line in printed.err and printed.err.count("\n") == 1


def test_every_unknown_row_gets_its_sentence():
    with pytest.raises(Refusal) as refusal:
        choose(["V1", "W2", "X3"], OURS)
    assert len(refusal.value.lines) == 2


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("V1 = 3", "V1: found 3; allowed is a table with values"),
        ("[V33]", "\"V33\": no such row; the nearest is 'V3'"),
        ("[V1]\ntolerence = 1", "V1.tolerence: unknown key; the nearest is 'tolerance'"),
        ("[V1]\ntolerance = 'x'", 'V1.tolerance: found "x"; allowed is a number of at least 0'),
        ("[V1]\ntolerance = inf", "V1.tolerance: found inf; allowed is a number of at least 0"),
        ("[V1]\ndigits = -1", "V1.digits: found -1; allowed is a whole number, 0 to 15"),
        ("[V1]\nsource = ''", 'V1.source: found ""; allowed is a text'),
        (
            "[V2.values]\n'all versions' = { is = 1, within = -1 }",
            "found {is = 1, within = -1}; a",
        ),
        (
            "[V2.values]\n'all version' = 1",
            'V2.values: no value "all version"; the nearest is \'a',
        ),
        ("[V2.values]\n'all versions' = { is = 1 }", "found {is = 1}; allowed is a number, { is"),
        ("[V2.values]\n'all versions' = nan", "found nan; allowed is a number"),
        ("[V1\n", "not TOML"),
        ("[V1]\ndigits = 1\ndigits = 2\n", "V1.digits"),
    ],
)
def test_a_file_of_targets_is_refused_in_a_sentence(tmp_path, text, line):
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(Refusal) as refusal:
        read_targets(path)
    assert len(refusal.value.lines) == 1
    assert refusal.value.lines[0].startswith(f"{path}: ") and line in refusal.value.lines[0]


# ---- the scenarios that show rows ----


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_a_scenario_is_complete_and_valid_for_an_editor(path):
    text = path.read_text(encoding="utf-8")
    assert text.startswith("#:schema ../../docs/scenario.schema.json\n#\n# ")
    schema = json.loads((ROOT / "docs" / "scenario.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(tomllib.loads(text), schema)
    scenario = rs.load(path)
    assert scenario.name == path.stem and scenario.description


def test_every_scenario_shows_a_row_and_every_row_has_ours():
    rows = read_targets()
    assert list(rows) == list(OURS)
    shown = {row.scenario for row in rows.values()} - {None}
    assert shown == {path.stem for path in SCENARIOS} - {"coverage"}  # it measures intervals
