"""The page on sweeps: its examples are read, and what it says of them is true."""

import re
import tomllib
from pathlib import Path

import jsonschema

import regimesim as rs
from regimesim.scenario.json_schema import schema
from regimesim.sweeps.designs import read_design, scenario_at

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "sweeps.md").read_text(encoding="utf-8")


def test_the_designs_on_the_page_can_be_made():
    designs = PAGE.partition("## Designs")[2].partition("\n## ")[0]
    texts = re.findall(r"```toml\n(.*?)```", designs, re.S)
    for text in texts:
        jsonschema.validate(tomllib.loads(text), schema())
    first, second = map(rs.parse, texts)
    grid = read_design(first)
    assert len(grid) == 60
    (written,) = re.findall(r"```\n(--vary .*?)\n```", designs)
    told = read_design(first, re.findall(r"--vary (\S+)", written))
    assert [told.settings(p) for p in range(60)] == [grid.settings(p) for p in range(60)]
    drawn = read_design(second)
    assert (drawn.kind, len(drawn)) == ("sobol", 64)
    assert scenario_at(second, drawn, 63).labs in range(1, 6)


def test_every_way_to_vary_on_the_page_is_read():
    rows = re.findall(r"^\| [^|]+ \| `(.+?)` \| `KEY(.*?)` \|$", PAGE, re.M)
    assert len(rows) == 6
    scenario = rs.parse("")
    for in_file, told in rows:
        drawn = "points" not in in_file and not in_file.startswith("[")
        kind, points = ("sobol", 4) if drawn else ("grid", None)
        key = "takeover.difficulty" if drawn and "low" not in in_file else "feedback.density"
        written = rs.parse(f'[sweep.vary]\n"{key}" = {in_file}')
        ours = read_design(written, kind=kind, points=points)
        theirs = read_design(scenario, [f"{key}{told}"], kind, points)
        assert ours.columns[key].tolist() == theirs.columns[key].tolist()


def test_the_python_of_designs_on_the_page_runs(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    code = next(c for c in re.findall(r"```python\n(.*?)```", PAGE, re.S) if "make_design" in c)
    names = {}
    exec(code, names)
    assert capsys.readouterr().out.startswith("60 {'feedback.density': 20, ")
    assert list(names["point"].policies) == ["none", "control"]
