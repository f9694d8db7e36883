"""The modules beside the documentation are imported by name."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path += [str(ROOT / "docs"), str(Path(__file__).parent)]
