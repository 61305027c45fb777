"""A batch from its folder to its last shard: what is there stays, what is missing is made."""

import contextlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from geoagent_graph.batch.assembly import Assembly, find_unfinished
from geoagent_graph.batch.listing import BatchInput
from geoagent_graph.batch.options import BatchOptions, open_tools
from geoagent_graph.batch.plan import TEMPORARY, Plan, grow_plan, make_plan
from geoagent_graph.batch.shards import BatchCounts, ShardFolder, count_rows
from geoagent_graph.errors import InputError, PolicyError, StorageError
from geoagent_graph.held_file import hold_file
from geoagent_graph.regular_files import read_regular
from geoagent_graph.safe_text import visible
from geoagent_graph.toolbox import Toolbox
from geoagent_graph.whole_files import SHARED, make_folders, replace_file
from geoagent_graph.workers.worker_count import count_cpus

if TYPE_CHECKING:
    import pyarrow as pa

EngineName = Literal["local", "ray"]
Engine = Callable[["Iterator[pa.RecordBatch]", BatchOptions, int], "Iterator[pa.RecordBatch]"]
CHUNK_ROWS: Final = 16
MAX_POLICY_FAILURES_IN_A_ROW: Final = 64
MAX_ROUNDS: Final = 2
"""A round for all rows, and one more for those that a server or a disk failed for a while."""
OUTAGE_WAITS_SECONDS: Final = (60.0, 120.0, 240.0)
"""How long a run waits for a policy that answered before; each answer begins the waits anew."""
PLAN: Final = "plan.arrow"
CONDITIONS: Final = "batch.json"
_LOCK: Final = "batch.lock"
_GIVEN: Final = "given"  # how the input was first called
_MAX_CONDITIONS_BYTES: Final = 1 << 20


class BatchWatcher:
    """Hears how a batch goes; this one shows nothing."""

    def begin(self, rows: int, done: int, copies: int) -> None:
        """Hear how many rows there are, how many are done already, and how many are copies."""

    def add(self, failures: list[str], rows: int) -> None:
        """Hear of rows that came back, and of the kinds of those that failed."""

    def wait(self, seconds: float, reason: str) -> None:
        """Hear that the policy is away, and how long the run waits for it."""


@dataclass(frozen=True, slots=True)
class BatchRequest:
    """What to locate, with what, where to, and on which engine.

    `workers` are its processes, each on one photo at a time unless the options say otherwise.
    `shard_rows` None takes a size that suits the number of photos.
    """

    source: BatchInput
    out: Path
    options: BatchOptions
    engine: EngineName = "local"
    workers: int = 1
    shard_rows: int | None = None
    keeps_traces: bool = True
    watcher: BatchWatcher = field(default_factory=BatchWatcher)
    progress: Callable[[float, str], None] | None = None


@dataclass(frozen=True, slots=True)
class BatchReport:
    """What a batch came to: its counts, its shards, and how many rows this run located."""

    counts: BatchCounts
    shards: int
    located: int


def run_batch(request: BatchRequest) -> BatchReport:
    """Locate what is missing in a batch and return what it came to.

    Killed at any time, the next call does the rows of unfinished shards again and no others. Rows
    that failed for another reason than the photo are tried again.

    Raises:
        InputError: the folder holds another batch, or another process works on it.
        PolicyError: the policy failed for so many photos in a row that the rest would fail too,
            and had never answered, or was away for longer than the run waits.
        StorageError: the folder cannot be written; what is whole stays.
        GeoAgentError: the input cannot be listed, or the tools cannot be opened.
    """
    shards = ShardFolder(request.out, request.keeps_traces)
    with _hold_folder(request.out):
        tools = open_tools(request.options, request.progress)
        shards.prepare()
        plan = _open_plan(request, _conditions_of(request, tools.toolbox))
        progress, rounds = _Progress(), 0
        while rounds < MAX_ROUNDS and (unfinished := find_unfinished(plan, shards)):
            missing = sum(len(rows) for rows in unfinished.values())
            request.watcher.begin(plan.rows, plan.rows - missing, plan.copies)
            try:
                _run_round(request, Assembly(plan, shards, unfinished), progress)
                rounds += 1
            except PolicyError as error:
                _wait_for_policy(request.watcher, progress, error)
        return BatchReport(count_rows(shards, plan.shards), plan.shards, progress.located)


@dataclass
class _Progress:
    """What a run has located, whether its policy ever answered, and the waits since it did."""

    located: int = 0
    answered: bool = False
    waits: int = 0


def _wait_for_policy(watcher: BatchWatcher, progress: _Progress, error: PolicyError) -> None:
    """Wait for a policy that is away; one that never answered, or not for long, ends the run.

    Raises:
        PolicyError: it does.
    """
    if not progress.answered or progress.waits >= len(OUTAGE_WAITS_SECONDS):
        raise error
    seconds = OUTAGE_WAITS_SECONDS[progress.waits]
    progress.waits += 1
    watcher.wait(seconds, str(error))
    time.sleep(seconds)


