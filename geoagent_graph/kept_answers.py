"""Many photos into one file of answers that a later run can complete.

Each line is one photo: `{"photo", "options", "answer"}` or `{"photo", "options", "error"}`; of
photos with the same bytes the first is located and has a line. A line
is written and flushed as soon as the photo and all before it are done; after a kill at most the
photos in flight are done again, and a half-written last line is dropped.

It stands beside `api`, not below it: whether an answer still counts is what `cases` records of the
environment it was made in.
"""

import asyncio
import contextlib
import hashlib
import json
import os
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from geoagent_graph.api import Outcome, locate_many, name_answer
from geoagent_graph.errors import InputError, StorageError
from geoagent_graph.held_file import hold_file
from geoagent_graph.images.endings import PHOTO_ENDINGS
from geoagent_graph.images.file_uri import local_path
from geoagent_graph.regular_files import open_regular
from geoagent_graph.settings import load_settings
from geoagent_graph.state import RunOptions, dump
from geoagent_graph.toolbox import Toolbox
from geoagent_graph.types import Answer

MAX_LINE_BYTES = 64 << 20
Span = tuple[int, int]  # where a line begins in the file, and its length, in bytes


@dataclass(frozen=True, slots=True)
class BatchItem:
    """One photo of a batch; `kept` is True where its answer was in the file already."""

    photo: Path
    answer: Answer | None
    error: str | None
    kept: bool


def find_copies(photos: Sequence[object]) -> list[int]:
    """Return for every photo the number of the first one with the same bytes, often its own.

    Only files of one length are read; what is no file is no copy.
    """
    by_size: dict[int, list[int]] = {}
    for number, photo in enumerate(photos):
        with contextlib.suppress(OSError):
            if isinstance(photo, Path):
                by_size.setdefault(photo.stat().st_size, []).append(number)
    first_of = list(range(len(photos)))
    for alike in by_size.values():
        seen: dict[str, int] = {}
        for number in alike if len(alike) > 1 else ():
            photo = photos[number]
            assert isinstance(photo, Path)
            digest = _file_digest(photo)
            if digest is not None:
                first_of[number] = seen.setdefault(digest, number)
    return first_of


