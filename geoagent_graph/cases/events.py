"""The events of a trace, format `geotrace/1`: what stands on each line of a `*.geotrace.jsonl`.

Every line is one JSON object in canonical form (keys sorted, no spaces, ASCII). All events carry

* `event`: which of the kinds below it is;
* `seq`: 0, 1, 2, ... without a gap;
* `time`: when it was stored, ISO 8601 in UTC;
* `prev`: the `hash` of the line before, 64 zeros on the first;
* `hash`: SHA-256, in hex, of the canonical form of this event without `hash`.

So a changed, removed, added or moved line breaks the chain, unless everything after it is written
anew: whoever must be able to prove the whole keeps the last hash somewhere else, or a signature.
"""

import hashlib
import json
from typing import Annotated, Literal

from pydantic import Field, JsonValue, TypeAdapter

from geoagent_graph.questions import HumanInput, Question
from geoagent_graph.state import RunOptions
from geoagent_graph.types import Answer, FrozenModel, ImageRef, Json, Step

FORMAT = "geotrace/1"
FIRST_PREV = "0" * 64
Hex64 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Person = Annotated[str, Field(min_length=1, max_length=100)]
"""Who it was, by their own word: a name of the system, of a token, or as the settings say."""
Deed = Literal["viewed", "exported", "handed_on", "renamed", "changed"]


class Environment(FrozenModel):
    """What the run was made with.

    `packages` maps distributions to versions. `data_sha256` is the digest of the tables that come
    with the package (evidence, borders), `prompts_sha256` that of the prompts, None for a policy
    without a model. `index_sha256` is the digest of the reference index's manifest, which in turn
    names the digests of its files and its encoder.
    """

    python: str
    packages: dict[str, str]
    policy: str
    model: str | None = None
    encoder: str | None = None
    index_sha256: str | None = None
    data_sha256: str
    prompts_sha256: str | None = None


class ForkPoint(FrozenModel):
    """Where a branch leaves another one: after which step, and that event's hash."""

    branch: str
    step: Annotated[int, Field(ge=0)]
    hash: Hex64


class _Linked(FrozenModel):
    seq: Annotated[int, Field(ge=0)]
    time: str
    prev: Hex64
    hash: Hex64


class CaseOpened(_Linked):
    """The first line: which photo, under which options, with what."""

    event: Literal["case"]
    format: Literal["geotrace/1"]
    case: str
    branch: str
    image: ImageRef
    options: RunOptions
    warnings: tuple[str, ...]
    graph_version: int
    environment: Environment
    forked_from: ForkPoint | None = None
    person: Person | None = None


class StepTaken(_Linked):
    """A node of the graph has finished.

    `step.tools` holds every tool call with its arguments and the digest of its result; for `judge`
    `step.detail.hypotheses` holds every candidate with its probability before (`prior`) and after
    (`probability`) the evidence, and the evidence itself.
    """

    event: Literal["step"]
    step: Step


class QuestionAsked(_Linked):
    """The run waits for a person."""

    event: Literal["question"]
    question: Question


class PersonActed(_Linked):
    """A person replied, vetoed, or set a place in a fork."""

    event: Literal["human"]
    input: HumanInput


class NoteTaken(_Linked):
    """A person's note; it changes nothing in the run."""

    event: Literal["note"]
    text: str
    person: Person | None = None


class EnvironmentChanged(_Linked):
    """From here on the run was made with other versions, another policy or index."""

    event: Literal["environment"]
    environment: Environment


class RunFailed(_Linked):
    """A tool, a policy or a model failed and ended the run; it may have been resumed since."""

    event: Literal["failure"]
    error: str
    text: str


class CustodyNoted(_Linked):
    """Somebody viewed the case, took a file of it, handed its trace on, renamed or changed it.

    `way` is how they reached it; `detail` is the format of a file, the case's new name, or what
    they did: the change itself stands above.
    """

    event: Literal["custody"]
    action: Deed
    person: Person
    way: Annotated[str, Field(max_length=40)] = ""
    detail: Annotated[str, Field(max_length=200)] = ""

    @property
    def sentence(self) -> str:
        """What it says to people; names come from outside."""
        did = {
            "viewed": "viewed the case",
            "exported": f"took a file of it ({self.detail})",
            "handed_on": f"took its trace to hand on ({self.detail})",
            "renamed": f"renamed the case to {self.detail}",
            "changed": f"changed the case ({self.detail})",
        }[self.action]
        return f"{self.person} {did}{f', {self.way}' if self.way else ''}"


class TraceSigned(_Linked):
    """A person's key signs everything above: Ed25519 over `signing.message_of(prev)`, in base64."""

    event: Literal["signature"]
    person: Person
    public_key: Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]{43}=$")]
    signature: Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]{86}==$")]

    @property
    def sentence(self) -> str:
        """What it says to people; the name is the signer's own word."""
        return f"{self.person} signed everything above"


class Answered(_Linked):
    """The run has ended; the answer, its `tools` and `trace` left out: they are the steps above."""

    event: Literal["answer"]
    answer: Answer


TraceEvent = (
    CaseOpened
    | StepTaken
    | QuestionAsked
    | PersonActed
    | NoteTaken
    | EnvironmentChanged
    | RunFailed
    | CustodyNoted
    | TraceSigned
    | Answered
)
BESIDE_THE_RUN = frozenset({"custody", "signature"})
"""Events that say nothing of where the run stands."""
_EVENT: TypeAdapter[TraceEvent] = TypeAdapter(Annotated[TraceEvent, Field(discriminator="event")])


def canonical(content: JsonValue | Json) -> str:
    """Return the one way in which JSON content is written and hashed.

    Raises:
        ValueError: it holds NaN or an infinity.
    """
    return json.dumps(
        content, sort_keys=True, ensure_ascii=True, separators=(",", ":"), allow_nan=False
    )


def link(body: Json, seq: int, prev: str) -> Json:
    """Return an event's body with its place in the chain and its hash."""
    placed = {**body, "seq": seq, "prev": prev}
    return {**placed, "hash": digest_of(placed)}


def digest_of(event: Json) -> str:
    """Return the hash that an event must carry, in hex."""
    content = {key: value for key, value in event.items() if key != "hash"}
    return hashlib.sha256(canonical(content).encode("ascii")).hexdigest()


def event_of(line: Json) -> TraceEvent:
    """Return a line as a typed event.

    Raises:
        pydantic.ValidationError: it is no event of this format.
    """
    return _EVENT.validate_python(line)


def trace_schema() -> Json:
    """Return the JSON schema of one line of a trace."""
    return _EVENT.json_schema()
