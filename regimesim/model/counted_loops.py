"""How loops over `range(stop)` and `range(start, stop)` are compiled.

Numba's own code allows for any step, which takes it a hundred instructions a loop; LLVM removes
them again.  Here the step is 1 from the beginning.  The result is the same.
"""

from llvmlite import ir
from numba.core import cgutils, types

WHOLE = ir.IntType(64)
BY_ONE = ir.Constant.literal_struct([WHOLE(0), WHOLE(0), WHOLE(1)])  # start, stop, step


def _range(context, builder, signature, arguments):
    """range(stop) and range(start, stop)."""
    *start, stop = arguments
    order = builder.insert_value(BY_ONE, stop, 1)
    return builder.insert_value(order, start[0], 0) if start else order


def _begin(context, builder, signature, arguments):
    """iter(range): where the number is kept, its end, the step, and where the count is kept."""
    (order,) = arguments
    if not _by_one(order):
        return context.get_function_of_numba("getiter", signature)(builder, arguments)
    number, left = (cgutils.alloca_once(builder, WHOLE) for _ in range(2))
    start, stop = (builder.extract_value(order, place) for place in range(2))
    turns = builder.sub(stop, start)
    positive = builder.icmp_signed(">", turns, WHOLE(0))
    builder.store(start, number)
    builder.store(builder.select(positive, turns, WHOLE(0)), left)
    return cgutils.make_anonymous_struct(builder, (number, stop, WHOLE(1), left))


def _by_one(order):
    """Whether a range is one that `_range` has made here."""
    while isinstance(order, ir.instructions.InsertValue):
        order = order.aggregate
    return order is BY_ONE


def _next(context, builder, signature, arguments):
    """next(iterator): the number, and whether there is one."""
    (iterator,) = arguments
    number, step, left = (builder.extract_value(iterator, place) for place in (0, 2, 3))
    turns, value = builder.load(left), builder.load(number)
    any_left = builder.icmp_signed(">", turns, WHOLE(0))
    with builder.if_then(any_left):
        builder.store(builder.sub(turns, WHOLE(1), flags=["nsw"]), left)
        builder.store(builder.add(value, step), number)
    return cgutils.make_anonymous_struct(builder, (value, any_left))


LOOPS = {
    (range, (types.int64,)): _range,
    (range, (types.int64, types.int64)): _range,
    ("getiter", (types.range_state64_type,)): _begin,
    ("iternext", (types.range_iter64_type,)): _next,
}
STEPS = {step for step, _ in LOOPS}


def compile_loop(step, kinds):
    """The function that compiles a step of a loop for arguments of these kinds; None if numba's
    own does, and for other calls."""
    return LOOPS.get((step, kinds)) if step in STEPS else None
