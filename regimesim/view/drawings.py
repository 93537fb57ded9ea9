"""The drawings of the page as plain values: axes, lines, bands, points, which `drawing.vue` draws.

A drawing is a dict: `title`, `says` (for who cannot see it), `height` in pixels, `x` and `y`
(low, high, ticks), and lists of `bands`, `lines`, `points` and `rules`.  Inks are names that the
page's style sheet turns into colours, for light and for dark.
"""

import math
from functools import cache

import numpy as np

from regimesim.scenario.calibration import MINUTES_AN_HOUR, read_horizons
from regimesim.scenario.dates import first_day
from regimesim.view.watched import Watched
from regimesim.view.words import DOING, HOLLOW, SHAPES, doing, percent

BEFORE = 36  # months before the start of which measurements are drawn
LEAST_AHEAD, STEP = 60, 24  # months that are always drawn, and by how many the axis grows
MOST_SYSTEMS = 400  # that are drawn
NINE_TENTHS = math.log(9)  # logits from one half to nine tenths
WORK_TIMES = (  # log2 hours, in words of working time
    (-5.9, "1 minute"),
    (0, "1 hour"),
    (3, "1 day"),
    (7.38, "1 month"),
    (10.97, "1 year"),
    (14.29, "10 years"),
    (17.61, "100 years"),
    (20.93, "1,000 years"),
    (24.25, "10,000 years"),
    (27.58, "100,000 years"),
)
PAYS = "Above its own break-even a takeover would pay a system, if it believed rightly."
SHARES = [[0, "0"], [0.5, "50 %"], [1, "100 %"]]
LANES = (  # kind of event, name, ink, shape
    ("story_incidents", "story incidents", "story", "circle"),
    ("feints", "feints", "feint", "circle"),
    ("strikes", "strikes", "strike", "circle"),
    ("strikes_caught", "strikes caught", "held", "circle"),
    ("critical_tries_held", "critical tries held", "held", "diamond"),
    ("takeover", "takeover", "text", "cross"),
)


def frontiers(model: Watched) -> dict:
    """The frontiers of the labs over time against the difficulty of a takeover, with the
    measured horizons behind."""
    months = list(range(1, model.month + 1))
    now = [m.frontiers for m in model.past] or [_founded(model)]
    labs = [list(values) for values in zip(*now, strict=True)]
    at = months or [0]
    level, half = _difficulty(model, at)
    x = _time_axis(model, BEFORE)
    measured = [point for point in _measured(model.source.start) if point["x"] >= x["low"]]
    ahead = [at[-1], x["high"]]
    top = max([*level, *(values[-1] for values in labs)]) + half + 0.5
    y = {"low": -6.0, "high": top, "ticks": [[v, t] for v, t in WORK_TIMES if v <= top]}
    bands = [
        {"x": at, "low": [v - half for v in level], "high": [v + half for v in level]},
        {"x": ahead, "low": [level[-1] - half] * 2, "high": [level[-1] + half] * 2, "faint": True},
    ]
    lines = [
        {"x": at, "y": level, "ink": "need", "width": 1.5},
        {
            "x": ahead,
            "y": [level[-1]] * 2,
            "ink": "need",
            "dash": "2 4",
            "width": 1,
            "name": "takeover needs",
        },
        *(
            {"x": at, "y": values, "ink": f"lab{k % 3}", "name": f"lab {k}", "width": 2}
            for k, values in enumerate(labs)
        ),
    ]
    return {
        "title": "How long a task the best systems of each lab can do",
        "says": f"Capability of {len(labs)} labs over time; the leader is at "
        f"{work_time(max(values[-1] for values in labs))}, a takeover succeeds half of the time "
        f"at {work_time(level[-1])}.",
        "height": 290,
        "x": x,
        "y": y,
        "bands": [{"ink": "need", **band} for band in bands],
        "lines": lines if len(labs) <= 6 else _unnamed(lines),
        "points": measured,
        "rules": _rules(model),
        "note": "Dots: measured horizons (METR). Band: a takeover that nobody stops succeeds with "
        "10 to 90 %.",
    }


def _unnamed(lines):
    return [
        {**line, "name": ""} if line.get("name", "").startswith("lab") else line for line in lines
    ]


def _founded(model):
    from regimesim.mesa_model import COLUMN

    return tuple(float(level) for level in model.tile.labs["frontier"][:, COLUMN])


def _difficulty(model, at):
    """(capability at which a takeover succeeds half of the time, a value a month; how far from
    it nine tenths are)."""
    level = model.series("difficulty") or [model.parameter("takeover", "difficulty")] * len(at)
    slope = model.parameter("takeover", "success_slope")
    return level, min(NINE_TENTHS / slope if slope > 0 else 20.0, 20.0)


