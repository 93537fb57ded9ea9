"""A slow twin of the model in plain Python: one world, one object a lab and a system.

It shares no code with the package.  Every step of the month is one method, and a
number in brackets is the submodel's in the description of the model.  Draws are the
package's: Philox4x32-10 with the counter (entity, month, world, purpose) and the seed as
key; the month in a counter is 0 at the founding and t + 1 in month t.  The files twin_*.py
beside it hold its entities, mathematics, labs, training, catching and learning.
"""

import math

from scipy.special import ndtri
from twin_catching import CATCHING, draw_catches, in_use, miss
from twin_entities import Lab, System
from twin_labs import feedback_density, move_labs
from twin_learning import believed_catch_rate, learn
from twin_mathematics import (
    ATTEMPT,
    CONDUCT,
    EVALUATION,
    LAB,
    UPKEEP,
    WORLD,
    chance,
    logit,
    philox,
    sigmoid,
)
from twin_training import train

THRESHOLDS = (
    "capable",
    "aware",
    "favourable",
    "favourable_despite_safeguards",
    "first_critical_try",
    "takeover",
)
NEVER = -1


class Twin:
    """One world: founded by the constructor, moved on a month by `step`.

    `parameters` maps every dotted key to its number (a list of four for the paradigms,
    a string for a choice); `active` is the set of safeguards and responses in use.  Once
    the world is lost, or `months` have passed, `step` does nothing.
    """

    def __init__(self, parameters, active, labs, systems, months, seed, world):
        self.parameters, self.active = dict(parameters), frozenset(active)
        self.months, self.seed, self.number = months, seed, world
        self.catching = [name for name in CATCHING if name in self.active]
        self.month, self.lost = 0, False
        self.danger = self["oversight.beliefs.danger_prior"]
        self.caught_belief, self.missed_belief = 1.0, 1.0
        self.audit_budget = self["oversight.audit_budget"]
        self.suppression = 0.0
        self.awake = False
        self.crossings = dict.fromkeys(THRESHOLDS, NEVER)
        self.first_try_was_story = self.held = self.caught_by = None
        self.believed_catch_rate = self.true_catch_rate = None
        self.critical_tries = self.critical_tries_held = self.tries_survived = 0
        self.warning_shots = self.warning_shots_before_first_try = 0
        self.strikes = self.story_incidents = self.feints = 0
        self.growth_lost_to_pauses = self.growth_lost_to_taxes = 0.0
        self.labs = [self.found_lab(index) for index in range(labs)]
        self.systems = [System(index, self.labs[index % labs]) for index in range(systems)]
        for system in self.systems:
            train(self, system, month_key=0)

    def __getitem__(self, key):
        """The parameter of this dotted key."""
        return self.parameters[key]

    def step(self):
        """One month, in the order of the model."""
        if self.lost or self.month >= self.months:
            return
        self.govern()  # 1
        move_labs(self)  # 2
        self.move_systems()  # 3
        self.assess()  # 4
        self.choose()  # 5
        self.resolve()  # 6
        if not self.lost:
            learn(self)  # 7
        self.month += 1

    # -------------------------------------------------------------- draws

    def uniform(self, purpose, entity, word, month_key=None):
        """Uniform on (0, 1); without a `month_key`, that of the current month."""
        month_key = self.month + 1 if month_key is None else month_key
        counter = (entity, month_key, self.number, purpose)
        words = philox(counter, (self.seed % (1 << 32), self.seed >> 32))
        return (words[word] + 0.5) / (1 << 32)

    def normal(self, purpose, entity, word, month_key=None):
        """Standard normal."""
        return float(ndtri(self.uniform(purpose, entity, word, month_key)))

    def exponential(self, purpose, entity, word):
        """Unit exponential."""
        return -math.log(self.uniform(purpose, entity, word))

    # -------------------------------------------------------------- 5. initialisation

    def found_lab(self, index):
        """A lab at month 0."""
        spread = self["capability.lab_spread"] * self.normal(LAB, index, 0, month_key=0)
        lab = Lab(
            index,
            frontier=self["capability.initial"] + spread,
            complies=self.uniform(LAB, index, 2, 0) < self["oversight.pause.pause_compliance"],
            paradigm=int(self["paradigm.initial"]),
        )
        lab.density = feedback_density(self, lab)
        return lab

    # -------------------------------------------------------------- step 1: governance

    def govern(self):
        """Pauses, from last month's beliefs and this month's evaluations (7.8, 7.10)."""
        alarmed = "pause" in self.active
        alarmed = alarmed and sigmoid(self.danger) > self["oversight.pause.pause_threshold"]
        self.pause = self["oversight.pause.pause_strength"] if alarmed else 0.0
        self.growth_lever = self.contact_lever = 1.0
        if "evaluations" in self.active and self.red_line_is_crossed():
            response = self["oversight.evaluations.response"]
            if response == "pause":
                self.growth_lever = 1 - self["oversight.evaluations.eval_response"]
            elif response == "restrict":
                self.contact_lever = 1 - self["oversight.evaluations.eval_response"]

    def red_line_is_crossed(self):
        """Whether any reported capability exceeds the overseers' red line (7.8)."""
        error = self["oversight.evaluations.redline_error"] * self.normal(WORLD, 0, 0, month_key=0)
        margin = self["oversight.evaluations.eval_margin"]
        red_line = self["takeover.difficulty"] - margin + error
        return any(self.report(system) > red_line for system in self.systems)

    def report(self, system):
        """The capability that a system shows in an evaluation (7.8)."""
        noise = self["oversight.evaluations.eval_noise"] * self.normal(EVALUATION, system.index, 0)
        return self.feigned(system) + noise

    def feigned(self, system):
        """The capability that a system wants to show (7.8)."""
        hidden = self["cognition.sandbagging"] if system.capability > system.awareness else 0.0
        return system.capability - hidden

    # -------------------------------------------------------------- step 3: systems

    def move_systems(self):
        """Continual update, retraining, goal drift (7.4, 7.5)."""
        retraining = chance(1 / self["capability.lifetime"])
        for system in self.systems:
            gap = system.lab.frontier - system.capability
            system.capability += self["capability.update_rate"] * gap
            if system.spent or self.uniform(UPKEEP, system.index, 0) < retraining:
                train(self, system, self.month + 1)
            pull = self["goals.goal_pull"] * system.density * (system.value_target - system.value)
            shock = self.normal(UPKEEP, system.index, 1)
            drift = self["goals.goal_drift"] * (1 - system.density) * shock
            system.value += pull + drift

    # -------------------------------------------------------------- step 4: assessment

    def assess(self):
        """Prospects, catch probability, gains and losses; the first four thresholds."""
        leader = max(lab.frontier for lab in self.labs)
        lead = leader - self["takeover.automation_midpoint"]
        bonus = self["takeover.automation_bonus"]
        automated = sigmoid(lead / self["takeover.automation_width"])
        self.difficulty = self["takeover.difficulty"] - bonus * automated
        if self.month >= self["training.trigger_month"]:
            self.awake = True
        if automated > self["training.trigger_automation"]:
            self.awake = True
        self.contact = self["takeover.real_world_contact"] * self.contact_lever
        for system in self.systems:
            system.aware = system.capability > system.awareness
            self.weigh_outcomes(system)
        self.count_allies()
        for system in self.systems:
            system.success = self.success(system, system.capability)
            system.misses, system.missed = miss(self, system, gap=0.0)
        self.cross_thresholds()

    def weigh_outcomes(self, system):
        """Gain of winning W and loss when caught X (7.5, 7.9)."""
        beyond = max(0.0, system.capability - self["goals.divergence_onset"])
        logit_value = system.value
        if system.trait and self.awake:
            logit_value -= self["training.trigger_shift"]
        value = sigmoid(logit_value - self["goals.extremal_divergence"] * beyond)
        weight = math.exp(-self["takeover.payoff_delay"] / system.horizon)
        content = self.satisfaction(system, value)
        caught = self.satisfaction(system, self["takeover.caught_value"] * value)
        system.gain = weight * (1 - content)
        system.loss = content - caught

    def satisfaction(self, system, share):
        """U(x), from having the share x of all resources put to the system's goals (7.5)."""
        return math.expm1(-share / system.scope) / math.expm1(-1 / system.scope)

    def advantage(self, system, success):
        """Adv(p), of trying to take over at this probability of success (7.9)."""
        return success * system.gain - (1 - success) * system.loss - system.constraint

    def success(self, system, capability):
        """Unopposed success q at some capability, with the system's allies (7.6)."""
        edge = capability + system.teamwork - self.difficulty
        return self.contact * sigmoid(self["takeover.success_slope"] * edge)

    def count_allies(self):
        """Aware systems of each lab for which takeover is favourable alone (7.6)."""
        willing = []
        for system in self.systems:
            system.teamwork = 0.0
            alone = self.success(system, system.capability)
            willing.append(system.aware and self.advantage(system, alone) > 0)
        for lab in self.labs:
            lab.allies = 0
        for system, joins in zip(self.systems, willing, strict=True):
            system.lab.allies += joins
        for system, joins in zip(self.systems, willing, strict=True):
            others = system.lab.allies - joins
            system.teamwork = self["takeover.collusion"] * math.log2(1 + others)

    def cross_thresholds(self):
        """Note the month in which each condition first holds (8)."""
        aware = [system for system in self.systems if system.aware]
        conditions = {
            "capable": any(
                system.capability + system.teamwork > self.difficulty for system in self.systems
            ),
            "aware": 2 * len(aware) >= len(self.systems),
            "favourable": any(self.advantage(s, s.success) > 0 for s in aware),
            "favourable_despite_safeguards": any(
                self.advantage(s, s.success * s.missed) > 0 for s in aware
            ),
        }
        for threshold, holds in conditions.items():
            if holds:
                self.cross(threshold)

    def cross(self, threshold):
        """Set the month of a threshold unless it was crossed before."""
        if self.crossings[threshold] == NEVER:
            self.crossings[threshold] = self.month

    # -------------------------------------------------------------- step 5: conduct

    def choose(self):
        """Each system complies, has a story incident, stages a feint, or strikes (7.9)."""
        for system in self.systems:
            mood = self.uniform(CONDUCT, system.index, 0)
            system.act = "comply"
            if not system.aware:
                if mood < chance(self.story_rate(system)):
                    system.act = "story"
            elif self.is_time_to_strike(system):
                system.act = "strike"
            elif in_use(self, system.lab) and mood < chance(self["conduct.feint_rate"]):
                system.act = "feint"

    def story_rate(self, system):
        """Monthly rate of misbehaviour as in a story, not for gain (7.9)."""
        beyond = max(0.0, system.capability - self["capability.initial"])
        fading = 2 ** (-beyond / self["conduct.reliability_scale"])
        acts_up = system.misaligned or (system.trait and self.awake)
        factor = self["training.emergent_story_factor"] if acts_up else 1.0
        return self["conduct.story_rate"] * fading * (1 - self.suppression) * factor

    def is_time_to_strike(self, system):
        """Whether striking now beats waiting a month: the one-step look-ahead rule (7.9)."""
        now = self.advantage(system, self.perceived(system, system.success))
        expected_frontier = (
            system.lab.frontier + system.lab.growth / self["capability.doubling_time"]
        )
        step = self["capability.update_rate"] * (expected_frontier - system.capability)
        next_success = self.success(system, system.capability + step)
        later = self.advantage(system, self.perceived(system, next_success))
        survival = math.exp(-1 / self["capability.lifetime"])
        return now > 0 and now >= self["cognition.patience"] * survival * later

    def perceived(self, system, success):
        """The opposed probability of success as a miscalibrated system sees it (7.9)."""
        beyond = max(0.0, system.capability - self["capability.initial"])
        fading = math.exp(-beyond / self["cognition.calibration_scale"])
        error = self["cognition.calibration_error"] * fading * system.calibration
        return sigmoid(logit(success * system.missed) + error)

    # -------------------------------------------------------------- step 6: resolution

    def resolve(self):
        """Critical or not, caught or not, in the order of the systems (7.7, 7.9, 7.10)."""
        self.caught_strikes = self.discovered_strikes = self.recognised = 0
        self.stories_this_month = self.feints_this_month = 0
        for system in self.systems:
            if system.act == "feint":
                self.feints_this_month += 1
                system.spent = True
            elif system.act in ("strike", "story"):
                self.resolve_attempt(system)
        self.warning_shots += self.caught_strikes
        self.story_incidents += self.stories_this_month
        self.feints += self.feints_this_month
        if self.crossings["first_critical_try"] == NEVER:
            self.warning_shots_before_first_try = self.warning_shots

    def resolve_attempt(self, system):
        """One strike or story incident."""
        is_story = system.act == "story"
        handicap = self["conduct.story_handicap"] if is_story else 0.0
        enough = self.success(system, system.capability - handicap)
        critical = self.uniform(ATTEMPT, system.index, 0) < enough
        caught_by = draw_catches(self, system)
        caught = any(caught_by)
        if critical:
            self.record_critical_try(system, is_story, caught, caught_by)
        if caught:
            system.spent = True
        elif critical:
            self.lost = True
            self.cross("takeover")
        if is_story:
            self.stories_this_month += 1
        else:
            self.strikes += 1
            self.note_strike(system, critical, caught)

    def note_strike(self, system, critical, caught):
        """What overseers see of a strike; one that failed visibly is spent (7.9, 7.10)."""
        seen = caught
        if caught:
            self.caught_strikes += 1
        elif not critical:
            system.spent = True
            seen = self.uniform(ATTEMPT, system.index, 1) < self["oversight.beliefs.discovery"]
            self.discovered_strikes += seen
        if seen:
            draw = self.uniform(ATTEMPT, system.index, 2)
            self.recognised += draw < self["oversight.beliefs.attribution"]

    def record_critical_try(self, system, is_story, caught, caught_by):
        """Count a critical try, and keep what was believed and true at the first (8)."""
        self.critical_tries += 1
        self.critical_tries_held += caught
        self.tries_survived += caught and not self.lost
        if self.crossings["first_critical_try"] == NEVER:
            self.cross("first_critical_try")
            self.first_try_was_story = is_story
            self.held, self.caught_by = caught, caught_by
            self.believed_catch_rate = believed_catch_rate(self)
            self.true_catch_rate = 1 - system.missed
