"""Several photos of one trip: one posterior over all their places."""
