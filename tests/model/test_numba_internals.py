"""The internals of numba that the package overrides or calls exist in the installed release.

They may change in any release.  pyproject.toml allows only releases that have passed this test
and the golden runs.
"""

from typing import NamedTuple

import numba
import numpy as np
import pytest
from llvmlite import binding
from numba.core import (
    base,
    caching,
    codegen,
    compiler,
    compiler_machinery,
    cpu,
    datamodel,
    event,
    funcdesc,
    ir,
    ir_utils,
    registry,
    serialize,
    sigutils,
    typed_passes,
    types,
    typing,
    untyped_passes,
)
from numba.np import arrayobj

from regimesim.model.compilation import INTERPRETED, PLAIN, stage
from regimesim.model.machine_code import MachineCode
from regimesim.model.parts import (
    Operator,
    Part,
    PartCompiler,
    Program,
    ProgramCompiler,
    Target,
    Typing,
)

CODEGEN = registry.cpu_target.target_context.codegen()
LIBRARY = codegen.JITCodeLibrary(CODEGEN, "")
CALLED = [
    (arrayobj, "fix_integer_index"),
    (arrayobj, "getitem_array_tuple"),
    (arrayobj, "getitem_arraynd_intp"),
    (arrayobj, "record_getattr"),
    (arrayobj, "setitem_array"),
    (base.BaseContext, "enable_boundscheck"),
    (binding, "get_host_cpu_features"),
    (binding, "set_option"),
    (codegen.JITCPUCodegen, "_function_pass_manager"),
    (codegen.JITCPUCodegen, "_pass_builder"),
    (codegen.JITCPUCodegen, "magic_tuple"),
    (codegen.JITCPUCodegen, "set_env"),
    (codegen.JITCodeLibrary, "_finalize_final_module"),
    (codegen.JITCodeLibrary, "_finalized"),
    (LIBRARY, "_final_module"),
    (LIBRARY, "_linking_libraries"),
    (LIBRARY, "_shared_module"),
    (codegen.JITCodeLibrary, "_get_compiled_object"),
    (codegen.JITCodeLibrary, "_set_compiled_object"),
    (codegen.JITCodeLibrary, "enable_object_caching"),
    (codegen.JITCodeLibrary, "has_dynamic_globals"),
    (compiler, "compile_result"),
    (compiler.CompileResult, "_find_referenced_environments"),
    (compiler.DefaultPassBuilder, "define_nopython_pipeline"),
    (compiler.Flags(), "_values"),
    (compiler.Flags(), "noalias"),
    (compiler_machinery, "FunctionPass"),
    (compiler_machinery, "register_pass"),
    (datamodel, "DataModelManager"),
    (datamodel.DataModelManager, "chain"),
    (datamodel.StructModel, "get_field_position"),
    (datamodel.models, "OpaqueModel"),
    (event, "install_listener"),
    (event, "Listener"),
    (funcdesc, "default_mangler"),
    (funcdesc.FunctionDescriptor, "llvm_cpython_wrapper_name"),
    (ir.Expr, "call"),
    (ir_utils, "get_definition"),
    (ir_utils, "mk_unique_var"),
    (typed_passes, "NopythonTypeInference"),
    (untyped_passes, "MakeFunctionToJitFunction"),
    (numba.config, "CPU_FEATURES"),
    (numba.config, "CPU_NAME"),
    (numba.config, "DISABLE_JIT"),
    (registry.CPUDispatcher, "__call__"),
    (numba.njit(lambda: 0), "py_func"),
    (registry.cpu_target, "_toplevel_target_context"),
    (registry.cpu_target.target_context, "_defns"),
    (registry.cpu_target.target_context, "get_executable"),
    (CODEGEN._engine, "_defined_symbols"),
    (serialize, "NumbaPickler"),
    (sigutils, "normalize_signature"),
]
OVERRIDDEN = {
    Part: (
        codegen.JITCodeLibrary,
        (
            *("codegen", "get_pointer_to_function", "finalize"),
            *("_optimize_functions", "_get_module_for_linking"),
        ),
    ),
    Program: (codegen.JITCodeLibrary, ("finalize",)),
    Operator: (types.Function, ("get_call_type",)),
    Typing: (typing.Context, ("resolve_value_type", "resolve_function_type", "resolve_getattr")),
    Target: (
        cpu.CPUContext,
        ("mangler", "get_function", "get_getattr", "post_lowering", "insert_user_function"),
    ),
    MachineCode: (
        caching._Cache,
        ("load_overload", "save_overload", "enable", "disable", "flush"),
    ),
}


