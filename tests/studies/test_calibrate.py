"""The command `regimesim calibrate`: what it says, saves and draws."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import regimesim as rs
from regimesim.cli import main
from regimesim.results.progress import Progress
from regimesim.scenario.growth import DAYS_A_MONTH, growth_of
from regimesim.studies.calibrate.compute import compute
from regimesim.studies.calibrate.question import ask, read_year
from regimesim.studies.calibrate.text import toml, work

PUBLISHED = Path(__file__).parents[1] / "scenario" / "published"
MARCH, INDEX = PUBLISHED / "metr_1_1_2026-03-03.yaml", PUBLISHED / "eci_scores_aug2026.csv"
HUB = PUBLISHED / "epoch_metr.csv"


@pytest.fixture(scope="module")
def answers():
    """The answers about METR's file and about the index."""
    return [compute(ask(file, since=2023), Progress()) for file in (MARCH, INDEX)]


def saved(folder, capsys):
    """What the command printed, and the content that it saved."""
    content = json.loads((folder / "calibrate.json").read_text())
    return capsys.readouterr().out, content


@pytest.mark.parametrize("file", [HUB, INDEX])
def test_the_command_prints_saves_and_draws(file, tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["calibrate", str(file), "--since", "2023", "--out", str(out)]) == 0
    words, content = saved(out, capsys)
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["made_by"] == "regimesim calibrate"
    assert manifest["measured_files"] == {str(file): content["sha256"]}
    assert f"{content['doubling_months']['estimate']:.2f}" in words
    assert (out / "figures" / "measured_growth.png").stat().st_size > 10_000
    assert main(["plot", str(out), "--format", "pdf"]) == 0
    assert (out / "figures" / "measured_growth.pdf").exists()


def test_the_words_hold_what_was_published(answers):
    metr, index = (answer.text() for answer in answers)
    assert "128.7" in metr and "states 128.744 days (105.26 to 157.336)" in " ".join(metr.split())
    words = " ".join(index.split())
    assert "by the 21 models with both: log2 h = 0.2268·index - 32.307, residual 0.44" in words


def test_intervals_are_those_of_student(answers):
    growth, content = rs.calibrate(MARCH, since=2023), answers[0].to_dict()
    reach = stats.t(growth.n - 2).ppf(0.975)
    slopes = growth.slope + np.array([1, -1]) * reach * growth.slope_se
    months = 1 / slopes / DAYS_A_MONTH
    drawn = content["doubling_months"]
    assert [drawn["low"], drawn["high"]] == pytest.approx(months, rel=0.003)
    level = growth.level("2026-01") + np.array([-1, 1]) * reach * growth.level_se("2026-01")
    assert [content["level"]["low"], content["level"]["high"]] == pytest.approx(level, abs=0.01)
    band = content["band"]
    for place in (0, 30, 59):
        day = band["dates"][place]
        assert band["middle"][place] == pytest.approx(growth.level(day))
        ends = growth.level(day) + np.array([-1, 1]) * reach * growth.level_se(day)
        assert [band["low"][place], band["high"][place]] == pytest.approx(ends, abs=0.02)


def test_what_it_prints_for_a_scenario_draws_the_same_line(answers, monkeypatch):
    monkeypatch.chdir(PUBLISHED)
    for answer in answers:
        content = answer.to_dict()
        scenario = rs.parse(toml(content))
        capability = scenario.policies["scenario"].capability
        assert capability.initial.growth == capability.doubling_time.growth
        assert capability.initial.growth == growth_of(content)
        settings = {"capability.initial": {"fit": content["fit"]}}
        assert rs.parse({}).override(settings).policies["scenario"].capability.initial == (
            capability.initial
        )


def test_options_become_keys_of_the_fit(tmp_path, capsys):
    options = ["--quantile", "p80", "--since", "2023-06-01", "--until", "2026", "--version", "1.1"]
    command = ["calibrate", str(MARCH), *options, "--no-figures", "--out", str(tmp_path / "out")]
    assert main([*command, "--start", "2027-01"]) == 0
    words, content = saved(tmp_path / "out", capsys)
    for line in ('quantile = "p80"', 'since = "2023-06-01"', "until = 2026", 'version = "1.1"'):
        assert words.count(line) == 2
    growth = rs.calibrate(MARCH, "p80", "2023-06-01", 2026, version="1.1")
    assert content["level"]["estimate"] == growth.level("2027-01")
    assert not (tmp_path / "out" / "figures").exists()


