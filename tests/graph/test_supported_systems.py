"""On Windows one sentence is said, by the command and by the package, and no traceback."""

import subprocess
import sys

from geoagent_graph.supported_systems import NOT_ON_WINDOWS, unsupported_system_words
from tests.support.paths import ROOT

# As there: modules that only POSIX has cannot be imported.
_LIKE_WINDOWS = (
    "import os, sys\n"
    "for name in ('fcntl', 'resource', 'pwd', 'grp', 'termios'):\n"
    "    sys.modules[name] = None\n"
    "import geoagent_graph.supported_systems as systems\n"
    "systems.os = type('os', (), {'name': 'nt'})\n"
)


def _run(code: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", _LIKE_WINDOWS + code], capture_output=True, text=True, cwd=ROOT
    )


def test_the_command_says_one_sentence() -> None:
    done = _run("from geoagent_graph.cli.app import main\nmain(['locate', 'photo.jpg'])")
    assert done.returncode == 1
    assert done.stderr == f"geoagent: error: {NOT_ON_WINDOWS}\n"


def test_the_package_says_it_where_a_name_is_imported() -> None:
    done = _run(
        "try:\n    from geoagent_graph import locate_sync\n"
        "except ImportError as error:\n    print(error)"
    )
    assert done.stdout == f"{NOT_ON_WINDOWS}\n"


def test_posix_systems_are_supported() -> None:
    assert unsupported_system_words("posix") is None
