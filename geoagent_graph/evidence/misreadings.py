"""What a name may have been before the reader mistook a letter."""

_LOOK_ALIKE = (
    ("0", "o"), ("1", "l"), ("1", "i"), ("5", "s"), ("8", "b"), ("rn", "m"), ("m", "rn"),
    ("cl", "d"), ("vv", "w"), ("l", "i"), ("i", "l"), ("c", "e"), ("e", "c"), ("u", "v"),
    ("v", "u"), ("n", "h"), ("h", "n"), ("g", "q"), ("o", "a"), ("a", "o"), ("f", "t"),
    ("t", "f"), ("u", "n"), ("n", "u"), ("j", "i"), ("z", "2"), ("6", "b"), ("9", "g"),
    ("t", "l"), ("e", "o"), ("b", "h"), ("r", "n"),
)  # fmt: skip
_MOST = 80


def misreadings(key: str) -> list[str]:
    """Return folded names that one mistaken or doubled letter turns into `key`."""
    found: dict[str, None] = {}
    for seen, meant in _LOOK_ALIKE:
        start = key.find(seen)
        while start >= 0:
            found[key[:start] + meant + key[start + len(seen) :]] = None
            start = key.find(seen, start + 1)
    for position in range(1, len(key)):
        if key[position] == key[position - 1]:
            found[key[:position] + key[position + 1 :]] = None
        else:
            found[key[:position] + key[position - 1] + key[position:]] = None
    return list(found)[:_MOST]
