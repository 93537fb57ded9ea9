"""Worlds that nothing refers to any more are freed, although Mesa numbers their agents."""

import gc
import weakref

import pytest
import small

import regimesim as rs
from regimesim.mesa_model import AISystem, Lab
from regimesim.view.memory import release
from regimesim.view.watched import Watched


@pytest.mark.parametrize("kind", [rs.RegimeModel, Watched])
def test_no_world_outlives_its_last_reference(kind):
    scenario, worlds = small.scenario(), []
    for world in range(20):
        model = kind(scenario, world=world)
        model.step()
        worlds.append(weakref.ref(model))
    del model
    release()
    assert [world for world in worlds if world() is not None] == []


def test_agents_of_a_world_do_not_outlive_it():
    model = rs.RegimeModel(small.scenario())
    agents = [weakref.ref(agent) for agent in model.agents]
    assert len(agents) > 1
    del model
    gc.collect()
    assert [agent for agent in agents if agent() is not None] == []


def test_agents_of_each_world_are_numbered_from_one():
    models = [rs.RegimeModel(small.scenario(), world=world) for world in range(2)]
    for model in models:
        numbers = [agent.unique_id for agent in model.agents]
        assert numbers == list(range(1, len(numbers) + 1))
        assert {type(agent) for agent in model.agents} == {Lab, AISystem}
