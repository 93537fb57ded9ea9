"""Figures of sweeps and of what is made from them: what they show, and how they are asked for."""

import json

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import QuadMesh
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from PIL import Image
from synthetic_run import save_run
from synthetic_sweep import GRID, make_sweep, save_sweep

from regimesim import __version__, figures
from regimesim.analysis.boxes import find_boxes
from regimesim.cli import main
from regimesim.plots.style import INKS
from regimesim.studies.cruxes.figure import DOWN, UP
from regimesim.studies.discover.samples import Sample
from regimesim.studies.discover.text import plain
from regimesim.studies.sweep.axes_and_outcomes import (
    LINEAR,
    LOG,
    NAMED,
    outcome_of,
    through_the_middle,
    varied,
)

BUDGET = {"oversight.audit_budget": GRID["oversight.audit_budget"]}
CURVES = {"oversight.control.curve": np.array(["binormal", "worst", "best"])}
SWITCH = {"oversight.control": np.array([False, True])}
CLOUD = {"takeover.difficulty": (11, 18), "feedback.density": (0, 1)}
ABOUT = {"scenario": "made-up", "worlds": 300, "seed": 1, "start": "2026-01", "months": 180}


def interval(estimate, half):
    return {"estimate": estimate, "low": estimate - half, "high": estimate + half}


def sensitivity_found():
    parameters = {
        key: {
            "range": [0, 1],
            "unit": "share",
            "total": interval(0.5 / k, 0.06),
            "first": interval(0.4 / k, 0.05),
            "mu_star": interval(0.3 / k, 0.04),
            "sigma": 0.1,
            "no_effect": False,
        }
        for k, key in enumerate(("takeover.difficulty", "feedback.density", "goals.value"), 1)
    }
    idle = {"total": None, "first": None, "mu_star": interval(0, 0), "no_effect": True}
    parameters["conduct.feint_rate"] = {**parameters["goals.value"], **idle}
    asked = {"policy": "control", "outcome": "no_takeover", "unit": "1"}
    return {**ABOUT, **asked, "noise_share": 0.03, "parameters": parameters}


def cruxes_found():
    groups = {
        "takeover": {
            "shapley": interval(0.31, 0.05),
            "parameters": {"takeover.difficulty": [{"normal": [15, 2]}, 18.0]},
        },
        "policy: feedback": {
            "shapley": interval(-0.07, 0.02),
            "parameters": {"feedback.density": [0.98, 0.6], "feedback.density_trend": [-0.01, 0]},
        },
    }
    sides = {
        "a": {
            "scenario": "alice",
            "policy": "control",
            "title": "control",
            **interval(0.22, 0.04),
        },
        "b": {"scenario": "bob", "policy": "control", "title": "control", **interval(0.46, 0.05)},
    }
    words = "share of all worlds without a takeover by the end"
    asked = {"outcome": "no_takeover", "unit": "1", "words": words}
    return {**ABOUT, **asked, **sides, "groups": groups}


def boxes_found(policies=("control",)):
    rng = np.random.default_rng(1)
    x = rng.random((2000, 4)) * [10, 1, 1, 200]
    fails = rng.random(2000) < np.where((x[:, 0] < 3) & (x[:, 1] > 0.4), 0.9, 0.1)
    keys = ("takeover.difficulty", "feedback.density", "goals.value", "capability.lifetime")
    found = {
        policy: plain(find_boxes(x, outcome), Sample(keys, x, outcome, 0.95))
        for policy, outcome in zip(policies, (fails, rng.random(2000) < 0.3), strict=False)
    }
    return {**ABOUT, "outcome": "no_takeover", "policies": found}


def drawn_without_overlap(figure):
    """Whether no two texts of a drawn figure lie on each other, and all lie in it."""
    FigureCanvasAgg(figure).draw()
    labels = [text for ax in figure.axes for text in _texts(ax)] + figure.texts
    labels += [text for legend in figure.legends for text in legend.get_texts()]
    boxes = [(t.get_window_extent(), t.get_text()) for t in labels if t.get_text().strip()]
    page = figure.bbox
    for k, (box, text) in enumerate(boxes):
        assert box.x0 >= -1 and box.y0 >= -1, text
        assert box.x1 <= page.x1 + 1 and box.y1 <= page.y1 + 1, text
        for other, name in boxes[:k]:
            wide = min(box.x1, other.x1) - max(box.x0, other.x0)
            tall = min(box.y1, other.y1) - max(box.y0, other.y0)
            assert wide < 2 or tall < 2, (text, name)
    return True


