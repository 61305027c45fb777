"""A PostgreSQL server of the tests' own: on a socket in a temporary folder, gone afterwards.

It needs Debian's `postgresql` (its `initdb` and `pg_ctl`, found on PATH or below /usr/lib) and the
Python packages of the `dev` extra, `langgraph-checkpoint-postgres` and `psycopg[binary]`.
"""

import contextlib
import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

_UNPRIVILEGED = "postgres"  # the server refuses to run as root


@contextlib.contextmanager
def postgres_server() -> Iterator[str]:
    """Yield the address of an empty database; skip the test where there is no PostgreSQL."""
    if importlib.util.find_spec("psycopg") is None:
        pytest.skip("needs langgraph-checkpoint-postgres and psycopg[binary], of the dev extra")
    programs = _programs()
    with tempfile.TemporaryDirectory(prefix="pg-") as name:
        folder = Path(name)
        owner = _UNPRIVILEGED if os.geteuid() == 0 else None
        if owner is not None:
            shutil.chown(folder, owner)
        data = folder / "data"
        initialise = ["-U", "agent", "-A", "trust", "--no-sync", "--no-instructions", "-E", "UTF8"]
        _call(programs / "initdb", ["-D", str(data), *initialise], owner)
        served = f"-c listen_addresses='' -c fsync=off -k {folder}"
        control = ["-D", str(data), "-s", "-w"]
        log = str(folder / "log")
        _call(programs / "pg_ctl", [*control, "-l", log, "-o", served, "start"], owner)
        try:
            yield f"postgresql:///postgres?host={folder}&user=agent"
        finally:
            _call(programs / "pg_ctl", [*control, "-m", "immediate", "stop"], owner)


def _programs() -> Path:
    """Return the folder of the server's programs; skip the test where there is none."""
    on_path = [Path(found).resolve().parent] if (found := shutil.which("initdb")) else []
    below = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in (*on_path, *below):
        if (folder / "pg_ctl").exists():
            return folder
    pytest.skip("needs a PostgreSQL server: apt-get install postgresql")


def _call(program: Path, arguments: list[str], owner: str | None) -> None:
    done = subprocess.run(
        [program, *arguments], user=owner, cwd="/", capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        pytest.skip(f"{program.name} does not work here: {done.stderr.strip()[-200:]}")
