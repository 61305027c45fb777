"""The consistency judge: what does a reasoning, read alone, conclude?"""

import asyncio
import hashlib
import json
import logging
import random
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import aiohttp

from geoagent_graph.policies.model.chain import plain_field
from geoagent_graph.policies.model.replies import ReplyError, read_json
from geoagent_training.errors import ServiceError
from geoagent_training.rewards.disk_cache import DiskCache

log = logging.getLogger(__name__)

_RETRIED: Final = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
_MAX_PAUSE_SECONDS: Final = 30.0
_MAX_REPLY_BYTES: Final = 200_000
_LEVEL_NAMES: Final = ("country", "region", "specific location")
_SYSTEM: Final = (
    "You read one step of a geolocation argument and say what it concludes. Use only the reasoning "
    "and the conclusions given, not your own guess. Reply as JSON "
    'with the key "conclusion" and the name of the place alone.'
)
_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {"conclusion": {"type": "string"}},
    "required": ["conclusion"],
    "additionalProperties": False,
}
_MAX_REPLY_TOKENS: Final = 96
_REFUSES_SCHEMA: Final = frozenset({400, 422, 501})


@dataclass(frozen=True, slots=True)
class JudgeQuestion:
    """The reasoning of one level (0 country, 1 region, 2 place) and the conclusions before it."""

    level: int
    reasoning: str
    before: tuple[str, ...]


class Judge(Protocol):
    """Reads reasonings and says what they conclude."""

    def conclude(self, questions: Sequence[JudgeQuestion]) -> list[str]:
        """Return the conclusion of each question, in order."""
        ...


def question_text(question: JudgeQuestion) -> str:
    """Return the words that are put to the judge."""
    known = "".join(
        f"Concluded {name}: {text}\n"
        for name, text in zip(_LEVEL_NAMES, question.before, strict=False)
    )
    name = _LEVEL_NAMES[question.level]
    return f"{known}Reasoning: {question.reasoning}\nWhich {name} does this reasoning conclude?"


