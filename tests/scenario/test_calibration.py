"""Measured horizons and the growth fitted to them."""

import subprocess
import sys
from datetime import date, timedelta

import numpy as np
import pytest
from scipy import stats

import regimesim as rs
from regimesim.ensemble.growth_draws import draw_growth
from regimesim.errors import Refusal
from regimesim.scenario.calibration import (
    DAYS_A_MONTH,
    SHIPPED,
    Growth,
    Measurement,
    calibrate,
    fit_growth,
    fit_success_slope,
    read_horizons,
)

HEADER = "model,release_date,published_file_version,is_sota,p50_min,p80_min\n"


def exact_line(n=6, doubling_days=100.0):
    """Measurements that lie on one straight line exactly: 1 h at the start of 2024."""
    return [
        Measurement(
            model=f"m{k}",
            released=date(2024, 1, 1) + timedelta(days=60 * k),
            version="1.1",
            is_sota=True,
            p50=60 * 2 ** (60 * k / doubling_days),
            p80=15 * 2 ** (60 * k / doubling_days),
        )
        for k in range(n)
    ]


@pytest.mark.parametrize(("since", "days", "n"), [(2023, 128.744, 14), (2019, 187.778, 17)])
def test_the_published_doubling_times_are_found(since, days, n):
    growth = fit_growth(since)
    assert growth.n == n
    assert growth.doubling_days == pytest.approx(days, abs=0.01)
    assert growth.doubling_months == pytest.approx(days / 30.4375, abs=0.001)


@pytest.mark.parametrize(("version", "slope"), [("1.1", 0.591), (None, 0.583)])
def test_the_published_success_slopes_are_found(version, slope):
    assert fit_success_slope(version=version) == pytest.approx(slope, abs=0.001)


def test_the_shipped_file_is_read_whole():
    measurements = read_horizons()
    assert len(measurements) == 59
    assert sum(m.version == "1.1" for m in measurements) == 26
    first = measurements[0]
    assert (first.model, first.released, first.is_sota) == ("gpt2", date(2019, 2, 14), True)
    assert (first.p50, first.p80) == (0.053778, 0.0128)


def test_the_fit_agrees_with_an_ordinary_regression():
    taken = [m for m in read_horizons() if m.version == "1.1" and m.is_sota and m.p50 <= 960]
    days = np.array([m.released.toordinal() for m in taken])
    line = stats.linregress(days, np.log2([m.p50 / 60 for m in taken]))
    growth = fit_growth()
    assert growth.slope == pytest.approx(line.slope)
    assert growth.slope_se == pytest.approx(line.stderr)
    origin = date(1, 1, 1)  # day number 1
    assert growth.level(origin) == pytest.approx(line.intercept + line.slope, rel=1e-9)
    covariance = growth.covariance("2026-01")
    day = date(2026, 1, 1).toordinal()
    design = np.column_stack([np.ones(growth.n), days - day])
    expected = growth.residual_sd**2 * np.linalg.inv(design.T @ design)
    assert covariance == pytest.approx(expected[::-1, ::-1], rel=1e-6)
    assert covariance[1, 1] == pytest.approx(growth.level_se("2026-01") ** 2)


def test_an_exact_line_is_found_exactly():
    growth = fit_growth(measurements=exact_line())
    assert growth.doubling_days == pytest.approx(100)
    assert growth.level("2024-01") == pytest.approx(0, abs=1e-9)
    assert growth.level("2024-04-10") == pytest.approx(1)
    assert growth.residual_sd == pytest.approx(0, abs=1e-9)
    assert fit_success_slope(measurements=exact_line()) == pytest.approx(np.log(4) / 2)


def test_measurements_are_selected_by_date_length_record_and_version():
    measurements = exact_line(8)  # on days 0, 60 … 420 of 2024; the last is above 960 minutes
    assert fit_growth(measurements=measurements).n == 7
    assert fit_growth(measurements=measurements, longest=1e9).n == 8
    assert fit_growth(2024.5, measurements=measurements).n == 3  # from day 183
    beaten = [measurements[0]._replace(is_sota=False), *measurements[1:]]
    assert fit_growth(measurements=beaten).n == 6
    other = [measurements[0]._replace(version="1.0"), *measurements[1:]]
    assert fit_growth(measurements=other).n == 6
    assert fit_growth(measurements=other, version=None).n == 7


@pytest.mark.parametrize("since", [2019, 2023, 2025])
def test_draws_without_deviation_give_the_line_itself(since):
    growth = fit_growth(since)
    level, months = draw_growth(growth, np.full(3, 0.5), np.full(3, 0.5), "2026-01")
    assert level == pytest.approx(growth.level("2026-01"), abs=1e-3)
    assert months == pytest.approx(growth.doubling_months, rel=1e-3)


def test_drawn_lines_are_jointly_student_t():
    growth = fit_growth(2024)
    n, start = 100_000, "2027-01"
    level, months = draw_growth(growth, *np.random.default_rng(1).random((2, n)), start)
    slope = 1 / (months * DAYS_A_MONTH)
    # Any linear combination of a joint t is t with the same degrees of freedom.
    covariance = growth.covariance(start)
    for a, b in ((1 / growth.slope_se, 0), (0, 1), (1 / growth.slope_se, -1), (300, 2)):
        weights = np.array([a, b])
        deviation = a * (slope - growth.slope) + b * (level - growth.level(start))
        scaled = deviation / np.sqrt(weights @ covariance @ weights)
        assert stats.kstest(scaled, stats.t(growth.n - 2).cdf).pvalue > 1e-3


