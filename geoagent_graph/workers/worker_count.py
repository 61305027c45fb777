"""How many processes an engine starts where nobody says."""

import os
from typing import Literal


def count_cpus(engine: Literal["local", "ray"]) -> int:
    """Return the CPUs that an engine can use: this machine's, or those of the cluster.

    Raises:
        InputError: Ray is to do it and is not installed.
        ToolError: Ray could not be started.
    """
    if engine == "ray":
        from geoagent_graph.workers.block_actors import count_cluster_cpus

        return count_cluster_cpus()
    return os.cpu_count() or 1
