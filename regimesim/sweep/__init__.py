"""Sweeps: designs, chunks and who runs them, the journal, the result.

The room has the name of `regimesim.sweep(...)`, the function of `regimesim.sweeping`; since
Python puts a room that is imported in the place of that name, it can be called as well.
"""

import sys
from importlib import import_module
from types import ModuleType


class _Room(ModuleType):
    @property
    def __call__(self):
        return import_module("regimesim.sweeping").sweep


sys.modules[__name__].__class__ = _Room
