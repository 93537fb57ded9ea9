"""What was observed of each world, in a file that stays small."""

from pathlib import Path

import numpy as np

from regimesim.ensemble.netcdf import write_dataset


def save_observables(path: Path, result) -> None:
    """Write the observables of the run's worlds, for the months that the evidence needs, with the
    likelihood of each item."""
    import xarray

    seen, scenario = result.seen, result.question.scenario
    here = ("world", "month")
    variables = {
        name: ((*here, *(("paradigm",) if values.ndim == 3 else ())), values)
        for name, values in seen.values.items()
    }
    variables["log_likelihood"] = (("world", "item"), result.items.astype(np.float32))
    variables["month_lost"] = (("world",), seen.lost.astype(np.float32))
    coordinates = {
        "world": np.arange(len(seen.lost), dtype=np.int32),
        "month": seen.months.astype(np.int32),
        "item": list(result.question.evidence.items),
    }
    about = {
        "scenario": scenario.name,
        "policy": result.question.policy,
        "seed": scenario.seed,
        "start": scenario.start,
    }
    dataset = xarray.Dataset(variables, coordinates, about)
    for name in variables:
        dataset[name].encoding = {"zlib": True, "shuffle": True}
    write_dataset(path, dataset)
