"""Studies: the questions that a user can put to a scenario, each in a folder of its own.

No study imports another, except `run`, whose option `--rare` is the study `rare`, and `plot`,
which collects the figures of all.

The folder of a study holds

- `cli.py`: its command, with its options;
- `question.py`: `ask`, which checks all arguments and returns a frozen Question;
- `compute.py`: `compute`, from a Question to a typed Result; the public function for Python;
  and `keep`, which fills the folder of results, where that holds more than NAME.json;
- `text.py`: the Result in words;
- `figure.py`: `FIGURES`, drawn from the saved results, and `PAGES`, written after them.

`study.py` runs any of them.
"""

# In the order of `regimesim --help`.
STUDIES = (
    "run",
    "sweep",
    "contributions",
    "require",
    "optimise",
    "explain",
    "update",
    "sensitivity",
    "cruxes",
    "discover",
    "worth",
    "robust",
    "attack",
    "claims",
    "validate",
    "calibrate",
    "trace",
    "compare",
    "monitor",
    "export",
    "plot",
    "check",
)
