"""The state of one open page: the choices, the world, the odds, and what changes them."""

import threading
import weakref
from collections.abc import Callable
from dataclasses import dataclass, replace

import solara
from solara.server.kernel_context import without_context

from regimesim.errors import Refusal
from regimesim.studies.explain.compute import Explanation
from regimesim.view import memory
from regimesim.view.choices import (
    Choices,
    Chosen,
    choose,
    file_text,
    link,
    read_link,
    read_value,
    read_world,
)
from regimesim.view.controls import move
from regimesim.view.explained import deciding_keys
from regimesim.view.odds import Asker, Odds
from regimesim.view.opened import Opened
from regimesim.view.watched import Watched
from regimesim.view.worker import Worker

_open: "weakref.WeakSet[Session]" = weakref.WeakSet()
OURS = "something went wrong that should not have: "
LONGEST = 200_000  # system-months of a world that is run before its page opens
SPEEDS = {"slow": 0.6, "normal": 0.2, "fast": 0.04}  # seconds a month

Edit = Callable[[Choices], Choices]  # raises Refusal


@dataclass(frozen=True, eq=False)
class State:
    """Everything that a page shows.  `answered` is the number of the last action of the browser
    that the state includes, and `drawn` changes with the world, which changes in place.
    `deciding` are the parameters that decide under the policy and view, so that their sliders come
    first; they stay while sliders move, or the sliders would change places.  `flips` is what would
    flip the odds, as far as it is known."""

    choices: Choices
    chosen: Chosen
    model: Watched
    refused: tuple[str, ...] = ()
    odds: Odds | None = None
    asking: bool = True
    selected: int | None = None
    playing: bool = False
    file: dict | None = None
    answered: int = 0
    drawn: int = 0
    deciding: tuple[str, ...] = ()
    flips: Explanation | None = None

    @property
    def link(self) -> str:
        """The query that carries the choices."""
        return link(self.choices)


def end_all():
    """End every session that is still open."""
    for session in list(_open):
        session.end()


