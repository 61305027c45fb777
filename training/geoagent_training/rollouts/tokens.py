"""The tokens of one rollout: what the policy wrote, and what it was told, which is not learned."""

from collections.abc import Sequence
from typing import Any, Final

from geoagent_graph.policies.model.chat import ChatRequest
from geoagent_training.errors import ConfigError
from geoagent_training.rollouts.chat import OutOfRoom, Said, is_result
from geoagent_training.rollouts.tool_effects import blank_result
from geoagent_training.rollouts.turn_batches import GeneratedTurn, Turns, WantedTurn

MIN_ROOM_TOKENS: Final = 8
"""A turn is asked for only where at least this many tokens are left for it."""

_MARK: Final = "\x00words\x00"


class TurnWords:
    """What the chat template writes between two turns of the policy."""

    def __init__(self, processor: Any) -> None:
        """Take what a processor's chat template writes.

        Raises:
            ConfigError: it writes earlier turns differently later on.
        """
        self.tokenizer = processor.tokenizer
        self.end: int = self.tokenizer.eos_token_id
        before = [_template_turn("user", "question"), _template_turn("assistant", "reply")]
        start = processor.apply_chat_template(before, tokenize=False)
        whole = processor.apply_chat_template(
            [*before, _template_turn("user", _MARK)], tokenize=False, add_generation_prompt=True
        )
        end = self.tokenizer.eos_token
        head = start[: start.rindex(end) + len(end)]
        if not whole.startswith(head) or whole.count(_MARK) != 1:
            raise ConfigError(
                "rollouts: graph: the chat template writes earlier turns differently later"
            )
        self._opening, self._closing = whole[len(head) :].split(_MARK)

    def letter_tokens(self, letters: Sequence[str]) -> tuple[int, ...]:
        """Return the token of each letter."""
        return tuple(
            self.tokenizer(one, add_special_tokens=False)["input_ids"][0] for one in letters
        )

    def tokens(self, told: str, last: int) -> list[int]:
        """Return the tokens from the end of one reply to the beginning of the next.

        Args:
            told: the user's turn.
            last: the last token of the reply before; where it does not end a turn, that is done.
        """
        text = f"{self._opening}{told}{self._closing}"
        tokens: list[int] = self.tokenizer(text, add_special_tokens=False)["input_ids"]
        return tokens if last == self.end else [self.end, *tokens]


class TokenSpeaker:
    """A `Speaker` that keeps every token of its conversation, and which of them are the policy's.

    `mask` is 1 for tokens the policy wrote and 0 for those of its environment; `logprobs` are 0.0
    there, or None throughout where the sampler reports none. `turns_in_other_tokens` counts replies
    whose tokens are others than a server makes of their text.
    """

    def __init__(
        self, row: int, prompt: list[int], limit: int, words: TurnWords, turns: Turns
    ) -> None:
        self._row = row
        self._limit = limit
        self._words = words
        self._turns = turns
        self.prompt = prompt
        self.completion: list[int] = []
        self.mask: list[int] = []
        self.logprobs: list[float] | None = []
        self._since_choice: list[tuple[str, list[int]]] = []
        self._at_choice = 0
        self.turns = 0
        self.turns_in_other_tokens = 0

    async def say(self, told: str | None, request: ChatRequest) -> Said:
        """Return the policy's reply to what it is told.

        Raises:
            OutOfRoom: fewer than `MIN_ROOM_TOKENS` tokens would be left for it.
        """
        heard = [] if told is None else self._words.tokens(told, self.completion[-1])
        wanted = self._wanted_turn(self.completion, heard, request)
        turn = await self._turns.turn(wanted)
        if not request.aside:
            self._append_tokens(heard, [0.0] * len(heard), learned=0)
            self._append_tokens(turn.tokens, turn.logprobs, learned=1)
            self._remember_turn(
                (told or "") if is_result(request) else "", heard, turn.tokens, request
            )
        ends = {self._words.end, self._words.tokenizer.pad_token_id}
        text = self._words.tokenizer.decode(turn.tokens, skip_special_tokens=True)
        if not request.aside:
            self._count_turn(text, [token for token in turn.tokens if token not in ends])
        return Said(
            text,
            turn.tokens[-1] not in ends,
            _letter_logprobs(request.letters, turn),
            len(wanted.tokens),
            len(turn.tokens),
        )

    async def say_without_results(self, told: str | None, request: ChatRequest) -> Said:
        """Return the reply to a choice with blank results since the last one; nothing is kept."""
        tokens = self.completion[: self._at_choice]
        for result, said in self._since_choice:
            tokens += self._words.tokens(blank_result(result), tokens[-1]) if result else []
            tokens += said
        heard = self._words.tokens(told or "", tokens[-1])
        turn = await self._turns.turn(self._wanted_turn(tokens, heard, request))
        return Said("", cut=True, letter_logprobs=_letter_logprobs(request.letters, turn))

    def _wanted_turn(
        self, said: Sequence[int], heard: Sequence[int], request: ChatRequest
    ) -> WantedTurn:
        room = self._limit - len(said) - len(heard)
        if room < MIN_ROOM_TOKENS:
            raise OutOfRoom(f"{request.purpose}: {len(heard)} tokens and a reply do not fit")
        return WantedTurn(
            self._row,
            (*self.prompt, *said, *heard),
            min(request.max_tokens, room),
            self._words.letter_tokens(request.letters),
        )

    def _remember_turn(
        self, result: str, heard: list[int], said: list[int], request: ChatRequest
    ) -> None:
        """Keep what was said since the last choice, each result of a tool apart from the rest."""
        if request.letters:
            self._since_choice.clear()
            self._at_choice = len(self.completion)
        else:
            self._since_choice.append((result, said if result else [*heard, *said]))

    def close(self) -> None:
        """End the last turn of a conversation that came to its end, as the chat template does."""
        if self.completion[-1] != self._words.end:
            self._append_tokens([self._words.end], [0.0], learned=0)

    def _count_turn(self, text: str, tokens: list[int]) -> None:
        self.turns += 1
        again = self._words.tokenizer(text, add_special_tokens=False)["input_ids"]
        self.turns_in_other_tokens += again != tokens

    def _append_tokens(
        self, tokens: list[int], logprobs: list[float] | None, *, learned: int
    ) -> None:
        self.completion += tokens
        self.mask += [learned] * len(tokens)
        if logprobs is None or self.logprobs is None:
            self.logprobs = None
        else:
            self.logprobs += logprobs


def _letter_logprobs(letters: Sequence[str], turn: GeneratedTurn) -> dict[str, float] | None:
    """Return what the sampler reports; of what it does not report nothing stands there."""
    if not letters:
        return None
    found = zip(letters, turn.letter_logprobs, strict=True)
    return {letter: logprob for letter, logprob in found if logprob is not None}


def _template_turn(role: str, text: str) -> dict[str, Any]:
    return {"role": role, "content": [{"type": "text", "text": text}]}
