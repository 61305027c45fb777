"""Places: names to points and points to names, offline."""
