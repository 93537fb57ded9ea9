"""How numba compiles the model: functions that Python calls, and the parts that they consist of.

A part is optimised where it is called, so it has no machine code of its own.  As numba by default
compiles a function that compiled code calls, each is linked with all that it calls in turn, takes
its arguments apart and puts them together again, and appears with the types of its arguments in
names and messages; that of a tile has fifty thousand characters.  Parts are many and small, so
that this would take longer than all else.

All classes here use internals of numba, which `tests/model/test_numba_internals.py` lists.
"""

import hashlib
from functools import cache
from types import BuiltinFunctionType

from llvmlite.binding import create_new_function_pass_manager
from numba.core import cgutils, datamodel, types
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler, DefaultPassBuilder, Flags
from numba.core.cpu import CPUContext
from numba.core.funcdesc import default_mangler
from numba.core.typing import Context

from regimesim.model.counted_loops import compile_loop
from regimesim.model.row_access import access_element, read_field

# Arguments of these types may share memory with others, as a tile holds a record and a row of it.
# Records by themselves never do, so that no stage may get the same one twice and write to it.
SHARED = (types.Array, types.BaseTuple)


class Part(JITCodeLibrary):
    """Code that is only linked into its callers: it is optimised there, and has no machine code
    of its own."""

    @property
    def codegen(self):
        """The object whose `set_env` numba calls: this one, as there is nothing to set."""
        return self

    def set_env(self, name, environment):
        """Do nothing: this code is not run by itself."""

    def get_pointer_to_function(self, name):
        """The null pointer: Python cannot call this code."""
        return 0

    def finalize(self):
        """Leave it to callers to link what this code calls, and to drop this code once inlined."""
        for function in self._final_module.functions:
            if not function.is_declaration:
                function.linkage = "linkonce_odr"
        self._finalized = True

    def _optimize_functions(self, ll_module):
        """Optimise the one function of a module before it is copied into its callers.  Of an
        equation, that is to keep variables in registers: all else depends on where it is used."""
        if not hasattr(self._codegen, "_pass_builder"):  # numba 0.61: LLVM's earlier passes
            super()._optimize_functions(ll_module)
            return
        ll_module.data_layout = self._codegen._data_layout
        for function in ll_module.functions:
            if function.is_declaration:
                continue
            if b"alwaysinline" in function.attributes:
                manager, builder = (
                    create_new_function_pass_manager(),
                    self._codegen._pass_builder(),
                )
                manager.add_sroa_pass()
            else:
                manager, builder = self._codegen._function_pass_manager()
            manager.run(function, builder)

    def _get_module_for_linking(self):
        """The code with all that it calls, for a caller that numba itself compiles."""
        if self._shared_module is None:
            whole = self._final_module.clone()
            for library in reached(self._linking_libraries):
                whole.link_in(_module(library), preserve=True)
            self._shared_module = whole
        return self._shared_module


class Program(JITCodeLibrary):
    """Code that Python calls, with all parts that it reaches."""

    def finalize(self):
        """Link every part once, and compile."""
        for library in reached(self._linking_libraries):
            self._final_module.link_in(_module(library), preserve=True)
        self._linking_libraries = []
        super().finalize()


def reached(libraries):
    """These libraries and those that their parts call, in the order in which they are reached."""
    known = {}
    for library in libraries:
        if library not in known:
            known[library] = None
            if isinstance(library, Part):
                known.update(dict.fromkeys(reached(library._linking_libraries)))
    return list(known)


def _module(library):
    """The code of a library, of a part without what it calls."""
    own = isinstance(library, Part)
    return library._final_module if own else library._get_module_for_linking()


class QuickFlags(Flags):
    """Compiler flags with a fast comparison: numba compares them a hundred thousand times, and
    by default option by option."""

    def __eq__(self, other):
        return isinstance(other, Flags) and self._values == other._values

    def __hash__(self):
        return len(self._values)


class Arguments(tuple):
    """Types of arguments.  Numba asks for them as text before every pass and uses it nowhere."""

    __slots__ = ()

    def __repr__(self):
        return f"({len(self)} arguments)"


class Operator(types.Function):
    """A function of Python, whose results are typed once for each list of types of arguments."""

    def __init__(self, function):
        super().__init__(function.templates)
        self._typed = {}

    def get_call_type(self, context, args, kws):
        """The signature of a call."""
        if kws:
            return super().get_call_type(context, args, kws)
        args = tuple(args)
        if args not in self._typed:
            self._typed[args] = super().get_call_type(context, args, kws)
        return self._typed[args]


