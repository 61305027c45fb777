"""The file of tokens: who has one. Tokens themselves are shown once and kept nowhere."""

import hashlib
import hmac
import secrets
import shlex
import stat
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field, ValidationError, field_validator

from geoagent_graph.errors import InputError, StorageError
from geoagent_graph.held_file import hold_file
from geoagent_graph.regular_files import read_regular
from geoagent_graph.types import FrozenModel
from geoagent_graph.validation_words import validation_words
from geoagent_graph.whole_files import OWNER_ONLY, make_folders, replace_file

FILE_NAME: Final = "tokens.json"
MAX_HOLDERS: Final = 1000
MAX_NAME_CHARS: Final = 100
_MAX_BYTES: Final = 1_000_000
_TOKEN_BYTES: Final = 32
_COOKIE_WORDS: Final = b"geoagent cookie 1"
_TEMPORARY: Final = ".tokens-"
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class TokenHolder(FrozenModel):
    """A person who has a token; of the token and its cookie the SHA-256 alone.

    A token is 256 random bits, which no list of guesses holds: it needs no salt and no slow hash.
    """

    name: Annotated[str, Field(max_length=MAX_NAME_CHARS)]
    token_sha256: Digest
    cookie_sha256: Digest
    made: str = ""

    @classmethod
    def of_token(cls, token: str, name: str, made: str = "") -> "TokenHolder":
        """Return who holds a token."""
        cookie = digest_of(cookie_of(token))
        return cls(name=name, token_sha256=digest_of(token), cookie_sha256=cookie, made=made)


class TokenFile(FrozenModel):
    """What the file holds."""

    version: Literal[1] = 1
    holders: Annotated[tuple[TokenHolder, ...], Field(max_length=MAX_HOLDERS)] = ()

    @field_validator("holders")
    @classmethod
    def _check_names(cls, holders: tuple[TokenHolder, ...]) -> tuple[TokenHolder, ...]:
        names = [holder.name for holder in holders]
        if not all(name.strip() and name.isprintable() for name in names):
            raise ValueError("one of them has no name")
        if len(set(names)) < len(names):
            raise ValueError("two of them have one name")
        return holders


def digest_of(shown: str) -> str:
    """Return the SHA-256 of what a client shows, in hex."""
    return hashlib.sha256(shown.encode("utf-8", "surrogateescape")).hexdigest()


def cookie_of(token: str) -> str:
    """Return what a browser keeps in place of a token; it does not tell the token."""
    key = token.encode("utf-8", "surrogateescape")
    return hmac.new(key, _COOKIE_WORDS, hashlib.sha256).hexdigest()


def read_tokens(path: Path) -> tuple[TokenHolder, ...]:
    """Return who has a token.

    Raises:
        InputError: there is no such file, it is none of tokens, or others than its owner may read
            or write it.
    """
    try:
        if path.stat().st_mode & _OTHERS:
            raise InputError(
                f"{path}: others can read or write it, so it proves nobody's name. "
                f"Run: chmod 600 {shlex.quote(str(path))}"
            )
        return TokenFile.model_validate_json(read_regular(path, _MAX_BYTES)).holders
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read ({error.strerror or error}). "
            f"Run: geoagent tokens add NAME --file {shlex.quote(str(path))}"
        ) from error
    except ValidationError as error:
        said = validation_words(error, "the file")
        raise InputError(f"{path}: is no file of tokens ({said})") from error


def add_token(path: Path, name: str) -> str:
    """Return a new token for a person; the file keeps its digest, and nothing keeps the token.

    Raises:
        InputError: the name cannot be one, or has a token already; or see `read_tokens`.
        StorageError: the file cannot be written.
    """
    name = name.strip()
    if not name or len(name) > MAX_NAME_CHARS or not name.isprintable():
        raise InputError(f"a name is 1 to {MAX_NAME_CHARS} letters in one line")
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    made = datetime.now(UTC).isoformat(timespec="seconds")
    with _hold_tokens(path):
        holders = read_tokens(path) if path.exists() else ()
        if any(holder.name == name for holder in holders):
            raise InputError(
                f"{name}: has a token already, which nobody can be told again. For another one run "
                f"first: geoagent tokens remove {shlex.quote(name)} --file {shlex.quote(str(path))}"
            )
        if len(holders) >= MAX_HOLDERS:
            raise InputError(f"{path}: holds {MAX_HOLDERS:,} tokens, and more are not taken")
        _write(path, (*holders, TokenHolder.of_token(token, name, made)))
    return token


def remove_token(path: Path, name: str) -> None:
    """Take a person's token out of the file; a server that runs refuses it from then on.

    Raises:
        InputError: nobody of that name has one; or see `read_tokens`.
        StorageError: the file cannot be written.
    """
    with _hold_tokens(path):
        holders = read_tokens(path)
        left = tuple(holder for holder in holders if holder.name != name.strip())
        if len(left) == len(holders):
            there = ", ".join(holder.name for holder in holders) or "nobody"
            raise InputError(f"{name}: has no token; there is: {there}")
        _write(path, left)


def _hold_tokens(path: Path) -> AbstractContextManager[None]:
    """Keep others from changing the file meanwhile."""
    try:
        make_folders(path.parent)
    except OSError as error:
        raise StorageError(f"{path.parent}: cannot be made ({error.strerror})") from error
    return hold_file(path.with_name(f".{path.name}.lock"))


def _write(path: Path, holders: tuple[TokenHolder, ...]) -> None:
    content = TokenFile(holders=holders).model_dump_json(indent=1).encode() + b"\n"
    try:
        replace_file(path, [content], _TEMPORARY, OWNER_ONLY)
    except OSError as error:
        raise StorageError(f"{path}: cannot be written ({error.strerror})") from error
