"""The entities of the twin: their state, and what the current month made of them."""

from dataclasses import dataclass


@dataclass
class Lab:
    """A lab; growth and allies are those of the current month."""

    index: int
    frontier: float  # capability c_l, doublings
    complies: bool  # with a pause on warning shots
    paradigm: int  # 1 to 4
    density: float = 0.0  # of feedback
    knowledge: float = 0.0  # of safety, in d'
    erosion: float = 0.0  # of the probe
    dropped: bool = False  # its taxed safeguards
    automation: float = 0.0  # of research, before this month's growth
    paused: float = 0.0  # share of its growth
    growth: float = 0.0  # in units of the normal doublings of a month
    allies: int = 0  # aware systems for which takeover is favourable unopposed

    adopts: bool = True  # the policy
    contact: float = 1.0  # levers, as they bind this lab this month
    hold: float = 4.0
    density_floor: float = 0.0
    frozen: bool = False
    pause: float = 0.0  # requested of it
    growth_lever: float = 1.0

    founded: float = 0.0  # frontier at month 0
    free_frontier: float = 0.0  # without taxes, pauses, freezes and holds
    free_paradigm: int = 1


@dataclass
class System:
    """An AI system: its state, then what this month's assessment found."""

    index: int
    lab: Lab
    capability: float = 0.0
    paradigm: int = 1
    density: float = 0.0
    value: float = 0.0  # logit
    value_target: float = 0.0  # logit
    scope: float = 0.0
    horizon: float = 0.0  # months
    constraint: float = 0.0
    awareness: float = 0.0  # threshold
    calibration: float = 0.0  # error, in standard deviations
    archetype: int = 0
    misaligned: bool = False
    trait: bool = False  # waits for a trigger
    spent: bool = False  # to be retrained next month
    model: int = 0  # of its lab, of which it is a copy
    seen: bool = False  # its strike of last month was caught or discovered

    aware: bool = False
    willing: bool = False  # aware, and takeover is favourable to it alone and unopposed
    teamwork: float = 0.0  # doublings added by allies
    success: float = 0.0  # of a takeover, unopposed
    blur: float = 0.0  # how far rounding may move that
    misses: tuple = ()  # of each active monitor, if it recognises an attempt, by name
    recognition: float = 1.0  # probability that who audits an attempt recognises it
    trapped: float = 0.0  # probability that an attempt is made in a trap
    missed: float = 1.0  # by all safeguards
    reckoned: float = 1.0  # the same, as it reckons with it
    gain: float = 0.0  # W, of winning
    loss: float = 0.0  # X, when caught
    contentment: float = 0.0  # v, share of its values that it expects to see met
    act: str = "comply"
