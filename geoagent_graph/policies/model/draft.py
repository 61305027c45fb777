"""The first question, for a chain of thought, in our words or the user's; and its reply.

Training builds its conversations from the same words; a test compares them.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from geoagent_graph.errors import InputError
from geoagent_graph.policies.model import prompts
from geoagent_graph.policies.model.chain import Chain, parse_chain
from geoagent_graph.policies.model.chat import ChatReply, ChatRequest, Message, Picture
from geoagent_graph.policies.model.options import ModelPolicyOptions
from geoagent_graph.policies.model.reasoning import visible_part
from geoagent_graph.policies.model.replies import ReplyError
from geoagent_graph.regular_files import read_regular
from geoagent_graph.types import Clue

MAX_WORDS_BYTES: Final = 100_000


def draft_request(
    pictures: Sequence[Picture], clues: Sequence[Clue], options: ModelPolicyOptions
) -> ChatRequest:
    """Return the question for a chain of thought about a photo."""
    question = options.draft_question
    if question is None or not options.vision:
        question = prompts.draft_question(clues, vision=options.vision)
    return ChatRequest(
        purpose="draft",
        messages=(
            Message("system", (options.draft_system or prompts.DRAFT_SYSTEM,)),
            Message("user", (*pictures, question)),
        ),
        max_tokens=options.draft_tokens,
        seed=options.seed,
    )


def read_draft(reply: ChatReply) -> Chain:
    """Return the chain of a reply: tagged, bare JSON, or with `<think>` set aside by a server.

    Raises:
        ReplyError: there is none in it.
    """
    whole = f"<think>{reply.reasoning}</think>{reply.text}" if reply.reasoning else reply.text
    first: ReplyError | None = None
    for text in dict.fromkeys((whole, reply.text, visible_part(reply.text))):
        try:
            return parse_chain(text, cut=reply.cut)
        except ReplyError as error:
            first = first or error
    raise first or ReplyError("the reply is empty")


def load_words(option: str, path: Path | None) -> str | None:
    """Return the words of a file that the user names; None without one.

    Raises:
        InputError: it cannot be read, is empty, too long or no UTF-8; the message names the option.
    """
    if path is None:
        return None
    try:
        words = read_regular(path, MAX_WORDS_BYTES).decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"{option} {path}: cannot be read ({error.strerror or error})") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{option} {path}: is not UTF-8 text") from error
    if not words.strip():
        raise InputError(f"{option} {path}: is empty")
    return words.rstrip("\r\n")
