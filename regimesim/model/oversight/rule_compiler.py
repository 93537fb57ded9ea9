"""Compiles rules that users write, such that they fail wherever Python would.

Compiled code, left alone, reads outside an array, lets whole numbers wrap around at 64 bits and
turns a mathematical error into NaN: the rule continues with a wrong number.  Here indices are
checked, and two passes of the compiler see to the rest:

- `_CompileHelpers` compiles the functions that a rule calls in the same way, whether or not the
  user has compiled them; it also sees to the levers that the rule makes.
- `_RaiseAsPython` adds a check to each operation on whole numbers, each conversion to one, and
  each function of `math`.

Where nothing is compiled, a rule is ordinary Python.
"""

import math
import operator
from collections.abc import Callable, Iterator
from types import FunctionType, ModuleType

from numba import njit, typeof, types
from numba.core import ir
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import FunctionPass, register_pass
from numba.core.ir_utils import get_definition, guard, mk_unique_var
from numba.core.typed_passes import NopythonTypeInference
from numba.core.untyped_passes import MakeFunctionToJitFunction

from regimesim.errors import Refusal
from regimesim.model.oversight.levers import Levers
from regimesim.model.oversight.rule_levers import levers_of_numbers, mistake_in
from regimesim.model.oversight.rule_source import helper_in

LARGEST = 2.0**62  # so far below 2^63 that rounding hides no overflow
OPTIONS = {"nogil": True, "no_cfunc_wrapper": True, "error_model": "python"}
OPERATIONS = ("binop", "inplace_binop", "static_binop")
ROUNDING = (round, math.floor, math.ceil, math.trunc)


def rule(function: FunctionType) -> Callable:
    """A user's function, compiled in memory (its source may be a notebook cell)."""
    return _compiled(function, {})


def _compiled(function: FunctionType, helpers: dict) -> Callable:
    """The compiled function; `helpers` has those that it shares with others of its rule."""
    if function not in helpers:
        compiler = type("RuleCompiler", (_RuleCompiler,), {"helpers": helpers})
        options = {**OPTIONS, "boundscheck": True, "pipeline_class": compiler}
        helpers[function] = njit(**options)(function)
    return helpers[function]


class _RuleCompiler(CompilerBase):
    """The compiler of numba with the passes of this module."""

    helpers: dict

    def define_pipelines(self):
        passes = DefaultPassBuilder.define_nopython_pipeline(self.state)
        passes.add_pass_after(_CompileHelpers, MakeFunctionToJitFunction)
        passes.add_pass_after(_RaiseAsPython, NopythonTypeInference)
        passes.finalize()
        return [passes]


@register_pass(mutates_CFG=False, analysis_only=False)
class _CompileHelpers(FunctionPass):
    """Replaces a user's function by itself, compiled as the rule is, and `Levers` by levers whose
    numbers are floats.  Raises Refusal where a call names no lever that exists."""

    _name = "compile_helpers"

    def __init__(self):
        FunctionPass.__init__(self)

    def run_pass(self, state):
        """Whether a function was replaced."""
        replaced = False
        statements = [
            statement
            for block in state.func_ir.blocks.values()
            for statement in block.find_insts(ir.Assign)
        ]
        for statement in statements:  # before `Levers` is replaced, which they look for
            _check_call(statement.value, state.func_ir)
        for statement in statements:
            value = _value(statement.value, state.func_ir)
            other = self._replacement(value, state.pipeline.helpers)
            if other is not None:
                name = getattr(value, "__name__", "levers")
                statement.value = ir.Global(name, other, statement.loc)
                replaced = True
        return replaced

    @staticmethod
    def _replacement(value, helpers):
        """What stands in for a value that the rule reads; None for the value itself."""
        if value is Levers:
            return levers_of_numbers
        if isinstance(value, Levers):
            return levers_of_numbers(*value)
        helper = helper_in(value)
        return _compiled(helper, helpers) if helper else None


def _check_call(expression, function_ir):
    """Refuse a call of `Levers`, or of `levers.set`, with names that are not those of levers."""
    if not isinstance(expression, ir.Expr) or expression.op != "call":
        return
    called = guard(get_definition, function_ir, expression.func)
    is_method = getattr(called, "op", None) == "getattr" and called.attr == "set"
    if is_method or _value(called, function_ir) is Levers:
        mistake = mistake_in(expression, is_method)
        if mistake:
            raise Refusal(mistake)


def _value(expression, function_ir):
    """What a name, or an attribute of a module, stands for; None for other expressions."""
    if isinstance(expression, ir.Global | ir.FreeVar):
        return expression.value
    if isinstance(expression, ir.Expr) and expression.op == "getattr":
        owner = _value(guard(get_definition, function_ir, expression.value), function_ir)
        return getattr(owner, expression.attr, None) if isinstance(owner, ModuleType) else None
    return None


