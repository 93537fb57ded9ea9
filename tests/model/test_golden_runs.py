"""Golden runs: no bit of any shipped scenario moves without a reason."""

import json

import golden_runs
import pytest

from regimesim.model.compilation import INTERPRETED

pytestmark = pytest.mark.skipif(INTERPRETED, reason="the bits are those of compiled code")
GOLDEN = json.loads(golden_runs.KEPT.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", golden_runs.SCENARIOS, ids=lambda path: path.stem)
def test_a_shipped_scenario_gives_the_bits_that_it_gave(path):
    ours, kept = golden_runs.run(path), GOLDEN["runs"][path.stem]
    moved = [
        f"{policy}: {name}"
        for policy in {*ours, *kept}
        for name in {**ours.get(policy, {}), **kept.get(policy, {})}
        if ours.get(policy, {}).get(name) != kept.get(policy, {}).get(name)
    ]
    assert moved == [], 'if they should: python tests/golden_runs.py "REASON"'


def test_the_golden_runs_say_why_they_are_as_they_are():
    assert len(GOLDEN["reason"]) > 10 and GOLDEN["worlds"] == golden_runs.WORLDS
    assert set(GOLDEN["runs"]) == {path.stem for path in golden_runs.SCENARIOS}


def test_a_refresh_without_a_reason_is_refused(capsys):
    before = golden_runs.KEPT.read_bytes()
    assert golden_runs.main([" "]) == 2
    assert "say why" in capsys.readouterr().err and golden_runs.KEPT.read_bytes() == before
