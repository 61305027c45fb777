"""What a model reasons inside its reply, set aside: `<think>...</think>` and its relatives."""

from typing import Final

_BEGINS: Final = (
    "<think>", "<thinking>", "<thought>", "<reasoning>", "<reason>", "[think]", "◁think▷",
    "<|channel|>analysis", "<|begin_of_thought|>",
)  # fmt: skip
_ENDS: Final = (
    "</think>", "</thinking>", "</thought>", "</reasoning>", "</reason>", "[/think]", "◁/think▷",
    "<|channel|>final<|message|>", "<|end_of_thought|>",
)  # fmt: skip


def visible_part(text: str) -> str:
    """Return a reply without what was reasoned before it; all of it where nothing follows."""
    folded = text.casefold() if text.isascii() else _fold_ascii(text)
    after = max((at + len(end) for end in _ENDS if (at := folded.rfind(end)) >= 0), default=0)
    rest = text[after:]
    return rest if rest.strip() else text


def is_unfinished_reasoning(text: str) -> bool:
    """Return whether a reply begins with reasoning that does not end."""
    folded = _fold_ascii(text[:40]).lstrip()
    if not folded.startswith(_BEGINS):
        return False
    whole = _fold_ascii(text)
    return not any(end in whole for end in _ENDS)


def _fold_ascii(text: str) -> str:
    """Return the text in lower case, character by character, so that positions stay."""
    return "".join(char.lower() if char.isascii() else char for char in text)