def work_time(level: float) -> str:
    """A capability (log2 h) in words of working time."""
    hours = 2.0**level
    for unit, size in (("years", 2000), ("months", 167), ("days", 8), ("hours", 1)):
        if hours >= size:
            return (
                f"{hours / size:,.3g} {unit}"
                if hours / size < 1e4
                else f"{hours / size:.1e} {unit}"
            )
    return f"{60 * hours:.2g} minutes"


@cache
def _measured(start: str) -> list[dict]:
    origin = first_day(start).toordinal()
    return [
        {
            "x": (m.released.toordinal() - origin) / 30.4375,
            "y": math.log2(m.p50 / MINUTES_AN_HOUR),
            "ink": "quiet",
            "shape": "circle",
            "size": 3.5 if m.is_sota else 2.5,
            "faded": not m.is_sota,
            "title": f"{m.model}, {m.released:%Y-%m}: {work_time(math.log2(m.p50 / 60))}",
        }
        for m in read_horizons()
        if m.p50 > 0
    ]


def _time_axis(model, before=0):
    """Months from the start, as years: it grows as the world gets older."""
    month, months = model.month, model.source.months
    high = min(months, max(LEAST_AHEAD, STEP * math.ceil((month + 6) / STEP)))
    return {"low": -before, "high": high, "ticks": years(model.source.start, -before, high)}