class Session:
    """One page: its state, which components show, and what buttons and sliders do.

    Actions of the browser arrive as (what, value, number), with growing numbers.  One thread
    carries them out, so states follow each other in the order of the actions.  Of several
    changes of one control that wait, only the last is carried out, and a world or odds that a
    newer change has made obsolete are not computed to their end.
    """

    def __init__(self, opened: Opened, query: str | None):
        self.shelf = opened.shelf
        choices, refused = read_link(query, self.shelf, opened.first)
        chosen = choose(self.shelf, choices)
        model = _opening_world(chosen, choices)
        self._state = solara.Reactive(State(choices, chosen, model, refused))
        self._wanted = choices  # accepted; the world may not show them yet
        self._edits: dict[str, tuple[Edit, int]] = {}
        self._last = 0  # number of the last action
        self._lock = threading.Lock()
        self._interval = SPEEDS["normal"]
        self._worker = Worker(self._fail)
        self._asker = Asker(self._post_odds)
        self._requested = False
        self._decided_at: tuple[str, str] | None = None  # policy and view of what decides

    @property
    def state(self) -> State:
        """What the page shows; a component that reads it is drawn again when it changes."""
        return self._state.value

    def begin(self):
        """Start the thread; returns what ends the session."""
        _open.add(self)
        self._worker.start()
        return self.end

    def shown(self, _=None):
        """The browser shows the page.  The odds wait for this, because they use every processor,
        and the browser needs one to show the page."""
        self._worker.post(self._begin_odds)

    def end(self):
        """Stop what runs for this page."""
        self._asker.stop()
        self._worker.end()
        memory.release_soon()

    def choose(self, action):
        """Choose a policy, a view, a world or a seed, as the text (what, text, number)."""
        what, text, number = action

        def edit(choices):
            if what == "world":
                return replace(choices, world=read_world(text))
            if what == "seed":
                return choices.changed("seed", read_value("seed", text))
            return replace(choices, **{what: text})

        self._edit(what, edit, number)

    def enter(self, action):
        """Set a parameter (key, text, number) as typed; an empty text removes the change."""
        key, text, number = action

        def edit(choices):
            return choices.changed(key, read_value(key, text) if str(text).strip() else None)

        self._edit(key, edit, number)

    def slide(self, action):
        """Move a parameter to where its slider is (key, place, number)."""
        key, place, number = action

        def edit(choices):
            return choices.changed(key, move(choose(self.shelf, choices), key, float(place)))

        self._edit(key, edit, number)

    def switch(self, action):
        """Switch a safeguard (key, on, number)."""
        key, on, number = action
        self._edit(key, lambda choices: choices.changed(key, bool(on)), number)

    def play(self, action):
        """Move the world (what, value, number): play, step, next, reset or speed."""
        what, value, number = action
        if what == "speed":
            self._interval = SPEEDS[value]
            return
        self._worker.post(lambda: self._move(what, value, number))

    def select(self, action):
        """Look at a system (system or None, number)."""
        system, number = action
        self._worker.post(lambda: self._select(system, number), "select")

    def save(self, _=None):
        """Send the browser a scenario that gives the odds on display."""
        self._worker.post(self._save)

    def _post_odds(self, odds):
        """Show an answer of the asker.  One that waits is replaced by a later one of its kind."""
        kind = "flips" if isinstance(odds, Explanation) else "odds"
        self._worker.post(lambda: self._show(odds), kind)

    def _begin_odds(self):
        if not self._requested:
            self._request(self._state.peek().chosen.scenario)

    def _request(self, scenario):
        self._requested = True
        # Solara cannot start a thread for a page that has been closed meanwhile: the thread that
        # tries to then waits forever, with a lock that the interpreter needs to exit.
        with without_context():
            self._asker.ask(scenario)

    def _set(self, number=0, **changes):
        state = self._state.peek()
        answered = max(number, state.answered)
        self._state.set(replace(state, answered=answered, **changes))

    def _fail(self, error):
        """Show an error, and what was shown before it."""
        lines = error.lines if isinstance(error, Refusal) else (f"{OURS}{error}",)
        self._wanted = self._state.peek().choices
        self._set(self._last, refused=tuple(lines))

    def _move(self, what, value, number):
        state = self._state.peek()
        model, playing = state.model, state.playing
        if what == "play":
            playing = bool(value) and model.running
        elif what == "reset":
            model, playing = _world(state.chosen, state.choices), False
        elif what == "next":
            model.to_next_threshold(lambda: bool(self._edits))
        else:
            model.step()
        if playing and what == "play":
            self._worker.post(self._tick, "tick", self._interval)
        self._set(number, model=model, playing=playing and model.running, drawn=state.drawn + 1)

    def _tick(self):
        """A month of a world that is played."""
        if self._state.peek().playing:
            self._worker.post(self._tick, "tick", self._interval)
            self._move("step", None, 0)

    def _select(self, system, number):
        count = self._state.peek().chosen.scenario.systems
        text = str("" if system is None else system).strip()
        whole = text.isascii() and text.isdigit() and int(text) < count
        refused = ()
        if text and not whole:
            refused = (f"system: found {text}; allowed is a whole number, 0 to {count - 1}",)
        self._set(number, selected=int(text) if whole else None, refused=refused)

    def _save(self):
        state = self._state.peek()
        if state.odds is None or state.asking:
            return
        text = file_text(state.chosen, state.odds.worlds, state.choices.world)
        name = f"{state.odds.scenario.name}-{state.choices.policy}.toml"
        number = 1 + (state.file["number"] if state.file else 0)
        self._set(file={"name": name, "text": text, "number": number})

    def _edit(self, key, edit: Edit, number):
        with self._lock:
            self._edits.pop(key, None)
            self._edits[key] = edit, number
            self._last = number
        self._worker.post(self._apply, "edits")

    def _apply(self):
        """Carry out the changes that wait, or show why they are refused."""
        with self._lock:
            edits, self._edits = self._edits, {}
        wanted, refused = self._wanted, []
        for edit, _ in edits.values():
            try:
                tried = edit(wanted)
                choose(self.shelf, tried)
            except Refusal as refusal:
                refused += refusal.lines
            else:
                wanted = tried
        self._wanted = wanted
        number = max((number for _, number in edits.values()), default=0)
        state = self._state.peek()
        if wanted == state.choices:
            self._set(number, refused=tuple(refused))
            return
        chosen = choose(self.shelf, wanted)
        # the same month of the world, so that the effect of the change is seen
        model = _world(chosen, wanted, state.model.month, stop=lambda: bool(self._edits))
        if model is None:
            return  # newer changes wait, and continue from the choices that are wanted
        changed = chosen.scenario != state.chosen.scenario
        kept = (state.selected or 0) < chosen.scenario.systems
        self._worker.drop("tick")
        if changed:
            self._asker.stop()
            self._worker.drop("odds")
            self._worker.drop("flips")
        self._set(
            number,
            choices=wanted,
            chosen=chosen,
            model=model,
            refused=tuple(refused),
            asking=state.asking or changed,
            flips=None if changed else state.flips,
            selected=state.selected if kept else None,
            playing=False,
            drawn=state.drawn + 1,
        )
        if changed:
            self._request(chosen.scenario)
        memory.release_soon()

    def _show(self, odds):
        """Show new odds, or what would flip them."""
        if isinstance(odds, Exception):
            self._fail(odds)
            self._set(asking=False)
            return
        state = self._state.peek()
        if isinstance(odds, Explanation):
            ours = odds.question.scenario.policies == state.chosen.scenario.policies
            self._set(flips=odds if ours else state.flips)
            memory.release_soon()
            return
        at = state.choices.policy, state.choices.view
        if not odds.growing and at != self._decided_at:
            self._decided_at = at
            self._set(odds=odds, asking=False, deciding=deciding_keys(odds))
        else:
            self._set(odds=odds, asking=odds.growing)
        if not odds.growing:
            memory.release_soon()


def _opening_world(chosen: Chosen, choices: Choices) -> Watched:
    """The world as a page opens on it, where something has happened: in the month of the first
    critical try; without one, in that of the last threshold that it crosses.  A world that takes
    long to run is at its beginning."""
    model = _world(chosen, choices)
    if chosen.scenario.systems * chosen.scenario.months > LONGEST:
        return model
    if not model.to_first_try():
        crossed = [month for month in model.crossings.values() if month is not None]
        model = _world(chosen, choices, max(crossed) + 1 if crossed else 0)
    return model


def _world(chosen: Chosen, choices: Choices, until=0, stop=None) -> Watched | None:
    """The world of some choices, `until` months after its start; None where `stop` says so."""
    model = Watched(chosen.scenario, choices.policy, choices.world)
    while model.running and model.month < until:
        if stop is not None and stop():
            return None
        model.step()
    return model
