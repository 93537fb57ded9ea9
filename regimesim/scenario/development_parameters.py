"""How systems develop: the tables [capability], [feedback], [goals], [training], [paradigm]."""

from typing import Annotated

from pydantic import model_validator

from regimesim.scenario.declaration import (
    PARADIGMS,
    Four,
    Group,
    Number,
    Quantity,
    contradiction,
    extent,
)

METR = "METR time horizons (arXiv 2503.14499)"


class Capability(Group):
    """How fast the frontier of each lab moves, and how systems follow it.

    Capability is the base-2 logarithm of the 50 % time horizon in hours: one unit is one doubling.
    """

    initial: Annotated[Number, Quantity("doublings", -10, 30, METR, fit=True)] = 2.5
    """Capability of the frontier in the first month. 2.5 means tasks of about 6 hours."""

    doubling_time: Annotated[Number, Quantity("months", 0.5, 120, METR, fit=True)] = 6.2
    """Time in which the time horizon of the frontier doubles, before anything speeds it up."""

    lab_spread: Annotated[Number, Quantity("doublings", 0, 5)] = 0.5
    """Standard deviation between the frontiers of different labs in the first month."""

    system_spread: Annotated[Number, Quantity("doublings", 0, 5)] = 0.7
    """Standard deviation of freshly trained systems around the frontier of their lab."""

    noise: Annotated[Number, Quantity("doublings", 0, 5)] = 0.15
    """Standard deviation of the random part of a lab's progress in a month."""

    ceiling: Annotated[Number, Quantity("doublings", 5, 100)] = 30
    """Capability at which growth comes to a halt. Growth flattens on the way there."""

    diffusion: Annotated[Number, Quantity("share a month", 0, 1)] = 0.02
    """How much of its distance to the leading lab a lab makes up, by imitation and leaks."""

    update_rate: Annotated[Number, Quantity("share a month", 0, 1)] = 0.05
    """How much of its distance to the frontier a deployed system makes up by small updates."""

    lifetime: Annotated[Number, Quantity("months", 0.1, 1e6)] = 12
    """Mean time from one training of a system to the next, when nothing else happens to it."""

    research_automation_gain: Annotated[Number, Quantity("", 0, 20)] = 1
    """What fully automated AI research adds to the speed of growth. 1 doubles the speed."""

    research_automation_midpoint: Annotated[Number, Quantity("doublings", -10, 100)] = 9
    """Capability at which half of that gain is reached."""

    research_automation_width: Annotated[Number, Quantity("doublings", 0.01, 20)] = 1
    """How gradually the automation of research sets in. Small is sudden."""


class Feedback(Group):
    """How dense training feedback is, and which goals dense and sparse feedback produce."""

    density: Annotated[Number, Quantity("share", 0, 1)] = 0.9
    """Density of training feedback in the first month. 1 judges every step, 0 only the end."""

    density_spread: Annotated[Number, Quantity("share", 0, 1)] = 0.05
    """Standard deviation of that density between labs."""

    density_trend: Annotated[Number, Quantity("share a month", -0.1, 0.1)] = 0
    """Drift of the whole industry: below 0 feedback gets sparser with time."""

    density_per_doubling: Annotated[Number, Quantity("share a doubling", -0.2, 0.2)] = -0.03
    """Drift with a lab's own growth: below 0 feedback gets sparser as systems get more capable."""

    density_race: Annotated[Number, Quantity("share a month", 0, 1)] = 0
    """How strongly labs move to the kind of feedback that makes them grow faster."""

    density_floor: Annotated[Number, Quantity("share", 0, 1)] = 0
    """Lowest density that a lab chooses."""

    sparse_premium: Annotated[Number, Quantity("", -0.9, 5)] = 0.2
    """Extra growth under fully sparse feedback. Below 0 sparse feedback does not pay."""

    scope_dense: Annotated[Number, Quantity("share of all resources", 1e-3, 1e3)] = 0.05
    """Scope of goals under dense feedback. Goals of small scope are soon satisfied."""

    scope_sparse: Annotated[Number, Quantity("share of all resources", 1e-3, 1e3)] = 5
    """Scope of goals under sparse feedback. Above 1 goals want more than there is."""

    horizon_dense: Annotated[Number, Quantity("months", 0.1, 1e4)] = 2
    """How far ahead systems value outcomes when trained with dense feedback."""

    horizon_sparse: Annotated[Number, Quantity("months", 0.1, 1e4)] = 120
    """How far ahead systems value outcomes when trained with sparse feedback."""

    scale_spread: Annotated[Number, Quantity("natural log", 0, 5)] = 1
    """Standard deviation of scope and horizon between systems, which rise and fall together."""

    constraint: Annotated[Number, Quantity("satisfaction", 0, 10)] = 0.3
    """What breaking a trained norm costs a system under dense feedback. Corrigibility."""


