"""`geoagent mcp` as a process: only the protocol on stdout, whatever comes in."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from mcp.types import TextResourceContents

from geoagent_graph.installation import extra_command
from tests.support.paths import ROOT
from tools.draw_street import draw_street

COMMAND = [sys.executable, "-m", "geoagent_graph.cli", "mcp"]
_CLIENT = {
    "protocolVersion": "2025-06-18",
    "capabilities": {},
    "clientInfo": {"name": "test", "version": "1"},
}
HELLO = json.dumps({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": _CLIENT})


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("photos") / "street.png"
    draw_street(0).save(path)
    return path


async def test_another_agent_locates_a_photo_over_stdio(street: Path, tmp_path: Path) -> None:
    arguments = [*COMMAND[1:], "--root", str(street.parent), "--home", str(tmp_path)]
    process = StdioServerParameters(command=COMMAND[0], args=arguments, cwd=str(ROOT))
    told: list[tuple[float, float | None]] = []

    async def progress(progress: float, total: float | None, message: str | None) -> None:
        told.append((progress, total))

    async with Client(process) as client:
        result = await client.call_tool(
            "locate_photo", {"photo_path": "street.png"}, progress_callback=progress
        )
        found = result.structured_content
        (geojson,) = (await client.read_resource(found["resources"]["answer_geojson"])).contents
        refused = await client.call_tool("locate_photo", {"photo_path": "/etc/passwd"})
    assert found["claim"]["headline"] == "Braga, Portugal"
    assert [step for step, _ in told[:-1]] == list(range(1, found["steps_in_all"] + 1))
    assert told[-1][0] == told[-1][1]  # it ends at its total
    assert isinstance(geojson, TextResourceContents)
    assert json.loads(geojson.text)["type"] == "FeatureCollection"
    assert refused.is_error


def _call(number: int, tool: str, arguments: dict[str, Any]) -> str:
    params = {"name": tool, "arguments": arguments}
    return json.dumps({"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": params})


def test_stdout_carries_the_protocol_alone(warm_python: str, tmp_path: Path) -> None:
    lines = [
        HELLO,
        json.dumps({"jsonrpc": "2.0", "method": "notifications/initialized"}),
        "not json",
        "\x00\xff{",
        _call(1, "reverse_geocode", {"lat_deg": float("nan"), "lon_deg": 0}),
        _call(2, "locate_photo", {"photo_base64": "A" * 100_000_000}),
        _call(3, "locate_photo", {"photo_path": "../../../etc/passwd"}),
        _call(4, "no_such_tool", {}),
        _call(5, "investigate_step", {"case": "\ud800"}),
        "{}",
        "",
    ]
    server = subprocess.Popen(
        [warm_python, *COMMAND[1:], "--root", tmp_path, "--home", tmp_path / "home"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    with server:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write("\n".join(lines) + "\n")
        server.stdin.flush()
        answered: dict[int, Any] = {}
        refused: list[tuple[int | None, int]] = []
        while len(answered) < 5 or len(refused) < 4:  # a line that is no JSON fails the test
            message = json.loads(server.stdout.readline())
            assert message["jsonrpc"] == "2.0"
            if "result" in message:
                answered[message["id"]] = message["result"]
            else:
                refused.append((message["id"], message["error"]["code"]))
        server.stdin.close()
        assert server.stdout.read() == ""
        assert server.wait(60) == 0
    # half of a surrogate pair; JSON that is no message; no JSON, twice
    assert sorted(refused, key=str) == [(5, -32700), (None, -32600), *[(None, -32700)] * 2]
    texts = {number: answered[number]["content"][0]["text"] for number in (1, 2, 3, 4)}
    assert all(answered[number]["isError"] for number in texts)
    assert texts[1] == "lat_deg: must be a number that is not infinite"
    assert texts[2] == "photo_base64: longer than a file of 64 MB. Save the photo smaller."
    assert "outside the folders that may be read" in texts[3]


def test_an_interrupt_ends_it_at_once(tmp_path: Path) -> None:
    server = subprocess.Popen(
        [*COMMAND, "--root", tmp_path, "--home", tmp_path / "home"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    with server:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(HELLO + "\n")
        server.stdin.flush()
        assert json.loads(server.stdout.readline())["id"] == 0
        server.send_signal(signal.SIGINT)
        assert server.wait(30) == -signal.SIGINT


def _failed(python: str, code: str) -> str:
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 2
    assert done.stdout == ""
    return done.stderr


def test_without_the_extra_it_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['mcp'] = None\n"
        "from geoagent_graph.cli.app import main; main(['mcp'])"
    )
    assert _failed(sys.executable, code) == (
        f"geoagent: error: mcp: is not installed. Run: {extra_command('mcp')}\n"
    )


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--root", "no/such/folder"], "no/such/folder: no such folder"),
        (["--policy", "oracle"], "--policy oracle: no such policy"),
    ],
)
def test_what_cannot_work_is_said_at_once(options: list[str], said: str, warm_python: str) -> None:
    code = f"from geoagent_graph.cli.app import main; main(['mcp', *{options}])"
    assert said in _failed(warm_python, code)
