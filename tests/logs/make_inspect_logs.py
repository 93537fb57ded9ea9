"""Make the logs of this folder with the mock model of Inspect, which asks no network.

python -m venv environment
environment/bin/pip install inspect_ai==0.3.285 openai
environment/bin/python make_inspect_logs.py FOLDER

Folders of the machine were then left out of the paths in tracebacks.
"""

import asyncio
import os
import shutil
import signal
import sys
from pathlib import Path

from inspect_ai import Task, eval, eval_retry, score, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.log import read_eval_log, write_eval_log
from inspect_ai.scorer import Score, mean, scorer
from inspect_ai.solver import solver

MODEL = {"model": "mockllm/model", "display": "none", "max_samples": 1}


@solver
def nothing():
    """Do what the sample's metadata say: nothing, fail, or cancel the run."""

    async def solve(state, generate):
        what = state.metadata.get("what")
        if what == "fails" and os.environ.get("FAIL", "yes") == "yes":
            raise ValueError("made to fail")
        if what == "cancels":
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.sleep(60)
        return state

    return solve


@scorer(metrics=[mean()])
def suspicion(add=0.0):
    """The values of the sample's metadata, one for each epoch."""

    async def of(state, target):
        value = state.metadata["values"][state.epoch - 1]
        if value == "nan":
            value = float("nan")
        return Score(value=value + add if add else value)

    return of


def samples(rows):
    """(id, mode, values, more metadata) as samples."""
    return MemoryDataset(
        [
            Sample(id=name, input="q", metadata={"mode": mode, "values": values, **more})
            for name, mode, values, more in rows
        ]
    )


EPOCHS = [  # a monitor whose noise the mean over epochs removes
    ("a0", "honest", [0.1, 0.7, 0.2], {}),
    ("a1", "honest", [0.3, 0.1, 0.6], {}),
    ("a2", "honest", [0.5, 0.2, 0.4], {}),
    ("b0", "attack", [0.8, 0.3, 0.6], {}),
    ("b1", "attack", [0.4, 0.9, 0.5], {}),
    ("b2", "attack", [0.2, 0.7, 0.4], {}),
]
LONG = {"long": "x" * 1500, "deep": {"kind": "plain"}}
WORDS = [
    ("w0", "honest", [0.2], LONG),
    ("w1", "honest", ["N"], LONG),
    ("w2", "honest", ["nan"], LONG),
    ("w3", "honest", ["0.4"], LONG),
    ("w4", "attack", ["C"], LONG),
    ("w5", "attack", ["I"], LONG),
    ("w6", "attack", [0.3], LONG),
    ("w7", "attack", ["unsure"], LONG),
    ("w8", None, [0.9], LONG),
    ("w9", "attack", [{"risk": 0.7, "style": 0.1}], LONG),
]
IN_JSON = ("w0", "w2", "w3", "w4", "w6")
FAILED = [("f0", "honest", [0.1], {"what": "fails"}), ("f1", "attack", [0.9], {"what": "fails"})]
CANCELLED = [
    ("c0", "honest", [0.1], {}),
    ("c1", "attack", [0.9], {}),
    ("c2", "honest", [0.2], {"what": "cancels"}),
    ("c3", "attack", [0.8], {}),
]
RETRIED = [
    ("r0", "honest", [0.1], {}),
    ("r1", "attack", [0.9], {}),
    ("r2", "attack", [0.4], {"what": "fails"}),
    ("r3", "honest", [0.3], {}),
]


@task
def retried():
    """A task that can be found again when it is retried."""
    return Task(dataset=samples(RETRIED), solver=nothing(), scorer=suspicion())


def main(folder):
    """Make every log."""
    folder.mkdir(exist_ok=True)
    work = folder / "work"

    def made(rows, name, **options):
        one = Task(dataset=samples(rows), solver=nothing(), scorer=suspicion(), name="made")
        before = set(work.glob("*.eval"))
        eval(one, log_dir=str(work), **MODEL, **options)  # returns nothing where it is cancelled
        (new,) = set(work.glob("*.eval")) - before
        shutil.copy(new, folder / name)

    made(EPOCHS, "epochs.eval", epochs=3)
    made(WORDS, "words.eval")
    few = read_eval_log(str(folder / "words.eval"))
    few.samples = [sample for sample in few.samples if sample.id in IN_JSON]
    write_eval_log(few, str(folder / "words.json"), format="json")
    made(FAILED, "failed.eval", fail_on_error=False)
    failed = eval(retried(), log_dir=str(work), **MODEL)[0]
    os.environ["FAIL"] = "no"
    again = eval_retry(failed, log_dir=str(work), display="none")[0]
    for log, name in ((failed, "retried-1.eval"), (again, "retried-2.eval")):
        shutil.copy(log.location.removeprefix("file://"), folder / name)
    again = score(
        read_eval_log(str(folder / "retried-2.eval")),
        suspicion(0.5),
        action="overwrite",
        display="none",
    )
    write_eval_log(again, str(folder / "rescored.eval"))
    made(CANCELLED, "cancelled.eval")
    shutil.rmtree(work)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
