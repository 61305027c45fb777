"""A model behind an OpenAI-compatible server: every fault is retried within a budget or typed."""

import asyncio
import contextlib
import math
import random
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar
from weakref import WeakKeyDictionary

from pydantic import BaseModel, Field, ValidationError
from pydantic_core import PydanticCustomError

from geoagent_graph.errors import InputError, PolicyError
from geoagent_graph.policies.backends.openai.faults import Fault, fault_of, fault_types
from geoagent_graph.policies.backends.openai.reported_errors import reported_fault
from geoagent_graph.policies.backends.openai.wire import Choice, Completion, ListedModel, ModelList
from geoagent_graph.policies.model.chat import ChatReply, ChatRequest, Message
from geoagent_graph.settings import (
    DEFAULT_CALL_SECONDS,
    DEFAULT_QUESTION_SECONDS,
    CallSeconds,
    QuestionSeconds,
    require_plain_address,
)
from geoagent_graph.types import FrozenModel, Usage

if TYPE_CHECKING:
    from openai import AsyncOpenAI

MAX_TOP_LOGPROBS: Final = 20
MAX_POOLS: Final = 16
POOL_CALLS: Final = 8
_JSON: Final = "application/json"
BodyT = TypeVar("BodyT", bound=BaseModel)
ResultT = TypeVar("ResultT")


class ServerOptions(FrozenModel):
    """Which server is asked, and how long it may take.

    One call may take `call_seconds`; a question with all its retries `question_seconds`. A failed
    call is tried again after `backoff_seconds`, then twice as long, or as long as the server asks.
    """

    base_url: str
    model: str
    api_key: str = "none"
    call_seconds: CallSeconds = DEFAULT_CALL_SECONDS
    question_seconds: QuestionSeconds = DEFAULT_QUESTION_SECONDS
    connect_seconds: Annotated[float, Field(gt=0, le=600)] = 10.0
    attempts: Annotated[int, Field(ge=1, le=20)] = 4
    backoff_seconds: Annotated[float, Field(gt=0, le=60)] = 0.5


@dataclass(frozen=True, slots=True)
class ServerKind:
    """What is known about the server from its list of models."""

    vllm: bool
    context_tokens: int | None


@dataclass(slots=True)
class _Pool:
    """A client with connections of its own, and the calls under way on them."""

    client: "AsyncOpenAI"
    calls: int = 0


