"""The tags of a case and whether it is put away: `labels.json` beside its traces.

They say nothing of the photo and are no part of the trace: whoever cleans up changes no evidence.
"""

import contextlib
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field, ValidationError

from geoagent_graph.cases.locks import OF_LABELS, acquire_lock, release_at_end, require_folder
from geoagent_graph.cases.storage import file_errors
from geoagent_graph.errors import InputError
from geoagent_graph.regular_files import read_regular
from geoagent_graph.safe_text import visible
from geoagent_graph.types import FrozenModel
from geoagent_graph.whole_files import OWNER_ONLY, remove_orphans, replace_file

LABELS_NAME: Final = "labels.json"
MAX_TAGS: Final = 50
MAX_TAG_CHARS: Final = 60
MAX_LABEL_BYTES: Final = 1 << 16
MAX_LOCK_SECONDS: Final = 5.0
_TEMPORARY: Final = ".labels-"
Tag = Annotated[str, Field(min_length=1, max_length=MAX_TAG_CHARS)]


class Labels(FrozenModel):
    """How a case is filed: its tags, in the order of the alphabet, and whether it is put away."""

    format: Literal["geolabels/1"] = "geolabels/1"
    tags: Annotated[tuple[Tag, ...], Field(max_length=MAX_TAGS)] = ()
    archived: bool = False


def read_labels(folder: Path) -> Labels:
    """Return how the case of a folder is filed; not at all where its file cannot be read."""
    try:
        return Labels.model_validate_json(read_regular(folder / LABELS_NAME, MAX_LABEL_BYTES))
    except (OSError, ValidationError):
        return Labels()


def write_labels(folder: Path, name: str, labels: Labels) -> None:
    """Store how a case is filed; within `lock_labels`.

    Raises:
        StorageError: it cannot be written.
    """
    with file_errors(name):
        remove_orphans(folder, f"{_TEMPORARY}*")
        content = labels.model_dump_json(exclude_defaults=True).encode()
        replace_file(folder / LABELS_NAME, [content], _TEMPORARY, OWNER_ONLY)


@contextlib.contextmanager
def lock_labels(folder: Path, name: str) -> Iterator[None]:
    """Keep others from filing cases meanwhile; the folder keeps the time of its last change.

    The lock lies above the cases: made in the folder it would be a change of it.

    Raises:
        CaseHeld: others file all the time.
        CaseNotFound: it was deleted or renamed.
    """
    home = folder.parents[1]
    with release_at_end(acquire_lock(home, name, MAX_LOCK_SECONDS, OF_LABELS)):
        require_folder(folder, name)
        before = folder.stat()
        yield
        with contextlib.suppress(OSError):  # somebody else's folder: the case counts as changed
            os.utime(folder, ns=(before.st_atime_ns, before.st_mtime_ns))


def change_tags(
    before: Sequence[str], add: Iterable[str], remove: Iterable[str]
) -> tuple[str, ...]:
    """Return tags with some more and some fewer, each once, whatever its case.

    Raises:
        InputError: one is empty or long, one to be removed is not there, or there are too many.
    """
    found = {tag.casefold(): tag for tag in before}
    for tag in map(check_tag, remove):
        if found.pop(tag.casefold(), None) is None:
            named = ", ".join(found.values()) or "none"
            raise InputError(f"{visible(tag)}: is no tag of the case; there is: {named}")
    for tag in map(check_tag, add):
        found.setdefault(tag.casefold(), tag)
    if len(found) > MAX_TAGS:
        raise InputError(f"tags: a case has at most {MAX_TAGS}")
    return tuple(sorted(found.values(), key=str.casefold))


def check_tag(tag: str) -> str:
    """Return a tag on one line.

    Raises:
        InputError: it is empty, too long, or cannot be shown.
    """
    plain = re.sub(r"\s+", " ", tag).strip()
    if not plain or len(plain) > MAX_TAG_CHARS or not plain.isprintable():
        raise InputError(f"{visible(tag, 80)}: no tag; take 1 to {MAX_TAG_CHARS} letters")
    return plain
