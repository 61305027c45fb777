"""The application: routes, guards and errors put together around one case runner."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from geoagent_graph.cases.store import CaseStore
from geoagent_graph.render.wording import ATTRIBUTION
from geoagent_graph.serve import (
    case_routes,
    change_routes,
    event_routes,
    file_routes,
    map_routes,
    page,
    problems,
)
from geoagent_graph.serve.body_limits import BodyLimits, UploadSlots
from geoagent_graph.serve.case_runner import CaseRunner
from geoagent_graph.serve.format_name import describe_formats
from geoagent_graph.serve.headers import SafeHeaders
from geoagent_graph.serve.limits import Address, Limits
from geoagent_graph.serve.page_words import offered_formats, page_wording
from geoagent_graph.serve.schemas import About, Problem
from geoagent_graph.serve.security import AccessControl
from geoagent_graph.serve.service import Service
from geoagent_graph.serve.token import Token
from geoagent_graph.serve.trace_cache import TraceCache
from geoagent_graph.toolbox import Toolbox
from geoagent_graph.types import LEVELS, Json
from geoagent_graph.version import package_version

if TYPE_CHECKING:
    from geoagent_graph.geo.gazetteer import Gazetteer

_ABOUT_API = (
    "Where was this photo taken? Cases are begun, watched, steered and exported here. The trace of "
    "a case is the source of everything else. Errors are RFC 9457 problems."
)


def create_app(
    store: CaseStore,
    tools: Toolbox,
    *,
    limits: Limits | None = None,
    address: Address | None = None,
    request: Json | None = None,
) -> FastAPI:
    """Return the application of `geoagent serve`, an ASGI one, for one process.

    Args:
        store: the cases it shows and adds to.
        tools: what all runs work with; closed with the application.
        limits: what clients may do; None takes the defaults.
        address: where it is served, and the token; None is loopback without one.
        request: what the command line needs to open the same tools again.
    """
    bounds, where = limits or Limits(), address or Address()
    token = Token(where.token) if where.token is not None else None
    runner = CaseRunner(store, tools, bounds, request or {})
    app = FastAPI(
        title="GeoAgent",
        version=package_version(),
        description=_ABOUT_API,
        docs_url=None,  # its page would load scripts from elsewhere
        redoc_url=None,
        lifespan=_run_and_close,
        responses=problems.problem_responses(401, 403, 421, 422, 429),
    )
    app.state.runner, app.state.token = runner, token
    app.state.encrypted = where.site.is_encrypted
    app.state.service = Service(
        runner, TraceCache(store), about_of(tools, bounds, request or {}), _gazetteer_of(tools)
    )
    for routes in (case_routes, change_routes, event_routes, file_routes, map_routes, page):
        app.include_router(routes.router)
    app.mount("/static", page.static_files(), name="static")
    problems.install(app)
    app.add_middleware(UploadSlots, limits=bounds)
    app.add_middleware(
        AccessControl, address=where, token=token, per_minute=bounds.requests_per_minute
    )
    app.add_middleware(BodyLimits, limits=bounds)
    app.add_middleware(SafeHeaders)
    app.openapi = lambda: _openapi_schema(app)  # type: ignore[method-assign]
    return app


def about_of(tools: Toolbox, limits: Limits, request: Json) -> About:
    """Return what a server with these tools says about itself."""
    model = getattr(tools.policy, "model", None)
    index = request.get("index")
    return About(
        version=package_version(),
        policy=tools.policy.name,
        model=model if isinstance(model, str) else None,
        index=Path(str(index)).name if index else None,
        levels=LEVELS,
        limits=limits,
        attributions=(ATTRIBUTION,),
        formats=offered_formats(),
        wording=page_wording(),
    )


@contextlib.asynccontextmanager
async def _run_and_close(app: FastAPI) -> AsyncIterator[None]:
    runner: CaseRunner = app.state.runner
    watching = asyncio.create_task(runner.watch())
    try:
        yield
    finally:
        watching.cancel()
        await asyncio.wait([watching])
        await runner.aclose()
        await runner.tools.aclose()


def _gazetteer_of(tools: Toolbox) -> "Gazetteer | None":
    from geoagent_graph.geo.geocoder import OfflineGeocoder

    return tools.geocoder.gazetteer if isinstance(tools.geocoder, OfflineGeocoder) else None


def _openapi_schema(app: FastAPI) -> Json:
    if app.openapi_schema is None:
        schema = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes
        )
        describe_formats(schema)
        schema["components"]["schemas"]["Problem"] = Problem.model_json_schema()
        app.openapi_schema = schema
    return app.openapi_schema
