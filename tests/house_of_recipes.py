"""What the package at hand offers, and what its commands answer, for the recipes of
docs/extending.md that add an estimand, a figure, a study, a claim or a row of the validation."""

import hashlib
import json
import os
import tempfile
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import small

import regimesim as rs
from regimesim.analysis.estimand_table import ESTIMANDS
from regimesim.cli import app, main
from regimesim.studies.claims.claim import find_claims
from regimesim.studies.claims.question import claims_folder
from regimesim.studies.validate.targets import read_targets


def answer(*arguments):
    """(exit code, standard output) of a command."""
    with redirect_stdout(StringIO()) as printed:
        code = main(list(arguments))
    return code, printed.getvalue()


def files(folder):
    """The files below a folder, without those of hidden names."""
    return sorted(str(path.relative_to(folder)) for path in Path(folder).rglob("*.*"))


def offered():
    """The names of everything that the recipes can add to."""
    return {
        "estimands": list(ESTIMANDS),
        "figures": list(rs.figures.FIGURES),
        "commands": [command.callback.__name__ for command in app.registered_commands],
        "exported": rs.__all__,
        "claims": list(find_claims(claims_folder())),
        "rows": list(read_targets()),
    }


def of_a_run():
    """A run, its figures drawn by `plot`: the summary, and the digest of each figure."""
    codes = [
        answer("run", "small.toml", "--no-figures", "--out", "run")[0],
        answer("plot", "run", "--format", "svg")[0],
    ]
    drawn = sorted(Path("run/figures").iterdir())
    return {
        "codes": codes,
        "summary": small.read("run/summary.json"),
        "figures": {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in drawn},
        "report": Path("run/report.html").read_text(encoding="utf-8"),
    }


def estimand():
    """What the new estimand is wherever estimands are asked for."""
    worlds, _ = rs.run("small.toml")
    untried = worlds["crossing"].sel(threshold="first_critical_try", drop=True).isnull()
    table = rs.estimates(worlds)
    rows = table[table["estimand"] == "no_critical_try"].set_index("policy")
    precise = rs.run_to_precision("small.toml", {"no_critical_try": 0.3})
    difficulty = {"takeover.difficulty": (4.0, 16.0)}
    required = rs.require("small.toml", {"no_critical_try": 0.18}, difficulty, ["none"])
    return {
        "estimates": rows[["estimate", "low", "high"]].T.to_dict(),
        "by_hand": untried.mean("world").to_series().to_dict(),
        "reached": precise.precision.reached,
        "half_widths": [standing.half_width for standing in precise.precision.standings],
        "required": required.to_dataframe().to_dict("records"),
    }


def figure():
    """The files of a run that draws its figures."""
    code, _ = answer("run", "small.toml", "--worlds", "10", "--out", "drawn")
    return {"code": code, "files": files("drawn")}


def study():
    """The folder of the new study, redrawn by `plot`, and what Python returns."""
    code, text = answer("strikes", "small.toml", "--out", "strikes")
    left = files("strikes")
    Path("strikes/figures/strikes.svg").unlink()
    redrawn, _ = answer("plot", "strikes")
    worlds, _ = rs.run("small.toml")
    return {
        "codes": [code, redrawn],
        "text": text,
        "files": left,
        "after": files("strikes"),
        "made_by": small.read("strikes/manifest.json")["made_by"],
        "saved": small.read("strikes/strikes.json")["policies"],
        "in_python": rs.strikes("small.toml").to_dict()["policies"],
        "by_hand": worlds.strikes.mean("world").to_series().to_dict(),
    }


def claim():
    """The verdict of the new claim, and its folder."""
    code, text = answer("claims", "C40", "--out", "claim")
    content = small.read("claim/claim.json")
    return {"code": code, "text": text, "content": content, "files": files("claim")}


def validation():
    """The new row as it is printed, and as JSON."""
    code, text = answer("validate", "V16", "V4", "--out", "validation")
    return {"code": code, "text": text, "content": small.read("validation/validate.json")}


def house(extended):
    """All of it, in a folder that is removed again."""
    home = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        Path("small.toml").write_text(small.SCENARIO.replace("worlds = 30", "worlds = 60"))
        content = {"offered": offered(), "run": of_a_run()}
        if extended:
            parts = (estimand, figure, study, claim, validation)
            content |= {part.__name__: part() for part in parts}
        os.chdir(home)
    return json.loads(json.dumps(content))
