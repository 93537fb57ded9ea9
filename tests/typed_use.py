"""What a type checker makes of regimesim, as its users see it; `make lint` checks it with mypy.

It is never run. An error that must come has a `type: ignore`, which is itself an error where
nothing is ignored.
"""

from pathlib import Path
from typing import assert_type

import regimesim as rs
from regimesim.model.oversight.policy import Policy
from regimesim.studies.run.compute import RunResult


@rs.policy
def plain(seen: rs.Observation, levers: rs.Levers) -> rs.Levers:
    return levers


@rs.policy(name="watchful", settings={"oversight.control": {}})
def with_settings(seen: rs.Observation, levers: rs.Levers) -> rs.Levers:
    return levers


@rs.policy(memory={"since": 0.0})
def with_memory(seen: rs.Observation, levers: rs.Levers, memory: rs.Memory) -> rs.Levers:
    memory.since += 1.0
    return levers.set(growth=0.0 if memory["since"] > 3.0 else levers.growth)


assert_type(plain, Policy)
assert_type(with_settings, Policy)
assert_type(with_memory, Policy)

scenario = rs.load(Path("scenario.toml"))
assert_type(scenario, rs.Scenario)
assert_type(rs.parse({"worlds": 100}), rs.Scenario)
assert_type(scenario.override({"worlds": 500}), rs.Scenario)

assert_type(rs.run("scenario.toml", policies=[plain], threads=2), RunResult)
assert_type(rs.run_to_precision(scenario, {"no_takeover": 0.01}), RunResult)
assert_type(rs.calibrate(since=2023).doubling_months, float)
assert_type(rs.RegimeModel(scenario, policy=plain, world=3).month, int)
assert_type(rs.Refusal("no").lines, tuple[str, ...])

rs.lode("scenario.toml")  # type: ignore[attr-defined]
rs.load(7)  # type: ignore[arg-type]
rs.run(scenario, threads="2")  # type: ignore[arg-type]
rs.estimates("worlds.nc")  # type: ignore[arg-type]
