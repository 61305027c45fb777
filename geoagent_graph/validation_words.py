"""What is wrong with given data, in words for people: pydantic's errors are for programmers."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final, Protocol


class ValidationProblems(Protocol):
    """What pydantic and FastAPI raise."""

    def errors(self) -> Sequence[Any]:
        """Return what is wrong, one entry per field."""
        ...


_WORDS: Final[dict[str, str | Callable[[Mapping[str, Any]], str]]] = {
    "missing": "is missing",
    "extra_forbidden": "is not known here",
    "greater_than": lambda ctx: f"must be more than {ctx['gt']:g}",
    "greater_than_equal": lambda ctx: f"must be at least {ctx['ge']:g}",
    "less_than": lambda ctx: f"must be less than {ctx['lt']:g}",
    "less_than_equal": lambda ctx: f"must be at most {ctx['le']:g}",
    "finite_number": "must be a number that is not infinite",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "string_type": "must be text",
    "string_too_short": "is empty",
    "string_too_long": lambda ctx: f"is longer than {ctx['max_length']:,} characters",
    "string_pattern_mismatch": "is not in the form that is expected, or empty",
    "too_short": lambda ctx: f"needs at least {ctx['min_length']} entries",
    "too_long": lambda ctx: f"has more than {ctx['max_length']:,} entries",
    "literal_error": lambda ctx: f"must be {ctx['expected']}",
    "enum": lambda ctx: f"must be {ctx['expected']}",
    "union_tag_invalid": lambda ctx: (
        f"{ctx['discriminator']} must be one of {ctx['expected_tags']}"
    ),
    "union_tag_not_found": lambda ctx: f"needs {ctx['discriminator']}, which says what it is",
    "json_invalid": "is no JSON",
    "dict_type": "must be an object with named fields",
    "model_type": "must be an object with named fields",
    "model_attributes_type": "must be an object with named fields",
    "tuple_type": "must be a list",
    "list_type": "must be a list",
}
_OWN_WORDS: Final = "Value error, "  # what pydantic puts before what a validator of ours says


def validation_words(error: ValidationProblems, whole: str, hidden: Collection[str] = ()) -> str:
    """Return the first problem as "field: what is wrong", without the value that was given.

    Args:
        error: what pydantic raised.
        whole: what to call the data where no single field is wrong.
        hidden: parts of a path that are no field: the names of the forms of a union.
    """
    first = error.errors()[0]
    path = [str(part) for part in first["loc"] if part not in hidden]
    words = _WORDS.get(first["type"])
    context = first.get("ctx") or {}
    if words is None:
        said = str(first["msg"]).removeprefix(_OWN_WORDS)
    else:
        said = words if isinstance(words, str) else words(context)
    return f"{'.'.join(path) or whole}: {said}"
