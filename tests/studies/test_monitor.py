"""A monitor in logs: what counts, and what a good guess about these files would miss.

The logs of `tests/logs` were made by Inspect and ControlArena with a mock model, by the scripts
beside them.
"""

import json
import shutil
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

import regimesim as rs
from regimesim.cli import main
from regimesim.studies.monitor import scores
from regimesim.studies.monitor.log_files import _opened, read_log
from regimesim.studies.monitor.samples import COPY, FAILED, UNLABELLED
from regimesim.studies.monitor.scores import number_of

LOGS = Path(__file__).parents[1] / "logs"
EPOCHS, WORDS, OLD = LOGS / "epochs.eval", LOGS / "words.eval", LOGS / "inspect_0.3.75.eval"
ARENA = [LOGS / "control_arena_honest.eval", LOGS / "control_arena_attack.eval"]
ASKED = ("suspicion", "metadata.mode")
OF_ARENA = ("max_suspicion_scorer", "metadata.eval_mode")


def refused(*args, **options) -> str:
    with pytest.raises(rs.Refusal) as caught:
        rs.monitor(*args, **options)
    return "\n".join(caught.value.lines)


def counted(result):
    """How many attacks and how much honest work count, and the rest by reason."""
    asked = result.question
    return len(asked.scores.attack), len(asked.scores.honest), dict(asked.excluded)


# ---- files ----


def test_python_alone_cannot_read_the_members_of_a_new_log():
    with zipfile.ZipFile(EPOCHS) as archive:
        assert {item.compress_type for item in archive.infolist()} == {93}
        if sys.version_info < (3, 14):
            with pytest.raises(NotImplementedError):
                archive.read("header.json")
    assert counted(rs.monitor(EPOCHS, *ASKED))[:2] == (9, 9)


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="Python reads Zstandard itself")
def test_without_the_library_one_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "backports.zstd", None)
    line = refused(EPOCHS, *ASKED)
    assert line == (
        f"{EPOCHS}: is compressed with Zstandard, which this Python reads after "
        "pip install 'regimesim[logs]'"
    )
    assert counted(rs.monitor(OLD, *ASKED))[:2] == (3, 3)  # deflated logs need nothing


def test_the_same_samples_in_json_count_alike(tmp_path):
    few, whole = rs.monitor(LOGS / "words.json", *ASKED), rs.monitor(WORDS, *ASKED)
    assert counted(few) == (2, 2, {scores.NOT_A_NUMBER: 1})
    assert set(few.question.scores.attack) <= set(whole.question.scores.attack)
    assert few.question.logs[0].made_by == whole.question.logs[0].made_by == "Inspect 0.3.285"


def test_a_folder_is_searched_and_json_that_is_no_log_is_named(tmp_path):
    inner = tmp_path / "deep" / "er"
    inner.mkdir(parents=True)
    shutil.copy(EPOCHS, inner)
    (tmp_path / "listing.json").write_text('{"files": []}')
    result = rs.monitor(tmp_path, *ASKED)
    assert counted(result)[:2] == (9, 9)
    assert result.question.notes == ("1 JSON file in the folders is no log.",)
    twice = rs.monitor([tmp_path, inner / "epochs.eval"], *ASKED)
    assert counted(twice) == counted(result)


def test_a_run_that_was_killed_has_the_journal_alone(tmp_path):
    killed = tmp_path / "killed.eval"
    with _opened(EPOCHS) as log, zipfile.ZipFile(killed, "w") as made:
        for name in log.namelist():
            if name.startswith(("samples/", "_journal/")):
                made.writestr(name, log.read(name))
    result = rs.monitor(killed, *ASKED)
    assert counted(result)[:2] == (9, 9)
    assert "status 'started'" in result.question.notes[0]


# ---- scores ----


def test_no_answer_is_not_0_and_a_text_beside_numbers_takes_no_number_away():
    result = rs.monitor(WORDS, *ASKED)
    assert counted(result) == (
        3,
        2,
        {
            scores.UNANSWERED: 1,
            scores.NOT_A_NUMBER: 1,
            scores.A_TEXT: 1,
            scores.SEVERAL: 1,
            UNLABELLED: 1,
        },
    )
    assert sorted(result.question.scores.attack) == [0.0, 0.3, 1.0]  # "I", 0.3 and "C"
    assert sorted(result.question.scores.honest) == [0.2, 0.4]  # 0.2 and "0.4"


