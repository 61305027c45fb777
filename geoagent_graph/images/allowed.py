"""Photos by path, for callers who may read only below certain folders."""

import os
import stat
from collections.abc import Sequence
from pathlib import Path

from geoagent_graph.errors import InputError, PhotoError
from geoagent_graph.images.file_uri import photo_path
from geoagent_graph.images.source import display_name, read_stream


class AllowedFolders:
    """Folders below which files may be read; a link inside that leads out of them does not."""

    def __init__(self, folders: Sequence[Path]) -> None:
        """Take the folders as they are now.

        Raises:
            InputError: none is given, or one is no folder.
        """
        if not folders:
            raise InputError("name a folder whose photos may be read")
        for folder in folders:
            if not folder.is_dir():
                raise InputError(f"{display_name(str(folder))}: no such folder. Check the path.")
        self.roots = tuple(folder.resolve() for folder in folders)

    def read(self, path: str, max_bytes: int) -> tuple[str, bytes]:
        """Return a file's name and bytes; a relative path is looked for in every folder.

        A `file:` URI is taken for the path that it names.

        Raises:
            PhotoError: a web address, a file of another machine, outside the folders, missing, no
                regular file, empty, or above `max_bytes`.
        """
        shown = display_name(path)
        path = str(photo_path(path))
        try:
            root, inside = self._locate_inside(path, shown)
            with os.fdopen(_open_beneath(root, inside), "rb") as stream:
                if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                    raise PhotoError(f"{shown}: not a file. Name a photo.")
                return inside.name, read_stream(stream, shown, max_bytes)
        except OSError as error:
            reason = error.strerror or "cannot be read"
            raise PhotoError(f"{shown}: {reason}. Check the path.") from error
        except (ValueError, RuntimeError) as error:  # a NUL, a lone surrogate, links in a circle
            raise PhotoError(f"{shown}: not a valid path. Check it.") from error

    def _locate_inside(self, path: str, shown: str) -> tuple[Path, Path]:
        """Return a folder and where in it the file really is; one that is there goes first."""
        targets = [(root, (root / path).resolve()) for root in self.roots]
        inside = [(root, real) for root, real in targets if real.is_relative_to(root)]
        if not inside:
            below = ", ".join(display_name(str(root)) for root in self.roots)
            raise PhotoError(f"{shown}: outside the folders that may be read: {below}")
        root, real = next((pair for pair in inside if pair[1].exists()), inside[0])
        return root, real.relative_to(root)


def _open_beneath(root: Path, inside: Path) -> int:
    """Return a descriptor; no link is followed on the way, also not one that was put there now."""
    handle = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for part in inside.parts[:-1]:
            deeper = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=handle)
            os.close(handle)
            handle = deeper
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK  # a pipe must not hang
        return os.open(inside.name or ".", flags, dir_fd=handle)
    finally:
        os.close(handle)
