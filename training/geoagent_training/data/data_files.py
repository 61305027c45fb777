"""Where the files of a data set are: a file, a folder, or a repository on the Hub that is named.

    data: {path: "hub:owner/name@revision", split: train}

Nothing is fetched unless a path begins with `hub:`. What was fetched stays in the cache of
`huggingface_hub` and is found there with `HF_HUB_OFFLINE=1`.
"""

import json
import logging
import re
from pathlib import Path
from typing import Final

from geoagent_training.data.record_files import READ_SUFFIXES
from geoagent_training.errors import DataError

log = logging.getLogger(__name__)

HUB: Final = "hub:"
_NAME: Final = re.compile(
    r"hub:(?P<name>[\w.-]+/[\w.-]+)(?:@(?P<revision>[\w.-]+))?(?:/(?P<folder>[^*?\[\]]+))?"
)
# As `datasets` finds splits: a word of the path, set off by what is no letter.
_SPLIT_WORDS: Final = {
    "train": "train|training",
    "validation": "validation|valid|val|dev",
    "test": "test|testing|eval|evaluation",
}
_SAVED: Final = "state.json"  # of `Dataset.save_to_disk`


def hub_problem(path: Path) -> str | None:
    """Return what is wrong with the name of a data set on the Hub; None for other paths too."""
    text = str(path)
    if not text.startswith(HUB) or (_NAME.fullmatch(text) and ".." not in path.parts):
        return None
    return f"{text} is no data set on the Hub: write hub:owner/name@revision or .../name/folder"


def data_files(path: Path, split: str | None = None) -> tuple[list[Path], Path]:
    """Return the files of rows, and the folder that names of photos begin in.

    Args:
        path: a file, a folder, or `hub:owner/name@revision/folder`.
        split: which files of a folder, where their names tell; `train` where not given.

    Raises:
        DataError: there is none, the split is not there, or the Hub does not answer.
    """
    found = fetch_data_set(path) if str(path).startswith(HUB) else path
    if found.is_file():
        if split is not None:
            raise DataError(f"{path}: it is one file, so split: {split} means nothing")
        return [found], found.parent
    if not found.is_dir():
        raise DataError(f"{path}: there is no such data set")
    return _files_of_split(path, found, split), found


def fetch_data_set(path: Path) -> Path:
    """Return the folder of a data set on the Hub, fetched where the cache does not have it.

    Raises:
        DataError: it is not there, or the Hub cannot be reached.
    """
    problem = hub_problem(path)
    match = _NAME.fullmatch(str(path))
    if problem or match is None:
        raise DataError(str(problem))
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    folder = match["folder"]
    try:
        fetched = snapshot_download(
            match["name"],
            repo_type="dataset",
            revision=match["revision"],
            allow_patterns=None if folder is None else [folder, f"{folder.rstrip('/')}/**"],
        )
    except (OSError, HfHubHTTPError, HFValidationError, ValueError) as error:
        said = " ".join(str(error).split())
        raise DataError(f"{path}: it cannot be fetched from the Hub: {said[:400]}") from error
    log.info("%s is revision %s", path, Path(fetched).name)
    return Path(fetched, folder or "")


def _files_of_split(path: Path, folder: Path, split: str | None) -> list[Path]:
    files = _row_files(folder)
    if not files:
        raise DataError(f"{path}: the folder holds no Parquet, JSON lines, CSV or Arrow files")
    parts: dict[str, list[Path]] = {}
    for file in files:
        parts.setdefault(_split_of(file.relative_to(folder)), []).append(file)
    if split is None and (len(parts) == 1 or "train" not in parts):
        return files
    wanted = split or "train"
    chosen = parts.get(_canonical(wanted)) or [
        file for file in files if wanted in (file.stem, *file.relative_to(folder).parts)
    ]
    if not chosen:
        raise DataError(f"{path}: it has no split {wanted}, only {', '.join(sorted(parts))}")
    if split is None:
        log.info("%s: the split train is used, of %s", path, ", ".join(sorted(parts)))
    return chosen


def _row_files(folder: Path) -> list[Path]:
    """Return the files of the first kind that is there; a saved data set says which are its own."""
    saved = [_saved_files(state) for state in sorted(folder.rglob(_SAVED))]
    if saved:
        return [file for files in saved for file in files]
    for suffix in (".parquet", ".jsonl", ".csv", ".json"):
        assert suffix in READ_SUFFIXES
        if files := sorted(folder.rglob(f"*{suffix}")):
            return files
    return []


def _saved_files(state: Path) -> list[Path]:
    try:
        names = json.loads(state.read_text(encoding="utf-8"))["_data_files"]
        files = [state.parent / Path(entry["filename"]).name for entry in names]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{state}: it is not what save_to_disk writes: {error}") from error
    missing = [file for file in files if not file.is_file()]
    if missing:
        raise DataError(f"{missing[0]}: {state} names it, but it is missing")
    return files


def _split_of(name: Path) -> str:
    for split, words in _SPLIT_WORDS.items():
        if re.search(rf"(?<![a-z])(?:{words})(?![a-z])", name.as_posix().lower()):
            return split
    return "train" if len(name.parts) == 1 else name.parts[0]


def _canonical(split: str) -> str:
    found = [s for s, words in _SPLIT_WORDS.items() if re.fullmatch(words, split.lower())]
    return found[0] if found else split