def _texts(ax):
    shown = [*ax.texts, ax.xaxis.label, ax.yaxis.label, ax._left_title]
    for axis in (ax.xaxis, ax.yaxis):
        ticks = axis.get_major_ticks()
        if axis.get_tick_params().get("labelbottom", axis.get_tick_params().get("labelleft")):
            low, high = sorted(axis.get_view_interval())
            shown += [t.label1 for t in ticks if low <= t.get_loc() <= high]
    return [text for text in shown if text.get_visible()] if ax.get_visible() else []


FIGURES = {
    "phase_map": lambda: figures.phase_map(make_sweep()),
    "phase_map of eight": lambda: figures.phase_map(
        make_sweep(policies=[f"policy-number-{k}" for k in range(8)])
    ),
    "over_axis": lambda: figures.over_axis(make_sweep(BUDGET), level=0.5),
    "over three axes": lambda: figures.over_axis(make_sweep({**GRID, **CURVES})),
    "crossing_over_axis": lambda: figures.crossing_over_axis(make_sweep(BUDGET)),
    "over_points": lambda: figures.over_points(make_sweep(CLOUD, points=40)),
    "sensitivity": lambda: figures.sensitivity(sensitivity_found()),
    "cruxes": lambda: figures.cruxes(cruxes_found()),
    "boxes": lambda: figures.boxes(boxes_found(("control", "noise"))),
}


@pytest.mark.parametrize("style", figures.STYLES)
@pytest.mark.parametrize("name", FIGURES)
def test_nothing_overlaps_in_any_style(name, style):
    with figures.in_style(style):
        axes = FIGURES[name]()
        assert drawn_without_overlap(np.ravel(axes)[0].figure)


def test_a_phase_map_has_a_cell_a_point_on_the_scale_of_its_axes():
    sweep = make_sweep()
    left, right = figures.phase_map(sweep)
    assert (left.get_title(loc="left"), right.get_title(loc="left")) == ("control", "stack")
    assert (left.get_xscale(), left.get_yscale()) == ("linear", "log")
    assert left.get_xlabel() == "takeover difficulty (doublings)"
    assert left.get_ylabel().split() == "oversight audit budget (share of actions)".split()
    for ax, policy in ((left, "control"), (right, "stack")):
        (mesh,) = (found for found in ax.collections if isinstance(found, QuadMesh))
        shares = sweep["no_takeover"].sel(policy=policy).transpose("oversight.audit_budget", ...)
        assert np.array_equal(mesh.get_array(), shares.values)
        assert mesh.get_clim() == (0, 1)
    corners = mesh.get_coordinates()
    budgets = GRID["oversight.audit_budget"]
    assert np.allclose(corners[1:-1, 0, 1], np.sqrt(budgets[1:] * budgets[:-1]))


def crossing_line(ax):
    """The vertices of the solid line along which the level is crossed."""
    lines = [line for line in ax.collections if line.get_paths() and line.get_path_effects()]
    lines = [line for line in lines if line.get_linestyle()[0][1] is None]
    return np.concatenate([path.vertices for path in lines[0].get_paths()])


def test_the_line_of_a_phase_map_lies_where_the_level_is_crossed_and_its_band_around_it():
    x, y = np.linspace(0, 1, 9), np.linspace(0, 1, 11)
    sweep = make_sweep({"feedback.density": x, "goals.value": y}, policies=("only",))
    plane = (x[:, None] + y[None, :])[..., None] / 2  # 0.5 on the diagonal x + y = 1
    for name, shift in (("no_takeover", 0), ("no_takeover_low", -0.1), ("no_takeover_high", 0.1)):
        sweep[name][:] = plane + shift
    (ax,) = figures.phase_map(sweep)
    line = crossing_line(ax)
    assert np.allclose(line.sum(axis=1), 1, atol=1e-6) and len(line) > 50
    (moved,) = figures.phase_map(sweep, level=0.3)
    assert np.allclose(crossing_line(moved).sum(axis=1), 0.6, atol=1e-6)
    drawn = [found for found in ax.collections if found.get_paths()]
    dashed = [found for found in drawn if found.get_linestyle()[0][1] is not None]
    edges = sorted(found.get_paths()[0].vertices.sum(axis=1).mean() for found in dashed)
    assert edges == pytest.approx([0.8, 1.2], abs=1e-6)


