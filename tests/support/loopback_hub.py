"""A hub on loopback: serves tiny repositories as the Hugging Face hub does, with faults."""

import hashlib
import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import unquote

import pytest


@dataclass
class LoopbackHub:
    """Repositories by name, revision and file; `asked` is what was fetched, with its range.

    `gate`, where set, holds every file back until it is opened; `cut` ends every file there.
    """

    repositories: dict[str, dict[str, dict[str, bytes]]] = field(default_factory=dict)
    branches: dict[tuple[str, str], str] = field(default_factory=dict)
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    lied_sizes: dict[str, int] = field(default_factory=dict)
    gate: threading.Event | None = None
    cut_at: int | None = None
    cut_reached: threading.Event = field(default_factory=threading.Event)
    endpoint: str = ""

    def add(self, repository: str, files: dict[str, bytes], branch: str = "main") -> str:
        """Publish a revision of a repository as the newest of a branch; return its commit."""
        content = "".join(
            f"{name} {hashlib.sha256(data).hexdigest()}\n" for name, data in files.items()
        )
        commit = hashlib.sha1(content.encode()).hexdigest()
        self.repositories.setdefault(repository, {})[commit] = files
        self.branches[repository, branch] = commit
        return commit

    def resolve(self, repository: str, revision: str) -> str | None:
        """Return the commit of a branch or commit; None where there is none."""
        commit = self.branches.get((repository, revision), revision)
        return commit if commit in self.repositories.get(repository, {}) else None

    def listing(self, repository: str, commit: str) -> dict[str, object]:
        """Return what the hub's API says of a revision."""
        files = self.repositories[repository][commit]
        return {
            "id": repository,
            "sha": commit,
            "siblings": [
                {
                    "rfilename": name,
                    "size": self.lied_sizes.get(name, len(data)),
                    "lfs": {
                        "sha256": hashlib.sha256(data).hexdigest(),
                        "size": len(data),
                        "pointerSize": 100,
                    },
                }
                for name, data in files.items()
            ],
        }

    def tree(self, repository: str, commit: str) -> list[dict[str, object]]:
        """Return what the hub's API says of the files of a revision."""
        files = self.repositories[repository][commit]
        return [
            {
                "type": "file",
                "path": name,
                "size": len(data),
                "oid": hashlib.sha1(data).hexdigest(),
            }
            for name, data in files.items()
        ]


class _Handler(http.server.BaseHTTPRequestHandler):
    """Answers for the hub of the server."""

    protocol_version = "HTTP/1.1"

    @property
    def _hub(self) -> LoopbackHub:
        assert isinstance(self.server, _Server)
        return self.server.hub

    def do_HEAD(self) -> None:
        """Answer as for GET, without the body."""
        self.do_GET()

    def do_GET(self) -> None:
        """Answer the API or a file."""
        path = unquote(self.path.partition("?")[0]).strip("/")
        if path.startswith(("api/models/", "api/datasets/")):
            self._list(path.split("/", 2)[2])
        elif "/resolve/" in path:
            self._serve(path)
        else:
            self._answer(404, b"")

    def _list(self, path: str) -> None:
        tree = "/tree/" in path
        repository, _, revision = path.partition("/tree/" if tree else "/revision/")
        commit = self._hub.resolve(repository, revision or "main")
        if commit is None:
            self._answer(404, b"", {"X-Error-Code": "RevisionNotFound"})
        else:
            hub = self._hub
            said = hub.tree(repository, commit) if tree else hub.listing(repository, commit)
            self._answer(200, json.dumps(said).encode())

    def _serve(self, path: str) -> None:
        repository, _, rest = path.removeprefix("datasets/").partition("/resolve/")
        revision, _, name = rest.partition("/")
        commit = self._hub.resolve(repository, revision) or ""
        data = self._hub.repositories.get(repository, {}).get(commit, {}).get(name)
        wanted = self.headers.get("Range")
        self._hub.asked.append((name, wanted))
        if data is None:
            self._answer(404, b"", {"X-Error-Code": "EntryNotFound"})
            return
        if self._hub.gate is not None:
            self._hub.gate.wait(20)
        start = int((wanted or "bytes=0-")[6:].rstrip("-"))
        headers = {"X-Repo-Commit": commit, "ETag": f'"{hashlib.sha1(data).hexdigest()}"'}
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        self._answer(206 if start else 200, data[start:], headers)

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "HEAD":
            return
        cut_at = self._hub.cut_at
        if cut_at is None or len(body) <= cut_at:
            self.wfile.write(body)
            return
        self.wfile.write(body[:cut_at])
        self.wfile.flush()
        self._hub.cut_reached.set()
        self.rfile.read(1)  # nothing comes: until the other side has gone
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (its own name)
        """Say nothing."""


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    hub: LoopbackHub


@contextmanager
def loopback_hub() -> Iterator[LoopbackHub]:
    """Yield a hub that listens on loopback."""
    hub = LoopbackHub()
    server = _Server(("127.0.0.1", 0), _Handler)
    server.hub = hub
    hub.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.01), daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def point_library_at(patch: pytest.MonkeyPatch, endpoint: str) -> None:
    """Let `huggingface_hub`, which reads HF_ENDPOINT when it is imported, ask this endpoint."""
    from huggingface_hub import constants

    template = constants.HUGGINGFACE_CO_URL_TEMPLATE
    patch.setattr(constants, "ENDPOINT", endpoint)
    patch.setattr(
        constants,
        "HUGGINGFACE_CO_URL_TEMPLATE",
        endpoint + template[template.index("/{repo_id}") :],
    )
