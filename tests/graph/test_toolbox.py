"""Tools are put together from parts that have what their protocols ask."""

import pytest

from geoagent_graph.errors import InputError
from geoagent_graph.protocols import Photo, Policy
from geoagent_graph.testing import MemoryImages, scripted_toolbox
from geoagent_graph.toolbox import require_members


@pytest.mark.parametrize(
    "part", ["policy", "evidence", "geocoder", "images", "text_reader", "exif_reader", "retriever",
             "fallback"]
)  # fmt: skip
def test_a_part_that_lacks_something_is_named(part: str) -> None:
    with pytest.raises(InputError, match=f"^the {part.replace('_', ' ')} object has no ") as caught:
        scripted_toolbox(**{part: object()})
    assert "\n" not in str(caught.value)


def test_a_class_that_inherits_has_the_defaults_of_its_protocol() -> None:
    class Mine(Policy):
        name = "mine"

    policy = Mine()  # type: ignore[abstract]
    require_members(policy, Policy, "policy")
    assert (policy.model, policy.identity()) == (None, {})


def test_a_photo_gives_its_pixels_and_its_bytes() -> None:
    images = MemoryImages()
    photo = Photo(images.open(b"bytes").image, images)
    assert photo.pixels(64).shape == (48, 64, 3)
    assert photo.original() == b"bytes"
