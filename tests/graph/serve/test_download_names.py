"""Files that are downloaded are called as the photo, in the letters of every script."""

from collections.abc import Iterator
from urllib.parse import unquote

import pytest

from tests.support.serving import Live, photo, serving


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with serving(tmp_path_factory.mktemp("home")) as server:
        yield server


@pytest.mark.parametrize(
    ("photo_name", "stem"),
    [
        ("صورة من براغا.jpg", "صورة-من-براغا"),
        ("हिन्दी 1.jpg", "हिन्दी-1"),
        ("Rua d'Água.JPG", "Rua-d-Água"),
        ("照片📷.jpg", "照片"),
        ("📷.jpg", "case"),
        ("é" * 300 + ".jpg", "é" * 40),
    ],
)
def test_files_are_called_as_the_photo_in_all_scripts(
    live: Live, photo_name: str, stem: str
) -> None:
    sent = {"photo": (photo_name, photo()[1])}
    case = live.client.post("/v1/locate?wait=60", files=sent).headers["location"]
    said = live.client.get(f"{case}/report?format=md").headers["content-disposition"]
    plain, _, own = said.partition("; filename*=UTF-8''")
    assert plain.startswith('attachment; filename="')
    assert plain.endswith('-main.md"')
    assert plain.isascii()
    assert (unquote(own) or "case-main.md") == f"{stem}-main.md"
