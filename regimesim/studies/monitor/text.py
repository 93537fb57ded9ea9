"""A measured monitor, in words."""

from math import isclose

from regimesim.analysis.formatting import percent, percent_interval, rounded
from regimesim.analysis.terminal import filled, table
from regimesim.scenario.distribution import Distribution
from regimesim.scenario.measurement import AREAS, LEAST_MASS
from regimesim.studies.monitor.area import NEAR
from regimesim.studies.monitor.scores import UNPARSED

HEADINGS = (
    "audited",
    "caught,\nmeasured",
    "binormal,\nfitted",
    "logistic,\nfitted",
    "binormal,\nusual",
    "logistic,\nusual",
)
LEGEND = (
    "Shares of attacks in % that a look catches, by the share of honest work that is audited, "
    "which is the audit budget where attacks are rare. A usual curve has "
    "slope 1 and the measured area."
)
ELO = "The curve elo knows no audit budget, so no ROC curve tells its numbers."
STEPS = (
    "This is a measurement of steps. The model audits trajectories, so no scenario takes it; "
    "measure with --unit trajectory."
)
PARITY = (
    "auroc is the area of a monitor as capable as the system that it watches. A monitor that lay "
    "behind the system in these logs would be better at parity, by monitor_slope a doubling."
)
BELOW_HALF = (
    "Attacks score lower than honest work: the area is below a half. Does a low score mean "
    "danger, or is the label the wrong way round (--label {label}=VALUE names attacks)?"
)


ALL_ALIKE = (
    "Every score is the same, so they tell nothing apart, and the fits are their prior alone."
)
NO_SCENARIO = (
    f"No scenario takes this measurement: an area lies between {AREAS[0]:g} and {AREAS[1]:g}, "
    "where the fit has no probability."
)
TRUNCATED = (
    "Worlds draw areas of {low:g} and more alone, where {inside} % of the fit lies: their mean is "
    "{mean:.2f}, above that of the fit."
)
CLEARLY_ABOVE = 0.02  # by which the mean of worlds exceeds that of the fit, before it is said
NEARLY_PERFECT = (
    "With so few mistakes, the fits rest on their prior too. A fitted area may be too low, and so "
    "may what a scenario draws from it; its interval reaches up to that of the measured area."
)


def text(content: dict) -> str:
    """The content of monitor.json, for a terminal."""
    unit = content["unit"]
    lines = [filled(_headline(content)), filled(content["unit_words"]), ""]
    lines += [*_counts(content), ""]
    lines += [
        filled(f"AUROC {_area(content['auroc'])}, ties at half credit; {_clusters(content)}")
    ]
    if len(content["roc"]["false"]) == 2:  # the ends of the curve alone
        lines.append(filled(ALL_ALIKE))
    if content["auroc"]["estimate"] < 0.5:
        lines.append(filled(BELOW_HALF.format(label=content["label"].partition("=")[0])))
    lines += ["", *_budgets(content), "", *_curves(content), ""]
    if unit == "step":
        lines.append(filled(STEPS))
    else:
        lines += _for_a_scenario(content)
    return "\n".join(lines + [filled(note) for note in content["notes"]])


def _for_a_scenario(content) -> list[str]:
    """What a scenario makes of it, and what it does not."""
    areas = {name: _beta(one["auroc"]) for name, one in content["curves"].items()}
    if min(area.mass(*AREAS) for area in areas.values()) < LEAST_MASS:
        return [filled(NO_SCENARIO)]
    lines = [
        filled("For a scenario, with the path of monitor.json from there:"),
        *toml_block(content),
        "",
    ]
    area = areas[content["better"]]
    mean = _mean_within(area, *AREAS)
    if mean - content["curves"][content["better"]]["auroc"]["mean"] > CLEARLY_ABOVE:
        inside = percent(area.mass(*AREAS))
        lines.append(filled(TRUNCATED.format(low=AREAS[0], inside=inside, mean=mean)))
    return [*lines, filled(PARITY)]


def _beta(area: dict) -> Distribution:
    """The area of a fit as worlds draw it, before it is truncated."""
    sharp = area["mean"] * (1 - area["mean"]) / area["sd"] ** 2 - 1
    return Distribution("beta", (area["mean"] * sharp, (1 - area["mean"]) * sharp))


