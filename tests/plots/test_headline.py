"""The figures of a run's page: rows, marks, findings, colours, and texts that stay inside."""

import json
from itertools import combinations

import matplotlib.colors
import numpy as np
import pytest
import synthetic_run

import regimesim as rs
from regimesim import figures
from regimesim.analysis.summary import summarise
from regimesim.plots.style import INKS
from regimesim.plots.titles import fitted
from regimesim.studies.run.figure import OF_THE_PAGE

NAN = np.nan
UNTRIED = {
    "crossing_first_critical_try": NAN,
    "crossing_takeover": NAN,
    "held_first_critical_try": NAN,
    "believed_catch_rate": NAN,
    "true_catch_rate": NAN,
    "first_try_was_story": NAN,
}
LONG = "A policy of which the title is this long"  # 40 letters, as many as there may be


def made(titles=("lax", "strict"), **options):
    """(worlds, months) of a made-up run whose policies have such titles, the safest last."""
    names = [f"p{place}" for place in range(len(titles))]
    run = synthetic_run.make_run(names, **options)
    attrs = {"titles_json": json.dumps(dict(zip(names, titles, strict=True)))}
    return [of.assign_coords(title=("policy", list(titles))).assign_attrs(attrs) for of in run]


def page(worlds, months):
    """The axes of every figure of the page that can be drawn, by name."""
    run = {"worlds": worlds, "months": months, "summary": summarise(worlds)}
    drawn = {}
    for drawing in OF_THE_PAGE:
        if not (drawing.unless and drawing.unless(run)):
            drawn[drawing.name] = drawing.draw(*(run[need] for need in drawing.needs))
    return drawn


def texts(ax):
    return [text.get_text() for text in ax.texts if text.get_text()]


def rows(ax):
    return [label.get_text().replace("\n", " ") for label in ax.get_yticklabels()]


def test_the_policy_with_the_fewest_takeovers_comes_first():
    worlds, _ = made(("b", "c", "a"), worlds=300)  # each holds more than the one before it
    safe, cost, belief = figures.headline(worlds)
    assert rows(safe) == ["a", "c", "b"]
    dots = [line.get_xdata() for line in safe.lines if line.get_marker() == "o"]
    assert dots == sorted(dots, reverse=True)
    expected = rs.estimates(worlds).set_index(["estimand", "policy"])["estimate"]
    assert dots[0] == expected["no_takeover", "p2"]
    lost = [line.get_xdata() for line in cost.lines if line.get_marker() == "s"]
    assert lost[0] == expected["growth_lost", "p2"]
    for marker, name in (("o", "true_catch_rate"), ("D", "believed_catch_rate")):
        marks = [line.get_xdata() for line in belief.lines if line.get_marker() == marker]
        assert marks[0] == expected[name, "p2"]


def test_a_rate_of_few_tries_is_hollow_and_counted():
    first = np.where(np.arange(60) < 12, 20.0, NAN)
    few = {name: np.where(np.isnan(first), NAN, 0.5) for name in UNTRIED}
    worlds, _ = made(worlds=60, **few | {"crossing_first_critical_try": first})
    *_, belief = figures.headline(worlds)
    assert texts(belief).count("12 tries") == 2
    assert {line.get_markerfacecolor() for line in belief.lines if line.get_marker() == "o"} == {
        "white"
    }
    ax = figures.gap_at_tries(worlds)
    assert "Too few first critical tries" in ax.figure.get_label()


def test_worlds_without_tries_have_figures_that_say_so():
    drawn = page(*made(worlds=40, **UNTRIED))
    assert texts(drawn["headline"][2]).count("no try") == 2
    assert texts(drawn["gap_at_tries"]).count("none") == 2
    assert "no policy was tested" in drawn["headline"][0].figure.get_label()


@pytest.mark.parametrize("style", figures.STYLES)
@pytest.mark.parametrize(
    ("titles", "options"),
    [
        (("only",), {}),
        ((LONG, LONG[::-1]), {}),
        (("lax", "strict"), UNTRIED),
        ([f"{k} {LONG[2:]}" for k in range(9)], {}),
    ],
)
def test_no_text_leaves_its_figure(tmp_path, style, titles, options):
    with figures.in_style(style):
        for name, axes in page(*made(titles, worlds=40, **options)).items():
            figure = np.ravel(axes)[0].figure
            figure.savefig(tmp_path / "drawn.png", dpi=figure.dpi)  # places all texts
            width, height = figure.bbox.size
            shown = figure.findobj(matplotlib.text.Text)
            for text in (text for text in shown if text.get_text() and text.get_visible()):
                box = text.get_window_extent()
                inside = min(box.x0, box.y0) > -2 and box.x1 < width + 2 and box.y1 < height + 2
                assert inside, (name, text.get_text(), box)


def test_a_finding_names_the_file_and_stands_above_the_panels(tmp_path):
    worlds, months = made(worlds=60)
    figures.draw_all(worlds, months, tmp_path, formats=("svg",))
    drawn = page(worlds, months)
    for name, axes in drawn.items():
        finding = np.ravel(axes)[0].figure.get_label()
        written = (tmp_path / f"{name}.svg").read_text(encoding="utf-8")
        assert f"<dc:title>{finding}</dc:title>" in written
        (title,) = (text for text in np.ravel(axes)[0].figure.texts if text.get_weight() == "bold")
        assert title.get_text().replace("\n", " ").replace("\xa0", " ") == finding


