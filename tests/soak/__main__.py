"""`make soak`: the product used as badly as we can, and a table of what came of it.

    python tests/soak [--cases N] [--kills N] [--seed S] [--keep]
        [--scenarios N]
        [--only fuzz|processes|hostile|kills|extremes]

Files of cases that fail are kept in outputs/soak; the exit code is 1 where there is one.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from extremes import over_ranges
from figures import keep
from fuzz import fuzz, in_processes
from hostile import hostile
from kills import killed

KEPT = Path("outputs") / "soak"
PARTS = ("fuzz", "processes", "hostile", "kills", "extremes")


def main() -> int:
    """Run the campaign, tell its figures: 1 where anything failed."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--cases", type=int, default=5000)
    asked.add_argument("--processes", type=int, default=60)
    asked.add_argument("--kills", type=int, default=52)
    asked.add_argument("--scenarios", type=int, default=2000)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--only", choices=PARTS)
    asked.add_argument("--keep", action="store_true", help="update docs/validation.md")
    given, failed = asked.parse_args(), 0
    kept = KEPT.absolute()
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        place = Path(folder)
        parts = {
            "fuzz": lambda: fuzz(given.cases, given.seed, place / "fuzz", kept),
            "processes": lambda: in_processes(given.processes, given.seed + 1, place / "p"),
            "hostile": lambda: hostile(place / "hostile"),
            "kills": lambda: killed(given.kills, given.seed, place / "kills"),
            "extremes": lambda: over_ranges(given.scenarios, given.seed),
        }
        for name, part in parts.items():
            if given.only in (None, name):
                began = time.monotonic()
                counts = part()
                failed += counts["failed"]
                if given.keep:
                    keep(name, counts)
                told = ", ".join(f"{what} {count:,}" for what, count in sorted(counts.items()))
                print(f"{name}: {told} ({time.monotonic() - began:.0f} s)", flush=True)
    print("nothing failed" if not failed else f"{failed} failed; see above and {KEPT}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
