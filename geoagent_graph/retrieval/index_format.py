"""The layout of an index folder: a manifest that vouches for the files beside it."""

import hashlib
import json
import re
from pathlib import Path
from typing import Annotated, BinaryIO, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from geoagent_graph.errors import ReferenceIndexError
from geoagent_graph.regular_files import open_regular
from geoagent_graph.retrieval.keypoints import RECORD_BYTES
from geoagent_graph.safe_text import visible
from geoagent_graph.validation_words import validation_words

FORMAT = "geoagent-reference-index"
FORMAT_VERSION = 6
SHARDS_VERSION = 5
OLDEST_VERSION = 1
"""Without a classifier; with it 2; with vectors of places or keypoints 3; flat with bytes 4.

Of several shards, or with codes of three bits a number: 5; with codes that are scanned fast: 6.
"""
MANIFEST_NAME = "manifest.json"
VECTORS_NAME = "index.faiss"
REFERENCES_NAME = "references.parquet"
CLASSIFIER_NAME = "classifier.npz"
PLACE_VECTORS_NAME = "places.bin"
KEYPOINTS_NAME = "keypoints.bin"
KEYPOINT_DIGESTS_NAME = "keypoints.sha256"
EXACT_NAME = "exact.f16"
LISTS_NAME = "lists.bin"
ROWS_NAME = "references.arrow"
SHARD_NAME = re.compile(r"shard-[0-9]{6}")
INDEX_FILES = frozenset(
    {
        MANIFEST_NAME,
        VECTORS_NAME,
        REFERENCES_NAME,
        CLASSIFIER_NAME,
        PLACE_VECTORS_NAME,
        KEYPOINTS_NAME,
        KEYPOINT_DIGESTS_NAME,
        EXACT_NAME,
        LISTS_NAME,
        ROWS_NAME,
    }
)

MAX_MANIFEST_BYTES = 1_000_000
MAX_SHARDS = 4096
MAX_DIMENSION = 65_536
MAX_COUNT = 1_000_000_000
MAX_SHOWN_CHARS = 200
_CHUNK_BYTES = 1 << 20

IndexKind = Literal[
    "IndexFlat",
    "IndexScalarQuantizer",
    "IndexIVFScalarQuantizer",
    "IndexIVFRaBitQ",
    "IndexIVFPQFastScan",
    "Shards",
]
MAPPED_KINDS: Final = frozenset({"IndexIVFRaBitQ", "IndexIVFPQFastScan"})
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("has characters that cannot be shown")
    return text


PrintableName = Annotated[
    str, Field(min_length=1, max_length=MAX_SHOWN_CHARS), AfterValidator(_printable)
]

REBUILD = "build it again with `geoagent index build`"


