"""`regimesim validate`: the table of targets and ours, and whether every row holds."""

import json
from collections.abc import Iterable
from pathlib import Path

from regimesim.results.progress import Bar, compile_model
from regimesim.studies.study import folder_for, results_folder, save_or_print, where_results_are
from regimesim.studies.validate.compute import Validation, compute
from regimesim.studies.validate.question import Question

MAKER = "regimesim validate"
FAILED = 1
FORMS = {
    "table": Validation.text,
    "json": lambda validation: json.dumps(validation.to_dict(), indent=2, ensure_ascii=False),
    "markdown": lambda validation: validation.markdown().rstrip("\n"),
}


def run_validation(
    question: Question,
    form: str = "table",
    out: str | Path | None = None,
    command: Iterable[str] = (),
) -> int:
    """Compute the rows, save them, and print them in a form of `FORMS`.

    The folder is `out`, else outputs/validation.  The exit code is 1 where a row fails.
    """
    target = folder_for(out, question.folder)
    with results_folder(target, MAKER, None, question.threads, command) as folder:
        compile_model()
        with Bar(question.total, unit=" rows") as progress:
            validation = compute(question, progress)
        save_or_print(folder / "validate.json", validation)
    print(FORMS[form](validation))
    if form == "table":
        print(f"\n{where_results_are(target)}")
    return 0 if validation.holds else FAILED