def test_points_without_an_estimate_are_hatched_and_names_have_cells_of_one_size():
    sweep = make_sweep({**CURVES, "feedback.density": [0.9, 0.2, 0.5]}, policies=("only",))
    sweep["no_takeover"][1, 2, 0] = np.nan
    (ax,) = figures.phase_map(sweep)
    (mesh,) = (found for found in ax.collections if isinstance(found, QuadMesh))
    assert ax.patch.get_hatch()  # what is behind the cells
    # of sorted densities the third one given is in the middle
    assert np.argwhere(mesh.get_array().mask).tolist() == [[1, 1]]
    assert np.array_equal(mesh.get_coordinates()[0, :, 0], [-0.5, 0.5, 1.5, 2.5])
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["binormal", "worst", "best"]
    (legend,) = ax.figure.legends
    assert "no estimate" in [text.get_text() for text in legend.get_texts()]


def test_a_sweep_of_which_nothing_is_known_is_hatched_all_over():
    sweep = make_sweep(policies=("only",))
    for name in ("held_first_critical_try", "takeover_median"):
        for end in ("", "_low", "_high"):
            sweep[f"{name}{end}"][:] = np.nan
        (ax,) = figures.phase_map(sweep, outcome=name, level=0.5)
        mesh = next(found for found in ax.collections if isinstance(found, QuadMesh))
        assert mesh.get_array().mask.all() and ax.patch.get_hatch()
        figures.over_axis(sweep, outcome=name)
    figures.crossing_over_axis(sweep, outcome="takeover")


def test_other_axes_of_a_grid_are_at_their_middle_and_this_is_shown():
    sweep = make_sweep({**GRID, "goals.value": [0.1, 0.4, 0.7]})
    part, middles = through_the_middle(sweep, list(GRID))
    assert middles == {"goals.value": "0.4"} and float(part["goals.value"]) == 0.4
    axes = figures.phase_map(sweep)
    mesh = axes[0].collections[0]
    shown = sweep["no_takeover"].sel({"policy": "control", "goals.value": 0.4})
    assert np.array_equal(mesh.get_array(), shown.transpose("oversight.audit_budget", ...).values)
    assert "goals.value = 0.4" in " ".join(axes[0].figure.texts[-1].get_text().split())


def test_lines_over_an_axis_with_bands():
    sweep = make_sweep(BUDGET)
    (ax,) = figures.over_axis(sweep, level=0.5)
    for k, policy in enumerate(("control", "stack")):
        line = next(line for line in ax.lines if line.get_label() == policy)
        here = sweep.sel(policy=policy)
        assert np.array_equal(line.get_ydata(), here["no_takeover"].values)
        assert np.array_equal(line.get_xdata(), BUDGET["oversight.audit_budget"])
        band = ax.collections[k].get_paths()[0].vertices[:, 1]
        assert band.min() == here["no_takeover_low"].min()
        assert band.max() == here["no_takeover_high"].max()
    assert ax.get_xscale() == "log"


def test_switches_and_names_are_dots_with_bars():
    for axes, names in ((CURVES, ["binormal", "worst", "best"]), (SWITCH, ["off", "on"])):
        (ax,) = figures.over_axis(make_sweep(axes))
        assert [tick.get_text() for tick in ax.get_xticklabels()] == names
        line = next(line for line in ax.lines if line.get_label() == "control")
        assert line.get_linestyle() == "None" and len(line.get_xdata()) == len(names)


