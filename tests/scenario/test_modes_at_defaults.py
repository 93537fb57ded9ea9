"""The main scenario with modes at the defaults differs from it in nothing else."""

from pathlib import Path

from regimesim.scenario import load
from regimesim.scenario.declaration import Distribution
from regimesim.scenario.parameters import OUTSIDE_OF
from regimesim.studies.parameter_points import numbers_of

SCENARIOS = Path(__file__).parents[2] / "scenarios"
MEAN = {"takeover.difficulty": 15}  # the default is a distribution with this mean


def test_every_even_distribution_has_its_mode_at_the_default():
    main, modes = (load(SCENARIOS / f"{name}.toml") for name in ("first_critical_try",
                                                                 "modes_at_defaults"))  # fmt: skip
    assert list(main.order.items()) == list(modes.order.items())
    for policy in main.policies:
        even, around = numbers_of(main, policy), numbers_of(modes, policy)
        assert even.keys() == around.keys()
        for key, (declared, value) in even.items():
            other = around[key].value
            if not isinstance(value, Distribution) or value.kind != "uniform":
                assert other == value
                continue
            if (name := key.removeprefix("outside.")) != key:  # as in labs that adopt the policy
                assert other == around[OUTSIDE_OF[name]].value
                continue
            default = MEAN.get(key, declared.default)
            if isinstance(default, tuple):  # of a list, the part with the same name
                default = dict(zip(declared.quantity.parts, default, strict=True))[
                    key.rpartition(".")[2]
                ]
            low, high = value.numbers
            assert other == Distribution("triangular", (low, float(default), high)), key
