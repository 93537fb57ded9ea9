"""Files of measured capability: recognised, read, linked, or refused."""

import hashlib
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import regimesim as rs
from regimesim.ensemble.growth_draws import draw_growth, even_uniforms
from regimesim.errors import Refusal
from regimesim.scenario.calibration import calibration_of, growth_behind, overlap, read_horizons
from regimesim.scenario.distribution import Fit
from regimesim.scenario.growth import DAYS_A_MONTH, Growth, IndexGrowth, Line
from regimesim.scenario.measured.files import read_measured
from regimesim.scenario.measured.names import date_of, read_name, same_model

PUBLISHED = Path(__file__).parent / "published"
JANUARY, MARCH = PUBLISHED / "metr_1_1_2026-01-30.yaml", PUBLISHED / "metr_1_1_2026-03-03.yaml"
HUB, INDEX = PUBLISHED / "epoch_metr.csv", PUBLISHED / "eci_scores_aug2026.csv"


# ---- what was published ----


@pytest.mark.parametrize(("file", "days", "n"), [(JANUARY, 130.801, 11), (MARCH, 128.744, 14)])
def test_each_file_of_one_version_gives_the_doubling_time_that_it_states(file, days, n):
    """METR's definition: records released from 2023 on, p50 up to 16 hours, least squares."""
    fit = calibration_of(file, since=2023)
    assert fit.growth.n == n
    assert round(fit.growth.doubling_days, 3) == days
    assert fit.measured.published["from_2023_on"]["estimate"] == days
    assert fit.measured.versions == ["METR-Horizon-v1.0", "METR-Horizon-v1.1"]


def test_over_all_time_only_the_january_file_gives_what_it_states():
    """That of March states 187.778 days, which its own rows do not give."""
    assert rs.calibrate(JANUARY).doubling_days == pytest.approx(196.475, abs=5e-4)
    assert rs.calibrate(MARCH).doubling_days == pytest.approx(184.726, abs=5e-4)


def test_the_link_of_the_index_is_the_published_one():
    fit = calibration_of(INDEX, since=2023)
    link = fit.growth.link
    assert (len(fit.linked), link.n) == (21, 21)
    assert round(link.slope, 4) == 0.2268
    assert round(link.at(0), 3) == -32.307
    assert round(link.residual_sd, 2) == 0.44


def test_the_link_agrees_with_an_ordinary_regression():
    fit = calibration_of(INDEX, "p80")
    scores = [score.score for score, _ in fit.linked]
    levels = [np.log2(horizon.p80 / 60) for _, horizon in fit.linked]
    line = stats.linregress(scores, levels)
    assert fit.growth.link.slope == pytest.approx(line.slope)
    assert fit.growth.link.slope_se == pytest.approx(line.stderr)


def test_the_horizons_of_the_hub_get_dates():
    measured = read_measured(HUB)
    assert measured.undated == () and len(measured.horizons) == 30
    released = {one.model: one.released for one in measured.horizons}
    assert released["gpt-4-0314"] == date(2023, 3, 14)
    assert released["gpt-4-0125-preview"] == date(2024, 1, 25)
    assert released["claude-opus-4-20250514_16K"] == date(2025, 5, 22)  # as METR has it
    assert released["gpt-4o-2024-11-20"] == date(2024, 11, 20)  # METR measured another one
    records = [one.p50 for one in measured.horizons if one.is_sota]
    assert records == sorted(records) and records[-1] == max(m.p50 for m in measured.horizons)


def test_a_release_date_in_the_table_counts(tmp_path):
    rows = HUB.read_text(encoding="utf-8-sig").splitlines()
    dated = [
        rows[0] + ",Release date",
        *(f"{row},2024-01-{k:02d}" for k, row in enumerate(rows[1:], 1)),
    ]
    path = tmp_path / "dated.csv"
    path.write_text("\n".join(dated[:20]))
    assert {one.released.year for one in read_measured(path).horizons} == {2024}


def test_the_anchors_of_the_index_have_no_interval():
    scores = {one.model: one for one in read_measured(INDEX).scores}
    assert len(scores) == 222
    assert [name for name, one in scores.items() if np.isnan(one.low)] == [
        "Claude 3.5 Sonnet",
        "GPT-5",
    ]


