"""The paper's protocol: one question, one chain, and the place that it states.

No tool is asked and no evidence weighed; the graph runs as ever, so that steps, cases and answers
have their usual form. What the model states is claimed with the least probability that an answer
claims anything with, for a chain says nothing of how often it is right.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from geoagent_graph.errors import PolicyError
from geoagent_graph.policies.model.chat import ask
from geoagent_graph.policies.model.draft import draft_request, read_draft
from geoagent_graph.policies.model.draft_clues import ANSWER_STAGE, clues_of_chain
from geoagent_graph.policies.model.policy import ModelPolicy
from geoagent_graph.policies.model.prompts import first_words
from geoagent_graph.policies.model.replies import ReplyError
from geoagent_graph.protocols import (
    NOTHING_RULED_OUT,
    EvidenceModel,
    Photo,
    PointEstimate,
    RuledOut,
    Situation,
)
from geoagent_graph.types import Clue, Evidence, Hypothesis, Level, Place, Reference, Verdict

if TYPE_CHECKING:
    from geoagent_graph.toolbox import Toolbox

NOTICE: Final = (
    "mode draft: the place is what one chain of the model states; nothing else was asked, and its "
    "probability was not measured"
)


class DraftPolicy(ModelPolicy):
    """Implements `Policy` with one question to a model; see `ModelPolicy` for its arguments."""

    async def draft(self, photo: Photo, clues: Sequence[Clue]) -> list[Clue]:
        """Return the clues of the model's one chain of thought.

        Raises:
            PolicyError: the model cannot be asked, or its reply names no place that is known.
        """
        request = draft_request(await self._photo_picture(photo), clues, self._options)
        reply = await ask(self._chat, request)
        try:
            chain = read_draft(reply)
            country, town = self._lookup.check(chain.answer)
        except ReplyError as error:
            raise PolicyError(
                f"the model {self._chat.model} gave no usable chain: {error}; it wrote: "
                f"{first_words(reply.text)}"
            ) from error
        return clues_of_chain(chain, country, town, f"{self._name}:{self._chat.model}")

    async def propose(self, situation: Situation) -> list[Hypothesis]:
        """Return the place that the chain states at the level; none where it states none there."""
        place = self._stated_place(situation.level, situation.clues)
        if place is None or place.id in situation.excluded:
            return []
        share = self._options.stated_share if situation.level == "continent" else 1.0
        return [
            Hypothesis(
                level=situation.level,
                place=place,
                prior=share,
                probability=share,
                reason=f"{self._chat.model} states it",
            )
        ]

    async def judge(self, situation: Situation, candidates: Sequence[Hypothesis]) -> Verdict:
        """Return that what the chain states is accepted."""
        del situation
        return Verdict(
            decision="accept", place_id=candidates[0].place.id, reason="the chain states it"
        )

    def _stated_place(self, level: Level, clues: Sequence[Clue]) -> Place | None:
        stated = next(
            (
                clue.attributes
                for clue in clues
                if clue.kind == "policy" and clue.attributes.get("stage") == ANSWER_STAGE
            ),
            {},
        )
        country = self._lookup.country_of(stated.get("country_code"))
        if country is None or level == "country":
            return country
        if level == "continent":
            code = country.continent_code
            return next((p for p in self._lookup.continents() if p.continent_code == code), None)
        if "town" not in stated:
            return None
        return self._lookup.town(stated["town"], country, stated.get("region", ""))


class StatedPlace:
    """An `EvidenceModel` that weighs nothing: the point is that of the place that was accepted."""

    def __init__(self, evidence: EvidenceModel) -> None:
        self._evidence = evidence

    def score(
        self,
        candidate: Place,
        within: Place | None,
        clues: Sequence[Clue],
        references: Sequence[Reference],
    ) -> list[Evidence]:
        """Return no evidence: nothing speaks for or against a place but the chain."""
        del candidate, within, clues, references
        return []

    def locate(
        self,
        within: Place | None,
        clues: Sequence[Clue],
        references: Sequence[Reference],
        ruled_out: RuledOut = NOTHING_RULED_OUT,
    ) -> PointEstimate:
        """Return the point of a place, and the radius that holds photos taken there."""
        del clues, references
        return self._evidence.locate(within, (), (), ruled_out)


def draft_tools(toolbox: "Toolbox", *, vision: bool) -> "Toolbox":
    """Return the toolbox of a run of one question: a model that sees the photo gets it alone."""
    from dataclasses import replace

    return replace(
        toolbox,
        evidence=StatedPlace(toolbox.evidence),
        text_reader=None if vision else toolbox.text_reader,
        exif_reader=None,
        retriever=None,
        classifier=None,
        notices=(*toolbox.notices, NOTICE),
    )
