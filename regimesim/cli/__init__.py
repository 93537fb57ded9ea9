"""The command line, built from the commands of the studies and of the live page.

Each command imports what it needs when it is used, so that `--help` is there at once.
"""

import atexit
import gc
import os
import re
import sys
from importlib import import_module
from typing import Annotated

import typer

from regimesim import __version__
from regimesim.studies import STUDIES

BAD_INPUT, INTERRUPTED = 2, 130
UNREAD = 141  # the exit code of a process that SIGPIPE ends, as in `regimesim params | head`
UsageError = typer.BadParameter.__base__  # typer does not export it by name

app = typer.Typer(
    name="regimesim",
    help="Does an oversight policy survive the first critical try?",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for home in (*(f"studies.{study}" for study in STUDIES), "view"):
    for command in import_module(f"regimesim.{home}.cli").COMMANDS:
        app.command()(command)
atexit.register(gc.freeze)  # otherwise Python checks all objects at exit, for half a second


@app.callback(invoke_without_command=True)
def regimesim(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False,
):
    """Does an oversight policy survive the first critical try?"""
    if version:
        typer.echo(f"regimesim {__version__}")
    elif context.invoked_subcommand is None:
        typer.echo(context.get_help())


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code; a user's mistake is printed, not raised."""
    from regimesim.errors import Refusal, printable

    _open_streams()
    os.environ["MPLBACKEND"] = "agg"  # no command opens a window, and another may not be there
    try:
        code = app(args=arguments, prog_name="regimesim", standalone_mode=False) or 0
        lines = []
        sys.stdout.flush()
    except Refusal as refusal:
        lines, code = refusal.lines, BAD_INPUT
    except UsageError as error:
        lines, code = [usage(error)], BAD_INPUT
    except MemoryError:
        from regimesim.ensemble.memory import RAN_OUT

        lines, code = [f"regimesim: {RAN_OUT}"], BAD_INPUT
    except BrokenPipeError:  # the reader has closed the pipe, which is no mistake
        _leave_stdout()
        lines, code = [], UNREAD
    except OSError as error:  # an error of the machine, not of the input
        lines, code = [_failed(error)], BAD_INPUT
    except SystemExit as ended:
        if not isinstance(ended.__context__, BrokenPipeError):  # from which typer makes a 1
            raise
        lines, code = [], UNREAD
    except (KeyboardInterrupt, typer.Abort):
        lines, code = [], INTERRUPTED
    if code == INTERRUPTED:
        lines = ["regimesim: interrupted"]
    for line in lines:  # which may quote a file of somebody else
        print(printable(line), file=sys.stderr)
    return code


def _open_streams():
    """Make every text printable: replace letters that a terminal cannot show, and drop what goes
    to a closed stream."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w"))
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal that has no ′ still gets its text


def _failed(error: OSError) -> str:
    """One sentence for an error of the machine."""
    from regimesim.errors import shown

    if error.filename is not None:
        return f"regimesim: {shown(str(error.filename))}: {error.strerror}"
    try:
        print(flush=True)  # an unbuffered stream reports its error only when it writes
    except OSError:
        _leave_stdout()
        return f"regimesim: standard output: cannot be written: {error.strerror or error}"
    return f"regimesim: {error.strerror or error}"


def _leave_stdout():
    """Drop all further output, also that of the end of the process."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def usage(error: UsageError) -> str:
    """One sentence for a wrong use of the command line, with the nearest name."""
    from regimesim.errors import nearest

    message = error.format_message().rstrip(".")
    if error.ctx is None:
        return f"regimesim: {message[0].lower()}{message[1:]}"
    place, command = error.ctx.command_path, error.ctx.command
    if option := getattr(error, "option_name", None):
        options = [name for known in command.params for name in known.opts if name[:2] == "--"]
        close = nearest(option, [*options, "--help"])
        return f"{place}: no such option '{option}'; the nearest is '{close}'"
    if wrong := re.match("No such command '(.*?)'", error.message):
        close = nearest(wrong[1], command.commands)
        return f"{place}: no such command '{wrong[1]}'; the nearest is '{close}'"
    return f"{place}: {message[0].lower()}{message[1:]}; see '{place} --help'"
