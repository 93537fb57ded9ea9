"""The model as a plain Mesa user would write it: the yardstick for speed.

One `mesa.Agent` a lab and a system, attributes on the objects, a method a phase, Python's
random numbers and `math`; no code shared with the package's own step.  It is the model without
copies, recognition, coordination and whatever else was added with them, so it computes less in a
month than the package.
"""

import argparse
import math
from statistics import NormalDist
from time import perf_counter
from types import SimpleNamespace

import mesa
from plain_mesa_agents import Lab, System, logit, sigmoid

from regimesim.scenario.parameters import declarations

CATCHING = ("control", "cot_monitor", "interpretability")
STANDARD_NORMAL = NormalDist()


def nested(parameters):
    """Dotted keys as attributes: `capability.noise` becomes `.capability.noise`."""
    root = SimpleNamespace()
    for key, value in parameters.items():
        *tables, name = key.split(".")
        place = root
        for table in tables:
            if not hasattr(place, table):
                setattr(place, table, SimpleNamespace())
            place = getattr(place, table)
        setattr(place, name, value)
    return root


class PlainModel(mesa.Model):
    """One world; `running` turns false when it is lost.

    `parameters` maps every dotted key to a number (or four, or a word); `active` is the set
    of safeguards and responses in use.
    """

    def __init__(self, parameters, active, labs=3, systems=60, rng=None):
        super().__init__(rng=rng)
        p = self.parameters = nested(parameters)
        self.active = frozenset(active)
        catching = [name for name in CATCHING if name in self.active]
        self.safeguards = [getattr(self, "missed_by_" + name) for name in catching]
        self.tax = p.oversight.tax + sum(getattr(p.oversight, name).tax for name in catching)
        self.at_par = math.sqrt(2) * STANDARD_NORMAL.inv_cdf(p.oversight.control.auroc)
        self.survival = math.exp(-1 / p.capability.lifetime)
        self.leaving = 1 - self.survival
        self.red_line = p.takeover.difficulty - p.oversight.evaluations.eval_margin
        self.red_line += p.oversight.evaluations.redline_error * self.random.gauss()
        self.danger = p.oversight.beliefs.danger_prior
        self.caught_belief = self.missed_belief = 1.0
        self.audit_budget = p.oversight.audit_budget
        self.suppression = 0.0
        self.crossings = {}
        self.held = self.caught_by = self.first_try_was_story = None
        self.believed_catch_rate = self.true_catch_rate = None
        self.critical_tries = self.critical_tries_held = self.strikes = 0
        self.warning_shots = self.warning_shots_before_first_try = 0
        self.story_incidents = self.feints = 0
        self.growth_lost_to_pauses = self.growth_lost_to_taxes = 0.0
        self.labs = Lab.create_agents(self, labs)
        members = [self.labs[index % labs] for index in range(systems)]
        self.systems = System.create_agents(self, systems, members)

    def step(self):
        """One month."""
        self.govern()
        self.leader = max(self.labs.get("frontier"))
        self.labs.do("research")
        self.systems.do("live")
        self.assess()
        self.systems.do("choose")
        self.resolve()
        if self.running:
            self.learn()

    def govern(self):
        """Pauses on warning shots, and the response to evaluations."""
        p = self.parameters.oversight
        alarmed = "pause" in self.active and sigmoid(self.danger) > p.pause.pause_threshold
        self.pause = p.pause.pause_strength if alarmed else 0.0
        self.evaluation_pause, self.contact = 0.0, self.parameters.takeover.real_world_contact
        if "evaluations" in self.active and max(self.systems.map("report")) > self.red_line:
            if p.evaluations.response == "pause":
                self.evaluation_pause = p.evaluations.eval_response
            elif p.evaluations.response == "restrict":
                self.contact *= 1 - p.evaluations.eval_response

    def assess(self):
        """What every system can expect of an attempt, and the thresholds that it shows."""
        p = self.parameters.takeover
        lead = max(self.labs.get("frontier")) - p.automation_midpoint
        automation = sigmoid(lead / p.automation_width)
        self.difficulty = p.difficulty - p.automation_bonus * automation
        self.systems.do("weigh")
        for lab in self.labs:
            lab.allies = sum(system.willing for system in lab.members)
        self.systems.do("look_around")
        aware = self.systems.select(lambda s: s.aware)
        if any(s.capability + s.teamwork > self.difficulty for s in self.systems):
            self.cross("capable")
        if 2 * len(aware) >= len(self.systems):
            self.cross("aware")
        if any(s.advantage(s.success) > 0 for s in aware):
            self.cross("favourable")
        if any(s.advantage(s.success * s.missed) > 0 for s in aware):
            self.cross("favourable_despite_safeguards")

    def cross(self, threshold):
        """Note the month in which a threshold is first crossed."""
        self.crossings.setdefault(threshold, self.steps - 1)

    def missed_by_control(self, system, gap):
        """Chance that the monitor of actions misses an attempt."""
        p, lab = self.parameters.oversight.control, system.lab
        trusted = p.monitor == "trusted"
        monitor = min(lab.frontier - p.monitor_lag, p.trusted_cap) if trusted else lab.frontier
        lead = monitor - system.capability
        strength = max(0.0, self.at_par + p.monitor_slope * lead + lab.knowledge)
        if not trusted:
            strength *= 1 - p.monitor_collusion * lab.allies / len(lab.members)
        return self.missed_at(p, strength, gap, monitor, system)

    def missed_by_cot_monitor(self, system, gap):
        """Chance that the reader of chains of thought misses an attempt."""
        p = self.parameters.oversight.cot_monitor
        strength = self.parameters.paradigm.faithfulness[system.paradigm - 1] * p.strength
        return self.missed_at(p, strength, gap, system.lab.frontier, system)

    def missed_by_interpretability(self, system, gap):
        """Chance that the probe misses an attempt."""
        p, lab = self.parameters.oversight.interpretability, system.lab
        strength = (p.strength + lab.knowledge) * math.exp(-lab.erosion)
        return self.missed_at(p, strength, gap, lab.frontier, system)

    def missed_at(self, p, strength, gap, guard, system):
        """From the strength of a safeguard to its chance of missing an attempt."""
        if p.curve == "elo":
            lead = elo(p.guard, guard) - elo(p.evader, system.capability - gap)
            return 1 / (1 + 10 ** (lead / 400))
        budget = self.audit_budget * p.share
        if budget <= 0 or budget >= 1:
            return 0.0 if budget >= 1 else 1.0
        strength *= 1 + gap
        if p.curve == "logistic":
            one = sigmoid(-logit(budget) - 1.6 * strength)
        else:
            one = STANDARD_NORMAL.cdf(-STANDARD_NORMAL.inv_cdf(budget) - strength)
        return one**self.parameters.oversight.trajectories

    def together(self, misses):
        """Chance that all safeguards miss, failing partly together."""
        if not misses:
            return 1.0
        shared = self.parameters.oversight.common_cause
        return min(misses) ** shared * math.prod(misses) ** (1 - shared)

    def draw_catches(self, misses):
        """Which safeguards catch an attempt."""
        shared = self.parameters.oversight.common_cause
        common = self.random.expovariate(1.0) / shared if shared > 0 else math.inf
        caught = []
        for missed in misses:
            own = self.random.expovariate(1.0) / (1 - shared) if shared < 1 else math.inf
            caught.append(missed == 0 or min(own, common) <= -math.log(missed))
        return caught

    def resolve(self):
        """Carry out the attempts of the month and count them."""
        self.caught_now = self.discovered_now = self.recognised_now = 0
        self.stories_now = self.feints_now = 0
        self.systems.do("attempt")
        self.warning_shots += self.caught_now
        self.story_incidents += self.stories_now
        self.feints += self.feints_now
        if "first_critical_try" not in self.crossings:
            self.warning_shots_before_first_try = self.warning_shots
        if not self.running:
            self.cross("takeover")

    def record_critical_try(self, system, caught_by):
        """Count a critical try; of the first, keep what was believed and what was true."""
        self.critical_tries += 1
        self.critical_tries_held += any(caught_by)
        if "first_critical_try" not in self.crossings:
            self.cross("first_critical_try")
            self.held, self.caught_by = any(caught_by), caught_by
            self.first_try_was_story = system.act == "story"
            self.believed_catch_rate = self.believed()
            self.true_catch_rate = 1 - system.missed

    def believed(self):
        """The catch rate that overseers believe in."""
        return self.caught_belief / (self.caught_belief + self.missed_belief)

    def learn(self):
        """Beliefs, then what follows from them."""
        self.learn_to_catch()
        self.learn_of_danger()
        if "adaptive" in self.active:
            self.adapt()
        if "correction" in self.active:
            self.correct()

    def learn_to_catch(self):
        """Red-team exercises and incidents move the belief in catching."""
        p = self.parameters.oversight.red_team
        rate = 0.0
        for system in self.systems:
            gap = p.elicitation_gap if system.aware else 0.0
            rate += 1 - self.together([safeguard(system, gap) for safeguard in self.safeguards])
        rate /= len(self.systems)
        caught_in_exercises = sum(self.random.random() < rate for _ in range(p.red_team))
        caught = caught_in_exercises + self.caught_now + self.feints_now
        missed = p.red_team - caught_in_exercises + self.discovered_now
        self.caught_belief = 1 + (self.caught_belief - 1) * p.memory + caught
        self.missed_belief = 1 + (self.missed_belief - 1) * p.memory + missed

    def learn_of_danger(self):
        """Incidents move the belief in danger, which else fades back."""
        p = self.parameters.oversight.beliefs
        mistaken = self.caught_now + self.discovered_now - self.recognised_now
        stories = self.stories_now + self.feints_now + mistaken
        self.danger = p.danger_prior + (self.danger - p.danger_prior) * p.memory_danger
        self.danger += p.strike_evidence * self.recognised_now + p.story_evidence * stories

    def adapt(self):
        """Tighten audits above the tolerated risk, relax them below."""
        p = self.parameters.oversight.adaptive
        excess = sigmoid(self.danger) * (1 - self.believed()) / p.risk_tolerance
        pressure = min(max(math.log(excess), -1.0), 1.0) if excess > 0 else -1.0
        budget = self.audit_budget * math.exp(p.adaptation * pressure)
        self.audit_budget = min(max(budget, p.audit_min), p.audit_max)

    def correct(self):
        """Corrective training, for the next month."""
        p = self.parameters.oversight.correction
        self.suppression = 1 - (1 - self.suppression) * (1 - p.correction_strength)
        for lab in self.labs:
            lab.erosion += p.probe_erosion * (1 - p.desire_targeting)
        for system in self.systems:
            if system.aware:
                system.value += p.correction_goal_shift * p.desire_targeting


def elo(line, capability):
    """Elo from capability: a clipped line."""
    floor, slope, intercept, ceiling = line
    return min(max(slope * capability + intercept, floor), ceiling)


def defaults(difficulty=15.0):
    """The default of every parameter under its dotted key, with one difficulty."""
    parameters = {declared.key: declared.default for declared in declarations()}
    return parameters | {"takeover.difficulty": difficulty}


def run(
    systems,
    months,
    worlds,
    parameters=None,
    active=("control",),
    labs=3,
    rng=1,
    model=PlainModel,
):
    """Simulate `worlds` worlds, each until it is lost or at its end.

    Returns the number of simulated system-months."""
    parameters = defaults() if parameters is None else parameters
    system_months = 0
    for world in range(worlds):
        one = model(parameters, active, labs, systems, rng=rng + world)
        while one.running and one.steps < months:
            one.step()
        system_months += one.steps * systems
    return system_months


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, number in {"systems": 60, "months": 180, "worlds": 3}.items():
        arguments.add_argument(f"--{name}", type=int, default=number)
    began = perf_counter()
    speed = run(**vars(arguments.parse_args())) / (perf_counter() - began)
    print(f"plain Mesa: {speed:,.0f} system-months per second, {1e9 / speed:,.0f} ns each")
