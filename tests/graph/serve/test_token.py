"""A token is shown as a bearer or as a cookie that does not tell it; anything else is not it."""

import pytest
from pydantic import SecretStr
from starlette.datastructures import Headers

from geoagent_graph.serve.token import COOKIE, Tokens
from geoagent_graph.serve.token_file import cookie_of

SECRET = "0123456789abcdef"
TOKENS = Tokens.of_secret(SecretStr(SECRET))


def shows(**headers: str) -> bool:
    return TOKENS.holder_of(Headers(headers)) is not None


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_token_is_shown_as_a_bearer(scheme: str) -> None:
    assert shows(authorization=f"{scheme} {SECRET}")
    assert shows(authorization=f"{scheme}  {SECRET} ")


@pytest.mark.parametrize(
    "authorization",
    [SECRET, f"Basic {SECRET}", "Bearer", "Bearer ", f"Bearer {SECRET}x", f"Bearer {SECRET[1:]}"],
)
def test_nothing_else_is(authorization: str) -> None:
    assert not shows(authorization=authorization)


@pytest.mark.parametrize("shown", ["", "\udcff", "é" * 16, SECRET.upper()])
def test_what_is_not_ascii_is_compared_and_wrong(shown: str) -> None:
    assert TOKENS.holder_of_token(shown) is None


def test_the_cookie_stands_for_the_token_without_telling_it() -> None:
    assert shows(cookie=f"other=1; {COOKIE}={cookie_of(SECRET)}")
    assert SECRET not in cookie_of(SECRET)
    assert cookie_of(SECRET + "x") != cookie_of(SECRET)


@pytest.mark.parametrize(
    "cookie", [f"{COOKIE}={SECRET}", f"{COOKIE}=", COOKIE, "a[]=1; =;;", f"x{COOKIE}=1", "\u00e9=1"]
)
def test_a_wrong_or_broken_cookie_is_not_it(cookie: str) -> None:
    assert not shows(cookie=cookie)


def test_a_wrong_bearer_is_not_saved_by_a_right_cookie() -> None:
    assert not shows(authorization="Bearer wrong", cookie=f"{COOKIE}={cookie_of(SECRET)}")
