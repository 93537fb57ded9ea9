"""A slow twin of the model in plain Python: one world, one object a lab and a system.

It shares no code with the package.  Every step of the month is one method, and an equation that
is cited is that of the description of the model.  Draws are the
package's: Philox4x32-7 with the counter (entity, month, world, purpose) and the seed as
key; the month in a counter is 0 at the founding and t + 1 in month t.  The files twin_*.py
beside it hold its entities, mathematics, governance, labs, training, catching, conduct,
learning and expectations.
"""

import math

from scipy.special import ndtri
from twin_catching import CATCHING, MONITORS, face, shares
from twin_conduct import NEVER, choose, resolve, stage_feints
from twin_entities import Lab, System
from twin_expectation import Expectation
from twin_governance import OUTSIDE, adopt, bind, govern
from twin_labs import feedback_density, move_labs
from twin_learning import believed_catch_rate, exercise_catch_rate, learn
from twin_mathematics import LAB, MONTH, chance, philox, sigmoid
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


class Twin:
    """One world: founded by the constructor, moved on a month by `step`.

    `parameters` maps every dotted key to its number (a list of four for the paradigms,
    a string for a choice, a list of dicts for events); `active` is the set of safeguards and
    responses in use.  Once the world is lost, or `months` have passed, `step` does nothing.
    `normal_of` turns the
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
        self.monitors = [name for name in MONITORS if name in self.active]
        self.month, self.lost = 0, False
        self.danger = self["oversight.beliefs.danger_prior"]
        self.caught_belief, self.missed_belief = 1.0, 1.0
        self.audit_budget = self["oversight.audit_budget"]
        self.suppression = 0.0
        self.awake = False
        self.crossings = dict.fromkeys(THRESHOLDS, NEVER)
        self.first_try_was_story = self.held = self.caught_by = None
        self.believed_catch_rate = self.true_catch_rate = self.foreseeable_catch_rate = None
        self.attempts_in_first_try = None
        self.critical_tries = self.critical_tries_held = self.tries_survived = 0
        self.warning_shots = self.warning_shots_before_first_try = 0
        self.strikes = self.story_incidents = self.feints = 0
        self.growth_lost_to_pauses = self.growth_lost_to_taxes = 0.0
        self.alarms = self.false_alarms = self.withdrawals = 0
        self.doublings_lost = self.doublings_free = self.months_paused = 0.0
        self.caught_strikes = self.discovered_strikes = self.stories_this_month = 0
        self.event_end = [0.0] * len(self["events"])
        self.corrected = 0.0  # use of corrective training, as far as flags feed it
        self.audits_spent = 0.0
        self.labs = [self.found_lab(index) for index in range(labs)]
        adopt(self)
        for lab in self.labs:
            lab.density_floor = self.of(lab, "feedback.density_floor")
            lab.density = feedback_density(self, lab)
        self.systems = [System(index, self.labs[index % labs]) for index in range(systems)]
        for system in self.systems:
            train(self, system, month_key=0)

    def __getitem__(self, key):
        """The parameter of this dotted key."""
        return self.parameters[key]

    def of(self, lab, key):
        """The parameter of this dotted key at a lab, which has the policy's own only if it adopts
        the policy. Eq. 7.1.6."""
        return self[key] if lab.adopts else self[OUTSIDE[key]]

    @property
    def growth_lost(self):
        """The share of its doublings that the policy cost this world so far. Eq. 8.10."""
        return self.doublings_lost / self.doublings_free if self.doublings_free > 0 else 0.0

    def step(self):
        """One month, in the order of the model."""
        if self.lost or self.month >= self.months:
            return
        self.close = []
        govern(self)  # 1
        if self.rule:
            self.rule(self)
        bind(self)
        move_labs(self)  # 2
        self.move_systems()  # 3
        self.assess()  # 4
        choose(self)  # 5
        self.expectation.begin(believed_catch_rate(self), self.warning_shots)
        stage_feints(self)
        resolve(self)  # 6
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
        frontier = min(self["capability.initial"] + spread, self["capability.ceiling"])
        paradigm = int(self["paradigm.initial"])
        return Lab(
            index,
            frontier=frontier,
            complies=self.uniform(LAB, index, 2, 0) < self["oversight.pause.pause_compliance"],
            paradigm=paradigm,
            founded=frontier,
            free_frontier=frontier,
            free_paradigm=paradigm,
        )

    # -------------------------------------------------------------- step 3: systems

    def feigned(self, system):
        """The capability that a system wants to show. Eq. 7.1.2."""
        hidden = self["cognition.sandbagging"] if self.sees_through(system) else 0.0
        return system.capability - hidden

    def sees_through(self, system):
        """Whether a system is aware, at the capability that it has now."""
        slack = 1e-12 * (1 + abs(system.awareness))
        return self.exceeds("awareness", system.capability, system.awareness, slack)

    def move_systems(self):
        """Continual update, retraining, goal drift. Eqs. 7.3.1, 7.3.2 and 7.3.13."""
        retraining = chance(1 / self["capability.lifetime"])
        for system in self.systems:
            due = False
            if not system.lab.frozen:
                gap = system.lab.frontier - system.capability
                system.capability += self["capability.update_rate"] * gap
                due = self.happens("retraining", self.uniform(MONTH, system.index, 0), retraining)
            if system.spent or due:
                train(self, system, self.month + 1)
            pull = self["goals.goal_pull"] * system.density * (system.value_target - system.value)
            shock = self.normal(MONTH, system.index, 1)
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
            face(self, system)
        self.exercise_rate = exercise_catch_rate(self)
        self.cross_thresholds()

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
        return system.lab.contact * sigmoid(self["takeover.success_slope"] * edge)

    def count_allies(self):
        """Aware systems of each lab for which takeover is favourable alone. Eq. 7.4.11."""
        for system in self.systems:
            system.teamwork = 0.0
            alone = self.success(system, system.capability)
            blur = self.blur(system, system.capability)
            system.willing = system.aware and self.pays("willing", system, alone, blur)
        for lab in self.labs:
            lab.allies = sum(system.willing for system in self.systems if system.lab is lab)
        for system in self.systems:
            others = system.lab.allies - system.willing
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

    def carry_on(self):
        """The month's attempts once more, in a life whose draws lost it, as if they had not;
        from here on only what is expected of it counts."""
        self.warning_shots -= self.caught_strikes
        self.lost = False
        resolve(self, again=True)
        learn(self)

    def count_oversight(self):
        """What oversight cost this month."""
        self.alarms += self.alarm
        self.false_alarms += self.alarm and self.favourable_systems == 0
        audited = [sum(shares(self, system.lab).values()) > 0 for system in self.systems]
        self.audits_spent += self.budget * sum(audited) / len(audited)
