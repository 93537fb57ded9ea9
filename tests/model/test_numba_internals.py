"""The internals of numba that the package overrides or calls exist in the installed release.

They may change in any release.  pyproject.toml allows only releases that have passed this test
and the golden runs.
"""

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
    datamodel,
    event,
    funcdesc,
    ir,
    ir_utils,
    registry,
    serialize,
    sigutils,
    typed_passes,
    untyped_passes,
)
from numba.np import arrayobj

from regimesim.model.compilation import INTERPRETED, Part, _Parts, stage
from regimesim.model.machine_code import MachineCode

CALLED = [
    (arrayobj, "fix_integer_index"),
    (arrayobj, "getitem_array_tuple"),
    (arrayobj, "getitem_arraynd_intp"),
    (arrayobj, "setitem_array"),
    (base.BaseContext, "enable_boundscheck"),
    (base.BaseContext, "mangler"),
    (base.BaseContext, "subtarget"),
    (binding, "get_host_cpu_features"),
    (binding, "set_option"),
    (codegen.JITCPUCodegen, "magic_tuple"),
    (codegen.JITCPUCodegen, "set_env"),
    (codegen.JITCodeLibrary, "_finalize_final_module"),
    (codegen.JITCodeLibrary, "_finalized"),
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
    (datamodel.StructModel, "get_field_position"),
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
    (registry.cpu_target.target_context, "get_executable"),
    (registry.cpu_target.target_context.codegen()._engine, "_defined_symbols"),
    (serialize, "NumbaPickler"),
    (sigutils, "normalize_signature"),
]
OVERRIDDEN = {
    Part: (
        codegen.JITCodeLibrary,
        ("codegen", "get_pointer_to_function", "_optimize_final_module", "_finalize_final_module"),
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
    assert _Parts.unneeded <= known


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