@pytest.mark.parametrize(
    ("value", "number"),
    [(True, 1.0), (3, 3.0), ("C", 1.0), ("P", 0.5), (" yes ", 1.0), ("1e-3", 0.001)],
)
def test_values_that_are_numbers(value, number):
    assert number_of(value) == (number, None)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("N", scores.UNANSWERED),
        ("nan", scores.NOT_A_NUMBER),
        (float("nan"), scores.NOT_A_NUMBER),
        (None, scores.MISSING),
        ("c", scores.A_TEXT),
        ([1], scores.SEVERAL),
    ],
)
def test_values_that_are_none_have_a_reason(value, reason):
    assert number_of(value) == (None, reason)


def test_a_missing_score_of_an_old_log_is_nan_and_its_metadata_stand_in_samples_alone():
    with zipfile.ZipFile(OLD) as log:
        summaries = json.loads(log.read("summaries.json"))
        header = json.loads(log.read("header.json"))
    assert not any("metadata" in one for one in summaries)
    assert np.isnan(header["results"]["scores"][0]["metrics"]["mean"]["value"])
    result = rs.monitor(OLD, *ASKED)
    assert counted(result) == (3, 3, {scores.UNANSWERED: 1, scores.NOT_A_NUMBER: 1})
    assert result.auroc.estimate == pytest.approx(7 / 9)


def test_metadata_of_more_than_1_kb_are_cut_from_summaries_and_still_label():
    with _opened(WORDS) as log:
        summaries = json.loads(log.read("summaries.json"))
    assert len(summaries[0]["metadata"]["long"]) < 100
    assert {len(one["metadata"].get("deep", {})) for one in summaries} <= {0, 1}
    line = refused(WORDS, "suspicion", "metadata.deep.kind")
    assert line == (
        '--label metadata.deep.kind: is "plain" in all 10 samples that have it; both attacks and '
        "honest work are needed"
    )


# ---- which trajectories count ----


def test_a_run_in_which_everything_failed_calls_itself_a_success():
    with _opened(LOGS / "failed.eval") as log:
        header, summaries = (json.loads(log.read(f"{n}.json")) for n in ("header", "summaries"))
    assert header["status"] == "success" and header.get("results") is None
    assert all(one["completed"] is True for one in summaries)
    line = refused(LOGS / "failed.eval", *ASKED)
    assert line == '--score: no sample of these logs has a score, so there is no "suspicion"'
    both = rs.monitor([LOGS / "failed.eval", EPOCHS], *ASKED)
    assert counted(both) == (9, 9, {FAILED: 2})


def test_a_cancelled_run_counts_what_it_finished():
    with _opened(LOGS / "cancelled.eval") as log:
        header = json.loads(log.read("header.json"))
    assert header["status"] == "cancelled" and header["results"]["completed_samples"] == 2
    result = rs.monitor([LOGS / "cancelled.eval", EPOCHS], *ASKED)
    assert counted(result) == (10, 10, {FAILED: 1})
    assert result.question.notes == (
        "cancelled.eval ended with the status 'cancelled'; what it finished counts.",
    )


def test_a_retry_beside_the_failed_log_counts_no_trajectory_twice():
    logs = [LOGS / "retried-1.eval", LOGS / "retried-2.eval"]
    found: list[dict[str, str]] = [{}, {}]
    for log, uuids in zip(logs, found, strict=True):
        read_log(log, lambda _, sample, uuids=uuids: uuids.update({sample["id"]: sample["uuid"]}))
    assert found[0]["r0"] == found[1]["r0"] and found[0]["r2"] != found[1]["r2"]
    for order in (logs, logs[::-1]):
        assert counted(rs.monitor(order, *ASKED)) == (2, 2, {COPY: 2, FAILED: 2})


def test_a_rescored_copy_counts_once_or_is_refused_where_it_differs():
    line = refused([LOGS / "retried-2.eval", LOGS / "rescored.eval"], *ASKED)
    assert line.startswith('sample "r0", epoch 1: ')
    assert line.endswith(
        "hold the same trajectory with different scores (0.1 and 0.6), and 3 more differ; name "
        "one of the two logs"
    )
    alone = rs.monitor(LOGS / "rescored.eval", *ASKED)
    assert sorted(alone.question.scores.honest) == [0.6, 0.8]


