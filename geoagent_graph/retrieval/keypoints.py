"""Local features of photos, to check whether two of them show the same place.

SIFT (Lowe, Distinctive Image Features from Scale-Invariant Keypoints, 2004), the strongest 400 of a
photo at most 512 pixels long; descriptors as roots of shares (Arandjelovic and Zisserman, Three
things everyone should know to improve object retrieval, 2012). They match where each is clearly the
other's nearest; of the matches, those count that one plausible homography explains.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

MAX_KEYPOINTS: Final = 400
KEYPOINTS_ID: Final = "sift-400/v1"
_DESCRIPTOR: Final = 128
_RECORD: Final = np.dtype(
    [
        ("count", "<u2"),
        ("xy", "<u2", (MAX_KEYPOINTS, 2)),
        ("descriptors", "u1", (MAX_KEYPOINTS, _DESCRIPTOR)),
    ]
)
RECORD_BYTES: Final = _RECORD.itemsize
_STEPS_PER_PX: Final = 32.0  # positions up to 2,047 pixels
_CONTRAST: Final = 0.03
_ROOT_SCALE: Final = 255.0  # of roots of shares, at most 1
_RATIO: Final = 0.8  # of the nearest distance to the second
_MIN_MATCHES: Final = 6
_ERROR_PX: Final = 4.0
_ROUNDS: Final = 1000
_CONFIDENCE: Final = 0.999
_MAX_SCALE: Final = 10.0
_MAX_STRETCH: Final = 4.0
_SAME_POINT_PX: Final = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class Keypoints:
    """Positions in pixels, [n, 2], and descriptors, [n, 128], the strongest first."""

    xy: NDArray[np.float32]
    descriptors: NDArray[np.float32]


def find_keypoints(photo: NDArray[np.uint8]) -> Keypoints:
    """Return the keypoints of an RGB photo, shape [height, width, 3]; none of a plain one."""
    import cv2

    grey = cv2.cvtColor(np.ascontiguousarray(photo), cv2.COLOR_RGB2GRAY)
    sift = cv2.SIFT.create(nfeatures=MAX_KEYPOINTS, contrastThreshold=_CONTRAST)
    found, descriptors = sift.detectAndCompute(grey, None)
    if not found:
        return Keypoints(np.empty((0, 2), np.float32), np.empty((0, _DESCRIPTOR), np.float32))
    strongest = np.argsort([-point.response for point in found], kind="stable")[:MAX_KEYPOINTS]
    xy = np.array([found[number].pt for number in strongest], np.float32)
    shares = np.asarray(descriptors, np.float32)[strongest]
    shares /= np.maximum(shares.sum(axis=1, keepdims=True), 1e-9)
    return Keypoints(xy, np.sqrt(shares))


def keypoint_bytes(keypoints: Keypoints) -> bytes:
    """Return keypoints as a record of `RECORD_BYTES`."""
    record = np.zeros((), _RECORD)
    count = len(keypoints.xy)
    record["count"] = count
    record["xy"][:count] = np.clip(np.round(keypoints.xy * _STEPS_PER_PX), 0, 65_535)
    record["descriptors"][:count] = np.round(keypoints.descriptors * _ROOT_SCALE)
    return record.tobytes()


def read_keypoints(record: bytes) -> Keypoints:
    """Return the keypoints of a record; whatever its bytes, they are bounded and finite."""
    fields: Any = np.frombuffer(record, _RECORD, count=1)[0]
    count = min(int(fields["count"]), MAX_KEYPOINTS)
    return Keypoints(
        fields["xy"][:count].astype(np.float32) / np.float32(_STEPS_PER_PX),
        fields["descriptors"][:count].astype(np.float32) / np.float32(_ROOT_SCALE),
    )


def count_matching_points(photo: Keypoints, other: Keypoints) -> int:
    """Return how many points of two photos match so that both may show one place; 0 for none.

    The matches lie where one homography takes them, which neither mirrors the photo nor blows it up
    out of all measure; points on one spot count once.
    """
    first, second = _match(photo, other)
    if len(first) < _MIN_MATCHES:
        return 0
    import cv2

    at, to = photo.xy[first], other.xy[second]
    homography, mask = cv2.findHomography(
        at, to, cv2.RANSAC, _ERROR_PX, maxIters=_ROUNDS, confidence=_CONFIDENCE
    )
    if homography is None or not np.isfinite(homography).all() or not mask.any():
        return 0
    kept = mask[:, 0] > 0
    if not _is_plausible(np.asarray(homography, np.float64), at[kept].mean(axis=0)):
        return 0
    return min(_count_spots(at[kept]), _count_spots(to[kept]))


def _match(photo: Keypoints, other: Keypoints) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the numbers of points that are each other's nearest, the second clearly farther."""
    ours, theirs = photo.descriptors, other.descriptors
    if len(ours) < _MIN_MATCHES or len(theirs) < _MIN_MATCHES:
        nobody = np.empty(0, np.int64)
        return nobody, nobody
    lengths = np.einsum("nd,nd->n", ours, ours)[:, None] + np.einsum("nd,nd->n", theirs, theirs)
    squares = np.maximum(lengths - 2.0 * ours @ theirs.T, 0.0)
    nearest = squares.argmin(axis=1)
    rows = np.arange(len(ours))
    two = np.partition(squares, 1, axis=1)
    clear = two[:, 0] < _RATIO**2 * two[:, 1]
    mutual = squares.argmin(axis=0)[nearest] == rows
    chosen = np.flatnonzero(clear & mutual)
    return chosen, nearest[chosen]


def _is_plausible(homography: NDArray[np.float64], point: NDArray[np.float32]) -> bool:
    """Return whether a homography is, around a point, something a camera may do to a wall."""
    x, y, scale = homography @ [float(point[0]), float(point[1]), 1.0]
    if abs(scale) < 1e-9:
        return False
    around = (homography[:2, :2] - np.outer([x, y], homography[2, :2]) / scale) / scale
    if not np.isfinite(around).all() or np.linalg.det(around) <= 0.0:
        return False
    long, short = np.linalg.svd(around, compute_uv=False)
    grown = float(np.sqrt(long * short))
    return bool(1.0 / _MAX_SCALE < grown < _MAX_SCALE and long < _MAX_STRETCH * short)


def _count_spots(xy: NDArray[np.float32]) -> int:
    return len(np.unique(np.round(xy / _SAME_POINT_PX), axis=0))
