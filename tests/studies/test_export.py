"""`regimesim export`: files that EMA workbench and SALib read, without either of them."""

import json
import tarfile

import numpy as np
import pytest
from scipy.stats import qmc
from synthetic_run import save_run
from synthetic_sweep import make_sweep, save_sweep

import regimesim as rs
from regimesim.analysis.outcome import OUTCOMES
from regimesim.cli import main
from regimesim.studies.export.salib import analysis_of

KEYS = ("takeover.difficulty", "oversight.audit_budget", "feedback.density")
GRID = {
    "takeover.difficulty": [11.0, 13.5],
    "systems": [3, 5],
    "oversight.control": [True, False],
    "oversight.control.curve": ["elo", "logistic"],
}


def saltelli(blocks, axes, second_order):
    """Points in the order of SALib's sobol sample: block by block A, A with B's, B with A's, B."""
    both = np.random.default_rng(5).random((blocks, 2 * axes))
    rows = []
    for ours, theirs in zip(both[:, :axes], both[:, axes:], strict=True):
        rows.append(ours)
        for base, other in ((ours, theirs), (theirs, ours))[: 1 + second_order]:
            for k in range(axes):
                row = base.copy()
                row[k] = other[k]
                rows.append(row)
        rows.append(theirs)
    return np.array(rows)


def morris(trajectories, axes):
    """Trajectories that move one parameter at a time by 2/3, in random order."""
    rng, rows = np.random.default_rng(6), []
    for _ in range(trajectories):
        place = rng.integers(0, 2, axes) / 3
        rows.append(place.copy())
        for k in rng.permutation(axes):
            place[k] += 2 / 3
            rows.append(place.copy())
    return np.array(rows)


def at(points, policies=("control", "stack")):
    """A sweep with made-up results at some points."""
    keys = KEYS[: points.shape[1]]
    made = make_sweep(dict.fromkeys(keys, (0, 1)), policies, points=len(points))
    made.attrs["design"] = "table"
    return made.assign_coords({k: ("point", points[:, i]) for i, k in enumerate(keys)})


def sentence(capsys, *arguments):
    """The only sentence of a refused export."""
    assert main(["export", *map(str, arguments)]) == 2
    written = capsys.readouterr()
    (line,) = written.err.splitlines()
    assert written.out == ""
    return line


def members(path):
    """The text files of an archive by name, in order."""
    with tarfile.open(path, "r:gz") as archive:
        return {one.name: archive.extractfile(one).read().decode() for one in archive}


def test_an_archive_for_ema_has_a_row_for_each_policy_and_point(tmp_path):
    made = save_sweep(tmp_path / "s", axes=GRID, policies=("none", "control"))
    written = rs.export(tmp_path / "s", "ema")
    assert written.path == tmp_path / "s.ema.tar.gz"
    files = members(written.path)
    assert [*files] == [
        "experiments.csv",
        *(f"{name}.cls" for name in written.outcomes),
        "metadata.json",
    ]
    header, *rows = files["experiments.csv"].split("\n")
    assert header == ",".join([*GRID, "scenario", "policy", "model"])
    assert (rows[0], rows[1], rows[3], rows[16], rows[31], rows[32]) == (
        "11.0,3,True,elo,0,none,regimesim",
        "11.0,3,True,logistic,1,none,regimesim",
        "11.0,3,False,logistic,3,none,regimesim",
        "11.0,3,True,elo,0,control,regimesim",
        "13.5,5,False,logistic,15,control,regimesim",
        "",
    )
    kept = made.sel({"policy": "control", "systems": 5, "takeover.difficulty": 11.0})
    kept = kept.sel({"oversight.control": False, "oversight.control.curve": "elo"})
    for name in written.outcomes:
        values = files[f"{name}.cls"].split("\n")
        assert len(values) == 33 and values[-1] == ""
        expected = float(kept[name])
        assert float(values[16 + 6]) == expected or np.isnan(expected)


def test_the_metadata_for_ema_name_every_outcome_and_the_type_of_every_column(tmp_path):
    save_sweep(tmp_path / "s", axes=GRID)
    metadata = json.loads(members(rs.export(tmp_path / "s", "ema").path)["metadata.json"])
    assert metadata["version"] == 0.1
    assert metadata["outcomes"] == [["ScalarOutcome", n, f"{n}.cls"] for n in OUTCOMES]
    assert [*metadata["experiments"].values()] == [
        *("float64", "int64", "bool", "category"),
        *["category"] * 3,
    ]


