"""Fits in scenarios: to files, by results of `calibrate`, in every way that a value is set."""

import hashlib
import json
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from scipy import stats

import regimesim as rs
from regimesim.cli import main
from regimesim.ensemble.ensemble import select
from regimesim.ensemble.growth_draws import draw_growth
from regimesim.ensemble.parameter_sampling import columns, draw_parameters
from regimesim.model.compilation import INTERPRETED
from regimesim.scenario.distribution import Fit
from regimesim.scenario.json_schema import schema
from regimesim.scenario.toml_writer import written
from regimesim.studies.parameter_points import Fitted, fitted

PUBLISHED = Path(__file__).parent / "published"
MARCH, INDEX = PUBLISHED / "metr_1_1_2026-03-03.yaml", PUBLISHED / "eci_scores_aug2026.csv"
LEVEL, DOUBLING = "capability.initial", "capability.doubling_time"
SCENARIO = """
worlds = 4
months = 3
systems = 3
[capability]
initial = { fit = { file = "horizons.yaml", since = 2023 } }
doubling_time = { fit = { file = "horizons.yaml", since = 2023-01-01 } }
[policies.plain]
[policies.index.capability]
initial = { fit = { file = "index.csv", since = "2023-01", quantile = "p80" } }
"""


@pytest.fixture
def file(tmp_path):
    """A scenario file beside the files that it names."""
    (tmp_path / "horizons.yaml").write_bytes(MARCH.read_bytes())
    (tmp_path / "index.csv").write_bytes(INDEX.read_bytes())
    path = tmp_path / "mine.toml"
    path.write_text(SCENARIO)
    return path


def growth_in(scenario, key=LEVEL, policy=None):
    """The growth that a policy, by default the first, draws `key` from."""
    tables = scenario.policies[policy or next(iter(scenario.policies))]
    return getattr(tables.capability, key.split(".")[1]).growth


def test_a_scenario_fits_the_files_that_it_names(file):
    scenario = rs.load(file)
    assert growth_in(scenario) == rs.calibrate(MARCH, since=2023)
    assert growth_in(scenario, DOUBLING) == growth_in(scenario)
    assert growth_in(scenario, LEVEL, "index") == rs.calibrate(INDEX, "p80", since=2023)


def test_files_are_named_from_the_scenario_and_kept_by_their_digests(file, monkeypatch):
    monkeypatch.chdir("/")
    files = {Path(path).name: digest for path, digest in rs.load(file).files.items()}
    assert set(files) == {"mine.toml", "horizons.yaml", "index.csv"}
    assert files["horizons.yaml"] == hashlib.sha256(MARCH.read_bytes()).hexdigest()


def test_a_scenario_does_not_need_the_files_again(file):
    scenario = rs.load(file)
    for name in ("horizons.yaml", "index.csv"):
        (file.parent / name).unlink()
    again = rs.parse(json.loads(json.dumps(scenario.resolved())))
    assert again.policies == scenario.policies
    assert growth_in(rs.parse(scenario.raw)) == growth_in(scenario)
    assert growth_in(rs.parse(written(scenario.raw))) == growth_in(scenario)
    more = scenario.override({"worlds": 5})
    assert growth_in(more) == growth_in(scenario) and more.files == scenario.files
    middle = rs.at_medians(scenario).policies["plain"].capability
    assert middle.initial == pytest.approx(growth_in(scenario).level("2026-01"))
    assert middle.doubling_time == pytest.approx(growth_in(scenario).doubling_months)


def test_a_file_may_be_extended_and_laid_over(file):
    other = file.parent / "inner" / "other.toml"
    other.parent.mkdir()
    other.write_text('extends = "../mine.toml"\n[policies.plain.capability]\ndoubling_time = 5\n')
    scenario = rs.load(other)
    assert growth_in(scenario) == rs.calibrate(MARCH, since=2023)
    assert scenario.policies["plain"].capability.doubling_time == 5
    assert len(scenario.files) == 4


