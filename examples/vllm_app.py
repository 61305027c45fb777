r"""A LangGraph application that uses the agent against vLLM: locate a photo, then caption it.

    vllm serve Qwen/Qwen2.5-VL-7B-Instruct --max-model-len 16384 \
        --limit-mm-per-prompt '{"image": 4}' --structured-outputs-config.backend xgrammar \
        --structured-outputs-config.disable_any_whitespace true --logprobs-mode processed_logprobs
    python examples/vllm_app.py PHOTO --base-url http://127.0.0.1:8000/v1 \
        --model Qwen/Qwen2.5-VL-7B-Instruct

The outer graph has two nodes: the agent, whose state it shares, and one that shows the same server
the photo for a caption that claims no more than the answer does.
"""

import argparse
import asyncio
import contextlib
from pathlib import Path
from typing import Any, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime

from geoagent_graph import Answer, Toolbox, build_graph, open_toolbox
from geoagent_graph.policies.model.chat import ChatRequest, Message
from geoagent_graph.policies.model.photos import PhotoPrinter
from geoagent_graph.policies.model.policy import ModelPolicy
from geoagent_graph.policies.open_policy import with_policy
from geoagent_graph.policies.options import PolicyOptions
from geoagent_graph.protocols import Photo


class CaptionState(TypedDict, total=False):
    """The state of the outer application; `image` and `answer` are the agent's."""

    image: dict[str, Any]
    answer: dict[str, Any]
    caption: str


async def write_caption(state: CaptionState, runtime: Runtime[Toolbox]) -> CaptionState:
    answer = Answer.model_validate(state["answer"])
    tools = runtime.context
    assert isinstance(tools.policy, ModelPolicy)
    place = answer.place.city or answer.place.country or answer.place.continent
    where = f"It was taken in {place}." if place else "Name no place: none is known."
    photo = await asyncio.to_thread(PhotoPrinter().picture, Photo(answer.image, tools.images))
    question = f"Write a caption of one sentence for this photo. {where}"
    request = ChatRequest("caption", (Message("user", (photo, question)),), max_tokens=60)
    return {"caption": (await tools.policy.chat.reply(request)).text.strip()}


async def main() -> None:
    parser = argparse.ArgumentParser(description="Locate a photo with vLLM and caption it.")
    parser.add_argument("photo", type=Path)
    parser.add_argument("--base-url", default="http://127.0.0.1:8000/v1")
    parser.add_argument("--model", required=True)
    arguments = parser.parse_args()
    served = PolicyOptions(policy="served", base_url=arguments.base_url, model=arguments.model)
    app = StateGraph(CaptionState, context_schema=Toolbox)
    app.add_node("where", build_graph())
    app.add_node("caption", write_caption)
    app.add_edge(START, "where")
    app.add_edge("where", "caption")
    app.add_edge("caption", END)
    async with contextlib.aclosing(with_policy(open_toolbox(), served)) as toolbox:
        image = toolbox.images.open(arguments.photo).image
        state = await app.compile().ainvoke(
            {"image": image.model_dump(mode="json")}, context=toolbox
        )
    answer = Answer.model_validate(state["answer"])
    print(f"place:   {answer.place.city or answer.place.country or answer.place.continent}")
    print(f"caption: {state['caption']}")
    print(f"cost:    {answer.usage.calls} calls, {answer.usage.prompt_tokens} tokens in")


if __name__ == "__main__":
    asyncio.run(main())
