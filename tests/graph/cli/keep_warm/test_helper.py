"""A helper runs commands as processes of their own would, for its user alone, and then ends."""

import os
import signal
import stat
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import platformdirs
import pytest

from geoagent_graph.cli.keep_warm.client import Helper
from geoagent_graph.cli.keep_warm.request import receive_request
from geoagent_graph.cli.keep_warm.sockets import (
    all_sockets,
    can_keep_warm,
    connect_to,
    process_of,
    runtime_folder,
    socket_at,
)
from geoagent_graph.cli.keep_warm.surroundings import (
    environment_of_helper,
    name_of_surroundings,
    search_path,
)
from tests.support.paths import ROOT

pytestmark = pytest.mark.skipif(not can_keep_warm(), reason="helpers take Linux")

NAME = "0123456789abcdef"
# stands in for the command line: nothing of the agent is loaded
SERVE = """
import os, sys
from pathlib import Path
from geoagent_graph.cli.keep_warm.helper import serve_at
def run():
    if sys.argv[1:] == ["sleep"]:
        sys.stdout.write("waits"); sys.stdout.flush(); sys.stdin.read()
    if sys.argv[1:] == ["defect"]:
        raise RuntimeError("a defect")
    print(sys.argv[1:], os.getcwd(), os.environ.get("GEOAGENT_HOME"), sys.stdin.read())
    print("a step", file=sys.stderr)
    sys.exit(3)
serve_at(Path(sys.argv[1]), lambda: float(sys.argv[2]), lambda: print("ready", flush=True), run)
"""
ASK = """
import sys
from geoagent_graph.cli.keep_warm.client import Helper
status = Helper("0123456789abcdef", {}, []).run(sys.argv[1:])
print(status) if status != 3 else sys.exit(status)
"""


@pytest.fixture(autouse=True, scope="module")
def _folder_of_helpers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as changed:
        changed.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
        changed.setenv("PYTHONPATH", str(ROOT))
        yield


@pytest.fixture(scope="module")
def helper() -> Iterator["subprocess.Popen[str]"]:
    with start(NAME, "600") as process:
        yield process
        process.terminate()


def start(name: str, idle_seconds: str) -> "subprocess.Popen[str]":
    """Return a helper that is about to listen."""
    path = socket_at(runtime_folder(), name)
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(path), idle_seconds], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    while not path.exists():
        os.sched_yield()
    return process


def ask(*arguments: str, cwd: Path, text: str = "") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", ASK, *arguments],
        input=text, capture_output=True, text=True, cwd=cwd, check=False,
    )  # fmt: skip


def test_a_command_has_its_senders_streams_folder_environment_and_status(
    helper: "subprocess.Popen[str]", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert helper.poll() is None
    monkeypatch.setenv("GEOAGENT_HOME", "elsewhere")
    for words in (["locate", "a.jpg"], ["locate", "-"]):
        done = ask(*words, cwd=tmp_path, text="pixels")
        assert done.stdout == f"{words} {tmp_path} elsewhere pixels\n"
        assert (done.stderr, done.returncode) == ("a step\n", 3)


def test_a_defect_is_shown_as_python_shows_it(
    helper: "subprocess.Popen[str]", tmp_path: Path
) -> None:
    assert helper.poll() is None
    done = ask("defect", cwd=tmp_path)
    assert done.stderr.endswith("RuntimeError: a defect\n")
    assert done.stdout == "1\n"


def test_signals_reach_the_command(helper: "subprocess.Popen[str]", tmp_path: Path) -> None:
    assert helper.poll() is None
    with subprocess.Popen(
        [sys.executable, "-c", ASK, "sleep"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=tmp_path,
    ) as sender:  # fmt: skip
        assert sender.stdout is not None
        assert sender.stdout.read(5) == b"waits"
        sender.send_signal(signal.SIGTERM)
        assert sender.wait() == -signal.SIGTERM


def test_it_listens_on_a_socket_of_its_user_alone(helper: "subprocess.Popen[str]") -> None:
    folder = runtime_folder()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert all_sockets(folder)
    path = socket_at(folder, NAME)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    connection = connect_to(path)
    assert connection is not None
    with connection:
        assert process_of(connection) == helper.pid


def test_it_ends_when_nobody_asks() -> None:
    with start("another", "0.01") as process:
        assert process.wait() == 0
    assert not socket_at(runtime_folder(), "another").exists()


def test_without_one_the_command_stays_plain() -> None:
    assert Helper("nobody", {}, []).run(["locate"]) is None


def test_a_socket_of_another_user_is_not_asked(
    helper: "subprocess.Popen[str]", monkeypatch: pytest.MonkeyPatch
) -> None:
    assert helper.poll() is None
    path = socket_at(runtime_folder(), NAME)
    monkeypatch.setattr(os, "getuid", lambda: 4321)
    assert connect_to(path) is None
    with pytest.raises(PermissionError):
        runtime_folder()


def test_a_folder_that_others_may_enter_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    (tmp_path / "geoagent-graph").mkdir()
    (tmp_path / "geoagent-graph").chmod(0o755)
    with pytest.raises(PermissionError):
        runtime_folder()
    assert Helper(NAME, {}, []).run(["locate"]) is None


def test_words_without_streams_are_no_command() -> None:
    import socket

    here, there = socket.socketpair()
    with here, there:
        there.sendall(b"\xff" * 100)
        there.close()
        assert receive_request(here) is None


def test_other_surroundings_have_another_helper(monkeypatch: pytest.MonkeyPatch) -> None:
    name = name_of_surroundings()
    assert name == name_of_surroundings()
    for variable, value in (("HOME", "/elsewhere"), ("LANG", "pt_PT.UTF-8")):
        with monkeypatch.context() as changed:
            changed.setenv(variable, value)
            assert name_of_surroundings() != name
    monkeypatch.setenv("GEOAGENT_API_KEY", "a secret")
    assert name_of_surroundings() == name  # the command brings it along
    assert "GEOAGENT_API_KEY" not in environment_of_helper()
    assert all(Path(folder).is_absolute() for folder in search_path())


def test_a_session_without_a_folder_of_its_own_is_not_warned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fall_back(_name: str) -> str:
        warnings.warn("XDG_RUNTIME_DIR is not set", UserWarning, stacklevel=1)
        return str(tmp_path / "run")

    monkeypatch.setattr(platformdirs, "user_runtime_dir", fall_back)
    with warnings.catch_warnings(record=True) as heard:
        assert runtime_folder() == tmp_path / "run"
    assert heard == []
    assert stat.S_IMODE((tmp_path / "run").stat().st_mode) == 0o700
