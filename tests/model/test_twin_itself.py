"""The slow twin by itself: its random numbers, and limits that can be worked out by hand."""

import math

import pytest
from twin import NEVER, Twin
from twin_catching import audited_share, miss
from twin_mathematics import philox, strength_of_area

from regimesim.scenario.parameters import SWITCHED, declarations

FULL = (1 << 32) - 1
PI = (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344)


def parameters(**changes):
    """The defaults under their dotted keys; `a__b=1` changes the key `a.b`."""
    found = {declared.key: declared.default for declared in declarations()}
    found["takeover.difficulty"] = 14.0
    for name, value in changes.items():
        key = name.replace("__", ".")
        assert key in found, f"no parameter {key}"
        found[key] = value
    return found


def lived(active=(), world=0, months=150, systems=6, **changes):
    """A world that has lived through its months."""
    twin = Twin(parameters(**changes), set(active), 3, systems, months, seed=5, world=world)
    for _ in range(months):
        twin.step()
    return twin


@pytest.mark.parametrize(
    ("rounds", "counter", "key", "words"),
    [
        (7, (0,) * 4, (0, 0), (0x5F6FB709, 0x0D893F64, 0x4F121F81, 0x4F730A48)),
        (7, (FULL,) * 4, (FULL, FULL), (0x5207DDC2, 0x45165E59, 0x4D8EE751, 0x8C52F662)),
        (7, PI, (0xA4093822, 0x299F31D0), (0x4DFCCABA, 0x190A87F0, 0xC47362BA, 0xB6B5242A)),
        (10, (0,) * 4, (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        (10, (FULL,) * 4, (FULL, FULL), (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (10, PI, (0xA4093822, 0x299F31D0), (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1)),
    ],
)
def test_philox_gives_the_published_words(rounds, counter, key, words):
    assert philox(counter, key, rounds) == words


def test_a_twin_without_safeguards_holds_nothing_and_fools_nobody():
    worlds = [lived(world=world, conduct__feint_rate=1.0) for world in range(4)]
    assert all(twin.lost and twin.held is False for twin in worlds)
    for twin in worlds:
        assert twin.true_catch_rate == 0.0 and twin.caught_by == (False,) * 4
        assert twin.critical_tries_held == twin.warning_shots == twin.feints == 0
        assert twin.crossings["takeover"] == twin.crossings["first_critical_try"]
        assert twin.month == twin.crossings["takeover"] + 1


def test_the_end_is_the_end():
    twin = lived()
    assert twin.lost
    before = (twin.month, twin.danger, [system.capability for system in twin.systems])
    twin.step()
    assert before == (twin.month, twin.danger, [system.capability for system in twin.systems])


def test_without_contact_nothing_is_critical():
    twin = lived(takeover__real_world_contact=0.0, conduct__story_rate=0.2)
    assert twin.month == 150 and not twin.lost
    assert twin.story_incidents > 0 and twin.strikes == twin.critical_tries == 0
    assert twin.crossings["capable"] != NEVER  # a matter of ability, not of contact
    assert twin.crossings["favourable"] == twin.crossings["first_critical_try"] == NEVER


def test_the_impatient_and_well_calibrated_strike_once_it_pays():
    active = {"control", "cot_monitor"}
    exact = {"cognition__patience": 0.0, "cognition__calibration_error": 0.0}
    strikers = 0
    for world in range(3):
        twin = Twin(parameters(**exact), active, 3, 6, 150, seed=5, world=world)
        for _ in range(150):
            struck = twin.strikes
            month = twin.month
            twin.step()
            if struck == 0 and twin.strikes > 0:
                strikers += 1
                assert twin.crossings["favourable_despite_safeguards"] == month
        assert (twin.strikes > 0) == (twin.crossings["favourable_despite_safeguards"] != NEVER)
    assert strikers > 0


@pytest.mark.parametrize("curve", ["binormal", "logistic"])
def test_auditing_everything_catches_everything(curve):
    twin = lived(
        {"control"},
        oversight__audit_budget=1.0,
        oversight__recognition=1.0,
        oversight__recognition_limit=99.0,
        oversight__control__curve=curve,
        conduct__story_rate=1.0,
        takeover__difficulty=8.0,
    )
    assert twin.strikes == 0  # success is hopeless, and known to be; stories are not for gain
    assert twin.critical_tries > 0
    assert twin.critical_tries_held == twin.critical_tries and not twin.lost
    assert twin.caught_by == (True, False, False, False) and twin.true_catch_rate == 1.0


def test_auditing_nothing_is_having_no_safeguard():
    blind = lived({"control"}, oversight__audit_budget=0.0)
    bare = lived()
    assert blind.lost and blind.crossings == bare.crossings


def test_common_cause_is_the_weakest_link_or_the_product():
    active = {"control", "cot_monitor", "interpretability"}
    for together in (0.0, 0.5, 1.0):
        twin = lived(active, months=3, oversight__common_cause=together)
        misses, missed = miss(twin, twin.systems[0], 0.0, twin.audit_budget)
        weakest, product = min(misses.values()), math.prod(misses.values())
        assert len(misses) == 3 and product < weakest < 1
        assert missed == pytest.approx(weakest**together * product ** (1 - together), rel=1e-12)
        if together != 0.5:
            assert missed == pytest.approx(weakest if together else product, rel=1e-12)


def test_a_flat_elo_line_gives_the_elo_chance():
    twin = lived(
        {"control"},
        months=1,
        oversight__recognition=1.0,
        oversight__control__curve="elo",
        oversight__control__guard=[0, 0, 1400, 2000],
        oversight__control__evader=[0, 0, 1000, 2000],
    )
    assert all(system.missed == pytest.approx(1 / 11) for system in twin.systems)


def test_growth_without_luck_follows_the_formula():
    still = {
        f"capability__{name}": 0.0
        for name in ("noise", "lab_spread", "diffusion", "research_automation_gain")
    }
    twin = lived(
        months=2,
        feedback__density_spread=0.0,
        feedback__density_per_doubling=0.0,
        paradigm__ladder_per_doubling=0.0,
        oversight__tax=0.25,
        **still,
    )
    expected, lost = 2.5, 0.0
    for _ in range(2):
        free = (1 + 0.2 * 0.1) * (1 - (expected / 30) ** 4) / 6.2
        expected, lost = expected + 0.75 * free, lost + 0.25 * free
    assert [lab.frontier for lab in twin.labs] == pytest.approx([expected] * 3, rel=1e-12)
    assert twin.growth_lost_to_taxes == pytest.approx(lost, rel=1e-12)
    assert twin.growth_lost_to_pauses == 0.0


def test_a_total_pause_stops_every_lab():
    twin = lived(
        {"pause"},
        months=20,
        oversight__pause__pause_threshold=0.0,
        oversight__pause__pause_strength=1.0,
        capability__noise=0.0,
        capability__diffusion=0.0,
    )
    assert all(lab.growth == 0.0 for lab in twin.labs)
    untouched = lived(months=0).labs
    assert [lab.frontier for lab in twin.labs] == [lab.frontier for lab in untouched]
    assert twin.growth_lost_to_pauses > 20 / 6.2


def test_everything_at_once_lives_through_its_months():
    twin = lived(
        SWITCHED,
        paradigm__initial=2,
        conduct__feint_rate=0.05,
        takeover__collusion=1.0,
        oversight__control__monitor="untrusted",
        oversight__evaluations__response="restrict",
        oversight__correction__desire_targeting=0.5,
        training__scheming__prior=0.5,
        training__bad_data=0.05,
        takeover__difficulty=40.0,
    )
    assert twin.month == 150 and twin.feints > 0
    assert {system.archetype for system in twin.systems} <= {0, 2}
    assert twin.labs[0].erosion == pytest.approx(150 * 0.02 * 0.5)
    assert twin.suppression == pytest.approx(1 - 0.95**150)
    assert 0.005 <= twin.audit_budget <= 0.2


def test_a_logistic_curve_has_the_area_that_is_declared():
    for area in (0.5, 0.6, 0.87, 0.999):
        k = math.exp(1.6 * strength_of_area(area, 1.0))
        under = 0.5 if k == 1 else k / (k - 1) - k * math.log(k) / (k - 1) ** 2
        assert under == pytest.approx(area, rel=1e-9)
    assert strength_of_area(0.87, 1.0) == pytest.approx(1.737, abs=5e-4)


def test_monitors_that_recognise_nothing_are_no_safeguard():
    blind = lived({"control", "interpretability"}, oversight__recognition=0.0)
    assert blind.lost and blind.crossings == lived().crossings


def test_where_every_opportunity_is_a_trap_everything_is_caught():
    twin = lived(
        {"honeypots"},
        oversight__honeypots__traps=1.0,
        oversight__honeypots__seen_through_limit=100.0,
        conduct__story_rate=1.0,
        takeover__difficulty=8.0,
    )
    assert twin.critical_tries_held == twin.critical_tries > 0 and not twin.lost
    assert twin.caught_by == (False, False, False, True) and twin.true_catch_rate == 1.0


def test_the_monitors_of_a_lab_divide_one_budget():
    active = {"control", "cot_monitor"}
    twin = lived(active, months=1, oversight__control__share=0.5)
    parts = [audited_share(twin, name, twin.labs[0], 0.03) for name in ("control", "cot_monitor")]
    assert parts == pytest.approx([0.01, 0.02])


@pytest.mark.parametrize("shared", [0.0, 1.0])
def test_copies_of_one_model_are_equal_if_all_is_shared(shared):
    twin = lived(months=0, systems=9, training__shared=shared, training__trigger_share=0.5)
    for lab in twin.labs:
        own = [system for system in twin.systems if system.lab is lab]
        assert {system.model for system in own} == {lab.index * 2 // 6}
        for name in ("capability", "awareness", "calibration", "value", "scope"):
            values = {getattr(system, name) for system in own}
            assert len(values) == (1 if shared else 3)


@pytest.mark.parametrize("joins", [0.0, 1.0])
def test_where_all_join_a_lab_strikes_with_all_that_are_willing(joins):
    together = 0
    for world in range(4):
        twin = Twin(
            parameters(conduct__coordination=joins, conduct__story_rate=0.0),
            {"control"},
            *(2, 8, 150),
            seed=5,
            world=world,
        )
        for _ in range(150):
            twin.step()
            labs = {system.lab.index for system in twin.systems if system.act == "strike"}
            mates = [s for s in twin.systems if s.willing and s.lab.index in labs]
            together += len(mates) > len(labs)
            assert joins == 0.0 or {system.act for system in mates} <= {"strike"}
    assert together > 0


def event(**changes):
    """An event for good, of the first month, which sets nothing."""
    nothing = {"when": "date", "month": 0, "at_least": None, "at_most": None, "months": 0}
    return {**nothing, "withdraw": "none", "set": {}, **changes}


def test_a_freeze_stops_training_and_ends():
    twin = lived(months=0)
    twin.months, before = 5, [lab.frontier for lab in twin.labs]
    twin.parameters["events"] = [event(months=3, set={"frozen": 1.0})]
    twin.event_end = [0.0]
    for month in range(5):
        twin.step()
        assert ([lab.frontier for lab in twin.labs] == before) == (month < 3)
        assert {lab.paused for lab in twin.labs} == {1.0 if month < 3 else 0.0}
    assert twin.months_paused == 3 and twin.growth_lost > 0.3


def test_labs_that_do_not_adopt_have_none_of_it():
    seen = {"oversight__audit_budget": 1.0, "oversight__recognition": 1.0}
    twin = lived({"control", "evaluations"}, months=0, **seen)
    outside = {"density": 0.5, "density_trend": 0.0, "density_per_doubling": 0.0}
    outside |= {"density_floor": 0.2, "hold": 1, "tax": 0.0}
    numbers = twin.parameters | {f"outside.{key}": value for key, value in outside.items()}
    numbers |= {"adopters": 1, "events": [event(set={"contact": 0.0, "growth": 0.5})]}
    for order, place in (("leading", max), ("lagging", min)):
        twin = Twin(numbers | {"adopters_are": order}, twin.active, 3, 6, 5, seed=5, world=0)
        first = place(twin.labs, key=lambda lab: lab.frontier)
        assert [lab for lab in twin.labs if lab.adopts] == [first]
        twin.step()
        for system in twin.systems:
            own = system.lab is first
            assert system.missed == (0.0 if own else 1.0)
            assert (system.success == 0.0) == own and system.lab.paused == (0.5 if own else 0.0)
