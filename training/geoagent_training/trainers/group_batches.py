"""Batches of groups of answers, spread over the processes of a run; groups move whole."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

_OF_PHOTO: Final = frozenset({"inputs", "prompts", "prompt_ids", "images"})
"""Columns that are the same for all answers to one photo: they travel once."""


class GroupBatch:
    """The answers of this process by column, and the rewards of all processes.

    Groups are numbered over all processes, which hold equally many, in the order of their ranks.
    """

    def __init__(self, columns: Mapping[str, list[Any]], rewards: Any, size: int) -> None:
        """Take columns with an entry for each answer.

        Args:
            columns: what belongs to the answers of this process; changed in place by moves.
            rewards: of the answers of all processes, [answers, rewards].
            size: answers of one group.
        """
        self.columns = columns
        self.rewards = rewards
        self.size = size

    @property
    def count(self) -> int:
        """How many groups all processes hold."""
        return len(self.rewards) // self.size

    @property
    def own_count(self) -> int:
        """How many groups each process holds."""
        return len(self.columns["inputs"]) // self.size

    def rank_of(self, group: int) -> int:
        """Return the process that holds a group."""
        return group // self.own_count

    def group_columns(self, group: int) -> dict[str, list[Any]]:
        """Return what belongs to a group that this process holds; once what is of its photo."""
        part = self._places(group)
        return {
            name: values[part][:1] if name in _OF_PHOTO else values[part]
            for name, values in self.columns.items()
        }

    def put_group(self, group: int, columns: Mapping[str, list[Any]]) -> None:
        """Put another group in the place of one that this process holds."""
        part = self._places(group)
        for name, values in self.columns.items():
            given = columns[name]
            values[part] = given * self.size if name in _OF_PHOTO else given

    def _places(self, group: int) -> slice:
        at = group % self.own_count
        return slice(at * self.size, (at + 1) * self.size)


def move_groups(
    accelerator: Any, batch: GroupBatch, source: GroupBatch, moves: Sequence[tuple[int, int]]
) -> None:
    """Put groups of a source in the places of others; every process calls it with the same moves.

    Args:
        accelerator: of the run.
        batch: where groups are replaced.
        source: where they come from; it may be the batch itself.
        moves: pairs of the place in the batch and the group of the source that goes there.
    """
    rank = accelerator.process_index
    afar = {old for new, old in moves if batch.rank_of(new) != source.rank_of(old)}
    held = {old: source.group_columns(old) for _, old in moves if source.rank_of(old) == rank}
    if afar:
        held |= _gathered({old: columns for old, columns in held.items() if old in afar})
    for new, old in moves:
        if batch.rank_of(new) == rank:
            batch.put_group(new, held[old])
        size = batch.size
        rewards = source.rewards[old * size : (old + 1) * size]
        batch.rewards[new * size : (new + 1) * size] = rewards


def _gathered(sent: dict[int, Any]) -> dict[int, Any]:
    """Return what all processes sent; all of them must come here."""
    from accelerate.utils import gather_object

    return {group: columns for one in gather_object([sent]) for group, columns in one.items()}
