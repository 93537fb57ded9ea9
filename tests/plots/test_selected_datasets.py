"""Figures of datasets that were selected, masked or transposed show what is there, or say no."""

import numpy as np
import pytest
import synthetic_run
import synthetic_sweep
import xarray as xr

from regimesim import figures
from regimesim.errors import Refusal

KEPT = np.arange(3, 60, 2)
OF_WORLDS = {"headline", "gap_at_tries", "survival", "crossings", "catch_rates", "evidence_gap"}
OF_MONTHS = {"regimes", "regime_map", "capability"}
OF_A_SWEEP = ("phase_map", "over_axis", "crossing_over_axis")


@pytest.fixture(scope="module")
def run():
    return synthetic_run.make_run(worlds=80)


@pytest.fixture(scope="module")
def sweep():
    return synthetic_sweep.make_sweep()


def drawn(axes):
    """The numbers and words of every panel."""
    content = []
    for ax in np.ravel(axes):
        content += [line.get_xydata().tolist() for line in ax.lines]
        for collection in ax.collections:
            content.append(np.ma.filled(np.ma.ravel(collection.get_offsets()), np.nan).tolist())
            content += [path.vertices.tolist() for path in collection.get_paths()]
            if (values := collection.get_array()) is not None:
                content.append(np.ma.filled(np.ma.ravel(values), np.nan).tolist())
        content += [patch.get_path().vertices.tolist() for patch in ax.patches]
        content += [text.get_text() for text in ax.texts]
    figure = np.ravel(axes)[0].figure
    return content + [text.get_text() for text in figure.texts]


def draw(name, worlds, months):
    datasets = {"worlds": worlds, "months": months}
    needs = figures.FIGURES[name].needs
    return drawn(getattr(figures, name)(*(datasets[need] for need in needs)))


def same(ours, theirs):
    np.testing.assert_equal(ours, theirs)


def differ(ours, theirs):
    assert str(ours) != str(theirs)  # in which NaN is like NaN


@pytest.mark.parametrize("name", sorted(OF_WORLDS))
def test_masked_worlds_are_not_drawn(run, name):
    worlds, months = run
    masked = worlds.where(worlds.world.isin(KEPT))
    same(draw(name, masked, months), draw(name, worlds.isel(world=KEPT), months))
    differ(draw(name, masked, months), draw(name, worlds, months))


@pytest.mark.parametrize("name", sorted(OF_WORLDS | OF_MONTHS))
def test_one_policy_without_its_dimension_is_one_panel(run, name):
    worlds, months = run
    one = (worlds.sel(policy="strict"), months.sel(policy="strict"))
    same(draw(name, *one), draw(name, *(of.sel(policy=["strict"]) for of in run)))


@pytest.mark.parametrize("name", sorted(OF_WORLDS | OF_MONTHS))
def test_the_order_of_dimensions_and_labels_does_not_count(run, name):
    worlds, months = run
    back = slice(None, None, -1)
    changed = (
        worlds.transpose("world", "policy", ...).isel(threshold=back, safeguard=back),
        months.transpose("month", "policy", ...).isel(month=back, regime=back, quantile=back),
    )
    same(draw(name, *changed), draw(name, worlds, months))


@pytest.mark.parametrize("name", sorted(OF_WORLDS))
def test_a_policy_without_worlds_is_named(run, name):
    worlds, months = run
    with pytest.raises(Refusal, match='policy "lax" has no world'):
        draw(name, worlds.where(worlds.policy == "strict"), months)


@pytest.mark.parametrize("name", sorted(OF_MONTHS | {"evidence_gap"}))
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda m: m.isel(month=slice(12, None)), "found 168 months, 12 to 179"),
        (lambda m: m.isel(month=[0, 5, 9]), "found 3 months, 0 to 9"),
        (lambda m: m.isel(month=[]), "found 0 months"),
        (lambda m: m.where(m.month < 60), "has no data in month 60"),
        (lambda m: m.mean("month"), 'found no "month"'),
        (lambda m: m.drop_vars("worlds_not_lost"), "found no variable"),
        (lambda m: m.drop_attrs(), "found no attribute"),
    ],
)
def test_months_that_would_be_drawn_at_wrong_dates_are_refused(run, name, change, words):
    worlds, months = run
    with pytest.raises(Refusal, match=words) as refused:
        draw(name, worlds, change(months))
    assert len(refused.value.lines) == 1


def test_the_caption_counts_the_worlds_that_are_there(run):
    worlds, _ = run
    (caption,) = (text for text in drawn(figures.survival(worlds.isel(world=KEPT)))[-1:])
    assert f"{len(KEPT)} worlds" in caption


@pytest.mark.parametrize("name", OF_A_SWEEP)
def test_a_sweep_of_one_policy_or_in_another_order(sweep, name):
    figure = getattr(figures, name)
    one = figure(sweep.sel(policy="stack"))
    same(drawn(one), drawn(figure(sweep.sel(policy=["stack"]))))
    axes = ["takeover.difficulty", "oversight.audit_budget"]
    back = {key: slice(None, None, -1) for key in axes}
    changed = sweep.isel(back).transpose("policy", *reversed(axes))
    same(drawn(figure(changed)), drawn(figure(sweep)))


def test_scattered_points_may_be_selected_and_shuffled():
    ends = {"takeover.difficulty": (11, 18), "oversight.audit_budget": (0.01, 0.3)}
    sweep = synthetic_sweep.make_sweep(ends, points=30)
    figure = figures.over_points
    same(drawn(figure(sweep.sel(policy="stack"))), drawn(figure(sweep.sel(policy=["stack"]))))
    masked = figure(sweep.where(sweep.point < 20))
    assert len(masked) == 2
    differ(drawn(masked), drawn(figure(sweep)))
    with pytest.raises(Refusal, match="has no value at some points"):
        figure(sweep.reindex(point=range(40)))


def test_an_axis_at_one_value_is_named_and_not_drawn(sweep):
    at = sweep["oversight.audit_budget"].values[2]
    axes = figures.over_axis(sweep.sel({"oversight.audit_budget": at}))
    assert len(axes) == 1
    assert f"oversight.audit_budget = {at:.4g}" in " ".join(drawn(axes)[-1].split())


@pytest.mark.parametrize("name", OF_A_SWEEP)
def test_points_that_are_not_there_are_drawn_as_absent(sweep, name):
    figure = getattr(figures, name)
    masked = sweep.where(sweep["takeover.difficulty"] < 15)
    differ(drawn(figure(masked)), drawn(figure(sweep)))
    wider = sweep.reindex({"takeover.difficulty": [*sweep["takeover.difficulty"].values, 25.0]})
    differ(drawn(figure(wider)), drawn(figure(sweep)))


@pytest.mark.parametrize("name", OF_A_SWEEP)
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda s: s.isel({"takeover.difficulty": []}), "found no value of takeover.difficulty"),
        (lambda s: s.mean("policy"), 'found no "policy"'),
        (lambda s: s.drop_attrs(), "found no attribute"),
        (lambda s: s.expand_dims(run=2), "has the dimensions"),
        (lambda s: s.drop_vars(["no_takeover_low", "takeover_median_low"]), "keep both"),
        (lambda s: xr.concat([s, s], "policy", data_vars="minimal"), "is there twice"),
    ],
)
def test_a_sweep_that_lacks_something_is_refused_in_one_sentence(sweep, name, change, words):
    with pytest.raises(Refusal, match=words) as refused:
        getattr(figures, name)(change(sweep))
    assert len(refused.value.lines) == 1