class _Stored(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class FileRecord(_Stored):
    """What a file of the index must be, to the byte."""

    sha256: Sha256
    size_bytes: Annotated[int, Field(ge=1, le=1 << 44)]


class IndexFiles(_Stored):
    """The files beside the manifest; a classifier only where one was worth keeping.

    Vectors of places are there where the encoder has an own encoder for them, keypoints where they
    were asked for. With compressed codes the exact vectors and the rows lie in files that are
    mapped into memory. An index of shards has neither vectors nor references of its own.
    """

    vectors: FileRecord | None = Field(default=None, alias=VECTORS_NAME)
    references: FileRecord | None = Field(default=None, alias=REFERENCES_NAME)
    exact: FileRecord | None = Field(default=None, alias=EXACT_NAME)
    lists: FileRecord | None = Field(default=None, alias=LISTS_NAME)
    rows: FileRecord | None = Field(default=None, alias=ROWS_NAME)
    classifier: FileRecord | None = Field(default=None, alias=CLASSIFIER_NAME)
    place_vectors: FileRecord | None = Field(default=None, alias=PLACE_VECTORS_NAME)
    keypoints: FileRecord | None = Field(default=None, alias=KEYPOINTS_NAME)
    keypoint_digests: FileRecord | None = Field(default=None, alias=KEYPOINT_DIGESTS_NAME)


class EncoderRecord(_Stored):
    """An encoder, and how long its vectors are."""

    encoder_id: PrintableName
    dimension: Annotated[int, Field(ge=1, le=MAX_DIMENSION)]


class ShardRecord(_Stored):
    """A folder of an index that is an index itself, known by the digest of its manifest."""

    name: Annotated[str, Field(pattern=rf"^{SHARD_NAME.pattern}$")]
    count: Annotated[int, Field(ge=1, le=MAX_COUNT)]
    manifest: FileRecord


class IndexManifest(_Stored):
    """What an index holds and which encoder made it; `created` is an ISO 8601 time in UTC."""

    format: Literal["geoagent-reference-index"]
    format_version: Annotated[int, Field(ge=OLDEST_VERSION, le=FORMAT_VERSION)]
    encoder_id: PrintableName
    dimension: Annotated[int, Field(ge=1, le=MAX_DIMENSION)]
    count: Annotated[int, Field(ge=1, le=MAX_COUNT)]
    metric: Literal["inner_product"]
    index_kind: IndexKind
    created: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")]
    files: IndexFiles
    place_encoder: EncoderRecord | None = None  # of what the classifier learns from
    shards: Annotated[list[ShardRecord], Field(min_length=1, max_length=MAX_SHARDS)] | None = None

    @property
    def classified_dimension(self) -> int:
        """How long the vectors are that the classifier looks at."""
        return self.dimension if self.place_encoder is None else self.place_encoder.dimension

    @property
    def size_bytes(self) -> int:
        """How much the files beside the manifest take, shards apart."""
        return sum(record.size_bytes for _, record in self.files if record is not None)

    @model_validator(mode="after")
    def _check_parts(self) -> Self:
        """Refuse files that do not belong to this kind of index, or places without an encoder."""
        files = self.files
        wanted = _REQUIRED_FILES.get(self.index_kind, ("vectors", "references"))
        for name, field in _PART_FIELDS.items():
            if (getattr(files, field) is not None) != (field in wanted):
                raise ValueError(f"{name}: missing, or no part of an {self.index_kind}")
        if (self.shards is not None) != (self.index_kind == "Shards"):
            raise ValueError("shards do not belong to it, or are missing")
        if self.shards is not None and self.count != sum(shard.count for shard in self.shards):
            raise ValueError("its shards hold another number of photos")
        if (self.place_encoder is None) != (files.place_vectors is None):
            raise ValueError(f"{PLACE_VECTORS_NAME} and its encoder are not both there")
        return self

    @model_validator(mode="after")
    def _check_count(self) -> Self:
        """Refuse more vectors than the files hold: memory is taken by count."""
        files = self.files
        if files.exact is not None:
            if files.exact.size_bytes != 2 * self.count * self.dimension:
                raise ValueError(f"{EXACT_NAME} does not hold {self.count} vectors")
        elif files.vectors is not None and self.count * self.dimension > files.vectors.size_bytes:
            raise ValueError(f"{self.count} vectors do not fit into {VECTORS_NAME}")
        sizes = [(files.keypoints, RECORD_BYTES), (files.keypoint_digests, 32)]
        if any(file is not None for file, _ in sizes) and not all(
            file is not None and file.size_bytes == self.count * size for file, size in sizes
        ):
            raise ValueError(f"{KEYPOINTS_NAME} does not hold {self.count} records")
        return self


_PART_FIELDS = {
    VECTORS_NAME: "vectors",
    REFERENCES_NAME: "references",
    EXACT_NAME: "exact",
    LISTS_NAME: "lists",
    ROWS_NAME: "rows",
}
_REQUIRED_FILES: dict[str, tuple[str, ...]] = {
    "IndexIVFRaBitQ": ("vectors", "exact", "rows"),
    "IndexIVFPQFastScan": ("vectors", "lists", "exact", "rows"),
    "Shards": (),
}


class HashingFile:
    """A writer that remembers size and sha256 of what went through it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self._size_bytes = 0

    def write(self, chunk: bytes) -> int:
        """Write all of `chunk` and return its length."""
        self._file.write(chunk)
        self._digest.update(chunk)
        self._size_bytes += len(chunk)
        return len(chunk)

    def record(self) -> FileRecord:
        """Return the size and sha256 of everything written so far."""
        return FileRecord(sha256=self._digest.hexdigest(), size_bytes=self._size_bytes)


def is_index(folder: Path) -> bool:
    """Return whether a folder claims to be an index: it has a manifest."""
    return (folder / MANIFEST_NAME).is_file()


def read_manifest(folder: Path) -> IndexManifest:
    """Return the manifest of an index folder.

    Raises:
        ReferenceIndexError: there is no index, or its manifest is damaged, empty or newer.
    """
    if not folder.is_dir():
        what = "is a file, not an index folder" if folder.exists() else "does not exist"
        raise ReferenceIndexError(
            f"{folder}: {what}; name an index folder or make one with `geoagent index build`."
        )
    return parse_manifest(_manifest_bytes(folder), folder)


def _manifest_bytes(folder: Path) -> bytes:
    try:
        with open_regular(folder / MANIFEST_NAME) as file:
            return file.read(MAX_MANIFEST_BYTES + 1)
    except FileNotFoundError as error:
        raise ReferenceIndexError(
            f"{folder}: not a reference index ({MANIFEST_NAME} is missing); "
            "name an index folder or make one with `geoagent index build`."
        ) from error
    except OSError as error:
        raise ReferenceIndexError(
            f"{folder}: {MANIFEST_NAME} cannot be read ({error.strerror}); check its permissions."
        ) from error


def parse_manifest(data: bytes, folder: Path) -> IndexManifest:
    """Return the manifest in `data`, refusing one that is damaged, empty or newer.

    Raises:
        ReferenceIndexError: names `folder` and says what to do.
    """
    damaged = f"{folder}: {MANIFEST_NAME} is damaged"
    if len(data) > MAX_MANIFEST_BYTES:
        raise ReferenceIndexError(f"{damaged} (larger than any real one); {REBUILD}.")
    try:
        fields = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ReferenceIndexError(f"{damaged} (not JSON); {REBUILD}.") from error
    if not isinstance(fields, dict) or fields.get("format") != FORMAT:
        raise ReferenceIndexError(f"{damaged} or of another program; {REBUILD}.")
    version = fields.get("format_version")
    if isinstance(version, int) and version > FORMAT_VERSION:
        found = visible(str(version), 20)
        raise ReferenceIndexError(
            f"{folder}: written by a newer version (format {found}, this one reads up to "
            f"{FORMAT_VERSION}); update geoagent-graph or {REBUILD}."
        )
    if fields.get("count") == 0:
        raise ReferenceIndexError(f"{folder}: the index is empty; {REBUILD}.")
    try:
        return IndexManifest.model_validate_json(data)
    except ValidationError as error:
        # it may name a foreign key
        problem = visible(validation_words(error, "manifest"), MAX_SHOWN_CHARS)
        raise ReferenceIndexError(f"{damaged} ({problem}); {REBUILD}.") from error


def check_file(file: BinaryIO, record: FileRecord, folder: Path, name: str) -> None:
    """Read an open file once and return with it rewound when it is the one in the manifest.

    Raises:
        ReferenceIndexError: size or sha256 differ.
    """
    size_bytes = file.seek(0, 2)
    if size_bytes != record.size_bytes:
        raise ReferenceIndexError(
            f"{folder}: {name} has {size_bytes} bytes instead of {record.size_bytes} "
            f"(truncated or replaced); copy the folder again or {REBUILD}."
        )
    file.seek(0)
    digest = hashlib.sha256()
    while chunk := file.read(_CHUNK_BYTES):
        digest.update(chunk)
    if digest.hexdigest() != record.sha256:
        raise ReferenceIndexError(
            f"{folder}: {name} is damaged (its sha256 is not the one in {MANIFEST_NAME}); "
            f"copy the folder again or {REBUILD}."
        )
    file.seek(0)
