"""Arguments and options that several commands share, and their completion in a shell."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer


def known_policies(context: typer.Context, incomplete: str) -> list[str]:
    """The policies of the scenario on the command line, for the shell to complete."""
    from regimesim.errors import Refusal
    from regimesim.scenario import load

    # an option that still lacks its value leaves the file among the unread arguments
    one, many = (context.params.get(key) for key in ("file", "files"))
    places = [one, *(many or ()), *context.args]
    try:
        place = next(filter(None, places))
        names = {} if str(place) == "-" else load(place).policies  # a shell waits for no input
    except (Refusal, StopIteration):
        return []
    return [name for name in names if name.startswith(incomplete)]


def known_keys(incomplete: str) -> list[str]:
    """The dotted names of parameters, for the shell to complete."""
    from regimesim.scenario.parameters import declarations

    return [declared.key for declared in declarations() if declared.key.startswith(incomplete)]


ScenarioFile = Annotated[
    Path, typer.Argument(metavar="FILE", help="A scenario, in TOML; - is standard input.")
]
Worlds = Annotated[str | None, typer.Option("--worlds", metavar="N", help="Number of worlds.")]
Seed = Annotated[str | None, typer.Option("--seed", metavar="S", help="Seed.")]
Threads = Annotated[
    int | None,
    typer.Option(
        "--threads", metavar="N", min=1, help="Number of threads, by default one per core."
    ),
]
ScenarioOrRun = Annotated[
    Path, typer.Argument(metavar="FILE", help="A scenario, or the folder of a run.")
]
Figures = Annotated[bool, typer.Option("--figures/--no-figures", help="Draw the figures.")]
Drawing = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", help="Also draw it: .png, .svg or .pdf."),
]
Policies = Annotated[
    list[str] | None,
    typer.Option(
        "--policy",
        metavar="NAME",
        help="This policy only; may be repeated.",
        autocompletion=known_policies,
    ),
]
Between = Annotated[
    list[str] | None,
    typer.Option(
        "--between",
        metavar="NAME,NAME",
        help="The policies to choose between, by default all; may be repeated.",
        autocompletion=known_policies,
    ),
]
Sum = Annotated[
    str,
    typer.Option(
        "--value", metavar="SUM", help="What a policy is worth: outcomes, each times a number."
    ),
]
OnePolicy = Annotated[
    str | None,
    typer.Option(
        "--policy",
        metavar="NAME",
        help="The policy, by default the first with a monitor.",
        autocompletion=known_policies,
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Replace a value; may be repeated.",
        autocompletion=known_keys,
    ),
]


At = Annotated[
    str | None,
    typer.Option(
        "--at", metavar="medians", help="One number, the median, instead of each distribution."
    ),
]
AsJson = Annotated[
    bool, typer.Option("--json", help="Print the result as JSON, and nothing else.")
]


def folder_else(usual: str):
    """The option that names the folder which a command writes, by default `usual`."""
    return Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help=f"Folder to write, by default {usual}."),
    ]


def all_settings(settings, worlds=None, seed=None) -> list[str]:
    """The `KEY=VALUE` settings of a command, with its number of worlds and its seed."""
    sizes = {"worlds": worlds, "seed": seed}
    changed = [f"{key}={value}" for key, value in sizes.items() if value is not None]
    return [*(settings or ()), *changed]


def scenario_of(file, settings, worlds=None, seed=None, at=None):
    """The scenario of a command, with the values that its options replace."""
    from regimesim.ensemble.medians import at_place
    from regimesim.scenario import prepare

    return at_place(prepare(file, all_settings(settings, worlds, seed)), at)


def read_between(texts: Iterable[str]) -> list[str]:
    """The names of policies in texts such as "control,none".  Raises Refusal."""
    from regimesim.errors import Refusal, shown

    named = [name.strip() for text in texts for name in text.split(",")]
    if not all(named):
        raise Refusal(f"--between: found {shown(','.join(texts))}; allowed is NAME,NAME")
    return named


def policy_taken(scenario, policy: str | None) -> str:
    """The sentence that says which policy a study takes, where none is named and there are
    several; else an empty one."""
    from regimesim.analysis.terminal import filled
    from regimesim.ensemble.ensemble import default_policy

    if policy is not None or len(scenario.policies) == 1:
        return ""
    taken = default_policy(scenario)
    others = ", ".join(name for name in scenario.policies if name != taken)
    return filled(f"The policy is {taken}. To name another, write --policy NAME: {others}.")


def bold(text: str) -> str:
    """`text` in bold on a terminal that wants colours."""
    wanted = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return f"\033[1m{text}\033[0m" if wanted and sys.stdout.isatty() else text