def test_the_name_of_a_file_does_not_matter(tmp_path):
    for file, kind in ((MARCH, "METR's results"), (INDEX, "Epoch AI's Capabilities Index")):
        copy = tmp_path / "x.txt"
        copy.write_bytes(file.read_bytes())
        measured = read_measured(copy)
        assert measured.kind == kind
        assert measured.digest == hashlib.sha256(file.read_bytes()).hexdigest()


def test_a_window_may_be_of_dates():
    by_year = rs.calibrate(MARCH, since=2024, until=2025)
    for since, until in (("2024-01", "2025-01-01"), (date(2024, 1, 1), date(2025, 1, 1))):
        assert rs.calibrate(MARCH, since=since, until=until) == by_year


def test_a_version_may_be_named_by_its_number():
    assert rs.calibrate(MARCH, version="1.1") == rs.calibrate(MARCH, version="METR-Horizon-v1.1")
    assert rs.calibrate(MARCH, version="1.1").n == 14
    assert rs.calibrate(MARCH, version="1.0").n == 3


# ---- names ----


@pytest.mark.parametrize(
    ("horizon", "released", "score"),
    [
        ("claude_3_5_sonnet_20240620_inspect", "2024-06-20", "Claude 3.5 Sonnet"),
        ("claude_3_5_sonnet_20241022_inspect", "2024-10-22", "Claude 3.5 Sonnet (October 2024)"),
        ("claude_4_opus_inspect", "2025-05-22", "Claude Opus 4"),
        ("gpt_4", "2023-03-14", "GPT-4 (Mar 2023)"),
        ("gpt_4o_inspect", "2024-05-13", "GPT-4o (May 2024)"),
        ("o3_inspect", "2025-04-16", "o3"),
        ("gpt_5_2", "2025-12-11", "GPT-5.2"),
        ("deepseek_v3_0324", "2025-03-24", "DeepSeek-V3 (Mar 2025)"),
        ("gpt_4_1106_inspect", "2023-11-06", None),  # called GPT-4 Turbo by others
        ("davinci_002", "2020-05-28", None),
    ],
)
def test_names_of_one_model_are_found(horizon, released, score):
    scores = read_measured(INDEX).scores
    names, dates = [one.model for one in scores], [one.released for one in scores]
    place = same_model(horizon, date.fromisoformat(released), names, dates)
    assert (None if place is None else names[place]) == score


def test_no_score_is_linked_twice():
    pairs = overlap(
        read_measured(INDEX).scores, [m for m in read_horizons() if m.version == "1.1"]
    )
    assert len({score.model for score, _ in pairs}) == len(pairs)


def test_a_name_without_any_date_has_none():
    assert date_of("nobody-7b", [("gpt_4", date(2023, 3, 14))]) is None
    assert read_name("model-20249999").whole_date is None
    assert read_name("gpt-5-2025-08-07_medium") == read_name("gpt_5_2025_08_07_inspect")


# ---- draws ----


def test_draws_of_an_index_are_those_of_both_posteriors():
    """Against a Bayesian regression that is drawn directly: a variance, then the lines."""
    growth, start, n = rs.calibrate(INDEX, since=2023), "2027-01", 100_000
    random = np.random.default_rng(1)
    uniforms = random.random((4, n))
    level, months = draw_growth(growth, *uniforms[:2], start, link=uniforms[2:])

    def posterior(line, x):
        spread = np.sqrt((line.n - 2) / random.chisquare(line.n - 2, n))  # relative
        slope = line.slope + line.slope_se * spread * random.standard_normal(n)
        middle = line.middle_level + line.middle_level_se * spread * random.standard_normal(n)
        return middle + slope * (x - line.middle), slope

    index, rise = posterior(growth.line, date(2027, 1, 1).toordinal())
    at_middle, link = posterior(growth.link, growth.link.middle)
    expected = at_middle + link * (index - growth.link.middle)
    assert stats.ks_2samp(level, expected).pvalue > 1e-3
    assert stats.ks_2samp(1 / (months * DAYS_A_MONTH), link * rise).pvalue > 1e-3
    both = (1 / months) / np.std(1 / months) - level
    other = (link * rise) / np.std(link * rise) - expected
    assert stats.ks_2samp(both - both.mean(), other - other.mean()).pvalue > 1e-3
    # its standard errors are of first order, and those of normal draws
    assert growth.level_se(start) == pytest.approx(np.std(level) * np.sqrt(16 / 18), rel=0.03)


