"""The memory that glibc keeps is bounded."""

import platform
import subprocess
import sys


def test_memory_is_bounded_where_glibc_allocates() -> None:
    code = "from geoagent_graph.allocator import bound_memory; print(bound_memory())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(platform.libc_ver()[0] == "glibc")
