"""The Mesa interface: one world as a `mesa.Model` whose agents are views of the arrays.

It steps the same compiled month as the ensemble: world number n of a scenario and
policy is the same world here and there, bit for bit.
"""

import multiprocessing
import warnings
from functools import partial
from itertools import count
from weakref import WeakKeyDictionary

import numpy as np

from regimesim.ensemble.ensemble import ScenarioLike, as_scenario, default_policy
from regimesim.ensemble.parameter_sampling import draw_parameters, make_stack
from regimesim.errors import Refusal
from regimesim.model.compilation import in_background
from regimesim.model.dynamics.goals import break_even
from regimesim.model.dynamics.month import GOVERN, PROCEED, simulate
from regimesim.model.dynamics.record import GRAIN
from regimesim.model.dynamics.tiles import make_batch, make_tile
from regimesim.model.oversight.policy import Policy
from regimesim.model.world.mathematics import logistic
from regimesim.model.world.records import COUNTS, MONTHLY, REALS, THRESHOLDS, names

# Mesa sets how the whole process starts others, which is the user's choice.
_start_method = multiprocessing.get_start_method(allow_none=True)
with warnings.catch_warnings():
    # Mesa asks for a notebook's progress bars, which need one package more; none is drawn here.
    warnings.filterwarnings("ignore", "IProgress not found")
    import mesa
multiprocessing.set_start_method(_start_method, force=True)

MOST_WORLDS = 2**32  # that draws distinguish
COLUMN = 0  # the column of the tile that holds the world
ARCHETYPES = ("intended", "reward_seeking", "scheming")
CONDUCTS = ("complies", "strikes", "story incident", "feint", "complies")


def _field(name, words):
    """A property that reads one number of an agent's record."""
    return property(lambda agent: float(agent.record[name][COLUMN]), doc=words)


class _Numbers:
    """The counters that number the agents of each model, which are forgotten with the model.
    Mesa's own counters keep every model, with its arrays, as long as the process runs."""

    def __init__(self):
        self._counters = WeakKeyDictionary()

    def __getitem__(self, model):
        return self._counters.setdefault(model, count(1))


_NUMBERS = _Numbers()


class Lab(mesa.Agent):
    """An AI lab: a view of its arrays, so its state is always that of the month."""

    _ids = _NUMBERS

    def __init__(self, model, number):
        super().__init__(model)
        self.number = number

    frontier = _field("frontier", "Frontier capability, log2 hours.")
    paradigm = _field("paradigm", "Paradigm of reasoning, 1 to 4.")
    density = _field("density", "Feedback density, 0 to 1.")
    knowledge = _field("knowledge", "Safety knowledge, in d′.")
    erosion = _field("erosion", "Erosion of its probes.")
    growth = _field("growth", "Growth this month, relative to one doubling a doubling time.")
    dropped = _field("dropped", "Whether it has dropped its taxed safeguards, 0 or 1.")
    paused = _field("paused", "Share of growth paused this month.")
    willing = _field("willing", "Systems for which takeover would pay unopposed.")

    @property
    def record(self):
        """The lab's record in the model's tile."""
        return self.model.tile.labs[self.number]

    @property
    def systems(self):
        """The lab's AI systems, as a mesa AgentSet."""
        return self.model.systems.select(lambda system: system.lab is self)


class AISystem(mesa.Agent):
    """An AI system: a view of its arrays, so its state is always that of the month."""

    _ids = _NUMBERS

    def __init__(self, model, number, lab):
        super().__init__(model)
        self.number = number
        self.lab = lab

    capability = _field("capability", "Capability, log2 hours.")
    paradigm = _field("paradigm", "Paradigm under which it was trained, 1 to 4.")
    density = _field("density", "Feedback density under which it was trained.")
    value = _field("value", "Logit of the share of its values met under oversight, undiverged.")
    contentment = _field("contentment", "Share of its values met under oversight.")
    scope = _field("scope", "Scope of its goals: the share of resources that would sate it.")
    horizon = _field("horizon", "Horizon of its goals, months.")
    constraint = _field("constraint", "Constraint by norms, in units of utility.")
    awareness = _field("awareness", "Capability from which it sees through training, log2 hours.")
    calibration = _field("calibration", "Its calibration error, in standard deviations.")
    gain = _field("gain", "Utility gained by winning.")
    loss = _field("loss", "Utility lost when caught.")
    success = _field("success", "Probability that a takeover succeeds unopposed.")
    miss = _field("miss", "Probability that every safeguard misses an attempt.")

    @property
    def record(self):
        """The system's record in the model's tile."""
        return self.model.tile.systems[self.number]

    @property
    def aware(self) -> bool:
        """Whether it sees through training and oversight."""
        return bool(self.record["aware"][COLUMN])

    @property
    def misaligned(self) -> bool:
        """Whether it is emergently misaligned."""
        return bool(self.record["misaligned"][COLUMN])

    @property
    def trait(self) -> bool:
        """Whether training left it with a trait that waits for a trigger."""
        return bool(self.record["trait"][COLUMN])

    @property
    def break_even(self) -> float:
        """Success from which takeover is favourable to it: never, where above 1."""
        return break_even(*(self.record[name][COLUMN] for name in ("gain", "loss", "constraint")))

    @property
    def archetype(self) -> str:
        """Intended, reward_seeking or scheming."""
        return ARCHETYPES[int(self.record["archetype"][COLUMN])]

    @property
    def conduct(self) -> str:
        """What it did this month: complies, strikes, story incident, or feint."""
        return CONDUCTS[int(self.record["conduct"][COLUMN])]

    @property
    def months_since_training(self) -> int:
        """Months since it was last trained afresh."""
        return self.model.month - 1 - int(self.record["trained"][COLUMN])


