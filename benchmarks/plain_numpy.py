"""The model as a data scientist would write it: numpy arrays over the systems of one world.

Month by month, world by world; every quantity of the systems is an array.  The policy of the
speed benchmark alone: control by a trusted monitor with a binormal curve, and none of the
responses.  As of the plain Mesa model, copies, recognition and coordination are left out.
array_month.py has them, and takes many worlds at a time.
"""

import math

import numpy as np
from plain_mesa import defaults, nested
from scipy.special import expit, log_ndtr, ndtri

ARCHETYPES = ("intended", "reward_seeking", "scheming")


def archetype_table(p, key):
    """One number of each archetype, as an array to be indexed."""
    return np.array([getattr(getattr(p.training, name), key) for name in ARCHETYPES])


class NumpyWorld:
    """One world; `running` turns false when it is lost. Parameters as of the plain Mesa model."""

    def __init__(self, parameters, labs=3, systems=60, rng=None):
        p = self.p = nested(parameters)
        self.rng = np.random.default_rng(rng)
        normal = self.rng.standard_normal
        self.month, self.running = 0, True
        self.at_par = math.sqrt(2) * ndtri(p.oversight.control.auroc)
        self.threshold = -ndtri(p.oversight.audit_budget * p.oversight.control.share)
        self.staying = math.exp(-1 / p.capability.lifetime)
        self.danger = p.oversight.beliefs.danger_prior
        self.caught_belief = self.missed_belief = 1.0
        self.crossings, self.counts, self.history = {}, dict.fromkeys(COUNTED, 0), []
        self.frontier = p.capability.initial + p.capability.lab_spread * normal(labs)
        self.density_shift = p.feedback.density_spread * normal(labs)
        self.paradigm = np.full(labs, p.paradigm.initial)
        self.knowledge = np.zeros(labs)
        self.lab = np.arange(systems) % labs
        self.choose_feedback()
        self.spent = np.zeros(systems, bool)
        for name in TRAINED:
            setattr(self, name, np.zeros(systems))
        self.kind = np.zeros(systems, int)
        self.misaligned = np.zeros(systems, bool)
        self.train(np.arange(systems))

    def step(self):
        """One month."""
        self.research()
        self.live()
        self.assess()
        self.act()
        self.note_thresholds()
        if self.running:
            self.learn()
        self.record()
        self.month += 1

    def choose_feedback(self):
        """Density of training feedback, of every lab."""
        f = self.p.feedback
        trend = f.density_trend - f.density_race * f.sparse_premium
        wanted = f.density + self.density_shift + trend * self.month
        self.density = np.clip(wanted, f.density_floor, 1)

    def research(self):
        """A month of growth, of safety research and perhaps of new paradigms."""
        c, p, f = self.p.capability, self.p.paradigm, self.p.feedback
        self.choose_feedback()
        gap = self.frontier.max() - self.frontier
        lead = self.frontier - c.research_automation_midpoint
        automation = c.research_automation_gain * expit(lead / c.research_automation_width)
        self.knowledge += p.safety_research * (1 + p.safety_automation * automation)
        headroom = np.maximum(0, 1 - (np.maximum(0, self.frontier) / c.ceiling) ** 4)
        premium = 1 + np.asarray(p.premium)[self.paradigm - 1]
        sparse = 1 + f.sparse_premium * (1 - self.density)
        tax = self.p.oversight.tax + self.p.oversight.control.tax
        self.growth = (1 + automation) * premium * sparse * headroom * max(0, 1 - tax)
        noise = c.noise * self.rng.standard_normal(len(gap))
        self.frontier = self.frontier + self.growth / c.doubling_time + c.diffusion * gap + noise
        moving = -np.expm1(-p.ladder_rate * (1 + p.race * gap))
        moves = (self.paradigm < min(p.hold, 4)) & (self.rng.random(len(gap)) < moving)
        self.paradigm = self.paradigm + moves
        self.knowledge[moves] *= p.knowledge_transfer

    def live(self):
        """Continual update, retraining and goal drift, of every system."""
        p, size = self.p, len(self.lab)
        self.capability += p.capability.update_rate * (self.frontier[self.lab] - self.capability)
        self.train(np.flatnonzero(self.spent | (self.rng.random(size) >= self.staying)))
        pull = p.goals.goal_pull * self.trained_density * (self.value_target - self.value)
        drift = p.goals.goal_drift * (1 - self.trained_density) * self.rng.standard_normal(size)
        self.value += pull + drift

    def train(self, who):
        """Systems that start afresh at the frontiers of their labs."""
        p, lab, size = self.p, self.lab[who], len(who)
        normal, uniform = self.rng.standard_normal, self.rng.random
        capability = self.frontier[lab] + p.capability.system_spread * normal(size)
        awareness = p.cognition.awareness_midpoint + p.cognition.awareness_spread * normal(size)
        density = self.density[lab]
        kind = self.draw_archetypes(density)
        beyond = capability - p.capability.initial
        needed = p.training.bad_data_reference * 2 ** (-p.training.bad_data_exponent * beyond)
        immune = np.where(capability <= awareness, p.training.inoculation, 0)
        misaligning = -np.expm1(-p.training.bad_data / needed) * (1 - immune)
        misaligned = uniform(size) < misaligning
        target = math.log(p.goals.value / (1 - p.goals.value)) - (
            p.training.emergent_shift * misaligned
        )
        target = target + archetype_table(p, "value_offset")[kind]
        spread, f = p.feedback.scale_spread * normal(size), p.feedback
        scope = f.scope_sparse * (f.scope_dense / f.scope_sparse) ** density
        horizon = f.horizon_sparse * (f.horizon_dense / f.horizon_sparse) ** density
        self.spent[who] = False
        self.capability[who], self.awareness[who] = capability, awareness
        self.calibration[who] = normal(size)
        self.trained_density[who], self.kind[who] = density, kind
        self.misaligned[who], self.value_target[who] = misaligned, target
        self.value[who] = target + p.goals.value_spread * normal(size)
        self.scope[who] = scope * np.exp(spread + archetype_table(p, "scope_offset")[kind])
        horizon = horizon * np.exp(spread + archetype_table(p, "horizon_offset")[kind])
        self.foresight[who] = np.exp(-p.takeover.payoff_delay / horizon)
        self.constraint[who] = f.constraint * density

    def draw_archetypes(self, density):
        """Which kind of goals training finds."""
        p = self.p.training
        weights = np.empty((3, len(density)))
        weights[0] = p.intended.prior * math.exp(-p.selection * p.reward_misspecification)
        weights[1] = p.reward_seeking.prior
        weights[2] = p.scheming.prior * np.exp(-p.selection * density)
        share = np.cumsum(weights / weights.sum(axis=0), axis=0)
        return (self.rng.random(len(density)) >= share[:2]).sum(axis=0)

    def assess(self):
        """What every system can expect of an attempt, and what the monitor would miss."""
        p, t, lab = self.p, self.p.takeover, self.lab
        lead = (self.frontier.max() - t.automation_midpoint) / t.automation_width
        self.difficulty = t.difficulty - t.automation_bonus * expit(lead)
        self.aware = self.capability > self.awareness
        reach = np.maximum(0, self.capability - p.goals.divergence_onset)
        self.content = expit(self.value - p.goals.extremal_divergence * reach)
        satisfied = self.satisfaction(self.content)
        self.gain = self.foresight * (1 - satisfied)
        self.loss = satisfied - self.satisfaction(t.caught_value * self.content)
        alone = self.advantage(self.success_at(self.capability))
        willing = self.aware & (alone > 0)
        allies = np.bincount(lab, willing, len(self.frontier))[lab] - willing
        self.teamwork = t.collusion * np.log2(1 + allies)
        self.success = self.success_at(self.capability + self.teamwork)
        c = p.oversight.control
        monitor = np.minimum(self.frontier - c.monitor_lag, c.trusted_cap)[lab]
        better = c.monitor_slope * (monitor - self.capability)
        strength = np.maximum(0, self.at_par + better + self.knowledge[lab])
        gap = np.where(self.aware, p.oversight.red_team.elicitation_gap, 0)
        self.log_missed = p.oversight.trajectories * log_ndtr(self.threshold - strength)
        self.missed = np.exp(self.log_missed)
        shown = log_ndtr(self.threshold - strength * (1 + gap))
        self.exercise_rate = 1 - np.exp(p.oversight.trajectories * shown).mean()

    def satisfaction(self, share):
        """Utility of a share of all resources."""
        return np.expm1(-share / self.scope) / np.expm1(-1 / self.scope)

    def advantage(self, success):
        """Expected gain from trying to take over."""
        return success * self.gain - (1 - success) * self.loss - self.constraint

    def success_at(self, capability):
        """Chance of an unopposed takeover."""
        t = self.p.takeover
        return t.real_world_contact * expit(t.success_slope * (capability - self.difficulty))

    def perceived(self, chance, factor):
        """A chance as seen by systems that misjudge its odds by a factor."""
        return chance * factor / (chance * factor + 1 - chance)

    def act(self):
        """Comply, slip into a story, stage a feint, or strike; and what comes of it."""
        p, c, t = self.p, self.p.capability, self.p.takeover
        beyond = np.maximum(0, self.capability - c.initial)
        error = p.cognition.calibration_error * np.exp(-beyond / p.cognition.calibration_scale)
        factor = np.exp(error * self.calibration)
        coming = (self.frontier + self.growth / c.doubling_time)[self.lab]
        grown = self.capability + c.update_rate * (coming - self.capability) + self.teamwork
        now = self.advantage(self.perceived(self.success * self.missed, factor))
        later = self.advantage(self.perceived(self.success_at(grown) * self.missed, factor))
        waiting = p.cognition.patience * self.staying * later
        strikes = self.aware & (now > 0) & (now >= waiting)
        rate = p.conduct.story_rate * 2 ** (-beyond / p.conduct.reliability_scale)
        rate = np.where(self.misaligned, rate * p.training.emergent_story_factor, rate)
        luck = self.rng.random(len(rate))
        stories = ~self.aware & (luck < -np.expm1(-rate))
        feints = self.aware & ~strikes & (luck < -math.expm1(-p.conduct.feint_rate))
        who = np.flatnonzero(strikes | stories)
        is_story = stories[who]
        handicap = np.where(is_story, p.conduct.story_handicap, 0)
        acting = self.capability[who] + self.teamwork[who] - handicap
        edge = t.success_slope * (acting - self.difficulty)
        critical = self.rng.random(len(who)) < t.real_world_contact * expit(edge)
        caught = self.rng.random(len(who)) >= np.exp(self.log_missed[who])
        beliefs = p.oversight.beliefs
        discovered = caught | (self.rng.random(len(who)) < beliefs.discovery)
        known = discovered & (self.rng.random(len(who)) < beliefs.attribution)
        self.spent[who] |= caught | (~is_story & ~critical)
        self.spent |= feints
        self.now = {
            "critical_tries": int(critical.sum()),
            "critical_tries_held": int((critical & caught).sum()),
            "strikes": int((~is_story).sum()),
            "warning_shots": int((~is_story & caught).sum()),
            "story_incidents": int(is_story.sum()),
            "feints": int(feints.sum()),
            "found": int((~is_story & discovered & ~caught).sum()),
            "recognised": int((~is_story & known).sum()),
        }
        for name in COUNTED:
            self.counts[name] += self.now[name]
        self.running = not (critical & ~caught).any()

    def note_thresholds(self):
        """The months in which thresholds are first crossed."""
        reached = {
            "capable": (self.capability + self.teamwork > self.difficulty).any(),
            "aware": 2 * self.aware.sum() >= len(self.aware),
            "favourable": (self.aware & (self.advantage(self.success) > 0)).any(),
            "favourable_despite_safeguards": (
                self.aware & (self.advantage(self.success * self.missed) > 0)
            ).any(),
            "first_critical_try": self.now["critical_tries"] > 0,
            "takeover": not self.running,
        }
        for name, crossed in reached.items():
            if crossed:
                self.crossings.setdefault(name, self.month)

    def learn(self):
        """Exercises and incidents move beliefs."""
        p, b, now = self.p.oversight.red_team, self.p.oversight.beliefs, self.now
        caught_in_exercises = self.rng.binomial(p.red_team, min(max(self.exercise_rate, 0), 1))
        caught = caught_in_exercises + now["warning_shots"] + now["feints"]
        missed = p.red_team - caught_in_exercises + now["found"]
        self.caught_belief = 1 + (self.caught_belief - 1) * p.memory + caught
        self.missed_belief = 1 + (self.missed_belief - 1) * p.memory + missed
        mistaken = now["warning_shots"] + now["found"] - now["recognised"]
        stories = now["story_incidents"] + now["feints"] + mistaken
        evidence = b.strike_evidence * now["recognised"] + b.story_evidence * stories
        self.danger = b.danger_prior + (self.danger - b.danger_prior) * b.memory_danger + evidence

    def record(self):
        """What is kept of a month: a row of means over labs and systems."""
        believed = self.caught_belief / (self.caught_belief + self.missed_belief)
        row = (
            *(self.frontier.mean(), self.frontier.max(), self.capability.mean()),
            *(self.difficulty, self.density.mean(), self.knowledge.mean()),
            *np.bincount(self.paradigm, minlength=5)[1:] / len(self.paradigm),
            *np.bincount(self.kind, minlength=3) / len(self.kind),
            *(self.aware.mean(), self.content.mean(), self.misaligned.mean()),
            *(believed, 1 - self.missed.mean(), self.exercise_rate, expit(self.danger)),
            *self.now.values(),
        )
        self.history.append(row)


TRAINED = (
    *("capability", "awareness", "calibration", "trained_density", "value", "value_target"),
    *("scope", "foresight", "constraint"),
)
COUNTED = (
    *("critical_tries", "critical_tries_held", "strikes", "warning_shots"),
    *("story_incidents", "feints"),
)


def run(systems, months, worlds, parameters=None, labs=3, rng=1):
    """Simulate `worlds` worlds.  Returns the number of simulated system-months."""
    parameters = defaults() if parameters is None else parameters
    system_months = 0
    for world in range(worlds):
        one = NumpyWorld(parameters, labs, systems, rng=rng + world)
        while one.running and one.month < months:
            one.step()
        system_months += one.month * systems
    return system_months
