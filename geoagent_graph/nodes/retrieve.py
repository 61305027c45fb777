"""retrieve: reference photos that look alike, inside the accepted region."""

from langgraph.runtime import Runtime

from geoagent_graph.nodes.recording import Recorder
from geoagent_graph.nodes.situation import photo_of, tools_of, within_of
from geoagent_graph.number_words import count
from geoagent_graph.protocols import Photo, Retriever
from geoagent_graph.state import AgentState, dump, require_current
from geoagent_graph.toolbox import Toolbox
from geoagent_graph.types import Place, Reference


async def retrieve(state: AgentState, runtime: Runtime[Toolbox]) -> AgentState:
    """Return the most similar reference photos inside the last accepted place."""
    require_current(state)
    tools = tools_of(runtime)
    level = state["level"]
    recorder = Recorder("retrieve", level, tools.tool_seconds)
    if tools.retriever is None:
        return AgentState(
            references=[], steps=recorder.step(len(state["steps"]), "no reference index given")
        )
    photo = photo_of(state, tools.images)
    within = within_of(state)
    found = await recorder.call(
        "retriever",
        {"k": tools.references, "within": within.id if within else "world"},
        _references_text,
        _search_references,
        tools.retriever,
        photo,
        within,
        tools,
    )
    references = [dump(reference) for reference in found or []]
    return AgentState(
        references=references,
        warnings=recorder.warnings,
        steps=recorder.step(
            len(state["steps"]), _references_text(found or []), references=references[:10]
        ),
    )


def _search_references(
    retriever: Retriever, photo: Photo, within: Place | None, tools: Toolbox
) -> list[Reference]:
    pixels = photo.pixels(tools.encoder_max_side)
    return retriever.search(pixels, tools.references, _country_codes(within, tools))


def _country_codes(within: Place | None, tools: Toolbox) -> frozenset[str] | None:
    if within is None:
        return None
    if within.country_code:
        return frozenset({within.country_code})
    return tools.countries_of.get(within.continent_code, frozenset())


def _references_text(references: list[Reference]) -> str:
    if not references:
        return "no reference photos in this region"
    best = references[0]
    return (
        f"{count(len(references), 'reference photo')}, most similar {best.id} at {best.score:.2f}"
    )
