"""The page and its files."""

from importlib.resources import files
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from geoagent_graph.serve.token import COOKIE, Token

router = APIRouter(include_in_schema=False)


@router.get("/")
async def index(
    request: Request, token: Annotated[str | None, Query(max_length=1000)] = None
) -> Response:
    """The page; a right `?token=` becomes a cookie and leaves the address."""
    known: Token | None = request.app.state.token
    if token is not None:
        response = RedirectResponse("/", status_code=303)
        if known is not None and known.is_right(token):
            response.set_cookie(
                COOKIE,
                known.cookie,
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
    return FileResponse(page, headers={"Cache-Control": "no-cache"})


def static_files() -> StaticFiles:
    """Return what serves the page's files."""
    return StaticFiles(directory=static_folder(), check_dir=False)


def static_folder() -> Path:
    """Return the folder of the page's files."""
    return Path(str(files("geoagent_graph") / "serve" / "static"))
