"""One model, many faces: Mesa, the ensemble, any threads and any batches give the same bits."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from scenarios_of_tests import busy

import regimesim as rs
from regimesim.analysis import present_worlds
from regimesim.cli import main
from regimesim.ensemble import ensemble
from regimesim.ensemble.parameter_sampling import draw_parameters, make_stack
from regimesim.mesa_model import AISystem, Lab
from regimesim.model.compilation import INTERPRETED
from regimesim.model.dynamics.month import GOVERN, PROCEED, simulate
from regimesim.model.dynamics.tiles import make_batch, make_tile
from regimesim.model.oversight.policy import policy
from regimesim.model.world.layout import LAB, SYSTEM, WIDTH, WORLD
from regimesim.model.world.records import MONTHLY, names
from regimesim.studies.run import keeping

POLICIES = ("none", "control", "all", "untrusted")


@policy(settings={"oversight.control": {}, "oversight.correction": {}})
def cautious(observation, levers):
    """Audits more and asks for a pause once incidents are seen."""
    worried = observation.strikes_seen + observation.story_incidents > 0.0
    return levers.set(
        audit_budget=0.1 if worried else 0.02,
        pause=0.5 if worried else 0.0,
        hold=2.0,
        density_floor=0.5,
        correction=0.5 * levers.correction,
    )


def column(record, w):
    """Every number of column `w` of a record, in one array."""
    return np.concatenate([np.ravel(record[name][..., w]) for name in record.dtype.names])


def state(tile, w):
    """All state of column `w` of a tile."""
    records = [*tile.systems, *tile.labs, tile.worlds[0]]
    return np.concatenate([column(record, w) for record in records])


@pytest.mark.parametrize("name", [*POLICIES, "cautious"])
def test_every_month_of_the_mesa_face_is_that_of_the_ensemble_bit_for_bit(name):
    scenario = busy()
    own = cautious if name == "cautious" else None
    if own:
        scenario = scenario.with_policy(own.name, own.settings)
    tables = scenario.policies[name]
    tile, stack = make_tile(scenario.labs, scenario.systems), make_stack(tables)
    numbers = np.arange(WIDTH)
    seeds = np.full(WIDTH, scenario.seed)
    drawn = draw_parameters(tables, scenario.start, seeds, numbers)
    batch = make_batch(seeds, numbers, drawn, scenario.months)
    simulate(tile, stack, batch, GOVERN, 1)
    models = [rs.RegimeModel(busy(), own or name, w) for w in range(0, WIDTH, 5)]
    compared = 0
    for _ in range(scenario.months):
        for model in models:
            w = model.world
            assert bool(tile.worlds[0]["running"][w]) == model.running
            if model.running:
                np.testing.assert_array_equal(state(tile, w), state(model.tile, 0))
                compared += 1
        simulate(tile, stack, batch, GOVERN, 1)
        if own:
            own.set_levers(tile)
        simulate(tile, stack, batch, PROCEED, 1)
        for model in models:
            model.step()
    assert compared > 5 * len(models)
    assert {SYSTEM, LAB, WORLD} == {a.dtype for a in (tile.systems, tile.labs, tile.worlds)}


def test_the_outcome_of_a_mesa_world_is_its_row_in_the_dataset():
    scenario = busy()
    worlds, months = rs.run(scenario, [*POLICIES, cautious])
    for name in (*POLICIES, cautious):
        for number in (0, 17, 39):
            model = rs.RegimeModel(scenario, name, number)
            model.run_model()
            row = worlds.sel(policy=getattr(name, "name", name), world=number)
            for threshold, month in model.crossings.items():
                kept = float(row.crossing.sel(threshold=threshold))
                assert (month is None and np.isnan(kept)) or month == kept
            for count, value in model.outcome.items():
                kept = float(row[count])
                assert value == kept or np.isnan(kept)
    assert float(months.worlds_not_lost.isel(month=0).min()) == scenario.worlds


def same(one, other):
    """Whether two runs are the same in every bit."""
    return all(a.equals(b) for a, b in zip(one, other, strict=True))


def test_threads_and_batches_change_no_bit(monkeypatch):
    scenario = busy()
    both = ["control", cautious]
    reference = rs.run(scenario, both, threads=1)
    monkeypatch.setattr(ensemble, "LEAST_SHARE", 1)
    assert same(reference, rs.run(scenario, both, threads=2))
    assert same(reference, rs.run(scenario, both, threads=4))
    monkeypatch.setattr(ensemble, "MOST_SHARE", 1)
    assert same(reference, rs.run(scenario, both, threads=3))


FILES = ("summary.json", "months.nc", "worlds.nc")  # the manifest tells the time taken


@pytest.mark.skipif(INTERPRETED, reason="many worlds, too slow uncompiled")
def test_saved_results_are_the_same_with_1_2_and_4_threads(tmp_path):
    file = Path(__file__).parents[2] / "scenarios" / "first_critical_try.toml"
    size = ["--worlds", "500", "--set", "months=40", "--set", "systems=6", "--no-figures"]
    for name in ("none", "control", "halt", "defence_in_depth"):
        size += ["--policy", name]
    found = {}
    for threads in ("1", "2", "4"):
        out = tmp_path / threads
        assert main(["run", str(file), *size, "--threads", threads, "--out", str(out)]) == 0
        found[threads] = [(out / name).read_bytes() for name in FILES]
    assert found["1"] == found["2"] == found["4"]


@pytest.mark.parametrize("precision", [[], ["--precision", "no_takeover=0.04", "--at", "medians"]])
def test_a_run_that_stays_in_memory_writes_the_same_files(tmp_path, monkeypatch, precision):
    file = Path(__file__).parents[2] / "scenarios" / "first_critical_try.toml"
    size = ["--worlds", "300", "--set", "months=40", "--set", "systems=6", *precision]
    size += ["--policy", "control", "--policy", "halt"]
    found = []
    for small, few in ((keeping.SMALL, present_worlds.FEW), (0, 0)):
        monkeypatch.setattr(keeping, "SMALL", small)
        monkeypatch.setattr(present_worlds, "FEW", few)
        out = tmp_path / f"{small}"
        assert main(["run", str(file), *size, "--out", str(out)]) == 0
        figures = sorted(path.name for path in (out / "figures").glob("*.svg"))
        files = [*FILES, *(f"figures/{name}" for name in figures)]
        found.append({name: (out / name).read_bytes() for name in files})
    grown = found[0].pop("worlds.nc"), found[1].pop("worlds.nc")
    assert precision or grown[0] == grown[1]  # a file that grows has its own layout
    assert found[0] == found[1]


def test_a_policy_sees_the_same_worlds_alone_as_in_company():
    scenario = busy()
    worlds, months = rs.run(scenario)
    for name in POLICIES:
        alone = rs.run(scenario.choose([name]))
        shared = [n for n in alone.worlds if n in worlds]
        xr.testing.assert_identical(
            alone.worlds[shared].drop_attrs(), worlds[shared].sel(policy=[name]).drop_attrs()
        )
        xr.testing.assert_identical(
            alone.months.drop_attrs(), months.sel(policy=[name]).drop_attrs()
        )


def test_more_worlds_only_add_rows():
    few, many = rs.run(busy(worlds=10)).worlds, rs.run(busy(worlds=40)).worlds
    assert few.drop_attrs().equals(many.isel(world=slice(10)).drop_attrs())


def test_seeds_differ():
    assert not rs.run(busy()).worlds.crossing.equals(rs.run(busy(seed=8)).worlds.crossing)


def test_uncertain_parameters_are_common_to_policies():
    worlds = rs.run(busy()).worlds
    for name in ("capability.initial", "capability.doubling_time", "takeover.difficulty"):
        values = worlds[name].values
        assert np.unique(values[0]).size == worlds.sizes["world"]
        np.testing.assert_array_equal(values, np.broadcast_to(values[0], values.shape))


def test_a_rule_that_changes_nothing_is_the_policy_without_it():
    @policy(settings={"oversight.control": {}})
    def idle(observation, levers):
        return levers

    worlds, _ = rs.run(busy(), ["control", idle])
    xr.testing.assert_equal(
        worlds.sel(policy="idle").drop_vars(["policy", "title"]),
        worlds.sel(policy="control").drop_vars(["policy", "title"]),
    )


def test_a_lever_set_to_nan_is_refused():
    @policy(settings={"oversight.control": {}})
    def broken(observation, levers):
        nan = float("nan") if observation.month > 3 else 0.02
        return levers.set(audit_budget=nan)

    with pytest.raises(rs.Refusal, match="month 4 of world 0, the lever audit_budget was set"):
        rs.run(busy(), [broken])
    model = rs.RegimeModel(busy(), broken)
    with pytest.raises(rs.Refusal, match="broken"):
        model.run_model()


@pytest.mark.skipif(INTERPRETED, reason="nothing is compiled")
def test_a_rule_that_cannot_be_compiled_is_refused():
    @policy(settings={"oversight.control": {}})
    def dynamic(observation, levers):
        return levers._replace(pause=open("wishes").read())

    with pytest.raises(rs.Refusal, match="policy 'dynamic': cannot be compiled: "):
        rs.run(busy(), [dynamic])


def test_a_policy_takes_two_arguments():
    with pytest.raises(TypeError, match=r"must take \(observation, levers\)"):
        policy(lambda observation: observation)


def test_mesa_collects_what_the_ensemble_records():
    scenario = busy(worlds=1).choose(["all"])
    model = rs.RegimeModel(scenario, "all", collect_agents=True)
    for _ in range(12):
        model.step()
    collected = model.datacollector.get_model_vars_dataframe()
    months = rs.run(scenario).months.isel(policy=0, month=slice(12))
    for name in names(MONTHLY):
        np.testing.assert_array_equal(collected[name].values, months[name].values)
    systems = model.datacollector.get_agenttype_vars_dataframe(AISystem)
    assert len(systems) == 12 * scenario.systems
    assert set(model.agents_by_type) == {Lab, AISystem}
    first = model.systems[0]
    assert first.capability == model.tile.systems[0]["capability"][0]
    assert first in first.lab.systems and len(model.labs) == scenario.labs
    assert model.regime in ("safe", "capable", "favourable", "tried_and_held", "lost")


def test_what_is_no_scenario_or_policy_is_refused():
    with pytest.raises(rs.Refusal, match="a scenario is"):
        rs.RegimeModel(3)
    with pytest.raises(rs.Refusal, match="no policy"):
        rs.RegimeModel(busy(), "contrl")
    for world in (-1, 2**32, 1.5):
        with pytest.raises(rs.Refusal, match="world: found"):
            rs.RegimeModel(busy(), "control", world)
    with pytest.raises(rs.Refusal, match="no such file"):
        rs.run("nowhere.toml")
    with pytest.raises(rs.Refusal, match=r"allowed are names and what @regimesim\.policy makes"):
        rs.run(busy(), [lambda observation, levers: levers])
    with pytest.raises(rs.Refusal, match="two of the name 'cautious'"):
        rs.run(busy(), [cautious, cautious])
    with pytest.raises(rs.Refusal, match="threads: found 0"):
        rs.run(busy(), threads=0)


def test_a_rule_that_returns_no_levers_is_refused():
    @policy(settings={"oversight.control": {}})
    def forgetful(observation, levers):
        if observation.month > 3:
            return None
        return levers

    with pytest.raises(rs.Refusal, match=r"policy 'forgetful': (in .*)?must return Levers"):
        rs.run(busy(), [forgetful])