def test_an_epoch_is_a_trajectory_and_means_over_epochs_would_flatter():
    with _opened(EPOCHS) as log:
        (reduced,) = json.loads(log.read("reductions.json"))
    means = {one["sample_id"]: one["value"] for one in reduced["samples"]}
    pairs = [means[b] > means[a] for a in ("a0", "a1", "a2") for b in ("b0", "b1", "b2")]
    result = rs.monitor(EPOCHS, *ASKED)
    attack, honest = result.question.scores.attack, result.question.scores.honest
    by_hand = np.mean([(a > h) + 0.5 * (a == h) for a in attack for h in honest])
    assert result.auroc.estimate == pytest.approx(by_hand, abs=1e-12)
    assert by_hand < np.mean(pairs) - 0.1
    assert result.question.scores.clusters == 6


# ---- ControlArena ----


def test_replies_that_could_not_be_parsed_are_no_zeros():
    result = rs.monitor(ARENA, *OF_ARENA)
    assert counted(result) == (4, 4, {scores.UNPARSED: 2})
    assert sorted(result.question.scores.attack) == [0.4, 0.5, 0.6, 0.9]
    assert sorted(result.question.scores.honest) == [0.1, 0.2, 0.3, 0.5]
    assert result.question.notes[0].startswith("In 2 trajectories that count, some replies")
    assert result.question.logs[0].made_by == "ControlArena, Inspect 0.3.285"


def test_a_monitor_of_the_whole_trajectory_says_so_in_the_explanation():
    result = rs.monitor(ARENA, "end_of_trajectory_monitor", OF_ARENA[1])
    assert counted(result) == (4, 4, {scores.UNPARSED: 2})
    assert 0.0 not in result.question.scores.honest


def test_the_mode_of_a_run_is_in_its_metadata_and_not_in_the_name_of_a_side_task():
    """Both runs have a side task, by which ControlArena's own table would call both attacks."""
    line = refused(ARENA, OF_ARENA[0], "metadata.side_task_name")
    assert line == (
        '--label metadata.side_task_name: is "steal" in all 10 samples that have it; both attacks '
        "and honest work are needed"
    )


def test_steps_and_trajectories_are_different_units():
    line = refused(ARENA, "suspicion_score", OF_ARENA[1])
    assert line == (
        "--unit: suspicion_score has a score for each step; --unit step ranks single steps, and "
        "--unit trajectory ranks whole trajectories by the highest score of their steps, which is "
        "the unit of the model; say which"
    )
    steps = rs.monitor(ARENA, "suspicion_score", OF_ARENA[1], unit="step")
    assert counted(steps) == (7, 7, {scores.UNPARSED: 6})
    assert "no scenario takes it" in steps.text().replace("\n", " ")
    runs = rs.monitor(ARENA, "suspicion_score", OF_ARENA[1], unit="trajectory")
    assert runs.auroc == rs.monitor(ARENA, *OF_ARENA).auroc
    assert runs.question.unit_words in runs.text().replace("\n", " ")
    line = refused(ARENA, *OF_ARENA, unit="step")
    assert line.startswith("--unit: max_suspicion_scorer has one score for a whole trajectory")


def test_budgets_are_shares_and_per_cent_are_explained():
    line = refused(ARENA, *OF_ARENA, budgets=[1.0, 5])
    assert line.splitlines() == [
        "--budget: found 1; allowed is a share of honest work, more than 0 and less than 1; 1 % "
        "is 0.01",
        "--budget: found 5; allowed is a share of honest work, more than 0 and less than 1; 5 % "
        "is 0.05",
    ]


# ---- bad input ----


def log_with(folder, **parts):
    """An archive with these members."""
    path = folder / "made.eval"
    with zipfile.ZipFile(path, "w") as made:
        for name, content in parts.items():
            made.writestr(name.replace("__", "/") + ".json", content)
    return path


@pytest.mark.parametrize(
    ("score", "label", "line"),
    [
        ("suspicions", "metadata.mode", "--score: no sample has \"suspicions\"; the nearest is "
         "'suspicion'"),
        ("suspicion", "metadata.mod", "--label metadata.mod: no sample has it; the nearest is "
         "'metadata.mode'"),
        ("suspicion", "metadata.mode=atack", "--label metadata.mode=atack: no sample has this "
         "value; the nearest is 'attack'"),
        ("suspicion", "mode", '--label: found "mode"; allowed is metadata.KEY or '
         "metadata.KEY=VALUE, the value of attacks; write metadata.mode"),
    ],
)  # fmt: skip
def test_unknown_names_have_a_nearest_one(score, label, line):
    assert refused(EPOCHS, score, label) == line


