"""Which parameters matter: screened, and their shares of the variance of an outcome."""

from regimesim.influence.measured import sensitivity

__all__ = ["sensitivity"]
