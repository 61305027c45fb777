"""Answers as JSON text that is safe to print."""

import json
import re

# JSON escapes only the first 32 control characters; the others drive terminals or reorder text.
_HIDDEN = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


def json_text(content: object, indent: int | None = None) -> str:
    """Return JSON in readable UTF-8, with control and direction characters escaped.

    An answer is given as `Answer.model_dump(mode="json")`; parsing brings back exactly that.

    Raises:
        ValueError: the content holds NaN or an infinity.
    """
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, indent=indent)
    return _HIDDEN.sub(lambda found: f"\\u{ord(found.group()):04x}", text)