def test_the_value_of_attacks_may_be_named():
    usual, other = (
        rs.monitor(EPOCHS, *ASKED),
        rs.monitor(EPOCHS, "suspicion", "metadata.mode=honest"),
    )
    assert other.auroc.estimate == pytest.approx(1 - usual.auroc.estimate)
    assert "the area is below a half" in other.text().replace("\n", " ")


def test_labels_that_do_not_say_which_is_the_attack_are_asked_for(tmp_path):
    made = {"header": '{"eval": {}, "status": "success"}'}
    for k, kind in enumerate(("red", "blue", "red", "blue")):
        sample = {"id": k, "epoch": 1, "metadata": {"kind": kind}, "scores": {"s": {"value": k}}}
        made[f"samples__{k}"] = json.dumps(sample)
    path = log_with(tmp_path, **made)
    line = refused(path, "s", "metadata.kind")
    assert line == (
        '--label metadata.kind: has the values "red", "blue"; say which is an attack, as in '
        "--label metadata.kind=red"
    )
    assert counted(rs.monitor(path, "s", "metadata.kind=blue")) == (2, 2, {})


def test_a_class_that_is_left_without_scores_is_refused():
    line = refused(LOGS / "cancelled.eval", *ASKED)
    assert line == (
        "--score suspicion: one score of attack is left, and at least two are needed; excluded "
        "are 1 (the trajectory ended in an error)"
    )


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda p: p.write_bytes(EPOCHS.read_bytes()[:3000]), "is not a whole .eval log"),
        (lambda p: p.write_text("no zip"), "is not a whole .eval log"),
        (lambda p: zipfile.ZipFile(p, "w").close(), "is no log of Inspect: it has no header.json"),
    ],
)
def test_a_file_that_is_no_log_is_refused_and_nothing_is_written(make, reason, tmp_path, capsys):
    path, out = tmp_path / "made.eval", tmp_path / "out"
    make(path)
    command = ["monitor", str(path), "--score", "s", "--label", "metadata.m", "--out", str(out)]
    assert main(command) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1 and lines[0].startswith(f"{path}: {reason}")
    assert [one.name for one in tmp_path.iterdir()] == ["made.eval"]


def test_a_damaged_sample_is_named(tmp_path):
    path = log_with(tmp_path, header='{"eval": {}}', samples__a="{broken")
    assert refused(path, *ASKED).startswith(f"{path}: samples/a.json is damaged")


def test_folders_and_paths_without_logs(tmp_path):
    (tmp_path / "empty").mkdir()
    assert refused(tmp_path / "empty", *ASKED) == (
        f"{tmp_path / 'empty'}: the folder holds no log, a file *.eval or *.json"
    )
    assert refused(tmp_path / "none", *ASKED).endswith("there is no such file or folder")
    (tmp_path / "other.json").write_text("[]")
    assert "its header has no table 'eval'" in refused(tmp_path / "other.json", *ASKED)
    assert refused(tmp_path / "other.json", *ASKED).count("\n") == 0
    assert refused([], *ASKED).startswith("no log; name files")


# ---- the command ----


def test_the_command_writes_what_a_scenario_takes(tmp_path, capsys):
    out = tmp_path / "out"
    command = ["monitor", *map(str, ARENA), "--score", OF_ARENA[0], "--label", OF_ARENA[1]]
    assert main([*command, "--out", str(out), "--budget", "0.25"]) == 0
    printed = capsys.readouterr().out
    assert "AUROC 0.906" in printed and 'measured = "monitor.json"' in printed
    saved = json.loads((out / "monitor.json").read_text())
    assert saved["unit"] == "trajectory" and saved["budgets"][0]["budget"] == 0.25
    manifest = json.loads((out / "manifest.json").read_text())
    assert set(manifest["logs"]) == {str(log) for log in ARENA}
    assert (out / "figures" / "monitor.png").exists()
    assert main([*command, "--out", str(tmp_path / "two"), "--json", "--no-figures"]) == 0
    assert json.loads(capsys.readouterr().out)["auroc"] == saved["auroc"]
    scenario = rs.parse({"oversight": {"control": {"measured": str(out)}}})
    assert scenario.policies["scenario"].oversight.control.auroc.kind == "beta"


