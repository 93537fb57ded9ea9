"""Measure how often the 95 % intervals of a run cover the truth.

    python benchmarks/coverage.py [--worlds N] [--keep]

With --keep the figures are written into regimesim/studies/validate/coverage.json, from which
`regimesim validate --markdown` makes the table of docs/validation.md.
"""

import argparse
import json

from regimesim.scenario import load
from regimesim.scenario.shipped import shipped
from regimesim.studies.validate.coverage import FIGURES, coverage, table


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--worlds", type=int, default=200_000)
    parser.add_argument("--keep", action="store_true")
    chosen = parser.parse_args()
    scenario = load(shipped("validation") / "coverage.toml").override({"worlds": chosen.worlds})
    measured = coverage(scenario)
    print("\n".join(table(measured)))
    if chosen.keep:
        figures = {"worlds": chosen.worlds, "measured": measured}
        FIGURES.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
