"""What is wrong with given data, in words for people: pydantic's errors are for programmers."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final, Protocol, get_args

from pydantic_core.core_schema import ErrorType


class ValidationProblems(Protocol):
    """What pydantic and FastAPI raise."""

    def errors(self) -> Sequence[Any]:
        """Return what is wrong, one entry per field."""
        ...


def _number(bound: float) -> str:
    return str(int(bound)) if float(bound).is_integer() else f"{bound:g}"


_WORDS_OF_PATTERNS: Final = {
    r"^[a-z0-9][a-z0-9_-]{0,63}$": "takes up to 64 of a-z, 0-9, - and _, the first no - or _",
    r"\S": "is empty",
}
_WORDS: Final[dict[str, str | Callable[[Mapping[str, Any]], str]]] = {
    "missing": "is missing",
    "extra_forbidden": "is not known here",
    "greater_than": lambda ctx: f"must be more than {_number(ctx['gt'])}",
    "greater_than_equal": lambda ctx: f"must be at least {_number(ctx['ge'])}",
    "less_than": lambda ctx: f"must be less than {_number(ctx['lt'])}",
    "less_than_equal": lambda ctx: f"must be at most {_number(ctx['le'])}",
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
    "string_pattern_mismatch": lambda ctx: _WORDS_OF_PATTERNS.get(
        ctx.get("pattern", ""), "is not in the form that is expected, or empty"
    ),
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
    "invalid_key": "must have names that are text",
    "multiple_of": lambda ctx: f"must be a multiple of {_number(ctx['multiple_of'])}",
    "int_parsing_size": "is too large a number",
    "string_unicode": "must be text in UTF-8",
    "none_required": "must be left out",
    "is_instance_of": lambda ctx: f"must be a {ctx['class']}",
    "path_type": "must be a path",
    "bytes_too_short": "is empty",
    "bytes_too_long": lambda ctx: f"is longer than {ctx['max_length']:,} bytes",
    "timezone_naive": "must be a time without a zone",
    "timezone_aware": "must be a time with its zone, as 2024-06-21T15:30Z",
}
_WORDS_OF_KINDS: Final = {  # by how a kind of problem begins
    "tuple_": "must be a list",
    "list_": "must be a list",
    "set_": "must be a list without repetitions",
    "frozen_set_": "must be a list without repetitions",
    "date_": "must be a day, as 2024-06-21",
    "time_delta_": "must be a span of time",
    "time_": "must be a time of day, as 15:30",
    "datetime_": "must be a time, as 2024-06-21T15:30Z",
    "url_": "must be an address, as https://example.org/",
    "uuid_": "must be a UUID",
    "decimal_": "must be a number",
    "bytes_": "must be bytes",
    "json_": "is no JSON",
    "mapping_": "must be an object with named fields",
}
_OTHER_WORDS: Final = "is not in the form that is expected"
_SAID_BY_US: Final = frozenset({"value_error", "assertion_error"})
_OWN_WORDS: Final = "Value error, "  # what pydantic puts before what a validator of ours says
_ASSERTION: Final = "Assertion failed, "
_NO_FILE: Final = "Expected UploadFile"  # FastAPI's own check of a field that is to be a file


def validation_words(error: ValidationProblems, whole: str, hidden: Collection[str] = ()) -> str:
    """Return the first problem as "field: what is wrong", without the value that was given.

    Args:
        error: what pydantic raised.
        whole: what to call the data where no single field is wrong.
        hidden: parts of a path that are no field: the names of the forms of a union.
    """
    first = error.errors()[0]
    path = [str(part) for part in _path_of(first) if part not in hidden]
    return f"{'.'.join(path) or whole}: {problem_words(first)}"


def _path_of(problem: Mapping[str, Any]) -> Sequence[Any]:
    """Return where a problem is; that of broken JSON is a place among its characters."""
    return () if problem["type"] == "json_invalid" else tuple(problem["loc"])


def problem_words(problem: Mapping[str, Any]) -> str:
    """Return what is wrong with one field, as it goes on after its name."""
    kind, context = problem["type"], problem.get("ctx") or {}
    words = _WORDS.get(kind)
    if words is not None:
        return words if isinstance(words, str) else words(context)
    if kind in _SAID_BY_US or kind not in get_args(ErrorType):  # a validator of ours has said it
        said = str(problem["msg"]).removeprefix(_OWN_WORDS).removeprefix(_ASSERTION)
        return "must be a file" if said.startswith(_NO_FILE) else said
    for beginning, said in _WORDS_OF_KINDS.items():
        if kind.startswith(beginning):
            return said
    return _OTHER_WORDS
