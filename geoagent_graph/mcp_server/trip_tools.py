"""The tool for several photos of one trip: what they say together, and each by itself."""

from typing import TYPE_CHECKING, Annotated, Any

from mcp.server.mcpserver import Context
from mcp.types import ToolAnnotations
from pydantic import Field

from geoagent_graph.cases.names import NAME_PATTERN
from geoagent_graph.mcp_server.progress import report_steps
from geoagent_graph.mcp_server.service import Service
from geoagent_graph.mcp_server.trip_results import TripResult
from geoagent_graph.search_areas import MAX_COUNTRIES, SearchCircle
from geoagent_graph.state import MAX_CONTEXT_CHARS
from geoagent_graph.trip_types import MAX_PHOTOS
from geoagent_graph.types import CountryCode

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer

_KEEPS = ToolAnnotations(read_only_hint=False, destructive_hint=False, open_world_hint=False)
_LOOKS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
AnyContext = Context[Any, Any]


def add_trip_tools(server: "MCPServer[object]", service: Service) -> None:
    """Give the server the tools for several photos of one trip."""

    @server.tool(title="Where were these photos of one trip taken?", annotations=_KEEPS)
    async def locate_trip(
        ctx: AnyContext,
        photo_paths: Annotated[
            list[Annotated[str, Field(max_length=4096)]],
            Field(
                min_length=1,
                max_length=MAX_PHOTOS,
                description="Photos below the server's folders; one may be a video.",
            ),
        ],
        times: Annotated[
            list[Annotated[str, Field(max_length=60)]] | None,
            Field(description="When each was taken, as 2024-05-01T10:35; empty where unknown."),
        ] = None,
        use_exif: Annotated[bool, Field(description="False ignores what files claim.")] = True,
        near: Annotated[SearchCircle | None, Field(description="All lie in this circle.")] = None,
        countries: Annotated[
            list[CountryCode] | None,
            Field(max_length=MAX_COUNTRIES, description="All lie in one of these."),
        ] = None,
        context: Annotated[
            str, Field(max_length=MAX_CONTEXT_CHARS, description="What is known of the trip.")
        ] = "",
    ) -> TripResult:
        """Say where the photos of one trip were taken, together and each by itself.

        How far one can come between two times bounds the places. `headline` is the joint result;
        files that cannot be used are in `refused`. Each photo is a branch of one case.
        """
        options = service.options(
            use_exif=use_exif, near=near, countries=tuple(countries or ()), context=context
        )
        async with report_steps(ctx, options.budget * len(photo_paths)) as report:
            return await service.begin_trip(photo_paths, times, options, report)

    @server.tool(title="What photos of a case say together", annotations=_LOOKS)
    async def read_trip(
        case: Annotated[str, Field(pattern=NAME_PATTERN, description="A case of several photos.")],
    ) -> TripResult:
        """Return the joint result of a case of several photos, as it stands."""
        return await service.trip(case)
