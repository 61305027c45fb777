"""Uses of a tool to learn from before GRPO with `rollouts: environment`: look up, then answer."""

from collections.abc import Sequence
from typing import Any

from datasets import Dataset
from PIL import Image as Pictures

from geoagent_training.data.chat_rows import chain_text
from geoagent_training.data.rows import ReasonedPhoto
from geoagent_training.data.sources import SourceRow
from geoagent_training.data.tables import picture_cell, table_of_conversations
from geoagent_training.recipe import SftRecipe
from geoagent_training.rollouts.tool_prompts import AGENT_SYSTEM
from geoagent_training.rollouts.tool_transcripts import ToolStep, tool_transcript
from geoagent_training.rollouts.tools import open_agent_tools


def environment_table(recipe: SftRecipe, rows: Sequence[SourceRow]) -> Dataset:
    """Return one conversation for each row that has a chain: a name looked up, then the chain.

    The tool is really run, and the conversation has what it said.

    Raises:
        DataError: no row has a chain.
    """
    open_agent_tools(recipe.index)
    cells = [
        {**_transcript_of_row(row, row.photo, recipe), "images": [picture_cell(row)]}
        for row in rows
        if isinstance(row.photo, ReasonedPhoto)
    ]
    return table_of_conversations(cells, rows)


def _transcript_of_row(row: SourceRow, photo: ReasonedPhoto, recipe: SftRecipe) -> dict[str, Any]:
    name = photo.precise or photo.region or photo.country
    look_up = ToolStep("I look the name up.", "verify", {"name": name})
    with Pictures.open(row.open_photo()) as picture:
        return tool_transcript(
            picture,
            [look_up],
            chain_text(photo.chain, "think_answer"),
            system=recipe.system_prompt or AGENT_SYSTEM,
            question=recipe.question_prompt,
        )
