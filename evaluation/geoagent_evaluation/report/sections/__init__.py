"""The parts of the page, top to bottom: each returns its element, or None where it has nothing."""
