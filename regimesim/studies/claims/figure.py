"""The figure of a claim, as its file asks for it."""

from io import BytesIO
from pathlib import Path

from regimesim.studies.claims.compute import Trial
from regimesim.studies.claims.outcomes import OF_MONTHS
from regimesim.studies.claims.patterns import look
from regimesim.studies.claims.question import Pattern

COLOURS = 256  # of a picture in the pages: enough for lines on white


def draw(trial: Trial, path: Path, note: str = "") -> Path:
    """Save a claim's figure as a small PNG, which holds `note`, and return its path."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    from regimesim.plots.style import in_style

    drawn, told = BytesIO(), PngInfo()
    with in_style("paper"):
        axes = _axes(trial)
        axes[0].figure.savefig(drawn, format="png", dpi=100, metadata={"Software": None})
    told.add_text("Title", f"{trial.claim.id}: {trial.claim.title}")
    told.add_text("Description", note)
    with Image.open(drawn) as picture:
        small = picture.convert("RGB").quantize(COLOURS)
        small.save(path, "PNG", pnginfo=told, optimize=True)
    return path


def _axes(trial):
    """The axes of the claim's figure."""
    from regimesim.studies.claims.panels import claim_crossings, claim_months, claim_outcomes
    from regimesim.studies.claims.visible_signal import visible_signal

    claim, run = trial.claim, trial.run
    if claim.figure == "visible_signal":
        return visible_signal(run.months, *claim.panels)
    if claim.figure == "crossings":
        return claim_crossings(run.worlds, claim.panels)
    if claim.figure == "months":
        known = (OF_MONTHS[name] for name in claim.panels)
        return claim_months(run.months, [(o.name, o.words, o.unit) for o in known])
    return claim_outcomes(run.worlds, _by_policy(trial))


def _by_policy(trial) -> list:
    """Words, unit and (policy, estimate, low, high) of the outcomes that are drawn: those named,
    else each that a pattern compares between policies."""
    claim, run = trial.claim, trial.run
    names = tuple(map(str, run.worlds["policy"].values))
    drawn = [Pattern("", "above", names, name) for name in claim.panels] or [
        Pattern("", "above", names, one.outcome, one.minus, periods=one.periods)
        for one in claim.patterns
        if one.relation != "same" and len(one.periods) < 2
    ]
    panels = []
    for seen in (look(pattern, run) for pattern in dict.fromkeys(drawn)):
        levels = [(level.label, *level.estimate[:3]) for level in seen.levels]
        panels.append((seen.outcome.words, seen.outcome.unit, levels))
    return panels