def test_a_missing_outcome_is_nan_for_ema_and_keeps_its_row(tmp_path):
    made = make_sweep(policies=("control",))
    made["error"][1, 2] = "contradiction"
    made["no_takeover"][1, 2, 0] = np.nan
    save_sweep(tmp_path / "s", made=made)
    written = rs.export(tmp_path / "s", "ema", tmp_path / "new" / "x.tar.gz")
    values = members(written.path)["no_takeover.cls"].split("\n")
    assert [k for k, value in enumerate(values) if value == "nan"] == [9]
    assert (len(values), written.failed) == (57, 1)
    assert "could not be run, and are NaN: 1." in written.text()


def test_the_same_sweep_gives_the_same_bytes(tmp_path):
    save_sweep(tmp_path / "s")
    for name in ("ema", "salib"):
        points = saltelli(4, 2, True) if name == "salib" else None
        if points is not None:
            save_sweep(tmp_path / "s", made=at(points))
        one, two = (rs.export(tmp_path / "s", name, tmp_path / f"{name}{k}").path for k in (1, 2))
        assert one.read_bytes() == two.read_bytes()
    assert (tmp_path / "ema1").read_bytes()[4:8] == bytes(4)  # gzip keeps no time


def test_a_policy_that_a_csv_file_makes_missing_is_refused(tmp_path, capsys):
    name = "null"
    save_sweep(tmp_path / "s", policies=("control", name))
    assert sentence(capsys, tmp_path / "s", "--to", "ema") == (
        f'{tmp_path / "s"}: policy: found "{name}", which EMA workbench would read as a number or '
        "as missing; sweep under another name"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["s"]


def test_a_policy_none_stays(tmp_path):
    save_sweep(tmp_path / "s", policies=("none", "1st"))
    assert rs.export(tmp_path / "s", "ema").policies == ("none", "1st")


@pytest.mark.parametrize("second_order", [True, False])
@pytest.mark.parametrize("axes", [1, 2, 3])
def test_a_sobol_sample_is_recognised(second_order, axes):
    expected = {"analysis": "sobol", "calc_second_order": second_order}
    points = saltelli(8, axes, second_order)
    assert analysis_of(points) == expected
    assert analysis_of(np.round(points * 5)) == expected  # whole numbers, of which some agree


def test_a_sample_of_trajectories_is_recognised():
    assert analysis_of(morris(5, 3)) == {"analysis": "morris"}
    assert analysis_of(morris(5, 2)) == {"analysis": "morris"}


def others():
    """Points that SALib's sobol accepts by their number alone, by name."""
    swapped, moved = saltelli(8, 3, True), saltelli(8, 3, True)
    swapped[[3, 4]] = swapped[[4, 3]]
    moved[5, 0] += 1e-9
    grid = np.stack(np.meshgrid([0, 0.5], [0, 1], np.arange(16.0), indexing="ij"), -1)
    return {
        "sobol sequence": qmc.Sobol(3, rng=1).random(64),
        "latin hypercube": qmc.LatinHypercube(3, rng=1).random(64),
        "grid": grid.reshape(64, 3),
        "grid of one axis": np.arange(8.0)[:, None],
        "grid of two axes": np.array([[0, 0], [0, 1], [1, 0], [1, 1], [2, 0], [2, 1]]),
        "swapped rows": swapped,
        "a moved number": moved,
        "rows left out": saltelli(8, 3, True)[:-1],
        "A and B changed over": saltelli(8, 3, False).reshape(8, 5, 3)[:, ::-1].reshape(40, 3),
    }


@pytest.mark.parametrize("name", others())
def test_other_points_are_no_sample(name):
    assert analysis_of(others()[name]) is None


def test_other_points_are_refused_for_salib(tmp_path, capsys):
    save_sweep(tmp_path / "s", made=at(others()["sobol sequence"]))
    assert sentence(capsys, tmp_path / "s", "--to", "salib") == (
        f"{tmp_path / 's'}: its points (table) are no sample of SALib's sobol or morris, so SALib "
        "would compute wrong indices from them without a warning; sweep the points of such a "
        "sample with --table"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["s"]


def test_a_file_for_salib_has_the_problem_and_the_outcomes_in_order(tmp_path, capsys):
    points = saltelli(4, 2, False)
    made = save_sweep(tmp_path / "s", made=at(points))
    assert main(["export", str(tmp_path / "s"), "--to", "salib"]) == 0
    path = tmp_path / "s.salib.json"
    printed = capsys.readouterr().out
    assert "Points: 16, under 2 policies. Outcomes: 50." in printed
    assert printed.splitlines()[-1] == str(path)
    content = json.loads(path.read_text())
    bounds = np.transpose([points.min(axis=0), points.max(axis=0)]).tolist()
    assert content["problem"] == {"num_vars": 2, "names": [*KEYS[:2]], "bounds": bounds}
    assert (content["analysis"], content["calc_second_order"]) == ("sobol", False)
    assert content["points"] == points.tolist()
    for policy in ("control", "stack"):
        for name, values in content["outcomes"][policy].items():
            assert values == made[name].sel(policy=policy).values.tolist()
        assert "no_takeover" in content["outcomes"][policy]


def test_a_switch_is_a_number_for_salib(tmp_path):
    points = morris(4, 2)
    made = at(points).rename({KEYS[1]: "oversight.control"})
    made["oversight.control"] = ("point", points[:, 1] > 0.5)
    made.attrs["axes"] = json.dumps([KEYS[0], "oversight.control"])
    save_sweep(tmp_path / "s", made=made)
    content = json.loads(rs.export(tmp_path / "s", "salib").path.read_text())
    assert content["analysis"] == "morris"
    assert np.transpose(content["points"])[1].tolist() == (points[:, 1] > 0.5).tolist()


def test_words_are_refused_for_salib(tmp_path, capsys):
    save_sweep(tmp_path / "s", axes=GRID)
    line = sentence(capsys, tmp_path / "s", "--to", "salib")
    assert line == f'{tmp_path / "s"}: oversight.control.curve: found "elo"; SALib takes numbers'


def test_an_outcome_with_a_gap_is_left_out_under_its_policy(tmp_path):
    made = at(saltelli(4, 2, True)).fillna(1.0)
    made["no_takeover"][3, 1] = np.nan
    save_sweep(tmp_path / "s", made=made)
    written = rs.export(tmp_path / "s", "salib")
    assert written.left_out == {"stack": ("no_takeover",)}
    assert "stack: left out, since missing at some points: no_takeover." in written.text()
    outcomes = json.loads(written.path.read_text())["outcomes"]
    assert set(outcomes["control"]) == set(OUTCOMES)
    assert set(outcomes["control"]) - set(outcomes["stack"]) == {"no_takeover"}


def test_gaps_everywhere_are_refused_for_salib(tmp_path, capsys):
    made = at(saltelli(4, 2, True))
    for name in OUTCOMES:
        made[name][3] = np.nan
    save_sweep(tmp_path / "s", made=made)
    line = sentence(capsys, tmp_path / "s", "--to", "salib")
    assert line.startswith(f"{tmp_path / 's'}: no outcome exists at every point, and SALib would")
    made["error"][3] = "contradiction"
    save_sweep(tmp_path / "s", made=made)
    line = sentence(capsys, tmp_path / "s", "--to", "salib")
    assert line.startswith(f"{tmp_path / 's'}: 1 of 24 points could not be run, and SALib would")


def test_what_is_no_sweep_is_refused(tmp_path, capsys):
    save_run(tmp_path / "run")
    run, none = tmp_path / "run", tmp_path / "none"
    assert sentence(capsys, run, "--to", "ema") == f"{run}: is not the folder of a sweep"
    assert sentence(capsys, none, "--to", "ema") == f"{none}: there is no such folder"
    line = sentence(capsys, run, "--to", "emma")
    assert line == "--to: found \"emma\"; allowed is ema or salib; the nearest is 'ema'"


def test_no_file_is_replaced(tmp_path, capsys, monkeypatch):
    save_sweep(tmp_path / "s")
    mine = tmp_path / "mine.toml"
    mine.write_text("mine")
    line = sentence(capsys, tmp_path / "s", "--to", "ema", "--out", mine)
    assert line == f"{mine}: exists; remove it, or name another file with --out"
    assert mine.read_text() == "mine"
    monkeypatch.chdir(tmp_path / "s")
    assert main(["export", ".", "--to", "ema"]) == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == ["mine.toml", "s", "s.ema.tar.gz"]
