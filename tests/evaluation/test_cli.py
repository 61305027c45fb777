"""The harness's command line: help, mistakes, errors in one line; also as `geoagent eval`."""

import argparse
import subprocess
import sys
import types

import pytest
from geoagent_evaluation import cli
from geoagent_evaluation.errors import ContractError

from tests.support.paths import ROOT
from tests.support.scripted_cli import run as run_agent


def _command(behaviour: BaseException | int) -> types.ModuleType:
    module = types.ModuleType("measure_command")

    def run(args: argparse.Namespace) -> int:
        if isinstance(behaviour, BaseException):
            raise behaviour
        sys.stdout.write(f"{args.file} {args.count}\n")
        return behaviour

    def add_arguments(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file")
        parser.add_argument("--count", type=int, default=1, help="How many.")

    module.__dict__.update(add_arguments=add_arguments, run=run)
    return module


@pytest.fixture
def behave(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setitem(cli.COMMANDS, "measure", ("measure_command", "measure a thing"))
    return monkeypatch


def test_help_names_every_command(
    behave: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["--help"]) == 0
    out = capsys.readouterr().out
    assert "usage: geoagent-eval COMMAND" in out
    assert all(name in out for name in cli.COMMANDS)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "name a command. Try: geoagent-eval --help"),
        (["measur"], "measur: no such command; did you mean measure?"),
        (["measure"], "the following arguments are required: file. Try: geoagent-eval measure"),
        (["measure", "f", "--count", "x"], "argument --count: invalid int value: 'x'. Try:"),
        (["measure", "f", "--coun", "3"], "unrecognized arguments: --coun 3. Try:"),
    ],
)
def test_wrong_usage_is_one_line_and_status_2(
    behave: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    said: str,
) -> None:
    behave.setitem(sys.modules, "measure_command", _command(0))
    assert cli.main(arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"geoagent-eval: error: {said}")
    assert len(error.splitlines()) == 1


@pytest.mark.parametrize(
    ("raised", "code", "said"),
    [
        (ContractError("p.jsonl, row 3:\x1b[2J\nno"), 2, r"error: p.jsonl, row 3:\x1b[2J\nno"),
        (FileNotFoundError(2, "No such file", "p.jsonl"), 1, "error: p.jsonl: No such file"),
        (KeyboardInterrupt(), 130, "interrupted"),
    ],
)
def test_errors_are_one_line(
    behave: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    raised: BaseException,
    code: int,
    said: str,
) -> None:
    behave.setitem(sys.modules, "measure_command", _command(raised))
    assert cli.main(["measure", "f"]) == code
    assert capsys.readouterr().err == f"geoagent-eval: {said}\n"


@pytest.mark.parametrize("code", [0, 3])
def test_the_agents_command_line_passes_everything_through(
    behave: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], code: int
) -> None:
    behave.setitem(sys.modules, "measure_command", _command(code))
    assert run_agent("eval", "measure", "--count", "2", "a.jsonl") == code
    assert capsys.readouterr().out == "a.jsonl 2\n"
    assert run_agent("eval", "--help") == 0
    assert "usage: geoagent eval COMMAND" in capsys.readouterr().out
    assert run_agent("eval", "measure", "--help") == 0
    assert "usage: geoagent eval measure" in capsys.readouterr().out
    assert run_agent("eval", "measure") == 2
    assert capsys.readouterr().err.startswith("geoagent: error: the following arguments")


def test_importing_it_loads_nothing_heavy() -> None:
    code = (
        "import sys; before = set(sys.modules); import geoagent_evaluation.cli\n"
        "new = {name.split('.')[0] for name in sys.modules.keys() - before}\n"
        "print(sorted(new - sys.stdlib_module_names))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == "['geoagent_evaluation']"
