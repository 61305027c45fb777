"""The application: routes, guards and errors put together around one case runner."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI
from pydantic import SecretStr

from geoagent_graph.cases.store import CaseStore
from geoagent_graph.render.wording import ATTRIBUTION
from geoagent_graph.serve import (
    basemap_routes,
    case_routes,
    change_routes,
    event_routes,
    file_routes,
    filing_routes,
    health_routes,
    locate_routes,
    map_routes,
    page,
    point_routes,
    problems,
    sun_routes,
    trip_routes,
)
from geoagent_graph.serve.basemap import Basemap
from geoagent_graph.serve.body_limits import BodyLimits, UploadSlots
from geoagent_graph.serve.case_runner import CaseRunner
from geoagent_graph.serve.ended_runs import report_ended_runs
from geoagent_graph.serve.head_requests import HeadRequests
from geoagent_graph.serve.headers import SafeHeaders
from geoagent_graph.serve.limits import Address, Limits
from geoagent_graph.serve.metrics import Metrics
from geoagent_graph.serve.openapi import openapi_schema, operation_id
from geoagent_graph.serve.page_words import offered_formats, page_wording
from geoagent_graph.serve.resumed_runs import resume_broken_off_runs
from geoagent_graph.serve.schemas import About
from geoagent_graph.serve.security import AccessControl
from geoagent_graph.serve.service import Service
from geoagent_graph.serve.token import Tokens
from geoagent_graph.serve.trace_cache import TraceCache
from geoagent_graph.serve.webhook import Webhook
from geoagent_graph.toolbox import Toolbox
from geoagent_graph.translation import find_language
from geoagent_graph.types import LEVELS, Json
from geoagent_graph.version import package_version

if TYPE_CHECKING:
    from geoagent_graph.geo.gazetteer import Gazetteer

_ROUTES = (
    case_routes,
    locate_routes,
    change_routes,
    event_routes,
    file_routes,
    filing_routes,
    map_routes,
    basemap_routes,
    point_routes,
    sun_routes,
    trip_routes,
    health_routes,
    page,
)
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
    webhook: tuple[str, SecretStr | None] | None = None,
    language: str | None = None,
    basemap: Basemap | None = None,
) -> FastAPI:
    """Return the application of `geoagent serve`, an ASGI one, for one process.

    Args:
        store: the cases it shows and adds to.
        tools: what all runs work with; closed with the application.
        limits: what clients may do; None takes the defaults.
        address: where it is served, and the token; None is loopback without one.
        request: what the command line needs to open the same tools again.
        language: of the page where a browser names none that it speaks; None is English.
        webhook: an address that every ended run is posted to, and the key that signs the posts.
        basemap: streets to draw below the page's map.

    Raises:
        InputError: the webhook's key or the file of tokens is missing or unusable, or the language
            is unknown.
    """
    bounds, where = limits or Limits(), address or Address()
    tokens = tokens_of(where)
    runner = CaseRunner(store, tools, bounds, request or {})
    app = FastAPI(
        title="GeoAgent",
        version=package_version(),
        description=_ABOUT_API,
        docs_url=None,  # its page would load scripts from elsewhere
        redoc_url=None,
        lifespan=_run_and_close,
        generate_unique_id_function=operation_id,
        responses=problems.problem_responses(401, 403, 421, 422, 429),
    )
    app.state.runner, app.state.tokens = runner, tokens
    app.state.language = find_language(language).tag if language is not None else None
    app.state.encrypted = where.site.is_encrypted
    about = about_of(tools, bounds, request or {}, basemap)
    app.state.service = Service(
        runner, TraceCache(store), about, _gazetteer_of(tools), store.person, basemap
    )
    app.state.metrics = metrics = Metrics(runner.load)
    app.state.webhook = None if webhook is None else Webhook(webhook[0], webhook[1], metrics)
    for routes in _ROUTES:
        app.include_router(routes.router)
    app.mount("/static", page.static_files(), name="static")
    problems.install(app)
    app.add_middleware(UploadSlots, limits=bounds)
    app.add_middleware(
        AccessControl, address=where, tokens=tokens, per_minute=bounds.requests_per_minute
    )
    app.add_middleware(BodyLimits, limits=bounds)
    app.add_middleware(SafeHeaders)
    app.add_middleware(HeadRequests)
    app.openapi = lambda: openapi_schema(app, needs_token=where.needs_token)  # type: ignore[method-assign]
    return app


def tokens_of(address: Address) -> Tokens | None:
    """Return what clients must show at an address; None lets everybody in who reaches it.

    Raises:
        InputError: the file of tokens cannot be used.
    """
    if address.tokens is not None:
        return Tokens.of_file(address.tokens)
    return Tokens.of_secret(address.token) if address.token is not None else None


def about_of(
    tools: Toolbox, limits: Limits, request: Json, basemap: Basemap | None = None
) -> About:
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
        attributions=tuple(filter(None, (ATTRIBUTION, basemap and basemap.state.attribution))),
        basemap=None if basemap is None else basemap.state,
        formats=offered_formats(),
        wording=page_wording(),
    )


@contextlib.asynccontextmanager
async def _run_and_close(app: FastAPI) -> AsyncIterator[None]:
    runner: CaseRunner = app.state.runner
    webhook: Webhook | None = app.state.webhook
    works = [runner.watch(), report_ended_runs(app.state.service, app.state.metrics, webhook)]
    if webhook is not None:
        works.append(webhook.work())
    works.append(resume_broken_off_runs(app.state.service))
    beside = [asyncio.create_task(work) for work in works]
    try:
        yield
    finally:
        for task in beside:
            task.cancel()
        await asyncio.wait(beside)
        await runner.aclose()
        await runner.tools.aclose()


def _gazetteer_of(tools: Toolbox) -> "Gazetteer | None":
    from geoagent_graph.geo.geocoder import OfflineGeocoder

    return tools.geocoder.gazetteer if isinstance(tools.geocoder, OfflineGeocoder) else None
