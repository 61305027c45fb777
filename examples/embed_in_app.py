"""Use the agent as one node of your own LangGraph application.

    python examples/embed_in_app.py [PHOTO]

The outer graph asks where a photo was taken and writes a caption from the answer. The agent's graph
is a node like any other: it shares the keys `image` and `answer` with the outer state, and its
toolbox is the outer graph's context.
"""

import asyncio
import sys
from pathlib import Path
from typing import Any, TypedDict

from langgraph.graph import END, START, StateGraph

from geoagent_graph import Answer, Toolbox, build_graph, open_toolbox


class CaptionState(TypedDict, total=False):
    """The state of the outer application."""

    image: dict[str, Any]
    answer: dict[str, Any]
    caption: str


def write_caption(state: CaptionState) -> CaptionState:
    answer = Answer.model_validate(state["answer"])
    place = answer.place.city or answer.place.country or answer.place.continent
    if place is None:
        return {"caption": "A photo from somewhere; nothing in it says where."}
    return {"caption": f"A photo from {place} ({answer.probability:.0%} sure)."}


async def main() -> None:
    photo = Path(sys.argv[1]) if len(sys.argv) > 1 else _drawn_street()
    toolbox = open_toolbox()
    app = StateGraph(CaptionState, context_schema=Toolbox)
    app.add_node("where", build_graph())
    app.add_node("caption", write_caption)
    app.add_edge(START, "where")
    app.add_edge("where", "caption")
    app.add_edge("caption", END)
    image = toolbox.images.open(photo).image
    state = await app.compile().ainvoke({"image": image.model_dump()}, context=toolbox)
    print(state["caption"])


def _drawn_street() -> Path:
    import subprocess
    import tempfile

    path = Path(tempfile.mkdtemp()) / "street.png"
    script = Path(__file__).parents[1] / "tools" / "draw_street.py"
    subprocess.run([sys.executable, script, "--out", path], check=True)
    return path


if __name__ == "__main__":
    asyncio.run(main())