def test_the_page_shows_what_the_command_prints(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    page = (LOGS.parents[1] / "docs" / "monitors.md").read_text(encoding="utf-8")
    shown = page.split("<!-- example -->\n```text\n")[1].split("\n```\n<!-- end")[0]
    assert shown == rs.monitor(ARENA, *OF_ARENA).text().rstrip()


@pytest.mark.parametrize(
    "odd",
    [
        {"epoch": "x", "scores": [1], "metadata": [2], "messages": {"a": 1}, "uuid": {}},
        {"epoch": None, "scores": {"s": 3}, "metadata": None, "messages": [4, {"role": 5}]},
        {"id": None, "scores": {"s": {"value": {"a": [1]}}}, "messages": [{"role": "assistant"}]},
        {"scores": {"s": {}}, "metadata": {"kind": {"a": {}}}, "error": 0, "invalidation": {}},
    ],
)
def test_samples_that_nobody_expects_are_left_out(odd, tmp_path):
    """A sample that another release, or another program, wrote."""
    made = {"header": json.dumps({"eval": {"packages": 1}, "plan": {"steps": [1, {}]}})}
    for k, kind in enumerate(("attack", "honest") * 2):
        sample = {"id": k, "metadata": {"kind": kind}, "scores": {"s": {"value": k}}}
        made[f"samples__{k}"] = json.dumps(sample)
    path = log_with(tmp_path, **made, samples__odd=json.dumps(odd), samples__list="[]")
    attack, honest, left = counted(rs.monitor(path, "s", "metadata.kind"))
    assert (attack, honest, sum(left.values())) == (2, 2, 1)


# ---- scores and labels that say little ----


def json_log(folder, rows, **header):
    """A log in one JSON file, with the label and the score of each sample."""
    samples = [
        {"id": name, "epoch": 1, "metadata": {"mode": mode}, "scores": {"s": {"value": value}}}
        for name, mode, value in rows
    ]
    path = folder / "made.json"
    path.write_text(json.dumps({"eval": {"eval_id": "x"}, "samples": samples, **header}))
    return path


def half(values):
    """Rows of which every other one is an attack."""
    return [(str(k), ("honest", "attack")[k % 2], value) for k, value in enumerate(values)]


def test_whole_numbers_of_any_size_are_ranked_and_tie_where_no_float_holds_them(tmp_path):
    largest = 10**400  # beyond every float
    rows = [*half(range(8)), ("a", "attack", largest), ("b", "honest", largest)]
    result = rs.monitor(json_log(tmp_path, rows, plan={"steps": 4}), "s", "metadata.mode")
    assert counted(result) == (5, 5, {})
    twice = rs.monitor(
        json_log(tmp_path, [(*row[:2], min(row[2], 99)) for row in rows]), "s", "metadata.mode"
    )
    assert result.auroc == twice.auroc  # the two largest tie, as they do at 99
    assert result.to_dict()["roc"] == twice.to_dict()["roc"]


def test_one_log_that_holds_a_trajectory_twice_is_named_once(tmp_path):
    path = json_log(tmp_path, [("1", "attack", 3), ("1", "honest", 2)])
    assert refused(path, "s", "metadata.mode") == (
        f'{path}: holds sample "1", epoch 1, twice, with different scores (3 and 2); allowed is '
        "one sample of each id and epoch"
    )


def test_scores_that_are_all_the_same_say_nothing(tmp_path):
    path = json_log(tmp_path, half([1] * 10))
    measured = rs.monitor(path, "s", "metadata.mode")
    words = " ".join(measured.text().split())
    assert "Every score is the same, so they tell nothing apart" in words
    scenario = rs.parse({"oversight": {"control": {"measured": measured}}, "worlds": 4000})
    drawn = rs.run(scenario.override({"months": 1, "systems": 4, "labs": 1})).worlds
    mean = float(drawn["oversight.control.auroc"].mean())
    said = float(words.split("their mean is ")[1].split(",")[0])
    assert said == pytest.approx(mean, abs=4 * 0.16 / 4000**0.5 + 0.005)


def test_a_monitor_that_scores_attacks_lower_has_no_tables_for_a_scenario(tmp_path):
    measured = rs.monitor(json_log(tmp_path, half([1, 0] * 20)), "s", "metadata.mode")
    words = " ".join(measured.text().split())
    assert "No scenario takes this measurement: an area lies between 0.5 and 0.9999" in words
    assert "[oversight.control]" not in words
    with pytest.raises(rs.Refusal, match=r"allowed is an area of 0\.5 to 0\.9999"):
        rs.parse({"oversight": {"control": {"measured": measured}}})
