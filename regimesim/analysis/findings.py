"""What a run shows, in one sentence each, from its numbers."""


def whole_percent(share: float) -> str:
    """A share in whole percent; only a share of exactly 0 or 1 is 0 % or 100 %."""
    if 0 < share < 0.01:
        return "<1 %"
    return ">99 %" if 0.99 < share < 1 else f"{100 * share:.0f} %"
