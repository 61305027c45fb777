"""What CPU tensors run: the definitions of reference.py in fewer passes over memory.

Same arguments and meaning as there; tests/kernels/test_cpu.py holds the two together. Tensors are
small enough to stay in cache, and written in place where they can be.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Literal

import torch
from torch import Tensor

from geoagent_kernels import reference
from geoagent_kernels.reference import MISSING, sort_key, unit_vectors, unpack_ranking

POINTS_PER_BLOCK = 32768
"""Pairs of points computed at a time."""

NUMBERS_PER_BLOCK = 5 << 17
"""Numbers of an embedding table that are float64 at a time."""

SCORES_PER_BLOCK = 1 << 20
"""The largest table of scores (query x row) that exists at any time."""

_RADIANS = math.pi / 180
_JUST_BELOW_ZERO = -math.ulp(0.0)
_EDGE = torch.tensor([90.0, 180.0], dtype=torch.float64)
_LEVEL_BITS = torch.tensor([1, 2, 4], dtype=torch.uint8)


def spatial_reward(
    pred: Tensor,
    true: Tensor,
    *,
    taus_km: Sequence[float],
    weights: Sequence[float],
    cutoff_km: float,
    radius_km: float,
) -> tuple[Tensor, Tensor, Tensor]:
    """Return reward and distance in float32, and validity, each [N]."""
    parts = []
    for p, t in _split_blocks(pred, true, POINTS_PER_BLOCK):
        # asin of float64 is off by 10 cm at the antipode: a twentieth of a float32 step there.
        away = _haversine_of(p, t).sqrt_().clamp_(max=1.0).asin_().mul_(-2 * radius_km).flatten()
        distance = away.float().neg_()
        reward = _decay_in_place(away, taus_km, weights, cutoff_km, radius_km)
        parts.append((reward.float(), distance, distance == distance))
    if len(parts) == 1:
        return parts[0]
    reward, distance, valid = (torch.cat(column) for column in zip(*parts, strict=True))
    return reward, distance, valid


def _decay_in_place(
    away: Tensor,
    taus_km: Sequence[float],
    weights: Sequence[float],
    cutoff_km: float,
    radius_km: float,
) -> Tensor:
    """Turn distances below zero into the reward, in place; NaN gives 0."""
    counts = away > -cutoff_km
    # Both NaN and what does not count become a number whose exponential is quick.
    limit = -min(cutoff_km, 4 * radius_km)
    away.clamp_(min=limit).nan_to_num_(limit)
    rest = [(away / tau).exp_() for tau in taus_km[1:]]
    reward = away.mul_(1 / taus_km[0]).exp_()
    if weights[0] != 1:
        reward.mul_(weights[0])
    for term, weight in zip(rest, weights[1:], strict=True):
        reward.add_(term, alpha=weight)
    return reward.mul_(counts)


def _haversine_of(a: Tensor, b: Tensor, dtype: torch.dtype = torch.float64) -> Tensor:
    """[..., 2], [..., 2] -> [...]: `sin^2(d / 2r)`, NaN where a point is invalid.

    Differences are float64, so that in float32 as well small distances are relatively exact.
    """
    first, cosine_a = _degrees_and_cosine(a, dtype)
    second, cosine_b = _degrees_and_cosine(b, dtype)
    halves = first.sub_(second).mul_(_RADIANS / 2).to(dtype).sin_()
    halves.mul_(halves)
    lat, lon = halves.unbind(0)
    return lat.addcmul_(lon, cosine_a.mul_(cosine_b))


def _degrees_and_cosine(latlon: Tensor, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """[..., 2] -> float64 degrees [2, ...]; cosine of the latitude, NaN for an invalid point."""
    degrees = torch.empty(2, *latlon.shape[:-1], dtype=torch.float64, device=latlon.device)
    degrees.copy_(latlon.movedim(-1, 0))
    edge = _EDGE.to(latlon.device).view(2, *[1] * (latlon.dim() - 1))
    room = degrees.abs()
    torch.sub(edge, room, out=room)
    lat, lon = torch.threshold_(room, _JUST_BELOW_ZERO, math.nan).unbind(0)  # beyond it: NaN
    return degrees, lat.mul_(_RADIANS).add_(lon, alpha=0.0).to(dtype).sin_()


def _split_blocks(pred: Tensor, true: Tensor, size: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Cut [N, ...] and [P, ...] into pieces [p, G, ...] and [p, 1, ...], or alike where N = P."""
    rows, targets = pred.shape[0], true.shape[0]
    if rows != targets:
        pred, true = pred.reshape(targets, rows // targets, *pred.shape[1:]), true[:, None]
        size = max(1, size * targets // rows)
    if pred.shape[0] <= size:
        return iter(((pred, true),))
    return zip(torch.split(pred, size), torch.split(true, size), strict=True)


def semantic_reward(
    pred: Tensor,
    true: Tensor,
    present: Tensor,
    *,
    gates: Sequence[float],
    weights: Sequence[float],
    gate: Literal["next_level", "zero"],
) -> Tensor:
    """Return the gated reward in float64, [N]."""
    similarity = _level_cosines(pred, true).masked_fill_(
        (present[:, None] & _LEVEL_BITS.to(present.device)) == 0, 0.0
    )
    first, second, third = similarity.unbind(1)
    closed_second = ~(first >= gates[0])
    closed_third = closed_second | ~(second >= gates[1])
    if gate == "zero":  # `<`, so that NaN from a broken embedding stays visible
        first.masked_fill_(first < gates[0], 0.0)
        second.masked_fill_(second < gates[1], 0.0)
    second.masked_fill_(closed_second, 0.0)
    third.masked_fill_(closed_third, 0.0)
    reward = (first * weights[0]).add_(second, alpha=weights[1])
    return reward.add_(third, alpha=weights[2])


def _level_cosines(pred: Tensor, true: Tensor) -> Tensor:
    """[N, 3, D], [P, 3, D] -> float64 [N, 3]: cosine clipped to 0..1, 0 where a vector is zero."""
    pieces = list(_split_blocks(pred, true, max(1, NUMBERS_PER_BLOCK // (3 * pred.shape[2]))))
    first_pred, first_true = pieces[0]
    table = torch.empty(first_pred.shape, dtype=torch.float64, device=pred.device)
    targets = torch.empty(first_true.shape, dtype=torch.float64, device=pred.device)
    dots = torch.empty(pred.shape[0], 3, dtype=torch.float64, device=pred.device)
    norms = torch.empty(pred.shape[0], 3, dtype=torch.float32, device=pred.device)
    start = 0
    for p, t in pieces:
        end = start + p[..., 0, 0].numel()
        norm, dot = (x[start:end].view(p.shape[:-1]) for x in (norms, dots))
        # A sum of squares loses nothing that counts in float32; a product that cancels does.
        torch.linalg.vector_norm(p, dim=-1, dtype=torch.float32, out=norm)
        norm.mul_(torch.linalg.vector_norm(t, dim=-1, dtype=torch.float32))
        a, b = table[: p.shape[0]].copy_(p), targets[: t.shape[0]].copy_(t)
        torch.sum(a.mul_(b), -1, out=dot)
        start = end
    return dots.div_(norms).masked_fill_(norms == 0, 0.0).clamp_(0, 1)


def geo_similarity_reward(
    spatial: Tensor,
    semantic: Tensor,
    extra: Tensor | None,
    *,
    spatial_weight: float,
    semantic_weight: float,
    extra_weights: Sequence[float],
) -> Tensor:
    """Return the weighted sum in float64, [N]; an extra term that is NaN does not apply."""
    total = (semantic * semantic_weight).add_(spatial, alpha=spatial_weight)
    if extra is not None and extra.shape[1]:
        for term, weight in zip(extra.unbind(1), extra_weights, strict=True):
            total.add_(term.nan_to_num(0.0, math.inf, -math.inf), alpha=weight)
    return total


def group_advantage(
    rewards: Tensor,
    group_size: int,
    *,
    weights: Sequence[float],
    scale: Literal["group", "batch", "none"],
    eps: float,
) -> Tensor:
    """Return `(r - mean) / (std + eps)` in float64, [N]; see the definition for NaN."""
    if rewards.shape[1] == 1 and weights[0] == 1 and scale == "group":
        return _one_reward_advantage(rewards, group_size, eps)
    return reference.group_advantage(rewards, group_size, weights=weights, scale=scale, eps=eps)


def _one_reward_advantage(rewards: Tensor, group_size: int, eps: float) -> Tensor:
    groups = rewards.to(torch.float64, copy=True).view(-1, group_size)
    missing = groups != groups
    groups.masked_fill_(missing, 0.0)
    count = missing.sum(1, keepdim=True, dtype=torch.float64).neg_().add_(group_size)
    groups.sub_(groups.sum(1, keepdim=True).div_(count)).masked_fill_(missing, 0.0)
    square = torch.linalg.vector_norm(groups, dim=1, keepdim=True)
    deviation = square.div_(count.sub_(1).sqrt_()).add_(eps)
    return groups.div_(deviation).nan_to_num_(0.0).view(-1)


def expected_reward(
    candidates: Tensor,
    prob: Tensor,
    true: Tensor,
    *,
    tau_km: float,
    cutoff_km: float,
    radius_km: float,
) -> Tensor:
    """Return `sum_i p_i exp(-d(x_i, y) / tau)` in float64, [B].

    In float32 from the differences of the coordinates on: good to 2e-7 of a reward. Where points
    beyond a quarter of the globe count, `sin^2(d / 2r)` and its complement are float64.
    """
    dtype = torch.float32 if cutoff_km <= math.pi / 2 * radius_km else torch.float64
    members = max(1, candidates.shape[1])
    parts = []
    for cand, p, t in zip(
        *(torch.split(x, max(1, POINTS_PER_BLOCK // members)) for x in (candidates, prob, true)),
        strict=True,
    ):
        near = _haversine_of(cand, t[:, None], dtype)
        far = (1 - near).float().clamp_(min=0.0).sqrt_()
        away = near.float().sqrt_().atan2_(far).mul_(-2 * radius_km)
        reward = _decay_in_place(away, (tau_km,), (1.0,), cutoff_km, radius_km)
        parts.append(reward.mul_(p).sum(1))
    return torch.cat(parts)


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
    """Return scores [N, k] and index [N, k]; products in float32, distances in float64."""
    best = sort_key(
        torch.full((query.shape[0], k), -math.inf, device=query.device),
        torch.full((k,), MISSING, device=query.device),
    )
    rows = query.float()
    block = max(1, SCORES_PER_BLOCK // max(1, query.shape[0]))
    here = None if query_latlon is None else _place_vectors(query_latlon)
    for start in range(0, corpus.shape[0], block):
        part = slice(start, start + block)
        scores = rows @ corpus[part].float().T
        if here is not None and corpus_latlon is not None:
            half = torch.cdist(
                here,
                _place_vectors(corpus_latlon[part]),
                compute_mode="donot_use_mm_for_euclid_dist",
            )
            scores.sub_(
                half.mul_(0.5).clamp_(max=1.0).asin_(), alpha=2 * radius_km * penalty_per_km
            )
        scores.nan_to_num_(nan=-math.inf, posinf=math.inf, neginf=-math.inf)
        best = torch.cat((best, _best_keys(scores, k, start)), 1).topk(k, dim=1).values
    return unpack_ranking(best)


def _best_keys(scores: Tensor, k: int, start: int) -> Tensor:
    """[N, M] float32 -> ranking keys of the best k, equal scores lowest index first."""
    if k < scores.shape[1]:
        values, index = scores.topk(k, dim=1)
        last = values[:, -1:]
        if not ((scores >= last).sum(1, keepdim=True).gt(k) & (last > -math.inf)).any():
            return sort_key(values, index.add_(start))
    return sort_key(scores, torch.arange(start, start + scores.shape[1], device=scores.device))


def _place_vectors(latlon: Tensor) -> Tensor:
    return unit_vectors(latlon).masked_fill_(
        ~reference.valid_coordinates(latlon)[:, None], math.nan
    )
