"""Says which stored photos were opened for a case that is not begun yet.

A photo is stored before its case names it. Meanwhile a file beside the photos names it, so that
whoever deletes another case with the same photo leaves it there.
"""

import contextlib
import secrets
import threading
import time
from collections import defaultdict
from pathlib import Path
from typing import Final

from geoagent_graph.whole_files import OWNER_ONLY, make_folders

MAX_CLAIM_SECONDS: Final = 3600.0
"""A process that was killed leaves its claims; older ones count for nothing and are removed."""
_CLAIMS: Final = ".opened"


class PhotoClaims:
    """The claims of one process on photos of a folder; safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / _CLAIMS
        self._lock = threading.Lock()
        self._own: dict[str, list[Path]] = defaultdict(list)

    def claim(self, digest: str) -> None:
        """Keep others from removing a photo until `release`.

        Raises:
            OSError: the folder cannot be written.
        """
        make_folders(self._folder, mode=0o700)
        path = self._folder / f"{digest.removeprefix('sha256:')}-{secrets.token_hex(8)}"
        path.touch(OWNER_ONLY, exist_ok=False)
        with self._lock:
            self._own[digest].append(path)

    def release(self, digest: str) -> None:
        """Give up one claim of this process on a photo, that of a case which now names it."""
        with self._lock:
            own = self._own.pop(digest, [])
            path = own.pop() if own else None
            if own:
                self._own[digest] = own
        if path is not None:
            with contextlib.suppress(OSError):  # it counts for an hour
                path.unlink()

    def read_claims(self) -> set[str]:
        """Return the digests of all photos that some process has claimed, and tidy up.

        Raises:
            OSError: the folder cannot be read.
        """
        oldest, found = time.time() - MAX_CLAIM_SECONDS, set()
        paths = list(self._folder.iterdir()) if self._folder.is_dir() else []
        for path in paths:
            with contextlib.suppress(FileNotFoundError):  # given up meanwhile
                if path.stat().st_mtime < oldest:
                    path.unlink()
                else:
                    found.add("sha256:" + path.name.partition("-")[0])
        return found
