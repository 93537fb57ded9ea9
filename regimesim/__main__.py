"""`python -m regimesim` is the command `regimesim`."""

import sys

from regimesim.cli import main

if __name__ == "__main__":
    sys.exit(main())
