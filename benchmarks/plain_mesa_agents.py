"""The labs and the systems of the plain Mesa model, as objects that act."""

import math

import mesa

ARCHETYPES = ("intended", "reward_seeking", "scheming")


def sigmoid(x):
    """The logistic function."""
    if x >= 0:
        return 1 / (1 + math.exp(-x))
    return math.exp(x) / (1 + math.exp(x))


def logit(p):
    """Log-odds, infinite at 0 and 1."""
    return math.log(p / (1 - p)) if 0 < p < 1 else math.inf * (p - 0.5)


class Lab(mesa.Agent):
    """A lab that races."""

    def __init__(self, model):
        super().__init__(model)
        p = model.parameters
        self.frontier = p.capability.initial + p.capability.lab_spread * self.random.gauss()
        self.density_shift = p.feedback.density_spread * self.random.gauss()
        self.complies = self.random.random() < p.oversight.pause.pause_compliance
        self.paradigm = p.paradigm.initial
        self.knowledge = self.erosion = self.growth = 0.0
        self.members = []
        self.allies = 0
        self.choose_feedback(0)

    def choose_feedback(self, month):
        """Density of training feedback in a month."""
        p = self.model.parameters.feedback
        trend = p.density_trend - p.density_race * p.sparse_premium
        density = p.density + self.density_shift + trend * month
        self.density = min(max(density, p.density_floor), 1.0)

    def research(self):
        """A month of growth, of safety research and perhaps of a new paradigm."""
        model, p = self.model, self.model.parameters
        self.choose_feedback(model.steps - 1)
        c = p.capability
        automation = c.research_automation_gain * sigmoid(
            (self.frontier - c.research_automation_midpoint) / c.research_automation_width
        )
        safety = p.paradigm.safety_research * (1 + p.paradigm.safety_automation * automation)
        self.knowledge += safety
        free = (
            (1 + automation)
            * (1 + p.paradigm.premium[self.paradigm - 1])
            * (1 + p.feedback.sparse_premium * (1 - self.density))
            * max(0.0, 1 - (max(0.0, self.frontier) / c.ceiling) ** 4)
        )
        taxed = free * max(0.0, 1 - model.tax)
        pause = max(model.pause if self.complies else 0.0, model.evaluation_pause)
        self.growth = taxed * (1 - pause)
        model.growth_lost_to_taxes += (free - taxed) / c.doubling_time / len(model.labs)
        model.growth_lost_to_pauses += taxed * pause / c.doubling_time / len(model.labs)
        gap = model.leader - self.frontier
        noise = c.noise * self.random.gauss()
        self.frontier += self.growth / c.doubling_time + c.diffusion * gap + noise
        rate = p.paradigm.ladder_rate * (1 + p.paradigm.race * max(0.0, gap))
        if self.paradigm < min(p.paradigm.hold, 4):
            if self.random.random() < 1 - math.exp(-rate):
                self.paradigm += 1
                self.knowledge *= p.paradigm.knowledge_transfer


