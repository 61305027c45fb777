"""The tools that look after cases: found, branched, noted, filed, deleted with care."""

from datetime import date
from typing import TYPE_CHECKING, Annotated

from mcp.types import ToolAnnotations
from pydantic import Field

from geoagent_graph.cases.case_search import CaseSearch, Filed
from geoagent_graph.cases.labels import MAX_TAGS, Tag
from geoagent_graph.cases.names import NAME_PATTERN
from geoagent_graph.errors import InputError
from geoagent_graph.mcp_server.results import FiledCase, FoundCases, Investigation
from geoagent_graph.mcp_server.service import Service
from geoagent_graph.questions import Words
from geoagent_graph.types import Level

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer

_LOOKS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
_KEEPS = ToolAnnotations(read_only_hint=False, destructive_hint=False, open_world_hint=False)
_REMOVES = ToolAnnotations(read_only_hint=False, destructive_hint=True, open_world_hint=False)

AnyBranch = Annotated[str, Field(max_length=200, description="CASE or CASE/BRANCH.")]
WholeCase = Annotated[str, Field(max_length=64, description="A case, with all its branches.")]
Tags = Annotated[list[Tag] | None, Field(max_length=MAX_TAGS)]
Day = Annotated[date | None, Field(description="A day in UTC, as 2026-05-01.")]


def add_case_tools(server: "MCPServer[object]", service: Service) -> None:
    """Give the server the tools that look after cases."""
    _add_steering(server, service)
    _add_filing(server, service)


def _add_steering(server: "MCPServer[object]", service: Service) -> None:
    @server.tool(title="Branch a case", annotations=_KEEPS)
    async def fork_case(
        case: AnyBranch,
        at_step: Annotated[int, Field(ge=0, le=100_000, description="The last shared step.")],
        places: Annotated[
            dict[Level, Words] | None,
            Field(description="Places set on a person's word, as {'country': 'Portugal'}."),
        ] = None,
        name: Annotated[str | None, Field(pattern=NAME_PATTERN, description="Its name.")] = None,
    ) -> Investigation:
        """Make a branch that leaves a case after a step, to see what follows if a place is set.

        The case stays as it is. Go on with investigate_step and CASE/BRANCH.
        """
        return await service.fork(case, at_step, places or {}, name)

    @server.tool(title="Note something in a case", annotations=_KEEPS)
    async def add_note(
        case: AnyBranch, text: Annotated[str, Field(min_length=1, max_length=10_000)]
    ) -> Investigation:
        """Add a remark to the trace and the report; it changes nothing in the run."""
        return await service.note(case, text)


def _add_filing(server: "MCPServer[object]", service: Service) -> None:
    @server.tool(title="Find cases", annotations=_LOOKS)
    async def find_cases(
        words: Annotated[
            str, Field(max_length=500, description="Of name, photo, place, tags, notes, day.")
        ] = "",
        tags: Tags = None,
        since: Day = None,
        until: Day = None,
        filed: Annotated[Filed, Field(description="Whether those that were put away.")] = "open",
        limit: Annotated[int, Field(ge=1, le=200)] = 50,
    ) -> FoundCases:
        """List the cases that fit, the one changed last first; without words all of them."""
        return await service.find(CaseSearch(words, tuple(tags or ()), since, until, filed), limit)

    @server.tool(title="Rename, tag or archive a case", annotations=_KEEPS)
    async def file_case(
        case: WholeCase,
        new_name: Annotated[str | None, Field(pattern=NAME_PATTERN)] = None,
        add_tags: Tags = None,
        remove_tags: Tags = None,
        archived: Annotated[bool | None, Field(description="Puts it away or back.")] = None,
    ) -> FiledCase:
        """Give a case another name or tags, or put it away; what is left out stays as it is."""
        return await service.file(case, new_name, add_tags or (), remove_tags or (), archived)

    @server.tool(title="Delete a case", annotations=_REMOVES)
    async def delete_case(
        case: WholeCase,
        confirm: Annotated[
            str, Field(max_length=64, description="The name again, on a person's word alone.")
        ],
    ) -> str:
        """Delete a case with all branches and its photo; it cannot be undone.

        Ask the person first. `file_case` with `archived` puts a case away and keeps it.
        """
        if confirm != case:
            raise InputError(f"confirm: give {case!r} again, once a person has agreed")
        return await service.delete(case)
