"""The month in JAX on the processor: the arrays of array_month.py, compiled as one program.

    python benchmarks/jax_month.py [--check]

Months are a `lax.scan` over a jitted step, in 64-bit numbers and with draws of JAX's Threefry.
JAX is no dependency of the project: this needs an environment that has both, for which
`pip install jax==0.10.2` suffices.  Without options the kernel and JAX are timed in turns, on one
core and on two, and compilation apart; `--check` compares means of many quantities with those of
the kernel.
"""

import argparse
import os
import subprocess
import sys
from functools import lru_cache, partial
from time import perf_counter, process_time

import array_check
import jax
import jax.numpy as jnp
import numpy as np
from array_month import found, model_numbers, shape_of, step
from array_systems import STOOD, fresh, prepared
from c_reference import make_work, run_in_kernel
from measured import STATE, in_turns, machine, ratios, report, seconds
from plain_mesa import defaults, nested
from yardsticks import LASTING, MONTHS, in_threads, report_rate, scenario

jax.config.update("jax_enable_x64", True)
QUEUE = 0.125  # of the systems of a block: if more are due in a month, all are trained
BLOCK = 256  # worlds that are computed at once


class JaxArrays:
    """Functions of JAX, and draws that follow from a key, in the order in which they are made."""

    np = jnp
    expit = staticmethod(jax.nn.sigmoid)

    def __init__(self, key, on=None):
        self._key, self._drawn, self._on = key, 0, on

    def uniform(self, *shape):
        """As in the kernel: 32 bits a draw."""
        self._drawn += 1
        bits = jax.random.bits(jax.random.fold_in(self._key, self._drawn), shape, "uint32")
        return (bits.astype(jnp.float64) + 0.5) * 2.0**-32

    def normal(self, *shape):
        return np.sqrt(2) * jax.lax.erf_inv(2 * self.uniform(*shape) - 1)

    @staticmethod
    def ndtr(x):
        """Φ by one function instead of two, as in jax.scipy.special."""
        return 0.5 * jax.lax.erfc(-np.sqrt(0.5) * x)

    def apart(self, stage, *given):
        """What a stage returns, computed once.  XLA would merge its sums into all that use them
        and compute them there anew; it does not know that `on` is always true."""
        result = jax.eval_shape(stage, *given)

        def nothing(*given):
            return jax.tree.map(lambda each: jnp.zeros(each.shape, each.dtype), result)

        return jax.lax.cond(self._on, stage, nothing, *given)

    def retrain(self, p, systems, due, labs):
        """Put freshly trained systems where they are due: through a queue of a fixed size, or
        where that is too short in all places at once."""
        size, length = due.size, int(QUEUE * due.size)
        number, worlds = due.shape[1:]

        def queued(systems):
            where = jnp.nonzero(due.ravel(), size=length, fill_value=size)[0]
            lab, world = where // worlds % number, where % worlds
            drawn = labs["drawn"][lab, :, world].T
            new = fresh(self, p, labs["frontier"][lab, world], labs["density"][lab, world], drawn)

            def put(name):
                flat = systems[name].ravel().at[where].set(new[name], mode="drop")
                return flat.reshape(due.shape)

            return {name: put(name) for name in systems}

        def masked(systems):
            everywhere = jnp.ones((due.shape[0], 1, 1))
            drawn = labs["drawn"].transpose(1, 0, 2)[:, None]
            frontier, density = labs["frontier"] * everywhere, labs["density"] * everywhere
            new = fresh(self, p, frontier, density, drawn)
            return {name: jnp.where(due, new[name], systems[name]) for name in systems}

        return jax.lax.cond(due.sum() <= length, queued, masked, systems)


@lru_cache
def program(systems, months, worlds, parameters, labs):
    """A compiled function of a seed: what is kept of each world, and the record of months."""
    p, which = prepared(nested(dict(parameters))), np.arange(labs)
    numbers = model_numbers(months, labs, p.training.release_interval)

    def start(key, models):
        return found(JaxArrays(key), p, shape_of(systems, labs, worlds), models[numbers[0], which])

    def whole(seed, on):
        key = jax.random.key(seed)
        models = JaxArrays(key).normal(numbers.max() + 1, labs, STOOD, worlds)

        def monthly(state, month):
            a = JaxArrays(jax.random.fold_in(key, 1000 + month), on)
            return step(a, p, state, month, models[jnp.array(numbers)[month], which])

        state = start(jax.random.fold_in(key, 999), models)
        types = jax.eval_shape(monthly, state, jnp.int64(0))[0]
        state = jax.tree.map(lambda x, kind: jnp.asarray(x, kind.dtype), state, types)
        state, rows = jax.lax.scan(monthly, state, jnp.arange(months))
        return state[2], rows

    return jax.jit(whole)


def simulate(systems, months, worlds, parameters=None, labs=3, seed=1):
    """Worlds all at once.  Returns what is kept of each, by name, and the record."""
    given = tuple((parameters or defaults()).items())
    return jax.block_until_ready(program(systems, months, worlds, given, labs)(seed, True))


def run(systems, months, worlds, parameters=None, labs=3, seed=1, block=BLOCK):
    """Simulate worlds in blocks of one size.  Returns the number of simulated system-months."""
    for first in range(0, worlds, block):
        simulate(systems, months, block, parameters, labs, seed + first)
    return systems * months * -(-worlds // block) * block


def compare(cores):
    """The kernel and JAX in turns, on the cores that this process may use."""
    systems, worlds, parameters = 60, 2 * BLOCK, defaults(LASTING)
    work, clock = make_work(scenario(worlds, systems)), process_time
    sides = {"kernel": partial(run_in_kernel, work)}
    if cores > 1:
        sides, clock = {"kernel": partial(in_threads, run_in_kernel, work, cores)}, perf_counter
    sides["JAX"] = partial(run, systems, MONTHS, worlds, parameters)
    first = seconds(sides["JAX"], process_time)  # that of all threads
    again = seconds(sides["JAX"], process_time)
    spent = in_turns(sides, 5, clock)
    size = f"{cores} core" + "s" * (cores > 1)
    for name in sides:
        report_rate(f"{name}, {size}", systems * MONTHS * worlds, spent[name])
    report(f"kernel / JAX, {size}", ratios(spent["JAX"], spent["kernel"]))
    report(f"compilation by JAX, processor time, {size}", [first - again], unit="s")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare means with the kernel's")
    parser.add_argument("--here", type=int, metavar="CORES", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.check:
        array_check.check(simulate)
    if asked.here:
        STATE["part"] = "The kernel against JAX"
        compare(asked.here)
        return
    print("\n".join([*machine(), f"JAX {jax.__version__}, {BLOCK} worlds at once"]))
    available = sorted(os.sched_getaffinity(0))
    for cores in (1, 2):
        if cores <= len(available):
            # a process of its own: JAX starts as many threads as it may use cores when it begins
            os.sched_setaffinity(0, available[:cores])
            subprocess.run([sys.executable, __file__, "--here", str(cores)], check=True)


if __name__ == "__main__":
    main()
