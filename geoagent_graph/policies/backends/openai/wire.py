"""What a server's replies must look like; anything else is refused before it is used."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

LogProbability = Annotated[float, Field(le=1e-3, allow_inf_nan=False)]


class _Wire(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class TopToken(_Wire):
    """One of the likeliest tokens at a position."""

    token: str
    logprob: LogProbability


class TokenLogprobs(_Wire):
    """The likeliest tokens at one position."""

    top_logprobs: list[TopToken] = []


class Logprobs(_Wire):
    """Log-probabilities by position."""

    content: list[TokenLogprobs] | None = None


class ReplyMessage(_Wire):
    """The text of a reply."""

    content: str


class Choice(_Wire):
    """One reply."""

    message: ReplyMessage
    finish_reason: str | None = None
    logprobs: Logprobs | None = None


class TokenCounts(_Wire):
    """Tokens in and out."""

    prompt_tokens: Annotated[int, Field(ge=0)] = 0
    completion_tokens: Annotated[int, Field(ge=0)] = 0


class Completion(_Wire):
    """The body of a chat completion."""

    model: str
    choices: Annotated[list[Choice], Field(min_length=1)]
    usage: TokenCounts | None = None


class ModelMeta(_Wire):
    """What llama.cpp says about its model."""

    n_ctx: int | None = None


class ListedModel(_Wire):
    """One model that a server offers, and its context in tokens where the server says it."""

    id: str
    owned_by: str = ""
    max_model_len: int | None = None
    meta: ModelMeta | None = None

    @property
    def context_tokens(self) -> int | None:
        """Longest context, as vLLM or llama.cpp state it."""
        return self.max_model_len or (self.meta.n_ctx if self.meta else None)


class ModelList(_Wire):
    """The body of the list of models."""

    data: list[ListedModel]
