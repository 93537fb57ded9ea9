"""`regimesim validate`: the table of targets and ours, and whether every row holds."""

import json
from collections.abc import Sequence
from pathlib import Path

from regimesim.results.progress import compile_model, progress_bar
from regimesim.studies.validate.compute import choose, validate
from regimesim.studies.validate.text import markdown, plain, table

FORMS = {
    "table": table,
    "json": lambda rows: json.dumps(plain(rows), indent=2, ensure_ascii=False, allow_nan=False),
    "markdown": lambda rows: markdown(rows).rstrip("\n"),
}
FAILED = 1


def run_validation(
    names: Sequence[str],
    form: str = "table",
    targets: Path | None = None,
    folder: Path | None = None,
    threads: int | None = None,
) -> int:
    """Compute and print the rows of these names, all where there are none, in a form of `FORMS`;
    the exit code is 1 where one fails."""
    total = len(choose(names))
    compile_model()
    with progress_bar(" rows", total=total, desc="validate") as bar:
        rows = validate(names, targets, folder, threads, bar.update)
    print(FORMS[form](rows))
    return 0 if all(row.holds for row in rows) else FAILED
