"""What a chunk keeps of its worlds: a tally of each block, or the outcome of every world."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from regimesim.analysis.tally import Tally, tally_blocks
from regimesim.model.world.layout import OUTCOME

PACKED = OUTCOME.newbyteorder("<")


class Summary(Protocol):
    """What is kept of some worlds of one policy; `+` adds further ones."""

    @property
    def worlds(self) -> int:
        """The number of worlds."""

    def __add__(self, other):
        """The summary of these worlds and of others that follow."""

    def pack(self) -> bytes:
        """The summary as bytes, the same on every machine."""


class Kept(NamedTuple):
    """How the worlds of a chunk are summarised.

    none: makes the summary of no worlds, from the months of a run · of_blocks: makes those of
    consecutive blocks of OUTCOME (worlds,), from the outcomes, the months and the sizes.
    """

    none: Callable[[int], Summary]
    of_blocks: Callable[[np.ndarray, int, Sequence[int]], Sequence[Summary]]


@dataclass(frozen=True, eq=False)
class Outcomes:
    """The outcome of every world, in order: OUTCOME (worlds,)."""

    array: np.ndarray

    @classmethod
    def none(cls, _months: int) -> "Outcomes":
        """The outcomes of no worlds."""
        return cls(np.zeros(0, OUTCOME))

    @classmethod
    def of_blocks(cls, outcomes: np.ndarray, _months: int, sizes) -> "list[Outcomes]":
        """The outcomes of consecutive blocks."""
        return [cls(block) for block in np.split(outcomes, np.cumsum(sizes)[:-1])]

    @property
    def worlds(self) -> int:
        """The number of worlds."""
        return len(self.array)

    def __add__(self, other: "Outcomes") -> "Outcomes":
        return Outcomes(np.concatenate([self.array, other.array]))

    def pack(self) -> bytes:
        """The outcomes as bytes."""
        return self.array.astype(PACKED).tobytes()

    @classmethod
    def unpack(cls, packed: bytes) -> "Outcomes":
        """The outcomes that were packed."""
        return cls(np.frombuffer(packed, PACKED).astype(OUTCOME))


TALLIES = Kept(Tally.none, tally_blocks)
OUTCOMES = Kept(Outcomes.none, Outcomes.of_blocks)
