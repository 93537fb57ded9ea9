"""The state of one open page: the choices, the world, the odds, and what changes them."""

import threading
import weakref
from dataclasses import replace
from typing import NamedTuple

import solara

from regimesim.errors import Refusal
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
from regimesim.view.odds import Asker, Odds
from regimesim.view.opened import Opened
from regimesim.view.watched import Watched

_open: "weakref.WeakSet[Session]" = weakref.WeakSet()
OURS = "something went wrong that should not have: "


class Live(NamedTuple):
    """The world on the page, and what a reset makes it from.  A world after a change has its
    own controls, with this `number`, so that a player of the previous world stops."""

    model: solara.Reactive
    parameters: solara.Reactive
    number: int


def end_all():
    """End every session that is still open."""
    for session in list(_open):
        session.end()


class Session:
    """One page: reactive values that its components show, and what buttons and sliders do."""

    def __init__(self, opened: Opened, query: str | None):
        self.shelf = opened.shelf
        choices, refused = read_link(query, self.shelf, opened.first)
        self.chosen = choose(self.shelf, choices)
        self.choices = solara.Reactive(choices)
        self.refused = solara.Reactive(refused)
        self.odds: solara.Reactive[Odds | None] = solara.Reactive(None)
        self.asking = solara.Reactive(True)
        self.live = solara.Reactive(_alive(self.chosen, choices))
        self.selected: solara.Reactive[int | None] = solara.Reactive(None)
        self.interval = solara.Reactive(200)
        self.every, self.threads = solara.Reactive(1), solara.Reactive(False)  # for Mesa
        self.answered = solara.Reactive(0)  # requests, taken or refused
        self.file = solara.Reactive(None)
        self._saved = 0
        self._lock = threading.Lock()
        self._asker = Asker(self._show)

    def begin(self):
        """Ask for the odds; returns what ends the session."""
        _open.add(self)
        self._asker.ask(self.chosen.scenario)
        return self.end

    def end(self):
        """Stop what runs for this page."""
        self._asker.stop()
        self.model.end()

    @property
    def model(self) -> Watched:
        """The world that is watched."""
        return self.live.value.model.value

    def choose(self, choice):
        """Take a choice (what, text) from the head of the page."""
        what, text = choice
        choices = self.choices.value
        try:
            if what == "world":
                new = replace(choices, world=read_world(text))
            elif what == "seed":
                new = choices.changed("seed", read_value("seed", text))
            else:
                new = replace(choices, **{what: text})
        except Refusal as refusal:
            self.refused.set(refusal.lines)
        else:
            self._take(new)

    def enter(self, choice):
        """Take a value (key, text) as it was typed; an empty text removes the change."""
        key, text = choice
        try:
            value = read_value(key, text) if str(text).strip() else None
        except Refusal as refusal:
            self.refused.set(refusal.lines)
            return
        self._take(self.choices.value.changed(key, value))

    def slide(self, choice):
        """Take a number (key, number) from a slider that was released."""
        key, number = choice
        self._take(self.choices.value.changed(key, move(self.chosen, key, float(number))))

    def switched(self, choice):
        """Take a safeguard (key, on) that was switched."""
        key, on = choice
        self._take(self.choices.value.changed(key, bool(on)))

    def reset(self):
        """Restart the world, with its own controls."""
        with self._lock:
            number = self.live.value.number + 1
            self.live.set(_alive(self.chosen, self.choices.value, number))

    def select(self, number):
        """Look at a system, by its number; None or nothing for none."""
        self.selected.set(None if number in (None, "") else int(number))

    def save(self, _=None):
        """Send the browser a scenario that gives the odds on display."""
        odds = self.odds.value
        if odds is None or self.asking.value:
            return
        self._saved += 1
        text = file_text(self.chosen, odds.worlds, self.choices.value.world)
        name = f"{odds.scenario.name}-{self.choices.value.policy}.toml"
        self.file.set({"name": name, "text": text, "number": self._saved})

    def _take(self, choices: Choices):
        """Apply choices to the page, or show why they are refused."""
        self._make(choices)
        self.answered.set(self.answered.value + 1)

    def _make(self, choices):
        with self._lock:
            try:
                chosen = choose(self.shelf, choices)
                self.refused.set(())
                if choices == self.choices.value:
                    return
                same, before = chosen.scenario == self.chosen.scenario, self.model
                # the same month of the world, so that the effect of the change is seen
                live = _alive(chosen, choices, self.live.value.number + 1, before.month)
            except Refusal as refusal:
                self.refused.set(refusal.lines)
                return
            self.chosen = chosen
            if not same:
                self.asking.set(True)
            self.choices.set(choices)
            if (self.selected.value or 0) >= chosen.scenario.systems:
                self.selected.set(None)
            before.end()
            self.live.set(live)
            if not same:
                self._asker.ask(chosen.scenario)

    def _show(self, odds):
        """Show new odds."""
        if isinstance(odds, Exception):
            self.asking.set(False)
            self.refused.set(odds.lines if isinstance(odds, Refusal) else (f"{OURS}{odds}",))
            return
        self.odds.set(odds)
        if not odds.growing:
            self.asking.set(False)

    @property
    def link(self) -> str:
        """The query that carries the choices."""
        return link(self.choices.value)


def _alive(chosen: Chosen, choices: Choices, number=0, until=0) -> Live:
    """The world of some choices, `until` months after its start."""
    made_from = {"chosen": chosen.scenario, "policy": choices.policy, "world": choices.world}
    model = Watched(**made_from, until=until)
    return Live(solara.Reactive(model), solara.Reactive(made_from), number)
