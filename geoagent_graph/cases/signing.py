"""Ed25519 signatures of traces, and public keys as OpenSSH writes them.

A signature covers the hash of the event before it, and through the chain everything above. Keys are
shown as `ssh-ed25519 AAAA... NAME`, so that `ssh-keygen -l` prints the same fingerprint.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from geoagent_graph.cases.events import TraceSigned
from geoagent_graph.errors import InputError
from geoagent_graph.safe_text import visible

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

KIND: Final = "ssh-ed25519"
KEY_BYTES: Final = 32
MAX_NAME_CHARS: Final = 100
_CONTEXT: Final = "geotrace signature 1\n"
_BLOB_START: Final = b"\x00\x00\x00\x0b" + KIND.encode() + b"\x00\x00\x00\x20"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A person's public key: its 32 bytes, and the name that stands beside it."""

    raw: bytes
    name: str

    @property
    def coded(self) -> str:
        """The key as OpenSSH writes it, without the name."""
        return f"{KIND} {base64.b64encode(_BLOB_START + self.raw).decode()}"

    @property
    def line(self) -> str:
        """The key as OpenSSH writes it."""
        return f"{self.coded} {self.name}"

    @property
    def fingerprint(self) -> str:
        """What people compare, as `ssh-keygen -l` prints it."""
        digest = hashlib.sha256(_BLOB_START + self.raw).digest()
        return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def key_of_line(line: str, name: str | None = None) -> PublicKey:
    """Return the key of a line `ssh-ed25519 AAAA... NAME`; `name` stands before the line's.

    Raises:
        InputError: it is no such line, or has no name.
    """
    kind, _, rest = line.strip().partition(" ")
    coded, _, own_name = rest.strip().partition(" ")
    try:
        blob = base64.b64decode(coded, validate=True)
    except (binascii.Error, ValueError):
        blob = b""
    if kind != KIND or blob[: len(_BLOB_START)] != _BLOB_START or len(blob) != 51:
        raise InputError(
            f"{visible(line.strip(), 60)}: no public key; one is {KIND} AAAA... NAME, as "
            "`geoagent keys show` prints it"
        )
    return PublicKey(blob[-KEY_BYTES:], check_key_name(name or own_name))


def check_key_name(name: str) -> str:
    """Return a name that can stand beside a key, on one line.

    Raises:
        InputError: it is empty, long, or holds what cannot be printed.
    """
    plain = " ".join(name.split())
    if not plain or len(plain) > MAX_NAME_CHARS or not plain.isprintable():
        raise InputError(
            f"{visible(name, 60)}: no name for a key; take 1 to {MAX_NAME_CHARS} letters"
        )
    return plain


def message_of(head: str) -> bytes:
    """Return what is signed for a trace whose last event has this hash."""
    return f"{_CONTEXT}{head}".encode("ascii")


def sign_head(private: "Ed25519PrivateKey", head: str) -> str:
    """Return the signature of a trace whose last event has this hash, in base64."""
    return base64.b64encode(private.sign(message_of(head))).decode()


def is_signed(event: TraceSigned) -> bool:
    """Return whether a signature is that of its key over the trace above it."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(event.public_key))
        key.verify(base64.b64decode(event.signature), message_of(event.prev))
    except (InvalidSignature, ValueError):
        return False
    return True


@dataclass(frozen=True, slots=True)
class SignatureCheck:
    """What is to be said of the signatures of a trace: what holds, and what is wrong."""

    checked: tuple[str, ...]
    problems: tuple[str, ...]
    is_trusted: bool = False


@dataclass(frozen=True, slots=True)
class KnownKeys:
    """The keys that tell whose a signature is: one's own, and those that were trusted."""

    own: PublicKey | None = None
    trusted: tuple[PublicKey, ...] = ()

    def owner(self, raw: bytes) -> str | None:
        """Return whose key it is, in words; None where nobody is known to have it."""
        if self.own is not None and raw == self.own.raw:
            return f"{self.own.name} (your own key)"
        return next(
            (f"{key.name} (a key you trust)" for key in self.trusted if key.raw == raw), None
        )


def check_signatures(
    signed: Iterable[tuple[int, TraceSigned]], count: int, keys: KnownKeys
) -> SignatureCheck:
    """Return what is to be said of the signatures of a trace of `count` events.

    Args:
        signed: the signatures, each after the number of events above it.
        count: how many events the trace has.
        keys: whose keys are known.
    """
    checked: list[str] = []
    problems: list[str] = []
    newest: dict[bytes, tuple[int, TraceSigned]] = {}
    for above, event in signed:
        if not is_signed(event):
            problems.append(
                f"the signature after event {above - 1} is not that of its key over what stands "
                "above it: the trace or the signature was made by somebody else"
            )
            continue
        newest[base64.b64decode(event.public_key)] = (above, event)
    is_trusted = False
    for raw, (above, event) in newest.items():
        owner = keys.owner(raw)
        is_trusted = is_trusted or owner is not None
        checked.append(_signature_words(PublicKey(raw, event.person), owner, above, count))
    return SignatureCheck(tuple(checked), tuple(problems), is_trusted and not problems)


def _signature_words(key: PublicKey, owner: str | None, above: int, count: int) -> str:
    rest = count - above - 1
    since = "" if not rest else f"; {rest} later {'event is' if rest == 1 else 'events are'} not"
    if owner is not None:
        return f"signed by {visible(owner)}, {key.fingerprint}: the first {above} events{since}"
    return (
        f"signed by an unknown key, {key.fingerprint}, that calls itself {visible(key.name, 100)}: "
        f"the first {above} events{since}. Compare the fingerprint with its owner, then: geoagent "
        f"keys trust '{key.coded}' --as NAME"
    )
