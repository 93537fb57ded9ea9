"""Golden runs: what every shipped scenario gives, as digests of its bits.

A change that moves a bit says why: `python tests/golden_runs.py "REASON"` writes the file
anew, with the reason, and refuses an empty one.  The digests are the same on every machine,
for every Python and Mesa, and for every number of threads.
"""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np

from regimesim.ensemble.ensemble import Share, run_share
from regimesim.scenario import load

HERE = Path(__file__).parent
KEPT = HERE / "golden_runs.json"
SCENARIOS = sorted((HERE.parent / "scenarios").glob("*.toml"))
WORLDS = 32


def digest(values) -> str:
    """Eight hexadecimal digits of an array's bits."""
    return hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest()[:8]


def run(path) -> dict[str, dict[str, str]]:
    """Of every policy of a scenario: the digest of each quantity of its worlds and months."""
    scenario, stop = load(path), np.zeros(1, np.int64)
    found = {}
    for name, tables in scenario.policies.items():
        outcomes, monthly, drawn = run_share(scenario, tables, None, Share(0, 0, WORLDS), stop)
        found[name] = {field: digest(outcomes[field]) for field in outcomes.dtype.names}
        found[name] |= {"monthly": digest(monthly), "drawn": digest(list(drawn.values()))}
    return found


def main(arguments):
    reason = " ".join(arguments).strip()
    if not reason:
        print('say why: python tests/golden_runs.py "REASON"', file=sys.stderr)
        return 2
    runs = {path.stem: run(path) for path in SCENARIOS}
    kept = {"reason": reason, "worlds": WORLDS, "runs": runs}
    KEPT.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