def test_dates_of_crossings_and_never():
    sweep = make_sweep(BUDGET, policies=("control",))
    (ax,) = figures.crossing_over_axis(sweep, outcome="takeover")
    here = sweep.sel(policy="control")
    lines = {line.get_label(): line for line in ax.lines}
    median = here["takeover_median"].values
    there = ~np.isnan(median)
    assert 0 < there.sum() < len(median)
    assert np.array_equal(lines["half"].get_ydata(), median[there])
    never = lines["less than half cross"]
    assert np.array_equal(never.get_xdata(), BUDGET["oversight.audit_budget"][~there])
    assert np.all(never.get_ydata() > 180)
    assert [text.get_text() for text in ax.get_yticklabels()][-1] == "never"
    months = dict(zip([t.get_text() for t in ax.get_yticklabels()], ax.get_yticks(), strict=True))
    assert months["2034"] == 8 * 12
    band = next(c for c in ax.collections if c.get_label() == "10 to 90 %")
    heights = band.get_paths()[0].vertices[:, 1]
    assert heights.min() == here["takeover_p10"].min() and heights.max() > 180


def test_scattered_points_have_a_dot_a_point_and_means_of_groups():
    sweep = make_sweep(CLOUD, points=80)
    axes = figures.over_points(sweep)
    labels = ["takeover difficulty (doublings)", "feedback density (share)"]
    assert [ax.get_xlabel() for ax in axes] == labels
    for ax, key in zip(axes, CLOUD, strict=True):
        dots, others = (line for line in ax.lines if len(line.get_xdata()) == 80)
        order = np.argsort(sweep[key].values)
        apart = 0.012 * np.ptp(sweep[key].values)  # policies stand beside each other
        assert np.allclose(dots.get_xdata(), sweep[key].values[order] - apart / 2)
        assert np.allclose(others.get_xdata() - dots.get_xdata(), apart)
        assert others.get_marker() != dots.get_marker()
        assert np.array_equal(dots.get_ydata(), sweep["no_takeover"].values[order, 0])
        means = next(line for line in ax.lines if len(line.get_xdata()) == 8)
        assert means.get_ydata()[0] == pytest.approx(dots.get_ydata()[:10].mean())
    few = figures.over_points(make_sweep(CLOUD, points=12))
    assert not any(len(line.get_xdata()) == 8 for line in few[0].lines)


def late_sweep(**options):
    """A sweep in which the median of takeovers, or an end of it, is after the end in places."""
    sweep = make_sweep(policies=("only",), **options)
    shape = sweep["takeover_median"].shape
    when = np.broadcast_to(
        np.linspace(60, 230, shape[0]).reshape(-1, *[1] * (len(shape) - 1)), shape
    )
    for end, shift in (("", 0), ("_low", -20), ("_high", 20)):
        sweep[f"takeover_median{end}"][:] = np.where(when + shift < 180, when + shift, np.nan)
    return sweep


def test_dates_after_the_end_stand_in_a_strip_with_their_bands():
    sweep = late_sweep(axes=BUDGET)
    (ax,) = figures.over_axis(sweep, outcome="takeover_median", level=100)
    line = next(line for line in ax.lines if line.get_label() == "only")
    found = sweep["takeover_median"].values[:, 0]
    late = np.isnan(found)
    assert 0 < late.sum() < len(found)
    assert np.array_equal(line.get_ydata()[~late], found[~late])
    assert np.all(line.get_ydata()[late] > 180)
    assert ax.get_yticklabels()[-1].get_text() == "never"
    band = next(c for c in ax.collections if c.get_alpha() == 0.16).get_paths()[0].vertices
    ends = sweep["takeover_median_low"].values[:, 0], sweep["takeover_median_high"].values[:, 0]
    last = np.flatnonzero(np.isfinite(ends[0]) & np.isnan(ends[1]))[0]
    at = BUDGET["oversight.audit_budget"][last]
    heights = band[np.isclose(band[:, 0], at), 1]
    assert heights.min() == ends[0][last] and heights.max() > 180
    assert "not by the end of the run" in caption([ax])


