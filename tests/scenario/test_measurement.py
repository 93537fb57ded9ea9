"""A measured monitor in a scenario: its numbers are drawn jointly, and stay with the results."""

import hashlib
import json
import math
import shutil
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import regimesim as rs
from regimesim.cli import main
from regimesim.ensemble.parameter_sampling import (
    columns,
    draw_parameters,
    drawn_jointly,
    uncertain,
)

WORLDS = 4_000
FIT = {
    "auroc": {"mean": 0.86, "sd": 0.03},
    "strength": {"mean": 1.53, "sd": 0.19},
    "slope": {"median": 0.7, "sigma": 0.2},
    "auroc_with_slope": -0.4,
    "strength_with_slope": 0.5,
}
OTHER = {**FIT, "auroc": {"mean": 0.8, "sd": 0.02}}
AREA, SLOPE = "oversight.control.auroc", "oversight.control.slope"


@pytest.fixture
def file(tmp_path):
    """A small monitor.json."""
    return written(tmp_path / "monitor.json")


def written(path, **changes):
    content = {"unit": "trajectory", "curves": {"binormal": FIT, "logistic": OTHER}} | changes
    path.write_text(json.dumps(content))
    return path


def drawn(tables, *names, seed=1):
    """Values of parameters in many worlds."""
    numbers = np.arange(WORLDS)
    every = draw_parameters(tables, "2026-01", np.full(WORLDS, seed), numbers)
    return [every[:, columns(tables)[name]] for name in names]


def reason(read, *args, **table) -> str:
    """Why something is refused, in the one line of it."""
    with pytest.raises(rs.Refusal) as caught:
        read(*args, **table)
    (line,) = caught.value.lines
    return line


def only(scenario):
    """The tables of its one policy."""
    (tables,) = scenario.policies.values()
    return tables


def parsed(file, **table):
    return rs.parse({"oversight": {"control": {"measured": str(file), **table}}})


def test_area_and_slope_are_drawn_jointly_as_the_file_states(file):
    area, slope = drawn(only(parsed(file)), AREA, SLOPE)
    error = 4 / math.sqrt(WORLDS)
    assert area.mean() == pytest.approx(0.86, abs=0.03 * error)
    assert area.std() == pytest.approx(0.03, rel=error)
    assert np.median(slope) == pytest.approx(0.7, rel=0.2 * 1.5 * error)
    assert np.log(slope).std() == pytest.approx(0.2, rel=error)
    assert stats.spearmanr(area, slope)[0] == pytest.approx(-0.4, abs=error)
    shape = stats.beta(*only(parsed(file)).oversight.control.auroc.numbers)
    assert stats.kstest(area, shape.cdf).pvalue > 1e-3  # its own distribution is untouched
    assert stats.kstest(np.log(slope / 0.7) / 0.2, "norm").pvalue > 1e-3


