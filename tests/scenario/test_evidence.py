"""Evidence in a file: what may be written, and one sentence for each mistake."""

import datetime

import pytest

import regimesim as rs
from regimesim.scenario.distribution import Distribution
from regimesim.scenario.evidence import KINDS, EvidenceTable
from regimesim.scenario.evidence_contradictions import contradictions
from regimesim.scenario.evidence_files import evidence_from
from regimesim.scenario.input_errors import read

BASE = {
    "worlds": 16,
    "months": 24,
    "labs": 3,
    "systems": 6,
    "policies": {"watched": {"oversight": {"control": True}}, "open": {}},
}
QUIET = {"policy": "watched", "no_takeover": {"until": "2027-06"}}


def parsed(evidence, **more):
    return rs.parse({**BASE, **more, "evidence": evidence}, source="file")


def refusal(evidence, **more):
    with pytest.raises(rs.Refusal) as refused:
        parsed(evidence, **more)
    return str(refused.value)


def test_every_kind_can_be_written():
    evaluated = {"watched": {"oversight": {"control": True, "evaluations": {}}}}
    scenario = parsed(
        {
            "no_takeover": {"until": datetime.date(2027, 6, 3)},
            "strikes_seen": [{"until": "2026-12", "count": 0}, {"until": "2027-06", "count": 1}],
            "story_incidents": {"since": "2026-03", "counts": [1, 0, 2]},
            "horizon": {"on": "2026-06", "hours": 12, "error": 0.5},
            "exercises": {"on": "2026-06", "caught": 3, "of": 10},
            "honeypots": {"on": "2026-06", "caught": 0, "of": 10},
            "alarms": {"until": "2027-06", "months": 2},
            "paradigms": {"on": "2026-06", "labs": [0, 2, 1, 0], "misread": 0.1},
            "monitor": {"flagged_benign": 1, "benign": 9, "flagged_attacks": 3, "attacks": 9},
        },
        policies=evaluated,
    )
    assert set(scenario.evidence.kinds.values()) == set(KINDS)
    assert scenario.evidence.policy == "watched"  # the only one
    assert scenario.evidence.months(scenario.start) == 18
    labels = list(scenario.evidence.items)
    assert labels[:2] == ["no takeover until 2027-06", "no strikes seen until 2026-12"]
    written = scenario.evidence.plain()
    assert rs.parse({**scenario.raw, "evidence": written}).evidence == scenario.evidence


def test_a_reporting_share_may_be_uncertain():
    item = {"until": "2026-12", "count": 3, "reported": {"beta": [2, 8]}}
    scenario = parsed({"policy": "watched", "story_incidents": item})
    (read,) = scenario.evidence.items.values()
    assert read.reported == Distribution("beta", (2.0, 8.0))


def test_a_run_reads_none_of_it():
    assert rs.parse(BASE) == parsed(QUIET)
    assert rs.parse(BASE).resolved() == parsed(QUIET).resolved()


def test_evidence_belongs_to_one_file_and_to_its_policy(tmp_path):
    base = tmp_path / "base.toml"
    base.write_text(
        'worlds = 16\n[policies.watched]\n[policies.open]\n[evidence]\npolicy = "watched"\n'
        'no_takeover.until = "2027-06"\n'
    )
    more = tmp_path / "more.toml"
    more.write_text('extends = "base.toml"\n')
    assert rs.load(base).evidence.policy == "watched"
    assert rs.load(more).evidence is None
    assert rs.load(base).choose(["open"]).override({"worlds": 8}).evidence is None


