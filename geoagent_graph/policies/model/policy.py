"""A policy whose judgement is a vision-language model's, behind a server or in this process.

`draft` asks for a chain of thought in the paper's form. `propose` lets the model use tools and name
candidates, then weighs them by one-token choices; `judge` asks it only where the evidence leaves
the matter open. What the model says about its own confidence is kept as a clue and never used as a
probability.
"""

import asyncio
import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, Self, TypeVar, cast

from pydantic import JsonValue

from geoagent_graph.errors import PolicyError
from geoagent_graph.policies.model import prompts, schemas
from geoagent_graph.policies.model.actions import Action, ActionTools
from geoagent_graph.policies.model.calibration import Calibration
from geoagent_graph.policies.model.chat import (
    ChatModel,
    ChatReply,
    ChatRequest,
    Message,
    Picture,
    ask,
)
from geoagent_graph.policies.model.choice import LETTERS, ChoiceOptions, Chooser
from geoagent_graph.policies.model.choice_record import log_choice
from geoagent_graph.policies.model.conversation import ConversationChat
from geoagent_graph.policies.model.draft import draft_request, read_draft
from geoagent_graph.policies.model.draft_clues import clues_of_chain
from geoagent_graph.policies.model.options import ModelPolicyOptions, Turn
from geoagent_graph.policies.model.place_lookup import PlaceLookup
from geoagent_graph.policies.model.prompt_digest import prompts_sha256
from geoagent_graph.policies.model.replies import ReplyError, UnknownPlaces, read_object
from geoagent_graph.policies.model.shortlist import ELSEWHERE, Shortlist
from geoagent_graph.policies.model.verdicts import decisions_in, read_verdict
from geoagent_graph.protocols import Photo, Policy, Situation
from geoagent_graph.types import Clue, Hypothesis, Place, Verdict

ResultT = TypeVar("ResultT")


