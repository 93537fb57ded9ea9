"""What the actions of the browser do to a page, without a browser."""

import subprocess
import sys
import threading
import time

import pytest

import regimesim as rs
from regimesim.view import session as of_session
from regimesim.view.choices import Choices, Shelf
from regimesim.view.opened import Opened
from regimesim.view.session import Session

PATIENT = 60  # seconds
TINY = {
    "name": "tiny",
    "months": 60,
    "systems": 6,
    "seed": 3,
    "policies": {"control": {"oversight": {"control": True}}, "none": {}},
}


@pytest.fixture
def built(monkeypatch):
    """The worlds that are built: their choices, in the order of time."""
    built, real = [], of_session._world

    def world(chosen, choices, *rest, **more):
        built.append(choices)
        return real(chosen, choices, *rest, **more)

    monkeypatch.setattr(of_session, "_world", world)
    return built


@pytest.fixture
def session(built):
    session = Session(Opened(Shelf(rs.parse(TINY), {}), Choices("control")), None)
    end = session.begin()
    session.play(("reset", None, 0))  # a page opens where something has happened
    wait_for(lambda: session.state.model.month == 0)
    yield session
    end()


def wait_for(true):
    """Wait until `true()`; fails where that does not come."""
    last = time.monotonic() + PATIENT
    while not true():
        assert time.monotonic() < last
        time.sleep(0.01)


class Held:
    """The thread of a page, held between two jobs for as long as the block lasts."""

    def __init__(self, session):
        self._session, self._go = session, threading.Event()

    def __enter__(self):
        held = threading.Event()
        self._session._worker.post(lambda: (held.set(), self._go.wait(PATIENT)))
        assert held.wait(PATIENT)

    def __exit__(self, *_):
        self._go.set()


def test_the_last_of_many_values_wins_and_no_other_world_is_built(session, built):
    first = len(built)
    with Held(session):
        for number in range(1, 51):
            session.slide(("takeover.difficulty", 8 + 0.1 * number, number))
    wait_for(lambda: session.state.answered == 50)
    assert session.state.choices.changes["takeover.difficulty"] == {"normal": [13.0, 2.0]}
    assert built[first:] == [session.state.choices]


def test_changes_of_several_controls_are_all_carried_out(session, built):
    first = len(built)
    with Held(session):
        session.slide(("oversight.audit_budget", 0.1, 1))
        session.choose(("world", "7", 2))
        session.switch(("oversight.cot_monitor", True, 3))
        session.enter(("goals.value", "0.4", 4))
    wait_for(lambda: session.state.answered == 4)
    assert session.state.choices == Choices(
        "control",
        world=7,
        changes={
            "oversight.audit_budget": 0.1,
            "oversight.cot_monitor": True,
            "goals.value": 0.4,
        },
    )
    assert len(built) == first + 1


def test_a_world_that_a_newer_change_replaces_is_not_simulated_to_its_end(session, monkeypatch):
    """The newer change comes while the world of the older is simulated again."""
    for _ in range(30):
        session.play(("step", None, 0))
    wait_for(lambda: session.state.model.month == 30)
    steps, real = [], of_session.Watched.step

    def step(model):
        if not steps:
            session.slide(("goals.value", 0.9, 2))
        steps.append(model)
        real(model)

    monkeypatch.setattr(of_session.Watched, "step", step)
    session.slide(("goals.value", 0.2, 1))
    wait_for(lambda: session.state.answered == 2)
    assert session.state.choices.changes == {"goals.value": 0.9}
    assert session.state.model.month == 30
    assert steps.count(steps[0]) == 1 and len(steps) == 31


def test_a_refused_value_leaves_the_page_and_answers_its_number(session):
    shown = session.state
    session.enter(("goals.value", "7", 1))
    wait_for(lambda: session.state.answered == 1)
    (line,) = session.state.refused
    assert line == "goals.value: found 7; allowed is more than 0 and less than 1"
    assert (session.state.choices, session.state.model) == (shown.choices, shown.model)
    session.enter(("goals.value", "0.7", 2))
    wait_for(lambda: session.state.answered == 2)
    assert session.state.refused == ()


def test_the_odds_wait_until_the_browser_shows_the_page(session, monkeypatch):
    asked = []
    monkeypatch.setattr(session._asker, "ask", asked.append)
    session.play(("step", None, 0))
    wait_for(lambda: session.state.model.month == 1)
    assert asked == [] and session.state.asking
    for _ in range(2):  # a browser that connects again shows the page again
        session.shown()
    session.play(("step", None, 0))
    wait_for(lambda: session.state.model.month == 2)
    assert asked == [session.state.chosen.scenario]


def test_the_odds_on_display_are_those_of_the_last_value(session):
    session.shown()
    for number in range(1, 21):
        session.slide(("goals.value", 0.3 + 0.02 * number, number))
    wait_for(lambda: session.state.answered == 20 and not session.state.asking)
    assert session.state.odds.scenario.override({"worlds": 1}) == (
        session.state.chosen.scenario.override({"worlds": 1})
    )


def test_a_page_opens_in_the_month_of_the_first_try_or_of_the_last_threshold():
    def opened(**changes):
        scenario = rs.parse({**TINY, **changes})
        return Session(Opened(Shelf(scenario, {}), Choices("control")), None).state.model

    tried = opened(takeover={"difficulty": 8})
    assert tried.crossings["first_critical_try"] == tried.month - 1
    calm = opened(takeover={"difficulty": 8, "real_world_contact": 0})
    assert calm.crossings["first_critical_try"] is None
    assert calm.month == max(m for m in calm.crossings.values() if m is not None) + 1
    assert opened(months=1200, systems=6000).month == 0  # it takes long to run


CLOSED_WHILE_ODDS_ARE_COMPUTED = """
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import solara.server.starlette  # which lets threads belong to pages
from solara.server import kernel, kernel_context

import regimesim as rs
from regimesim.view import odds
from regimesim.view.choices import Choices, Shelf
from regimesim.view.opened import Opened
from regimesim.view.session import Session

closed, answered = threading.Event(), threading.Event()

def growing_odds(scenario, stop):
    closed.wait()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(answered.set).result()
    yield from ()

odds.growing_odds = growing_odds
page = kernel_context.VirtualKernelContext("page", kernel.Kernel(), "session")
with page:
    session = Session(Opened(Shelf(rs.parse(rs_tiny), {}), Choices("control")), None)
    session.begin()
    session.shown()
    while session._asker._thread is None:
        pass
page.close()
closed.set()
sys.exit(0 if answered.wait(30) else "a thread waits forever")
"""


def test_odds_that_are_computed_while_their_page_is_closed_hold_nothing_up():
    script = CLOSED_WHILE_ODDS_ARE_COMPUTED.replace("rs_tiny", repr(TINY))
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=PATIENT
    )
    assert result.returncode == 0, result.stderr
