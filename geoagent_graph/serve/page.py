"""The page and its files."""

import contextlib
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from geoagent_graph.errors import InputError
from geoagent_graph.serve.page_language import page_in
from geoagent_graph.serve.token import COOKIE, Tokens
from geoagent_graph.serve.token_file import cookie_of
from geoagent_graph.translation import SOURCE_LANGUAGE, find_language, preferred_language

LANGUAGE_COOKIE: Final = "geoagent_language"  # written by the page itself
router = APIRouter(include_in_schema=False)


@router.get("/")
async def index(
    request: Request, token: Annotated[str | None, Query(max_length=1000)] = None
) -> Response:
    """The page; a right `?token=` becomes a cookie and leaves the address."""
    known: Tokens | None = request.app.state.tokens
    if token is not None:
        response = RedirectResponse("/", status_code=303)
        if known is not None and known.holder_of_token(token) is not None:
            response.set_cookie(
                COOKIE,
                cookie_of(token),
                httponly=True,
                secure=request.app.state.encrypted,
                samesite="strict",
                path="/",
                max_age=7 * 86400,
            )
        return response
    page = static_folder() / "index.html"
    if not page.is_file():
        raise HTTPException(404, "this installation has no page; its API is at /v1")
    tag = language_of(request)
    headers = {
        "Cache-Control": "no-cache",
        "Content-Language": tag,
        "Vary": "Accept-Language, Cookie",
    }
    return HTMLResponse(page_in(tag, page.read_text("utf-8")), headers=headers)


def language_of(request: Request) -> str:
    """Return the language of whoever looks: as chosen on the page, as the browser likes, as set."""
    with contextlib.suppress(InputError):
        return find_language(request.cookies.get(LANGUAGE_COOKIE, "")).tag
    preferred = preferred_language(request.headers.get("accept-language", ""))
    default: str | None = request.app.state.language
    return (preferred or find_language(default or SOURCE_LANGUAGE)).tag


def static_files() -> StaticFiles:
    """Return what serves the page's files."""
    return StaticFiles(directory=static_folder(), check_dir=False)


def static_folder() -> Path:
    """Return the folder of the page's files."""
    return Path(str(files("geoagent_graph") / "serve" / "static"))
