"""Arrays that travel together arrive as they were."""

import numpy as np
import torch
from geoagent_training.rewards.device_copy import copy_together, pack_bytes, unpack_bytes


def test_packed_arrays_come_out_with_their_types_and_shapes() -> None:
    arrays = [
        np.array([[1.5, -2.5], [np.nan, 4.0], [0.0, 1e-300]]),
        np.arange(9, dtype=np.int32).reshape(3, 3) - 1,
        np.zeros((0, 3), dtype=np.int32),
        np.array([7], dtype=np.int32),
    ]
    tensors = [torch.from_numpy(array) for array in arrays]
    packed = pack_bytes(tensors)
    assert packed.dtype == torch.uint8
    views = unpack_bytes(packed, tensors)
    for array, view in zip(arrays, views, strict=True):
        np.testing.assert_array_equal(view.numpy(), array)
        assert view.data_ptr() % 16 == packed.data_ptr() % 16


def test_on_a_cpu_a_contiguous_array_is_not_copied() -> None:
    whole = np.arange(6.0).reshape(3, 2)
    same, strided = copy_together((whole, whole[:, ::-1]), torch.device("cpu"))
    assert same.data_ptr() == whole.ctypes.data
    np.testing.assert_array_equal(strided.numpy(), whole[:, ::-1])
