"""Carries out a command of regimesim, and prints, for every compiled stage, how much of its
machine code is vector code (run as a program, with a cache folder that cannot be used, so that
every stage is compiled in this process).

A stage is optimised where it is called: here each is optimised by itself, as it is there."""

import json
import re
import sys
from contextlib import redirect_stdout
from importlib import import_module
from io import StringIO
from pathlib import Path

import numpy as np
from numba.core.registry import CPUDispatcher

import regimesim
from regimesim.cli import main as command
from regimesim.model.parts import Part

FUNCTIONS = "exp|log|pow|erf|sin|cos|fma"
LIBRARY_CALL = re.compile(rf"\bcall\w*\s+.*\b({FUNCTIONS})\w*\b|\$_?({FUNCTIONS})\b")


def stages():
    """(name, dispatcher) of every compiled function of the kernel's rooms."""
    package = Path(regimesim.__file__).parent / "model"
    for room in ("dynamics", "oversight"):
        for source in sorted((package / room).glob("*.py")):
            module = import_module(f"regimesim.model.{room}.{source.stem}")
            for name, item in vars(module).items():
                own = isinstance(item, CPUDispatcher) and item.__module__ == module.__name__
                if own and not item.targetoptions.get("forceinline"):
                    yield f"{room}.{source.stem}.{name}", item


def assembly(made):
    """What a stage would be by itself; the month as it is."""
    library = made.library
    if not isinstance(library, Part):
        return library.get_asm_str()
    codegen, module = library._codegen, library._get_module_for_linking().clone()
    module.get_function(made.fndesc.llvm_func_name).linkage = "external"
    passes, builder = codegen._module_pass_manager()
    passes.run(module, builder)
    return codegen._tm.emit_assembly(module)


def main():
    with redirect_stdout(StringIO()):
        code = command(sys.argv[1:])
    np.seterr(all="raise")
    found = {}
    for name, dispatcher in stages():
        asm = "".join(assembly(made) for made in dispatcher.overloads.values())
        calls = [line.strip() for line in asm.splitlines() if LIBRARY_CALL.search(line)]
        vector = len(re.findall(r"[yz]mm\d", asm))
        scalar = len(re.findall(r"\b\w+sd\s", asm))
        scattered = len(re.findall(r"\bvp?(?:gather|scatter)\w+\s", asm))
        found[name] = {"vector": vector, "scalar": scalar, "scattered": scattered}
        found[name]["calls"] = calls[:3]
    json.dump(found, sys.stdout, indent=1)
    return code


if __name__ == "__main__":
    sys.exit(main())
