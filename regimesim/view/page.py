"""The page, laid out: components that show a session, around Mesa's own controls of a model."""

import warnings
from collections.abc import Callable
from pathlib import Path

import solara

from regimesim.view import drawings
from regimesim.view.controls import controls, switches
from regimesim.view.odds_drawn import thresholds, tiles
from regimesim.view.opened import opened
from regimesim.view.session import Session
from regimesim.view.words import DOING, HOLLOW, banner, happened, system_text

with warnings.catch_warnings():
    # Solara looks over the hooks of a component of Mesa's that is not used here.
    warnings.filterwarnings("ignore", "(?s).*use_state. found despite early return")
    from mesa.visualization.solara_viz import ModelController, force_update, update_counter

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
def System(count: int, selected: int | None, text: dict | None, kinds: list, event_pick: Callable):
    """The list of systems, and one of them in words."""


@solara.component_vue("odds.vue", vuetify=False)
def OddsTiles(tiles: list, status: str, busy: bool, stale: bool):
    """The odds, in front."""


@solara.component_vue("heading.vue")
def Heading(
    about: dict,
    chosen: dict,
    refused: list,
    link: str,
    ready: bool,
    file: dict | None,
    event_choose: Callable,
    event_save: Callable,
):
    """The scenario, the choices, and refusals."""


@solara.component_vue("play.vue", vuetify=False)
def Extra(over: bool, interval: int, event_next: Callable, event_speed: Callable):
    """What is beside Mesa's controls, which get their names from it."""


@solara.component_vue("controls.vue", vuetify=False)
def Controls(
    controls: list,
    switches: list,
    answered: int,
    event_enter: Callable,
    event_slide: Callable,
    event_switched: Callable,
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
        with solara.Div(classes=["rs-columns"]):
            with solara.Div(classes=["rs-panel", "rs-area-world"]):
                _World(session)
            with solara.Div(classes=["rs-panel", "rs-area-odds"]):
                _Odds(session)
            with solara.Div(classes=["rs-panel", "rs-area-controls"]):
                _Assumptions(session)


@solara.component
def _Head(session):
    choices, scenario = session.choices.value, session.shelf.scenario
    odds = session.odds.value
    Heading(
        about={
            "name": scenario.name.replace("_", " "),
            "words": scenario.description,
            "policies": list(scenario.policies),
            "views": list(session.shelf.views),
        },
        chosen={
            "policy": choices.policy,
            "view": choices.view,
            "world": choices.world,
            "seed": session.chosen.scenario.seed,
        },
        refused=list(session.refused.value),
        link=session.link,
        ready=odds is not None and not session.asking.value,
        file=session.file.value,
        event_choose=session.choose,
        event_save=session.save,
    )


@solara.component
def _World(session):
    update_counter.get()
    live = session.live.value
    model = live.model.value

    def to_next_event(_=None):
        model.to_next_event()
        force_update()

    Title("One world", "rs-world-title", f"world {model.world}, {model.source.systems} systems")
    Banner(banner=banner(model))
    with solara.Div(classes=["rs-play"]):
        if model.running:
            ModelController(
                live.model,
                model_parameters=live.parameters,
                play_interval=session.interval,
                render_interval=session.every,
                use_threads=session.threads,
            ).key(f"controls-{live.number}")
        else:
            _OverController(session)
        Extra(
            over=not model.running,
            interval=session.interval.value,
            event_next=to_next_event,
            event_speed=lambda speed: session.interval.set(int(speed)),
        ).key(f"extra-{live.number}")
    Drawing(drawing=drawings.frontiers(model))
    with solara.Div(classes=["rs-pair"]):
        with solara.Div():
            Drawing(drawing=drawings.timeline(model))
            Happened(entries=happened(model))
        with solara.Div():
            _Systems(session, model)
    Title("What overseers believe, and what is true", "", "")
    with solara.Div(classes=["rs-three"]):
        for drawing in drawings.beliefs(model):
            Drawing(drawing=drawing)


@solara.component
def _OverController(session):
    """The controls of a world that is over, which Mesa's controls notice only at the next step."""
    with solara.Row():
        solara.Button("Reset", on_click=session.reset)
        solara.Button("▶", disabled=True)
        solara.Button("Step", disabled=True)


@solara.component
def _Systems(session, model):
    update_counter.get()
    selected = session.selected.value
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
        event_pick=session.select,
    )


@solara.component
def _Odds(session):
    update_counter.get()
    odds, asking = session.odds.value, session.asking.value
    Title("The odds", "rs-odds-title", "the same settings, in many worlds")
    if odds is None:
        OddsTiles(tiles=[], status="Living through the first worlds …", busy=True, stale=False)
        return
    stale = asking and odds.scenario.policies != session.chosen.scenario.policies
    worlds = f"{odds.worlds:,} worlds, 95 % intervals"
    status = f"{worlds}; more are under way" if asking and not stale else worlds
    OddsTiles(
        tiles=tiles(odds),
        status="Living through other worlds …" if stale else status,
        busy=asking,
        stale=stale,
    )
    Drawing(drawing=thresholds(odds, session.model.month))


@solara.component
def _Assumptions(session):
    choices = session.choices.value
    Title("Assumptions", "rs-controls-title", "move one: the world and the odds follow")
    Controls(
        controls=controls(session.chosen, choices),
        switches=switches(session.chosen),
        answered=session.answered.value,
        event_enter=session.enter,
        event_slide=session.slide,
        event_switched=session.switched,
    )


def Title(name: str, anchor: str, words: str):
    """A heading of a part of the page."""
    soft = f'<span class="rs-soft">{words}</span>' if words else ""
    return solara.HTML("div", f'<h2 id="{anchor}">{name}</h2>{soft}', classes=["rs-title"])
