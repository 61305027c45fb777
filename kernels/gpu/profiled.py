"""One large launch of each kernel that matters, for a profiler to look at.

ncu ... python kernels/gpu/profiled.py
python kernels/gpu/profiled.py --dry-run       no GPU: small launches through the stub driver
"""

import argparse
import contextlib
import sys
from pathlib import Path

KERNELS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(KERNELS / folder) for folder in ("", "aot", "bench")]

import geoagent_kernels as g
import torch
from pairs import clustered, sphere

LARGE, SMALL = 1_000_000, 64
TOWNS = 144_563


def main() -> None:
    """Launch."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dry-run", action="store_true", help="launch through the stub driver")
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        if options.dry_run:
            from stub_driver import recorded_launches

            stack.enter_context(recorded_launches())
            launch_each(SMALL, SMALL, torch.device("cpu"))
            return
        launch_each(LARGE, TOWNS, torch.device("cuda"))
        torch.cuda.synchronize()


def launch_each(rows: int, towns: int, device: torch.device) -> None:
    """Spatial, batch and advantage rewards of `rows` answers, a search and a top-k of as many."""
    generator = torch.Generator().manual_seed(0)
    pred, true = (sphere(n, generator).to(device) for n in (rows, rows // 8))
    table = torch.randn(max(8, rows // 20), 384, device=device, dtype=torch.bfloat16)
    ids = [
        torch.randint(0, len(table), (n, 3), device=device, dtype=torch.int32)
        for n in (rows, rows // 8)
    ]
    g.spatial_reward(pred, true)
    rewards = g.geo_batch_reward(pred, true, table, *ids)
    g.group_advantage(rewards.total, 8)
    corpus = torch.randn(rows, 384, device=device, dtype=torch.bfloat16)
    for penalty in (0.0, 1e-4):
        where = {"query_latlon": pred[:512], "corpus_latlon": pred} if penalty else {}
        g.geo_topk(corpus[:512], corpus, 8, penalty_per_km=penalty, **where)
    g.PlaceIndex(clustered(towns, generator).to(device)).nearest(pred)


if __name__ == "__main__":
    main()
