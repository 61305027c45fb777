"""Reference photos that look alike: build an index of them, check it, search it."""
