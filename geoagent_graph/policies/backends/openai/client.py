"""A model behind an OpenAI-compatible server: every fault is retried within a budget or typed."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from weakref import WeakKeyDictionary

from pydantic_core import PydanticCustomError

from geoagent_graph.errors import InputError
from geoagent_graph.policies.backends.openai.addresses import api_addresses
from geoagent_graph.policies.backends.openai.bodies import read_body
from geoagent_graph.policies.backends.openai.call_budget import used_up_sentence
from geoagent_graph.policies.backends.openai.client_pools import ClientPools
from geoagent_graph.policies.backends.openai.faults import Fault, fault_of, fault_types
from geoagent_graph.policies.backends.openai.keys import NO_KEY, plain_key
from geoagent_graph.policies.backends.openai.model_list import ListedModel, read_models
from geoagent_graph.policies.backends.openai.model_names import is_same_model
from geoagent_graph.policies.backends.openai.negotiation import (
    adapt_terms,
    drop_part,
    next_key_header,
    parts_to_probe,
    without_part,
)
from geoagent_graph.policies.backends.openai.profiles import COMPATIBLE, VLLM, Profile, find_profile
from geoagent_graph.policies.backends.openai.replies import Reading, read_reply
from geoagent_graph.policies.backends.openai.reported_errors import reported_fault
from geoagent_graph.policies.backends.openai.retries import RetryOptions, call_with_retries
from geoagent_graph.policies.backends.openai.terms import KEY_HEADERS, Terms, request_arguments
from geoagent_graph.policies.backends.openai.wire import Completion, read_completion
from geoagent_graph.policies.model.chat import ChatReply, ChatRequest
from geoagent_graph.settings import require_plain_address
from geoagent_graph.types import Usage

MAX_CHANGES: Final = 16
MAX_LIST_SECONDS: Final = 15.0
_MAX_OTHER_NAMES: Final = 8
_WRONG_ADDRESS: Final = frozenset({404, 405, 421})


class ServerOptions(RetryOptions):
    """Which server is asked, how long it may take, and how many calls it may be sent.

    `max_calls` counts every call of a process to the server, those that fail as well.
    """

    base_url: str
    model: str
    api_key: str = NO_KEY
    max_calls: int | None = None


@dataclass(frozen=True, slots=True)
class ServerKind:
    """What is known about the server from its list of models."""

    profile: Profile = COMPATIBLE
    context_tokens: int | None = None
    models: tuple[str, ...] = ()

    @property
    def vllm(self) -> bool:
        """Whether the server is vLLM."""
        return self.profile is VLLM


class OpenAIChat:
    """A `ChatModel` behind an OpenAI-compatible server; one instance serves any event loop.

    What the server takes is found out by asking and kept: see `terms`.
    """

    def __init__(self, options: ServerOptions) -> None:
        try:
            require_plain_address(options.base_url)
        except PydanticCustomError as error:
            raise InputError(f"--base-url: {error.message()}") from error
        options = options.model_copy(update={"api_key": plain_key(options.api_key)})
        self.options = options
        self.terms = Terms()
        self.calls_sent = 0
        self._addresses = api_addresses(options.base_url)
        self._address = self._addresses[0]
        self._pools = ClientPools(options.api_key, options.call_seconds, options.connect_seconds)
        self._turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = (
            WeakKeyDictionary()
        )
        self._kind: ServerKind | None = None
        self._other_names: dict[str, None] = {}
        self._signs_as_asked = False

    @property
    def model(self) -> str:
        """Name of the model, as the server knows it."""
        return self.options.model

    @property
    def address(self) -> str:
        """Where the server's API was found to begin."""
        return self._address

    @property
    def takes_schemas(self) -> bool:
        """Whether the server has not yet refused JSON schemas."""
        return self.terms.schema in ("strict", "plain")

    @property
    def losses(self) -> tuple[str, ...]:
        """What the server does not do as the policy would like, in words for the answer."""
        names = [f"the server signs the replies of {self.model} as {n}" for n in self._other_names]
        return (*self.terms.losses.values(), *names)

    async def aclose(self) -> None:
        """Close the connections of the running event loop."""
        await self._pools.aclose()

    async def models(self) -> list[ListedModel]:
        """Return the models that the server offers.

        Raises:
            PolicyError: the server cannot be asked.
        """
        options = self.options
        return await call_with_retries(self._list_once, options, options.base_url, options.api_key)

    async def reply(self, request: ChatRequest) -> ChatReply:
        """Return the model's reply.

        Raises:
            PolicyError: no usable reply within the attempts and seconds of the options.
        """
        began = time.perf_counter()
        options = self.options
        completion, reading = await call_with_retries(
            lambda: self._complete_once(request), options, options.base_url, options.api_key
        )
        return ChatReply(
            text=reading.text,
            cut=reading.cut,
            usage=Usage(
                calls=1,
                prompt_tokens=completion.prompt_tokens,
                completion_tokens=completion.completion_tokens,
                images=request.pictures,
            ),
            letter_logprobs=reading.letter_logprobs,
            seconds=time.perf_counter() - began,
            reasoning=reading.reasoning,
            notes=self.losses,
        )

    async def kind(self) -> ServerKind:
        """Return what the server is; asked once, and nothing known where it has no list of models.

        Raises:
            Fault: it cannot be reached, or is still loading the model.
        """
        if self._kind is not None:
            return self._kind
        found, lasts = await self._find_kind()
        if self._kind is None:  # another question may have found it meanwhile
            self.terms.begin_with(found.profile)
            self._kind = found if lasts else None
        return self._kind or found

    async def _find_kind(self) -> tuple[ServerKind, bool]:
        """Return what the server is, and whether that lasts: a list that failed may come yet.

        Raises:
            Fault: it cannot be reached, or is still loading the model.
        """
        models: list[ListedModel] = []
        lasts = True
        for address in self._addresses:
            try:
                async with asyncio.timeout(MAX_LIST_SECONDS):
                    models = await self._list_once(address)
            except fault_types() as error:
                fault = fault_of(error, self.options.api_key)
                if fault.unreachable or fault.loading:
                    raise fault from error
                lasts = lasts and not fault.retry
                continue
            if models:
                self._address = address
                break
        profile = find_profile(self.options.base_url, models)
        found = [model for model in models if is_same_model(self.model, model.id)]
        tokens = next((model.context_tokens for model in found if model.context_tokens), None)
        kind = ServerKind(profile, tokens, tuple(model.id for model in models))
        return kind, lasts or bool(models)

    async def _complete_once(self, request: ChatRequest) -> tuple[Completion, Reading]:
        """Return a completion in terms that the server takes, changing them where it refuses."""
        kind = await self.kind()
        for _ in range(MAX_CHANGES):
            arguments = request_arguments(request, self.terms, self.model)
            try:
                completion = await self._complete(arguments)
            except fault_types() as error:
                fault = fault_of(error, self.options.api_key)
                if self._can_ask_otherwise(fault, arguments):
                    continue
                found = await self._probe_in_turn(fault, arguments, request)
                if found is None:
                    continue
                completion = found
            self._kind = self._kind or kind  # it replies without a list
            self._check_signature(completion)
            reading = read_reply(completion, request, self.terms)
            if reading is not None:
                return completion, reading
        raise Fault("it refused the request in every form that was tried")

    def _can_ask_otherwise(self, fault: Fault, arguments: Mapping[str, Any]) -> bool:
        """Return whether another address, header or form of the request is left to try."""
        if fault.status in _WRONG_ADDRESS and not self.terms.proven:
            following = self._addresses.index(self._address) + 1
            if following < len(self._addresses):
                self._address = self._addresses[following]
                return True
        if self.options.api_key != NO_KEY and next_key_header(self.terms, fault):
            return True
        return adapt_terms(self.terms, fault, arguments)

    async def _probe_in_turn(
        self, fault: Fault, arguments: dict[str, Any], request: ChatRequest
    ) -> Completion | None:
        """Return the completion without the part that is refused, found by one question at a time.

        None where another question has found it meanwhile.
        """
        turn = self._turns.setdefault(asyncio.get_running_loop(), asyncio.Lock())
        async with turn:
            if request_arguments(request, self.terms, self.model) != arguments:
                return None
            return await self._find_refused_part(fault, arguments)

    async def _find_refused_part(
        self, fault: Fault, arguments: dict[str, Any]
    ) -> Completion | None:
        """Return the completion without the part that the server refuses without a word.

        None where something else was in the way, which is asked otherwise from here on.

        Raises:
            Fault: the refusal, where no part explains it.
        """
        topics = parts_to_probe(self.terms, fault, arguments)
        if not topics:
            raise self._with_offered_models(fault)
        self.terms.probed = True  # once: what it does not find stays so
        for tried in (*((topic,) for topic in topics), tuple(topics)):
            without = without_part(arguments, *tried)
            try:
                completion = await self._complete(without)
            except fault_types() as error:
                if self._is_asked_otherwise(fault_of(error, self.options.api_key), fault, without):
                    return None
                continue
            for topic in tried:
                drop_part(self.terms, topic)
            self.terms.probed = False
            return completion
        raise self._with_offered_models(fault)

    def _is_asked_otherwise(self, other: Fault, fault: Fault, arguments: dict[str, Any]) -> bool:
        """Return whether another refusal than the one looked into changed the terms.

        Raises:
            Fault: the other one, where nothing can be changed about it.
        """
        if str(other) == str(fault):
            return False
        changed = not other.retry and self._can_ask_otherwise(other, arguments)
        final = other.retry or other.status != fault.status or other.is_about_length
        final = final or other.is_about_pictures
        if changed or final:
            self.terms.probed = False  # what was looked into is still to be found
        if final and not changed:
            raise other
        return changed

    def _with_offered_models(self, fault: Fault) -> Fault:
        """Return the fault with the models on offer, where the one asked for is none of them."""
        names = self._kind.models if self._kind else ()
        listed = any(is_same_model(self.model, name) for name in names)
        if listed or not fault.is_about_the_model:
            return fault
        offered = ", ".join(name[:80] for name in names[:5]) or "none"
        return Fault(
            f"it does not serve the model {self.model}; it offers: {offered}", status=fault.status
        )

    def _check_signature(self, completion: Completion) -> None:
        """Keep under which other name a server replies.

        Raises:
            Fault: a server that has replied as the model before replies as another one.
        """
        said = completion.model
        if not said:
            return
        if is_same_model(self.model, said):
            self._signs_as_asked = True
        elif self._signs_as_asked or len(self._other_names) >= _MAX_OTHER_NAMES:
            raise Fault(f"the reply is from the model {said[:80]}, not {self.model}", retry=True)
        else:
            self._other_names[said[:80]] = None

    async def _complete(self, arguments: Mapping[str, Any]) -> Completion:
        """Return the completion of one call."""
        self._count_call()
        # As extra fields they go out as they are: the SDK's own pass over every part of every
        # message and schema takes longer than all the rest of a call.
        with self._pools.borrow(self._address) as client:
            chat = client.chat.completions.with_streaming_response
            async with chat.create(
                model=self.model,
                messages=[],
                extra_body=arguments,
                extra_headers=self._key_headers(),
            ) as response:
                body = self._parse_body(response.headers, await response.read())
        completion = read_completion(body)
        self.terms.proven |= {"key", *arguments}
        return completion

    def _key_headers(self) -> dict[str, Any]:
        if self.terms.key_header == KEY_HEADERS[0]:
            return {}
        from openai import Omit

        return {"Authorization": Omit(), self.terms.key_header: self.options.api_key}

    def _count_call(self) -> None:
        """Count a call that is about to be sent.

        Raises:
            Fault: it would be one more than may be sent.
        """
        allowed = self.options.max_calls
        if allowed is not None and self.calls_sent >= allowed:
            raise Fault(used_up_sentence(allowed))
        self.calls_sent += 1

    async def _list_once(self, address: str | None = None) -> list[ListedModel]:
        with self._pools.borrow(address or self._address) as client:
            listing = client.models.with_streaming_response
            async with listing.list(extra_headers=self._key_headers()) as response:
                return read_models(self._parse_body(response.headers, await response.read()))

    def _parse_body(self, headers: Mapping[str, str], body: bytes) -> Any:
        """Return what a body holds.

        Raises:
            Fault: it is an error that the server reports, or something else; of what is something
                else no content is named.
        """
        content_type = headers.get("content-type", "")
        media_type = content_type.partition(";")[0].strip().casefold()
        if (reported := reported_fault(body, media_type, self.options.api_key)) is not None:
            raise reported
        value = read_body(body, media_type)
        if value is None:
            said = content_type[:60] or "of no type"
            page = ": a proxy, a login or another program answers" if "html" in media_type else ""
            raise Fault(f"the reply is {said} instead of JSON{page}", retry=True)
        return value
