"""Sources of evidence, one file each, and the labels of the clues they find."""

from collections.abc import Mapping
from types import MappingProxyType

_LABELS = MappingProxyType(
    {
        "text": "Text",
        "script": "Script",
        "place_name": "Place name",
        "phone": "Telephone number",
        "domain": "Internet domain",
        "currency": "Currency",
        "postal_code": "Postal code",
        "street_word": "Street word",
        "exif_position": "Position in the file (a claim)",
        "exif_other": "Other claim of the file",
        "policy": "Observation of the policy",
    }
)


def clue_labels() -> Mapping[str, str]:
    """Return the label for people of every clue kind that something here produces."""
    return _LABELS


def clue_label(kind: str) -> str:
    """Return the label of a clue kind; of one that nothing here produces, its name in words."""
    return clue_labels().get(kind) or kind.replace("_", " ").capitalize()
