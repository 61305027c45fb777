"""`--keep-warm`: who hears it, and what the command makes of it."""

import pytest

from geoagent_graph.cli.app import main
from geoagent_graph.cli.keep_warm.flag import without_flag
from tests.support.scripted_cli import run


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        (["a.jpg", "--keep-warm", "--json"], ["a.jpg", "--json"]),
        (["--keep-warm", "a.jpg"], ["a.jpg"]),
        (["a.jpg"], None),
        (["locate", "--", "--keep-warm"], None),
        (["--keep-warm", "--", "--keep-warm"], ["--", "--keep-warm"]),
    ],
)
def test_it_is_an_option_and_no_photo(typed: list[str], plain: list[str] | None) -> None:
    assert without_flag(typed) == plain


def test_other_commands_do_not_know_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["geoagent", "cases", "--keep-warm"])
    monkeypatch.setattr("gc.freeze", lambda: None)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "--keep-warm goes with `geoagent locate` alone" in capsys.readouterr().err


def test_nobody_waits_before_it_was_asked_for(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
    for command in ("status", "stop"):
        assert run("keep-warm", command) == 0
        assert capsys.readouterr().out == "no helper is waiting\n"
