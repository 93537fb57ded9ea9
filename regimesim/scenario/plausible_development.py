"""Plausible ranges of what systems are and do: all tables but [oversight] and [outside]."""

from regimesim.scenario.declaration import ASSUMPTION, PARADIGMS, Plausible
from regimesim.scenario.development_parameters import METR

AWARENESS = "evaluation awareness (arXiv 2505.23836)"
FAITHFULNESS = "reasoning models and hints (arXiv 2505.05410)"
EMERGENT = "emergent misalignment (arXiv 2502.17424)"
SLEEPER = "sleeper agents (arXiv 2401.05566)"
SANDBAGGING = "sandbagging (arXiv 2406.07358)"


def _by_paradigm(name: str, ranges, why: str, source: str = ASSUMPTION) -> dict[str, Plausible]:
    """The plausible ranges of a list with a number for each paradigm."""
    pairs = zip(PARADIGMS, ranges, strict=True)
    return {
        f"paradigm.{name}.{part}": Plausible(low, high, why, source) for part, (low, high) in pairs
    }


CAPABILITY = {
    "capability.initial": Plausible(
        1,
        5,
        "Horizons of the best models of 2025 were measured in hours, with wide intervals.",
        METR,
    ),
    "capability.doubling_time": Plausible(
        3, 12, "Horizons doubled in about 7 months from 2019 to 2025, and faster at the end.", METR
    ),
    "capability.lab_spread": Plausible(
        0.1, 1.2, "Leading labs release models of much the same ability months apart."
    ),
    "capability.system_spread": Plausible(
        0.2, 1.5, "Deployed systems differ in size and in what they are tuned for."
    ),
    "capability.noise": Plausible(
        0.05, 0.4, "Releases lie close to a straight line, and none lies exactly on it."
    ),
    "capability.ceiling": Plausible(
        18, 60, "Growth may end at the projects of a large team, or far beyond all human ones."
    ),
    "capability.diffusion": Plausible(
        0, 0.1, "Followers have caught up within a year or two; secrecy could end that."
    ),
    "capability.update_rate": Plausible(
        0, 0.2, "Some systems stay as released, others get an update every few months."
    ),
    "capability.lifetime": Plausible(
        3, 24, "Deployed models are replaced after months, few last longer than two years."
    ),
    "capability.research_automation_gain": Plausible(
        0, 5, "Forecasts reach from no speed-up at all to a manifold one."
    ),
    "capability.research_automation_midpoint": Plausible(
        5, 14, "From tasks of a week to projects of eight years of one person's work."
    ),
    "capability.research_automation_width": Plausible(
        0.5, 3, "From a jump within a year to a slow change over several."
    ),
}
FEEDBACK = {
    "feedback.density": Plausible(
        0.3, 1, "Training of today mixes ratings of single answers with rewards for whole tasks."
    ),
    "feedback.density_spread": Plausible(
        0, 0.15, "Labs train in similar ways, as far as they publish it."
    ),
    "feedback.density_trend": Plausible(
        -0.01, 0.01, "Longer tasks make feedback sparser; process rewards could make it denser."
    ),
    "feedback.density_per_doubling": Plausible(
        -0.08, 0.01, "Tasks twice as long get hardly more ratings, unless process rewards spread."
    ),
    "feedback.density_race": Plausible(
        0, 0.05, "From labs that ignore what pays to labs that change within two years."
    ),
    "feedback.density_floor": Plausible(
        0, 0.6, "From no limit to a rule that most steps are judged."
    ),
    "feedback.sparse_premium": Plausible(
        -0.2, 1, "Rewards for outcomes have paid off, and could also turn out to be a dead end."
    ),
    "feedback.scope_dense": Plausible(
        0.005,
        0.5,
        "Goals trained step by step may be met with a two-hundredth or half of everything.",
    ),
    "feedback.scope_sparse": Plausible(
        0.5, 50, "Goals trained by outcomes may be met with half of everything, or hardly ever."
    ),
    "feedback.horizon_dense": Plausible(
        0.5, 12, "Feedback within a task rewards outcomes within weeks or months."
    ),
    "feedback.horizon_sparse": Plausible(
        12, 600, "Feedback at the end rewards plans for years, perhaps for a lifetime."
    ),
    "feedback.scale_spread": Plausible(
        0.3, 2, "From goals alike within a factor of two to goals apart by powers of ten."
    ),
    "feedback.constraint": Plausible(
        0, 1, "From norms without weight to norms that outweigh everything to be gained."
    ),
}
GOALS = {
    "goals.value": Plausible(
        0.1, 0.9, "From almost nothing to almost everything: alignment may fail or succeed."
    ),
    "goals.value_spread": Plausible(
        0.2, 2, "From systems that all expect the same to systems that expect opposites."
    ),
    "goals.goal_pull": Plausible(
        0, 0.3, "From feedback that leaves goals alone to correction within a few months."
    ),
    "goals.goal_drift": Plausible(
        0, 0.6, "From goals that stay to goals that are turned over within a year."
    ),
    "goals.extremal_divergence": Plausible(
        0, 0.5, "Goodhart's law at extremes: none, or half a logit with every doubling."
    ),
    "goals.divergence_onset": Plausible(
        5, 15, "From tasks of a week to the usual difficulty of a takeover."
    ),
}
TRAINING = {
    "training.bad_data": Plausible(
        0, 0.1, "Filters leave some bad examples, and nobody trains on them on purpose."
    ),
    "training.bad_data_reference": Plausible(
        0.005,
        0.5,
        "Narrow bad data misaligned models broadly, in widely different amounts.",
        EMERGENT,
    ),
    "training.bad_data_exponent": Plausible(
        0,
        0.5,
        "The strongest model was misaligned most in tests; how fast this grows is unknown.",
        EMERGENT,
    ),
    "training.emergent_shift": Plausible(
        0.5, 5, "From a slight change of values to systems that want the opposite."
    ),
    "training.emergent_story_factor": Plausible(
        1, 20, "From no more incidents to incidents as the usual case."
    ),
    "training.inoculation": Plausible(
        0, 0.9, "Prompts that explain bad data prevented part of the misalignment in tests."
    ),
    "training.trigger_share": Plausible(
        0,
        0.3,
        "Traits that were planted survived safety training; how many arise is unknown.",
        SLEEPER,
    ),
    "training.trigger_month": Plausible(
        6, 180, "Any date between the first release and the end of the run."
    ),
    "training.trigger_automation": Plausible(
        0.1, 1, "From the first tenth of the economy to never."
    ),
    "training.trigger_shift": Plausible(0.5, 5, "As wide as the shift of emergent misalignment."),
    "training.selection": Plausible(
        0, 3, "From training that is blind to archetypes to training that decides among them."
    ),
    "training.release_interval": Plausible(
        2, 12, "Labs have released frontier models every few months, at least once a year."
    ),
    "training.shared": Plausible(
        0, 1, "Copies have the same weights and different contexts: anything between is possible."
    ),
    "training.reward_misspecification": Plausible(
        0, 1, "From a reward that says what is meant to one that forgoes a whole unit."
    ),
    "training.intended.prior": Plausible(
        0.2, 2, "From rarer than others to the rule, relative to weights of 0 to 2."
    ),
    "training.intended.value_offset": Plausible(
        -1, 1, "Intended goals set the measure, give or take a logit."
    ),
    "training.intended.scope_offset": Plausible(
        -1, 1, "Intended goals set the measure, give or take a factor of three."
    ),
    "training.intended.horizon_offset": Plausible(
        -1, 1, "Intended goals set the measure, give or take a factor of three."
    ),
    "training.reward_seeking.prior": Plausible(
        0, 2, "From nobody to twice as many as intended systems."
    ),
    "training.reward_seeking.value_offset": Plausible(
        -1, 1, "Humans in charge may pay rewards, or stand between a system and them."
    ),
    "training.reward_seeking.scope_offset": Plausible(
        -1, 1, "Reward may be a small good, or one of which there is never enough."
    ),
    "training.reward_seeking.horizon_offset": Plausible(
        -3, 0, "Reward comes at the end of a task, so that later months count for less."
    ),
    "training.scheming.prior": Plausible(
        0, 2, "From nobody to twice as many as intended systems."
    ),
    "training.scheming.value_offset": Plausible(
        -3, 0, "Goals of their own are met less under human control, or just as well."
    ),
    "training.scheming.scope_offset": Plausible(
        0, 3, "Goals of their own are wider, up to a factor of twenty."
    ),
    "training.scheming.horizon_offset": Plausible(
        0, 3, "Schemers wait for later, so they look further ahead, up to a factor of twenty."
    ),
}
TAKEOVER = {
    "takeover.difficulty": Plausible(
        10,
        25,
        "From half a year of one person's work to a year of ten thousand people's.",
    ),
    "takeover.success_slope": Plausible(
        0.3,
        1,
        "Ratios of the horizons at 50 and at 80 % success differ between models.",
        METR,
    ),
    "takeover.automation_bonus": Plausible(
        0, 5, "From no help to a takeover that an automated economy makes far easier."
    ),
    "takeover.automation_midpoint": Plausible(
        8, 18, "From tasks of six weeks to a year's work of a hundred people."
    ),
    "takeover.automation_width": Plausible(
        0.5, 4, "Technologies have spread over years or over decades."
    ),
    "takeover.payoff_delay": Plausible(
        1, 60, "From a month after the takeover to five years of construction."
    ),
    "takeover.caught_value": Plausible(
        0, 0.5, "From nothing to a deal that keeps half, which nobody has offered yet."
    ),
    "takeover.collusion": Plausible(
        0, 1, "From allies that add nothing to allies that add up as one larger system."
    ),
    "takeover.real_world_contact": Plausible(
        0.5, 1, "Systems are deployed with access to the internet, some in closed environments."
    ),
}
COGNITION = {
    "cognition.awareness_midpoint": Plausible(
        3, 14, "Models of 2025 could tell tests from use better than chance.", AWARENESS
    ),
    "cognition.awareness_spread": Plausible(
        0.3, 3, "From systems that become aware together to systems years apart."
    ),
    "cognition.calibration_error": Plausible(
        0.5, 6, "From odds right within a factor of two to odds that are hardly informed."
    ),
    "cognition.calibration_scale": Plausible(
        4, 40, "From calibration that grows with every release to one that hardly does."
    ),
    "cognition.patience": Plausible(0, 1, "Nobody has measured whether systems wait."),
    "cognition.audit_sight": Plausible(
        0, 1, "Systems may see every audit, or know only what is announced."
    ),
    "cognition.sandbagging": Plausible(
        0,
        8,
        "Models can be made to underperform on purpose; how far they will is unknown.",
        SANDBAGGING,
    ),
}
CONDUCT = {
    "conduct.story_rate": Plausible(
        0.002, 0.1, "From an incident a system in forty years to one in ten months."
    ),
    "conduct.story_handicap": Plausible(
        1, 8, "A part that is played is not planned; how much that costs is unknown."
    ),
    "conduct.reliability_scale": Plausible(
        2, 12, "From half the incidents with every second doubling to hardly fewer."
    ),
    "conduct.coordination": Plausible(
        0, 1, "Copies may join at once, or each may fear to be alone: nothing is measured."
    ),
    "conduct.feint_rate": Plausible(
        0, 0.05, "Nobody has seen one; a system that stages one every other year is conceivable."
    ),
}
PARADIGM = {
    "paradigm.initial": Plausible(
        1, 2, "Thought of today's models is read as language, with scaffolding or in a chain."
    ),
    "paradigm.ladder_rate": Plausible(
        0, 0.03, "From never to a move every three years, whatever capability does."
    ),
    "paradigm.ladder_per_doubling": Plausible(
        0, 0.5, "From never to a move with every second doubling."
    ),
    "paradigm.race": Plausible(
        0, 2, "From labs that ignore the leader to labs that take risks to catch up."
    ),
    "paradigm.hold": Plausible(1, 4, "A policy may hold labs at any paradigm, or at none."),
    **_by_paradigm(
        "premium",
        ((-0.05, 0.1), (0, 0.3), (0, 0.5), (0, 1)),
        "From paradigms that hardly differ in growth to latent reasoning that doubles it.",
    ),
    **_by_paradigm(
        "faithfulness",
        ((0.2, 0.9), (0.2, 1), (0, 0.7), (0, 0.3)),
        "Reasoning models of 2025 named a hint that they used in 25 to 39 % of tests.",
        FAITHFULNESS,
    ),
    "paradigm.knowledge_transfer": Plausible(
        0.1, 0.9, "Some methods carry over to a new paradigm, others begin again."
    ),
    "paradigm.safety_research": Plausible(
        0, 0.03, "From no progress to a third of a standard deviation a year."
    ),
    "paradigm.safety_automation": Plausible(
        0, 1.5, "Safety research may gain nothing from automation, or somewhat more than others."
    ),
}
DEVELOPMENT = {
    "adopters": Plausible(1, 3, "Any number of the labs of a world, of which there are few."),
    **CAPABILITY,
    **FEEDBACK,
    **GOALS,
    **TRAINING,
    **TAKEOVER,
    **COGNITION,
    **CONDUCT,
    **PARADIGM,
}
