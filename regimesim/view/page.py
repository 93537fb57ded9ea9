"""The page, laid out: components that show a session."""

from collections.abc import Callable
from pathlib import Path

import solara

from regimesim.view import drawings
from regimesim.view.controls import controls, switches
from regimesim.view.explained import explained
from regimesim.view.flips_shown import flips_shown
from regimesim.view.odds_drawn import strip, thresholds, tiles
from regimesim.view.opened import opened
from regimesim.view.session import Session
from regimesim.view.words import DOING, HOLLOW, banner, happened, system_text

STYLE = Path(__file__).with_name("page.css")


@solara.component_vue("drawing.vue", vuetify=False)
def Drawing(drawing: dict, event_pick: Callable | None = None):
    """A drawing of `drawings`; `pick` is called with the id of a point that is clicked."""


@solara.component_vue("banner.vue", vuetify=False)
def Banner(banner: dict):
    """The regime of the world, in words."""


@solara.component_vue("happened.vue", vuetify=False)
def Happened(entries: list):
    """What happened, the latest first."""


@solara.component_vue("system.vue", vuetify=False)
def System(
    count: int,
    selected: int | None,
    text: dict | None,
    kinds: list,
    answered: int,
    event_pick: Callable,
):
    """The choice of a system, and that system in words."""


@solara.component_vue("odds.vue", vuetify=False)
def OddsTiles(tiles: list, strip: list, status: str, busy: bool, stale: bool):
    """The odds, in front."""


@solara.component_vue("explained.vue", vuetify=False)
def Explained(lists: list):
    """What the odds consist of."""


@solara.component_vue("flips.vue", vuetify=False)
def Flips(shown: dict):
    """What would flip the odds."""


@solara.component_vue("heading.vue")
def Heading(
    about: dict,
    chosen: dict,
    refused: list,
    link: str,
    ready: bool,
    file: dict | None,
    answered: int,
    event_choose: Callable,
    event_save: Callable,
    event_appear: Callable,
):
    """The scenario, the choices, and refusals."""


@solara.component_vue("play.vue", vuetify=False)
def Play(playing: bool, over: bool, event_play: Callable):
    """What moves the world."""


@solara.component_vue("controls.vue", vuetify=False)
def Controls(
    controls: list,
    switches: list,
    answered: int,
    event_enter: Callable,
    event_slide: Callable,
    event_switch: Callable,
):
    """The assumptions."""


@solara.component
def Layout(children=None):
    """No frame but the page's own."""
    solara.Div(children=children or [], classes=["rs-root"])


@solara.component
def Page():
    """The whole page."""
    router = solara.use_router()
    session = solara.use_memo(lambda: Session(opened(), router.search), [])
    solara.use_effect(session.begin, [])
    solara.Title(f"{session.shelf.scenario.name} · regimesim")
    solara.Style(STYLE)
    with solara.Div(classes=["rs-page"]):
        _Head(session)
        with solara.v.Html(tag="main", class_="rs-columns"):
            with solara.Div(classes=["rs-panel", "rs-area-world"]):
                _World(session)
            with solara.Div(classes=["rs-panel", "rs-area-odds"]):
                _Odds(session)
            with solara.Div(classes=["rs-panel", "rs-area-controls"]):
                _Assumptions(session)


@solara.component
def _Head(session):
    state, scenario = session.state, session.shelf.scenario
    Heading(
        about={
            "name": scenario.name.replace("_", " "),
            "words": scenario.description,
            "policies": [[name, scenario.title(name)] for name in scenario.policies],
            "views": list(session.shelf.views),
        },
        chosen={
            "policy": state.choices.policy,
            "view": state.choices.view,
            "world": state.choices.world,
            "seed": state.chosen.scenario.seed,
        },
        refused=list(state.refused),
        link=state.link,
        ready=state.odds is not None and not state.asking,
        file=state.file,
        answered=state.answered,
        event_choose=session.choose,
        event_save=session.save,
        event_appear=session.shown,
    )


@solara.component
def _World(session):
    state = session.state
    model = state.model
    Title("One world", "rs-world-title", f"world {model.world}, {model.source.systems} systems")
    Banner(banner=banner(model))
    Play(playing=state.playing, over=not model.running, event_play=session.play)
    drawn = solara.use_memo(lambda: _drawn(model, state.chosen.kept), [state.drawn])
    Drawing(drawing=drawn["frontiers"])
    with solara.Div(classes=["rs-pair"]):
        with solara.Div():
            Drawing(drawing=drawn["timeline"])
            Happened(entries=drawn["happened"])
        with solara.Div():
            _Systems(session, state)
    Title("What overseers believe, and what is true", "", "")
    with solara.Div(classes=["rs-three"]):
        for drawing in drawn["beliefs"]:
            Drawing(drawing=drawing)


def _drawn(model, kept):
    """What is drawn of a world, whichever system is selected."""
    return {
        "frontiers": drawings.frontiers(model),
        "timeline": drawings.timeline(model),
        "happened": happened(model, kept),
        "beliefs": drawings.beliefs(model),
    }


def _Systems(session, state):
    model, selected = state.model, state.selected
    drawing = drawings.systems(model, selected)
    counts = drawing.pop("counts")
    Drawing(drawing=drawing, event_pick=session.select)
    System(
        count=model.source.systems,
        selected=selected,
        text=None if selected is None else system_text(model, selected),
        kinds=[
            {"name": name, "ink": ink, "hollow": key in HOLLOW, "count": counts[key]}
            for key, (name, ink) in DOING.items()
        ],
        answered=state.answered,
        event_pick=session.select,
    )


@solara.component
def _Odds(session):
    state = session.state
    odds, asking = state.odds, state.asking
    Title("The odds", "rs-odds-title", "the same settings, in many worlds")
    if odds is None:
        first = "Simulating the first worlds …"
        OddsTiles(tiles=[], strip=[], status=first, busy=True, stale=False)
        return
    stale = asking and odds.scenario.policies != state.chosen.scenario.policies
    worlds = f"{odds.worlds:,} worlds, 95 % intervals"
    status = f"{worlds}; more are under way" if asking and not stale else worlds
    OddsTiles(
        tiles=tiles(odds),
        strip=strip(odds),
        status="Simulating other worlds …" if stale else status,
        busy=asking,
        stale=stale,
    )
    Explained(lists=explained(odds))
    if state.flips is not None:
        Flips(shown=flips_shown(state.flips))
    Drawing(drawing=thresholds(odds, state.model.month))


@solara.component
def _Assumptions(session):
    state = session.state
    chosen, choices = state.chosen, state.choices
    Title("Assumptions", "rs-controls-title", "move one: the world and the odds follow")
    shown = solara.use_memo(
        lambda: (controls(chosen, choices, state.deciding), switches(chosen)),
        [state.chosen, state.deciding],
    )
    Controls(
        controls=shown[0],
        switches=shown[1],
        answered=state.answered,
        event_enter=session.enter,
        event_slide=session.slide,
        event_switch=session.switch,
    )


def Title(name: str, anchor: str, words: str):
    """A heading of a part of the page."""
    soft = f'<span class="rs-soft">{words}</span>' if words else ""
    return solara.HTML("div", f'<h2 id="{anchor}">{name}</h2>{soft}', classes=["rs-title"])
