"""What one open page holds: the choices, the world, the odds, and what changes them."""

import threading
from dataclasses import replace

import solara

from regimesim.refusal import Refusal
from regimesim.view.choices import (
    Choices,
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

OURS = "something went wrong that should not have: "


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
        self.parameters = solara.Reactive(self._parameters(choices))
        self.model = solara.Reactive(Watched(**self.parameters.value))
        self.selected: solara.Reactive[int | None] = solara.Reactive(None)
        self.interval = solara.Reactive(200)
        self.every, self.threads = solara.Reactive(1), solara.Reactive(False)  # for Mesa
        self.round = solara.Reactive(0)  # every new world has controls of its own
        self.answered = solara.Reactive(0)  # requests, taken or refused
        self.file = solara.Reactive(None)
        self._saved = 0
        self._lock = threading.Lock()
        self._asker = Asker(self._found)

    def begin(self):
        """Ask for the odds; returns what ends the session."""
        self._asker.ask(self.chosen.scenario)
        return self._asker.stop

    def choose(self, told):
        """Take a choice (what, text) from the head of the page."""
        what, text = told
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

    def enter(self, told):
        """Take a value (key, text) as it was typed; nothing takes the change back."""
        key, text = told
        try:
            value = read_value(key, text) if str(text).strip() else None
        except Refusal as refusal:
            self.refused.set(refusal.lines)
            return
        self._take(self.choices.value.changed(key, value))

    def slide(self, told):
        """Take a number (key, number) from a slider that was let go."""
        key, number = told
        self._take(self.choices.value.changed(key, move(self.chosen, key, float(number))))

    def switched(self, told):
        """Take a safeguard (key, on) that was switched."""
        key, on = told
        self._take(self.choices.value.changed(key, bool(on)))

    def select(self, number):
        """Look at a system, by its number; None or nothing for none."""
        self.selected.set(None if number in (None, "") else int(number))

    def save(self, _=None):
        """Hand the browser a scenario that gives the odds that are shown."""
        odds = self.odds.value
        if odds is None or odds.growing:
            return
        self._saved += 1
        text = file_text(self.chosen, odds.worlds, self.choices.value.world)
        name = f"{odds.scenario.name}-{self.choices.value.policy}.toml"
        self.file.set({"name": name, "text": text, "number": self._saved})

    def _parameters(self, choices: Choices, until=0):
        return {
            "told": self.chosen.scenario,
            "policy": choices.policy,
            "world": choices.world,
            "until": until,
        }

    def _take(self, choices: Choices):
        """Make choices those of the page, or say why that cannot be."""
        self._make(choices)
        self.answered.set(self.answered.value + 1)

    def _make(self, choices):
        with self._lock:
            try:
                chosen = choose(self.shelf, choices)
                before = self.choices.value
                self.refused.set(())
                if choices == before:
                    return
                same = chosen.scenario == self.chosen.scenario
                self.chosen = chosen
                until = self.model.value.month
                # the same month of the world as it is now, so that what changed is seen
                model = Watched(**self._parameters(choices, until))
            except Refusal as refusal:
                self.refused.set(refusal.lines)
                return
            self.choices.set(choices)
            self.parameters.set(self._parameters(choices))
            if (self.selected.value or 0) >= chosen.scenario.systems:
                self.selected.set(None)
            self.model.set(model)
            self.round.set(self.round.value + 1)
            if not same:
                self.asking.set(True)
                self._asker.ask(chosen.scenario)

    def _found(self, odds):
        """Show odds that have been found."""
        if isinstance(odds, Exception):
            self.asking.set(False)
            self.refused.set((f"{OURS}{odds}",))
            return
        self.odds.set(odds)
        if not odds.growing:
            self.asking.set(False)

    @property
    def link(self) -> str:
        """The query that carries the choices."""
        return link(self.choices.value)
