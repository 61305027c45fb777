"""What an index learns: places where embeddings tell them apart, nothing from noise."""

import numpy as np
import pytest
from numpy.typing import NDArray

from geoagent_graph.retrieval.fit_classifier import fit_classifier
from geoagent_graph.retrieval.geocells import LocatedPhotos

pytest.importorskip("sklearn", reason="the extra `learn` is not installed")

PLACES = 160
PHOTOS = 2 * PLACES


def two_countries(signal: float) -> tuple[NDArray[np.float32], LocatedPhotos]:
    """Return embeddings of two photos each of places in two countries.

    Each place has a look of its own; `signal` is how much of it is its country's.
    """
    draw = np.random.default_rng(5)
    place = np.repeat(np.arange(PLACES), 2)
    south = place % 2
    country_look = draw.normal(size=(2, 16))
    place_look = draw.normal(size=(PLACES, 16))
    look = signal * country_look[south] + place_look[place] + 0.1 * draw.normal(size=(PHOTOS, 16))
    unit = look / np.linalg.norm(look, axis=1, keepdims=True)
    lat = np.where(south == 1, -30.0, 40.0) + draw.uniform(-2, 2, PHOTOS)
    country = np.where(south == 1, "ZA", "PT")
    return unit.astype(np.float32), LocatedPhotos(
        lat, draw.uniform(-2, 2, PHOTOS), country, place.astype(np.int64)
    )


def test_what_tells_countries_apart_is_learnt_and_its_worth_is_honest() -> None:
    embeddings, photos = two_countries(signal=1.0)
    classifier, skill = fit_classifier(embeddings, photos)
    assert classifier is not None
    assert skill is not None
    assert skill.low_nats > 0.1
    assert skill.country_right > 0.75
    fresh, unseen = two_countries(signal=1.0)
    right = 0
    gain = 0.0
    for row in range(0, PHOTOS, 4):
        scores = {s.cell.country_code: s.log_likelihood for s in classifier.scores(fresh[row])}
        right += (scores["PT"] > scores["ZA"]) == (unseen.country[row] == "PT")
        gain += scores[str(unseen.country[row])]
    assert right / (PHOTOS / 4) > 0.75
    assert gain / (PHOTOS / 4) > skill.low_nats / 2


def test_looks_of_places_alone_teach_nothing() -> None:
    embeddings, photos = two_countries(signal=0.0)
    classifier, skill = fit_classifier(embeddings, photos)
    assert classifier is None  # two photos of a place are alike, but never on both sides of a fold
    assert skill is not None
    assert skill.low_nats <= 0.0
    assert skill.country_right < 0.65


def test_few_places_teach_nothing() -> None:
    embeddings, photos = two_countries(signal=1.0)
    few = LocatedPhotos(photos.lat_deg, photos.lon_deg, photos.country, photos.place % 20)
    assert fit_classifier(embeddings, few) == (None, None)


def test_the_same_photos_give_the_same_classifier() -> None:
    embeddings, photos = two_countries(signal=1.0)
    first, second = (fit_classifier(embeddings, photos)[0] for _ in range(2))
    assert first is not None
    assert second is not None
    np.testing.assert_array_equal(first.weights, second.weights)