def test_no_line_of_a_title_breaks_within_a_number():
    finding = "Under no policy, 2 to 4 % of worlds see no takeover, and 97 % of 10 to 12 do"
    for width in np.linspace(0.5, 8, 60):
        lines = fitted(finding, width, 11)
        assert " ".join(lines).replace("\u00a0", " ") == finding
        assert not [line for line in lines if line.startswith(("%", "to ", "4")) or line == "2"]


def test_a_policy_has_one_colour_in_all_figures_also_of_a_selection():
    worlds, _ = made([f"t{k}" for k in range(9)], worlds=60)
    (ax,) = np.ravel(figures.survival(worlds))
    lines = {line.get_label(): line for line in ax.lines if line.get_label().startswith("t")}
    assert len({(line.get_color(), str(line.get_linestyle())) for line in lines.values()}) == 9
    few = worlds.sel(policy=["p7", "p2"])
    (ax,) = np.ravel(figures.survival(few))
    for line in (line for line in ax.lines if line.get_label().startswith("t")):
        assert line.get_color() == lines[line.get_label()].get_color()
    safe, *_ = figures.headline(few)
    dots = [line for line in safe.lines if line.get_marker() == "o"]
    inks = [lines[title].get_color() for title in rows(safe)]
    assert [dot.get_markerfacecolor() for dot in dots] == inks


def test_a_policy_in_python_has_its_title(tmp_path):
    @rs.policy(title="Watch closely", settings={"oversight.control": {}})
    def watch(observation, levers):
        return levers

    scenario = {"name": "s", "months": 24, "systems": 6, "worlds": 30}
    worlds, months = rs.run({**scenario, "policies": {"none": {}}}, ["none", watch])
    assert "Watch closely" in rows(figures.headline(worlds)[0])
    titles = [ax.get_title(loc="left") for ax in figures.regimes(months)]
    assert titles == ["none", "Watch closely"]


# ---- colours ----

DEUTERANOPIA = (  # Machado, Oliveira and Fernandes (2009), severity 1, of linear RGB
    (0.367322, 0.860646, -0.227968),
    (0.280085, 0.672501, 0.047413),
    (-0.011820, 0.042940, 0.968881),
)
TO_CONES = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
TO_LAB = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)


def linear(ink):
    rgb = np.array(matplotlib.colors.to_rgb(ink))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def oklab(rgb):
    return np.array(TO_LAB) @ np.cbrt(np.clip(np.array(TO_CONES) @ rgb, 0, None))


def test_colours_of_policies_have_contrast_to_paper():
    for ink in INKS:
        assert 1.05 / (linear(ink) @ [0.2126, 0.7152, 0.0722] + 0.05) >= 3


@pytest.mark.parametrize(("seen", "apart"), [(np.eye(3), 0.2), (DEUTERANOPIA, 0.12)])
def test_any_two_colours_of_policies_can_be_distinguished(seen, apart):
    looks = [oklab(np.clip(np.array(seen) @ linear(ink), 0, 1)) for ink in INKS]
    assert min(np.linalg.norm(a - b) for a, b in combinations(looks, 2)) > apart


# ---- what decides ----


def decided(shares):
    """A summary whose policies have such variance shares, by source."""
    worlds, _ = made([f"t{k}" for k in range(len(shares))], worlds=40)
    summary = summarise(worlds)
    for policy, of in zip(summary["policies"].values(), shares, strict=True):
        policy["variance_shares"] = [
            {"source": source, "estimate": middle, "low": middle - half, "high": middle + half}
            for source, (middle, half) in of.items()
        ]
    return summary


def test_shares_are_bars_and_unknown_ones_intervals_alone():
    known = {
        "luck": (0.5, 0.1),
        "takeover.difficulty": (0.4, 0.05),
        "capability.initial + capability.doubling_time": (0.2, 0.4),
        "together": (-0.1, 0.1),
    }
    axes = figures.what_decides(decided([known, {}, {**known, "luck": (0.5, 3.0)}]))
    assert [ax.get_title(loc="left") for ax in axes] == ["t0"]
    assert rows(axes[0]) == [
        "luck",
        "takeover: difficulty",
        "capability: initial, doubling time",
        "assumptions together",
    ]
    assert [bar.get_width() for bar in axes[0].patches] == pytest.approx([0.5, 0.4, 0.0])
    caption = axes[0].figure.texts[-1].get_text().replace("\n", " ")
    assert "under t1, t2" in caption or "under t2, t1" in caption


def test_a_share_whose_interval_reaches_the_edge_has_its_number_on_its_bar():
    (ax,) = figures.what_decides(decided([{"luck": (0.75, 0.2), "together": (0.2, 0.1)}]))
    places = {text.get_text(): (text.get_ha(), text.get_position()[0]) for text in ax.texts}
    assert places == {
        "75.0 %": ("right", pytest.approx(0.52)),
        "20.0 %": ("left", pytest.approx(0.33)),
    }


def test_of_many_assumptions_the_largest_are_drawn():
    many = {f"a.b{k}": (0.05 + 0.01 * k, 0.01) for k in range(12)}
    shares = {"luck": (0.1, 0.02), **many, "together": (0.01, 0.02)}
    (ax,) = figures.what_decides(decided([shares]))
    assert rows(ax) == ["luck", *(f"a: b{k}" for k in range(11, 5, -1)), "assumptions together"]
    assert "6 smaller assumptions not shown" in ax.figure.texts[-1].get_text().replace("\n", " ")


def test_a_run_in_which_nothing_is_divided_has_no_figure_of_what_decides():
    drawing = figures.FIGURES["what_decides"]
    from regimesim.plots.saving import lacking

    assert "enough worlds" in lacking(drawing, {"summary": decided([{}, {}])})
    assert lacking(drawing, {"summary": decided([{"luck": (0.5, 0.1)}])}) is None
