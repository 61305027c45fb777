"""Looks after the cases of a store: finds them, tags them, puts them away, names them anew."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from geoagent_graph.call_threads import run_in_thread
from geoagent_graph.cases.case_search import CaseSearch
from geoagent_graph.cases.custody import CaseDeed, add_deeds, use_no_tools
from geoagent_graph.cases.labels import Labels, change_tags, lock_labels, read_labels, write_labels
from geoagent_graph.cases.locks import acquire_lock, release_at_end
from geoagent_graph.cases.names import check_name
from geoagent_graph.cases.storage import file_errors, is_begun
from geoagent_graph.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from geoagent_graph.cases.store import CaseStore

MAX_LOCK_SECONDS = 0.3


def search_cases(store: "CaseStore", wanted: CaseSearch) -> list[str]:
    """Return the names of the cases that are meant, the one changed last first."""
    names = store.names()
    if wanted.is_narrow:
        return [case.name for case in store.summaries(names) if wanted.finds(case)]
    return [n for n in names if wanted.finds_filed(read_labels(store.folder(n)).archived)]


def labels_of(store: "CaseStore", name: str) -> Labels:
    """Return the tags of a case, and whether it is put away.

    Raises:
        InputError: there is no such case.
    """
    return read_labels(store.folder(name))


def file_case(
    store: "CaseStore",
    name: str,
    *,
    add: Sequence[str] = (),
    remove: Sequence[str] = (),
    archived: bool | None = None,
) -> Labels:
    """Return how a case is filed after tags were added and removed, or it was put away.

    Raises:
        InputError: there is no such case, or a tag is none or is not there.
        CaseHeld: others file all the time.
        StorageError: it cannot be written.
    """
    folder = store.folder(name)
    with lock_labels(folder, name):
        before = read_labels(folder)
        tags = change_tags(before.tags, add, remove)
        labels = Labels(tags=tags, archived=before.archived if archived is None else archived)
        write_labels(folder, name, labels)
    return labels


async def rename_case(
    store: "CaseStore", name: str, new: str, person: str | None = None, way: str = ""
) -> None:
    """Give a case another name: its folder moves, and its traces say who named it so.

    Raises:
        InputError: there is no such case, or the new name is taken or none.
        CaseHeld: a process works on it.
        StorageError: it cannot be moved.
    """
    _require_free_name(store, new)
    async with store.hold(name, use_no_tools) as case:
        deed = CaseDeed("renamed", person or store.person, way, new)
        for branch in await case.database.branches():
            await add_deeds(await case.at(branch), [deed])
    await run_in_thread(_move_case, store, name, new)


def _require_free_name(store: "CaseStore", new: str) -> None:
    if store.has(check_name(new)) and _holds_a_case(store.folder(new)):
        raise InputError(f"{new}: there is a case of that name; choose another one")


def _holds_a_case(folder: "Path") -> bool:
    return is_begun(folder / "case.sqlite") or any(folder.glob("*.jsonl"))


def _move_case(store: "CaseStore", name: str, new: str) -> None:
    folder = store.folder(name)
    lock = acquire_lock(folder, name, MAX_LOCK_SECONDS)
    with release_at_end(lock), file_errors(name):
        _require_free_name(store, new)
        target = folder.with_name(new)
        if target.is_dir():  # what a case that was never begun left
            for left in target.iterdir():
                left.unlink()
            target.rmdir()
        folder.rename(target)
