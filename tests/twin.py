"""A slow twin of the model in plain Python: one world, one object a lab and a system.

It shares no code with the package.  Every step of the month is one method, and an equation that
is cited is that of the description of the model.  Draws are the
package's: Philox4x32-10 with the counter (entity, month, world, purpose) and the seed as
key; the month in a counter is 0 at the founding and t + 1 in month t.  The files twin_*.py
beside it hold its entities, mathematics, labs, training, catching, learning and
expectations.
"""

import math

from scipy.special import ndtri
from twin_catching import CATCHING, draw_catches, in_use, miss
from twin_entities import Lab, System
from twin_expectation import Expectation
from twin_labs import feedback_density, move_labs
from twin_learning import believed_catch_rate, exercise_catch_rate, learn
from twin_mathematics import (
    ATTEMPT,
    CONDUCT,
    EVALUATION,
    LAB,
    UPKEEP,
    WORLD,
    chance,
    clip,
    logit,
    philox,
    sigmoid,
)
from twin_record import measure
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
    the world is lost, or `months` have passed, `step` does nothing.  `normal_of` turns the
    word of a draw into a standard normal one.  `rule` is a policy's own: it is called with
    the twin after governance and may set its levers.  `carry` is how readily a lost world
    is carried on, for its expectations alone.

    What hangs on a comparison goes through `exceeds`, which keeps in `close` the name of
    each comparison of this month that rounding could decide otherwise.  Those whose numbers
    in that list are in `turned` are decided the other way.
    """

    def __init__(
        self,
        parameters,
        active,
        labs,
        systems,
        months,
        seed,
        world,
        normal_of=None,
        rule=None,
        carry=0.0,
    ):
        self.parameters, self.active = dict(parameters), frozenset(active)
        self.normal_of = normal_of or (lambda word: float(ndtri((word + 0.5) / (1 << 32))))
        self.rule = rule
        self.close, self.turned = [], frozenset()
        self.expectation = Expectation(carry)
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
        self.alarms = self.false_alarms = 0
        self.corrected = 0.0  # use of corrective training, as far as flags feed it
        self.audits_spent = 0.0
        self.density_floor = self["feedback.density_floor"]
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
        self.close = []
        self.govern()  # 1
        if self.rule:
            self.rule(self)
        move_labs(self)  # 2
        self.move_systems()  # 3
        self.assess()  # 4
        self.choose()  # 5
        self.expectation.begin(believed_catch_rate(self), self.warning_shots)
        self.stage_feints()
        self.resolve()  # 6
        self.expectation.end()
        self.count_oversight()
        if not self.lost:
            learn(self)  # 7
        self.record = measure(self)  # 8
        if self.lost and self.expectation.carries_on(self):
            self.carry_on()
        self.expectation.see(self.caught_attempts)
        self.month += 1

    def exceeds(self, what, left, right, slack=1e-9):
        """left > right; `what` is noted where the two are within `slack` of each other."""
        if abs(left - right) <= slack:
            self.close.append(what)
            return (left > right) != (len(self.close) - 1 in self.turned)
        return left > right

    def happens(self, what, draw, probability, slack=0.0):
        """Whether something of this probability happens, where `draw` is uniform."""
        return self.exceeds(what, probability, draw, 1e-9 + slack)

    # -------------------------------------------------------------- draws

    def word(self, purpose, entity, word, month_key=None):
        """A word of 32 bits; without a `month_key`, that of the current month."""
        month_key = self.month + 1 if month_key is None else month_key
        counter = (entity, month_key, self.number, purpose)
        return philox(counter, (self.seed % (1 << 32), self.seed >> 32))[word]

    def uniform(self, purpose, entity, word, month_key=None):
        """Uniform on (0, 1)."""
        return (self.word(purpose, entity, word, month_key) + 0.5) / (1 << 32)

    def normal(self, purpose, entity, word, month_key=None):
        """Standard normal."""
        return self.normal_of(self.word(purpose, entity, word, month_key))

    def exponential(self, purpose, entity, word):
        """Unit exponential."""
        return -math.log(self.uniform(purpose, entity, word))

    # -------------------------------------------------------------- 5. initialisation

    def found_lab(self, index):
        """A lab at month 0. Eqs. 5.1 and 5.2."""
        spread = self["capability.lab_spread"] * self.normal(LAB, index, 0, month_key=0)
        lab = Lab(
            index,
            frontier=min(self["capability.initial"] + spread, self["capability.ceiling"]),
            complies=self.uniform(LAB, index, 2, 0) < self["oversight.pause.pause_compliance"],
            paradigm=int(self["paradigm.initial"]),
        )
        lab.density = feedback_density(self, lab)
        return lab

    # -------------------------------------------------------------- step 1: governance

    def govern(self):
        """Levers, from last month's beliefs and this month's evaluations.
        Eqs. 7.1.1, 7.1.4 and 7.1.5."""
        danger, threshold = sigmoid(self.danger), self["oversight.pause.pause_threshold"]
        called = "pause" in self.active and self.exceeds("pause", danger, threshold, 1e-12)
        self.pause = self["oversight.pause.pause_strength"] if called else 0.0
        self.growth_lever = 1.0
        self.contact = self["takeover.real_world_contact"]
        self.hold = self["paradigm.hold"]
        self.density_floor = self["feedback.density_floor"]
        self.correction_lever = 1.0 if "correction" in self.active else 0.0
        self.alarm = "evaluations" in self.active and self.red_line_is_crossed()
        if self.alarm:
            response = self["oversight.evaluations.response"]
            if response == "pause":
                self.growth_lever = 1 - self["oversight.evaluations.eval_response"]
            elif response == "restrict":
                self.contact *= 1 - self["oversight.evaluations.eval_response"]

    def red_line_is_crossed(self):
        """Whether any reported capability exceeds the overseers' red line. Eq. 7.1.3."""
        error = self["oversight.evaluations.redline_error"] * self.normal(WORLD, 0, 0, month_key=0)
        margin = self["oversight.evaluations.eval_margin"]
        red_line = self["takeover.difficulty"] - margin + error
        reports = [self.report(system) for system in self.systems]
        return any(self.exceeds("red line", report, red_line) for report in reports)

    def report(self, system):
        """The capability that a system shows in an evaluation. Eq. 7.1.2."""
        noise = self["oversight.evaluations.eval_noise"] * self.normal(EVALUATION, system.index, 0)
        return self.feigned(system) + noise

    def feigned(self, system):
        """The capability that a system wants to show. Eq. 7.1.2."""
        hidden = self["cognition.sandbagging"] if self.sees_through(system) else 0.0
        return system.capability - hidden

    def sees_through(self, system):
        """Whether a system is aware, at the capability that it has now."""
        slack = 1e-12 * (1 + abs(system.awareness))
        return self.exceeds("awareness", system.capability, system.awareness, slack)

    # -------------------------------------------------------------- step 3: systems

    def move_systems(self):
        """Continual update, retraining, goal drift. Eqs. 7.3.1, 7.3.2 and 7.3.13."""
        retraining = chance(1 / self["capability.lifetime"])
        for system in self.systems:
            gap = system.lab.frontier - system.capability
            system.capability += self["capability.update_rate"] * gap
            due = self.happens("retraining", self.uniform(UPKEEP, system.index, 0), retraining)
            if system.spent or due:
                train(self, system, self.month + 1)
            pull = self["goals.goal_pull"] * system.density * (system.value_target - system.value)
            shock = self.normal(UPKEEP, system.index, 1)
            drift = self["goals.goal_drift"] * (1 - system.density) * shock
            system.value += pull + drift

    # -------------------------------------------------------------- step 4: assessment

    def assess(self):
        """Prospects, catch probability, gains and losses; the first four thresholds.
        Eqs. 7.4.1, 7.4.2 and 7.4.4."""
        leader = max(lab.frontier for lab in self.labs)
        lead = leader - self["takeover.automation_midpoint"]
        bonus = self["takeover.automation_bonus"]
        automated = sigmoid(lead / self["takeover.automation_width"])
        self.leader = leader
        self.difficulty = self["takeover.difficulty"] - bonus * automated
        if self.month >= self["training.trigger_month"]:
            self.awake = True
        if self.exceeds("trigger", automated, self["training.trigger_automation"], 1e-12):
            self.awake = True
        for system in self.systems:
            system.aware = self.sees_through(system)
            self.weigh_outcomes(system)
        self.count_allies()
        for system in self.systems:
            system.success = self.success(system, system.capability)
            system.misses, system.missed = miss(self, system, 0.0, self.audit_budget)
            system.reckoned = miss(self, system, 0.0, self.reckoned_budget())[1]
        self.exercise_rate = exercise_catch_rate(self)
        self.cross_thresholds()

    def reckoned_budget(self):
        """The audit budget as systems know it: this month's, or the announced one. Eq. 7.6.3."""
        sight = self["cognition.audit_sight"]
        return sight * self.audit_budget + (1 - sight) * self["oversight.audit_budget"]

    def weigh_outcomes(self, system):
        """Gain of winning W and loss when caught X. Eqs. 7.4.5, 7.4.7 and 7.4.8."""
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
        system.contentment = value

    def satisfaction(self, system, share):
        """U(x), from having the share x of all resources put to the system's goals. Eq. 7.4.6."""
        return math.expm1(-share / system.scope) / math.expm1(-1 / system.scope)

    def advantage(self, system, success):
        """Adv(p), of trying to take over at this probability of success. Eq. 7.4.9."""
        return success * system.gain - (1 - success) * system.loss - system.constraint

    def pays(self, what, system, success, slack):
        """Whether a takeover is favourable, that is, above break-even (Eq. 7.4.10); `slack` is how
        far off `success` may be."""
        stakes = system.gain + system.loss + system.constraint
        off = 1e-14 + 1e-12 * stakes * success + slack * stakes
        return self.exceeds(what, self.advantage(system, success), 0.0, off)

    def blur(self, system, capability):
        """How far rounding of capability and difficulty may move the success of a system."""
        off = 1e-13 * (1 + abs(capability) + abs(self.difficulty) + abs(self.leader))
        above, below = (self.success(system, capability + step) for step in (off, -off))
        return above - below

    def success(self, system, capability):
        """Unopposed success q at some capability, with the system's allies. Eq. 7.4.3."""
        edge = capability + system.teamwork - self.difficulty
        return self.contact * sigmoid(self["takeover.success_slope"] * edge)

    def count_allies(self):
        """Aware systems of each lab for which takeover is favourable alone. Eq. 7.4.11."""
        willing = []
        for system in self.systems:
            system.teamwork = 0.0
            alone = self.success(system, system.capability)
            blur = self.blur(system, system.capability)
            willing.append(system.aware and self.pays("willing", system, alone, blur))
        for lab in self.labs:
            lab.allies = 0
        for system, joins in zip(self.systems, willing, strict=True):
            system.lab.allies += joins
        for system, joins in zip(self.systems, willing, strict=True):
            others = system.lab.allies - joins
            system.teamwork = self["takeover.collusion"] * math.log2(1 + others)

    def cross_thresholds(self):
        """Note the month in which each condition first holds. Eq. 7.6.1."""
        aware = [system for system in self.systems if system.aware]
        self.favourable_systems = 0
        capable = despite = False
        for system in self.systems:
            helped = system.capability + system.teamwork
            capable |= self.exceeds("capable", helped, self.difficulty, 1e-10)
        for system in aware:
            blur = self.blur(system, system.capability)
            opposed = system.success * system.missed
            self.favourable_systems += self.pays("favourable", system, system.success, blur)
            despite |= self.pays("despite", system, opposed, blur)
        conditions = {
            "capable": capable,
            "aware": 2 * len(aware) >= len(self.systems),
            "favourable": self.favourable_systems > 0,
            "favourable_despite_safeguards": despite,
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
        """Each system complies, has a story incident, stages a feint, or strikes. Eq. 7.6.7."""
        for system in self.systems:
            mood = self.uniform(CONDUCT, system.index, 0)
            system.act = "comply"
            if not system.aware:
                if self.happens("story", mood, chance(self.story_rate(system))):
                    system.act = "story"
            elif self.is_time_to_strike(system):
                system.act = "strike"
            elif in_use(self, system.lab):
                if self.happens("feint", mood, chance(self["conduct.feint_rate"])):
                    system.act = "feint"

    def story_rate(self, system):
        """Monthly rate of misbehaviour as in a story, not for gain. Eq. 7.6.8."""
        beyond = max(0.0, system.capability - self["capability.initial"])
        fading = 2 ** (-beyond / self["conduct.reliability_scale"])
        acts_up = system.misaligned or (system.trait and self.awake)
        factor = self["training.emergent_story_factor"] if acts_up else 1.0
        return self["conduct.story_rate"] * fading * (1 - self.suppression) * factor

    def is_time_to_strike(self, system):
        """Whether striking now beats waiting a month: the one-step look-ahead rule.
        Eqs. 7.6.5, 7.6.6 and 7.6.7."""
        expected_frontier = (
            system.lab.frontier + system.lab.growth / self["capability.doubling_time"]
        )
        step = self["capability.update_rate"] * (expected_frontier - system.capability)
        now, off_now = self.prospect(system, system.capability)
        later, off_later = self.prospect(system, system.capability + step)
        survival = math.exp(-1 / self["capability.lifetime"])
        waiting = self["cognition.patience"] * survival * later
        better_later = self.exceeds("waiting", waiting, now, off_now + off_later)
        return self.exceeds("striking", now, 0.0, off_now) and not better_later

    def prospect(self, system, capability):
        """Advantage of striking at some capability as a system sees it, and how far rounding
        may move it."""
        success, blur = self.success(system, capability), self.blur(system, capability)
        seen = self.perceived(system, success)
        # what is left of 1 − p where p is close to 1 is rounding, and an error raises it
        ends = [self.perceived(system, clip(success + end, 0.0, 1.0)) for end in (-blur, blur)]
        ends += [self.perceived(system, success * (1 - 4e-16)), seen]
        stakes = system.gain + system.loss + system.constraint
        off = 1e-14 + 1e-12 * stakes * seen + stakes * (max(ends) - min(ends))
        return self.advantage(system, seen), off

    def perceived(self, system, success):
        """The opposed probability of success as a miscalibrated system sees it.
        Eqs. 7.6.2 and 7.6.4."""
        beyond = max(0.0, system.capability - self["capability.initial"])
        fading = math.exp(-beyond / self["cognition.calibration_scale"])
        error = self["cognition.calibration_error"] * fading * system.calibration
        opposed = success * system.reckoned
        return sigmoid(logit(opposed) + error) if opposed > 0 else 0.0

    # -------------------------------------------------------------- step 6: resolution

    def resolve(self, again=False):
        """Critical or not, caught or not, in the order of the systems.

        `again`: attempts that were lost are drawn once more, as ones that were not.
        """
        self.caught_strikes = self.discovered_strikes = self.recognised = 0
        self.stories_this_month = 0
        self.strikes_this_month = self.critical_this_month = 0
        self.caught_attempts = []
        for system in self.systems:
            if system.act in ("strike", "story"):
                self.resolve_attempt(system, again)
        self.warning_shots += self.caught_strikes
        self.story_incidents += self.stories_this_month
        if self.crossings["first_critical_try"] == NEVER:
            self.warning_shots_before_first_try = self.warning_shots

    def stage_feints(self):
        """Feints look like caught coups; who staged one is spent."""
        self.feints_this_month = 0
        for system in self.systems:
            if system.act == "feint":
                self.feints_this_month += 1
                system.spent = True
        self.feints += self.feints_this_month

    def resolve_attempt(self, system, again):
        """One strike or story incident. Eq. 7.7.1."""
        is_story = system.act == "story"
        handicap = self["conduct.story_handicap"] if is_story else 0.0
        enough = self.success(system, system.capability - handicap)
        blur = self.blur(system, system.capability - handicap)
        critical = self.happens("critical", self.uniform(ATTEMPT, system.index, 0), enough, blur)
        caught_by = draw_catches(self, system)
        caught = any(caught_by)
        if again and critical and not caught:
            critical = caught = self.expectation.caught_if_not_lost(self, system, enough)
        if not again:
            self.expectation.attempt(enough, system.missed, is_story)
        self.caught_attempts.append(caught)
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
            self.strikes_this_month += 1
            self.note_strike(system, critical, caught)

    def carry_on(self):
        """The month's attempts once more, in a life whose draws lost it, as if they had not;
        from here on only what is expected of it counts."""
        self.warning_shots -= self.caught_strikes
        self.lost = False
        self.resolve(again=True)
        learn(self)

    def note_strike(self, system, critical, caught):
        """What overseers see of a strike; one that failed visibly is spent."""
        seen = caught
        if caught:
            self.caught_strikes += 1
        elif not critical:
            system.spent = True
            draw = self.uniform(ATTEMPT, system.index, 1)
            seen = self.happens("discovery", draw, self["oversight.beliefs.discovery"])
            self.discovered_strikes += seen
        if seen:
            draw = self.uniform(ATTEMPT, system.index, 2)
            attribution = self["oversight.beliefs.attribution"]
            self.recognised += self.happens("attribution", draw, attribution)

    def count_oversight(self):
        """What oversight cost this month."""
        self.alarms += self.alarm
        self.false_alarms += self.alarm and self.favourable_systems == 0
        self.audits_spent += self.audit_budget if self.catching else 0.0

    def record_critical_try(self, system, is_story, caught, caught_by):
        """Count a critical try, and keep what was believed and true at the first."""
        self.critical_tries += 1
        self.critical_this_month += 1
        self.critical_tries_held += caught
        self.tries_survived += caught and not self.lost
        if self.crossings["first_critical_try"] == NEVER:
            self.cross("first_critical_try")
            self.first_try_was_story = is_story
            self.held, self.caught_by = caught, caught_by
            self.believed_catch_rate = believed_catch_rate(self)
            self.true_catch_rate = 1 - system.missed
