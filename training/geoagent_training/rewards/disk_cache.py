"""Answers of slow services, kept on disk: one SQLite file, text to text."""

import sqlite3
from pathlib import Path
from threading import Lock

from geoagent_graph.errors import StorageError


class DiskCache:
    """A table of key and value in one file; safe for threads, shared by processes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._table = sqlite3.connect(path, timeout=30.0, check_same_thread=False)
            self._table.execute("PRAGMA journal_mode=WAL")
            self._table.execute("CREATE TABLE IF NOT EXISTS answers (k TEXT PRIMARY KEY, v TEXT)")
            self._table.commit()
        except (OSError, sqlite3.Error) as error:
            raise StorageError(f"the cache {path} cannot be opened: {error}") from error

    def get(self, key: str) -> str | None:
        """Return what was stored under a key, or None."""
        with self._lock:
            row = self._table.execute("SELECT v FROM answers WHERE k = ?", (key,)).fetchone()
        return row[0] if row else None

    def put(self, entries: dict[str, str]) -> None:
        """Store entries; those already there are replaced.

        Raises:
            StorageError: the file cannot be written.
        """
        try:
            with self._lock, self._table:
                self._table.executemany("REPLACE INTO answers VALUES (?, ?)", entries.items())
        except sqlite3.Error as error:
            raise StorageError(f"the cache {self.path} cannot be written: {error}") from error

    def close(self) -> None:
        """Close the file."""
        self._table.close()
