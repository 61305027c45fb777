"""The command `geoagent serve`: what it asks for, what it says, how it starts."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

import geoagent_graph.serve
from geoagent_graph.cli.serve import Listening, address_of
from geoagent_graph.errors import InputError
from geoagent_graph.installation import extra_command
from geoagent_graph.settings import Settings
from tests.support import scripted_cli

SECRET = "0123456789abcdef"


def test_without_its_packages_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for missing in ("fastapi", "uvicorn", "sse_starlette", "python_multipart"):
        with monkeypatch.context() as patched:
            # importing it anew replaces it in its parent
            patched.setattr(geoagent_graph, "serve", geoagent_graph.serve)
            for name in [n for n in sys.modules if n.startswith("geoagent_graph.serve")]:
                patched.delitem(sys.modules, name)
            patched.setitem(sys.modules, missing, None)
            assert scripted_cli.run("serve") == 2
        said = capsys.readouterr().err
        assert extra_command("serve") in said
        assert said.count("\n") == 1


def test_the_package_and_its_other_commands_do_without() -> None:
    code = (
        "import sys\n"
        "for name in ('fastapi', 'starlette', 'uvicorn', 'sse_starlette', 'python_multipart'):\n"
        "    sys.modules[name] = None\n"
        "import geoagent_graph, geoagent_graph.cli.app, geoagent_graph.cli.serve\n"
        "import geoagent_graph.cases.store, geoagent_graph.graph\n"
        "from geoagent_graph.cli.app import main\n"
        "main(['serve', '--help'])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "--token-file" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--policy", "guess"], "no such policy"),
        (["--host", "0.0.0.0"], "needs a token"),
        (["--host", "0.0.0.0", "--token-file", "/nowhere"], "No such file"),
        (["--host", "256.1.1.1"], "needs a token"),
        (["--port", "99999"], "65535"),
    ],
)
def test_what_cannot_work_is_said_before_anything_starts(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    says: str,
) -> None:
    asked = scripted_cli.install(monkeypatch)
    assert scripted_cli.run("serve", "--home", tmp_path / "home", *arguments) == 2
    assert says in capsys.readouterr().err
    assert asked == []
    assert not (tmp_path / "home").exists()


def test_a_port_that_is_taken_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scripted_cli.install(monkeypatch)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert scripted_cli.run("serve", "--home", tmp_path, "--port", port) == 2
    assert f"127.0.0.1:{port}: cannot listen there" in capsys.readouterr().err


def test_the_token_comes_from_a_file_or_from_the_settings(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(f"{SECRET}\n")
    settings = Settings(serve_token=SecretStr("f" * 32))
    from_file = address_of(Listening("0.0.0.0", 0, file), settings)
    assert from_file.token is not None
    assert from_file.token.get_secret_value() == SECRET
    from_settings = address_of(Listening("0.0.0.0", 0), settings)
    assert from_settings.token is not None
    assert from_settings.token.get_secret_value() == "f" * 32
    file.write_text("two words and more of them")
    with pytest.raises(InputError, match="not plain"):
        address_of(Listening("127.0.0.1", 0, file), settings)
    file.write_text("")
    with pytest.raises(InputError, match="too short"):
        address_of(Listening("127.0.0.1", 0, file), settings)


def test_the_address_goes_to_stdout_and_the_token_nowhere(tmp_path: Path) -> None:
    code = (
        "import pytest, sys\n"
        "from tests.support import scripted_cli\n"
        "scripted_cli.install(pytest.MonkeyPatch())\n"
        "from geoagent_graph.cli.app import main\n"
        "main(['serve', '--host', '::', '--port', '0', '--home', sys.argv[1]])\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "home")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": ".", "GEOAGENT_SERVE_TOKEN": SECRET},
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        process.terminate()
        out, err = process.communicate(timeout=120)
    assert line.startswith("http://[::]:")
    assert out == ""
    assert SECRET not in line + err
