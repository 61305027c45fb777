"""Where things lie: the one place that counts folders upwards."""

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
TESTS: Final = ROOT / "tests"
TEST_DATA: Final = TESTS / "data"
SHARED_DATA: Final = ROOT.parent / "shared" / "data"
"""Real photos beside the clone; tests that need them are skipped where they are missing."""
