"""A photo is handed on under its own name, without the folders of the sender's machine."""

import pytest

from geoagent_graph.render.photo_name import distinct_names, photo_name, short_name
from geoagent_graph.types import ImageRef
from tests.support.answers import porto_answer


def image(name: str) -> ImageRef:
    return ImageRef(sha256="sha256:" + "ab" * 32, width=1, height=1, name=name, format="PNG")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("/home/anna/secret/beach.jpg", "beach.jpg"),
        ("C:\\Users\\anna\\beach.jpg", "beach.jpg"),
        ("folder/", "folder"),
        ("/", "/"),
        ("a\\u202egpj.exe", "a\\u202egpj.exe"),
    ],
)
def test_folders_are_left_out(name: str, shown: str) -> None:
    assert short_name(image(name)) == shown


def test_a_name_cannot_drive_a_terminal_and_is_bounded() -> None:
    assert short_name(image("a\x1b[2J\u202eb.jpg")) == "a\ufffd[2J\ufffdb.jpg"
    assert len(short_name(image("n" * 500))) == 120


def test_an_answer_is_called_by_its_photo() -> None:
    assert photo_name(porto_answer()) == "porto.jpg"


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (["/home/anna/a.jpg", "/home/anna/b.jpg"], ["a.jpg", "b.jpg"]),
        (["x/1/a.jpg", "x/2/a.jpg", "b.jpg"], ["1/a.jpg", "2/a.jpg", "b.jpg"]),
        (["x/1/a.jpg", "y/1/a.jpg", "y/2/a.jpg"], ["x/1/a.jpg", "y/1/a.jpg", "2/a.jpg"]),
        (["a.jpg", "1/a.jpg"], ["a.jpg", "1/a.jpg"]),
        (["C:\\1\\a.jpg", "C:\\2\\a.jpg"], ["1/a.jpg", "2/a.jpg"]),
        (["1/a.jpg", "1/a.jpg"], ["a.jpg", "a.jpg"]),
        ([], []),
    ],
)
def test_files_of_one_name_are_told_apart_by_their_folders(
    names: list[str], shown: list[str]
) -> None:
    answers = [porto_answer().model_copy(update={"image": image(name)}) for name in names]
    assert distinct_names(answers) == shown
