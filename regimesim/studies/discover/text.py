"""Boxes of assumptions in words and tables, and as the content of discover.json."""

import numpy as np

from regimesim.analysis.boxes import Boxes, JudgedBox, bounds, condition
from regimesim.analysis.formatting import percent, percent_interval, so_many
from regimesim.analysis.meaning import known_share, times_as_many, withheld
from regimesim.analysis.terminal import filled, table
from regimesim.scenario.parameters import declarations
from regimesim.studies.discover.samples import Sample

SHARES = ("density", "coverage")
LEGEND = (
    "One half of the worlds shapes the boxes, the other half measures them: shares in %, with "
    "95 % intervals. p: the probability that luck alone gives a box, or a limit, as strong as "
    "this one."
)


def text(content: dict) -> str:
    """The content of discover.json as tables and sentences for a terminal."""
    about = f"{content['scenario']}: {so_many(content['worlds'])}, seed {content['seed']}"
    lines = [filled(about), filled(LEGEND)]
    titles = content["titles"]
    for name, policy in content["policies"].items():
        title = titles.get(name, name)
        lines += ["", *_policy(title, policy, content["outcome"], content["worlds"])]
    lines += [filled(f"Left out: {reason}.") for reason in content["left_out"].values()]
    return "\n".join(lines)


def finding(policy: str, boxes: Boxes) -> str:
    """The latest answer, short enough for a progress bar."""
    count = len(boxes.judged)
    share = percent(boxes.failing.estimate)
    return f"{policy}: {share} % fail, {count} box{'' if count == 1 else 'es'}"


def _policy(name, policy, outcome, worlds):
    failing = _with_interval(policy["failing"])
    yield filled(f"{name}: {failing} of {policy['worlds']:,} {kind_of_worlds(outcome)} fail")
    if not policy["boxes"]:
        yield filled("No box holds more failures than luck alone would put there.", "  ")
        return
    rows: list = []
    for number, box in enumerate(policy["boxes"], 1):
        dense, covers = (percent_interval(box[key]) for key in SHARES)
        rows.append((f"  box {number}", _p(box["p"]), dense, covers))
        for key, sides in box["limits"].items():
            rows += _limits(key, sides, policy["parameters"][key]["unit"])
    if len(policy["boxes"]) > 1:
        dense, covers = (percent_interval(policy["together"][k]) for k in SHARES)
        rows.append(("  together", "", dense, covers))
    yield from table(("", "p", "of them fail", "of all failures"), rows)
    yield ""
    for sentence in (*sentences(name, policy), *_dashes(policy, worlds)):
        yield filled(sentence, "  ")


def _limits(key, sides, unit):
    for side, limit in sides.items():
        words = f"{bounds(key, {side: limit})} {unit if unit != '1' else ''}".rstrip()
        yield f"    {words}", _p(limit["p"]), "", ""


def sentences(name: str, policy: dict) -> list[str]:
    """The boxes of a policy in words, a sentence for each box."""
    lines, head, of = [], f"{name} fails", "the worlds"
    for box in policy["boxes"]:
        lines.append(
            f"{head} in {_with_interval(box['density'])} of {of} with {box['condition']}, which "
            f"hold {_share(box['coverage'])} of all failures."
        )
        head, of = "Of the other worlds, it fails", "those"
    return lines


def _with_interval(estimate: dict) -> str:
    """A share in percent with its interval, or that alone."""
    if estimate["estimate"] is None:
        return _share(estimate)
    return f"{_share(estimate)} ({percent(estimate['low'])}-{percent(estimate['high'])})"


def _share(estimate: dict) -> str:
    """A share in percent, or its interval where that alone is known."""
    if estimate["estimate"] is not None:
        return f"{percent(estimate['estimate'])} %"
    return f"{percent(estimate['low'])} to {percent(estimate['high'])} %"


def _dashes(policy, worlds):
    """What it takes to know the shares that are left out."""
    shares = (box[name] for box in (*policy["boxes"], policy["together"]) for name in SHARES)
    if vague := withheld(shares):
        yield (
            "A share with a dash is too uncertain to be given: its 95 % interval is wider than "
            f"half of the range. About {worlds * times_as_many(vague):,} worlds (--worlds) would "
            "be enough."
        )


def kind_of_worlds(outcome: str) -> str:
    """The worlds of which an outcome is a share."""
    return "worlds" if outcome == "no_takeover" else "worlds with a critical try"


def _p(p: float) -> str:
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def plain(boxes: Boxes, sample: Sample) -> dict:
    """The boxes of a sample, as JSON holds them.

    A limit has its p values, and the share of the sample's worlds below it.  `trajectory` has
    the steps of peeling, each also without the limits that luck explains (`pruned`).
    """
    return {
        "worlds": len(sample.fails),
        "failing": boxes.failing._asdict(),
        "parameters": {
            key: {"range": [float(column.min()), float(column.max())], "unit": _unit(key)}
            for key, column in zip(sample.keys, sample.x.T, strict=True)
        },
        "boxes": [_box(one, sample) for one in boxes.judged],
        "together": {name: known_share(getattr(boxes, name))._asdict() for name in SHARES},
    }


def _box(one: JudgedBox, sample):
    limits: dict = {}
    for dimension, side in one.box.limits():
        value = float(getattr(one.box, side)[dimension])
        limits.setdefault(sample.keys[dimension], {})[side] = {
            "value": value,
            "worlds_below": float(np.mean(sample.x[:, dimension] < value)),
            "p": one.by_limit[dimension, side],
            "quasi_p": one.quasi_p[dimension, side],
        }
    search = one.search
    steps = zip(search.peeled, search.pruned, strict=True)
    return {
        "limits": limits,
        "condition": condition(limits),
        **{name: known_share(getattr(one, name))._asdict() for name in SHARES},
        "mass": one.mass._asdict(),
        "p": one.p,
        "where_it_was_found": _step(search.step),
        "trajectory": [{**_step(peeled), "pruned": _step(pruned)} for peeled, pruned in steps],
        "chosen": search.chosen,
    }


def _step(step):
    return {name: getattr(step, name) for name in step._fields if name != "box"}


def _unit(key: str) -> str:
    """The unit of a parameter, or of one number of a list."""
    units = {declared.key: declared.quantity.unit for declared in declarations()}
    return units.get(key, units.get(key.rpartition(".")[0], ""))
