"""How fast the model is, and against what: `make bench`.

    python benchmarks/speed.py [--markdown | --into FILE] [PART]...

Sides that are compared run in turns, in processor time where one thread is compared, and every
figure comes with its spread, since the speed of a shared machine drifts.  `--markdown` prints
all of it once more as tables, `--into` writes them between the two marks of a page.
"""

import argparse
import time
from pathlib import Path

import whole_commands
import whole_runs
import yardsticks
from measured import STATE, machine, markdown

import regimesim as rs

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
PARTS = {
    part.__name__: part
    for part in (
        yardsticks.c,
        yardsticks.exactness,
        yardsticks.plain,
        yardsticks.memory,
        whole_runs.threads,
        whole_runs.sizes,
        whole_runs.flat,
        whole_runs.large,
        whole_runs.memory_of_many,
        whole_commands.width,
        whole_commands.command_line,
        whole_commands.first_world,
        whole_commands.interruption,
        whole_commands.compilation,
    )
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--markdown", action="store_true", help="print tables at the end")
    parser.add_argument("--into", metavar="FILE", help="write tables between the marks of a page")
    arguments = parser.parse_args()
    if unknown := set(arguments.parts) - set(PARTS):
        parser.error(
            f"no part is named {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}"
        )
    about = list(machine())
    print("\n".join(about))
    rs.run(yardsticks.scenario(16))
    began = time.perf_counter()
    for name, part in PARTS.items():
        if name in arguments.parts or not arguments.parts:
            STATE["part"] = part.__doc__.splitlines()[0].rstrip(".")
            print(f"\n{name}: {STATE['part']}")
            part()
    print(f"\n{time.perf_counter() - began:.0f} s in all")
    tables = "\n".join(["  \n".join(about), *markdown()])
    if arguments.markdown:
        print("\n" + tables)
    if arguments.into:
        page = Path(arguments.into)
        before, _, rest = page.read_text().partition(BEGIN)
        page.write_text(f"{before}{BEGIN}\n{tables}\n\n{END}{rest.partition(END)[2]}")


if __name__ == "__main__":
    main()
