"""Draws: the published vectors, and that a purpose touches nothing but itself."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from regimesim.model.world import draws

BITS = (6, 7, 12, 5)  # of entities, months, worlds and purposes
VECTORS = (  # Random123's known answers for philox4x32-7: counter, key, words
    ((0, 0, 0, 0), (0, 0), (0x5F6FB709, 0x0D893F64, 0x4F121F81, 0x4F730A48)),
    ((2**32 - 1,) * 4, (2**32 - 1,) * 2, (0x5207DDC2, 0x45165E59, 0x4D8EE751, 0x8C52F662)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0x4DFCCABA, 0x190A87F0, 0xC47362BA, 0xB6B5242A),
    ),
)


@pytest.mark.parametrize(("counter", "key", "known"), VECTORS)
def test_philox_gives_the_published_words(counter, key, known):
    given = [np.uint64(word) for word in (*counter, *key)]
    assert tuple(int(word) for word in draws.philox(*given)) == known


def blocks(counter, seed, rounds):
    """Philox4x32 of so many rounds, of whole arrays of counters: (4, counters) uint64."""
    full, half = np.uint64(2**32 - 1), np.uint64(32)
    first, second = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
    c0, c1, c2, c3 = (np.asarray(word, np.uint64) for word in counter)
    k0, k1 = np.uint64(seed) & full, np.uint64(seed) >> half
    for _ in range(rounds):
        a, b = first * c0, second * c2
        c0, c1, c2, c3 = (b >> half) ^ c1 ^ k0, b & full, (a >> half) ^ c3 ^ k1, a & full
        k0, k1 = (k0 + np.uint64(0x9E3779B9)) & full, (k1 + np.uint64(0xBB67AE85)) & full
    return np.array([c0, c1, c2, c3])


def small_counters(count, seed):
    """Counters such as runs have, each part uniform: entity, month, world and purpose."""
    rng, below = np.random.default_rng(seed), (1 << bits for bits in BITS)
    return [rng.integers(0, most, count).astype(np.uint64) for most in below]


def farthest_from_even(rounds, count=1 << 14):
    """How often each bit of the counter that runs use flips each bit of the four words: the
    farthest from half of the time, in standard deviations."""
    counter, farthest = small_counters(count, 1), 0.0
    here = blocks(counter, 1, rounds)
    for part, bits in enumerate(BITS):
        for bit in range(bits):
            moved = [*counter]
            moved[part] = counter[part] ^ np.uint64(1 << bit)
            flips = (here ^ blocks(moved, 1, rounds)).astype("<u4").view(np.uint8)
            counts = np.unpackbits(flips.reshape(4, count, 4), axis=2).sum(axis=1, dtype=int)
            farthest = max(farthest, np.abs(counts - count / 2).max() / np.sqrt(count / 4))
    return farthest


def largest_correlation(rounds, count=1 << 14):
    """Of uniforms in the same word of neighbours (systems, months, worlds, purposes), and in two
    words of a block: the largest correlation, in standard deviations."""
    counter = small_counters(count, 2)
    here = blocks(counter, 1, rounds) / 2.0**32 - 0.5
    pairs = [(here[k], here[j]) for k in range(4) for j in range(k)]
    for part in range(4):
        moved = [*counter]
        moved[part] = counter[part] + np.uint64(1)
        beside = blocks(moved, 1, rounds) / 2.0**32 - 0.5
        pairs += [(here[k], beside[j]) for k in range(4) for j in range(4)]
    return max(abs(np.mean(a * b)) * 12 * np.sqrt(count) for a, b in pairs)


def test_blocks_are_those_of_the_package():
    counter = small_counters(50, 3)
    words = blocks(counter, 2**40 + 7, draws.ROUNDS)
    for place, one in enumerate(zip(*counter, strict=True)):
        entity, month, world, purpose = (np.int64(part) for part in one)
        block = draws.words(np.int64(2**40 + 7), entity, month, world, purpose)
        assert [int(word) for word in block] == words[:, place].tolist()


def test_rounds_mix_counters_of_small_numbers():
    # 3,840 shares of flips and 70 correlations: 5.5 deviations are beyond chance
    assert farthest_from_even(draws.ROUNDS) < 5.5
    assert largest_correlation(draws.ROUNDS) < 5.5


def test_fewer_rounds_would_not_mix_them():
    assert min(map(farthest_from_even, (4, 5, 6))) > 20
    assert min(map(largest_correlation, (4, 5))) > 20


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
