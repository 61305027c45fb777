"""What a server's fault says to people, whether another try may help, and that no key is shown."""

import time
from email.utils import formatdate

import httpx2
import openai
import pytest

from geoagent_graph.policies.backends.openai.faults import Fault, fault_of

REQUEST = httpx2.Request("POST", "http://127.0.0.1/v1/chat/completions")


def status_fault(status: int, body: object = None, headers: dict[str, str] | None = None) -> Fault:
    response = httpx2.Response(status, request=REQUEST, headers=headers)
    return fault_of(openai.APIStatusError("said", response=response, body=body), "secret-key")


@pytest.mark.parametrize(
    ("status", "retry", "words"),
    [
        (400, False, "it refuses the request"),
        (401, False, "set GEOAGENT_API_KEY"),
        (404, False, "--base-url usually ends in /v1"),
        (418, False, "it refuses the request"),
        (429, True, "it is overloaded"),
        (500, True, "it failed"),
        (503, True, "it failed"),
        (302, False, "it redirects; give its final address"),
    ],
)
def test_a_status_says_what_to_do_and_whether_to_try_again(
    status: int, retry: bool, words: str
) -> None:
    fault = status_fault(status)
    assert str(fault).startswith(f"status {status}: ")
    assert words in str(fault)
    assert (fault.retry, fault.status) == (retry, status)


def test_the_servers_words_become_one_short_line_without_the_key() -> None:
    fault = status_fault(400, {"message": "bad\n  key secret-key\x07" + "x" * 900})
    assert str(fault).startswith("status 400: it refuses the request (bad key ***?xxx")
    assert len(str(fault)) < 250


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7.0), ("-3", 0.0), ("inf", None), ("nan", None), ("soon", None), ("", None)],
)
def test_a_wanted_pause_is_read_as_seconds(header: str, seconds: float | None) -> None:
    assert status_fault(429, headers={"retry-after": header}).wait_seconds == seconds


def test_a_wanted_pause_is_read_as_a_date() -> None:
    later = formatdate(time.time() + 100, usegmt=True)
    wait = status_fault(429, headers={"retry-after": later}).wait_seconds
    assert wait == pytest.approx(100, abs=5)


def test_only_a_refusal_that_names_the_schema_is_about_schemas() -> None:
    assert Fault("unknown field Response_Format", status=400).is_about_schemas
    assert not Fault("unknown field response_format", status=500).is_about_schemas
    assert not Fault("the prompt is too long", status=400).is_about_schemas


def test_broken_connections_and_timeouts_are_tried_again() -> None:
    slow, broken = fault_of(TimeoutError(), ""), fault_of(ConnectionResetError("cut off"), "")
    assert (str(slow), slow.retry) == ("no reply in the time allowed", True)
    assert (str(broken), broken.retry) == ("the connection broke: cut off", True)
    assert fault_of(slow, "") is slow
