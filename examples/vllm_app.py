r"""A LangGraph application that uses the agent against vLLM: locate, then write a caption.

    vllm serve Qwen/Qwen2.5-VL-7B-Instruct --limit-mm-per-prompt '{"image": 4}' \\
        --max-model-len 16384 --logprobs-mode processed_logprobs
    python examples/vllm_app.py PHOTO --base-url http://127.0.0.1:8000/v1 \\
        --model Qwen/Qwen2.5-VL-7B-Instruct

The outer graph has two nodes: the agent, whose state it shares, and one that asks the same server
for a caption that claims no more than the answer does.
"""

import argparse
import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime

from geoagent_graph import Answer, Toolbox, build_graph, open_toolbox
from geoagent_graph.policies.served.chat import ChatRequest, Message
from geoagent_graph.policies.served.client import ServerOptions
from geoagent_graph.policies.served.opening import PolicyTools, open_served_policy
from geoagent_graph.policies.served.policy import ModelPolicy


class CaptionState(TypedDict, total=False):
    """The state of the outer application; `image` and `answer` are the agent's."""

    image: dict[str, Any]
    answer: dict[str, Any]
    caption: str


async def write_caption(state: CaptionState, runtime: Runtime[Toolbox]) -> CaptionState:
    answer = Answer.model_validate(state["answer"])
    place = answer.place.city or answer.place.country or answer.place.continent
    if place is None:
        return {"caption": "A photo from somewhere."}
    policy = runtime.context.policy
    assert isinstance(policy, ModelPolicy)
    seen = "; ".join(clue.text for clue in answer.clues[:8])
    question = f"Write one sentence for a photo from {place}. In it: {seen}"
    request = ChatRequest("caption", (Message("user", (question,)),), max_tokens=60)
    return {"caption": (await policy.chat.reply(request)).text.strip()}


async def main() -> None:
    parser = argparse.ArgumentParser(description="Locate a photo with vLLM and caption it.")
    parser.add_argument("photo", type=Path)
    parser.add_argument("--base-url", default="http://127.0.0.1:8000/v1")
    parser.add_argument("--model", required=True)
    arguments = parser.parse_args()
    tools = open_toolbox()
    policy = open_served_policy(
        ServerOptions(base_url=arguments.base_url, model=arguments.model),
        PolicyTools(
            images=tools.images,
            geocoder=tools.geocoder,
            evidence=tools.evidence,
            reader=tools.policy,
            countries_of=tools.countries_of,
        ),
    )
    toolbox = replace(tools, policy=policy)
    app = StateGraph(CaptionState, context_schema=Toolbox)
    app.add_node("where", build_graph())
    app.add_node("caption", write_caption)
    app.add_edge(START, "where")
    app.add_edge("where", "caption")
    app.add_edge("caption", END)
    image = toolbox.images.open(arguments.photo).image
    state = await app.compile().ainvoke({"image": image.model_dump()}, context=toolbox)
    answer = Answer.model_validate(state["answer"])
    print(state["caption"])
    print(f"{answer.usage.calls} calls, {answer.usage.prompt_tokens} tokens in")
    await policy.aclose()


if __name__ == "__main__":
    asyncio.run(main())