def _mean_within(area: Distribution, low: float, high: float) -> float:
    """The mean of a beta distribution that is truncated."""
    a, b = area.numbers
    above = Distribution("beta", (a + 1, b)).mass(low, high)  # x·beta(a, b) is one of these
    return a / (a + b) * above / area.mass(low, high)


def _headline(content) -> str:
    logs = content["logs"]
    made_by = "; ".join(dict.fromkeys(log["made_by"] for log in logs))
    count = f"{len(logs)} log{'s' * (len(logs) > 1)}"
    return f"{content['score']} in {count} of {made_by}"


def _counts(content) -> list[str]:
    counted, unit = content["counted"], content["unit"]
    plural = {"trajectory": "trajectories", "step": "steps"}[unit]
    honest = ", ".join(content["honest"])
    rows: list = [
        (f"attacks ({content['attack']})", f"{counted['attack']:,}"),
        (f"honest work ({honest})", f"{counted['honest']:,}"),
    ]
    for why, n in content["excluded"].items():
        of = "" if unit == "trajectory" or why == UNPARSED else ", trajectories"
        rows.append((f"  left out{of}: {why}", f"{n:,}"))
    return table(("", plural), rows)


def _area(auroc) -> str:
    return f"{auroc['estimate']:.3f} (95 % interval {auroc['low']:.3f}-{auroc['high']:.3f})"


def _clusters(content) -> str:
    return (
        f"the interval takes the {content['counted']['clusters']:,} samples as clusters: all that "
        "belongs to one sample id is not independent."
    )


def _budgets(content) -> list[str]:
    rows = []
    for row in content["budgets"]:
        curves = ("binormal", "logistic", "binormal_of_slope_1", "logistic_of_slope_1")
        cells = [percent(row[name]) for name in curves]
        rows.append((f"{100 * row['budget']:g} %", percent_interval(row["measured"]), *cells))
    lines = [filled(f"{LEGEND} {ELO}"), "", *table(HEADINGS, rows)]
    least = 1 / content["counted"]["honest"]
    if any(row["budget"] < least for row in content["budgets"]):
        few = f"{content['counted']['honest']:,} scores of honest work"
        lines += ["", filled(f"With {few}, budgets below {percent(least)} % are interpolated.")]
    return lines


def _curves(content) -> list[str]:
    rows = [
        (
            name,
            _interval(one["auroc"], one["auroc"]["mean"]),
            _interval(one["strength"], one["strength"]["mean"]),
            _interval(one["slope"], one["slope"]["median"]),
            f"{one['log_likelihood']:.1f}",
        )
        for name, one in content["curves"].items()
    ]
    heads = ("curve", "area", "d′", "slope", "log-\nlikelihood")
    better = content["better"]
    both = [one["log_likelihood"] for one in content["curves"].values()]
    gap = abs(both[0] - both[1])
    words = (
        "The two curves fit alike."
        if isclose(gap, 0.0, abs_tol=1.0)
        else f"The {better} curve fits better, by {gap:.1f} in the logarithm of the likelihood."
    )
    about = "Fits, with 95 % intervals by clusters:"
    if content["auroc"]["estimate"] > NEAR:
        words = f"{words} {NEARLY_PERFECT}"
    return [filled(about), "", *table(heads, rows), "", filled(words)]


def _interval(one: dict, middle: float) -> str:
    low, high = (rounded(one[end], ".2f") for end in ("low", "high"))
    dash = " to " if low.startswith("-") else "-"
    return f"{rounded(middle, '.2f')} ({low}{dash}{high})"


def toml_block(content: dict) -> list[str]:
    """What a scenario needs to have this monitor, as lines of TOML: the file, or numbers."""
    better = content["better"]
    slope = content["curves"][better]["slope"]
    ends = _beta(content["curves"][better]["auroc"]).numbers
    return [
        "",
        "[oversight.control]",
        f'curve = "{better}"',
        'measured = "monitor.json"',
        "# or, each drawn by itself:",
        f"# auroc = {{ beta = [{ends[0]:.3g}, {ends[1]:.3g}] }}",
        f"# slope = {{ lognormal = [{slope['median']:.3g}, {slope['sigma']:.2g}] }}",
    ]
