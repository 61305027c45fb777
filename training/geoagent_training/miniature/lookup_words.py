"""Words of the miniature with tools: what is seen, read, looked up and answered; rows to learn."""

import json
import random
from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from geoagent_graph.policies.model.prompts import tool_result
from geoagent_graph.types import Place
from geoagent_training.data.chat_rows import prompt_messages
from geoagent_training.miniature.chains import CAPTION_SYSTEM, RECORD_SYSTEM, SYSTEM
from geoagent_training.miniature.lookup_scenes import SIGN_BOX, TOWNS, SignScene
from geoagent_training.miniature.world import LANDS, Clues
from geoagent_training.rollouts.tool_format import thought_text
from geoagent_training.rollouts.tool_transcripts import ToolStep
from geoagent_training.rollouts.tools import agent_tools

NOTHING: Final = "none"
ZOOMED: Final = "the part of the photo, at full resolution"
_LOOK: Final = "I look at the sign."
_MAX_LINES: Final = 3
_RECORD_TURN: Final[dict[str, Any]] = {"role": "system", "content": RECORD_SYSTEM}


def words_for_clues(clues: Clues) -> str:
    """Return what can be seen without tools."""
    return (
        f"plate {clues.plate or NOTHING}, drive {clues.side or NOTHING}, sun {clues.sun or NOTHING}"
    )


def reply_words(written: str | None, clues: Clues, place: Place) -> str:
    """Return the last reply: what was seen and read, and the place."""
    region = place.region or place.name
    thought = f"sign {written or NOTHING}, {words_for_clues(clues)}"
    return f"<think>{thought}</think><answer>{place.country}; {region}; {place.name}</answer>"


@cache
def town_place(name: str) -> Place:
    """Return the place that the gazetteer finds first under a name."""
    return agent_tools().toolbox.geocoder.forward(name, 1)[0].place


def tool_steps(scene: SignScene) -> list[ToolStep]:
    """Return what a careful policy does: look at the sign, and look the name up if there is one."""
    steps = [ToolStep(_LOOK, "zoom", dict(SIGN_BOX))]
    if scene.written:
        steps.append(ToolStep(f"It says {scene.written}.", "verify", {"name": scene.written}))
    return steps


def plain_turns(reply: str) -> list[dict[str, Any]]:
    """Return the conversation without tools."""
    system, question = prompt_messages(SYSTEM)
    content = [{"type": "image"}, {"type": "text", "text": question["content"]}]
    return [system, {"role": "user", "content": content}, _reply_turn(reply)]


def caption_turns(words: str) -> list[dict[str, Any]]:
    """Return a conversation that names what a picture shows."""
    system = {"role": "system", "content": CAPTION_SYSTEM}
    return [system, {"role": "user", "content": [{"type": "image"}]}, _reply_turn(words)]


def sign_turns(written: str | None) -> list[dict[str, Any]]:
    """Return a conversation about a sign close up: its name is looked up, or there is none."""
    shown = [{"type": "image"}, {"type": "text", "text": tool_result("zoom", ZOOMED)}]
    reply = (
        _reply_turn(f"sign {NOTHING}")
        if written is None
        else _call_turn(ToolStep(f"It says {written}.", "verify", {"name": written}))
    )
    return [_RECORD_TURN, {"role": "user", "content": shown}, reply]


def call_turns(chooser: random.Random) -> list[dict[str, Any]]:
    """Return a conversation without a photo: a part of a photo to look at, and the call.

    Half of them are where signs stand.
    """
    left, top = (float(chooser.randrange(0, 90, 5)) for _ in range(2))
    anywhere = {"left": left, "top": top, "right": left + 10, "bottom": top + 10}
    box = chooser.choice([anywhere, SIGN_BOX])
    asked = ", ".join(f"{name} {value}" for name, value in box.items())
    call = _call_turn(ToolStep(_LOOK, "zoom", dict(box)))
    return [_RECORD_TURN, {"role": "user", "content": asked}, call]


def _call_turn(step: ToolStep) -> dict[str, Any]:
    call = {"name": step.tool, "arguments": step.arguments}
    return {
        "role": "assistant",
        "content": thought_text(step.thought),
        "tool_calls": [{"type": "function", "function": call}],
    }


def record_turns(chooser: random.Random, places: Sequence[Place]) -> list[dict[str, Any]]:
    """Return a conversation without a photo: what a look-up said, and the answer that follows.

    The first place is the one asked for; clues are drawn at random and stand for nothing.
    """
    land, other = chooser.choice(LANDS), chooser.choice(LANDS)
    clues = Clues(None, land.plate, other.side, other.sun, None, None)
    asked = f"It says {places[0].name}. {words_for_clues(clues)}"
    return [
        _RECORD_TURN,
        {"role": "user", "content": f"{asked}\n{lookup_text(places)}"},
        _reply_turn(reply_words(places[0].name, clues, places[0])),
    ]


def lookup_text(places: Sequence[Place]) -> str:
    """Return what `verify` says of places, in its own words."""
    lines = [f"- {one.name}, {one.region}, {one.country}" for one in places]
    return tool_result("verify", "\n".join(lines))


def random_places(chooser: random.Random) -> list[Place]:
    """Return what a look-up might say: towns of the world in regions and countries of others.

    Nothing is to be learned from it by heart, so that what is said must be read.
    """
    known = [town_place(name) for names in TOWNS.values() for name in names]
    names = chooser.sample([place.name for place in known], 1 + chooser.randrange(_MAX_LINES))
    return [
        known[0].model_copy(
            update={
                "name": name,
                "region": chooser.choice(known).region,
                "country": chooser.choice(known).country,
            }
        )
        for name in names
    ]


def vocabulary() -> list[str]:
    """Return texts with every word of the miniature, for its tokenizer."""
    texts: list[str] = []
    for names in TOWNS.values():
        places = [town_place(name) for name in names]
        texts += [lookup_text([place]) for place in places]
        for name, place in zip(names, places, strict=True):
            clues = [Clues(None, land.plate, land.side, land.sun, None, None) for land in LANDS]
            texts += [reply_words(name, one, place) for one in (*clues, Clues(*[None] * 6))]
            call = json.dumps({"action": "verify", "name": name}, ensure_ascii=False)
            texts.append(f'{thought_text(f"It says {name}.")}, "next": {call}}}')
    zoom = json.dumps({"action": "zoom", **SIGN_BOX})
    texts.append(f'{thought_text(_LOOK)}, "next": {zoom}}}')
    texts.append(tool_result("zoom", ZOOMED))
    texts.append(tool_result("verify", "no such place\nfailed: name"))
    texts += [SYSTEM, prompt_messages(SYSTEM)[1]["content"], CAPTION_SYSTEM, RECORD_SYSTEM]
    return texts


def _reply_turn(words: str) -> dict[str, Any]:
    return {"role": "assistant", "content": words}
