"""A classifier of geocells, fitted on an index's own photos, and what it is worth.

Multinomial logistic regression with an L2 penalty on the principal components of the embeddings,
every number of which has been given the same spread.
No place is on both sides of a fold; the penalty and the temperature are those under which the
places that were left out are likeliest, so the gain there is a little too good. Needs
scikit-learn, the extra `learn`.
"""

import warnings
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.retrieval.cell_classifier import CellClassifier, ClassifierSkill
from geoagent_graph.retrieval.geocells import LocatedPhotos, cut_cells

MIN_PLACES: Final = 100
MAX_PHOTOS: Final = 10_000  # a larger index learns from so many of its photos, drawn evenly
_COMPONENTS: Final = 256
_FOLDS: Final = 5
_INVERSE_PENALTIES: Final = (0.003, 0.01, 0.03, 0.1, 0.3)
_TEMPERATURES: Final = tuple(np.geomspace(0.5, 8.0, 33).tolist())
_MAX_ROUNDS: Final = 200
_TOLERANCE: Final = 1e-3  # of the gradient; the fit is softened by a temperature anyway
_MIN_SPREAD: Final = 1e-6  # of a number that hardly differs between photos
_UNSEEN_LOGIT: Final = -5.0  # of a cell all of whose places are left out, below the others
_DRAWS: Final = 1000
_SEED: Final = 20_260_212

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class _Task:
    """Embeddings [photos, dimension], the cell and the place of each, and its weight.

    The photos of a place weigh one together.
    """

    embeddings: NDArray[np.float32]
    cell: NDArray[np.int64]
    place: NDArray[np.int64]
    weight: Floats
    cells: int


def fit_classifier(
    embeddings: NDArray[np.float32], photos: LocatedPhotos
) -> tuple[CellClassifier | None, ClassifierSkill | None]:
    """Return a classifier and its skill.

    Without a classifier the skill says why: its gain is not above zero beyond doubt. Without a
    skill there were photos of too few places or cells to learn from.

    Args:
        embeddings: unit vectors, shape [photos, dimension].
        photos: where each was taken.

    Raises:
        ImportError: scikit-learn is not installed.
    """
    if len(np.unique(photos.place)) < MIN_PLACES:
        return None, None
    cells, cell = cut_cells(photos)
    if len(cells) < 2:
        return None, None
    place = np.unique(photos.place, return_inverse=True)[1]
    task = _Task(embeddings, cell, place, 1.0 / np.bincount(place)[place], len(cells))
    penalty, temperature, held_out, prior = _choose_penalty(task)
    skill = _skill(task, photos, _soften(held_out, temperature), prior)
    if skill.low_nats <= 0.0:
        return None, skill
    every = np.arange(len(cell))
    weights, bias = _fit_layer(task, every, _principal_parts(task, every), penalty)
    log_prior = np.log(_shares(task, every))
    classifier = CellClassifier(
        cells=tuple(cells),
        weights=(weights / temperature).astype(np.float32),
        bias=(bias / temperature).astype(np.float32),
        log_prior=log_prior.astype(np.float32),
        skill=skill,
    )
    return classifier, skill


def _choose_penalty(task: _Task) -> tuple[float, float, Floats, Floats]:
    """Return penalty, temperature, and for photos left out the logits and the prior they met."""
    folds = _folds(task)
    prior = np.empty((len(task.cell), task.cells))
    for learnt, left_out in folds:
        prior[left_out] = _shares(task, learnt)
    logits_by_penalty = np.empty((len(_INVERSE_PENALTIES), *prior.shape))
    for learnt, left_out in folds:
        parts = _principal_parts(task, learnt)
        for logits, penalty in zip(logits_by_penalty, _INVERSE_PENALTIES, strict=True):
            weights, bias = _fit_layer(task, learnt, parts, penalty)
            logits[left_out] = task.embeddings[left_out] @ weights.T + bias
    best: tuple[float, float, float, Floats] | None = None
    for logits, penalty in zip(logits_by_penalty, _INVERSE_PENALTIES, strict=True):
        for temperature in _TEMPERATURES:
            loss = -float(_truth_log(task, _soften(logits, temperature)) @ task.weight)
            if best is None or loss < best[0]:
                best = (loss, penalty, temperature, logits)
    assert best is not None
    return best[1], best[2], best[3], prior


def _folds(task: _Task) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    from sklearn.model_selection import GroupKFold

    return list(GroupKFold(_FOLDS).split(task.embeddings, task.cell, task.place))


