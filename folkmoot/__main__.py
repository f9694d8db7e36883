"""`python -m folkmoot` is `folkmoot`."""

import sys

from folkmoot.cli import main

sys.exit(main())
