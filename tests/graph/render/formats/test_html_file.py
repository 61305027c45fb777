"""The HTML report of a photo and of a case holds its picture where the photo is at hand."""

import numpy as np
import pytest
from numpy.typing import NDArray

from geoagent_graph.errors import InputError, PhotoError
from geoagent_graph.render.formats.html_file import case_file, photo_file, trip_file
from geoagent_graph.types import ImageRef
from tests.support.answers import porto_answer
from tests.support.views import case_view, trip_view


def grey(image: ImageRef, max_side: int) -> NDArray[np.uint8]:
    assert (image.name, max_side) == ("porto.jpg", 1280)
    return np.full((6, 8, 3), 128, np.uint8)


def gone(image: ImageRef, max_side: int) -> NDArray[np.uint8]:
    raise PhotoError(f"{image.name}: gone, {max_side}")


def test_a_photo_report_holds_the_picture_in_itself() -> None:
    with_picture = photo_file(porto_answer(), grey)
    assert 'src="data:image/jpeg;base64,' in with_picture
    assert "http" not in with_picture.partition("<img")[2].partition(">")[0]


def test_a_report_goes_without_a_picture_that_is_gone() -> None:
    for pixels in (None, gone):
        report = photo_file(porto_answer(), pixels)
        assert "data:image/jpeg" not in report
        assert "Porto" in report


def test_a_case_report_needs_an_answer_and_says_how_to_verify_it() -> None:
    view = case_view(answer=porto_answer(), pixels=grey)
    report = case_file(view)
    assert "data:image/jpeg" in report
    assert view.head in report
    with pytest.raises(InputError, match="street/main: has no answer yet"):
        case_file(case_view())


def test_a_trip_report_needs_a_joint_result() -> None:
    views = {"main": case_view(answer=porto_answer())}
    with pytest.raises(InputError, match="no joint result yet"):
        trip_file(trip_view(views), views)