@dataclass(frozen=True, slots=True, eq=False)
class _Parts:
    """Embeddings on their principal axes, scaled: `values` = (embeddings - mean) @ axes.T.

    The axes are those of numbers of equal spread; `axes` holds that step too.
    """

    values: Floats
    axes: Floats
    mean: Floats


def _principal_parts(task: _Task, rows: NDArray[np.int64]) -> _Parts:
    from sklearn.decomposition import PCA

    embeddings = task.embeddings[rows]
    mean = embeddings.mean(axis=0)
    spread = np.maximum(embeddings.std(axis=0), _MIN_SPREAD)
    equal = (embeddings - mean) / spread
    count = min(_COMPONENTS, len(rows) - 1, equal.shape[1])
    found: Any = PCA(count, svd_solver="randomized", random_state=_SEED).fit(equal)
    values = found.transform(equal).astype(np.float64)
    scale = float(values.std())
    return _Parts(values / scale, found.components_ / spread / scale, mean)


def _fit_layer(
    task: _Task, rows: NDArray[np.int64], parts: _Parts, penalty: float
) -> tuple[Floats, Floats]:
    """Return weights [cells, dimension] and bias [cells] over the embeddings themselves."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    known = np.unique(task.cell[rows])
    if len(known) == 1:  # a fold that left out all of a small cell
        flat = np.full(task.cells, _UNSEEN_LOGIT)
        flat[known] = 0.0
        return np.zeros((task.cells, task.embeddings.shape[1])), flat
    model: Any = LogisticRegression(C=penalty, max_iter=_MAX_ROUNDS, tol=_TOLERANCE)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # what it reached is what is measured
        model.fit(parts.values, task.cell[rows], sample_weight=task.weight[rows])
    layer, offset = _both_sides(model)
    weights = np.zeros((task.cells, task.embeddings.shape[1]))
    weights[model.classes_] = layer @ parts.axes
    bias = np.full(task.cells, offset.min() + _UNSEEN_LOGIT)
    bias[model.classes_] = offset - weights[model.classes_] @ parts.mean
    return weights, bias


def _both_sides(model: Any) -> tuple[Floats, Floats]:
    """Return a row for every class; of two classes the library keeps one row."""
    if len(model.classes_) > 2:
        return model.coef_, model.intercept_
    half = np.array([[-0.5], [0.5]])
    return half @ model.coef_, (half @ model.intercept_[:, None])[:, 0]


def _shares(task: _Task, rows: NDArray[np.int64]) -> Floats:
    counts = np.bincount(task.cell[rows], task.weight[rows], task.cells) + 0.5
    shares: Floats = counts / counts.sum()
    return shares


def _soften(logits: Floats, temperature: float) -> Floats:
    """Return log-probabilities."""
    logs = logits / temperature
    logs = logs - logs.max(axis=1, keepdims=True)
    softened: Floats = logs - np.log(np.exp(logs).sum(axis=1, keepdims=True))
    return softened


def _truth_log(task: _Task, logs: Floats) -> Floats:
    found: Floats = logs[np.arange(len(task.cell)), task.cell]
    return found


def _skill(task: _Task, photos: LocatedPhotos, logs: Floats, prior: Floats) -> ClassifierSkill:
    gains = np.bincount(
        task.place, (_truth_log(task, logs) - _truth_log(task, np.log(prior))) * task.weight
    )
    draws = np.random.default_rng(_SEED).integers(0, len(gains), (_DRAWS, len(gains)))
    low, high = np.quantile(gains[draws].mean(axis=1), [0.025, 0.975])
    shares = _country_shares(task, photos.country)
    right = [
        float((_countries_right(p, shares, photos.country) * task.weight).sum() / len(gains))
        for p in (np.exp(logs), prior)
    ]
    return ClassifierSkill(
        places=len(gains),
        cells=task.cells,
        gain_nats=float(gains.mean()),
        low_nats=float(low),
        high_nats=float(high),
        country_right=right[0],
        country_right_by_prior=right[1],
    )


def _country_shares(task: _Task, country: NDArray[np.str_]) -> Floats:
    """Return P(country | cell) by the photos, shape [cells, countries in alphabetical order]."""
    codes, number = np.unique(country, return_inverse=True)
    counts = np.zeros((task.cells, len(codes)))
    np.add.at(counts, (task.cell, number), task.weight)
    shares: Floats = counts / counts.sum(axis=1, keepdims=True)
    return shares


def _countries_right(
    probability: Floats, shares: Floats, country: NDArray[np.str_]
) -> NDArray[np.bool_]:
    number = np.unique(country, return_inverse=True)[1]
    found: NDArray[np.bool_] = (probability @ shares).argmax(axis=1) == number
    return found
