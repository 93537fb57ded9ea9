"""How compiled code reads and writes an element of a row, such as `system.capability[w]`.

A row of a record is a `NestedArray` to numba, whose own code for an element loads shape and
strides from memory and looks for a conversion that there never is.  The month has two thousand
such places, which took numba a fifth of its time.  Here shape and strides are constants.
The result is the same.
"""

import operator

from numba.core import cgutils, types
from numba.extending import lower_builtin
from numba.np import arrayobj


def _place(context, builder, row, value, kinds, indices):
    """Pointer to the element of `row`, a NestedArray, at `indices` of these kinds."""
    data = context.data_model_manager[row].get_field_position("data")
    whole, offset = context.get_value_type(types.intp), None
    for kind, index, size, stride in zip(kinds, indices, row.shape, row.strides, strict=True):
        index = arrayobj.fix_integer_index(context, builder, kind, index, whole(size))
        step = builder.mul(index, whole(stride * 8 // row.dtype.bitwidth))
        offset = builder.add(offset, step) if offset else step
    return builder.gep(builder.extract_value(value, data), [offset], inbounds=True)


def _plain(context, row, kinds):
    """Whether indices of these kinds denote one number, to be accessed without a check."""
    numbers = isinstance(row.dtype, types.Float | types.Integer)
    whole = all(isinstance(kind, types.Integer) for kind in kinds)
    return numbers and whole and len(kinds) == row.ndim and not context.enable_boundscheck


def _listed(builder, kind, index):
    """Kinds and values of all indices, of which there are several if they are a tuple."""
    if isinstance(kind, types.BaseTuple):
        return kind.types, cgutils.unpack_tuple(builder, index, count=len(kind))
    return (kind,), (index,)


def _as_it_is(context, builder, signature, arguments):
    """A NestedArray needs no conversion to an array."""
    return arguments[0]


def _read(context, builder, signature, arguments):
    """row[i] and row[i, j]."""
    row, kind = signature.args
    kinds, indices = _listed(builder, kind, arguments[1])
    if not _plain(context, row, kinds):
        several = isinstance(kind, types.BaseTuple)
        theirs = arrayobj.getitem_array_tuple if several else arrayobj.getitem_arraynd_intp
        return theirs(context, builder, signature, arguments)
    return builder.load(_place(context, builder, row, arguments[0], kinds, indices))


def _write(context, builder, signature, arguments):
    """row[i] = number and row[i, j] = number."""
    row, kind, source = signature.args
    kinds, indices = _listed(builder, kind, arguments[1])
    if not _plain(context, row, kinds) or not isinstance(source, types.Number | types.Boolean):
        return arrayobj.setitem_array(context, builder, signature, arguments)
    number = context.cast(builder, arguments[2], source, row.dtype)
    builder.store(number, _place(context, builder, row, arguments[0], kinds, indices))
    return None


def access_rows_quickly():
    """Have numba compile accesses to rows of records in this way."""
    lower_builtin("__array__", types.NestedArray)(_as_it_is)
    for kind in (types.Integer, types.UniTuple, types.Tuple):
        lower_builtin(operator.getitem, types.NestedArray, kind)(_read)
    lower_builtin(operator.setitem, types.NestedArray, types.Any, types.Any)(_write)