@pytest.mark.parametrize(
    ("evidence", "sentence"),
    [
        ({"policy": "watched"}, "evidence: found nothing that was seen; allowed are no_takeover"),
        (
            {**QUIET, "policy": "wached"},
            "evidence.policy: found \"wached\"; no policy of that name; the nearest is 'watched'",
        ),
        (
            {"no_takeover": QUIET["no_takeover"]},
            "evidence.policy: missing; name the policy in force"
            " while this was seen: watched, open",
        ),
        (
            {**QUIET, "no_takover": {}},
            "evidence.no_takover: unknown key; the nearest is 'no_takeover'",
        ),
        (
            {"policy": "open", "no_takeover": {"until": "2025-12"}},
            'evidence.no_takeover: until: found "2025-12"; the run starts in 2026-01',
        ),
        (
            {"policy": "open", "horizon": {"on": "2025-06", "hours": 3, "error": 1}},
            'evidence.horizon: on: found "2025-06"; the run starts in 2026-01',
        ),
        (
            {"policy": "open", "exercises": {"on": "2026-06", "caught": 13, "of": 10}},
            "evidence.exercises: caught: found 13; allowed is at most of = 10",
        ),
        (
            {
                "policy": "watched",
                "monitor": {"flagged_benign": 9, "benign": 8, "flagged_attacks": 1, "attacks": 2},
            },
            "evidence.monitor: flagged_benign: found 9; allowed is at most benign = 8",
        ),
        (
            {
                "policy": "open",
                "monitor": {"flagged_benign": 1, "benign": 8, "flagged_attacks": 1, "attacks": 2},
            },
            'evidence.monitor: monitor: found "control"; the policy does not use it',
        ),
        (
            {
                "policy": "open",
                "strikes_seen": [
                    {"until": "2026-12", "count": 3},
                    {"until": "2027-06", "count": 1},
                ],
            },
            "evidence.strikes_seen: 3 strikes seen until 2026-12, and 1 strike seen until 2027-06:"
            " both cannot be",
        ),
        (
            {
                "policy": "open",
                "strikes_seen": [
                    {"until": "2026-06", "count": 0},
                    {"since": "2026-07", "until": "2026-12", "count": 0},
                    {"until": "2026-12", "count": 2},
                ],
            },
            "evidence.strikes_seen: no strikes seen until 2026-06; no strikes seen from 2026-07 to"
            " 2026-12; 2 strikes seen until 2026-12: not all of them can be",
        ),
        (
            {
                "policy": "open",
                "story_incidents": [
                    {"until": "2026-06", "count": 1},
                    {"until": "2026-12", "count": 3},
                ],
            },
            "evidence.story_incidents: 1 story incident until 2026-06, and 3 story incidents until"
            " 2026-12: they count the same months; give each month to one of them (since)",
        ),
        (
            {
                "policy": "open",
                "horizon": [
                    {"on": "2026-06", "hours": 9, "error": 0.2},
                    {"on": "2026-06", "hours": 90, "error": 0.2},
                ],
            },
            "evidence.horizon: horizon of 9 h in 2026-06, and horizon of 90 h in 2026-06: no world"
            " makes such a difference more probable than one in a billion",
        ),
        (
            {
                "policy": "open",
                "exercises": [
                    {"on": "2026-06", "caught": 20, "of": 20},
                    {"on": "2026-06", "caught": 0, "of": 20},
                ],
            },
            "evidence.exercises: 20 of 20 exercises caught in 2026-06, and 0 of 20 exercises"
            " caught in 2026-06: no world",
        ),
        (
            {
                "policy": "watched",
                "monitor": {
                    "monitor": "cot_monitor",
                    "flagged_benign": 1,
                    "benign": 8,
                    "flagged_attacks": 1,
                    "attacks": 2,
                    "gap": -3,
                },
            },
            "evidence.monitor: gap: found -3; it belongs to monitor = 'control' alone",
        ),
        (
            {"policy": "open", "strikes_seen": {"until": "2026-02", "count": 13}},
            "evidence.strikes_seen: count: found 13; 6 systems make at most 12 strikes by then",
        ),
        (
            {
                "policy": "open",
                "strikes_seen": {"since": "2026-06", "until": "2026-02", "count": 1},
            },
            'evidence.strikes_seen: until: found "2026-02"; since is later',
        ),
        (
            {"policy": "open", "paradigms": {"on": "2026-02", "labs": [1, 1, 0, 0]}},
            "evidence.paradigms: labs: found 2 labs in all; a world has 3 labs",
        ),
        (
            {
                "policy": "open",
                "paradigms": [
                    {"on": "2026-02", "labs": [0, 1, 2, 0]},
                    {"on": "2026-08", "labs": [0, 2, 1, 0]},
                ],
            },
            "evidence.paradigms: labs: fewer are high in 2026-08 than in 2026-02; no lab moves"
            " down",
        ),
        (
            {"policy": "open", "alarms": {"until": "2026-06", "months": 1}},
            "evidence.alarms: the policy has no evaluations, which raise alarms",
        ),
        (
            {"policy": "open", "story_incidents": {"until": "2026-06"}},
            "evidence.story_incidents: count: found neither; allowed is either count with until,"
            " or counts with since",
        ),
        (
            {"policy": "open", "horizon": {"on": "2026-06", "hours": 3}},
            "evidence.horizon: error: missing",
        ),
        ([], "evidence: found []; allowed is a table [evidence]"),
        (
            {"policy": "open", "no_takeover": {"until": "2026-02-31"}},
            'evidence.no_takeover: until: found "2026-02-31"; allowed is a month "YYYY-MM", or a'
            " date",
        ),
    ],
)
def test_a_mistake_is_one_sentence(evidence, sentence):
    lines = refusal(evidence).splitlines()
    assert len(lines) == 1
    assert lines[0].startswith(f"file: {sentence}")


