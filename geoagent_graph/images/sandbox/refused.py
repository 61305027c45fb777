"""Faults of a photo, as words that the parent knows."""


class Refused(Exception):
    """A fault with one of the words that `decode.py` knows."""

    def __init__(self, fault: str, **details: int) -> None:
        super().__init__(fault)
        self.reply = {"fault": fault, **details}
