"""Fixtures of the training tests: chains, a scripted judge, a loopback server, the gazetteer."""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from geoagent_training.rewards.judge import JudgeQuestion
from geoagent_training.rewards.reward_settings import RewardSettings
from geoagent_training.rewards.reward_tools import RewardTools, use_tools


def completion(
    country: str,
    region: str = "",
    precise: str = "",
    *,
    reasoning: str = "The signs, plates and trees leave one country only. " * 5,
    uncertainty: str | float = 0.2,
) -> str:
    """A chain in the served format, its answer the three texts."""
    fields = [text for text in (country, region, precise) if text]
    stages = {
        name: {
            "Clues": ["sign"],
            "Reasoning": reasoning,
            "Conclusion": text or "unclear place",
            "Uncertainty": uncertainty,
        }
        for name, text in zip(
            ("CountryIdentification", "RegionalGuess", "PreciseLocalization"),
            (country, region, precise),
            strict=True,
        )
    }
    answer = "; ".join(fields)
    chain = {"ChainOfThought": stages, "FinalAnswer": answer}
    return f"<think>{json.dumps(chain, ensure_ascii=False)}</think><answer>{answer}</answer>"


class ScriptedJudge:
    """Says what `reply` returns for a question, and counts the questions."""

    def __init__(self, reply: Callable[[JudgeQuestion], str]) -> None:
        self.reply = reply
        self.asked: list[JudgeQuestion] = []

    def conclude(self, questions: Sequence[JudgeQuestion]) -> list[str]:
        self.asked += questions
        return [self.reply(question) for question in questions]


class TableEncoder:
    """Vectors by text, as given; a text that is not in the table gets its own axis."""

    def __init__(self, table: dict[str, Sequence[float]], dimension: int = 8) -> None:
        self.table = table
        self.dimension = dimension
        self.calls: list[list[str]] = []

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        self.calls.append(list(texts))
        return np.array([self._one(text) for text in texts], dtype=np.float32)

    def _one(self, text: str) -> Sequence[float]:
        return self.table.get(text, [0.0] * self.dimension)


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

    def start(answer: Callable[[str, dict], tuple[int, object]]) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                size = int(self.headers.get("content-length", 0))
                self._reply(json.loads(self.rfile.read(size)))

            def do_GET(self) -> None:
                self._reply({})

            def _reply(self, body: dict) -> None:
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
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    folder = Path(__file__).parents[2].parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the project's shared photos are not here")
    return folder
