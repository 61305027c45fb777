"""A token for each person: shown once, kept as a digest, in a file for its owner alone."""

import json
import stat
from pathlib import Path

import pytest
from starlette.datastructures import Headers

from geoagent_graph.errors import InputError
from geoagent_graph.serve.token import COOKIE, Tokens
from geoagent_graph.serve.token_file import (
    MAX_NAME_CHARS,
    add_token,
    cookie_of,
    read_tokens,
    remove_token,
)


def test_a_token_is_in_no_file(tmp_path: Path) -> None:
    path = tmp_path / "home" / "tokens.json"
    ana, bo = add_token(path, "Ana"), add_token(path, " Bo Li ")
    assert len(ana) >= 40
    assert ana != bo
    assert [holder.name for holder in read_tokens(path)] == ["Ana", "Bo Li"]
    stored = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    for secret in (ana, bo, cookie_of(ana), cookie_of(bo)):
        assert secret.encode() not in stored
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_nobody_is_told_a_token_again(tmp_path: Path) -> None:
    path = tmp_path / "tokens.json"
    add_token(path, "Ana")
    before = path.read_bytes()
    with pytest.raises(InputError, match="Ana: has a token already"):
        add_token(path, "Ana")
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "\x1b[31m", "x" * (MAX_NAME_CHARS + 1)])
def test_a_name_that_cannot_be_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="a name is 1 to"):
        add_token(tmp_path / "tokens.json", name)
    assert not (tmp_path / "tokens.json").exists()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o602, 0o644])
def test_a_file_that_others_can_read_or_write_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "tokens.json"
    add_token(path, "Ana")
    path.chmod(mode)
    with pytest.raises(InputError, match=r"Run: chmod 600 "):
        read_tokens(path)


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "null", "[" * 10_000, '{"version": 2}', '{"holders": 3}', '{"more": 1}',
     '{"holders": [{"name": "Ana"}]}', "\xff"],
)  # fmt: skip
def test_a_damaged_file_is_one_sentence(tmp_path: Path, content: str) -> None:
    path = tmp_path / "tokens.json"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(InputError, match="is no file of tokens") as raised:
        read_tokens(path)
    assert "\n" not in str(raised.value)
    assert "Input should" not in str(raised.value)


@pytest.mark.parametrize("names", [["Ana", "Ana"], ["Ana", " "], [""]])
def test_holders_have_names_of_their_own(tmp_path: Path, names: list[str]) -> None:
    path = tmp_path / "tokens.json"
    digest = "0" * 64
    holders = [{"name": n, "token_sha256": digest, "cookie_sha256": digest} for n in names]
    path.write_text(json.dumps({"holders": holders}))
    path.chmod(0o600)
    with pytest.raises(InputError, match=r"one of them has no name|two of them have one name"):
        read_tokens(path)


def test_a_file_that_is_not_there_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="geoagent tokens add NAME"):
        Tokens.of_file(tmp_path / "tokens.json")


def test_who_is_removed_is_out_at_once(tmp_path: Path) -> None:
    path = tmp_path / "tokens.json"
    ana, bo = add_token(path, "Ana"), add_token(path, "Bo")
    tokens = Tokens.of_file(path)
    shown = Headers({"authorization": f"Bearer {ana}"})
    in_browser = Headers({"cookie": f"{COOKIE}={cookie_of(ana)}"})
    for headers in (shown, in_browser):
        holder = tokens.holder_of(headers)
        assert holder is not None
        assert holder.name == "Ana"
    remove_token(path, "Ana")
    assert tokens.holder_of(shown) is None
    assert tokens.holder_of(in_browser) is None
    assert tokens.holder_of_token(bo) is not None
    with pytest.raises(InputError, match="Ana: has no token; there is: Bo"):
        remove_token(path, "Ana")


def test_a_digest_of_the_file_opens_nothing(tmp_path: Path) -> None:
    path = tmp_path / "tokens.json"
    add_token(path, "Ana")
    tokens, (holder,) = Tokens.of_file(path), read_tokens(path)
    for digest in (holder.token_sha256, holder.cookie_sha256):
        assert tokens.holder_of(Headers({"authorization": f"Bearer {digest}"})) is None
        assert tokens.holder_of(Headers({"cookie": f"{COOKIE}={digest}"})) is None


def test_a_file_that_breaks_while_the_server_runs_lets_nobody_in(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "tokens.json"
    ana = add_token(path, "Ana")
    tokens = Tokens.of_file(path)
    path.chmod(0o644)
    assert tokens.holder_of_token(ana) is None
    assert "nobody is let in" in caplog.text
    path.chmod(0o600)
    assert tokens.holder_of_token(ana) is not None
    path.unlink()
    assert tokens.holder_of_token(ana) is None
