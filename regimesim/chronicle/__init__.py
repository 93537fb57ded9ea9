"""One world, told: what happened in it, as a table of months, as events, and as a timeline."""

from regimesim.chronicle.events import Event
from regimesim.chronicle.kinds import KINDS, find_world
from regimesim.chronicle.lived import Trace, prove, trace

__all__ = ["KINDS", "Event", "Trace", "find_world", "prove", "trace"]
