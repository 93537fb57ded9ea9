"""Figures show themselves in notebooks, and captions say which worlds they show."""

import inspect

import matplotlib.pyplot as plt
import nbclient
import nbformat
import numpy as np
import pytest
import xarray as xr
from matplotlib.axes import Axes
from synthetic_run import make_run
from synthetic_sweep import make_sweep

from regimesim import figures
from regimesim.plots.display import Panels
from regimesim.plots.style import provenance
from regimesim.studies.run.figure import FIGURES

PNG = b"\x89PNG"
CELLS = {  # what each shows
    "from synthetic_run import make_run\nfrom regimesim import figures\nrun = make_run()": [],
    "figures.survival(run[0])": ["image/png"],
    "figures.regimes(run[1])": ["image/png"],
    "figures.regimes(run[1])[0].figure": ["image/png"],
    "%matplotlib inline\nfigures.survival(run[0])": ["image/png"],
}


OF_DATASETS = [drawing for drawing in FIGURES if "summary" not in drawing.needs]


@pytest.mark.parametrize("drawing", OF_DATASETS, ids=[drawing.name for drawing in OF_DATASETS])
def test_a_figure_has_a_picture_for_notebooks(drawing):
    run = dict(zip(("worlds", "months"), make_run(), strict=True))
    axes = drawing.draw(*(run[need] for need in drawing.needs))
    assert axes._repr_png_().startswith(PNG)
    assert np.ravel(axes)[0].figure._repr_png_().startswith(PNG)


def test_panels_are_still_an_array_of_axes():
    axes = figures.over_axis(make_sweep())
    assert isinstance(axes, Panels) and all(isinstance(ax, Axes) for ax in axes)
    assert axes[:1]._repr_png_().startswith(PNG)


def test_a_figure_of_pyplot_is_left_to_pyplot():
    figure, ax = plt.subplots()
    assert figures.survival(make_run()[0], ax) is ax
    assert not hasattr(ax, "_repr_png_") and not hasattr(figure, "_repr_png_")
    plt.close(figure)


def test_a_notebook_shows_figures_without_being_asked_to(monkeypatch):
    import synthetic_run

    monkeypatch.delenv("MPLBACKEND", raising=False)
    place = inspect.getsourcefile(synthetic_run).rpartition("/")[0] or "."
    notebook = nbformat.v4.new_notebook()
    setup = f"import sys\nsys.path.insert(0, {place!r})\n"
    sources = [setup + source if not shown else source for source, shown in CELLS.items()]
    notebook.cells = [nbformat.v4.new_code_cell(source) for source in sources]
    nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    for cell, shown in zip(notebook.cells, CELLS.values(), strict=True):
        pictures = [
            kind for output in cell.outputs for kind in output.get("data", {}) if "image" in kind
        ]
        assert pictures == shown, cell.source


def test_a_caption_counts_the_worlds_that_are_there_and_names_pooled_runs():
    one, two = (make_run(worlds=20, seed=seed)[0] for seed in (1, 2))
    assert provenance(one).endswith(": 20 worlds, seed 1")
    assert provenance(one.isel(world=slice(5))).endswith(": 5 worlds, seed 1")
    pooled = xr.concat([one, two], "world")
    assert provenance(pooled).endswith(": 40 worlds, of 2 runs with seeds of their own")
