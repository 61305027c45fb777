"""Files of the Hugging Face hub, by `huggingface_hub`: its endpoint, its offline switch, its token.

The library's own download keeps nothing of a file that was broken off by the end of the process;
its `http_get`, which goes on behind what is there, is what brings the bytes here.
"""

import importlib.util
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from geoagent_graph.errors import InputError, WeightsError
from geoagent_graph.installation import extra_command
from geoagent_graph.regular_files import open_regular
from geoagent_graph.weights.entry import MAX_FILES, Entry, HubSource, require_plain_path
from geoagent_graph.weights.supplier import Plan, PlannedFile

if TYPE_CHECKING:
    from huggingface_hub.hf_api import ModelInfo

_LIST_SECONDS: Final = 30.0
_ADVICE: Final = "On a machine without a network: `geoagent weights pull {name} --from FOLDER`"


class HubSupplier:
    """The files of one repository."""

    def __init__(self, name: str, source: HubSource) -> None:
        if importlib.util.find_spec("huggingface_hub") is None:
            raise InputError(f"{name}: the hub needs huggingface_hub: {extra_command('weights')}")
        self._name = name
        self._source = source

    def plan(self, entry: Entry, revision: str | None) -> Plan:
        """Return the files at the pinned commit, or at the branch's newest where none is pinned."""
        wanted = self._source.revision or revision or self._source.branch
        info = self._read_listing(wanted)
        if self._source.revision or revision:
            self._require_commit(wanted, info.sha)
        there = {file.path: file for file in _plain_files(info)}
        if self._source.patterns:
            names = [path for path in there if _matches(path, self._source.patterns)]
        else:
            names = [file.path for file in entry.files]
        missing = [path for path in names if path not in there]
        if missing or not 1 <= len(names) <= MAX_FILES:
            raise WeightsError(
                f"{self._name}: {self._source.repository} has no {', '.join(missing) or 'weights'} "
                f"at revision {info.sha}"
            )
        return Plan(self._source.repository, info.sha, tuple(there[path] for path in names))

    def _require_commit(self, wanted: str, found: str | None) -> None:
        if found != wanted:
            raise WeightsError(
                f"{self._name}: the hub answers with revision {found} where {wanted} is pinned; "
                "nothing was fetched"
            )

    def _read_listing(self, revision: str) -> "ModelInfo":
        from huggingface_hub import HfApi

        with self._report_faults(revision):
            return HfApi().model_info(
                self._source.repository,
                revision=revision,
                files_metadata=True,
                timeout=_LIST_SECONDS,
            )

    def fetch(self, plan: Plan, file: PlannedFile, part: Path) -> None:
        """Write a file; goes on behind what is in `part` already."""
        from huggingface_hub import hf_hub_url
        from huggingface_hub.file_download import http_get
        from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]

        url = hf_hub_url(plan.repository, file.path, revision=plan.revision)
        _quiet_unless_watched()
        with self._report_faults(plan.revision or ""), open_regular(part, mode="ab") as out:
            http_get(
                url,
                out,
                resume_size=out.tell(),
                headers=build_hf_headers(),  # sizes and digests are compared by the puller
                displayed_filename=file.path,
            )

    @contextmanager
    def _report_faults(self, revision: str) -> Iterator[None]:
        """Turn the library's faults into one sentence; those of the disk stay as they are."""
        import httpx
        from huggingface_hub import errors

        advice = _ADVICE.format(name=self._name)
        try:
            yield
        except errors.OfflineModeIsEnabled as error:
            raise WeightsError(
                f"{self._name}: HF_HUB_OFFLINE switches the network off; unset it. {advice}"
            ) from error
        except errors.RevisionNotFoundError as error:
            raise WeightsError(
                f"{self._name}: {self._source.repository} no longer has revision {revision}, which "
                "is pinned; nothing was fetched"
            ) from error
        except errors.HfHubHTTPError as error:
            status = getattr(error.response, "status_code", "no status")
            raise WeightsError(
                f"{self._name}: the hub refuses {self._source.repository} (HTTP {status}). {advice}"
            ) from error
        except (httpx.HTTPError, ConnectionError) as error:
            raise WeightsError(
                f"{self._name}: the hub cannot be reached ({type(error).__name__}); check the "
                f"network or HF_ENDPOINT. {advice}"
            ) from error


def _plain_files(info: "ModelInfo") -> Iterator[PlannedFile]:
    for sibling in info.siblings or ():
        try:
            path = require_plain_path(sibling.rfilename)
        except ValueError:
            continue  # such as .gitattributes
        large: Any = sibling.lfs
        yield PlannedFile(path, sibling.size, large.sha256 if large is not None else None)


def _matches(path: str, patterns: tuple[str, ...]) -> bool:
    return "/" not in path and any(Path(path).match(pattern) for pattern in patterns)


def _quiet_unless_watched() -> None:
    """Show the library's progress on a terminal alone, and its advice never."""
    from huggingface_hub.utils import disable_progress_bars  # type: ignore[attr-defined]

    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
    if not sys.stderr.isatty():
        disable_progress_bars()
