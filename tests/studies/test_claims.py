"""Every claim: its pattern shows, vanishes where its mechanism is neutral, and is told truly."""

import json
import re
import tomllib
from functools import cache
from pathlib import Path

import jsonschema
import pytest
from PIL import Image

from regimesim.ensemble.ensemble import run
from regimesim.model.compilation import INTERPRETED
from regimesim.studies.claims.claim import SECTIONS, find_claims, load_claim, read_claim
from regimesim.studies.claims.compute import put_to_test
from regimesim.studies.claims.pages import anchor, digest, section
from regimesim.studies.claims.text import plain

ROOT = Path(__file__).parents[2]
FOLDER, DOCS = ROOT / "scenarios" / "claims", ROOT / "docs"
SCHEMA = DOCS / "scenario.schema.json"
CLAIMS = find_claims(FOLDER)
EVERY = pytest.mark.parametrize("number", CLAIMS)
LONG = pytest.mark.skipif(INTERPRETED, reason="millions of months, too slow uncompiled")


@cache
def page():
    return (DOCS / "claims.md").read_text(encoding="utf-8")


def test_no_number_is_left_out():
    assert list(CLAIMS) == [f"C{number}" for number in range(1, len(CLAIMS) + 1)]


@LONG
@EVERY
def test_a_claim_has_the_verdict_of_its_file_and_of_the_page(number):
    claim = load_claim(CLAIMS[number])
    trial = put_to_test(claim)
    missing = [
        f"{one.pattern.says} {[step for step in one.steps if not step.holds]}"
        for one in (*trial.shown, *trial.vanishes, *trial.besides)
        if not one.holds
    ]
    assert claim.reported == "not shown" or missing == []
    assert trial.as_reported, missing
    result = plain(trial)
    assert section(result, "images/claims") in page(), "run: regimesim claims --markdown"
    with Image.open(DOCS / "images" / "claims" / f"{claim.scenario.name}.png") as picture:
        assert picture.text["Description"] == digest(result), "run: regimesim claims --markdown"


def test_the_page_has_these_claims_and_no_others():
    headings = re.findall(r"^## (C\d+) (.*)$", page(), re.M)
    assert headings == [(n, load_claim(path).title) for n, path in CLAIMS.items()]
    rows = re.findall(r"^\| (C\d+) \|.*\| (shown|not shown) \|$", page(), re.M)
    assert rows == [(n, load_claim(path).reported) for n, path in CLAIMS.items()]
    pictures = {path.stem for path in (DOCS / "images" / "claims").iterdir()}
    assert pictures == {path.stem for path in CLAIMS.values()}


@EVERY
def test_is_a_scenario_like_any_other(number):
    path = CLAIMS[number]
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first == "#:schema ../../docs/scenario.schema.json"
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    jsonschema.validate(table, json.loads(SCHEMA.read_text(encoding="utf-8")))
    claim = load_claim(path)
    assert claim.id == number and claim.scenario.name == path.stem
    small = claim.scenario.override({"worlds": 4, "months": 12, "systems": 6})
    assert list(run(small, threads=1).worlds["policy"].values) == list(claim.scenario.policies)


@EVERY
def test_has_patterns_for_both_and_uses_every_policy(number):
    claim = load_claim(CLAIMS[number])
    assert claim.shown and claim.vanishes
    used = {policy for pattern in claim.patterns for policy in pattern.policies}
    assert used == set(claim.scenario.policies)


@EVERY
def test_names_sections_of_the_model_s_description(number):
    text = (DOCS / "odd.md").read_text(encoding="utf-8")
    headings = {anchor(heading) for heading in re.findall(r"^#+ (.*)$", text, re.M)}
    assert {anchor(name) for name in load_claim(CLAIMS[number]).equations} <= headings


@EVERY
def test_the_neutral_counterpart_has_a_comment(number):
    comments = re.findall(r"^# .*$", CLAIMS[number].read_text(encoding="utf-8"), re.M)
    assert any("Neutral" in line for line in comments)


def test_sections_that_a_claim_may_name_are_those_of_the_description():
    text = (DOCS / "odd.md").read_text(encoding="utf-8")
    assert set(SECTIONS) <= set(re.findall(r"^#+ (.*)$", text, re.M))
    assert {name for name in SECTIONS if name.startswith("7.")} == set(
        re.findall(r"^### (7\..*)$", text, re.M)
    )


@LONG
def test_a_claim_that_is_disputed_is_not_shown():
    disputed = load_claim(CLAIMS["C21"]).scenario.override(
        {
            "policies.aware_early.cognition.sandbagging": 0,
            "policies.aware_late.cognition.sandbagging": 0,
        }
    )
    trial = put_to_test(read_claim(disputed))
    assert trial.verdict == "not shown" and not trial.as_reported
    assert all(one.holds for one in trial.vanishes)
