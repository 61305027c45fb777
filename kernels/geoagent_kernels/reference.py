"""Every operation in float64 PyTorch: the definition and the test oracle.

Arguments are as in the public functions of the same name and are not checked again here.
Results are float64. Formulas and their sources are listed in kernels/README.md.
"""

import math
from collections.abc import Callable, Sequence
from typing import Literal

import torch
from torch import Tensor

EARTH_RADIUS_KM = 6371.0088
"""Mean radius of the WGS84 ellipsoid; papers' figures use 6371.0."""

ROWS_PER_BLOCK = 16384
"""Row-wise work is cut into blocks whose temporaries stay in a core's cache."""

PAIRS_PER_BLOCK = 1 << 20
"""The largest table of pairs (row x candidate) that exists at any time."""

_HALF_DEGREE = math.pi / 360
_LEVEL_BITS = torch.tensor([1, 2, 4], dtype=torch.uint8)


def valid_coordinates(latlon: Tensor) -> Tensor:
    """[..., 2] -> bool [...]: finite, |latitude| <= 90, |longitude| <= 180 (NaN compares false)."""
    lat, lon = latlon.unbind(-1)
    return (lat.abs() <= 90) & (lon.abs() <= 180)


def great_circle_km(a: Tensor, b: Tensor, *, radius_km: float = EARTH_RADIUS_KM) -> Tensor:
    """[..., 2], [..., 2] -> [...] kilometres on the sphere, NaN where a point is invalid.

    Haversine and its complement, each a sum of non-negative terms:
    `p = sin^2(dlat/2) + c sin^2(dlon/2)`, `q = sin^2((lat1+lat2)/2) + c cos^2(dlon/2)`,
    `c = cos lat1 cos lat2`, `p + q = 1`, `d = 2 r atan2(sqrt p, sqrt q)`. Neither near zero nor
    near the antipode does anything cancel.
    """
    if a.shape == b.shape and a.dim() > 1 and a.shape[:-1].numel() > ROWS_PER_BLOCK:
        pairs = (torch.split(x.reshape(-1, 2), ROWS_PER_BLOCK) for x in (a, b))
        parts = [great_circle_km(*block, radius_km=radius_km) for block in zip(*pairs, strict=True)]
        return torch.cat(parts).view(a.shape[:-1])
    return _distance_and_validity(a, b, radius_km)[0]


def _distance_and_validity(a: Tensor, b: Tensor, radius_km: float) -> tuple[Tensor, Tensor]:
    lat_a, lon_a = a.double().unbind(-1)
    lat_b, lon_b = b.double().unbind(-1)
    size_a, size_b = lat_a.abs(), lat_b.abs()
    valid = (size_a <= 90) & (lon_a.abs() <= 180) & (size_b <= 90) & (lon_b.abs() <= 180)
    # The cosine as the sine of the angle to the nearer pole: exact where it is small.
    cosines = ((90 - size_a) * (2 * _HALF_DEGREE)).sin()
    cosines = cosines * ((90 - size_b) * (2 * _HALF_DEGREE)).sin()
    half_dlon = (lon_a - lon_b) * _HALF_DEGREE
    near = ((lat_a - lat_b) * _HALF_DEGREE).sin().square() + cosines * half_dlon.sin().square()
    far = ((lat_a + lat_b) * _HALF_DEGREE).sin().square() + cosines * half_dlon.cos().square()
    distance = torch.atan2(near.sqrt(), far.sqrt()) * (2 * radius_km)
    return torch.where(valid, distance, math.nan), valid


def pairwise_km(a: Tensor, b: Tensor, *, radius_km: float = EARTH_RADIUS_KM) -> Tensor:
    """[..., I, 2], [..., J, 2] -> [..., I, J] kilometres, NaN where a point is invalid.

    `d = 2 r atan2(|u - v|, |u + v|)` of unit vectors: equal to `great_circle_km`
    to a hundredth of a millimetre, with one arc tangent a pair instead of six functions.
    """
    u, v = (unit_vectors(x).masked_fill(~valid_coordinates(x)[..., None], math.nan) for x in (a, b))
    exact = "donot_use_mm_for_euclid_dist"
    chord = torch.cdist(u, v, compute_mode=exact)
    return torch.atan2(chord, torch.cdist(u, -v, compute_mode=exact)).mul_(2 * radius_km)


