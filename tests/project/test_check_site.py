"""The check of the built documentation, on small sites with known faults."""

from pathlib import Path

import pytest

from tools import check_site


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "reference").mkdir()
    (tmp_path / "index.html").write_text(
        '<link rel="stylesheet" href="main.css"><script src="../bundle.js"></script>'
        '<a href="https://arxiv.org/abs/2602.12617">the paper</a><img src="photo.png">'
        '<img src="data:image/svg+xml;base64,//8=">'
    )
    (tmp_path / "main.css").write_text("body { background: url(photo.png) }")
    return tmp_path


@pytest.mark.parametrize(
    ("element", "address"),
    [
        ('<script src="https://cdn.example/x.js"></script>', "https://cdn.example/x.js"),
        ('<script src="//cdn.example/x.js"></script>', "//cdn.example/x.js"),
        ('<link rel="preconnect" href="https://fonts.example">', "https://fonts.example"),
        ('<img srcset="a.png 1x, http://pictures.example/b.png 2x">', "http://pictures.example"),
        ("<style>@import 'https://fonts.example/a.css';</style>", "https://fonts.example/a.css"),
        ('<p style="background: url(//p.example/x.png)">', "//p.example/x.png"),
        ('<pre class="mermaid"><code>graph TD</code></pre>', "mermaid"),
    ],
)
def test_what_a_page_loads_from_elsewhere_is_a_fault(
    site: Path, element: str, address: str
) -> None:
    assert list(check_site.find_outside_loads(site)) == []
    (site / "reference" / "page.html").write_text(element)
    (fault,) = check_site.find_outside_loads(site)
    assert fault.startswith("reference/page.html: loads ")
    assert address in fault


def test_what_a_style_loads_from_elsewhere_is_a_fault(site: Path) -> None:
    (site / "main.css").write_text("@font-face { src: url('https://fonts.example/a.woff2') }")
    assert list(check_site.find_outside_loads(site)) == [
        "main.css: loads https://fonts.example/a.woff2"
    ]


def test_a_public_name_without_an_entry_is_a_fault(site: Path) -> None:
    package = site / "geoagent_example"
    package.mkdir()
    (package / "__init__.py").write_text('__all__ = ["Place", "locate", "score"]\n')
    (site / "reference" / "example.html").write_text(
        '<h2 id="geoagent_example.Place"></h2><h2 id="geoagent_example.score.score"></h2>'
        '<h3 id="geoagent_example.Place.locate"></h3>'
    )
    faults = list(check_site.find_missing_names(site, [package]))
    assert faults == ["reference: has no entry for geoagent_example.locate"]


def test_faults_decide_the_exit_status(
    site: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(check_site, "PACKAGES", ())
    assert check_site.main([str(site)]) == 0
    (site / "index.html").write_text('<script src="https://cdn.example/x.js"></script>')
    assert check_site.main([str(site)]) == 1
    assert "index.html: loads https://cdn.example/x.js" in capsys.readouterr().err
    assert check_site.main([str(site / "nowhere")]) == 2
    assert "run `make docs`" in capsys.readouterr().err
