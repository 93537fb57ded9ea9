"""The command `claims`: what it lists, prints and writes, and how it refuses."""

import json
import re
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from PIL import Image

import regimesim as rs
from regimesim.cli import main
from regimesim.model.compilation import INTERPRETED
from regimesim.studies.claims.question import claims_folder

pytestmark = pytest.mark.skipif(INTERPRETED, reason="too slow uncompiled")

CLAIM = """
name = "C{number:02}_{name}"
worlds = 60
months = 40
systems = 6
capability.initial = 9
[policies.none]
[policies.control.oversight]
control = true
[claim]
id = "C{number}"
title = "{name} <b>helps</b>"
argument = "Who watches sees more."
held_by = "those who watch"
mechanism = "control"
equations = ["7.5 Catching"]
look_at = "the catch rate"
neutral = "nobody watches"
found = "{found}"
figure = {{ {figure} }}
[[claim.shown]]
says = "more is caught"
outcome = "catch_rate"
during = [0, 9]
{relation} = ["none", "control"]
[[claim.vanishes]]
says = "nobody catches nothing"
outcome = "catch_rate"
during = [0, 9]
below = 0.1
under = "none"
"""
NO_FEINT = """
[[claim.vanishes]]
says = "nobody stages a coup"
outcome = "any.feints"
below = 0.1
under = "none"
"""
KINDS = {
    "watching": ("rises", 'months = ["catch_rate", "leader", "strikes"]'),
    "sleeping": ("rises", 'outcomes = ["no_takeover", "month.takeover"]'),
    "looking": ("rises", 'crossings = ["takeover"]'),
    "guessing": ("falls", 'visible_signal = ["control"]'),
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    place = Path("scenarios") / "claims"
    place.mkdir(parents=True)
    for number, (name, (relation, figure)) in enumerate(KINDS.items(), 1):
        text = CLAIM.format(
            number=number, name=name, relation=relation, figure=figure, found="shown"
        )
        (place / f"C{number:02}_{name}.toml").write_text(text)
    return place


def test_the_list_has_a_line_a_claim_and_runs_nothing(folder, capsys):
    assert main(["claims"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["C1", "C2", "C3", "C4"]
    assert not Path("outputs").exists()


def test_one_claim_is_printed_and_leaves_a_folder(folder, capsys):
    assert main(["claims", "c1", "--threads", "2"]) == 0
    printed = capsys.readouterr().out
    assert max(map(len, printed.splitlines())) <= 80
    assert "C1: shown" in printed and "control less none" in printed
    place = Path("outputs/claim-C1")
    assert {path.name for path in place.iterdir()} == {"claim.json", "manifest.json", "figures"}
    saved = json.loads((place / "claim.json").read_text())
    assert saved["verdict"] == "shown" and saved["as_found"] is True
    assert saved["patterns"]["shown"][0]["numbers"][-1]["holds"] is True
    manifest = json.loads((place / "manifest.json").read_text())
    assert manifest["made_by"] == "regimesim claims" and manifest["given"]["claim"]["id"] == "C1"


@pytest.mark.parametrize("number", ["C1", "C2", "C3", "C4"])
def test_one_claim_is_drawn_again_from_what_it_saved(folder, number, capsys):
    assert main(["claims", number, "--worlds", "30"]) == 0
    place = Path(f"outputs/claim-{number}")
    first = {path.name: path.read_bytes() for path in (place / "figures").iterdir()}
    assert set(first) == {"claim.png", "claim.svg"}
    for path in (place / "figures").iterdir():
        path.unlink()
    assert main(["plot", str(place)]) == 0
    assert {path.name: path.read_bytes() for path in (place / "figures").iterdir()} == first


def test_claims_in_python_are_those_of_the_command(folder, capsys):
    assert main(["claims", "--all", "--worlds", "40"]) == 0
    saved = json.loads(Path("outputs/claims/claims.json").read_text())
    counted = []
    claims = rs.claims(settings={"worlds": 40}, progress=counted.append)
    assert json.loads(json.dumps(claims.to_dict(), allow_nan=False)) == saved
    assert sum(counted) == 4 * 2 * 40
    assert [trial.claim.id for trial in claims] == ["C1", "C2", "C3", "C4"]
    assert claims["C4"].verdict == "not shown" and "C4   not shown" in claims.text()
    table = claims.to_dataframe()
    assert set(table["claim"]) == {"C1", "C2", "C3", "C4"} and not table["seen"].all()
    assert len(claims.plot()) == 3 and len(claims.plot(claim="C4")) == 8
    one = rs.claims("C1", settings=["worlds=40"])
    assert one.to_dict()["claims"] == claims.to_dict()["claims"][:1]
    assert one.text() == claims["C1"].text()
    mine = Figure().subplots(3)
    assert list(one.plot(mine)) == list(mine)
    with pytest.raises(ValueError, match="2 axes were given for 3 panels"):
        one.plot(mine[:2])


def test_a_claim_can_be_run_under_another_assumption(folder, capsys):
    assert main(["claims", "C1", "--set", "oversight.audit_budget=0"]) == 0
    printed = capsys.readouterr().out
    assert (
        "NOT SEEN" in printed
        and "C1: not shown" in printed
        and "Its file reports: shown." in printed
    )


def test_all_claims_leave_a_table_and_a_gallery(folder, capsys):
    assert main(["claims", "--all", "--worlds", "40", "--threads", "2"]) == 0
    printed = capsys.readouterr().out
    assert max(map(len, printed.splitlines())) <= 80
    assert "3 of 4 claims are shown" in printed
    assert "C4   not shown (its file reports shown)  guessing" in printed
    place = Path("outputs/claims")
    assert {path.name for path in Path("outputs").iterdir()} == {"claims"}
    saved = json.loads((place / "claims.json").read_text())["claims"]
    assert [claim["verdict"] for claim in saved] == ["shown"] * 3 + ["not shown"]
    assert [claim["worlds"] for claim in saved] == [40] * 4
    drawn = {f"C{number:02}_{name}.png" for number, name in enumerate(KINDS, 1)}
    assert {path.name for path in (place / "figures").iterdir()} == drawn
    for path in (place / "figures").iterdir():
        with Image.open(path) as picture:
            assert picture.width > 300 and len(picture.text["Description"]) == 16
    page = (place / "index.html").read_text(encoding="utf-8")
    assert page.count("data:image/png") == 4 and "<b>helps" not in page
    assert not re.search(r'(src|href)="(?!data:|#)', page)
    assert main(["claims", "--all", "--worlds", "40"]) == 0  # its own folder is replaced


def test_the_page_of_the_documents_is_written_with_its_figures(folder, capsys):
    (images := Path("docs/images/claims")).mkdir(parents=True)
    (images / "C09_old.png").write_bytes(b"")
    assert main(["claims", "--markdown"]) == 0
    page = Path("docs/claims.md").read_text(encoding="utf-8")
    for name in re.findall(r"\]\((images/.*?)\)", page):
        assert (Path("docs") / name).exists()
    assert len(list(images.iterdir())) == 4 and page.count("\n## C") == 4
    rows = re.findall(r"^\| C\d \| .* \| (.*) \|$", page, re.M)
    assert rows == ["shown"] * 3 + ["not shown"]


def test_unusable_arguments_are_refused_before_anything_is_written(folder, capsys):
    refusals = {
        ("C12",): 'no claim "C12"; there are C1 to C4',
        ("C05",): 'no claim "C05"; there are C1 to C4',
        ("--from", "nowhere"): "nowhere: no such folder",
        ("--from", "."): "holds no claims; name their folder with --from",
        ("--worlds", "50"): "options of a run need a claim, or --all of them",
        ("--out", "mine"): "options of a run need a claim, or --all of them",
        ("C1", "--set", "feedback.densty=1"): "unknown key; the nearest is 'density'",
        ("C1", "--worlds", "x"): "worlds",
    }
    for arguments, line in refusals.items():
        assert main(["claims", *arguments]) == 2
        printed = capsys.readouterr()
        assert line in printed.err and not printed.out
    assert main(["claims", "C1", "--all"]) == 2
    assert "name a claim, or --all of them, not both" in capsys.readouterr().err
    (other := Path("mine")).mkdir()
    (other / "notes.txt").write_text("keep")
    assert main(["claims", "C1", "--out", "mine"]) == 2
    assert "not results of" in capsys.readouterr().err
    assert not Path("outputs").exists() and (other / "notes.txt").exists()


def test_few_worlds_leave_a_claim_undecided(folder, capsys):
    path = folder / "C02_sleeping.toml"
    path.write_text(path.read_text() + NO_FEINT)
    assert main(["claims", "C02", "--worlds", "20"]) == 0
    printed = capsys.readouterr().out
    assert "C2: undecided with 20 worlds" in printed and "Its file reports: shown." in printed
    assert main(["claims", "C2"]) == 0
    assert "C2: shown" in capsys.readouterr().out
    assert main(["claims", "C4", "--worlds", "20"]) == 0  # refuted by these few already
    assert "C4: not shown" in capsys.readouterr().out


def test_the_number_of_a_claim_is_that_of_its_file(folder, capsys):
    path = folder / "C02_sleeping.toml"
    path.write_text(path.read_text().replace('id = "C2"', 'id = "C7"'))
    assert main(["claims"]) == 2
    assert 'id: found "C7"; allowed is "C2", as in the name' in capsys.readouterr().err
    (folder / "C02_again.toml").write_text(path.read_text())
    assert main(["claims"]) == 2
    assert "C02_sleeping.toml: has the number of C02_again.toml" in capsys.readouterr().err


def test_a_mistake_in_one_claim_stops_all_of_them(folder, capsys):
    path = folder / "C02_sleeping.toml"
    path.write_text(path.read_text().replace("shown]]", "shwon]]"))
    assert main(["claims", "--all"]) == 2
    assert "shwon: unknown key; the nearest is 'shown'" in capsys.readouterr().err
    assert not Path("outputs").exists()


def test_the_claims_of_the_checkout_are_used_from_elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert claims_folder() == Path(__file__).parents[2] / "scenarios" / "claims"
