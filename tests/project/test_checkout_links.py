"""Links of the documentation to files of the checkout."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from tools.checkout_links import on_page_markdown


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("[the table](../tools/fit.py)", "the table (`tools/fit.py`)"),
        ("[`tools/fit.py`](../tools/fit.py#L3)", "`tools/fit.py`"),
        ("[the folder](../tools/)", "the folder (`tools`)"),
        ("[nothing](../tools/none.py)", "[nothing](../tools/none.py)"),
        ("[a page](other.md#part)", "[a page](other.md#part)"),
        ("[outside](../../elsewhere.py)", "[outside](../../elsewhere.py)"),
        ("[web](https://arxiv.org/abs/2602.12617)", "[web](https://arxiv.org/abs/2602.12617)"),
        ("![picture](../tools/fit.py)", "![picture](../tools/fit.py)"),
    ],
)
def test_links_to_the_checkout(tmp_path: Path, written: str, shown: str) -> None:
    checkout = tmp_path / "checkout"
    docs, tools = checkout / "docs", checkout / "tools"
    docs.mkdir(parents=True)
    tools.mkdir()
    (docs / "other.md").touch()
    (tools / "fit.py").touch()
    (tmp_path / "elsewhere.py").touch()
    page = SimpleNamespace(file=SimpleNamespace(abs_src_path=str(docs / "page.md")))
    config = SimpleNamespace(docs_dir=str(docs))
    assert on_page_markdown(f"See {written}.", page=page, config=config) == f"See {shown}."
