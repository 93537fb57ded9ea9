"""Studies: what can be asked of a scenario, one folder a study, none importing another but
for `run`, whose `--rare` is the study `rare`.

The folder of a study holds

- `cli.py`: its command, with its options;
- `question.py`: `ask`, which checks everything and returns a frozen Question;
- `compute.py`: `compute`, from a Question to a typed Result, and the function that Python calls;
  and `keep`, which fills the folder, where that holds more than NAME.json;
- `text.py`: the Result in words;
- `figure.py`: `FIGURES`, drawn from what the study saved, and `PAGES`, written after them.

`study.py` carries any of them out.
"""

# In the order of `regimesim --help`.
STUDIES = (
    "run",
    "sweep",
    "contributions",
    "require",
    "sensitivity",
    "cruxes",
    "discover",
    "claims",
    "validate",
    "trace",
    "compare",
    "plot",
    "check",
)