def test_evidence_of_a_file_of_its_own(tmp_path):
    scenario, file = rs.parse(BASE), tmp_path / "seen.toml"
    file.write_text('[evidence]\npolicy = "open"\nno_takeover = { until = "2026-06" }\n')
    assert list(evidence_from(scenario, file).items) == ["no takeover until 2026-06"]
    assert evidence_from(scenario, {**QUIET}).policy == "watched"
    file.write_text("worlds = 3\n[evidnce]\n")
    for source, sentence in (
        (None, "scenario: has no table [evidence]; write one, or name a file (--evidence)"),
        (
            file,
            f'{file}: has no table [evidence]\n{file}: found "worlds"; allowed is the table '
            "[evidence] alone",
        ),
        (tmp_path / "none.toml", f"{tmp_path / 'none.toml'}: no such file"),
        (tmp_path, f"{tmp_path}: a folder, not a file of evidence"),
    ):
        with pytest.raises(rs.Refusal) as refused:
            evidence_from(scenario, source)
        assert str(refused.value).startswith(sentence)


def test_evidence_beyond_the_end_is_refused_where_it_is_read():
    """A shorter run of the same file is no mistake."""
    short = parsed(QUIET).override({"months": 6})
    with pytest.raises(rs.Refusal) as refused:
        evidence_from(short)
    sentence = 'no takeover until 2027-06: found "2027-06"; the run ends in 2026-06'
    assert str(refused.value) == f"file: evidence: {sentence}"


def counts(kind, key, *spans):
    return {"policy": "open", kind: [{"since": a, "until": b, key: n} for a, b, n in spans]}


@pytest.mark.parametrize(
    "evidence",
    [
        counts("strikes_seen", "count", ("2026-01", "2026-06", 1), ("2026-04", "2026-09", 3)),
        counts("story_incidents", "count", ("2026-01", "2026-06", 1), ("2026-07", "2026-09", 0)),
        {
            "policy": "open",
            "horizon": [
                {"on": "2026-06", "hours": 9, "error": 1},
                {"on": "2026-06", "hours": 40, "error": 1},
            ],
            "exercises": [
                {"on": "2026-06", "caught": 14, "of": 20},
                {"on": "2026-06", "caught": 5, "of": 20},
            ],
        },
    ],
)
def test_what_may_be_by_chance_is_no_contradiction(evidence):
    assert parsed(evidence).evidence is not None


def test_alarms_of_overlapping_months_contradict():
    """Five months with an alarm cannot be among three."""
    run = parsed(QUIET)
    table, mistakes = read(
        EvidenceTable,
        {"alarms": [{"until": "2026-06", "months": 0}, {"until": "2026-09", "months": 5}]},
    )
    assert not mistakes
    ((path, reason),) = contradictions(table, run)
    assert path == ("alarms",) and reason.endswith("both cannot be")


def test_evidence_is_no_setting():
    with pytest.raises(rs.Refusal, match=r"evidence stands in a file alone; name one of its own"):
        parsed(QUIET).override({"evidence.no_takeover.until": "2026-03"})