def test_the_uncertainty_of_the_link_is_drawn():
    growth = rs.calibrate(INDEX, since=2023)
    uniforms = np.random.default_rng(2).random((4, 20_000))
    certain = (np.full(20_000, 0.5), np.full(20_000, 0.5))
    without, _ = draw_growth(growth, *uniforms[:2], "2027-01", link=certain)
    drawn, _ = draw_growth(growth, *uniforms[:2], "2027-01", link=uniforms[2:])
    link = np.hypot(
        growth.link.middle_level_se,
        growth.link.slope_se * (growth.line.at(date(2027, 1, 1).toordinal()) - growth.link.middle),
    )
    assert np.var(drawn) - np.var(without) == pytest.approx(link**2 * 19 / 17, rel=0.1)


def test_draws_of_an_index_keep_to_the_allowed_doubling_times():
    growth, uniforms = rs.calibrate(INDEX, since=2023), even_uniforms(4096, 4)
    _, months = draw_growth(growth, *uniforms[:2], "2026-01", 3.5, 4, uniforms[2:])
    assert 3.5 <= months.min() and months.max() <= 4 and len(np.unique(months)) > 4000
    with pytest.raises(Refusal, match=r"allowed is 20 to 30 months"):
        draw_growth(growth, *uniforms[:2], "2026-01", 20, 30, uniforms[2:])
    with pytest.raises(TypeError, match="two more uniforms"):
        draw_growth(growth, *uniforms[:2], "2026-01")


def test_even_points_fill_the_cube():
    for dimensions in (1, 2, 4):
        points = even_uniforms(2**12, dimensions)
        assert points.shape == (dimensions, 2**12)
        assert stats.qmc.discrepancy(points.T) < 1e-3


def test_the_middle_of_an_index_is_both_lines():
    exact = IndexGrowth(
        Line(0.04, 0.002, 739_000.0, 140.0, 3.0, 20), Line(0.25, 0.01, 140.0, 0.0, 0.4, 21)
    )
    assert exact.doubling_days == pytest.approx(100)
    day = date.fromordinal(739_100)
    assert exact.level(day) == pytest.approx(1)
    half = np.full(1, 0.5)
    level, months = draw_growth(exact, half, half, day, link=(half, half))
    assert (level[0], months[0]) == (pytest.approx(1), pytest.approx(100 / DAYS_A_MONTH))


def test_a_fit_knows_its_line():
    growth = rs.calibrate(MARCH, since=2023)
    assert growth_behind(Fit(growth=growth)) == growth
    assert isinstance(growth_behind(Fit("metr", 2023.0)), Growth)


# ---- what cannot be used ----


def changed(file, *replacements):
    text = file.read_text(encoding="utf-8-sig")
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new, 1)
    return text


