"""The keys of a home: one's own, which signs, and those of people one trusts.

`keys/private.pem` (0600) is one's own key, `keys/public.pub` its public half, and `keys/trusted`
holds a line per person, all as OpenSSH writes public keys.
"""

import base64
from pathlib import Path
from typing import TYPE_CHECKING, Final

from geoagent_graph.cases.signing import (
    KnownKeys,
    PublicKey,
    check_key_name,
    key_of_line,
    sign_head,
)
from geoagent_graph.cases.storage import file_errors
from geoagent_graph.errors import InputError, StorageError
from geoagent_graph.regular_files import read_regular
from geoagent_graph.types import Json
from geoagent_graph.whole_files import OWNER_ONLY, make_folders, replace_file

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

MAX_KEY_FILE_BYTES: Final = 1 << 20
_TEMPORARY: Final = ".key-"


class KeyStore:
    """The keys of one home; nothing is there until `create` or `trust`."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "keys"
        self.private_path = self._folder / "private.pem"
        self._public_path = self._folder / "public.pub"
        self._trusted_path = self._folder / "trusted"

    def create(self, name: str) -> PublicKey:
        """Return the public half of a new key that signs from now on.

        Raises:
            InputError: there is a key already, or the name cannot stand beside one.
            StorageError: it cannot be written.
        """
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        check_key_name(name)
        if self.private_path.exists():
            raise InputError(
                f"{self.private_path}: there is a key already, and traces are signed with it. Move "
                "it away to make another."
            )
        private = Ed25519PrivateKey.generate()
        pem = private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        key = PublicKey(_public_bytes(private), check_key_name(name))
        self._write_file(self._public_path, f"{key.line}\n".encode())
        self._write_file(self.private_path, pem)
        return key

    def own(self) -> PublicKey | None:
        """Return one's own public key, None where there is none.

        Raises:
            InputError: its file is damaged.
            StorageError: it cannot be read.
        """
        private = self._private_key()
        if private is None:
            return None
        raw, line = _public_bytes(private), self._file_text(self._public_path)
        try:
            named = key_of_line(line).name
        except InputError:  # the public half can be made again, its name cannot
            named = "owner of this home"
        return PublicKey(raw, named)

    def trusted(self) -> tuple[PublicKey, ...]:
        """Return the keys of other people.

        Raises:
            InputError: a line is no key.
            StorageError: they cannot be read.
        """
        lines = self._file_text(self._trusted_path).splitlines()
        return tuple(key_of_line(line) for line in lines if line.strip())

    def known(self) -> KnownKeys:
        """Return all keys that tell whose a signature is; see `own` and `trusted`."""
        return KnownKeys(self.own(), self.trusted())

    def trust(self, key: PublicKey) -> None:
        """Take a signature of this key for one of the person whose name stands beside it.

        Raises:
            InputError: another key has that name.
            StorageError: it cannot be written.
        """
        there = [known for known in self.trusted() if known.raw != key.raw]
        if any(known.name == key.name for known in there):
            raise InputError(
                f"{key.name}: has another key here already. Give a name with --as, or first: "
                f"geoagent keys forget '{key.name}'"
            )
        self._write_trusted([*there, key])

    def forget(self, name: str) -> PublicKey:
        """Return the key that is trusted no more.

        Raises:
            InputError: nobody has that name.
            StorageError: it cannot be written.
        """
        there = self.trusted()
        gone = next((key for key in there if key.name == name), None)
        if gone is None:
            named = ", ".join(key.name for key in there) or "nobody"
            raise InputError(f"{name}: has no key here; trusted is: {named}")
        self._write_trusted([key for key in there if key.raw != gone.raw])
        return gone

    def signature_over(self, head: str) -> Json | None:
        """Return the body of the event that signs a trace up to a hash; None without a key.

        Raises:
            InputError: the key's file is damaged.
            StorageError: it cannot be read.
        """
        private, key = self._private_key(), self.own()
        if private is None or key is None:
            return None
        return {
            "event": "signature",
            "person": key.name,
            "public_key": base64.b64encode(key.raw).decode(),
            "signature": sign_head(private, head),
        }

    def _private_key(self) -> "Ed25519PrivateKey | None":
        if not self.private_path.exists():
            return None
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        try:
            found = serialization.load_pem_private_key(
                self._file_text(self.private_path).encode(), password=None
            )
        except (ValueError, TypeError, UnsupportedAlgorithm):
            found = None
        if not isinstance(found, Ed25519PrivateKey):
            raise InputError(
                f"{self.private_path}: is damaged or no Ed25519 key without a password. Put a copy "
                "back, or move it away and run: geoagent keys create"
            )
        return found

    def _file_text(self, path: Path) -> str:
        if not path.exists():
            return ""
        with file_errors(str(path)):
            return read_regular(path, MAX_KEY_FILE_BYTES).decode("utf-8", "replace")

    def _write_trusted(self, keys: list[PublicKey]) -> None:
        self._write_file(self._trusted_path, "".join(f"{key.line}\n" for key in keys).encode())

    def _write_file(self, path: Path, content: bytes) -> None:
        with file_errors(str(path)):
            make_folders(self._folder, mode=0o700)
            replace_file(path, [content], _TEMPORARY, OWNER_ONLY)


def _public_bytes(private: "Ed25519PrivateKey") -> bytes:
    return private.public_key().public_bytes_raw()


def read_public_key(words: str, name: str | None) -> PublicKey:
    """Return the key of a line, or of a file that holds one.

    Raises:
        InputError: it is no key, or has no name.
        StorageError: the file cannot be read.
    """
    if words.startswith("ssh-"):
        return key_of_line(words, name)
    path = Path(words)
    try:
        content = read_regular(path, MAX_KEY_FILE_BYTES)
    except OSError as error:
        raise StorageError(f"{words}: cannot be read ({error.strerror or error})") from error
    return key_of_line(content.decode("utf-8", "replace"), name)