def test_a_phase_map_of_dates_tells_late_from_failed_and_keeps_its_band():
    sweep = late_sweep()
    sweep["takeover_crossed"][0, 0] = np.nan  # a point that failed
    for end in ("", "_low", "_high"):
        sweep[f"takeover_median{end}"][0, 0] = np.nan
    (ax,) = figures.phase_map(sweep, outcome="takeover_median", level=165)
    texts = [text.get_text() for text in ax.figure.legends[0].get_texts()]
    assert texts == ["2039-10", "95 % band of 2039-10", "not by the end", "no estimate"]
    when = np.linspace(60, 230, 8)
    past = GRID["takeover.difficulty"][np.searchsorted(when, 180)]
    edges = [c for c in ax.collections if c.get_path_effects() and c.get_paths()]
    reach = max(path.vertices[:, 0].max() for c in edges for path in c.get_paths())
    assert reach > GRID["takeover.difficulty"][np.searchsorted(when, 165) - 1]
    assert reach < past + 1
    hatches = {ax.patch.get_hatch(), *(c.get_hatch() for c in ax.collections)} - {None}
    assert len(hatches) == 2


def test_scenario_files_are_shown_by_name_and_have_room():
    files = [f"/here/views/{name}.toml" for name in ("ladder", "dense_feedback", "a_view" * 4)]
    sweep = make_sweep({"preset": np.array(files, dtype=object), "labs": [1, 2, 3]})
    assert varied(sweep, "preset").values.tolist() == ["ladder", "dense_feedback", "a_view" * 4]
    for style in figures.STYLES:
        with figures.in_style(style):
            for draw in (figures.phase_map, figures.over_axis, figures.crossing_over_axis):
                axes = draw(sweep)
                assert drawn_without_overlap(axes[0].figure)
            assert drawn_without_overlap(
                figures.phase_map(sweep, over=["labs", "preset"])[0].figure
            )
    alike = make_sweep({"preset": np.array(["a/x.toml", "b/x.toml"], dtype=object)})
    assert varied(alike, "preset").values.tolist() == ["a/x.toml", "b/x.toml"]


def test_a_legend_lists_what_is_drawn_and_a_caption_begins_no_sentence_of_its_own():
    sweep = make_sweep(BUDGET, policies=("control",))
    for name in ("p10", "median", "p90", "median_low", "median_high"):
        sweep[f"takeover_{name}"][:] = 50.0
    sweep["oversight.audit_budget"].attrs["long_name"] = "Share of actions. 1 is all of them."
    axes = figures.crossing_over_axis(sweep, outcome="takeover")
    texts = [text.get_text() for text in axes[0].figure.legends[0].get_texts()]
    assert texts == ["10 to 90 %", "half"]
    assert "share of actions." in caption(axes) and "1 is all" not in caption(axes)


def test_sensitivities_with_their_whiskers():
    left, right = figures.sensitivity(sensitivity_found())
    lines = {line.get_label(): line.get_xdata() for line in left.lines}
    assert np.allclose(lines["total"], [0.5, 0.25, 0.5 / 3])
    assert np.allclose(lines["first"], [0.4, 0.2, 0.4 / 3])
    reach = left.containers[0].lines[2][0].get_segments()
    assert np.allclose(reach[0][:, 0], [0.44, 0.56])
    for ax in (left, right):
        assert [text.get_text().strip() for text in ax.texts] == ["no effect seen"]
    assert right.get_xlabel() == "mu* (% points)"
    (dots,) = (line for line in right.lines if line.get_marker() == "s")
    assert np.allclose(dots.get_xdata(), [30, 15, 10, 0])
    assert left.get_yticklabels()[0].get_text() == "takeover.difficulty"
    assert len(right.lines[-1].get_xdata()) <= 4
    alone = sensitivity_found()
    for one in alone["parameters"].values():
        one |= {"total": None, "first": None}
    assert len(figures.sensitivity(alone)) == 1


def caption(axes):
    """What is written below a figure."""
    return " ".join(text.get_text() for text in axes[0].figure.texts).replace("\n", " ")


def test_the_caption_of_sensitivities_tells_of_the_panels_that_are_there():
    found = sensitivity_found() | {"noise_share": 980.0}
    both = caption(figures.sensitivity(found))
    assert "Left: share of the variance" in both and "right: mean size" in both
    assert "at most 100 % of the variance over points is sampling noise" in both
    for one in found["parameters"].values():
        one |= {"total": None, "first": None}
    alone = caption(figures.sensitivity(found))
    assert "Mean size of the elementary effects" in alone and "left:" not in alone.lower()