def _run_round(request: BatchRequest, assembly: Assembly, progress: _Progress) -> None:
    """Locate what a round has; shards are written as they become whole.

    Raises:
        PolicyError: the policy failed for too many photos in a row.
    """
    failed_in_a_row = 0
    assembly.write_copies()
    chunks = assembly.chunks(chunk_rows(request.options))
    with contextlib.closing(
        _engine_of(request.engine)(chunks, request.options, request.workers)
    ) as run:
        for answers in run:
            rows = answers.to_pylist()
            progress.located += len(rows)
            kinds = [row["error_kind"] for row in rows]
            if None in kinds:
                progress.answered, progress.waits = True, 0
            for kind in kinds:
                if kind == PolicyError.__name__:
                    failed_in_a_row += 1
                elif kind is None:  # what is no photo says nothing of the policy
                    failed_in_a_row = 0
            request.watcher.add([kind for kind in kinds if kind is not None], len(rows))
            assembly.add(rows)
            if failed_in_a_row >= MAX_POLICY_FAILURES_IN_A_ROW:
                raise PolicyError(
                    f"{rows[-1]['error']} That was so for {failed_in_a_row} photos in a row; "
                    "finished shards are kept, and the same command goes on"
                )
    assembly.check_whole()


def usual_workers(engine: EngineName) -> int:
    """Return how many processes an engine gets where nobody says: one for each CPU it has.

    Raises:
        InputError: Ray is to do it and is not installed.
        ToolError: Ray could not be started.
    """
    return count_cpus(engine)


def chunk_rows(options: BatchOptions) -> int:
    """Return how many rows a process gets at a time: enough to keep its photos in flight."""
    return CHUNK_ROWS if options.in_flight == 1 else 4 * options.in_flight


def _engine_of(name: EngineName) -> Any:
    if name == "ray":
        from geoagent_graph.batch.ray_engine import locate_on_ray

        return locate_on_ray
    from geoagent_graph.batch.local_engine import locate_locally

    return locate_locally


def _open_plan(request: BatchRequest, conditions: dict[str, Any]) -> Plan:
    """Return the plan of the folder, with the photos that are new in its input."""
    path, source = request.out / PLAN, request.source
    before = _conditions_before(request.out, conditions)
    if before is not None and path.exists():
        # Rows are known by their names: the same folder may be given in another way now.
        source = replace(source, given=str(before.get(_GIVEN, source.given)))
        return grow_plan(Plan(path), path, source.list_photos(), may_grow=source.may_grow)
    plan = make_plan(path, source.list_photos(), request.shard_rows)
    content = json.dumps({**conditions, _GIVEN: source.given}, indent=2).encode()
    try:
        replace_file(request.out / CONDITIONS, [content], TEMPORARY, SHARED)
    except OSError as error:
        shown = visible(str(request.out), 200)
        raise StorageError(f"{shown}: cannot be written ({error.strerror})") from error
    return plan


@contextlib.contextmanager
def _hold_folder(out: Path) -> Iterator[None]:
    try:
        make_folders(out)
    except OSError as error:
        shown = visible(str(out), 200)
        raise StorageError(f"{shown}: the folder cannot be made ({error.strerror})") from error
    others = [path for path in out.iterdir() if not path.name.startswith(".")]
    if others and not (out / CONDITIONS).exists() and not (out / _LOCK).exists():
        raise InputError(f"{visible(str(out), 200)}: holds other files; name an empty folder")
    with hold_file(out / _LOCK):
        yield


def _conditions_of(request: BatchRequest, toolbox: Toolbox) -> dict[str, Any]:
    """Return what the answers of a batch depend on, as plain JSON."""
    from geoagent_graph.kept_answers import answer_conditions

    chosen, source = request.options, request.source
    return {
        "input": [source.location, *source.roots] if source.roots else source.location,
        "options": {
            "use_exif": chosen.use_exif,
            "budget": chosen.budget,
            "without_sources": list(chosen.without_sources),
        },
        "tools": json.loads(json.dumps(answer_conditions(toolbox), default=str)),
    }


def _conditions_before(out: Path, now: dict[str, Any]) -> dict[str, Any] | None:
    """Return with what a batch was begun here, None where none was.

    Raises:
        InputError: it was of another input, or with other tools.
        StorageError: what is kept of it cannot be read.
    """
    path, shown = out / CONDITIONS, visible(str(out), 200)
    if not path.exists():
        return None
    try:
        before = json.loads(read_regular(path, _MAX_CONDITIONS_BYTES))
    except (OSError, ValueError) as error:
        raise StorageError(f"{shown}: {CONDITIONS} cannot be used ({error})") from error
    changed = [key for key in now if not isinstance(before, dict) or before.get(key) != now[key]]
    if changed:
        raise InputError(
            f"{shown}: its answers were made with other {' and '.join(changed)} (see "
            f"{CONDITIONS}); name another folder"
        )
    return dict(before)
