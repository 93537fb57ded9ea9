"""The figure of a claim, of the kind that its file names, drawn from the saved content."""

from io import BytesIO
from pathlib import Path

from regimesim.plots.saving import Drawing
from regimesim.studies.claims.panels import claim_crossings, claim_months, claim_outcomes
from regimesim.studies.claims.visible_signal import draw_signal

COLOURS = 256  # of a picture in the pages: enough for lines on white
KINDS = {
    "outcomes": claim_outcomes,
    "months": claim_months,
    "crossings": claim_crossings,
    "visible_signal": draw_signal,
}


def claim(content: dict, axes=None):
    """Draw the figure of a claim.

    Parameters
    ----------
    content : dict
        The content of claim.json.
    axes : array of Axes, optional
        One a panel; by default a new figure.

    Returns
    -------
    array of Axes
        A panel each.
    """
    return KINDS[content["figure"]["kind"]](content, axes=axes)


def draw_small(content: dict, path: Path, note: str = "") -> Path:
    """Save the figure of a claim as a small PNG with `note` in its metadata; returns its path."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    from regimesim.plots.style import in_style

    drawn, about = BytesIO(), PngInfo()
    with in_style("paper"):
        axes = claim(content)
        axes[0].figure.savefig(drawn, format="png", dpi=100, metadata={"Software": None})
    about.add_text("Title", f"{content['id']}: {content['title']}")
    about.add_text("Description", note)
    with Image.open(drawn) as picture:
        small = picture.convert("RGB").quantize(COLOURS)
        small.save(path, "PNG", pnginfo=about, optimize=True)
    return path


FIGURES = (Drawing("claim", claim, ("claim",)),)
