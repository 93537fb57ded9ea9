"""Draws: the published vectors, and that a purpose touches nothing but itself."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from regimesim.model.world import draws

VECTORS = (  # Random123's known answers for philox4x32-10: counter, key, words
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((2**32 - 1,) * 4, (2**32 - 1,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
)


@pytest.mark.parametrize(("counter", "key", "known"), VECTORS)
def test_philox_gives_the_published_words(counter, key, known):
    given = [np.uint64(word) for word in (*counter, *key)]
    assert tuple(int(word) for word in draws.philox(*given)) == known


def test_the_key_and_every_part_of_the_counter_count():
    base = {"seed": 5, "entity": 1, "month": 2, "world": 3, "purpose": 4}
    blocks = {tuple(draws.words(**{k: np.int64(v) for k, v in base.items()}))}
    for name in base:
        for value in (11, 2**31, 2**32 - 1):
            changed = {k: np.int64(v) for k, v in (base | {name: value}).items()}
            blocks.add(tuple(draws.words(**changed)))
    changed = {k: np.int64(v) for k, v in (base | {"seed": 5 + 2**32}).items()}
    blocks.add(tuple(draws.words(**changed)))
    assert len(blocks) == 1 + 3 * len(base) + 1


def test_purposes_are_distinct():
    none = {"NOBODY", "INITIALISATION"}
    named = {name: v for name, v in vars(draws).items() if type(v) is np.int64}
    purposes = [int(value) for name, value in named.items() if name not in none]
    assert len(purposes) > 15 and min(purposes) == 1
    assert sorted(set(purposes)) == sorted(purposes)


BANNED = """
import json, sys
import numpy as np
import regimesim as rs
from regimesim.model.oversight import evaluations
from regimesim.model.world import draws
if sys.argv[1] == "ban":  # the same words for every system, world and month
    evaluations.words = lambda *_: (np.uint64(123456789),) * 4
from scenarios_of_tests import busy
scenario = busy(worlds=3, months=30, systems=4).override({"takeover.difficulty": 9})
scenario = scenario.override({"policies.all.oversight.evaluations.response": "warn"})
scenario = scenario.override({"policies.all.oversight.beliefs.alarm_evidence": 0})
worlds, months = rs.run(scenario.choose(["all"]), threads=1)
alarm = months.alarm.values.tolist()
worlds = worlds.drop_vars(["alarms", "false_alarms"])
rest = months.drop_vars(["alarm", "alarm_sd"])
print(json.dumps([worlds.drop_attrs().fillna(-9).to_dict(), rest.drop_attrs().fillna(-9).to_dict(),
                  alarm], default=str))
"""


def interpreted(argument):
    """What a run prints with compilation switched off."""
    environment = {
        **os.environ,
        "NUMBA_DISABLE_JIT": "1",
        "PYTHONPATH": str(Path(__file__).parents[1]),
    }
    done = subprocess.run(
        [sys.executable, "-c", BANNED, argument],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def test_banning_one_purpose_changes_no_other_draw():
    *kept, alarm = interpreted("keep")
    *banned, other_alarm = interpreted("ban")
    assert kept == banned
    assert alarm != other_alarm  # the ban was real


def test_fine_units_fill_the_unit_interval():
    top, none = np.uint64(2**32 - 1), np.uint64(0)
    assert 0.0 < draws.fine_unit(none, none) < 2.0**-52
    assert 1.0 - 2.0**-52 < draws.fine_unit(top, top) < 1.0
