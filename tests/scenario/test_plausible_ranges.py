"""The plausible range of every number of the model: allowed, and around its default."""

import json
import re

import pytest

from regimesim.cli import main
from regimesim.scenario import parse
from regimesim.scenario.declaration import Distribution, Plausible
from regimesim.scenario.parameters import SAFEGUARD_NAMES, Settings, declarations
from regimesim.scenario.plausible_ranges import ANY, PLAUSIBLE, plausible, plausible_parts
from regimesim.studies.sensitivity.question import ask

NUMBERS = [
    declared
    for declared in declarations()
    if declared.kind in ("number", "whole", "list") and declared.key not in Settings.model_fields
]
EVERYTHING = """
months = 24
systems = 6
[oversight]
control = true
cot_monitor = true
interpretability = true
honeypots = true
evaluations = { response = "pause" }
correction = true
adaptive = true
pause = true
[outside]
tax = 0.1
density = 0.9
"""


def default_numbers(declared):
    """The numbers of a default; a distribution may be anywhere in its range."""
    values = declared.default if declared.kind == "list" else [declared.default]
    return [None if isinstance(one, Distribution) else one for one in values or [None] * 4]


@pytest.mark.parametrize("declared", NUMBERS, ids=lambda declared: declared.key)
def test_a_number_has_a_plausible_range_that_is_allowed_and_holds_its_default(declared):
    ranges = plausible_parts(declared)
    assert ranges, f"{declared.key} has no plausible range; see docs/extending.md"
    for one, value in zip(ranges, default_numbers(declared), strict=True):
        assert one.low < one.high
        assert declared.quantity.allows(one.low) and declared.quantity.allows(one.high)
        assert value is None or one.low <= value <= one.high
        if declared.kind == "whole":
            assert one.low == int(one.low) and one.high == int(one.high)


@pytest.mark.parametrize("declared", NUMBERS, ids=lambda declared: declared.key)
def test_the_reason_is_one_short_sentence_with_a_source(declared):
    for one in plausible_parts(declared):
        assert one.why[0].isupper() and one.why.endswith(".") and len(one.why) <= 90
        assert one.source and not one.source.endswith(".") and "|" not in one.why


def test_no_plausible_range_is_without_a_number():
    keys = set()
    for declared in NUMBERS:
        parts = getattr(declared.quantity, "parts", ())
        keys |= {f"{declared.key}.{part}" for part in parts} or {declared.key}
    keys |= {re.sub(r"^oversight\.\w+\.", f"oversight.{ANY}.", key) for key in keys}
    assert set(PLAUSIBLE) <= keys


def test_what_is_no_number_of_the_model_has_none():
    for key in ("months", "takeover.difficulty.sd", "paradigm.premium", "adopters_are", "nothing"):
        with pytest.raises(KeyError):
            plausible(key)
    for declared in declarations():
        if declared not in NUMBERS:
            assert plausible_parts(declared) == ()


def test_a_range_of_any_safeguard_gives_way_to_one_of_its_own():
    for name in SAFEGUARD_NAMES:
        assert plausible(f"oversight.{name}.tax") is PLAUSIBLE[f"oversight.{ANY}.tax"]
    own = {"oversight.control.tax": Plausible(0, 1, "Own.")}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("regimesim.scenario.plausible_ranges.PLAUSIBLE", {**PLAUSIBLE, **own})
        assert plausible("oversight.control.tax").why == "Own."
    assert plausible("outside.density") is plausible("feedback.density")


def test_a_range_is_widened_to_hold_values():
    one = Plausible(1, 3, "Because.")
    assert one.around() == one.around(2) == one
    assert one.around(5, 0.5)[:2] == (0.5, 5) and one.around(5).why == "Because."


def test_plausible_values_never_contradict_each_other():
    """Every number that can act varies at once, under all safeguards and responses."""
    scenario = parse(EVERYTHING)
    question = ask(scenario, "no_takeover", ["all"], points=64)
    active = [d for d in NUMBERS if d.key != "adopters" and not d.key.startswith("outside.")]
    assert len(question.parameters) > len(active)


def test_params_and_the_schema_show_the_plausible_range(capsys):
    assert main(["params", "takeover.difficulty"]) == 0
    assert "Plausible: 10 to 25. From" in " ".join(capsys.readouterr().out.split())
    assert main(["params", "^paradigm.faithfulness", "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert [(one["low"], one["high"]) for one in found["plausible"]][2] == (0, 0.7)
    assert main(["params", "^months", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["plausible"] == []
    assert main(["schema"]) == 0
    tables = json.loads(capsys.readouterr().out)["$defs"]
    words = tables["oversight.control"]["properties"]["auroc"]["description"]
    assert words.endswith("Plausible: 0.75 to 0.95.")