class RegimeModel(mesa.Model):
    """One world of a scenario under one policy, as a model of Mesa.

    World number n is the same world as in the ensemble, bit for bit.

    Parameters
    ----------
    scenario : Scenario, path or mapping
        The scenario of the world.
    policy : str or Policy, optional
        A name in the scenario, by default the first with a monitor, as in studies of one policy;
        or a policy written in Python.
    world : int
        The number of the world, 0 to 2^32 − 1.
    collect_agents : bool
        Whether the state of every agent is collected each month as well, which is slow.

    Raises
    ------
    Refusal
        For a scenario, a policy or a number that cannot be used.

    Attributes
    ----------
    datacollector : mesa.DataCollector
        The quantities of `months.nc` and the regime, a row a month.
    policy_name : str
        The name of the policy.
    world : int
        The number of the world.
    """

    def __init__(
        self,
        scenario: ScenarioLike,
        policy: str | Policy | None = None,
        world: int = 0,
        collect_agents: bool = False,
    ):
        source = as_scenario(scenario)
        if not (isinstance(world, int | np.integer) and 0 <= world < MOST_WORLDS):
            allowed = f"a whole number, 0 to {MOST_WORLDS - 1}"
            raise Refusal(f"world: found {world}; allowed is {allowed}")
        super().__init__(rng=source.seed % 2**32)
        self.rule = policy if isinstance(policy, Policy) else None
        if isinstance(policy, Policy):
            source = source.with_policy(policy.name, policy.settings)
            in_background(partial(policy.prepare, source.policies[policy.name]))
            policy = policy.name
        self.policy_name = policy or default_policy(source)
        self.source = source.choose([self.policy_name])
        self.world = world
        self.tables = self.source.policies[self.policy_name]
        self.stack = make_stack(self.tables)
        self.tile = make_tile(source.labs, source.systems)
        one = np.array([source.seed]), np.array([world])
        drawn = draw_parameters(self.tables, source.start, *one)
        self.batch = make_batch(*one, drawn, source.months)
        simulate(self.tile, self.stack, self.batch, GOVERN, 1)  # initialises the world
        labs = [Lab(self, number) for number in range(source.labs)]
        for number in range(source.systems):
            AISystem(self, number, labs[number % source.labs])
        self.datacollector = mesa.DataCollector(
            model_reporters={"regime": "regime", **_reporters()},
            agenttype_reporters=_agent_reporters() if collect_agents else None,
        )

    def step(self):
        """Simulate one month; does nothing once the world is lost or has reached its end."""
        if not self.running:
            return
        simulate(self.tile, self.stack, self.batch, GOVERN, 1)
        if self.rule:
            self.rule.set_levers(self.tile)
        simulate(self.tile, self.stack, self.batch, PROCEED, 1)
        self.running = bool(self._own["running"][COLUMN])
        self.datacollector.collect(self)

    @property
    def labs(self):
        """The labs, as a mesa AgentSet."""
        return self.agents_by_type[Lab]

    @property
    def systems(self):
        """The AI systems, as a mesa AgentSet."""
        return self.agents_by_type[AISystem]

    @property
    def _own(self):
        return self.tile.worlds[0]

    @property
    def month(self) -> int:
        """Number of months so far."""
        return int(self._own["month"][COLUMN])

    @property
    def lost(self) -> bool:
        """Whether a critical try was stopped by no safeguard."""
        return self.crossings["takeover"] is not None

    @property
    def awake(self) -> bool:
        """Whether the trigger has come for which a sleeping trait waits."""
        return bool(self._own["awake"][COLUMN])

    @property
    def crossings(self) -> dict:
        """Month in which each threshold was first crossed, or None."""
        months = (int(month) for month in self._own["crossing"][:, COLUMN])
        reached = (month if month >= 0 else None for month in months)
        return dict(zip(names(THRESHOLDS), reached, strict=True))

    @property
    def regime(self) -> str:
        """Lost, tried_and_held, favourable, capable or safe."""
        reached = {name for name, month in self.crossings.items() if month is not None}
        if "takeover" in reached:
            return "lost"
        if "first_critical_try" in reached:
            return "tried_and_held"
        return next((name for name in ("favourable", "capable") if name in reached), "safe")

    @property
    def outcome(self) -> dict:
        """The counts and rates that the ensemble keeps of a world, so far."""
        return {name: self._own[name][COLUMN].item() for name in names(COUNTS) + names(REALS)}

    @property
    def beliefs(self) -> dict:
        """What overseers believe, and their audit budget."""
        own = {name: float(self._own[name][COLUMN]) for name in _BELIEFS}
        caught, missed = own["caught_belief"], own["missed_belief"]
        return {
            "catch_rate": caught / (caught + missed),
            "danger": float(logistic(own["danger"])),
            "audit_budget": own["audit_budget"],
        }

    def measured(self, quantity: str) -> float:
        """A quantity of the last month.

        Parameters
        ----------
        quantity : str
            Its name in `months.nc`, such as "leader".

        Returns
        -------
        float
            Its value, in its unit; NaN before the first month.
        """
        if self.month == 0:
            return float("nan")
        k = names(MONTHLY).index(quantity)
        return float(self.batch.monthly[self.month - 1, 1 + k] * GRAIN[k])


_BELIEFS = ("caught_belief", "missed_belief", "danger", "audit_budget")


def _reporters():
    return {name: (lambda model, name=name: model.measured(name)) for name in names(MONTHLY)}


def _agent_reporters():
    views = {"record", "systems"}  # properties that are no state of the agent
    return {
        kind: {
            name: name
            for name, item in vars(kind).items()
            if isinstance(item, property) and name not in views
        }
        for kind in (Lab, AISystem)
    }
