"""`regimesim` and `python -m regimesim`: the command line, interrupted cleanly from its start."""

import sys

__all__ = ["main"]


def main() -> int:
    """Run the command line and return its exit code.

    Its imports take part of a second, during which Ctrl-C gets the same answer as later.
    """
    try:
        from regimesim.cli import main as command_line

        return command_line()
    except KeyboardInterrupt:
        print("regimesim: interrupted", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