def test_doubling_times_are_truncated_and_not_clipped():
    growth = fit_growth(2025)
    uniforms = np.random.default_rng(2).random((2, 20_000))
    _, months = draw_growth(growth, *uniforms, "2026-01", 3.5, 4.5)
    assert months.min() >= 3.5 and months.max() <= 4.5
    assert len(np.unique(months)) == 20_000
    # Inside the range the density is the one of the untruncated draws.
    _, free = draw_growth(growth, *uniforms, "2026-01")
    inside = free[(free >= 3.5) & (free <= 4.5)]
    assert stats.ks_2samp(months, inside).pvalue > 1e-3


def test_extreme_draws_stay_in_the_range():
    growth = fit_growth(2025)
    level, months = draw_growth(
        growth, [2.0**-54, 1 - 2.0**-53], np.full(2, 0.5), "2026-01", 0.5, 120
    )
    assert months == pytest.approx([120, 0.5])
    assert np.isfinite(level).all()


def test_shrinking_horizons_are_refused_when_drawn():
    growth = Growth(
        slope=-0.01, slope_se=1e-5, middle=7e5, middle_level=0.0, residual_sd=0.1, n=20
    )
    with pytest.raises(Refusal, match=r"allowed is 0\.5 to 120 months"):
        draw_growth(growth, [0.5], [0.5], "2026-01", 0.5, 120)


def written(tmp_path, text):
    path = tmp_path / "mine.csv"
    path.write_bytes(text.encode())
    return path


def test_a_csv_of_the_users_own_is_read(tmp_path):
    rows = "".join(f"m{k},2024-0{k}-01,x,1,{2**k},\n" for k in range(1, 6))
    path = written(tmp_path, "\ufeff# mine\n" + HEADER + "\n" + rows)
    measurements = read_horizons(path)
    assert len(measurements) == 5 and np.isnan(measurements[0].p80)
    assert fit_growth(version="x", measurements=measurements).doubling_days == pytest.approx(
        30, rel=0.05
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "has no column model"),
        ("model,p50_min\n", "has no column release_date, published_file_version, is_sota, p80"),
        (HEADER + "a,2024-13-01,1.1,1,3,1\n", 'line 2: release_date is "2024-13-01"; allowed'),
        ("#\n#\n" + HEADER + "\na,2024-01-01,1,yes,3,1\n", 'line 5: is_sota is "yes"; allowed'),
        (HEADER + "a,2024-01-01,1.1,1,-3,1\n", 'line 2: p50_min is "-3"; allowed'),
        (HEADER + "a,2024-01-01,1.1,1,inf,1\n", 'p50_min is "inf"'),
        (HEADER + "a,2024-01-01,1.1,1,3,much\n", 'p80_min is "much"'),
        (HEADER + "a,2024-01-01\n", 'is_sota is ""'),
        (HEADER + "a" * 200_000 + "\n", "is not a CSV file"),
    ],
)
def test_a_bad_csv_gets_one_clear_sentence(tmp_path, text, sentence):
    path = written(tmp_path, text)
    with pytest.raises(Refusal) as refusal:
        read_horizons(path)
    assert len(refusal.value.lines) == 1
    assert sentence in refusal.value.lines[0] and str(path) in refusal.value.lines[0]


def test_a_version_that_the_file_does_not_have_is_the_cause():
    for version in (1.1, "1.2"):
        with pytest.raises(Refusal) as caught:
            calibrate(SHIPPED, version=version)
        (line,) = caught.value.lines
        found = "1.1" if version == 1.1 else '"1.2"'
        assert line.startswith(f'version: found {found}; allowed is "1.0" or "1.1", the texts of')


@pytest.mark.parametrize("mark", [";", "\t"])
def test_another_separator_is_the_cause(tmp_path, mark):
    path = tmp_path / "european.csv"
    path.write_text(SHIPPED.read_text(encoding="utf-8").replace(",", mark), encoding="utf-8")
    with pytest.raises(Refusal, match=r"line 3: cells are separated by .*; a CSV file separates"):
        read_horizons(path)


def test_every_bad_row_gets_its_sentence(tmp_path):
    bad = "a,2024-01-01,1.1,1,x,1\nb,2024-01-01,1.1,1,3,1\nc,never,1.1,1,3,1\n"
    with pytest.raises(Refusal) as refusal:
        read_horizons(written(tmp_path, HEADER + bad))
    assert len(refusal.value.lines) == 2


def test_an_absent_or_binary_file_is_refused(tmp_path):
    with pytest.raises(Refusal, match="no such file"):
        read_horizons(tmp_path / "absent.csv")
    path = tmp_path / "binary.csv"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Refusal, match="UTF-8"):
        read_horizons(path)


def test_too_few_measurements_are_refused():
    with pytest.raises(Refusal, match="finds 2 measured horizons"):
        fit_growth(measurements=exact_line(2))
    same_day = [m._replace(released=date(2024, 1, 1)) for m in exact_line()]
    with pytest.raises(Refusal, match="not all of one date"):
        fit_growth(measurements=same_day)
    with pytest.raises(Refusal, match="p80 below"):
        fit_success_slope(measurements=[m._replace(p80=np.nan) for m in exact_line()])


def test_importing_the_calibration_stays_light():
    script = "import sys, regimesim.scenario.calibration; print(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert not {"pandas", "scipy", "matplotlib", "xarray", "mesa"} & set(run.stdout.split())


def test_a_window_that_ends_before_it_begins_is_refused():
    with pytest.raises(Refusal, match="until: found 2020; allowed is a year after 2025"):
        rs.calibrate(since=2025, until=2020)
