"""The README shows what the product does: its verdict, its Python and its commands."""

import re
from pathlib import Path

import pytest

import regimesim as rs
from regimesim.model.compilation import INTERPRETED

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
VERDICT = re.compile(r"<!-- verdict -->\n```text\n(.*?)```\n<!-- end of verdict -->", re.DOTALL)


@pytest.mark.skipif(INTERPRETED, reason="the run is a long one")
def test_the_printed_verdict_is_that_of_the_scenario():
    scenario = rs.load(ROOT / "scenarios" / "first_critical_try.toml")
    assert VERDICT.search(README)[1].splitlines() == rs.run(scenario).text().splitlines()


def test_the_python_in_the_readme_runs(monkeypatch):
    monkeypatch.chdir(ROOT)
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    names = {}
    exec(code.replace('"worlds": 500', '"worlds": 20'), names)
    assert set(names["worlds"].policy.values) == {"control", "vigilant"}
    assert names["model"].policy_name == "vigilant" and not names["model"].running


def test_the_scenario_in_the_readme_is_valid():
    (text,) = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    assert list(rs.parse(text).policies) == ["control", "both"]


def test_every_link_leads_somewhere():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