@register_pass(mutates_CFG=False, analysis_only=False)
class _RaiseAsPython(FunctionPass):
    """Adds the checks of this module before or after the operations that need them."""

    _name = "raise_as_python"

    def __init__(self):
        FunctionPass.__init__(self)

    def run_pass(self, state):
        """True: the code is another."""
        for block in state.func_ir.blocks.values():
            body = []
            for statement in block.body:
                checked = isinstance(statement, ir.Assign) and isinstance(statement.value, ir.Expr)
                before = _before(state, statement.value) if checked else ()
                after = _after(state, statement) if checked else ()
                body += _calls(state, block.scope, statement.loc, before)
                body.append(statement)
                body += _calls(state, block.scope, statement.loc, after)
            block.body = body
        return True


def _before(state, expression) -> Iterator[tuple]:
    """Checks of what an operation is about to do with its numbers."""
    if expression.op in OPERATIONS:
        numbers = [expression.lhs, expression.rhs]
        kinds = [state.typemap[n.name] for n in numbers]
        whole = all(isinstance(kind, types.Integer) and kind.signed for kind in kinds)
        if whole and _operator(expression) in WHOLE:
            yield WHOLE[_operator(expression)], numbers
    elif expression.op == "call":
        kind, signature = state.typemap[expression.func.name], state.calltypes[expression]
        converts = isinstance(kind, types.NumberClass) or _function(kind) in (int, *ROUNDING)
        if converts and isinstance(signature.return_type, types.Integer):
            yield from ((_whole, [n]) for n in expression.args if _is_float(state, n))


def _after(state, statement) -> Iterator[tuple]:
    """Checks of the result of a function."""
    expression = statement.value
    if not _is_float(state, statement.target):
        return
    if expression.op in OPERATIONS and _operator(expression) is operator.pow:
        yield _defined, [statement.target, expression.lhs, expression.rhs]
    elif expression.op == "call":
        function = _function(state.typemap[expression.func.name])
        if getattr(function, "__module__", "") == "math" and len(expression.args) in (1, 2):
            yield _defined, [statement.target, *(expression.args * 2)[:2]]


def _operator(expression):
    """The operator of an operation, without its being in place."""
    return expression.immutable_fn if expression.op == "inplace_binop" else expression.fn


def _function(kind):
    """The Python function of a type that stands for one."""
    return getattr(kind, "typing_key", None)


def _is_float(state, variable) -> bool:
    return isinstance(state.typemap[variable.name], types.Float)


def _calls(state, scope, loc, checks) -> Iterator[ir.Assign]:
    """Statements that call `checks`, pairs of a function and its variables."""
    for check, variables in checks:
        function = ir.Var(scope, mk_unique_var("$check"), loc)
        nothing = ir.Var(scope, mk_unique_var("$checked"), loc)
        call = ir.Expr.call(function, variables, (), loc)
        kinds = [types.unliteral(state.typemap[v.name]) for v in variables]
        state.typemap[function.name] = kind = typeof(check)
        state.typemap[nothing.name] = types.none
        state.calltypes[call] = kind.get_call_type(state.typingctx, kinds, {})
        yield ir.Assign(ir.Global(check.__name__, check, loc), function, loc)
        yield ir.Assign(call, nothing, loc)


@njit(**OPTIONS)
def _fits(number):
    if not abs(number) < LARGEST:
        raise OverflowError("a whole number beyond 2**62")


@njit(**OPTIONS)
def _sum(a, b):
    _fits(float(a) + float(b))


@njit(**OPTIONS)
def _difference(a, b):
    _fits(float(a) - float(b))


@njit(**OPTIONS)
def _product(a, b):
    _fits(float(a) * float(b))


@njit(**OPTIONS)
def _power(a, b):
    if b < 0:
        raise ValueError("a whole number to a negative power; write it as a float, such as 2.0")
    _fits(float(a) ** float(b))


@njit(**OPTIONS)
def _shift(a, b):
    if not 0 <= b < 64:
        raise ValueError("a shift by less than 0 or more than 63 bits")
    _fits(float(a) * 2.0 ** float(b))


@njit(**OPTIONS)
def _shift_back(a, b):
    if not 0 <= b < 64:
        raise ValueError("a shift by less than 0 or more than 63 bits")


@njit(**OPTIONS)
def _whole(number):
    if number != number:
        raise ValueError("cannot convert float NaN to integer")
    _fits(number)


@njit(**OPTIONS)
def _defined(result, a, b):
    """Raise where a function of finite numbers is not a finite number."""
    if not math.isfinite(result) and math.isfinite(a) and math.isfinite(b):
        raise ValueError("math domain or range error")


WHOLE = {
    operator.add: _sum,
    operator.sub: _difference,
    operator.mul: _product,
    operator.pow: _power,
    operator.lshift: _shift,
    operator.rshift: _shift_back,
}
