"""Blocks of Arrow rows through actors of Ray, on this machine or a cluster.

An actor that dies is replaced and its block tried again; then the rows of the block go out one by
one. On other machines the actors need this package, and what they open, under the same paths, and
the environment that holds keys.
"""

import contextlib
import sys
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from geoagent_graph.errors import GeoAgentError, InputError, ToolError
from geoagent_graph.settings import prepare_ray

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pyarrow as pa

    from geoagent_graph.workers.block_processes import BlockWork

MAX_TRIES: Final = 2
"""Of a block, and then of each of its rows alone: an actor may end for a reason of its machine."""
MAX_FAILED_STARTS: Final = 3
"""Of actors, one after the other, before Ray is given up."""
_BLOCKS_PER_ACTOR: Final = 2  # so that none waits for the next rows
_NEEDS: Final = "--engine ray: needs the extra `ray`; install geoagent-graph[ray]"
_OWN_ERRORS: Final = f"{InputError.__module__}."
_STARTED_HERE: Final[list[bool]] = []
"""Holds something while this process is connected to Ray through what is below."""


class LostActorError(Exception):
    """The actor ended while it worked on a row, every time."""


class BlockActor:
    """Answers blocks of rows; Ray makes one in each of its processes."""

    def __init__(
        self, open_answer: "Callable[[], Callable[[pa.RecordBatch], pa.RecordBatch]]"
    ) -> None:
        from geoagent_graph.allocator import bound_memory

        bound_memory()
        self._open_answer = open_answer
        self._answer: Callable[[pa.RecordBatch], pa.RecordBatch] | None = None

    def begin(self) -> "_Reply":
        """Open what answers blocks; the reply says why that cannot be done."""
        try:
            self._answer = self._open_answer()
        except GeoAgentError as error:
            return _Reply(fault=str(error))
        return _Reply()

    def answer(self, content: bytes) -> "_Reply":
        """Return the answers to a packed block, or why no actor can answer any."""
        assert self._answer is not None
        try:
            return _Reply(pack_block(self._answer(unpack_block(content))))
        except GeoAgentError as error:
            return _Reply(fault=str(error))


@dataclass(frozen=True, slots=True)
class _Reply:
    """What an actor made of a block, packed, or why none can make anything of it."""

    content: bytes = b""
    fault: str = ""


@dataclass(slots=True)
class _Job:
    """A block to be answered, and how often an actor ended over it."""

    block: "pa.RecordBatch"
    lost: int = 0


@dataclass(slots=True)
class _Actor:
    """An actor, what says that it is there, and its jobs, the one it works on first."""

    handle: Any
    begun: Any
    is_there: bool = False
    jobs: "deque[tuple[Any, _Job]]" = field(default_factory=deque)


def import_ray() -> Any:
    """Return the module `ray`, kept from reporting its use.

    Raises:
        InputError: Ray is not installed.
    """
    prepare_ray()
    try:
        import ray
    except ImportError as error:
        raise InputError(_NEEDS) from error
    return ray


def count_cluster_cpus() -> int:
    """Return the CPUs of the cluster, to which this process stays connected for `map_on_ray`.

    Without a cluster Ray is started here, and the CPUs are those of this machine.

    Raises:
        InputError: Ray is not installed.
        ToolError: Ray could not be started.
    """
    ray = import_ray()
    with _told_apart(ray):
        _connect(ray)
        return max(1, int(ray.cluster_resources().get("CPU", 1)))


def map_on_ray(
    blocks: "Iterator[pa.RecordBatch]", work: "BlockWork", workers: int
) -> "Iterator[pa.RecordBatch]":
    """Yield what is answered to blocks, as it is done.

    The rows of a block that ended its actors, or failed as a whole, are tried one by one: the one
    that does it becomes a failure.

    Args:
        blocks: small ones; each goes to an actor whole.
        work: what actors do; it is pickled.
        workers: actors at most; each takes one CPU, and starts when one is free.

    Raises:
        InputError: Ray is not installed.
        ToolError: Ray could not be started, or gave up, or what an actor raised, in its words.
    """
    ray = import_ray()
    with _told_apart(ray):
        _connect(ray)
        actors = _Actors(ray, work, workers)
        try:
            yield from actors.run(blocks)
        finally:
            actors.end()
            if _STARTED_HERE:
                ray.shutdown()
                _STARTED_HERE.clear()


def _connect(ray: Any) -> None:
    """Connect to the cluster, or start Ray here, where that was not done before."""
    if not ray.is_initialized():
        ray.init(include_dashboard=False, log_to_driver=False, logging_level="error")
        _STARTED_HERE.append(True)


@contextlib.contextmanager
def _told_apart(ray: Any) -> "Iterator[None]":
    """Keep what Ray tells from stdout, which is for results, and its errors short.

    Raises:
        ToolError: one of them.
    """
    with contextlib.redirect_stdout(sys.stderr):
        try:
            yield
        except ray.exceptions.RayError as error:
            raise ToolError(words_of(str(error))) from error