@pytest.mark.skipif(INTERPRETED, reason="too slow uncompiled")
def test_the_manifest_keeps_the_digests_of_files_of_a_scenario_and_of_a_setting(file, monkeypatch):
    monkeypatch.chdir(file.parent)
    setting = f'{DOUBLING}={{fit={{file="index.csv",since=2024}}}}'
    command = ["run", file.name, "--policy", "plain", "--set", setting, "--no-figures"]
    assert main([*command, "--out", "out"]) == 0
    manifest = json.loads(Path("out/manifest.json").read_text())
    for name, source in (("horizons.yaml", MARCH), ("index.csv", INDEX)):
        digest = hashlib.sha256(source.read_bytes()).hexdigest()
        assert manifest["scenario_files"][name] == digest
    drawn = manifest["scenario"]["policies"]["plain"]["capability"]
    fit = drawn["initial"]["fit"]
    assert (fit["file"], fit["since"], fit["line"]["n"]) == ("horizons.yaml", 2023, 14)
    assert drawn["doubling_time"]["fit"]["link"]["n"] == 21


@pytest.mark.parametrize("source", [MARCH, INDEX, None])
def test_a_result_of_calibrate_is_a_value_wherever_one_is_set(source):
    growth = rs.calibrate(source, since=2023)
    base = rs.parse({"worlds": 4, "policies": {"a": {}, "b": {"capability": {"initial": 3}}}})
    values = {LEVEL: growth, DOUBLING: growth}
    own = {f"policies.b.{key}": value for key, value in values.items()}
    ways = {
        "keys": base.override(values).choose(["a"]),
        "a table": base.override({"capability": {"initial": growth}}).choose(["a"]),
        "of a policy": base.override(own).choose(["b"]),
        "another policy": base.with_policy("c", values).choose(["c"]),
        "a mapping": rs.parse({"capability": {"initial": growth, "doubling_time": growth}}),
        "twice": base.override(values).override({"worlds": 5}).choose(["a"]),
    }
    for way, scenario in ways.items():
        assert growth_in(scenario) == growth, way
        json.dumps(scenario.raw)
        assert rs.parse(written(scenario.raw)).policies == scenario.policies, way


def test_a_policy_in_python_may_set_a_result_of_calibrate():
    growth = rs.calibrate(MARCH, since=2023)

    @rs.policy(settings={LEVEL: growth, DOUBLING: growth})
    def idle(seen, levers):
        """Change nothing."""
        return levers

    scenario, _ = select(rs.parse({}), [idle])
    assert growth_in(scenario, LEVEL, "idle") == growth_in(scenario, DOUBLING, "idle") == growth
    json.dumps(scenario.raw)


def test_level_and_doubling_time_are_of_one_line():
    n = 2000
    for source in (MARCH, INDEX):
        growth = rs.calibrate(source, since=2023)
        scenario = rs.parse({"capability": {"initial": growth, "doubling_time": growth}})
        tables, numbers = scenario.policies["scenario"], np.arange(n)
        drawn = draw_parameters(tables, "2026-01", np.ones(n, np.int64), numbers)
        place = columns(tables)
        level, months = drawn[:, place[LEVEL]], drawn[:, place[DOUBLING]]
        expected = draw_growth(
            growth, *np.random.default_rng(3).random((2, n)), "2026-01",
            link=np.random.default_rng(4).random((2, n)),
        )  # fmt: skip
        here, there = np.corrcoef(level, months)[0, 1], np.corrcoef(*expected)[0, 1]
        assert here < -0.5 and here == pytest.approx(there, abs=4 / n**0.5)
        assert len(np.unique(level)) == n


def test_fits_of_different_lines_are_drawn_apart():
    one, other = (Fit(growth=rs.calibrate(MARCH, since=since)) for since in (2023, 2024))
    assert one.label != other.label != Fit("metr", 2024.0).label
    assert one.label == Fit(growth=one.growth, origin=(("file", "x"),)).label


def test_studies_vary_the_numbers_of_an_index_as_worlds_draw_them():
    """Two uniforms stand for the four that a world draws: the same margins, drawn together."""
    fit, n = Fit(growth=rs.calibrate(INDEX, since=2023)), 20_000
    level, months = fitted(fit, "2026-01", *np.random.default_rng(5).random((2, n)))
    u = np.random.default_rng(6).random((4, n))
    expected = draw_growth(fit.growth, u[0], u[1], "2026-01", link=u[2:])
    assert stats.ks_2samp(level, expected[0]).pvalue > 1e-3
    assert stats.ks_2samp(months, expected[1]).pvalue > 1e-3
    both, there = np.corrcoef(level, months)[0, 1], np.corrcoef(*expected)[0, 1]
    assert both == pytest.approx(there, abs=5 / n**0.5)
    middle = Fitted(fit, "2026-01", True).at(np.array([0.5]))[0]
    assert middle == pytest.approx(np.median(expected[0]), abs=0.02)