def test_studies_that_vary_area_or_slope_alone_say_so(file, tmp_path, capsys):
    tables = only(parsed(file))
    assert drawn_jointly(tables) == {AREA, SLOPE}
    assert drawn_jointly(only(rs.parse({"oversight": {"control": {}}}))) == set()
    scenario = tmp_path / "measured.toml"
    scenario.write_text(
        'worlds = 16\nmonths = 12\n[oversight.control]\nmeasured = "monitor.json"\n'
    )
    out = ["--out", str(tmp_path / "out")]
    assert main(["sweep", str(scenario), "--vary", f"{AREA}=0.7:0.9:2", "--no-figures", *out]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert f"The scenario draws {AREA} together with others." in printed
    command = ["sensitivity", str(scenario), "--outcome", "growth_lost", "--screen-only"]
    assert main([*command, "--out", str(tmp_path / "screened")]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    named = printed.partition("varies by itself; in the scenario ")[2].partition(" are drawn")[0]
    assert set(named.split(" and ")) == {AREA, SLOPE}


def test_each_curve_has_its_own_fit_and_other_monitors_a_strength(file):
    assert drawn(only(parsed(file, curve="logistic")), AREA)[0].mean() == pytest.approx(
        0.8, abs=0.01
    )
    probe = {"oversight": {"interpretability": {"measured": str(file)}}}
    home = "oversight.interpretability"
    strength, slope = drawn(only(rs.parse(probe)), f"{home}.strength", f"{home}.slope")
    assert strength.mean() == pytest.approx(1.53, abs=0.19 * 4 / math.sqrt(WORLDS))
    assert stats.spearmanr(strength, slope)[0] == pytest.approx(0.5, abs=4 / math.sqrt(WORLDS))


def test_draws_are_those_of_the_parameters_by_name(file):
    """The area has the draws that any distribution of it has; a policy changes nothing."""
    tables = only(parsed(file))
    a, b = tables.oversight.control.auroc.numbers
    alone = rs.parse({"oversight": {"control": {"auroc": {"beta": [a, b]}}}})
    assert np.array_equal(drawn(tables, AREA)[0], drawn(only(alone), AREA)[0])
    assert {AREA, SLOPE} < set(uncertain(tables))


def test_the_path_is_from_the_scenario_and_results_need_no_file(file, tmp_path, monkeypatch):
    home = tmp_path / "home"
    home.mkdir()
    path = home / "mine.toml"
    path.write_text('worlds = 8\nmonths = 6\n[oversight.control]\nmeasured = "../monitor.json"\n')
    scenario = rs.load(path)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert list(scenario.files.values())[-1] == digest or digest in scenario.files.values()
    from regimesim.cli import main

    monkeypatch.chdir(tmp_path)
    assert main(["run", str(path), "--no-figures", "--out", "out"]) == 0
    manifest = json.loads(Path("out/manifest.json").read_text())
    assert digest in manifest["scenario_files"].values()
    file.unlink()
    assert rs.parse(manifest["given"]).policies == scenario.policies
    assert rs.parse(manifest["scenario"]).policies == scenario.policies
    below = home / "below.toml"
    below.write_text('extends = "mine.toml"\n')
    assert "cannot be read" in reason(rs.load, below)


def test_a_scenario_extends_one_with_a_measurement_of_another_folder(file, tmp_path):
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    shutil.copy(file, inner)
    (inner / "base.toml").write_text('[oversight.control]\nmeasured = "monitor.json"\n')
    (tmp_path / "top.toml").write_text('extends = "a/b/base.toml"\n')
    tables = only(rs.load(tmp_path / "top.toml"))
    assert tables.oversight.control.measured.file == str(inner / "monitor.json")


def test_one_number_may_be_replaced_and_the_other_stays_as_measured(file):
    scenario = parsed(file).override({AREA: 0.9})
    control = only(scenario).oversight.control
    assert control.auroc == 0.9 and control.slope.numbers == (0.7, 0.2)
    area, slope = drawn(only(scenario), AREA, SLOPE)
    assert set(area) == {0.9} and np.log(slope).std() == pytest.approx(0.2, rel=0.1)
    again = scenario.override({"oversight.control.measured": str(file)})
    assert only(again).oversight.control == only(parsed(file)).oversight.control


def test_a_policy_with_a_measurement_replaces_the_numbers_of_the_scenario(file):
    own = {"oversight": {"control": {"measured": str(file)}}}
    control = {"auroc": 0.95, "slope": 1.2}
    scenario = rs.parse({"oversight": {"control": control}, "policies": {"a": own, "b": {}}})
    of = {name: tables.oversight.control for name, tables in scenario.policies.items()}
    assert of["a"].auroc.kind == "beta" and of["a"].slope.kind == "lognormal"
    assert (of["b"].auroc, of["b"].slope) == (0.95, 1.2)


def test_at_medians_nothing_is_open(file):
    middle = rs.at_medians(parsed(file))
    control = only(middle).oversight.control
    a, b = only(parsed(file)).oversight.control.auroc.numbers
    assert control.auroc == pytest.approx(stats.beta(a, b).median(), abs=1e-4)
    assert control.slope == pytest.approx(0.7, abs=1e-4)
    assert SLOPE not in uncertain(only(middle))


def test_the_result_in_python_serves_like_its_file(file):
    content = json.loads(file.read_text())
    scenario = rs.parse({}).override({"oversight.control": {"measured": content}})
    control = only(scenario).oversight.control
    assert control.measured.binormal == only(parsed(file)).oversight.control.measured.binormal
    assert control.measured.file == "rs.monitor" in scenario.files
    assert rs.parse(json.loads(json.dumps(scenario.raw))).policies == scenario.policies


def test_the_object_that_monitor_returns_may_be_set_itself():
    log = Path(__file__).parents[1] / "logs" / "inspect_0.3.75.eval"
    result = rs.monitor(log, "suspicion", "metadata.mode")
    scenario = rs.parse({}).override({"oversight.control": {"measured": result}})
    mean = result.fits["binormal"].auroc
    assert only(scenario).oversight.control.measured.binormal.auroc == mean
    steps = {**result.to_dict(), "unit": "step"}
    with pytest.raises(rs.Refusal, match=r"rs\.monitor: its unit is"):
        rs.parse({"oversight": {"control": {"measured": steps}}})


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"unit": "step"}, "its unit is \"step\", and the model audits trajectories; measure with "
         "--unit trajectory"),
        ({"curves": 1}, "has no table 'curves'; allowed is the path of a monitor.json of "
         "`regimesim monitor`"),
        ({"curves": {"binormal": FIT}}, "has no whole fit 'curves.logistic'; write it again"),
        ({"curves": {"binormal": {**FIT, "auroc": {"mean": 0.2, "sd": 0.01}}, "logistic": FIT}},
         "holds the binormal area 0.2 with a deviation of 0.01; allowed is an area of 0.5 to "
         "0.9999"),
        ({"curves": {"binormal": {**FIT, "auroc_with_slope": 1}, "logistic": FIT}},
         "curves.binormal states a correlation beyond -1 and 1; write it again"),
        ({"curves": {"binormal": {**FIT, "slope": {"median": float("nan"), "sigma": 1}},
                     "logistic": FIT}},
         "curves.binormal holds what is no finite number; write it again"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_serve_is_refused_in_a_sentence(changes, line, tmp_path):
    file = written(tmp_path / "monitor.json", **changes)
    found = reason(parsed, file)
    assert found == f"scenario: oversight.control.measured: {file}: {line}"


@pytest.mark.parametrize("key", ["auroc", "slope", "operating_point"])
def test_a_measurement_beside_what_it_gives_is_refused(key, file):
    value = {"fpr": 0.01, "tpr": 0.5} if key == "operating_point" else 0.9
    found = reason(parsed, file, **{key: value})
    assert found == (
        f"scenario: oversight.control.measured: found beside {key}, which the measurement gives; "
        "leave one out"
    )


def test_other_mistakes(file, tmp_path):
    found = reason(parsed, tmp_path / "none.json")
    assert found.endswith("none.json: cannot be read (No such file or directory)")
    lines = [300.0, 1, 1, 3000]
    elo = {"curve": "elo", "guard": lines, "evader": lines}
    found = reason(parsed, file, **elo)
    assert found == (
        'scenario: oversight.control.measured: found with the curve "elo"; the curves "binormal" '
        'and "logistic" use it'
    )
    (tmp_path / "text.json").write_text("{")
    assert "is not JSON" in reason(parsed, tmp_path / "text.json")


def test_check_lists_what_is_drawn_and_not_the_file_itself(file, tmp_path, capsys):
    from regimesim.cli import main

    path = tmp_path / "mine.toml"
    path.write_text(f'[oversight.control]\nmeasured = "{file}"\n')
    assert main(["check", str(path), "--json"]) == 0
    assert {AREA, SLOPE} < set(drawn := json.loads(capsys.readouterr().out)["drawn"])
    assert "oversight.control.measured" not in drawn