class _Actors:
    """The actors of a run; one that ends is replaced here, so that what it did is known."""

    def __init__(self, ray: Any, work: "BlockWork", workers: int) -> None:
        self._ray = ray
        self._work = work
        self._workers = workers
        self._class = ray.remote(num_cpus=1, max_restarts=0, max_task_retries=0)(BlockActor)
        self._open_answer = ray.put(work.open_answer)
        self._actors: list[_Actor] = []
        self._waiting: deque[_Job] = deque()
        self._failed_starts = 0

    def run(self, blocks: "Iterator[pa.RecordBatch]") -> "Iterator[pa.RecordBatch]":
        """Yield the answers to blocks.

        Raises:
            ToolError: what an actor raised, in its words.
        """
        while True:
            self._take_blocks(blocks)
            self._start_actors()
            self._hand_out()
            busy = {actor.jobs[0][0]: actor for actor in self._actors if actor.jobs}
            if not busy and not self._waiting:
                return
            starting = {actor.begun: actor for actor in self._actors if not actor.is_there}
            done, _ = self._ray.wait([*busy, *starting], num_returns=1)
            if done[0] in busy:
                yield from self._take_reply(busy[done[0]])
            else:
                self._welcome(starting[done[0]])

    def end(self) -> None:
        """End all actors, whatever they do."""
        for actor in self._actors:
            self._ray.kill(actor.handle)
        self._actors.clear()

    def _take_blocks(self, blocks: "Iterator[pa.RecordBatch]") -> None:
        given = sum(len(actor.jobs) for actor in self._actors)
        while given + len(self._waiting) < _BLOCKS_PER_ACTOR * self._workers:
            block = next(blocks, None)
            if block is None:
                return
            self._waiting.append(_Job(block))

    def _start_actors(self) -> None:
        """Start an actor for each block that no idle one can take, as far as allowed."""
        idle = sum(not actor.jobs for actor in self._actors)
        for _ in range(min(len(self._waiting) - idle, self._workers - len(self._actors))):
            handle = self._class.remote(self._open_answer)
            self._actors.append(_Actor(handle, handle.begin.remote()))

    def _hand_out(self) -> None:
        """Give each actor that is there a block, and then each a second one."""
        for held in range(_BLOCKS_PER_ACTOR):
            for actor in self._actors:
                if self._waiting and actor.is_there and len(actor.jobs) == held:
                    job = self._waiting.popleft()
                    reply = actor.handle.answer.remote(pack_block(job.block))
                    actor.jobs.append((reply, job))

    def _welcome(self, actor: _Actor) -> None:
        """Note that an actor is there, or that it could not start.

        Raises:
            ToolError: what it needs cannot be opened.
            RayError: none could start, several times over.
        """
        try:
            begun = self._ray.get(actor.begun)
        except self._ray.exceptions.RayError:
            self._failed_starts += 1
            self._actors.remove(actor)
            if self._failed_starts >= MAX_FAILED_STARTS:
                raise
        else:
            if begun.fault:
                raise ToolError(begun.fault)
            actor.is_there, self._failed_starts = True, 0

    def _take_reply(self, actor: _Actor) -> "Iterator[pa.RecordBatch]":
        """Yield what an actor made of its first block; see that a lost one is tried again."""
        reply, job = actor.jobs.popleft()
        try:
            made = self._ray.get(reply)
        except self._ray.exceptions.RayTaskError as error:  # a fault of ours: it would come again
            yield from self._divide(job, error)
        except self._ray.exceptions.RayError:
            self._actors.remove(actor)
            self._ray.kill(actor.handle)  # it may live, cut off from here
            self._waiting.extendleft(other for _, other in reversed(actor.jobs))
            job.lost += 1
            if job.lost < MAX_TRIES:
                self._waiting.appendleft(job)
            else:
                yield from self._divide(job, LostActorError())
        else:
            if made.fault:
                raise ToolError(made.fault)
            yield unpack_block(made.content)

    def _divide(self, job: _Job, error: Exception) -> "Iterator[pa.RecordBatch]":
        """Have the rows of a block tried one by one; yield the failure of a row that was."""
        if job.block.num_rows == 1:
            yield self._work.fail(job.block, error)
        else:
            rows = reversed(range(job.block.num_rows))
            self._waiting.extendleft(_Job(job.block.slice(row, 1)) for row in rows)


def pack_block(block: "pa.RecordBatch") -> bytes:
    """Return a block as bytes; a slice takes its own rows alone."""
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, block.schema) as stream:
        stream.write_batch(block)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def unpack_block(content: bytes) -> "pa.RecordBatch":
    """Return the block of some bytes."""
    import pyarrow as pa

    with pa.ipc.open_stream(content) as stream:
        return stream.read_next_batch()


def words_of(trace: str) -> str:
    """Return what an error of Ray is about: the last one of ours in its text, else its end.

    The error itself does not come with it from another process.
    """
    lines = [line.strip() for line in trace.splitlines() if line.strip()]
    ours = [line.partition(": ")[2] for line in lines if line.startswith(_OWN_ERRORS)]
    return ours[-1] if ours else f"Ray gave up: {lines[-1] if lines else 'it says no reason'}"