def photos_in(folder: Path) -> list[Path]:
    """Return the photos of a folder and its folders, by name.

    Raises:
        InputError: there is no such folder, or no photo in it.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder")
    found = sorted(
        p for p in folder.rglob("*") if p.suffix.lower() in PHOTO_ENDINGS and p.is_file()
    )
    if not found:
        raise InputError(f"{folder}: no photos in it ({', '.join(PHOTO_ENDINGS)})")
    return found


async def locate_and_keep(
    photos: Sequence[Path],
    out: Path,
    *,
    toolbox: Toolbox,
    options: RunOptions | None = None,
    concurrency: int = 16,
    names: Sequence[str] | None = None,
) -> AsyncIterator[BatchItem]:
    """Yield one item per photo in the order given, and keep the answers in `out`.

    Photos whose answer stands in `out`, for the same bytes, options, policy, model, calibration,
    index and tables, are not located again; those that failed or were answered without the policy
    are. One photo that fails stops no other.

    Args:
        photos: paths; the same photo may come twice.
        out: a JSON Lines file; made where it is missing.
        toolbox: tools and policy.
        options: choices for every run; None takes the settings' defaults.
        concurrency: most photos in flight. A server with continuous batching wants many.
        names: what the photos are called in `out` and in the answers; their paths where None.

    Raises:
        InputError: `out` holds something else, or another run writes to it.
        StorageError: `out` cannot be read or written.
    """
    with hold_file(out):
        async with contextlib.aclosing(
            _locate_missing(photos, names, out, toolbox, options, concurrency)
        ) as items:
            async for item in items:
                yield item


async def _locate_missing(
    photos: Sequence[Path],
    names: Sequence[str] | None,
    out: Path,
    toolbox: Toolbox,
    options: RunOptions | None,
    concurrency: int,
) -> AsyncGenerator[BatchItem]:
    chosen = options or RunOptions(budget=load_settings().budget)
    key = {**dump(chosen), **await asyncio.to_thread(answer_conditions, toolbox)}
    done = await asyncio.to_thread(_find_answers, out, key)
    photos = [Path(local_path(str(photo))) for photo in photos]
    names = [str(photo) for photo in photos] if names is None else names
    digests = [await asyncio.to_thread(_file_digest, photo) for photo in photos]
    missing = _photos_to_locate(digests, done)
    run = locate_many(
        [photos[n] for n in missing],
        toolbox=toolbox,
        options=chosen,
        concurrency=concurrency,
        names=[names[n] for n in missing],
    )
    waiting, failed = set(missing), dict[str, str]()
    for number, photo in enumerate(photos):
        digest = digests[number] or ""
        if number not in waiting and digest in failed:  # the same photo again
            yield BatchItem(photo, None, failed[digest], kept=False)
            continue
        if number not in waiting:
            answer = await asyncio.to_thread(_answer_at, out, done[digest])
            yield BatchItem(photo, name_answer(answer, names[number]), None, kept=True)
            continue
        outcome = await anext(run)
        span = await asyncio.to_thread(_append_line, out, _entry_line(names[number], key, outcome))
        error = str(outcome.error) if outcome.error is not None else None
        if error is None:
            done[digest] = span
        else:
            failed[digest] = error
        yield BatchItem(photo, outcome.answer, error, kept=False)


def _photos_to_locate(digests: Sequence[str | None], done: Mapping[str, Span]) -> list[int]:
    """Return which photos have no answer yet; of several with the same bytes the first."""
    missing, seen = [], set(done)
    for number, digest in enumerate(digests):
        if digest is None or digest not in seen:
            missing.append(number)
        if digest is not None:
            seen.add(digest)
    return missing


def answer_conditions(toolbox: Toolbox) -> dict[str, Any]:
    """Return what else an answer depends on: policy, model, calibration, index, sources, tables."""
    from geoagent_graph.cases.environment import environment_of

    made = dump(environment_of(toolbox))
    left_out = list(toolbox.without_sources)
    return {
        **({"without_sources": left_out} if left_out else {}),
        **{key: value for key, value in made.items() if key not in ("python", "packages")},
        "calibration": None,
        **toolbox.policy.identity(),
    }


def _entry_line(name: str, key: dict[str, Any], outcome: Outcome) -> str:
    entry: dict[str, Any] = {"photo": name, "options": key}
    if outcome.answer is not None:
        entry["answer"] = dump(outcome.answer)
    else:
        entry["error"] = str(outcome.error)
    return json.dumps(entry, ensure_ascii=False) + "\n"


def _find_answers(out: Path, key: dict[str, Any]) -> dict[str, Span]:
    """Return where answers are, by digest of the photo; a last line without its end is cut off.

    No answer is kept: thousands of them take gigabytes.
    """
    found: dict[str, Span] = {}
    try:
        with open_regular(out) as file:
            start = 0
            for number, line in enumerate(_lines_of(file), start=1):
                if not line.endswith(b"\n"):
                    os.truncate(out, start)
                    break
                digest = _answered_photo(line, key, f"{out}: line {number}")
                if digest is not None:
                    found[digest] = start, len(line)
                start += len(line)
    except OSError as error:
        raise StorageError(f"{out}: cannot be read or written ({error.strerror})") from error
    return found


def _lines_of(file: BinaryIO) -> Iterator[bytes]:
    while line := file.readline(MAX_LINE_BYTES + 1):
        if len(line) > MAX_LINE_BYTES:
            raise InputError(
                f"{file.name}: a line is longer than {MAX_LINE_BYTES:,} bytes; name another file"
            )
        yield line


def _answered_photo(line: bytes, key: dict[str, Any], where: str) -> str | None:
    """Return the digest of the photo that a line answers under these conditions, else None."""
    try:
        entry = json.loads(line)
        if entry["options"] == key and "answer" in entry:
            answer = Answer.model_validate(entry["answer"])
            return answer.image.sha256 if answer.policy == key["policy"] else None
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(f"{where} is no answer of a batch; name another file") from error
    return None


def _answer_at(out: Path, span: Span) -> Answer:
    """Return the answer of a line that was found before."""
    start, length = span
    try:
        with open_regular(out) as file:
            file.seek(start)
            return Answer.model_validate(json.loads(file.read(length))["answer"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StorageError(f"{out}: was changed while it was read; run it again") from error


def _append_line(out: Path, line: str) -> Span:
    """Add a line and return where it is."""
    encoded = line.encode()
    try:
        with open_regular(out, mode="ab") as file:
            file.write(encoded)
            file.flush()
            os.fsync(file.fileno())
            return file.tell() - len(encoded), len(encoded)
    except OSError as error:
        raise StorageError(f"{out}: cannot be written ({error.strerror})") from error


def _file_digest(photo: Path) -> str | None:
    """Return the digest a photo has in the image store; None where it cannot be read."""
    try:
        with open_regular(photo) as file:
            return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
    except OSError:
        return None
