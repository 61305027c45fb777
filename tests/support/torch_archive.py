"""Archives as `torch.save` writes them, made without torch; their pickle may be replaced."""

import io
import pickle
import zipfile
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray


class _Named:
    """A global of torch, by name: the pickler writes the name and never looks for it."""

    def __init__(self, module: str, name: str) -> None:
        self.__module__ = module
        self.name = name


class _Pickler(pickle._Pickler):
    """Writes what torch writes: names of torch's functions, and notes of where storages lie."""

    dispatch: ClassVar[dict[type, Any]] = dict(pickle._Pickler.dispatch)

    def _save_named(self, named: _Named) -> None:
        self.write(  # type: ignore[attr-defined]
            pickle.GLOBAL + f"{named.__module__}\n{named.name}\n".encode()
        )

    dispatch[_Named] = _save_named

    def persistent_id(self, obj: Any) -> Any:
        return obj.note if isinstance(obj, _Storage) else None


class _Storage:
    def __init__(self, key: int, count: int) -> None:
        self.note = ("storage", _Named("torch", "FloatStorage"), str(key), "cpu", count)


class _Tensor:
    def __init__(self, key: int, values: NDArray[np.float32]) -> None:
        strides = tuple(step // 4 for step in values.strides)
        self.parts: tuple[Any, ...] = (
            _Storage(key, values.size),
            0,
            values.shape,
            strides,
            False,
            {},
        )


def _save_tensor(pickler: Any, tensor: _Tensor) -> None:
    pickler.save(_Named("torch._utils", "_rebuild_tensor_v2"))
    pickler.save(tensor.parts)
    pickler.write(pickle.REDUCE)


_Pickler.dispatch[_Tensor] = _save_tensor


def torch_archive(
    value: NDArray[np.float32] | dict[str, NDArray[np.float32]], pickled: bytes | None = None
) -> bytes:
    """Return an archive of one tensor, or of a state dict."""
    named = value if isinstance(value, dict) else {"": value}
    tensors = {name: _Tensor(key, array) for key, (name, array) in enumerate(named.items())}
    file = io.BytesIO()
    _Pickler(file, protocol=2).dump(tensors if isinstance(value, dict) else tensors[""])
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("tiny/data.pkl", file.getvalue() if pickled is None else pickled)
        for key, array in enumerate(named.values()):
            archive.writestr(f"tiny/data/{key}", array.astype("<f4").tobytes("A"))
        archive.writestr("tiny/version", b"3\n")
    return out.getvalue()
