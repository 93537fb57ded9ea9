"""Causal sentences that need no run: true by the equations, or about method and use."""

NEEDS_NO_RUN = {
    "README.md": (
        "because nobody tries, or because those who try are caught",
        "A policy can succeed because few systems try",
        "so the shares are probabilities over assumptions",
        "so world 17 is the same world in both",
    ),
    "docs/views.md": (
        "feedback stays dense because sparse feedback does not pay",
        "so the views differ only in systems and overseers",
        "makes the tables on this page",
    ),
    "docs/odd.md": ("A mechanism is in the model because a pattern is lost without it",),
    "scenarios/evidence_gap.toml": ("so safeguards look (1 + elicitation_gap) times as strong",),
    "scenarios/feints.toml": ("Exercises are honest, so only feints mislead overseers here",),
    "scenarios/first_critical_try.toml": (
        "So every assumption that alone moves",
        "and the reason for it",
    ),
    "scenarios/measured_growth.toml": ("so the level at the start and the slope belong together",),
    "scenarios/phase_map.toml": ("so density is one number for a whole run",),
    "scenarios/sparse_feedback.toml": ("What kind of feedback makes systems want power?",),
    "notebooks/01_first_run.ipynb": ("We therefore look at the first world",),
    "notebooks/02_phase_map.ipynb": (
        "so the whole map takes seconds",
        "because only 60 worlds were run at each point",
        "because each axis can replace the other",
    ),
    "notebooks/03_comparing_policies.ipynb": (
        "so worlds differ by luck",
        "Differences between policies are therefore due to the policies",
        "because each share is unchanged",
        "because they then mostly hold or fail together",
    ),
    "notebooks/04_your_own_policy.ipynb": (
        "so that worlds differ by luck",
        "`evasion` 0 means that systems do not learn to hide what they reason",
        "Our policy gives up legible reasoning because of a belief",
        "A function that makes policies gives one for each degree of trust",
    ),
    "notebooks/05_cruxes.ipynb": (
        # Its own cell runs all combinations of the groups.
        "the views disagree mainly because of feedback",
    ),
    "notebooks/06_crossing_date.ipynb": (
        "because METR's tasks cannot measure horizons above 16 hours reliably",
        "The choice of the first year makes a larger difference",
        "so its level and its slope belong together",
        "That a certain horizon makes a takeover possible is an assumption",
    ),
}
