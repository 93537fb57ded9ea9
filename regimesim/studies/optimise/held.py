"""Whether targets hold in fresh worlds."""

from typing import NamedTuple

from regimesim.analysis.estimates import Estimate
from regimesim.studies.targets import Target

HOLDS, UNCLEAR, FAILS = "holds", "unclear", "fails"


class Held(NamedTuple):
    """Whether a target holds in fresh worlds.

    Attributes
    ----------
    target : Target
        The target.
    estimate : Estimate
        What it bounds.
    verdict : str
        "holds" or "fails" where the whole 95 % interval lies on one side, else "unclear".
    """

    target: Target
    estimate: Estimate
    verdict: str

    def plain(self) -> dict:
        """The content of optimise.json."""
        target = {**self.target._asdict(), "words": str(self.target)}
        return {**target, "measured": self.estimate._asdict(), "verdict": self.verdict}


def judge(target: Target, measured: Estimate) -> Held:
    """Whether a target holds by an estimate with its interval."""
    verdict = UNCLEAR
    if measured.low is not None:
        slacks = [target.slack(end) for end in (measured.low, measured.high)]
        verdict = HOLDS if min(slacks) >= 0 else FAILS if max(slacks) < 0 else UNCLEAR
    elif measured.estimate is not None:  # the same in every world
        verdict = HOLDS if target.slack(measured.estimate) >= 0 else FAILS
    return Held(target, measured, verdict)
