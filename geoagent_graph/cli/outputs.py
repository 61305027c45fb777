"""Where answers go: text or JSON on stdout, and the files that were asked for."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from geoagent_graph.cli.streams import stdout_is_terminal, write_note, write_result
from geoagent_graph.errors import InputError, PhotoError, StorageError
from geoagent_graph.render.files import check_target, write_whole
from geoagent_graph.render.formats.json_answer import json_text
from geoagent_graph.safe_text import visible

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from geoagent_graph.types import Answer, ImageRef

Pixels = Callable[["ImageRef", int], "NDArray[np.uint8]"]


@dataclass(frozen=True, slots=True)
class OutputChoice:
    """What was asked for: the form of the result and the files beside it."""

    as_json: bool = False
    as_jsonl: bool = False
    geojson: Path | None = None
    kml: Path | None = None
    html: Path | None = None
    quiet: bool = False

    @property
    def machine_readable(self) -> bool:
        """Whether stdout carries JSON."""
        return self.as_json or self.as_jsonl

    def check(self, photos: int) -> None:
        """Refuse what cannot work before any photo is opened.

        Raises:
            InputError: two forms at once, a missing folder, one report file for several photos.
        """
        if self.as_json and self.as_jsonl:
            raise InputError("--json and --jsonl exclude each other; give one")
        for path, option in ((self.geojson, "--geojson"), (self.kml, "--kml")):
            if path is not None:
                check_target(path, option)
        if self.html is None:
            return
        if photos == 1 and not self.html.is_dir():
            check_target(self.html, "--html")
        elif self.html.is_file():
            raise InputError(
                f"--html {visible(str(self.html))}: is a file; several photos need a folder"
            )


@dataclass
class Results:
    """Takes answers one by one, prints them, and writes the files at the end."""

    choice: OutputChoice
    photos: int
    pixels: Pixels
    answers: list["Answer"] = field(default_factory=list)
    _objects: list[object] = field(default_factory=list)
    _report_names: set[str] = field(default_factory=set)

    def add(self, answer: "Answer") -> None:
        """Print one answer, or keep it for the array, and write its report."""
        self.answers.append(answer)
        self._print(answer)
        if self.choice.html is not None:
            self._write_report(answer, self.choice.html)

    def add_failure(self, photo: str, message: str) -> None:
        """Keep the place of a photo that failed in machine-readable output of several photos."""
        failure = {"photo": visible(photo), "error": visible(message)}
        if self.choice.as_jsonl:
            write_result(json_text(failure) + "\n")
        elif self.photos > 1:
            self._objects.append(failure)

    def finish(self) -> None:
        """Print the array and write the files that hold all answers."""
        if self.choice.as_json and self.photos > 1:
            write_result(json_text(self._objects, indent=2) + "\n")
        if self.choice.geojson is not None:
            from geoagent_graph.render.formats.geojson import feature_collection

            collection = feature_collection(self.answers)
            write_whole(self.choice.geojson, json.dumps(collection, ensure_ascii=False) + "\n")
        if self.choice.kml is not None:
            from geoagent_graph.render.formats.kml import kml_document

            write_whole(self.choice.kml, kml_document(self.answers))

    def _print(self, answer: "Answer") -> None:
        if self.choice.as_jsonl:
            write_result(json_text(answer.model_dump(mode="json")) + "\n")
        elif self.choice.as_json and self.photos > 1:
            self._objects.append(answer.model_dump(mode="json"))
        elif self.choice.as_json:
            write_result(json_text(answer.model_dump(mode="json"), indent=2) + "\n")
        else:
            from geoagent_graph.render.terminal.answer_text import answer_output

            with_map = self.photos == 1 and stdout_is_terminal()
            gap = "\n" if len(self.answers) > 1 else ""
            write_result(gap + answer_output(answer, with_map))

    def _write_report(self, answer: "Answer", target: Path) -> None:
        from geoagent_graph.render.html.html_report import html_report
        from geoagent_graph.render.html.photo_data import MAX_SIDE, jpeg_data_uri

        try:
            photo = jpeg_data_uri(self.pixels(answer.image, MAX_SIDE))
        except PhotoError as error:  # many large photos: the store may have let this one go
            write_note(f"{error} Its report goes without the picture.")
            photo = None
        write_whole(self._report_path(answer, target), html_report(answer, photo))

    def _report_path(self, answer: "Answer", target: Path) -> Path:
        if self.photos == 1 and not target.is_dir():
            return target
        try:
            target.mkdir(exist_ok=True)
        except OSError as error:
            raise StorageError(
                f"{visible(str(target), 200)}: the folder cannot be made ({error.strerror}); "
                "choose another place"
            ) from error
        return target / _free_name(answer.image.name, self._report_names)


def _free_name(photo_name: str, taken: set[str]) -> str:
    """Return `<photo>.html`, numbered where another photo of the run has that name."""
    stem = "".join(c if c.isalnum() or c in "-_." else "-" for c in Path(photo_name).stem)
    # File systems count bytes: 60 characters are at most 240 of the usual 255.
    stem = stem.lstrip(".")[:60] or "photo"
    name, number = f"{stem}.html", 1
    while name.lower() in taken:
        number += 1
        name = f"{stem}-{number}.html"
    taken.add(name.lower())
    return name
