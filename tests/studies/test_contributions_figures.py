"""Figures of contributions: every name can be read, and the title is what the numbers say."""

from itertools import combinations

from matplotlib.backends.backend_agg import FigureCanvasAgg

from regimesim import figures

POINTS = {  # growth lost, no takeover: a crowd on the right, as of cheap and weak policies
    "monitors + halt": (0.806, 0.86),
    "defence in depth": (0.487, 0.20),
    "halt in 2 of 3 labs": (0.354, 0.033),
    "monitors + evaluations": (0.224, 0.027),
    "monitors + hold": (0.132, 0.023),
    "control + CoT": (0.125, 0.023),
    "monitors + dense": (0.116, 0.103),
    "control": (0.066, 0.023),
    "no safeguards": (0.0, 0.017),
}
DOMINATED = ("halt in 2 of 3 labs", "monitors + hold")
LONG = "audit 0.5, withdraw all from 2026-06"


def near(value, half=0.02):
    return {"estimate": value, "low": value - half, "high": value + half, "n": 300}


def part(value, half=0.02):
    return {"shapley": near(value, half), "leave_one_out": near(value, half)}


def content(policies=None, points=POINTS):
    frontier = {
        name: {
            "growth_lost": near(lost),
            "no_takeover": near(safe),
            "dominated_by": ["control"] if name in DOMINATED else [],
        }
        for name, (lost, safe) in points.items()
    }
    about = {"scenario": "crowded", "worlds": 300, "seed": 1, "titles": {}}
    costs = {"cost": "growth_lost", "cost_of_budgets": "audited", "audit_budgets": {}}
    return {**about, **costs, "policies": policies or {}, "frontier": frontier}


def of_parts(parts):
    shares = {"parts": parts, "nothing": near(0.02), "full": near(0.86)}
    return {"parts": list(parts), "no_takeover": shares}


def drawn(axes):
    """The figure, laid out, and the renderer."""
    figure = axes[0].figure
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return figure, canvas.get_renderer()


def test_names_on_the_frontier_hide_neither_each_other_nor_a_point():
    axes = figures.frontier(content())
    _, renderer = drawn(axes)
    boxes = [text.get_window_extent(renderer) for text in axes[0].texts]
    assert len(boxes) == len(POINTS)
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))
    marks = [axes[0].transData.transform((-lost, safe)) for lost, safe in POINTS.values()]
    assert not any(box.contains(*mark) for box in boxes for mark in marks)


def test_the_frontier_says_what_the_safest_policy_costs():
    figure, _ = drawn(figures.frontier(content()))
    told = "monitors + halt keeps most worlds, 86.0 %, at 80.6 % growth lost; 2 of 9 policies"
    assert figure.get_label() == f"{told} are dominated"
    close = {"control": (0.1, 0.50), "monitors + hold": (0.2, 0.51)}
    figure, _ = drawn(figures.frontier(content(points=close)))
    assert figure.get_label() == (
        "No policy surely keeps most worlds; 1 of 2 policies is dominated"
    )
    figure, _ = drawn(figures.frontier(content(points={"control": (0.1, 0.50)})))
    assert figure.get_label() == "control keeps 50.0 % of worlds, at 10.0 % growth lost"


def test_long_names_of_parts_stay_on_the_figure():
    parts = {"control": part(0.01, 0.02), LONG: part(0.41), "freeze at report >= 8": part(0.41)}
    axes = figures.contributions(content({"halt": of_parts(parts), "stack": of_parts(parts)}))
    _, renderer = drawn(axes)
    for ax, other in ((axes[0], None), (axes[1], axes[0])):
        left = other.get_window_extent(renderer).x1 if other else 0
        for label in ax.get_yticklabels():
            assert label.get_window_extent(renderer).x0 > left
    assert [label.get_text() for label in axes[0].get_yticklabels()][1].split() == LONG.split()


def test_the_parts_that_add_most_are_the_title():
    parts = {"control": part(0.01, 0.02), "evaluations": part(0.41), "freeze": part(0.41)}
    figure, _ = drawn(figures.contributions(content({"halt": of_parts(parts)})))
    assert figure.get_label() == (
        "Under halt, evaluations and freeze add most: 41.0 points each of the share of worlds "
        "without a takeover"
    )
    figure, _ = drawn(figures.contributions(content({"halt": of_parts({"a": part(0, 0.02)})})))
    assert figure.get_label() == "No part clearly adds to the share of worlds without a takeover"
