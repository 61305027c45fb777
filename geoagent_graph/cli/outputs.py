"""Where answers go: text or JSON on stdout, and the files that were asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from geoagent_graph.cli.photos import noting_pixels
from geoagent_graph.cli.streams import stdout_is_terminal, write_result
from geoagent_graph.errors import InputError, StorageError
from geoagent_graph.render.files import check_target, write_whole
from geoagent_graph.render.formats.json_answer import json_text
from geoagent_graph.render.formats.table import named_format
from geoagent_graph.safe_text import visible

if TYPE_CHECKING:
    from geoagent_graph.cases.view import Pixels
    from geoagent_graph.render.formats.format import Format
    from geoagent_graph.types import Answer

_MISSING_PICTURE = "Its report goes without the picture."


@dataclass(frozen=True, slots=True)
class OutputChoice:
    """What was asked for: the form of the result, and files by the names of their formats."""

    as_json: bool = False
    as_jsonl: bool = False
    files: Mapping[str, Path] = field(default_factory=dict)
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
        for name, path in self.files.items():
            if named_format(name).of_answers is not None or (photos == 1 and not path.is_dir()):
                check_target(path, f"--{name}")
            elif path.is_file():
                raise InputError(
                    f"--{name} {visible(str(path))}: is a file; several photos need a folder"
                )


@dataclass
class Results:
    """Takes answers one by one, prints them, and writes the files at the end."""

    choice: OutputChoice
    photos: int
    pixels: "Pixels"
    answers: list["Answer"] = field(default_factory=list)
    _objects: list[object] = field(default_factory=list)
    _file_names: set[str] = field(default_factory=set)

    def add(self, answer: "Answer") -> None:
        """Print one answer, or keep it for the array, and write its report."""
        self.answers.append(answer)
        self._print_answer(answer)
        for row, path in self._files():
            if row.of_answers is None and row.of_photo is not None:
                pixels = noting_pixels(self.pixels, _MISSING_PICTURE)
                write_whole(self._photo_path(answer, row, path), row.of_photo(answer, pixels))

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
        for row, path in self._files():
            if row.of_answers is not None:
                write_whole(path, row.of_answers(self.answers))

    def _files(self) -> "list[tuple[Format, Path]]":
        return [(named_format(name), path) for name, path in self.choice.files.items()]

    def _print_answer(self, answer: "Answer") -> None:
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

    def _photo_path(self, answer: "Answer", row: "Format", target: Path) -> Path:
        if self.photos == 1 and not target.is_dir():
            return target
        try:
            target.mkdir(exist_ok=True)
        except OSError as error:
            raise StorageError(
                f"{visible(str(target), 200)}: the folder cannot be made ({error.strerror}); "
                "choose another place"
            ) from error
        return target / _free_name(answer.image.name, row.ending, self._file_names)


def _free_name(photo_name: str, ending: str, taken: set[str]) -> str:
    """Return the photo's name with an ending, numbered where another of the run has it."""
    stem = "".join(c if c.isalnum() or c in "-_." else "-" for c in Path(photo_name).stem)
    # File systems count bytes: 60 characters are at most 240 of the usual 255.
    stem = stem.lstrip(".")[:60] or "photo"
    name, number = f"{stem}{ending}", 1
    while name.lower() in taken:
        number += 1
        name = f"{stem}-{number}{ending}"
    taken.add(name.lower())
    return name