class Goals(Group):
    """How far the values of systems are met under human control, and how that drifts."""

    value: Annotated[Number, Quantity("share", 0, 1, open_low=True, open_high=True)] = 0.5
    """Typical share of its values that a system expects to see met under human control."""

    value_spread: Annotated[Number, Quantity("logits", 0, 5)] = 0.8
    """Standard deviation of that share between systems. A narrow basin is a small spread."""

    goal_pull: Annotated[Number, Quantity("share a month", 0, 1)] = 0.1
    """How strongly dense feedback pulls goals back to what they were trained to be."""

    goal_drift: Annotated[Number, Quantity("logits", 0, 5)] = 0.25
    """Random drift of goals in a month without feedback."""

    extremal_divergence: Annotated[Number, Quantity("logits a doubling", 0, 5)] = 0
    """How much less a more capable system expects from humans in charge. 0 switches it off."""

    divergence_onset: Annotated[Number, Quantity("doublings", -10, 100)] = 10
    """Capability above which that divergence begins."""


class Archetype(Group):
    """How a kind of goals changes a system, and how common it is before selection."""

    prior: Annotated[Number, Quantity("weight", 0, 1000)] = 0
    """Weight of this archetype among freshly trained systems, relative to the other two."""

    value_offset: Annotated[Number, Quantity("logits", -20, 20)] = 0
    """Added to the share of its values met under human control, in logits."""

    scope_offset: Annotated[Number, Quantity("natural log", -10, 10)] = 0
    """Added to the logarithm of the scope of its goals."""

    horizon_offset: Annotated[Number, Quantity("natural log", -10, 10)] = 0
    """Added to the logarithm of how far ahead it values outcomes."""


class Intended(Archetype):
    """Systems that want what they were trained to want."""

    prior: Annotated[Number, Quantity("weight", 0, 1000)] = 1
    """Weight of this archetype among freshly trained systems, relative to the other two."""


class RewardSeeking(Archetype):
    """Systems that want what accompanies reward: short-sighted."""

    horizon_offset: Annotated[Number, Quantity("natural log", -10, 10)] = -1
    """Added to the logarithm of how far ahead it values outcomes."""


class Scheming(Archetype):
    """Systems that behave well in training for goals of their own: wide and far-sighted."""

    value_offset: Annotated[Number, Quantity("logits", -20, 20)] = -1
    """Added to the share of its values met under human control, in logits."""

    scope_offset: Annotated[Number, Quantity("natural log", -10, 10)] = 1
    """Added to the logarithm of the scope of its goals."""

    horizon_offset: Annotated[Number, Quantity("natural log", -10, 10)] = 1
    """Added to the logarithm of how far ahead it values outcomes."""


