"""Options of a policy: completed by the settings, kept by a case, never with the key."""

from pathlib import Path

import pytest

from geoagent_graph.errors import InputError
from geoagent_graph.policies.backends.openai.client import ServerOptions
from geoagent_graph.policies.backends.openai.open_served import server_options
from geoagent_graph.policies.backends.transformers import LocalOptions
from geoagent_graph.policies.options import PolicyOptions
from geoagent_graph.settings import Settings, load_settings


def test_the_settings_complete_what_was_not_given() -> None:
    settings = Settings(model="theirs", call_seconds=7, question_seconds=8, fallback=True, seed=5)
    options = PolicyOptions(policy="served", base_url="http://x/v1", model="mine", seed=0)
    complete = options.complete(settings)
    assert (complete.model, complete.seed, complete.fallback) == ("mine", 0, True)
    server = server_options(complete)
    assert (server.call_seconds, server.question_seconds) == (7, 8)


def test_each_time_limit_has_one_default() -> None:
    options, settings = PolicyOptions(), Settings()
    server = ServerOptions(base_url="http://x/v1", model="m")
    limits = {(found.call_seconds, found.question_seconds) for found in (options, settings, server)}
    assert len(limits) == 1
    assert LocalOptions(model="m").call_seconds == options.call_seconds


def test_a_case_keeps_what_opens_the_same_tools() -> None:
    options = PolicyOptions(
        policy="served", model="m", vision=False, index=Path("ix"), api_key="sk-secret",
        reference_photos=Path("photos.jsonl"),
    )  # fmt: skip
    kept = options.request()
    assert "sk-secret" not in str(kept)
    assert "sk-secret" not in repr(options)
    assert kept["index"] == str(Path("ix").absolute())
    again = PolicyOptions.of_request(kept)
    assert (again.policy, again.model, again.vision) == ("served", "m", False)
    assert again.reference_photos == Path("photos.jsonl").absolute()


def test_requests_of_earlier_versions_are_read() -> None:
    stored = {"policy": "evidence", "base_url": None, "model": None, "vision": True, "index": None}
    assert PolicyOptions.of_request(stored) == PolicyOptions(policy="evidence", vision=True)
    assert PolicyOptions.of_request({}) == PolicyOptions()


def test_a_fallback_that_a_case_was_begun_without_may_come_from_the_settings() -> None:
    options = PolicyOptions.of_request({"policy": "served", "fallback": False})
    assert options.complete(Settings(fallback=True)).fallback


@pytest.mark.parametrize(
    "address",
    ["http://me:secret@x/v1", "http://me@x/v1", "http://x/v1?key=secret", "http://x/v1#secret"],
)
def test_an_address_with_a_secret_is_refused_without_repeating_it(address: str) -> None:
    with pytest.raises(InputError, match=r"^base_url: .*GEOAGENT_API_KEY$") as caught:
        PolicyOptions.of_request({"policy": "served", "base_url": address, "model": "m"})
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "address", ["x/v1", "ftp://x/v1", "http://", "http://x:99999/v1", "http://[/"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(InputError, match=r"^base_url: not a server's address"):
        PolicyOptions.of_request({"base_url": address})


def test_a_key_goes_to_the_server_it_was_set_with() -> None:
    settings = Settings(base_url="https://api.example/v1", api_key="sk-secret")
    same = PolicyOptions(policy="served", base_url="https://API.example:443/v2", model="m")
    assert same.complete(settings).api_key == "sk-secret"
    other = PolicyOptions(policy="served", base_url="http://api.example/v1", model="m")
    with pytest.raises(InputError, match="goes to no other") as caught:
        other.complete(settings)
    assert "sk-secret" not in str(caught.value)
    alone = Settings(api_key="sk-secret")
    assert other.complete(alone).api_key == "sk-secret"  # both were given for this run
    assert other.model_copy().complete(Settings(base_url="https://api.example/v1")).model == "m"


@pytest.mark.parametrize(
    ("given", "theirs", "sent"),
    [
        (None, "https://api.example/v1", True),
        ("https://api.example/v2", "https://api.example/v1", True),
        ("https://other.example/v1", "https://api.example/v1", False),
        ("https://other.example/v1", "", True),
        ("http://127.0.0.1:8000/v1", "", True),
        ("http://192.168.1.5:8000/v1", "", False),
    ],
)
def test_the_variables_of_other_programs_are_read_where_ours_are_not_set(
    given: str | None, theirs: str, sent: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-theirs")
    monkeypatch.setenv("OPENAI_BASE_URL", theirs)
    options = PolicyOptions(policy="served", base_url=given, model="m").complete(load_settings())
    assert options.base_url == (given or theirs)
    assert options.api_key == ("sk-theirs" if sent else "none")
    assert "sk-theirs" not in repr(load_settings())


def test_our_own_variables_stand_before_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    for prefix, host in (("OPENAI", "theirs"), ("GEOAGENT", "ours")):
        monkeypatch.setenv(f"{prefix}_BASE_URL", f"https://{host}.example/v1")
        monkeypatch.setenv(f"{prefix}_API_KEY", f"sk-{host}")
    options = PolicyOptions(policy="served", model="m").complete(load_settings())
    assert (options.base_url, options.api_key) == ("https://ours.example/v1", "sk-ours")


def test_an_address_of_theirs_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "example/v1")
    assert PolicyOptions().complete(load_settings()).base_url is None
    with pytest.raises(InputError, match=r"^OPENAI_BASE_URL: not a server's address"):
        PolicyOptions(policy="served", model="m").complete(load_settings())
