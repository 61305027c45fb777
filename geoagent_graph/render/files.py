"""Files that are there whole or not at all."""

from pathlib import Path

from geoagent_graph.errors import InputError, StorageError
from geoagent_graph.safe_text import visible
from geoagent_graph.whole_files import ENDING, SHARED, remove_orphans, replace_file

_TEMPORARY = ".geoagent-"


def check_target(path: Path, option: str) -> None:
    """Refuse an output file that can be seen to be impossible before any work is done.

    Raises:
        InputError: the path is a folder, or its folder does not exist.
    """
    try:
        if path.is_dir():
            raise InputError(f"{option} {visible(str(path))}: is a folder; name a file")
        if not path.parent.is_dir():
            raise InputError(f"{option} {visible(str(path))}: its folder does not exist; create it")
    except OSError as error:
        raise InputError(f"{option} {visible(str(path), 200)}: {error.strerror}") from error


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file, text as UTF-8, under a temporary name beside it and rename it into place.

    A link is followed; a device or a pipe (`/dev/stdout`) is written to as it is.

    Raises:
        StorageError: the folder is read-only, the disk is full, the name is too long, ...; the
            old file, where there was one, is untouched.
    """
    encoded = content.encode("utf-8", "replace") if isinstance(content, str) else content
    try:
        target = path.resolve()
        if target.exists() and not target.is_file():
            target.write_bytes(encoded)
        else:
            remove_orphans(target.parent, f"{_TEMPORARY}*{ENDING}")
            replace_file(target, [encoded], _TEMPORARY, SHARED)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise StorageError(
            f"{visible(str(path), 200)}: cannot be written ({error.strerror or error}); "
            "free some space or choose another place"
        ) from error
