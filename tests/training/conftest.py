"""Fixtures of the training tests: services in use, a loopback server, the shared photos."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from geoagent_training.rewards.reward_settings import RewardSettings
from geoagent_training.rewards.reward_tools import RewardTools, use_tools

from tests.support.paths import SHARED_DATA
from tests.support.reward_fakes import ScriptedJudge


@pytest.fixture(scope="session")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the tiny models and their scenes; nobody writes to it."""
    import torch
    from geoagent_training.miniature.tiny_kit import write_tiny_kit

    torch.set_num_threads(1)
    return write_tiny_kit(tmp_path_factory.mktemp("kit"))


@pytest.fixture(scope="session")
def tools() -> RewardTools:
    return RewardTools(RewardSettings(), given_judge=ScriptedJudge(lambda question: "nothing"))


@pytest.fixture(autouse=True)
def _tools_in_use(tools: RewardTools) -> Iterator[None]:
    use_tools(tools)
    yield
    use_tools(tools)


@pytest.fixture
def serve() -> Iterator[Callable[..., str]]:
    """Start loopback servers: `serve(answer)` returns the address; `answer(path, body)` replies.

    A reply is (status, body); a body that is not text is sent as JSON.
    """
    servers: list[ThreadingHTTPServer] = []

    def start(answer: Callable[[str, Any], tuple[int, object]]) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                size = int(self.headers.get("content-length", 0))
                self._reply(json.loads(self.rfile.read(size)))

            def do_GET(self) -> None:
                self._reply({})

            def _reply(self, body: object) -> None:
                status, content = answer(self.path, body)
                data = (content if isinstance(content, str) else json.dumps(content)).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *arguments: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            request_queue_size = 512
            daemon_threads = True

            def handle_error(self, *arguments: object) -> None:
                """A client that gave up is part of some tests."""

        server = Server(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    folder = SHARED_DATA
    if not folder.is_dir():
        pytest.skip("the project's shared photos are not here")
    return folder
