"""Where a server listens, whom it needs a token for, and the limits that settings give it."""

import pytest
from pydantic import SecretStr, ValidationError

from geoagent_graph.errors import InputError
from geoagent_graph.serve.limits import Address, Limits, limits_of
from geoagent_graph.settings import Settings

TOKEN = SecretStr("0123456789abcdef")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "::1"])
def test_this_machine_alone_needs_no_token(host: str) -> None:
    assert Address(host=host).is_loopback


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "localhost.evil.example", ""])
def test_whatever_others_can_reach_needs_one(host: str) -> None:
    with pytest.raises(InputError, match=f"--host {host}: others can reach that address"):
        Address(host=host)
    assert not Address(host=host, token=TOKEN).is_loopback


@pytest.mark.parametrize("token", ["", "tiny", "0123456789abcde", "0123456789abcde ", "é" * 20])
def test_a_token_that_can_be_guessed_or_is_not_plain_is_refused(token: str) -> None:
    with pytest.raises(InputError, match="the token is too short or not plain: take 16") as refused:
        Address(token=SecretStr(token))
    assert not token or token not in str(refused.value)


def test_a_token_is_not_shown_when_an_address_is_printed() -> None:
    assert "0123456789abcdef" not in repr(Address(token=TOKEN))


def test_limits_follow_the_settings_and_none_can_be_nothing() -> None:
    settings = Settings(max_bytes=5_000_000, serve_runs=3, serve_requests_per_minute=77)
    limits = limits_of(settings)
    assert (limits.upload_bytes, limits.running, limits.requests_per_minute) == (5_000_000, 3, 77)
    for name in ("running", "streams", "idle_seconds", "uploads"):
        with pytest.raises(ValidationError):
            Limits.model_validate({name: 0})