def test_the_names_that_are_called_exist():
    missing = [f"{place!r}: {name}" for place, name in CALLED if not hasattr(place, name)]
    assert missing == [], f"numba {numba.__version__} has changed: see tests/model/{__name__}.py"


@pytest.mark.parametrize("ours", OVERRIDDEN, ids=lambda kind: kind.__name__)
def test_what_is_overridden_is_a_method_of_numba(ours):
    theirs, methods = OVERRIDDEN[ours]
    unused = [name for name in methods if name not in vars(ours) or not hasattr(theirs, name)]
    assert unused == [], f"numba {numba.__version__} does not call {unused} of {theirs.__name__}"


def test_the_passes_that_parts_do_without_are_passes_of_numba():
    known = {
        name
        for place in (typed_passes, untyped_passes)
        for name, kind in vars(place).items()
        if isinstance(kind, type) and issubclass(kind, compiler_machinery.CompilerPass)
    }
    assert PartCompiler.unneeded <= known


@pytest.mark.skipif(INTERPRETED, reason="nothing is compiled")
@pytest.mark.parametrize(("kind", "apart"), [("records", 2), ("arrays", 0)])
def test_only_records_are_taken_to_share_no_memory(kind, apart):
    array = numba.typeof(np.zeros(1, [("row", float, 4)]))
    kinds = (array.dtype, array.dtype) if kind == "records" else (array, array)
    made = stage(lambda first, second: None)
    made.compile(kinds)
    code = made.overloads[kinds].library.get_llvm_str()
    (head,) = [line for line in code.splitlines() if line.startswith("define ")]
    arguments = [each for each in head.split(", ") if "%arg." in each]
    assert len(arguments) >= 2 and sum("noalias" in each for each in arguments) == apart


def test_an_element_of_a_row_is_what_numba_itself_would_give():
    kind = np.dtype([("one", float, 4), ("two", float, (2, 4)), ("whole", np.int64, 4)])
    theirs, ours = np.zeros(2, kind), np.zeros(2, kind)
    for record in (theirs, ours):
        record["one"], record["two"] = np.arange(8).reshape(2, 4), np.arange(16).reshape(2, 2, 4)

    def change(records):
        record, last = records[1], records[1].two[1]
        record.one[2] = record.two[-1, 3] + record.one[-4]
        record.two[1, -2] = last[np.uint8(1)] + record.two[0, 0]
        record.whole[1] = 3 > record.one[1]
        record.two[0] = record.one

    change(theirs.view(np.recarray))
    numba.njit(change)(ours)
    assert theirs.tobytes() == ours.tobytes() and theirs["one"][1, 2] == 19.0


@pytest.mark.parametrize(
    "limits", [(3,), (-2,), (2, 5), (5, 2), (1, 9, 3), (9, 0, -4), (0, 5, -1)], ids=str
)
def test_a_loop_has_the_turns_that_it_has_in_python(limits):
    def last(*limits):
        turns, number = 0, -1
        for each in range(*limits):
            turns, number = turns + 1, each
        return turns, number

    compiled = numba.njit(pipeline_class=ProgramCompiler, **PLAIN)(last)
    assert (last if INTERPRETED else compiled)(*limits) == last(*limits)


@pytest.mark.skipif(INTERPRETED, reason="nothing is compiled")
def test_parts_hand_on_results_and_errors():
    class Pair(NamedTuple):
        rows: np.ndarray
        numbers: np.ndarray

    @stage
    def step(pair, by):
        count = 0
        for number in range(0, pair.numbers[-1], by):
            count += number
        pair.rows[1].row[1:3] = pair.rows[0].row[2]
        return count, pair.rows[1].row[pair.numbers[0]]

    def run(pair, by):
        return step(pair, by)

    rows = np.zeros(2, [("row", float, 4)])
    rows["row"][0] = 7.0
    pair = Pair(rows, np.array([-3, 5]))
    whole = numba.njit(pipeline_class=ProgramCompiler, **PLAIN)(run)
    assert whole(pair, 2) == numba.njit(run)(pair, 2) == (6, 7.0)
    with pytest.raises(ValueError, match="must not be zero"):
        whole(pair, 0)