def test_numbers_of_numpy_become_plain():
    scenario = rs.parse({"worlds": np.int64(5), "takeover": {"difficulty": np.float64(3)}})
    scenario = scenario.override({"months": np.int32(7)})
    assert json.loads(json.dumps(scenario.raw)) == {
        **{"worlds": 5, "months": 7},
        "takeover": {"difficulty": 3},
    }


@pytest.mark.parametrize(
    ("fit", "sentence"),
    [
        ('{ file = "nothing.csv" }', "nothing.csv: no such file"),
        ('{ file = "horizons.yaml", sinc = 2023 }', 'unknown key "sinc" of a fit; the nearest'),
        ("{ file = 3 }", "file: found 3; allowed is a text"),
        ('{ file = "-" }', "standard input it does not"),
        ('{ file = "horizons.yaml", version = 1.1 }', "version: found 1.1; allowed is a text"),
        ('{ file = "horizons.yaml", since = 2030 }', "since 2030 finds 0 measured horizons"),
        ('{ file = "straight.csv" }', "are more than 0, so there is no uncertainty to draw from"),
        ("{ since = 2023 }", 'a fit is {fit = "metr", since = 2019} or {fit = {file = "..."}}'),
        ('"horizons.yaml"', 'a fit is {fit = "metr", since = 2019} or {fit = {file = "..."}}'),
        ("{ line = 3 }", "line is a table of slope, slope_se, middle"),
        ("{ line = { slope = 1 } }", "line is a table of slope, slope_se, middle"),
    ],
)
def test_a_fit_that_cannot_be_used_gets_one_sentence(file, fit, sentence):
    straight = [f"m{k},2024-01-0{k},1,1,{60 * 2**k},\n" for k in range(1, 5)]
    head = "model,release_date,published_file_version,is_sota,p50_min,p80_min\n"
    (file.parent / "straight.csv").write_text(head + "".join(straight))
    file.write_text(f"[policies.a.capability]\ninitial = {{ fit = {fit} }}\n")
    with pytest.raises(rs.Refusal) as refusal:
        rs.load(file)
    (line,) = refusal.value.lines
    assert line.startswith(f"{file}: policies.a.capability.initial: ") and sentence in line


def test_a_fit_that_contradicts_the_allowed_range_is_refused_before_worlds_run():
    shrinking = {"slope": -0.01, "slope_se": 1e-5, "middle": 7e5, "middle_level": 0.0}
    line = {**shrinking, "residual_sd": 0.1, "n": 20}
    scenario = rs.parse(
        {"worlds": 4, "months": 2, "capability": {"initial": {"fit": {"line": line}}}}
    )
    with pytest.raises(rs.Refusal, match=r"allowed is 0\.5 to 120 months"):
        rs.run(scenario)


def test_other_mistakes_are_told_beside_that_of_a_fit(file):
    file.write_text(
        'wrlds = 3\n[capability]\ninitial = { fit = { file = "no.csv" } }\nnoise = -1\n'
    )
    with pytest.raises(rs.Refusal) as refusal:
        rs.load(file)
    assert [line.split(": ")[1] for line in refusal.value.lines] == [
        "wrlds",
        "capability.initial",
        "capability.noise",
    ]


def test_the_schema_knows_fits_to_files(file):
    check = jsonschema.Draft202012Validator(schema())
    named = {
        "file": "x.yaml",
        "since": 2023,
        "until": "2026-01",
        "quantile": "p80",
        "version": "1",
    }
    for right in (named, growth_in(rs.load(file)).plain(), rs.calibrate(INDEX).plain()):
        assert check.is_valid({"capability": {"initial": {"fit": right}}})
    for wrong in ({"since": 2023}, {**named, "quantile": "p90"}, {"file": "x", "sinc": 1}, 3):
        assert not check.is_valid({"capability": {"initial": {"fit": wrong}}})
    assert not check.is_valid({"capability": {"noise": {"fit": named}}})
