"""What a model makes of a photo, in pixels and tokens, told from its settings alone."""

from typing import Any

from geoagent_graph.policies.backends import picture_processor
from geoagent_training.errors import ConfigError
from geoagent_training.models.families import family_of


def photo_words(model: str, max_pixels: int) -> str:
    """Return one line: how large a photo may be and how many tokens it takes.

    Only this machine is looked at; a model that is not here is said to be unknown.

    Raises:
        ConfigError: the model is of a family that was never tried, or says nothing of photos.
    """
    family = family_of(model, offline=True)
    if family is None:
        return f"model {model}: it is not here: its family and its tokens of a photo are unknown"
    processor = _local_processor(model)
    photos = processor.image_processor
    if family.fixed_pictures:
        return (
            f"model {model}: {family.name}: every photo becomes {photos.size['width']} x "
            f"{photos.size['height']} pixels and {processor.image_seq_length} tokens, without "
            f"crops (pan and scan is off); max_pixels, {max_pixels}, changes nothing"
        )
    side = int(photos.patch_size) * int(photos.merge_size)
    return (
        f"model {model}: {family.name}: a photo becomes at most {max_pixels} pixels (max_pixels) "
        f"and {max_pixels // side**2} tokens, one for {side} x {side} pixels"
    )


def _local_processor(model: str) -> Any:
    try:
        return picture_processor.load_processor(model)
    except (OSError, ValueError) as error:
        said = " ".join(str(error).split())
        raise ConfigError(f"model {model}: no processor can be loaded: {said}") from error
