"""How compiled code reads and writes elements of arrays and rows, such as `system.capability[w]`.

A row of a record is a `NestedArray` to numba, whose own code makes an array of it in memory, loads
shape and strides from there and looks for a conversion that there never is.  The month has two
thousand such places, which took numba a fifth of its time.  Here shape and strides of rows are
constants, and those of other arrays are read where they are needed.  The result is the same.
"""

import operator
from functools import cache

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import lower_builtin
from numba.np import arrayobj

NUMBERS = types.Number | types.Boolean


@cache
def _constant(model, struct, row):
    """The array for `row`, a NestedArray, but for the pointer to its data.

    model, struct: how numba lays it out."""
    whole = struct.elements[model.get_field_position("nitems")]
    parts = [ir.Constant(kind, None) for kind in struct.elements]
    for name, value in (("nitems", row.nitems), ("itemsize", row.size)):
        parts[model.get_field_position(name)] = whole(value)
    for name, values in (("shape", row.shape), ("strides", row.strides)):
        parts[model.get_field_position(name)] = ir.Constant.literal_array([*map(whole, values)])
    return ir.Constant.literal_struct(parts)


def read_field(context, builder, kind, record, name):
    """record.name, where a row is a constant but for the pointer to its data."""
    row = kind.typeof(name)
    if not isinstance(row, types.NestedArray):
        return arrayobj.record_getattr(context, builder, kind, record, name)
    context.sentry_record_alignment(kind, name)
    model, number = context.data_model_manager[row], context.get_data_type(row.dtype)
    data = cgutils.get_record_member(builder, record, kind.offset(name), number)
    array = _constant(model, context.get_value_type(row), row)
    return builder.insert_value(array, data, model.get_field_position("data"))


def _place(context, builder, row, value, kinds, indices):
    """Pointer to the element of `row`, an array of this kind, at `indices` of these kinds."""
    model = context.data_model_manager[row]
    whole, offset = context.get_value_type(types.intp), None
    for axis, (kind, index) in enumerate(zip(kinds, indices, strict=True)):
        if isinstance(row, types.NestedArray):
            size = whole(row.shape[axis])
        else:
            size = builder.extract_value(value, [model.get_field_position("shape"), axis])
        if isinstance(index, ir.Constant) and index.constant >= 0:
            index = whole(index.constant)
        else:
            index = arrayobj.fix_integer_index(context, builder, kind, index, size)
        offset = builder.add(builder.mul(offset, size), index) if offset else index
    data = builder.extract_value(value, model.get_field_position("data"))
    return builder.gep(data, [offset], inbounds=True)


def _plain(context, row, kinds):
    """Whether indices of these kinds denote one element, to be accessed without a check."""
    numbers = isinstance(row.dtype, types.Float | types.Integer) and row.aligned
    whole = all(isinstance(kind, types.Integer) for kind in kinds)
    element = whole and len(kinds) == row.ndim and row.layout == "C"
    known = numbers or isinstance(row.dtype, types.Record)
    return known and element and not context.enable_boundscheck


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
    place = _place(context, builder, row, arguments[0], kinds, indices)
    return place if isinstance(row.dtype, types.Record) else builder.load(place)


def _write(context, builder, signature, arguments):
    """row[i] = number and row[i, j] = number."""
    row, kind, source = signature.args
    kinds, indices = _listed(builder, kind, arguments[1])
    number = isinstance(row.dtype, types.Number) and isinstance(source, NUMBERS)
    if not number or not _plain(context, row, kinds):
        return arrayobj.setitem_array(context, builder, signature, arguments)
    number = context.cast(builder, arguments[2], source, row.dtype)
    builder.store(number, _place(context, builder, row, arguments[0], kinds, indices))
    return None


ELEMENTS = {operator.getitem: _read, operator.setitem: _write}


def access_element(context, key, kinds):
    """The function that compiles an access to one element of an array; None for other calls."""
    if key not in ELEMENTS or not isinstance(kinds[0], types.Array):
        return None
    indices = kinds[1].types if isinstance(kinds[1], types.BaseTuple) else (kinds[1],)
    return ELEMENTS[key] if _plain(context, kinds[0], indices) else None


def access_rows_quickly():
    """Have numba compile accesses to rows of records in this way, in whatever function."""
    lower_builtin("__array__", types.NestedArray)(_as_it_is)
    for kind in (types.Integer, types.UniTuple, types.Tuple):
        lower_builtin(operator.getitem, types.NestedArray, kind)(_read)
    lower_builtin(operator.setitem, types.NestedArray, types.Any, types.Any)(_write)
