"""Plausible ranges of what overseers use: the tables below [oversight].

A `*` stands for the table of any safeguard.
"""

from regimesim.scenario.declaration import LINE, Plausible
from regimesim.scenario.development_parameters import METR

CONTROL = "AI Control (arXiv 2312.06942)"
SHADE_ARENA = "SHADE-Arena (arXiv 2506.15740)"
MONITORING = "monitoring of chains of thought (arXiv 2503.11926)"
EVASION = "evasion of monitors (arXiv 2507.05246)"
PROBES = "probes for strategic deception (arXiv 2502.03407)"
COMMON_CAUSE = "β-factor model of reliability engineering"
SCALING_LAWS = "scaling laws for scalable oversight (arXiv 2504.18530)"


def _line(side: str) -> dict[str, Plausible]:
    """The plausible ranges of a line of Elo ratings."""
    why = "Lines of games differed widely; the best programs of chess are rated below 4000."
    ranges = ((0, 800), (0, 200), (0, 2000), (1000, 4000))
    return {
        f"oversight.*.{side}.{part}": Plausible(low, high, why, SCALING_LAWS)
        for part, (low, high) in zip(LINE, ranges, strict=True)
    }


SHARED = {
    "oversight.audit_budget": Plausible(
        0.01, 0.1, "People can read a few of a hundred trajectories, with help some more."
    ),
    "oversight.trajectories": Plausible(
        1, 30, "A takeover may take one long run of an agent, or a month of runs."
    ),
    "oversight.recognition": Plausible(
        0.5, 1, "Reviewers miss some attempts in full view, and do so more under a high load."
    ),
    "oversight.recognition_limit": Plausible(
        6, 16, "From what one expert can follow to what a large team can."
    ),
    "oversight.recognition_scale": Plausible(
        1, 12, "From people who are lost at once to aids that keep pace for many doublings."
    ),
    "oversight.common_cause": Plausible(
        0,
        0.6,
        "Redundant machines share a hundredth to a fifth; monitors of one lab may share more.",
        COMMON_CAUSE,
    ),
    "oversight.tax": Plausible(
        -0.05, 0.3, "From oversight that finds mistakes early to a policy that costs a third."
    ),
    "oversight.drop_rate": Plausible(
        0, 1, "From labs that keep what they began to labs that drop taxes when behind."
    ),
    "oversight.*.tax": Plausible(
        -0.05,
        0.15,
        "Monitors cost computation and delays, and find mistakes that growth suffers from.",
    ),
    "oversight.*.share": Plausible(
        0.1, 1, "Any division of the audit budget in which nobody goes without."
    ),
    "oversight.*.slope": Plausible(
        0.3, 1.5, "ROC curves are seldom symmetric; tails at small budgets are hardly measured."
    ),
    **_line("guard"),
    **_line("evader"),
}
MONITORS = {
    "oversight.control.auroc": Plausible(
        0.75,
        0.95,
        "The best monitor in tests reached 0.87, and most others did worse.",
        SHADE_ARENA,
    ),
    "oversight.control.monitor_slope": Plausible(
        0, 0.5, "A stronger monitor sees more; by how much for a doubling is hardly measured."
    ),
    "oversight.control.monitor_lag": Plausible(
        1, 8, "GPT-3.5 watched GPT-4 in the first experiments, a generation behind.", CONTROL
    ),
    "oversight.control.trusted_cap": Plausible(
        6, 20, "From tasks of one or two weeks to a year's work of five hundred people."
    ),
    "oversight.control.monitor_collusion": Plausible(
        0, 1, "Copies of a schemer may report it, or never; signals can be made hard to agree on."
    ),
    "oversight.cot_monitor.strength": Plausible(
        1,
        3.5,
        "Reading thought found nearly all reward hacks, far more than reading actions.",
        MONITORING,
    ),
    "oversight.cot_monitor.evasion": Plausible(
        0, 0.3, "Models of 2025 needed much help to hide what they reason about.", EVASION
    ),
    "oversight.cot_monitor.evasion_onset": Plausible(
        4, 16, "Models of 2025 could hardly do it; nobody knows when they can.", EVASION
    ),
    "oversight.interpretability.strength": Plausible(
        0.3,
        2.5,
        "Probes reached areas of 0.96 and more in tests; in earnest they may be weak.",
        PROBES,
    ),
    "oversight.interpretability.evasion": Plausible(
        0, 0.3, "Training against a probe can hide what it reads; whether systems will is unknown."
    ),
    "oversight.interpretability.evasion_onset": Plausible(
        4, 16, "As wide as for the chain of thought, since nothing is measured."
    ),
    "oversight.honeypots.traps": Plausible(
        0.05, 0.7, "From a trap now and then to more traps than real opportunities."
    ),
    "oversight.honeypots.seen_through_limit": Plausible(
        4, 16, "Models of 2025 sometimes said that they were being tested; most traps still work."
    ),
    "oversight.honeypots.seen_through_scale": Plausible(
        1, 12, "From traps that fail at once to traps that improve along with systems."
    ),
}
RESPONSES = {
    "oversight.evaluations.eval_margin": Plausible(
        0, 8, "From a line at the danger itself to one that leaves years."
    ),
    "oversight.evaluations.eval_noise": Plausible(
        0.3,
        1.5,
        "Intervals of 95 % of measured horizons span factors from two to over ten.",
        METR,
    ),
    "oversight.evaluations.redline_error": Plausible(
        0, 3, "Nobody knows the difficulty of a takeover, and experts disagree by years."
    ),
    "oversight.evaluations.eval_response": Plausible(
        0.2, 1, "From a slight restriction to a complete stop."
    ),
    "oversight.correction.correction_strength": Plausible(
        0, 0.2, "From training without effect to most incidents gone within a year."
    ),
    "oversight.correction.desire_targeting": Plausible(
        0, 0.6, "Whether training reaches goals or only behaviour is not known."
    ),
    "oversight.correction.correction_goal_shift": Plausible(
        0, 0.2, "From nothing to two logits a year."
    ),
    "oversight.correction.probe_erosion": Plausible(
        0, 0.1, "From probes that training leaves alone to probes at a third within a year."
    ),
    "oversight.correction.flagged_by_cot": Plausible(
        0, 1, "A lab may train on what the monitor flags, or keep it apart."
    ),
    "oversight.red_team.red_team": Plausible(
        1, 50, "From an exercise a month to one or two a day."
    ),
    "oversight.red_team.elicitation_gap": Plausible(
        0, 2, "From red teams as good as schemers to ones that miss the best strategies."
    ),
    "oversight.red_team.memory": Plausible(
        0.7, 0.99, "From evidence that counts for months to evidence that counts for years."
    ),
    "oversight.beliefs.danger_prior": Plausible(
        -7, -1, "From one in a thousand to one in four: experts disagree this much."
    ),
    "oversight.beliefs.memory_danger": Plausible(
        0.8, 0.99, "From alarm that fades within months to alarm that lasts for years."
    ),
    "oversight.beliefs.strike_evidence": Plausible(
        0.5, 6, "From a reason to think again to proof."
    ),
    "oversight.beliefs.story_evidence": Plausible(
        0, 0.3, "From incidents that nobody counts to incidents that worry a little."
    ),
    "oversight.beliefs.alarm_evidence": Plausible(
        0, 1.5, "From an alarm that is ignored to one that turns heads."
    ),
    "oversight.beliefs.attribution": Plausible(
        0.3, 1, "Intent is hard to prove, and mistakes look alike."
    ),
    "oversight.beliefs.discovery": Plausible(
        0.1, 1, "From failures that stay hidden to failures that leave traces."
    ),
    "oversight.adaptive.adaptation": Plausible(
        0.05, 1, "From organisations that take years to change to ones that take a month."
    ),
    "oversight.adaptive.risk_tolerance": Plausible(
        1e-5, 0.05, "From one in a hundred thousand to one in twenty a month."
    ),
    "oversight.adaptive.audit_min": Plausible(
        0.001, 0.01, "Up to the least plausible audit budget."
    ),
    "oversight.adaptive.audit_max": Plausible(
        0.1, 0.5, "From the greatest plausible audit budget to half of everything."
    ),
    "oversight.pause.pause_threshold": Plausible(0.1, 0.9, "From caution to near certainty."),
    "oversight.pause.pause_strength": Plausible(0.2, 1, "From a slight delay to a complete stop."),
    "oversight.pause.pause_compliance": Plausible(
        0.2, 1, "From labs that mostly ignore a pause to a pause that is enforced."
    ),
}
OVERSIGHT = {**SHARED, **MONITORS, **RESPONSES}
