"""What a single tally says, as estimates: the library has those of many at once."""

from regimesim.analysis.estimates import CONFIDENCE, Estimate, as_estimate
from regimesim.analysis.tally import Many, Tally


def estimates_of(tally: Tally, confidence: float = CONFIDENCE) -> dict[str, Estimate]:
    """Every estimand with its interval, as `analysis.first_try.estimate` has it."""
    found = Many.stacked([tally]).estimates(confidence)
    return {name: as_estimate(*(value[0] for value in values)) for name, values in found.items()}


def thresholds_of(tally: Tally, confidence: float = CONFIDENCE) -> dict[str, dict[str, Estimate]]:
    """Of every threshold the share `crossed` and the months `p10`, `median` and `p90`, with
    their intervals; None where a time is later than the end."""
    found = Many.stacked([tally]).thresholds(confidence)
    return {
        threshold: {
            name: as_estimate(*(value[0] for value in values), tally.worlds)
            for name, values in times.items()
        }
        for threshold, times in found.items()
    }
