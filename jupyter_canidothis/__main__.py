"""``python -m jupyter_canidothis`` is ``jupyter canidothis``."""

import sys

from .cli import main

sys.exit(main())