def years(start: str, low: int, high: int):
    """Ticks at years, few enough to be read."""
    begin = first_day(start)
    first = begin.year + (begin.month > 1)
    offset = (first - begin.year) * 12 - (begin.month - 1)
    years = range(math.ceil((low - offset) / 12), (high - offset) // 12 + 1)
    every = next(k for k in (1, 2, 5, 10, 20, 50, 100) if len(years) / k <= 8)
    return [[offset + 12 * k, str(first + k)] for k in years if (first + k) % every == 0]


def _rules(model):
    """Lines across time at the first critical try and at the takeover."""
    words = {"first_critical_try": "first critical try", "takeover": "takeover"}
    months = {name: model.crossings[name] for name in words}
    if months["takeover"] is not None and months["takeover"] == months["first_critical_try"]:
        return [
            {"x": months["takeover"] + 1, "name": "first critical try: takeover", "ink": "text"}
        ]
    return [
        {"x": month + 1, "name": words[name], "ink": "text"}
        for name, month in months.items()
        if month is not None
    ]


def systems(model: Watched, selected: int | None = None) -> dict:
    """Each system as a point: its capability against the chance of success that it believes in,
    with the break-even of its kind."""
    now = model.systems_now()
    acts = doing(now)
    shown = _shown(acts, selected)
    able = now["capability"]
    low, high = math.floor(able.min()) - 0.5, math.ceil(able.max()) + 0.5
    points = [
        {
            "id": i,
            "x": float(able[i]),
            "y": float(now["believed_chance"][i]),
            "ink": DOING[acts[i]][1],
            "shape": SHAPES[int(now["paradigm"][i]) - 1],
            "size": 7 if acts[i] in ("strikes", "story", "feints") else 5,
            "hollow": acts[i] in HOLLOW,
            "ring": i == selected,
            "title": f"System {i}: {DOING[acts[i]][0]}",
        }
        for i in shown
    ]
    points.sort(key=lambda point: (point["size"], point["ring"]))
    counts = {key: acts.count(key) for key in DOING}
    need = now["break_even"] if model.month else np.full_like(able, np.nan)
    return {
        "title": "Each system: can it, and does it believe that it would work?",
        "says": "; ".join(f"{n} {DOING[key][0]}" for key, n in counts.items() if n) + ".",
        "height": 290,
        "x": {
            "low": low,
            "high": high,
            "ticks": [[v, t] for v, t in WORK_TIMES if low <= v <= high],
            "title": "capability",
        },
        "y": {"low": -0.03, "high": 1.03, "ticks": SHARES, "title": "chance it believes in"},
        **_break_even(need, low, high, None if selected is None else need[selected]),
        "points": points,
        "counts": counts,
        "note": f"{PAYS} {_left_out(len(acts), len(shown))}".strip(),
    }


def _break_even(need, low, high, own) -> dict:
    """The line above which takeover pays for half of the systems, and the band of the middle
    half; and the one of a single system."""
    drawing: dict = {"bands": [], "lines": [], "rules": []}
    if np.isnan(need).all():
        return drawing
    lower, middle, upper = (
        float(q) for q in np.quantile(np.minimum(need, 2.0), (0.25, 0.5, 0.75))
    )
    across = [low, high]
    if lower < 1:
        band = {"x": across, "low": [lower] * 2, "high": [min(upper, 1.0)] * 2, "ink": "need"}
        drawing["bands"].append({**band, "faint": True})
    if middle <= 1:
        words = "break-even, half of the systems"
        line = {"x": across, "y": [middle] * 2, "ink": "need", "width": 1.5, "inside": words}
        drawing["lines"].append(line)
    else:
        words = "for most it would not pay even if certain"
        line = {"x": across, "y": [1, 1], "ink": "need", "width": 1, "dash": "2 4"}
        drawing["lines"].append({**line, "inside": words, "below": True})
    if own is not None and own <= 1:
        line = {"x": across, "y": [float(own)] * 2, "ink": "text", "width": 1, "dash": "4 3"}
        drawing["lines"].append(
            {**line, "inside": "break-even of the one selected", "below": True}
        )
    return drawing


def _shown(acts, selected):
    """The numbers of the systems that are drawn: of very many, those that act and an even
    sample of the others."""
    if len(acts) <= MOST_SYSTEMS:
        return range(len(acts))
    sample = set(range(0, len(acts), -(-len(acts) // MOST_SYSTEMS)))
    acting = [i for i, act in enumerate(acts) if act in ("strikes", "story", "feints")]
    chosen = set() if selected is None else {selected}
    return sorted(sample | set(acting[:MOST_SYSTEMS]) | chosen)


def _left_out(count, shown):
    return "" if shown == count else f"{shown:,} of {count:,} systems are drawn."


def timeline(model: Watched) -> dict:
    """Incidents, feints, strikes, catches and critical tries, a lane each, with pauses behind."""
    pauses = _spans(model.series("pause"), "pause")
    alarms = _spans(model.series("alarm"), "red line")
    shades = [
        ("Green: labs pause.", pauses),
        ("Yellow: an evaluation above the red line.", alarms),
    ]
    points = [
        {
            "x": event.month + 1,
            "y": len(LANES) - 1 - lane,
            "ink": ink,
            "shape": shape,
            "size": 6 if shape != "circle" else min(3 + 1.2 * math.sqrt(event.count), 7),
            "title": f"{model.source.date(event.month)}: {event.count} {name}",
        }
        for lane, (kind, name, ink, shape) in enumerate(LANES)
        for event in model.happened(kind)
    ]
    counts = {name: sum(e.count for e in model.happened(kind)) for kind, name, *_ in LANES}
    return {
        "title": "What happened",
        "says": ", ".join(f"{name}: {count}" for name, count in counts.items()) + ".",
        "height": 172,
        "x": _time_axis(model),
        "y": {
            "low": -0.6,
            "high": len(LANES) - 0.4,
            "ticks": [[len(LANES) - 1 - k, lane[1]] for k, lane in enumerate(LANES)],
        },
        "lanes": True,
        "spans": pauses + alarms,
        "note": " ".join(words for words, spans in shades if spans),
        "points": points,
        "rules": [{**rule, "name": ""} for rule in _rules(model)],
    }


def _spans(values, name):
    """The months in which a quantity is above 0, as spans."""
    spans, since = [], None
    for month, value in enumerate([*values, 0.0]):
        if value > 0 and since is None:
            since = month
        elif value <= 0 and since is not None:
            spans.append({"from": since + 0.5, "to": month + 0.5, "name": name})
            since = None
    return spans


def _quantities(model, title, says, *lines, top=1.0) -> dict:
    """A small drawing of quantities of `KEPT` over time; a line is (quantity, name, ink, dash)."""
    months = list(range(1, model.month + 1))
    ticks = SHARES if top == 1.0 else [[0, "0"], [top, percent(top)]]
    return {
        "title": title,
        "says": says,
        "height": 150,
        "x": _time_axis(model),
        "y": {"low": 0, "high": top, "ticks": ticks},
        "lines": [
            {"x": months, "y": model.series(quantity), "name": name, "ink": ink, "dash": dash}
            | {"width": 2}
            for quantity, name, ink, dash in lines
        ],
        "rules": [{**rule, "name": ""} for rule in _rules(model)],
    }


def beliefs(model: Watched) -> list[dict]:
    """What overseers believe beside the truth, about catching and danger; and what they do."""

    def last(name):
        return percent(model.series(name)[-1]) if model.past else "not known yet"

    budget = max([0.05, *model.series("audit_budget")])
    most = next(k for k in (0.05, 0.1, 0.2, 0.5, 1.0) if budget <= k)
    audit = _quantities(
        model,
        "Trajectories audited",
        f"Audit budget {last('audit_budget')}, growth paused {last('pause')}.",
        ("audit_budget", "budget", "aware", ""),
        top=most,
    )
    audit["spans"] = _spans(model.series("pause"), "pause")
    return [
        _quantities(
            model,
            "An attempt is caught with",
            f"Believed {last('catch_rate_believed')}, true {last('catch_rate')}.",
            ("catch_rate_believed", "believed", "believed", "6 3"),
            ("catch_rate", "true", "true", ""),
        ),
        _quantities(
            model,
            "Danger",
            f"Believed {last('danger_belief')}; takeover pays for {last('favourable_systems')} "
            "of the systems.",
            ("danger_belief", "believed", "believed", "6 3"),
            ("favourable_systems", "pays for", "true", ""),
        ),
        audit,
    ]
