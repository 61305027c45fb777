"""The files of the page: published libraries, no markup out of text, no other host."""

import hashlib
import re

from tests.support.paths import ROOT

STATIC = ROOT / "geoagent_graph" / "serve" / "static"


def test_the_libraries_are_those_that_were_published() -> None:
    told = (STATIC / "vendor" / "README.md").read_text("utf-8")
    files = [
        path for kind in ("js", "mjs", "css") for path in (STATIC / "vendor").glob(f"*.{kind}")
    ]
    assert len(files) == 7
    for file in files:
        assert f"`{hashlib.sha256(file.read_bytes()).hexdigest()}`" in told


def test_the_page_makes_no_markup_out_of_text_and_names_no_other_host() -> None:
    own = [file for kind in ("html", "css", "js", "mjs") for file in STATIC.rglob(f"*.{kind}")]
    own = [file for file in own if file.parent.name != "vendor"]
    assert len(own) > 20
    for file in own:
        text = file.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://|innerHTML|outerHTML|insertAdjacent|document\.write", text)
        assert not re.search(r"<script>|<style|\sstyle=|\son[a-z]+=", text), file