def test_of_many_parameters_the_weightiest_are_drawn_and_the_others_counted():
    found = sensitivity_found()
    (one, *_) = found["parameters"].values()
    many = {f"goals.number_{k}": {**one, "total": interval(0.5 / (k + 1), 0)} for k in range(47)}
    axes = figures.sensitivity(found | {"parameters": many})
    assert len(axes[0].get_yticklabels()) == 40
    assert "and 7 more, of total index at most 0.012." in caption(axes)


def test_cruxes_lead_from_one_scenario_to_the_other():
    ax = figures.cruxes(cruxes_found())
    bars = [p for p in ax.patches if p.get_facecolor()[:3] in (to_rgb(UP), to_rgb(DOWN))]
    begins = [bar.get_x() for bar in bars]
    ends = [bar.get_x() + bar.get_width() for bar in bars]
    assert begins == pytest.approx([22, 53]) and ends == pytest.approx([53, 46])
    rows = [tick.get_text() for tick in ax.get_yticklabels()]
    assert rows[0] == "A: alice, control" and rows[-1] == "B: bob, control"
    assert rows[1] == "takeover\ndifficulty normal (15, 2) → 18"
    assert [text.get_text() for text in ax.texts] == ["22.0 %", "+31.0", "−7.0", "46.0 %"]
    still = cruxes_found()
    still["groups"]["policy: feedback"]["shapley"] = interval(-1e-5, 0.01)
    assert [text.get_text() for text in figures.cruxes(still).texts][2] == "0"


def test_boxes_show_their_trajectory_and_their_limits():
    found = boxes_found(("control", "noise"))
    axes = figures.boxes(found)
    steps = found["policies"]["control"]["boxes"][0]["trajectory"]
    path = next(line for line in axes[0].lines if len(line.get_xdata()) == len(steps))
    assert np.array_equal(path.get_ydata(), [step["density"] for step in steps])
    (dots,) = (c for c in axes[0].collections if len(c.get_offsets()) == len(steps))
    assert np.array_equal(dots.get_offsets()[:, 0], [s["pruned"]["coverage"] for s in steps])
    bars = [bar for bar in axes[1].patches if bar.get_width() < 1]
    limits = found["policies"]["control"]["boxes"][0]["limits"]
    below = limits["takeover.difficulty"]["high"]["worlds_below"]
    assert (bars[0].get_x(), bars[0].get_width()) == (0, below) and 0.25 < below < 0.35
    assert "no box" in [text.get_text() for text in axes[2].texts]


def test_how_axes_are_read():
    sweep = make_sweep({"goals.value": [0.5, 0.1, 0.3], "systems": [1, 10, 100]})
    value, systems = (varied(sweep, key) for key in ("goals.value", "systems"))
    assert value.values.tolist() == [0.1, 0.3, 0.5] and value.order.tolist() == [1, 2, 0]
    assert (value.scale, systems.scale) == (LINEAR, LOG)
    own = make_sweep({"policies.strict.oversight.control.auroc": [0.6, 0.9]})
    assert (
        varied(own, "policies.strict.oversight.control.auroc").label == "control auroc of strict"
    )
    assert varied(make_sweep(SWITCH), "oversight.control").scale == NAMED
    labs = make_sweep({"labs": [1, 2, 3]})
    labs["labs"].attrs["units"] = "labs"
    assert (varied(labs, "labs").label, value.label) == ("labs", "goals value")
    assert outcome_of(sweep, "takeover").label == "takeover: share that has crossed"
    assert outcome_of(sweep, "takeover").name == "takeover_crossed"
    with pytest.raises(ValueError, match="no outcome 'takover'"):
        outcome_of(sweep, "takover")


def test_axes_of_ones_own_are_used():
    sweep = make_sweep()
    for draw, count in (
        (figures.phase_map, 2),
        (figures.over_axis, 2),
        (figures.crossing_over_axis, 2),
    ):
        mine = Figure(figsize=(9, 4)).subplots(1, count)
        assert list(draw(sweep, axes=mine)) == list(mine)
        with pytest.raises(ValueError, match="3 axes were given"):
            draw(sweep, axes=Figure().subplots(3))
    ax = Figure().subplots()
    assert figures.cruxes(cruxes_found(), ax=ax) is ax
    with pytest.raises(ValueError, match="two axes of a grid"):
        figures.phase_map(make_sweep(BUDGET))


