"""How fast many photos go, and how long the rest will take."""

from collections import deque
from time import monotonic
from typing import Final

_PHOTOS_LOOKED_AT: Final = 30  # those kept from an earlier run come at once: old pace is soon past
_MIN_PHOTOS: Final = 3


class Pace:
    """Counts photos as they are done."""

    def __init__(self, photos: int) -> None:
        self._photos = photos
        self._done = 0
        self._times = deque([monotonic()], maxlen=_PHOTOS_LOOKED_AT + 1)

    def after_photo(self) -> str:
        """Count one more and return the pace and the time left, as ` (2.1/s, 3 min left)`."""
        self._done += 1
        self._times.append(monotonic())
        seconds = self._times[-1] - self._times[0]
        left = self._photos - self._done
        if self._done < _MIN_PHOTOS or not left or seconds <= 0.0:
            return ""
        each = seconds / (len(self._times) - 1)
        speed = f"{1 / each:.1f}/s" if each < 1.0 else f"{each:.1f} s each"
        return f" ({speed}, {duration(each * left)} left)"


def duration(seconds: float) -> str:
    """Return a time in the largest unit that suits it, as `45 s`, `12 min`, `3 h 5 min`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