class OpenAIChat:
    """A `ChatModel` behind an OpenAI-compatible server; one instance serves any event loop."""

    def __init__(self, options: ServerOptions) -> None:
        try:
            require_plain_address(options.base_url)
        except PydanticCustomError as error:
            raise InputError(f"--base-url: {error.message()}") from error
        self.options = options
        self._pools: WeakKeyDictionary[asyncio.AbstractEventLoop, list[_Pool]] = WeakKeyDictionary()
        self._kind: ServerKind | None = None
        self._takes_schemas = True

    @property
    def model(self) -> str:
        """Name of the model, as the server knows it."""
        return self.options.model

    @property
    def takes_schemas(self) -> bool:
        """Whether the server has not yet refused a JSON schema."""
        return self._takes_schemas

    async def aclose(self) -> None:
        """Close the connections of the running event loop."""
        for pool in self._pools.pop(asyncio.get_running_loop(), []):
            await pool.client.close()

    async def models(self) -> list[ListedModel]:
        """Return the models that the server offers.

        Raises:
            PolicyError: the server cannot be asked.
        """
        return await self._call_with_retries(self._list_once)

    async def reply(self, request: ChatRequest) -> ChatReply:
        """Return the model's reply.

        Raises:
            PolicyError: no usable reply within the attempts and seconds of the options.
        """
        began = time.perf_counter()
        completion = await self._call_with_retries(lambda: self._complete_once(request))
        choice = completion.choices[0]
        counts = completion.usage
        return ChatReply(
            text=choice.message.content.encode("utf-8", "replace").decode("utf-8"),
            cut=choice.finish_reason == "length",
            usage=Usage(
                calls=1,
                prompt_tokens=counts.prompt_tokens if counts else 0,
                completion_tokens=counts.completion_tokens if counts else 0,
                images=request.pictures,
            ),
            letter_logprobs=_letter_logprobs(choice, request.letters),
            seconds=time.perf_counter() - began,
        )

    async def kind(self) -> ServerKind:
        """Return what the server is; asked once."""
        if self._kind is None:
            self._kind = self._kind_of(await self._list_once())
        return self._kind

    def _kind_of(self, models: list[ListedModel]) -> ServerKind:
        """Return the kind of server.

        Raises:
            Fault: it does not offer the model that is asked for.
        """
        found = [model for model in models if model.id == self.model]
        if not found:
            offered = ", ".join(model.id[:80] for model in models[:5]) or "none"
            raise Fault(f"it does not serve the model {self.model}; it offers: {offered}")
        return ServerKind("vllm" in found[0].owned_by.casefold(), found[0].context_tokens)

    async def _complete_once(self, request: ChatRequest) -> Completion:
        kind = await self.kind()
        arguments = self._request_arguments(request, kind)
        try:
            completion = await self._read_body(Completion, arguments)
        except fault_types() as error:
            fault = fault_of(error, self.options.api_key)
            if "response_format" not in arguments or not fault.is_about_schemas:
                raise fault from error
            del arguments["response_format"]
            completion = await self._read_body(Completion, arguments)
            self._takes_schemas = False
        if completion.model != self.model:
            raise Fault(
                f"the reply is from the model {completion.model[:80]}, not {self.model}", retry=True
            )
        return completion

    def _request_arguments(self, request: ChatRequest, kind: ServerKind) -> dict[str, Any]:
        arguments: dict[str, Any] = {
            "model": self.model,
            "messages": [_wire_message(message) for message in request.messages],
            "max_tokens": request.max_tokens,
            "temperature": request.temperature,
            "seed": request.seed,
        }
        if request.letters:
            arguments |= {"logprobs": True, "top_logprobs": MAX_TOP_LOGPROBS}
            if kind.vllm:
                arguments["structured_outputs"] = {"choice": list(request.letters)}
        if request.schema is not None and self._takes_schemas:
            schema = {"name": request.purpose, "schema": dict(request.schema), "strict": True}
            arguments["response_format"] = {"type": "json_schema", "json_schema": schema}
        return arguments

    async def _read_body(self, kind: type[BodyT], arguments: Mapping[str, Any]) -> BodyT:
        # As extra fields they go out as they are: the SDK's own pass over every part of every
        # message and schema takes longer than all the rest of a call.
        with self._borrow_client() as client:
            chat = client.chat.completions.with_streaming_response
            async with chat.create(model=self.model, messages=[], extra_body=arguments) as response:
                return self._parse_body(kind, response.headers, await response.read())

    async def _list_once(self) -> list[ListedModel]:
        with self._borrow_client() as client:
            async with client.models.with_streaming_response.list() as response:
                return self._parse_body(ModelList, response.headers, await response.read()).data

    def _parse_body(self, kind: type[BodyT], headers: Mapping[str, str], body: bytes) -> BodyT:
        """Return a body in its expected form.

        Raises:
            Fault: it is an error that the server reports, or something else; of what is something
                else no content is named.
        """
        content_type = headers.get("content-type", "")
        media_type = content_type.partition(";")[0].strip().casefold()
        if (reported := reported_fault(body, media_type, self.options.api_key)) is not None:
            raise reported
        if media_type != _JSON:
            raise Fault(
                f"the reply is {content_type[:60] or 'of no type'} instead of JSON", retry=True
            )
        try:
            return kind.model_validate_json(body)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"]) or "the body"
            raise Fault(
                f"the reply has another form, at {where}: {first['msg']}", retry=True
            ) from error

    async def _call_with_retries(self, call: Callable[[], Awaitable[ResultT]]) -> ResultT:
        """Return what a call returns, trying again within the budget.

        Raises:
            PolicyError: the last fault, with the number of attempts and seconds.
        """
        options = self.options
        now = asyncio.get_running_loop().time  # the clock of the timeouts
        began = now()
        for attempt in range(1, options.attempts + 1):
            left = options.question_seconds - (now() - began)
            try:
                async with asyncio.timeout(max(0.001, min(options.call_seconds, left))):
                    return await call()
            except fault_types() as error:
                fault = fault_of(error, options.api_key)
            wait = fault.wait_seconds
            if wait is None:
                wait = options.backoff_seconds * 2 ** (attempt - 1) * random.uniform(0.75, 1.25)  # noqa: S311
            spent = now() - began
            if not fault.retry or attempt == options.attempts:
                break
            if spent + wait >= options.question_seconds:
                fault = Fault(
                    f"{fault}; the next try would pass the {options.question_seconds:g} s allowed"
                )
                break
            await asyncio.sleep(wait)
        tries = f" (tried {attempt} times in {spent:.0f} s)" if attempt > 1 else ""
        raise PolicyError(f"model server {options.base_url}: {fault}{tries}")

    @contextlib.contextmanager
    def _borrow_client(self) -> "Iterator[AsyncOpenAI]":
        """Give the client for one call: the first with few calls, else another, else the idlest.

        A pool looks at all its connections for every call, so that small pools stay quick; few
        calls share few connections.
        """
        pools = self._pools.setdefault(asyncio.get_running_loop(), [])
        pool = next((pool for pool in pools if pool.calls < POOL_CALLS), None)
        if pool is None and len(pools) < MAX_POOLS:
            pool = _Pool(self._open_client())
            pools.append(pool)
        pool = pool or min(pools, key=lambda pool: pool.calls)
        pool.calls += 1
        try:
            yield pool.client
        finally:
            pool.calls -= 1

    def _open_client(self) -> "AsyncOpenAI":
        from openai import AsyncOpenAI

        from geoagent_graph.policies.backends.openai.transport import open_http_client

        options = self.options
        return AsyncOpenAI(
            base_url=options.base_url,
            api_key=options.api_key,
            max_retries=0,
            timeout=options.call_seconds,
            http_client=open_http_client(
                options.call_seconds,
                options.connect_seconds,
                encrypted=options.base_url.startswith("https:"),
            ),
        )


def _wire_message(message: Message) -> dict[str, Any]:
    if all(isinstance(part, str) for part in message.parts):
        return {"role": message.role, "content": "\n".join(str(part) for part in message.parts)}
    content: list[dict[str, Any]] = [
        {"type": "text", "text": part}
        if isinstance(part, str)
        else {"type": "image_url", "image_url": {"url": part.data_uri}}
        for part in message.parts
    ]
    return {"role": message.role, "content": content}


def _letter_logprobs(choice: Choice, letters: tuple[str, ...]) -> dict[str, float] | None:
    """Return the log-probability of each letter among the likeliest first tokens.

    Tokens that are the letter with white space before it count as the letter. None where the
    server gives no log-probabilities.
    """
    if not letters or choice.logprobs is None or not choice.logprobs.content:
        return None
    found: dict[str, float] = {}
    for token in choice.logprobs.content[0].top_logprobs:
        letter = token.token.strip("\u0120\u2581 \t\n")
        if letter in letters:
            found[letter] = float(_log_add(found.get(letter), token.logprob))
    return found


def _log_add(first: float | None, second: float) -> float:
    if first is None:
        return second
    high, low = max(first, second), min(first, second)
    return high + math.log1p(math.exp(low - high))