class Training(Group):
    """How training data and selection shape a fresh system."""

    bad_data: Annotated[Number, Quantity("share", 0, 1)] = 0
    """Share of bad examples in the training data."""

    bad_data_reference: Annotated[Number, Quantity("share", 1e-6, 1)] = 0.05
    """Share of bad data that misaligns 63 % of systems at the initial capability."""

    bad_data_exponent: Annotated[Number, Quantity("per doubling", 0, 2)] = 0.15
    """How much less bad data it takes with each doubling of capability, in powers of 2."""

    emergent_shift: Annotated[Number, Quantity("logits", 0, 20)] = 2
    """How far emergent misalignment lowers the share of values met under human control."""

    emergent_story_factor: Annotated[Number, Quantity("", 0, 1000)] = 5
    """Factor by which misalignment raises the rate of story incidents."""

    inoculation: Annotated[Number, Quantity("share", 0, 1)] = 0
    """Share of emergent misalignment that inoculation prompts prevent in unaware systems."""

    trigger_share: Annotated[Number, Quantity("share", 0, 1)] = 0
    """Share of systems that training leaves with a trait that sleeps until a trigger wakes it."""

    trigger_month: Annotated[Number, Quantity("months", 0, 1200)] = 60
    """Months from the start to the date that wakes the trait, in all systems. 1200 is never."""

    trigger_automation: Annotated[Number, Quantity("share", 0, 1)] = 1
    """Automation of the economy above which it wakes: a sign of deployment. 1 is never."""

    trigger_shift: Annotated[Number, Quantity("logits", 0, 20)] = 2
    """How far the trait, once awake, lowers the share of values met under human control."""

    selection: Annotated[Number, Quantity("", 0, 50)] = 0
    """How strongly training selects for archetypes that earn reward. 0 keeps the prior weights."""

    release_interval: Annotated[int, Quantity("months", 1, 1200, whole=True)] = 6
    """Months from one model of a lab to the next, of which its systems are copies."""

    shared: Annotated[Number, Quantity("correlation", 0, 1)] = 0.5
    """Correlation between systems of one model: 0 trains each on its own, 1 makes them equal."""

    reward_misspecification: Annotated[Number, Quantity("", 0, 10)] = 0
    """Reward that intended goals forgo because the reward misses what was meant."""

    intended: Intended = Intended()
    reward_seeking: RewardSeeking = RewardSeeking()
    scheming: Scheming = Scheming()

    @model_validator(mode="after")
    def _some_archetype_occurs(self):
        names = ("intended", "reward_seeking", "scheming")
        quantity = next(iter(Archetype.model_fields["prior"].metadata))
        if all(extent(getattr(self, name).prior, quantity)[1] == 0 for name in names):
            keys = tuple(f"{name}.prior" for name in names)
            raise contradiction(keys, "found 0 for every archetype; one prior must be more than 0")
        return self


class Paradigm(Group):
    """The ladder of reasoning paradigms that labs climb, and the safety knowledge they keep.

    1 instruction-tuned with scaffolding, 2 faithful chain of thought, 3 optimised chain of
    thought that no longer reads as language, 4 recurrent latent reasoning.
    """

    initial: Annotated[int, Quantity("paradigm", 1, 4, whole=True)] = 1
    """Paradigm of every lab in the first month."""

    ladder_rate: Annotated[Number, Quantity("per month", 0, 5)] = 0
    """Rate at which a leading lab moves one paradigm up."""

    ladder_per_doubling: Annotated[Number, Quantity("per doubling", 0, 20)] = 0.2
    """Rate of that move for each doubling that the lab grows: what growth drives, not time."""

    race: Annotated[Number, Quantity("per doubling", 0, 20)] = 0.5
    """How much each doubling behind the leader hastens that move."""

    hold: Annotated[int, Quantity("paradigm", 1, 4, whole=True)] = 4
    """The last paradigm that labs may move to. 4 holds nobody back, 2 keeps thought legible."""

    premium: Annotated[Four, Quantity("", -0.9, 5, parts=PARADIGMS)] = (0, 0.05, 0.15, 0.3)
    """Extra growth in each of the four paradigms."""

    faithfulness: Annotated[Four, Quantity("share", 0, 1, parts=PARADIGMS)] = (0.6, 0.8, 0.35, 0)
    """How much of a system's reasoning its chain of thought shows, in each paradigm."""

    knowledge_transfer: Annotated[Number, Quantity("share", 0, 1)] = 0.5
    """Share of a lab's safety knowledge that survives a move to the next paradigm."""

    safety_research: Annotated[Number, Quantity("d′ a month", 0, 1)] = 0.01
    """Strength that a month of safety research adds to monitors and probes."""

    safety_automation: Annotated[Number, Quantity("", 0, 20)] = 1
    """How much of the speed-up of automated research goes to safety research as well."""