class ModelPolicy:
    """Implements `Policy` with any `ChatModel`; safe for concurrent runs, keeps nothing of them.

    `reader`, where given, adds what can be drawn from the tools' clues without a model, so that the
    evidence has names, numbers and domains to weigh, and the candidates that these point to.
    """

    def __init__(
        self,
        name: str,
        chat: ChatModel,
        places: PlaceLookup,
        tools: ActionTools,
        *,
        options: ModelPolicyOptions | None = None,
        calibration: Calibration | None = None,
        reader: Policy | None = None,
    ) -> None:
        self._name = name
        self._chat = chat
        self._lookup = places
        self._tools = tools
        self._options = options or ModelPolicyOptions()
        self._calibration = calibration or Calibration()
        self._reader = reader
        self._shortlist = Shortlist(places)
        self._chooser = Chooser(
            chat,
            ChoiceOptions(
                orders=self._options.orders, samples=self._options.samples, seed=self._options.seed
            ),
        )

    @property
    def name(self) -> str:
        """Name as given to `--policy`."""
        return self._name

    @property
    def model(self) -> str:
        """Name of the model, with its revision where that is known."""
        return self._chat.model

    @property
    def calibration(self) -> Calibration:
        """The temperatures in use."""
        return self._calibration

    @property
    def chat(self) -> ChatModel:
        """The model that is asked."""
        return self._chat

    def identity(self) -> Mapping[str, JsonValue]:
        """Return the temperatures in use, the digest of the prompts, and the mode `draft`."""
        own = (self._options.draft_system, self._options.draft_question)
        mode = {} if self._options.mode == "graph" else {"mode": self._options.mode}
        return {
            "calibration": self._calibration.model_dump(mode="json"),
            "prompts_sha256": prompts_sha256(own),
            **mode,
        }

    def begin_run(self) -> Self:
        """Return the policy of one run: in the mode `conversation` a copy that remembers it."""
        if self._options.mode != "conversation":
            return self
        run = copy.copy(self)
        run._chat = ConversationChat(self._chat)
        run._chooser = self._chooser.over(run._chat)
        return run

    async def aclose(self) -> None:
        """Let go of the model's connections in the running event loop."""
        await self._chat.aclose()

    async def draft(self, photo: Photo, clues: Sequence[Clue]) -> list[Clue]:
        """Return the reader's clues and those of the model's first chain of thought.

        Raises:
            PolicyError: the model cannot be asked, or gives no usable chain in two replies.
        """
        drawn = await self._reader.draft(photo, clues) if self._reader is not None else []
        if self._options.draft_tokens == 0:
            return drawn
        shown = await self._photo_picture(photo)
        request = draft_request(shown, [*clues, *drawn], self._options)
        source = f"{self._name}:{self._chat.model}"

        def read(reply: ChatReply) -> list[Clue]:
            chain = read_draft(reply)
            country, town = self._lookup.check(chain.answer)
            return clues_of_chain(chain, country, town, source)

        stated = await self._ask_until_usable(request, read, again_schema=self._chain_schema)
        return [*drawn, *stated]

    async def propose(self, situation: Situation) -> list[Hypothesis]:
        """Return the candidates with the model's calibrated shares, the likeliest first.

        Raises:
            PolicyError: the model cannot be asked or gives nothing usable.
        """
        if situation.level == "continent":
            named = self._lookup.continents()
        else:
            named = await self._candidate_places(situation)
        suggested = await self._reader.propose(situation) if self._reader is not None else []
        places = self._shortlist.complete(named, [h.place for h in suggested], situation)
        if not places:
            return []
        names = [option_label(place, places) for place in places]
        if situation.level != "continent":
            names.append(ELSEWHERE)
        photo = await self._photo_picture(situation.photo)
        weighed = await self._chooser.weigh(
            names,
            self._calibration.temperature(situation.level),
            f"choice.{situation.level}",
            lambda options: self._choice_messages(situation, photo, options),
        )
        log_choice(situation, places, weighed)
        shares = dict(zip((place.id for place in places), weighed.shares, strict=False))
        priors = shares
        if not self._options.vision:
            priors = _over_base_rates(shares, suggested)
        hypotheses = [
            Hypothesis(
                level=situation.level,
                place=place,
                prior=priors[place.id],
                probability=priors[place.id],
                reason=f"{self._chat.model}: {shares[place.id]:.1%} by {weighed}",
            )
            for place in places
        ]
        return sorted(hypotheses, key=lambda hypothesis: -hypothesis.prior)

    async def judge(self, situation: Situation, candidates: Sequence[Hypothesis]) -> Verdict:
        """Return the verdict: a clear candidate is accepted, otherwise the model decides.

        Raises:
            PolicyError: the model cannot be asked or gives nothing usable.
        """
        if self._options.judged_by == "reader" and self._reader is not None:
            return await self._reader.judge(situation, candidates)
        best = candidates[0]
        if best.probability >= self._options.accept_at:
            reason = f"{best.place.name} has {best.probability:.0%} after the evidence"
            return Verdict(decision="accept", place_id=best.place.id, reason=reason)
        # The evidence outranks the model: only what comes near to the best can be accepted.
        close = [c for c in candidates if c.probability >= 0.5 * best.probability][:8]
        offered = list(zip(LETTERS, close, strict=False))
        decisions = decisions_in(situation)
        letters = [letter for letter, _ in offered]
        question = prompts.verdict_question(
            situation.level, situation.within, offered, situation.references, decisions
        )
        shown = await self._pictures_to_show(situation)
        request = ChatRequest(
            purpose=f"verdict.{situation.level}",
            messages=(
                Message("system", (prompts.AGENT_SYSTEM,)),
                Message("user", (*shown, question)),
            ),
            max_tokens=self._options.turn_tokens,
            seed=self._options.seed + situation.attempt,
            schema=schemas.verdict_schema(decisions, letters),
        )
        return await self._ask_until_usable(
            request, lambda reply: read_verdict(reply.text, offered, decisions)
        )

    async def _candidate_places(self, situation: Situation) -> list[Place]:
        """Return the candidates that the model names, after the tools it wanted to use."""
        offered = self._tools.available_actions(vision=self._options.vision)
        names = self._shortlist.names_allowed(situation)
        parts: tuple[str | Picture, ...] = (
            *await self._pictures_to_show(situation),
            self._turn_text(situation, offered),
        )
        messages = [Message("system", (prompts.AGENT_SYSTEM,)), Message("user", parts)]
        for number in range(self._options.tool_turns + 1):
            if number == self._options.tool_turns:
                offered = ("propose", "answer")
            request = ChatRequest(
                purpose=f"turn.{situation.level}",
                messages=tuple(messages),
                max_tokens=self._options.turn_tokens,
                seed=self._options.seed + 10 * situation.attempt + number,
                schema=schemas.turn_schema(offered, names),
            )
            # Names that no gazetteer knows are no fault of form: the clues may know better.
            nothing = Turn("answer", {}, (), "")
            reader = self._turn_reader(offered, situation)
            turn = await self._ask_until_usable(request, reader, if_unknown=nothing)
            if turn.action in ("propose", "answer"):
                return list(turn.places)
            found = await self._tools.run(turn.action, turn.arguments, situation)
            room = self._options.pictures - sum(_count_pictures(message) for message in messages)
            shown = found.pictures[: max(0, room)]
            messages.append(Message("assistant", (turn.text,)))
            messages.append(Message("user", (*shown, prompts.tool_result(turn.action, found.text))))
        return []

    @cached_property
    def _chain_schema(self) -> schemas.Schema:
        return schemas.chain_schema([place.name for place in self._lookup.countries()])

    def _turn_reader(
        self, offered: Sequence[Action], situation: Situation
    ) -> Callable[[ChatReply], Turn]:
        def read(reply: ChatReply) -> Turn:
            chosen = read_object(reply.text).get("next")
            if not isinstance(chosen, dict) or chosen.get("action") not in offered:
                raise ReplyError(f"`next.action` must be one of: {', '.join(offered)}")
            action = cast("Action", chosen["action"])
            arguments = {key: value for key, value in chosen.items() if key != "action"}
            places: tuple[Place, ...] = ()
            if action == "propose":
                places = self._shortlist.resolve(arguments.get("candidates"), situation)
            elif action != "answer":
                arguments = self._tools.check_arguments(action, arguments)
            return Turn(action, arguments, places, reply.text)

        return read

    async def _ask_until_usable(
        self,
        request: ChatRequest,
        read: Callable[[ChatReply], ResultT],
        *,
        again_schema: Mapping[str, Any] | None = None,
        if_unknown: ResultT | None = None,
    ) -> ResultT:
        """Return a reply as `read` understands it; what it refuses goes back to the model once.

        `if_unknown` is returned where the second reply, too, names places that do not exist.

        Raises:
            PolicyError: the second reply cannot be used either.
        """
        reply = await ask(self._chat, request)
        try:
            return read(reply)
        except ReplyError as error:
            refused = str(error)
        echo = reply.text[: prompts.MAX_ECHO_CHARS] or "(nothing)"
        again = replace(
            request,
            purpose=f"{request.purpose}.again",
            messages=(
                *request.messages,
                Message("assistant", (echo,)),
                Message("user", (prompts.correction(refused),)),
            ),
            schema=again_schema or request.schema,
            seed=request.seed + 1,
        )
        reply = await ask(self._chat, again)
        try:
            return read(reply)
        except ReplyError as error:
            if if_unknown is not None and isinstance(error, UnknownPlaces):
                return if_unknown
            raise PolicyError(
                f"the model {self._chat.model} gave no usable {request.purpose} in two replies: "
                f"{error}; it wrote: {prompts.first_words(reply.text)}"
            ) from error

    def _choice_messages(
        self,
        situation: Situation,
        photo: tuple[Picture, ...],
        options: Sequence[tuple[str, str]],
    ) -> tuple[Message, ...]:
        # A model that sees the photo reads the signs itself; what the tools read is weighed as
        # evidence afterwards and must not count twice.
        clues = () if self._options.vision else situation.clues
        context = "\n".join(
            part for part in (prompts.clue_lines(clues), prompts.own_view(situation.clues)) if part
        )
        question = prompts.choice_question(situation.level, situation.within, context, options)
        return (
            Message("system", (prompts.CHOICE_SYSTEM,)),
            Message("user", (*photo, question)),
        )

    def _turn_text(self, situation: Situation, offered: Sequence[str]) -> str:
        ruled_out = self._shortlist.names_excluded(situation)
        text = prompts.turn_question(
            situation.level, situation.within, situation.clues, offered, ruled_out
        )
        if situation.references:
            text = f"{prompts.reference_lines(situation.references)}\n{text}"
        return text

    async def _pictures_to_show(self, situation: Situation) -> tuple[Picture, ...]:
        """Return the photo and the reference photos beside it."""
        if not self._options.vision:
            return ()
        others: tuple[Picture, ...] = ()
        if situation.references:
            others = await asyncio.to_thread(self._tools.pictures_of, situation.references)
        return (*await self._photo_picture(situation.photo), *others[: self._options.pictures - 1])

    async def _photo_picture(self, photo: Photo) -> tuple[Picture, ...]:
        if not self._options.vision:
            return ()
        kept = self._tools.printer.find_picture(photo)
        if kept is None:
            kept = await asyncio.to_thread(self._tools.printer.picture, photo)
        return (kept,)


def option_label(place: Place, among: Sequence[Place]) -> str:
    """Return what a place is called among the options of a choice."""
    alike = sum(other.name == place.name for other in among) > 1
    return f"{place.name} ({place.region})" if alike and place.region else place.name


def _over_base_rates(
    shares: Mapping[str, float], suggested: Sequence[Hypothesis]
) -> dict[str, float]:
    """Return the reader's priors moved by a text-only model's shares.

    Asked among names alone, such a model says little about how many photos come from where; its
    shares count relative to each other.
    """
    base = {h.place.id: h.prior for h in suggested if h.place.id in shares}
    if not base:
        return dict(shares)
    # what the reader leaves is spread over the places it does not list, and one part is elsewhere
    left = max(0.0, 1.0 - sum(base.values())) / (len(shares) - len(base) + 1)
    rates = {place_id: base.get(place_id, left) for place_id in shares}
    moved = {place_id: rates[place_id] * share for place_id, share in shares.items()}
    scale = min(1.0, sum(rates.values())) / sum(moved.values())
    return {place_id: scale * weight for place_id, weight in moved.items()}


def _count_pictures(message: Message) -> int:
    return sum(isinstance(part, Picture) for part in message.parts)
