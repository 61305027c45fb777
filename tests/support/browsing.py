"""A browser and the real server for the tests of the page."""

import base64
import contextlib
import io
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image, ImageDraw, ImageFont

from tests.support.paths import ROOT
from tests.support.warm_python import KILL

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ANSWERED = "#status[data-status=answered]"
ASKED = "#question:not([hidden])"
# What the consoles say of a 4xx that a test provokes.
_REFUSED = ("Failed to load resource", "can’t establish a connection to the server")
_DROP = """([words, name, type]) => {
  const bytes = Uint8Array.from(atob(words), (letter) => letter.charCodeAt(0));
  const dropped = new DataTransfer();
  dropped.items.add(new File([bytes], name, { type }));
  for (const kind of ['dragover', 'drop']) {
    document.getElementById('drop').dispatchEvent(
      new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: dropped }));
  }
}"""


@dataclass
class Served:
    """The real server in a process of its own."""

    python: str
    home: Path
    url: str
    process: subprocess.Popen[str]

    def kill(self) -> None:
        """End it at once."""
        self.process.send_signal(KILL)
        self.process.wait()

    def restart(self) -> None:
        """Start it again at the same address."""
        again = start_server(self.python, self.home, int(self.url.rstrip("/").rpartition(":")[2]))
        self.process = again.process


def start_server(python: str, home: Path, port: int = 0) -> Served:
    """Return `geoagent serve` once it listens."""
    command = [python, "-m", "geoagent_graph.cli", "serve", "--home", str(home)]
    process = subprocess.Popen(
        [*command, "--port", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert process.stdout is not None
    url = process.stdout.readline().strip()
    process.stdout.close()
    assert url.startswith("http://127.0.0.1:"), url
    return Served(python, home, url, process)


@contextlib.contextmanager
def open_browser(*arguments: str) -> Iterator["Browser"]:
    """Yield a headless Chromium with more arguments; skip the test where there is none."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "chrome"))), None)
    if path is None:
        pytest.skip("no Chromium is installed")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", *arguments]
        )
        yield browser
        browser.close()


@contextlib.contextmanager
def open_firefox() -> Iterator["Browser"]:
    """Yield a headless Firefox, Playwright's or the system's; skip the test where none works.

    The system's is driven by WebDriver BiDi, which Playwright may ask more of than it can.
    """
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = next(filter(None, map(shutil.which, ("firefox-esr", "firefox"))), None)
    with api.sync_playwright() as playwright:
        if Path(playwright.firefox.executable_path).exists():
            browser = playwright.firefox.launch()
        elif path is not None:
            browser = playwright.firefox.launch(channel="moz-firefox", executable_path=path)
            try:
                browser.new_context(reduced_motion="reduce").close()
            except api.Error as error:
                browser.close()
                pytest.skip(f"{path} cannot be driven by this Playwright: {error.message[:100]}")
        else:
            pytest.skip("no Firefox: playwright install firefox, or Debian's firefox-esr")
        yield browser
        browser.close()


@dataclass
class Visit:
    """One tab on the page, and everything that went wrong in it."""

    page: "Page"
    url: str
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    def watch(self) -> None:
        """Keep all requests, errors and dialogs."""
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self._keep(str(error)))
        self.page.on("console", self._hear)
        self.page.on("dialog", self._close)
        self.page.set_default_timeout(120_000)

    def _hear(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self._keep(message.text)

    def _keep(self, error: str) -> None:
        if not any(words in error for words in _REFUSED):
            self.errors.append(error)

    def _close(self, dialog: Any) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def require_clean(self) -> None:
        """Nothing was asked of another host, nothing failed, nothing popped up."""
        elsewhere = [u for u in self.requests if not u.startswith((self.url, "blob:", "data:"))]
        assert elsewhere == []
        assert self.errors == []
        assert self.dialogs == []
        assert self.requests

    def begin(self, ask: str = "never") -> None:
        """Open the first view and choose when to be asked."""
        self.page.goto(self.url)
        self.page.wait_for_selector("#start:not([hidden])")
        self.page.check(f"input[name=ask][value={ask}]")

    def drop(self, content: bytes, name: str = "street.png", kind: str = "image/png") -> None:
        """Drop a file on the page."""
        words = base64.b64encode(content).decode("ascii")
        self.page.evaluate(_DROP, [words, name, kind])

    def until_answered(self) -> None:
        """Wait for the answer, and until the map has come to it."""
        self.page.wait_for_selector(ANSWERED)
        self.page.wait_for_selector("#levels button[aria-pressed=true]")

    def reply(self, way: str) -> None:
        """Choose a way to reply to the open question, and send it."""
        self.page.check(f"input[name=way][value={way}]")
        self.page.click("#question button[type=submit]")

    def text(self, selector: str) -> str:
        """Return what a person reads in an element, with plain spaces."""
        return re.sub(r"\s+", " ", self.page.inner_text(selector)).strip()

    def fits(self) -> bool:
        """Whether the page has no horizontal scroll."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def png(image: Image.Image) -> bytes:
    """Return an image as a PNG file."""
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def sign_photo(words: str) -> bytes:
    """Return a photo of a white board with words on it."""
    image = Image.new("RGB", (1100, 420), "white")
    ImageDraw.Draw(image).text((40, 150), words, font=ImageFont.load_default(58), fill="black")
    return png(image)


def download_report(visit: Visit, kind: str, folder: Path) -> Path:
    """Return where the report of that kind lies after its link was pressed."""
    with visit.page.expect_download() as download:
        visit.page.click(f"#download-{kind}")
    path = folder / f"report.{kind}"
    download.value.save_as(path)
    return path


def tab_to(visit: Visit, identity: str) -> None:
    """Press Tab until an element has the focus; an assertion says that it never has."""
    for _ in range(80):
        if visit.page.evaluate("document.activeElement.id") == identity:
            return
        visit.page.keyboard.press("Tab")
    raise AssertionError(f"#{identity} cannot be reached with the Tab key")
