"""``python -m tmsim``."""

import sys

from tmsim.cli import main

if __name__ == "__main__":
    sys.exit(main())