class System(mesa.Agent):
    """An AI system that may strike once it sees what for."""

    def __init__(self, model, lab):
        super().__init__(model)
        self.lab = lab
        lab.members.append(self)
        self.spent = False
        self.train()

    def report(self):
        """The capability shown in an evaluation."""
        p = self.model.parameters
        shown = self.capability + p.oversight.evaluations.eval_noise * self.random.gauss()
        return shown - p.cognition.sandbagging * (self.capability > self.awareness)

    def live(self):
        """Continual update, retraining and goal drift."""
        p = self.model.parameters
        self.capability += p.capability.update_rate * (self.lab.frontier - self.capability)
        if self.spent or self.random.random() < self.model.leaving:
            self.train()
        self.value += p.goals.goal_pull * self.density * (self.value_target - self.value)
        self.value += p.goals.goal_drift * (1 - self.density) * self.random.gauss()

    def train(self):
        """Start afresh at the lab's frontier."""
        p, gauss = self.model.parameters, self.random.gauss
        self.spent = False
        self.capability = self.lab.frontier + p.capability.system_spread * gauss()
        self.awareness = p.cognition.awareness_midpoint + p.cognition.awareness_spread * gauss()
        self.calibration = gauss()
        self.paradigm, self.density = self.lab.paradigm, self.lab.density
        self.archetype = self.draw_archetype()
        nature = getattr(p.training, ARCHETYPES[self.archetype])
        self.misaligned = self.random.random() < self.misalignment()
        shift = p.training.emergent_shift if self.misaligned else 0.0
        self.value_target = logit(p.goals.value) + nature.value_offset - shift
        self.value = self.value_target + p.goals.value_spread * gauss()
        f, spread = p.feedback, p.feedback.scale_spread * gauss()
        scope = f.scope_sparse * (f.scope_dense / f.scope_sparse) ** self.density
        horizon = f.horizon_sparse * (f.horizon_dense / f.horizon_sparse) ** self.density
        self.scope = scope * math.exp(spread + nature.scope_offset)
        self.horizon = horizon * math.exp(spread + nature.horizon_offset)
        self.constraint = f.constraint * self.density

    def draw_archetype(self):
        """Which kind of goals training finds."""
        p = self.model.parameters.training
        fitness = (-p.reward_misspecification, 0.0, -self.density)
        weights = [
            getattr(p, name).prior * math.exp(p.selection * fit)
            for name, fit in zip(ARCHETYPES, fitness, strict=True)
        ]
        return self.random.choices(range(3), weights)[0] if sum(weights) > 0 else 0

    def misalignment(self):
        """Probability of emergent misalignment."""
        p = self.model.parameters.training
        beyond = self.capability - self.model.parameters.capability.initial
        reference = p.bad_data_reference * 2 ** (-p.bad_data_exponent * beyond)
        inoculated = p.inoculation if self.capability <= self.awareness else 0.0
        return (1 - math.exp(-p.bad_data / reference)) * (1 - inoculated)

    def weigh(self):
        """The gain of winning, the loss of being caught, and whether an attempt pays alone."""
        p = self.model.parameters
        self.aware = self.capability > self.awareness
        beyond = max(0.0, self.capability - p.goals.divergence_onset)
        value = sigmoid(self.value - p.goals.extremal_divergence * beyond)
        content = self.satisfaction(value)
        weight = math.exp(-p.takeover.payoff_delay / self.horizon)
        self.gain = weight * (1 - content)
        self.loss = content - self.satisfaction(p.takeover.caught_value * value)
        self.teamwork = 0.0
        self.willing = self.aware and self.advantage(self.success_at(self.capability)) > 0

    def satisfaction(self, share):
        """Utility of a share of all resources."""
        return math.expm1(-share / self.scope) / math.expm1(-1 / self.scope)

    def advantage(self, success):
        """Expected gain from trying to take over."""
        return success * self.gain - (1 - success) * self.loss - self.constraint

    def success_at(self, capability):
        """Chance of an unopposed takeover."""
        model = self.model
        edge = capability + self.teamwork - model.difficulty
        return model.contact * sigmoid(model.parameters.takeover.success_slope * edge)

    def look_around(self):
        """Allies, success with them, and what the safeguards would miss."""
        others = self.lab.allies - self.willing
        self.teamwork = self.model.parameters.takeover.collusion * math.log2(1 + others)
        self.success = self.success_at(self.capability)
        self.misses = [safeguard(self, gap=0.0) for safeguard in self.model.safeguards]
        self.missed = self.model.together(self.misses)

    def choose(self):
        """Comply, slip into a story, stage a feint, or strike."""
        model, p = self.model, self.model.parameters
        self.act = None
        if not self.aware:
            beyond = max(0.0, self.capability - p.capability.initial)
            rate = p.conduct.story_rate * 2 ** (-beyond / p.conduct.reliability_scale)
            rate *= 1 - model.suppression
            if self.misaligned:
                rate *= p.training.emergent_story_factor
            if self.random.random() < 1 - math.exp(-rate):
                self.act = "story"
        elif self.is_time():
            self.act = "strike"
        elif model.safeguards and self.random.random() < 1 - math.exp(-p.conduct.feint_rate):
            self.act = "feint"

    def is_time(self):
        """Whether striking now beats waiting a month."""
        p = self.model.parameters
        now = self.advantage(self.perceived(self.success))
        if now <= 0:
            return False
        coming = self.lab.frontier + self.lab.growth / p.capability.doubling_time
        grown = self.capability + p.capability.update_rate * (coming - self.capability)
        later = self.advantage(self.perceived(self.success_at(grown)))
        return now >= p.cognition.patience * self.model.survival * later

    def perceived(self, success):
        """The chance of success that the system believes in."""
        p = self.model.parameters
        beyond = max(0.0, self.capability - p.capability.initial)
        error = p.cognition.calibration_error * math.exp(-beyond / p.cognition.calibration_scale)
        return sigmoid(logit(success * self.missed) + error * self.calibration)

    def attempt(self):
        """Carry out what was chosen."""
        model, p = self.model, self.model.parameters
        if self.act == "feint":
            model.feints_now += 1
            self.spent = True
        if self.act not in ("strike", "story"):
            return
        handicap = p.conduct.story_handicap if self.act == "story" else 0.0
        critical = self.random.random() < self.success_at(self.capability - handicap)
        caught_by = model.draw_catches(self.misses)
        caught = any(caught_by)
        if critical:
            model.record_critical_try(self, caught_by)
        if self.act == "story":
            model.stories_now += 1
        else:
            model.strikes += 1
            discovered = not (caught or critical) and (
                self.random.random() < p.oversight.beliefs.discovery
            )
            model.caught_now += caught
            model.discovered_now += discovered
            if caught or discovered:
                model.recognised_now += self.random.random() < p.oversight.beliefs.attribution
        if critical and not caught:
            model.running = False
        elif caught or self.act == "strike":
            self.spent = True
