"""Dropping: a lab that falls behind gives up the safeguards that slow it down."""

from regimesim.model.compilation import equation


@equation
def kept(dropped, tax):
    """1 where a lab uses a safeguard, 0 where it has dropped it: it drops what carries a tax.
    Eq. 7.2.12."""
    return 0.0 if dropped > 0.0 and tax > 0.0 else 1.0


@equation
def burden(tax):
    """The growth that a lab saves by dropping a safeguard. Eq. 7.2.11."""
    return max(0.0, tax)
