"""The benches are scripts that import each other by name: their folder goes on the path."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "bench"))
