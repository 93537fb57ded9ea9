"""The internals of numba that the package overrides or calls exist in the installed release.

They may change in any release.  pyproject.toml allows only releases that have passed this test
and the golden runs.
"""

import numba
import pytest
from llvmlite import binding
from numba.core import (
    caching,
    codegen,
    compiler,
    compiler_machinery,
    event,
    ir,
    ir_utils,
    registry,
    serialize,
    typed_passes,
    untyped_passes,
)

from regimesim.model.compilation import Part
from regimesim.model.machine_code import MachineCode

CALLED = [
    (binding, "get_host_cpu_features"),
    (binding, "set_option"),
    (codegen.JITCPUCodegen, "magic_tuple"),
    (codegen.JITCPUCodegen, "set_env"),
    (codegen.JITCodeLibrary, "_finalized"),
    (compiler.CompileResult, "_rebuild"),
    (compiler.CompileResult, "_reduce"),
    (compiler.DefaultPassBuilder, "define_nopython_pipeline"),
    (compiler.Flags(), "_values"),
    (compiler_machinery, "FunctionPass"),
    (compiler_machinery, "register_pass"),
    (event, "install_listener"),
    (event, "Listener"),
    (ir.Expr, "call"),
    (ir_utils, "get_definition"),
    (ir_utils, "mk_unique_var"),
    (typed_passes, "NopythonTypeInference"),
    (untyped_passes, "MakeFunctionToJitFunction"),
    (numba.config, "CPU_FEATURES"),
    (numba.config, "DISABLE_JIT"),
    (registry.CPUDispatcher, "__call__"),
    (numba.njit(lambda: 0), "py_func"),
    (serialize, "dumps"),
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
