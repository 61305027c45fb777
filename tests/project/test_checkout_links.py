"""Links of the documentation to files of the checkout."""

import importlib.util
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "tools" / "checkout_links.py"


@pytest.fixture(scope="module")
def hook() -> ModuleType:
    spec = importlib.util.spec_from_file_location("checkout_links", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


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
def test_links_to_the_checkout(hook: ModuleType, tmp_path: Path, written: str, shown: str) -> None:
    checkout = tmp_path / "checkout"
    docs, tools = checkout / "docs", checkout / "tools"
    docs.mkdir(parents=True)
    tools.mkdir()
    (docs / "other.md").touch()
    (tools / "fit.py").touch()
    (tmp_path / "elsewhere.py").touch()
    page = SimpleNamespace(file=SimpleNamespace(abs_src_path=str(docs / "page.md")))
    config = SimpleNamespace(docs_dir=str(docs))
    assert hook.on_page_markdown(f"See {written}.", page=page, config=config) == f"See {shown}."