class OpenAIJudge:
    """A frozen language model on any OpenAI-compatible server.

    All open questions of a batch are in flight at once; equal questions are asked once and
    remembered. A fault is asked again with growing pauses, then ends the run with `ServiceError`.
    """

    def __init__(
        self,
        base_url: str,
        model: str,
        *,
        key: str | None = None,
        seconds: float = 60.0,
        retries: int = 4,
        in_flight: int = 1024,
        no_thinking: bool = True,
        cache_file: Path | None = None,
        capacity: int = 200_000,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.model = model
        self._key = key
        self._seconds = seconds
        self._retries = retries
        self._in_flight = in_flight
        self._no_thinking = no_thinking
        self._capacity = capacity
        self._known: OrderedDict[str, str] = OrderedDict()
        self._with_schema = True
        self._disk = DiskCache(cache_file) if cache_file else None

    def conclude(self, questions: Sequence[JudgeQuestion]) -> list[str]:
        """Return the conclusion of each question, in order.

        Raises:
            ServiceError: the server did not answer a question; the message names it.
        """
        keys = [self._key_of(question) for question in questions]
        wanted = dict(zip(keys, questions, strict=True))
        answers = {key: found for key in wanted if (found := self._recall_answer(key)) is not None}
        missing = {key: question for key, question in wanted.items() if key not in answers}
        if missing:
            # a thread of its own: the caller may be inside an event loop
            with ThreadPoolExecutor(1) as pool:
                fresh = pool.submit(asyncio.run, self._ask_all(missing)).result()
            answers.update(fresh)
        return [answers[key] for key in keys]

    def check(self) -> None:
        """Ask one short question; for use before the first step.

        Raises:
            ServiceError: the server does not answer it.
        """
        question = JudgeQuestion(0, "The sign says Lisboa, so this is Portugal.", ())
        with ThreadPoolExecutor(1) as pool:
            pool.submit(asyncio.run, self._ask_all({self._key_of(question): question})).result()

    def forget(self) -> None:
        """Drop the answers in memory; for measurements with a cold cache."""
        self._known.clear()

    def _recall_answer(self, key: str) -> str | None:
        found = self._known.get(key)
        if found is None and self._disk is not None:
            found = self._disk.get(key)
        return found

    def _remember_answer(self, key: str, answer: str) -> None:
        self._known[key] = answer
        while len(self._known) > self._capacity:
            self._known.popitem(last=False)

    def _key_of(self, question: JudgeQuestion) -> str:
        text = json.dumps([self.model, _SYSTEM, question_text(question)])
        return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()

    async def _ask_all(self, questions: dict[str, JudgeQuestion]) -> dict[str, str]:
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        gate = asyncio.Semaphore(self._in_flight)
        fresh: dict[str, str] = {}
        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            headers=headers,
            timeout=aiohttp.ClientTimeout(total=self._seconds),
        ) as client:

            async def ask(key: str, question: JudgeQuestion) -> None:
                async with gate:
                    fresh[key] = await self._ask_server(client, question)
                self._remember_answer(key, fresh[key])

            tasks = [asyncio.create_task(ask(k, q)) for k, q in questions.items()]
            try:
                await asyncio.gather(*tasks)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                if self._disk is not None and fresh:
                    self._disk.put(fresh)
        return fresh

    async def _ask_server(self, client: aiohttp.ClientSession, question: JudgeQuestion) -> str:
        fault = ""
        for attempt in range(self._retries + 1):
            pause = min(0.25 * 2.0**attempt, _MAX_PAUSE_SECONDS)
            try:
                async with client.post(
                    f"{self.base_url}/chat/completions",
                    json=self._request_body(question),
                    allow_redirects=False,
                ) as reply:
                    data = await reply.content.read(_MAX_REPLY_BYTES)
                    if reply.status == 200:
                        return reply_text(data)
                    fault = f"status {reply.status}"
                    if self._with_schema and reply.status in _REFUSES_SCHEMA:
                        log.warning("the judge takes no JSON schema (%s): asked without", fault)
                        self._with_schema = False
                        return await self._ask_server(client, question)
                    pause = max(pause, _retry_after(reply.headers.get("retry-after", "")))
                    if reply.status not in _RETRIED:
                        break
            except UnusableReply as error:
                fault = str(error)
            except (aiohttp.ClientError, TimeoutError) as error:
                fault = f"{type(error).__name__} {error}".strip()
            if attempt < self._retries:
                await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311
        raise self._judge_error(fault)

    def _request_body(self, question: JudgeQuestion) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self.model,
            "messages": [
                {"role": "system", "content": _SYSTEM},
                {"role": "user", "content": question_text(question)},
            ],
            "temperature": 0.0,
            "max_tokens": _MAX_REPLY_TOKENS,
        }
        if self._with_schema:
            named = {"name": "conclusion", "schema": _SCHEMA, "strict": True}
            body["response_format"] = {"type": "json_schema", "json_schema": named}
        if self._no_thinking:
            body["chat_template_kwargs"] = {"enable_thinking": False}
        return body

    def _judge_error(self, fault: str) -> ServiceError:
        return ServiceError(
            f"the consistency judge at {self.base_url} (model {self.model}) failed after "
            f"{self._retries} retries: {fault}. Start or mend it and resume the run."
        )


class UnusableReply(Exception):
    """A reply that says nothing; it is asked for again like any fault."""


def reply_text(data: bytes) -> str:
    """Return what a chat completion concludes: of its JSON, or of its text where it is none.

    Raises:
        UnusableReply: it is no chat completion, or without text.
    """
    try:
        text = json.loads(data)["choices"][0]["message"]["content"]
    except (ValueError, KeyError, IndexError, TypeError, RecursionError) as error:
        raise UnusableReply(f"a reply that is no chat completion ({error})") from error
    if not isinstance(text, str) or not text.strip():
        raise UnusableReply("a reply without text")
    said = text.rpartition("</think>")[2]
    try:
        stated = read_json(said).value.get("conclusion")
    except ReplyError:
        stated = None
    return plain_field(said if stated is None else str(stated))


def _retry_after(text: str) -> float:
    return min(float(text), _MAX_PAUSE_SECONDS) if text.isdecimal() else 0.0
