"""A claim put to the test: its worlds, what was seen in them, and the verdict."""

from typing import NamedTuple

from regimesim.ensemble.batches import Batched, run_in_batches
from regimesim.studies.claims.patterns import Seen, look
from regimesim.studies.claims.question import Claim

BATCHES = 20


class Trial(NamedTuple):
    """A claim, its run, and each of its patterns as it was seen."""

    claim: Claim
    run: Batched
    shown: tuple[Seen, ...]
    vanishes: tuple[Seen, ...]
    besides: tuple[Seen, ...]

    @property
    def verdict(self) -> str:
        """ "shown" where all patterns of the claim are seen and vanish when it is neutral; else
        "not shown", or undecided where as many worlds as its file asks for might show it."""
        needed, worlds = (*self.shown, *self.vanishes), self.claim.scenario.worlds
        if all(one.holds for one in needed):
            return "shown"
        if worlds < self.claim.worlds and all(one.open for one in needed):
            return f"undecided with {worlds:,} worlds"
        return "not shown"

    @property
    def as_found(self) -> bool:
        """Whether the verdict, and what is seen besides, are what the file reports."""
        alike = (self.verdict == "shown") == (self.claim.found == "shown")
        return alike and all(one.holds for one in self.besides)


def put_to_test(claim: Claim, threads=None, progress=None) -> Trial:
    """Run a claim's scenario and look for its patterns.

    threads, progress: as for `ensemble.run`.
    """
    in_months = claim.figure != "outcomes" or any(one.periods for one in claim.patterns)
    run = run_in_batches(claim.scenario, BATCHES if in_months else 1, threads, progress)
    groups = (claim.shown, claim.vanishes, claim.besides)
    return Trial(claim, run, *(tuple(look(one, run) for one in group) for group in groups))