def answer(capsys, *arguments):
    code = main(["plot", *map(str, arguments)])
    told = capsys.readouterr()
    return code, told.out.splitlines(), told.err.splitlines()


def listing(folder):
    return sorted(path.name for path in folder.iterdir())


def drawn_in(folder):
    return listing(folder / "figures")


def test_the_folder_of_a_sweep_gets_the_figures_that_its_design_allows(tmp_path, capsys):
    for name, options, names in (
        ("map", {}, ["crossing_over_axis", "over_axis", "phase_map"]),
        ("line", {"axes": BUDGET}, ["crossing_over_axis", "over_axis"]),
        ("cloud", {"axes": CLOUD, "points": 20}, ["over_points"]),
    ):
        save_sweep(tmp_path / name, **options)
        code, told, wrong = answer(capsys, tmp_path / name, "--format", "png")
        assert (code, wrong) == (0, [])
        assert drawn_in(tmp_path / name) == [f"{figure}.png" for figure in names]
        assert told == [str(tmp_path / name / "figures" / f"{figure}.png") for figure in names]
        for figure in names:
            with Image.open(tmp_path / name / "figures" / f"{figure}.png") as picture:
                assert picture.text["Description"] == "made-up: 200 worlds, seed 1"


def test_an_outcome_and_a_level_of_ones_own_have_files_of_their_own(tmp_path, capsys):
    save_sweep(tmp_path)
    asked = ("--outcome", "takeover", "--format", "svg")
    assert answer(capsys, tmp_path, *asked)[0] == 0
    names = ["crossing_over_axis", "over_axis", "phase_map"]
    assert drawn_in(tmp_path) == [f"{name}_takeover.svg" for name in names]
    asked = ("--outcome", "evidence_gap", "--level", "0.1", "--format", "svg", "--out")
    code, told, _ = answer(capsys, tmp_path, *asked, tmp_path / "own" / "figures")
    assert code == 0 and len(told) == 2
    assert drawn_in(tmp_path / "own") == [
        "over_axis_evidence_gap.svg",
        "phase_map_evidence_gap.svg",
    ]
    assert ">0.1<" in (tmp_path / "own/figures/phase_map_evidence_gap.svg").read_text()


def test_axes_and_a_date_from_the_command_line(tmp_path, capsys):
    axes = {**GRID, "goals.value": [0.1, 0.4, 0.7]}
    sweep = save_sweep(tmp_path, axes=axes)
    two = ("--over", "goals.value", "--over", "takeover.difficulty")
    asked = ("--format", "svg", "--outcome", "takeover_median", "--level", "2038-03")
    assert answer(capsys, tmp_path, *two, *asked)[0] == 0
    told = "takeover_median_over_goals.value_takeover.difficulty.svg"
    assert drawn_in(tmp_path) == [f"over_axis_{told}", f"phase_map_{told}"]
    written = (tmp_path / "figures" / f"phase_map_{told}").read_text()
    assert ">goals value<" in written and ">2038-03<" in written
    assert answer(capsys, tmp_path, "--format", "png", *two[:2], "--out", tmp_path / "one")[0] == 0
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert names == ["crossing_over_axis_over_goals.value.png", "over_axis_over_goals.value.png"]
    (ax,) = figures.over_axis(sweep, over=["goals.value"])
    assert ax.get_xlabel() == "goals value"


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """The folder of a sweep in which nothing is changed."""
    folder = tmp_path_factory.mktemp("saved")
    save_sweep(folder)
    return folder


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            ("--outcome", "takeover_median", "--level", "2030-13"),
            "found 2030-13; allowed is a month",
        ),
        (("--outcome", "takeover_median", "--level", "2025-12"), "from 2026-01 to 2041-01"),
        (("--outcome", "takeover_median", "--level", "2030-01-5"), "0 to 180"),
        (("--level", "2030-01"), "--level: found 2030-01; allowed is 0 to 1"),
        (("--over", "takeover.dificulty"), "the nearest is 'takeover.difficulty'"),
        (
            ("--figure", "phase_map", "--over", "takeover.difficulty"),
            "'phase_map' takes 2 --over, and 1 were given",
        ),
        (
            ("--outcome", "no_takover"),
            "unknown outcome 'no_takover'; the nearest is 'no_takeover'",
        ),
        (("--level", "2"), "--level: found 2; allowed is 0 to 1"),
        (("--figure", "phase_mop"), "unknown figure 'phase_mop'; the nearest is 'phase_map'"),
        (("--figure", "over_points"), "'over_points' needs scattered points"),
        (("--figure", "survival"), "'survival' needs worlds.nc, which is not there"),
        (
            ("--figure", "crossing_over_axis", "--outcome", "no_takeover"),
            "'crossing_over_axis' needs a threshold, and 'no_takeover' is none",
        ),
        (("--figure", "crossing_over_axis", "--level", "0.2"), "takes no --level"),
    ],
)
def test_what_a_sweep_cannot_show_is_shown_and_nothing_written(saved, capsys, options, sentence):
    before = listing(saved)
    code, told, (line,) = answer(capsys, saved, *options)
    assert len(line) < 300
    assert (code, told) == (2, []) and sentence in line
    assert listing(saved) == before == ["manifest.json", "sweep.nc"]