def test_json_alone_is_printed(tmp_path, capsys):
    command = ["calibrate", str(MARCH), "--json", "--no-figures", "--out", str(tmp_path / "out")]
    assert main(command) == 0
    words, content = saved(tmp_path / "out", capsys)
    assert json.loads(words) == content


@pytest.mark.parametrize(
    ("arguments", "sentences"),
    [
        (["nothing.yaml"], ["nothing.yaml: no such file"]),
        ([str(MARCH), "--since", "soon"], ['since: found "soon"; allowed is a year, such as']),
        ([str(MARCH), "--version", "9"], ['version: found "9"; allowed is "METR-Horizon-v1.0"']),
        (
            [str(MARCH), "--start", "2026-13", "--quantile", "p90"],
            ['start: found "2026-13"; allowed is a month', 'quantile: found "p90"; the nearest'],
        ),
    ],
)
def test_what_cannot_be_asked_leaves_nothing(arguments, sentences, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["calibrate", *arguments]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == len(sentences)
    assert all(sentence in line for sentence, line in zip(sentences, lines, strict=True))
    assert not list(tmp_path.iterdir())


def test_the_figure_says_what_it_shows_on_axes_of_work(answers):
    for answer, count in zip(answers, (1, 2), strict=True):
        axes = np.ravel(answer.plot())
        assert len(axes) == count
        title = axes[0].figure.get_label()
        months = answer.doubling_months
        assert f"doubles every {months['estimate']:.2g} months (95 % interval" in title
        labels = {tick.get_text() for tick in axes[0].get_yticklabels()}
        assert {"1 minute", "1 hour", "1 day", "1 week"} <= labels
    own = answers[0].question.calibration
    (marks,) = [c for c in answers[0].plot()[0].containers if "fitted" in c.get_label()]
    assert len(marks[0].get_xdata()) == own.growth.n
    with pytest.raises(ValueError, match="1 axes were given for 2 panels"):
        answers[1].plot(answers[0].plot())


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (1 / 3600, "1 seconds"),
        (0.02, "72 seconds"),
        (0.5, "30 minutes"),
        (5.76, "5.76 hours"),
        (80, "2 weeks"),
        (334, "2 months"),
        (5e6, "2,500 years"),
    ],
)
def test_horizons_are_told_in_a_unit_of_work(hours, words):
    assert work(np.log2(hours)) == words


def test_years_and_dates_of_the_command_line():
    assert [read_year(text) for text in ("2023", "2023.5", "2023-07-01")] == [
        2023,
        2023.5,
        "2023-07-01",
    ]


@pytest.mark.parametrize(
    ("horizons", "found"),
    [
        ((60, 30, 10), "does not rise"),
        ((60, 60, 60), "does not rise"),
        ((60, 61, 61), "doubles every 662 months"),
        ((1, 900, 800), None),
    ],
)
def test_horizons_that_do_not_double_in_time_are_refused(horizons, found, tmp_path, capsys):
    dates = ("2024-01-01", "2025-01-01", "2025-06-01")
    rows = [
        f"m{k},{day},1,1,{p50}," for k, (day, p50) in enumerate(zip(dates, horizons, strict=True))
    ]
    head = "model,release_date,published_file_version,is_sota,p50_min,p80_min"
    file, out = tmp_path / "mine.csv", tmp_path / "out"
    file.write_text("\n".join([head, *rows]))
    mine = tmp_path / "mine.toml"
    mine.write_text('[capability]\ninitial = { fit = { file = "mine.csv" } }\n')
    ends = [main(["calibrate", str(file), "--no-figures", "--out", str(out)])]
    ends.append(main(["check", str(mine)]))
    if found is None:
        assert ends == [0, 0]
        return
    assert ends == [2, 2] and not out.exists()
    allowed = "allowed is a doubling time of 0.5 to 120 months"
    sentence = f"{file}: the line through 3 models {found}; {allowed}"
    lines = capsys.readouterr().err.splitlines()
    assert lines == [sentence, f"{mine}: capability.initial: {sentence}"]


def test_points_on_a_line_have_no_uncertainty(tmp_path, capsys):
    rows = ["a,2023-01-01,1,1,60,", "b,2024-01-01,1,1,120,", "c,2024-12-31,1,1,240,"]
    head = "model,release_date,published_file_version,is_sota,p50_min,p80_min"
    file, out = tmp_path / "line.csv", tmp_path / "out"
    file.write_text("\n".join([head, *rows]))
    assert main(["calibrate", str(file), "--no-figures", "--out", str(out)]) == 2
    assert not out.exists()
    why = "slope_se and residual_sd of line are more than 0, so there is no uncertainty"
    assert capsys.readouterr().err == f"{file}: {why} to draw from\n"