BAD = {
    "<!DOCTYPE html><html></html>": "is a saved web page and not the data behind it; allowed are",
    "\n \n": "is empty; allowed are METR's results in YAML",
    "a,b\n1,2\n": "holds no measured capability that is known here; allowed are",
    "hello: world\n": "holds no measured capability",
    "results: {}\n": "holds no measured capability",
    "a: " + "[" * 400 + "]" * 400: "holds no measured capability",
    "benchmark_name: x\nresults: {}\n": "a fit since 2019 finds 0 measured horizons; needed are",
    "a: &x [1]\nb: *x\n": "line 2: refers to another part of the file; write it out",
    "model;eci;date\n": 'cells are separated by ";"; a CSV file separates them by a comma',
    "x" * 2**20 + "x": "larger than 1 MiB, the most that a file of measurements may be",
    changed(JANUARY, ("estimate: 10.771603", "estimate: 0")): (
        "results.claude_3_5_sonnet_20240620_inspect: p50_horizon_length is 0; allowed is a number "
        "of minutes above 0"
    ),
    changed(JANUARY, ("estimate: 10.771603", "estimate: -2")): "p50_horizon_length is -2; allowed",
    changed(JANUARY, ("2024-06-20", "2024-13-20")): 'release_date is "2024-13-20"; allowed is',
    changed(JANUARY, ("is_sota: true", "is_sota: maybe")): 'is_sota is "maybe"; allowed are true',
    changed(JANUARY, ("    release_date: 2024-06-20\n", "")): "release_date is absent; allowed",
    changed(JANUARY, ("\n  gpt_4:", "\n  gpt2:")): '"gpt2" stands 2 times in a table',
    changed(HUB, ("Time horizon", "Horizon")): "has no column Time horizon; needed are Model",
    changed(HUB, ("18.21683000", "soon")): 'line 2: Time horizon is "soon"; allowed is a number',
    changed(HUB, ("18.21683000", "0")): 'line 2: Time horizon is "0"; allowed is a number',
    changed(HUB, ("claude-3-5-sonnet-20241022", "claude-3-5-sonnet-20240620")): (
        'column Model version: found "claude-3-5-sonnet-20240620" 2 times; allowed is once'
    ),
    changed(INDEX, (",date,", ",day,")): "has no column date; needed are Model, eci, date",
    changed(INDEX, (",161.65,", ",high,")): 'line 2: eci is "high"; allowed is a number',
    changed(INDEX, ("2026-07-09", "July")): 'line 2: date is "July"; allowed is YYYY-MM-DD',
    "\n".join(INDEX.read_text().splitlines()[:6]): (
        "has 0 models with a measured time horizon; needed are at least 3 with different scores"
    ),
}


@pytest.mark.parametrize("text", BAD, ids=[f"{k}" for k in range(len(BAD))])
def test_a_file_that_cannot_be_used_gets_one_sentence(tmp_path, text):
    path = tmp_path / "file.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Refusal) as refusal:
        rs.calibrate(path)
    (line,) = refusal.value.lines
    assert line.startswith(str(path)) and BAD[text] in line


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(Refusal, match=r"metr\.yml: no such file"):
        rs.calibrate(tmp_path / "metr.yml")
    with pytest.raises(Refusal, match="a folder, not a file of measurements"):
        rs.calibrate(tmp_path)


@pytest.mark.parametrize(
    ("file", "options", "sentence"),
    [
        (MARCH, {"version": "1.2"}, 'version: found "1.2"; allowed is "METR-Horizon-v1.0" or '),
        (HUB, {"version": "1.0"}, "epoch_metr.csv names no version, so leave it out"),
        (INDEX, {"version": "1.0"}, "eci_scores_aug2026.csv names no version"),
        (HUB, {"quantile": "p80"}, r'found "p80"; .*epoch_metr.csv has the horizon p50 alone'),
        (
            MARCH,
            {"since": 2030},
            "finds 0 measured horizons; .*its models are of 2019-02-14 to 20",
        ),
        (INDEX, {"until": "2023-03-01"}, "finds 1 measured scores"),
        (MARCH, {"since": "2023-02-30"}, "since: found .*; allowed is a year, such as 2023.5, or"),
        (MARCH, {"since": "2024-01", "until": "2023-01"}, 'allowed is a date after "2024-01"'),
    ],
)
def test_what_a_file_does_not_have_is_refused(file, options, sentence):
    with pytest.raises(Refusal, match=sentence):
        rs.calibrate(file, **options)


def test_an_index_that_falls_with_horizons_is_linked_to_none(tmp_path):
    rows = INDEX.read_text().splitlines()
    head, *models = [row.split(",") for row in rows if '"' not in row]
    place = head.index("eci")
    for model in models:
        model[place] = str(-float(model[place]))
    path = tmp_path / "falls.csv"
    path.write_text("\n".join(map(",".join, [head, *models])))
    with pytest.raises(Refusal, match="time horizons do not rise with the index"):
        rs.calibrate(path)