@pytest.mark.parametrize(
    ("name", "figure", "found"),
    [
        ("sensitivity", "sensitivity", sensitivity_found),
        ("cruxes", "cruxes", cruxes_found),
        ("discover", "boxes", boxes_found),
    ],
)
def test_folders_of_other_commands_are_drawn_from_their_json(
    tmp_path, capsys, name, figure, found
):
    manifest = {"made_by": f"regimesim {name}", "version": __version__}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    (tmp_path / f"{name}.json").write_text(json.dumps(found()))
    before = {path.name for path in tmp_path.iterdir()}
    assert answer(capsys, tmp_path)[0] == 0
    assert drawn_in(tmp_path) == [f"{figure}.png", f"{figure}.svg"]
    assert {path.name for path in tmp_path.iterdir()} == before | {"figures"}  # no report
    first = (tmp_path / "figures" / f"{figure}.svg").read_bytes()
    assert answer(capsys, tmp_path, "--figure", figure)[0] == 0
    assert (tmp_path / "figures" / f"{figure}.svg").read_bytes() == first
    code, _, (line,) = answer(capsys, tmp_path, "--outcome", "no_takeover")
    assert code == 2 and "only figures of a sweep take it" in line


def test_a_run_takes_no_outcome_and_other_folders_are_refused(tmp_path, capsys):
    save_run(tmp_path / "run")
    code, _, (line,) = answer(capsys, tmp_path / "run", "--level", "0.5")
    assert code == 2 and line.startswith("--level: only figures of a sweep take it")
    save_sweep(tmp_path / "odd", maker="somebody else")
    code, _, (line,) = answer(capsys, tmp_path / "odd")
    assert code == 2 and 'but by "somebody else"' in line
    save_sweep(tmp_path / "half")
    (tmp_path / "half" / "sweep.nc").unlink()
    code, _, (line,) = answer(capsys, tmp_path / "half")
    assert code == 2 and "sweep.nc: cannot be read: there is no such file" in line


def test_every_policy_of_a_full_palette_has_a_mark_of_its_own():
    policies = [f"policy {k}" for k in range(len(INKS))]
    (ax,) = figures.over_axis(make_sweep(BUDGET, policies=policies))
    marks = {line.get_label(): line.get_marker() for line in ax.get_lines()}
    assert len({marks[name] for name in policies}) == len(policies)


def test_the_figure_of_sensitivity_names_a_leader_only_where_intervals_are_apart():
    found = sensitivity_found()
    leading = "takeover.difficulty"
    told = figures.sensitivity(found)[0].figure.get_label()
    assert told == f"no takeover depends most on {leading}, by its total index"
    found["parameters"]["feedback.density"]["total"] = interval(0.4, 0.1)
    told = figures.sensitivity(found)[0].figure.get_label()
    assert told == (
        f"{leading} leads by its total index for no takeover, but others may matter more"
    )
    for one in found["parameters"].values():
        one |= {"total": None, "first": None, "mu_star": interval(0, 0)}
    told = figures.sensitivity(found)[0].figure.get_label()
    assert told == "No parameter is seen to change no takeover"
