"""Models: loaded the same way everywhere, adapted, exported."""
