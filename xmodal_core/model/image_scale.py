"""The scale of images that a body was trained with."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ImageScale:
    """Mean and standard deviation of images in [0, 1] that a body was trained with, a value a channel or one for all.

    A channel x in [0, 1] enters the body as (x - mean) / std.
    """

    mean: tuple[float, ...] = (0.5,)
    std: tuple[float, ...] = (0.5,)
