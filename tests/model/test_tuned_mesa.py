"""The tuned form of the plain Mesa model, a yardstick for speed, is the same model."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

import plain_mesa
import tuned_mesa


@pytest.mark.parametrize("difficulty", [2.0, 60.0])  # worlds that are lost, and that last
def test_its_worlds_are_those_of_the_plain_one(difficulty):
    def worlds(kind):
        lived = []
        for seed in range(3):
            world = kind(plain_mesa.defaults(difficulty), ("control",), systems=9, rng=seed)
            while world.running and world.steps < 60:
                world.step()
            capability = [system.capability for system in world.systems]
            lived.append((world.steps, world.crossings, capability))
        return lived

    plain = worlds(plain_mesa.PlainModel)
    assert worlds(tuned_mesa.TunedModel) == plain
    assert (min(steps for steps, *_ in plain) == 60) == (difficulty == 60.0)