class Typing(Context):
    """How types in parts are inferred: as everywhere in numba, but each call of an operator or
    of a function of Python once only, and fields of records without a search."""

    def __init__(self, typing):
        vars(self).update(vars(typing))
        self._operators = {}

    def resolve_value_type(self, val):
        """The type of a constant."""
        if type(val) not in (BuiltinFunctionType, type):
            return super().resolve_value_type(val)
        if val not in self._operators:
            kind = super().resolve_value_type(val)
            self._operators[val] = Operator(kind) if type(kind) is types.Function else kind
        return self._operators[val]

    def resolve_function_type(self, func, args, kws):
        """The signature of a call."""
        if isinstance(func, Operator):
            return func.get_call_type(self, args, kws)
        return super().resolve_function_type(func, args, kws)

    def resolve_getattr(self, typ, attr):
        """The type of an attribute."""
        if isinstance(typ, types.Record) and attr in typ.fields:
            return typ.typeof(attr)
        return super().resolve_getattr(typ, attr)


class Target(CPUContext):
    """How parts become LLVM's code: as with numba, but with short names, and less code for
    elements of arrays, fields of records, loops, and calls."""

    def __init__(self, target, typing):
        vars(self).update(vars(target))
        self.data_model_manager = datamodel.DataModelManager().chain(target.data_model_manager)
        self.data_model_manager.register(Operator, datamodel.models.OpaqueModel)
        self.typing_context = typing

    def mangler(self, name, types, *, abi_tags=(), uid=None):
        """The name of a function in machine code, with a digest in place of its types."""
        text = "".join(kind.name for kind in types) + "".join(abi_tags)
        tag = hashlib.sha256(text.encode()).hexdigest()[:16]
        return default_mangler(name, (), abi_tags=(tag,), uid=uid)

    def get_function(self, fn, sig, _firstcall=True):
        """How a call is compiled."""
        key = fn.typing_key if isinstance(fn, Operator) else fn
        ours = compile_loop(key, sig.args) or access_element(self, key, sig.args)
        if ours is None:
            return super().get_function(fn, sig, _firstcall)
        return lambda builder, arguments, loc=None: ours(self, builder, sig, arguments)

    def get_function_of_numba(self, fn, sig):
        """How numba compiles a call by default."""
        return super().get_function(fn, sig)

    def get_getattr(self, typ, attr):
        """How an attribute is read."""
        return read_field if isinstance(typ, types.Record) else super().get_getattr(typ, attr)

    def post_lowering(self, mod, library):
        """Link numba's memory manager into what Python calls alone: no part allocates."""
        if not isinstance(library, Part):
            super().post_lowering(mod, library)

    def insert_user_function(self, func, fndesc, libs=()):
        """Have other functions call this one.

        They hand an error on as it is.  Numba has more codes, for optional results alone."""
        if isinstance(fndesc.restype, types.Optional):
            super().insert_user_function(func, fndesc, libs)
            return

        def call(context, builder, signature, arguments):
            function = self.declare_function(builder.module, fndesc)
            place = cgutils.alloca_once(builder, function.args[0].type.pointee)
            packed = self.get_arg_packer(fndesc.argtypes).as_arguments(builder, arguments)
            code = builder.call(function, [place, builder.function.args[1], *packed])
            with cgutils.if_unlikely(builder, cgutils.is_not_null(builder, code)):
                builder.ret(code)
            return self.get_returned_value(builder, fndesc.restype, builder.load(place))

        call.libs = tuple(libs)
        self._defns[func].append(call, fndesc.argtypes)


@cache
def contexts(typing, target):
    """How parts are typed and compiled, given how numba does it."""
    typing = Typing(typing)
    return typing, Target(target, typing)


class PartCompiler(Compiler):
    """Compiles to a Part, without the passes for what no part contains: closures, `with`, `raise`,
    `literally` and expressions of whole arrays."""

    unneeded = frozenset(
        {
            *("WithLifting", "InlineClosureLikes", "RewriteDynamicRaises"),
            *("MakeFunctionToJitFunction", "FindLiterallyCalls", "LiteralUnroll"),
            *("NopythonRewrites", "IRLegalization", "NoPythonSupportedFeatureValidation"),
        }
    )
    library = Part

    def __init__(self, typing, target, library, arguments, result, flags, types):
        library = library or self.library(target.codegen(), "part")
        flags, arguments = QuickFlags(flags), Arguments(arguments)
        flags.noalias = not any(isinstance(kind, SHARED) for kind in arguments)
        typing, target = contexts(typing, target)
        super().__init__(typing, target, library, arguments, result, flags, types)

    def define_pipelines(self):
        """The passes of numba but for those that are not needed."""
        pipeline = DefaultPassBuilder.define_nopython_pipeline(self.state)
        kept = [(each, why) for each, why in pipeline.passes if each.__name__ not in self.unneeded]
        pipeline.passes = kept
        pipeline.finalize()
        return [pipeline]


class ProgramCompiler(PartCompiler):
    """Compiles a function that Python calls, with all parts that it reaches."""

    library = Program

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.state.library.enable_object_caching()