def spatial_reward(
    pred: Tensor,
    true: Tensor,
    *,
    taus_km: Sequence[float],
    weights: Sequence[float],
    cutoff_km: float,
    radius_km: float,
) -> tuple[Tensor, Tensor, Tensor]:
    """Return `sum_k w_k exp(-d / tau_k)` below the cut-off, the distance, and validity, each [N].

    One scale of weight 1 is the paper's spatial reward; several are `multiscale_reward`.
    """

    def block(pred: Tensor, true: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        distance, valid = _distance_and_validity(pred, true, radius_km)
        reward = torch.exp(distance * (-1 / taus_km[0])).mul_(weights[0])
        for tau_km, weight in zip(taus_km[1:], weights[1:], strict=True):
            reward += torch.exp(distance * (-1 / tau_km)) * weight
        reward = torch.where(distance < cutoff_km, reward, 0.0)
        return reward.flatten(), distance.flatten(), valid.flatten()

    reward, distance, valid = _in_blocks(block, ROWS_PER_BLOCK, true, pred)
    return reward, distance, valid


def geoscore(distance_km: Tensor, *, scale_km: float) -> Tensor:
    """`5000 exp(-d / scale)`; 0 where the distance is NaN or negative."""
    distance = distance_km.double()
    return torch.where(distance >= 0, 5000 * torch.exp(-distance / scale_km), 0.0)


def unit_cosine(a: Tensor, b: Tensor) -> Tensor:
    """[..., D], [..., D] -> [...]: cosine clipped to [0, 1]; 0 where a vector is zero."""
    a, b = a.to(torch.float64, copy=True), b.double()
    norms = torch.linalg.vector_norm(a, dim=-1) * torch.linalg.vector_norm(b, dim=-1)
    cosine: Tensor = a.mul_(b).sum(-1) / norms
    return cosine.masked_fill(norms == 0, 0.0).clamp(0, 1)


def semantic_reward(
    pred: Tensor,
    true: Tensor,
    present: Tensor,
    *,
    gates: Sequence[float],
    weights: Sequence[float],
    gate: Literal["next_level", "zero"],
) -> Tensor:
    """Return `sum_i w_i s_i` over the levels that the gates leave open, [N].

    `s_i` is the clipped cosine of level i, 0 where its presence bit is unset. A level below its
    gate closes the levels after it; with `gate="zero"` it earns nothing itself either.
    """
    rows_per_block = max(1, 8 * ROWS_PER_BLOCK // pred.shape[-1])
    (similarity,) = _in_blocks(
        lambda p, t: (unit_cosine(p, t).flatten(0, 1),), rows_per_block, true, pred
    )
    given = (present[:, None] & _LEVEL_BITS.to(present.device)) != 0
    first, second, third = similarity.masked_fill(~given, 0.0).unbind(1)
    opens_second = first >= gates[0]
    opens_third = opens_second & (second >= gates[1])
    if gate == "zero":  # `<`, so that NaN from a broken embedding stays visible
        first = first.masked_fill(first < gates[0], 0.0)
        second = second.masked_fill(second < gates[1], 0.0)
    second = second.masked_fill(~opens_second, 0.0)
    third = third.masked_fill(~opens_third, 0.0)
    return weights[0] * first + weights[1] * second + weights[2] * third


def geo_similarity_reward(
    spatial: Tensor,
    semantic: Tensor,
    extra: Tensor | None,
    *,
    spatial_weight: float,
    semantic_weight: float,
    extra_weights: Sequence[float],
) -> Tensor:
    """[N], [N], [N, E] -> [N]: weighted sum; an extra term that is NaN does not apply."""
    total = spatial_weight * spatial + semantic_weight * semantic
    return total if extra is None else total + sum_terms(extra, extra_weights)


def sum_terms(terms: Tensor, weights: Sequence[float] | Tensor) -> Tensor:
    """[N, R], R weights -> [N]: weighted sum of the terms that are not NaN, 0 if none is."""
    scale = torch.as_tensor(weights, dtype=torch.float64, device=terms.device)
    return (terms.double() * scale).nansum(-1)


def group_advantage(
    rewards: Tensor,
    group_size: int,
    *,
    weights: Sequence[float],
    scale: Literal["group", "batch", "none"],
    eps: float,
) -> Tensor:
    """[N, R] -> [N]: weighted reward minus its group's mean, over a standard deviation plus eps.

    NaN is left out of sums, means and deviations (Bessel's correction); a row without any reward,
    and a deviation that one reward alone leaves undefined, give 0.
    """
    total = sum_terms(rewards, weights)
    total = total.masked_fill(rewards.isnan().all(-1), math.nan)
    groups = total.view(-1, group_size)
    centred = groups - groups.nanmean(1, keepdim=True)
    if scale == "group":
        centred = centred / (_nan_std(groups) + eps)
    elif scale == "batch":
        centred = centred / (_nan_std(total[None]) + eps)
    return centred.nan_to_num(0.0).reshape(-1)


def unit_vectors(latlon: Tensor) -> Tensor:
    """[..., 2] degrees -> [..., 3] float64 unit vectors."""
    lat, lon = (latlon.double() * (2 * _HALF_DEGREE)).unbind(-1)
    radius = lat.cos()
    return torch.stack((radius * lon.cos(), radius * lon.sin(), lat.sin()), -1)


def nearest(
    places: Tensor, query: Tensor, k: int, *, radius_km: float = EARTH_RADIUS_KM
) -> tuple[Tensor, Tensor]:
    """[M, 2], [N, 2] -> distance [N, k], index [N, k] by brute force, in blocks of queries.

    Invalid places are never returned; missing neighbours are (inf, -1), an invalid query (NaN, -1).
    """
    found = min(k, places.shape[0])
    distance = query.new_full((query.shape[0], k), math.inf, dtype=torch.float64)
    index = torch.full((query.shape[0], k), -1, dtype=torch.int64, device=query.device)
    block = max(1, PAIRS_PER_BLOCK // max(1, places.shape[0]))
    for start in range(0, query.shape[0] if found else 0, block):
        rows = slice(start, start + block)
        pairs = pairwise_km(query[rows], places, radius_km=radius_km)
        ordered = pairs.nan_to_num(nan=math.inf).sort(dim=1, stable=True)
        distance[rows, :found] = ordered.values[:, :found]
        index[rows, :found] = ordered.indices[:, :found]
    index[distance.isinf()] = -1
    return distance.masked_fill(~valid_coordinates(query)[:, None], math.nan), index


def expected_reward(
    candidates: Tensor,
    prob: Tensor,
    true: Tensor,
    *,
    tau_km: float,
    cutoff_km: float,
    radius_km: float,
) -> Tensor:
    """[B, K, 2], [B, K], [B, 2] -> [B]: `sum_i p_i exp(-d(x_i, y) / tau)`, 0 if invalid."""
    distance = great_circle_km(candidates, true[:, None], radius_km=radius_km)
    reward = torch.where(distance < cutoff_km, torch.exp(-distance / tau_km), 0.0)
    return (prob.double() * reward).sum(1)


def energy_score(candidates: Tensor, prob: Tensor, true: Tensor, *, radius_km: float) -> Tensor:
    """[B, K, 2], [B, K], [B, 2] -> [B] km: `E d(X, y) - E d(X, X') / 2`.

    Candidates of probability 0 are padding; an invalid point that counts makes the score NaN.
    """
    prob = prob.double()
    used = prob != 0
    to_truth = great_circle_km(candidates, true[:, None], radius_km=radius_km)
    accuracy = (prob * to_truth.masked_fill(~used, 0.0)).sum(1)
    accuracy = accuracy.masked_fill(~valid_coordinates(true), math.nan)
    return accuracy - 0.5 * _mean_pair_distance(candidates, prob, used, radius_km)


def group_spread(points: Tensor, group_size: int, *, radius_km: float) -> Tensor:
    """[N, 2] -> [P] km: mean distance of two distinct valid members, NaN if fewer than two."""
    groups = points.view(-1, group_size, 2)
    used = valid_coordinates(groups)
    count = used.sum(1).double()
    total = _mean_pair_distance(groups, used.double(), used, radius_km)
    spread = total / (count * (count - 1))
    return spread.masked_fill(count < 2, math.nan)


def geo_topk(
    query: Tensor,
    corpus: Tensor,
    k: int,
    *,
    query_latlon: Tensor | None,
    corpus_latlon: Tensor | None,
    penalty_per_km: float,
    radius_km: float,
) -> tuple[Tensor, Tensor]:
    """[N, D], [M, D] -> scores [N, k], index [N, k]: best of `<q, e> - penalty d(q, e)`.

    Runs over blocks of the corpus and keeps k keys a query. A key holds the score rounded to
    float32 and the index, so equal scores come out lowest index first. Rows whose score is not a
    number, or whose position is invalid under a penalty, are never returned.
    """
    best = sort_key(
        torch.full((query.shape[0], k), -math.inf, device=query.device),
        torch.full((k,), MISSING, device=query.device),
    )
    rows = query.double()
    block = max(1, PAIRS_PER_BLOCK // max(1, query.shape[0]))
    for start in range(0, corpus.shape[0], block):
        part = slice(start, start + block)
        scores = rows @ corpus[part].double().T
        if query_latlon is not None and corpus_latlon is not None:
            distance = pairwise_km(query_latlon, corpus_latlon[part], radius_km=radius_km)
            scores -= distance.mul_(penalty_per_km)
        scores = scores.nan_to_num(nan=-math.inf, posinf=math.inf, neginf=-math.inf)
        index = torch.arange(start, start + scores.shape[1], device=query.device)
        keys = torch.cat((best, sort_key(scores.float(), index)), 1)
        best = keys.topk(k, dim=1).values
    return unpack_ranking(best)


MISSING = 0xFFFFFFFF
"""The index of a place or corpus row that does not exist."""


def sort_key(score: Tensor, index: Tensor) -> Tensor:
    """float32 score, index -> int64 ordered by score, then lower index first."""
    bits = score.contiguous().view(torch.int32)
    ordered = bits ^ ((bits >> 31) & 0x7FFFFFFF)
    return (ordered.long() << 32) | (MISSING - index)


def unpack_ranking(keys: Tensor) -> tuple[Tensor, Tensor]:
    """int64 ranking keys -> float32 scores, int64 indices (-1 where the score is -inf)."""
    ordered = (keys >> 32).int()
    scores = (ordered ^ ((ordered >> 31) & 0x7FFFFFFF)).view(torch.float32)
    index = MISSING - (keys & MISSING)
    return scores, index.masked_fill(scores == -math.inf, -1)


def _in_blocks(
    compute: Callable[..., tuple[Tensor, ...]],
    rows_per_block: int,
    targets: Tensor,
    pred: Tensor,
    *per_row: Tensor,
) -> list[Tensor]:
    """Run `compute(pred, targets, *per_row)` block by block, the completions of a target together.

    Inside a block predictions are [P, G, ...] and targets [P, 1, ...].
    """
    group = max(1, pred.shape[0] // max(1, targets.shape[0]))
    size = max(1, rows_per_block // group)
    rows = [
        torch.split(column.reshape(column.shape[0] // group, group, *column.shape[1:]), size)
        for column in (pred, *per_row)
    ]
    shared = torch.split(targets[:, None], size)
    parts = [compute(one[0], true, *one[1:]) for *one, true in zip(*rows, shared, strict=True)]
    return [
        torch.cat(column) if len(parts) > 1 else column[0] for column in zip(*parts, strict=True)
    ]


def _nan_std(rows: Tensor) -> Tensor:
    """[P, G] -> [P, 1]: deviation of the numbers of a row with Bessel's correction."""
    count = (~rows.isnan()).sum(1, keepdim=True)
    squares = (rows - rows.nanmean(1, keepdim=True)).square().nansum(1, keepdim=True)
    return (squares / (count - 1)).sqrt()


def _mean_pair_distance(points: Tensor, weight: Tensor, used: Tensor, radius_km: float) -> Tensor:
    """[B, K, 2], [B, K] -> [B]: `sum_ij w_i w_j d(x_i, x_j)` over used points, never [B, K, K].

    The weight of a point that is not used is 0; it is moved to where its distance is a number.
    """
    rows, members = weight.shape
    points = points.where(used[..., None], 0.0)
    total = weight.new_zeros(rows)
    batch = max(1, PAIRS_PER_BLOCK // max(1, members * members))
    chunk = max(1, PAIRS_PER_BLOCK // max(1, members))
    for start in range(0, rows, batch):
        b = slice(start, start + batch)
        for first in range(0, members, chunk):
            i = slice(first, first + chunk)
            pair = pairwise_km(points[b, i], points[b], radius_km=radius_km)
            total[b] += (weight[b, i] * (pair @ weight[b, :, None]).squeeze(2)).sum(1)
    return total
