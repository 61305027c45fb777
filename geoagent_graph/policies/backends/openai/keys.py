"""A server's key as it goes into a header."""

from geoagent_graph.errors import InputError

NO_KEY = "none"


def plain_key(key: str) -> str:
    """Return a key without white space around it, as files and shells leave it; "none" for none.

    Raises:
        InputError: it holds what no header can carry; the sentence shows nothing of it.
    """
    bare = key.strip()
    if not bare:
        return NO_KEY
    for place, char in enumerate(bare, start=1):
        if not "!" <= char <= "~":
            kind = "white space" if char.isspace() else "no letter, digit or sign of a key"
            raise InputError(
                f"GEOAGENT_API_KEY (or OPENAI_API_KEY): character {place} of {len(bare)} "
                f"is {kind}; copy the key again, on one line"
            )
    return bare
