"""How a compiled month calls the rule of a policy in Python, without a return to Python.

A compiled function cannot take a rule as an argument and be kept on disk.  So it takes the
address of the rule's machine code, as a number: entering and leaving compiled code twice a month
would take half as long as the month itself.  Where nothing is compiled the rule is called from
Python.
"""

import numpy as np
from llvmlite import ir
from numba import carray, cfunc, from_dtype, types
from numba.extending import intrinsic

from regimesim.model.compilation import INTERPRETED, stage
from regimesim.model.world.layout import WORLD

# Places in a batch's call of a rule: the address of its code, those of its arrays (the note of a
# failure, a record of what it remembers, the first values of that), and whether it has failed.
ADDRESS, NOTE, RECORD, FIRST, FAILED = np.arange(5)
PLACES = 5
NOTED = 4  # numbers in a note


def make_call():
    """A batch's call of a rule, of which there is none."""
    return np.zeros(PLACES, np.int64)


if INTERPRETED:

    def _jump(address, worlds, note, record, remembered, first):
        raise NotImplementedError("an address is called from compiled code only")

else:

    @intrinsic
    def _jump(typing, address, worlds, note, record, remembered, first):
        """Call the function at `address` with five pointers. Returns its whole number."""

        def generate(context, builder, signature, arguments):
            pointer, whole = ir.IntType(8).as_pointer(), ir.IntType(64)
            function = ir.FunctionType(whole, [pointer] * 5)
            target, *places = arguments
            callee = builder.inttoptr(target, function.as_pointer())
            return builder.call(callee, [builder.inttoptr(place, pointer) for place in places])

        number = types.int64
        return number(*[number] * 6), generate


@stage
def pull_levers(tile, call):
    """Let the rule of a batch set the levers in every column. Returns whether it failed."""
    worlds, record = np.int64(tile.worlds.ctypes.data), call[RECORD]
    failed = _jump(call[ADDRESS], worlds, call[NOTE], record, record, call[FIRST])
    call[FAILED] = failed
    return failed


def callback(apply, record, many):
    """`apply`, which lets a rule set the levers of all columns, as a function with an address.

    apply: compiled, of (worlds, note, record, remembered, first) · record: the type of what the
    rule remembers · many: how many numbers that is, 0 for a rule that remembers nothing.
    """
    world, memory, number = from_dtype(WORLD), from_dtype(record), types.float64
    pointers = [types.CPointer(kind) for kind in (world, number, memory, number, number)]
    size = max(many, 1)

    def called(worlds, note, record, remembered, first):
        own, kept, numbers = carray(note, NOTED), carray(record, 1), carray(remembered, size)
        tile_worlds, beginning = carray(worlds, 1), carray(first, many)
        try:
            apply(tile_worlds, own, kept, numbers, beginning)
        except Exception:
            return 1
        return 0

    return cfunc(types.int64(*pointers), nopython=True)(called)
