"""Zips of small pictures and sounds, for tests: no two pictures are equal, and each class has its own brightness."""

import io
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from PIL import Image


def pixels(seed: int, level: int = 128, size: tuple[int, int] = (16, 16), channels: int = 1) -> np.ndarray:
    """(height, width) or (height, width, channels) uint8 around a level; size is width and height."""
    shape = (size[1], size[0], channels) if channels > 1 else (size[1], size[0])
    return np.clip(np.random.default_rng(seed).normal(level, 20, shape), 0, 255).astype(np.uint8)


def encoded(array: np.ndarray, kind: str = "PNG", mode: str | None = None, **how: Any) -> bytes:
    """An array as a picture file of a format of Pillow."""
    stream = io.BytesIO()
    image = Image.fromarray(array)
    (image.convert(mode) if mode else image).save(stream, kind, **how)
    return stream.getvalue()


def picture(seed: int, level: int = 128, **how: Any) -> bytes:
    """A grey picture of 16 x 16."""
    return encoded(pixels(seed, level), **how)


def packed(entries: Mapping[str, bytes] | Iterable[tuple[str | zipfile.ZipInfo, bytes]]) -> bytes:
    """A zip of these files, in their order."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as target:
        for name, content in entries.items() if isinstance(entries, Mapping) else entries:
            target.writestr(name, content)
    return stream.getvalue()


def pictures(*folders: str, n: int = 6, suffix: str = ".png", start: int = 0, **how: Any) -> dict[str, bytes]:
    """`n` pictures in each folder, called 0, 1 ...; the last part of a folder's name makes them dark or bright."""
    return {
        f"{folder}/{i}{suffix}": picture(start + 1000 * at + i, 60 + 40 * (at % 4), **how)
        for at, folder in enumerate(folders)
        for i in range(n)
    }


def in_encoding(entries: Mapping[str, bytes], encoding: str) -> bytes:
    """A zip whose names are bytes of this encoding, which nothing says."""
    shown = {f"{at}".join("@@").ljust(len(name.encode(encoding)), "_"): name for at, name in enumerate(entries)}
    content = packed({marked: entries[name] for marked, name in shown.items()})
    for marked, name in shown.items():
        content = content.replace(marked.encode(), name.encode(encoding))
    return content


def tone(hz: float, rate: int = 8000, seconds: float = 0.3, seed: int = 0) -> np.ndarray:
    """(samples,) float32: a sine in a little noise."""
    time = np.arange(int(rate * seconds)) / rate
    noise = np.random.default_rng(seed).normal(0, 0.01, len(time))
    return (0.5 * np.sin(2 * np.pi * hz * time) + noise).astype(np.float32)


def sound(wave: np.ndarray, rate: int = 8000, kind: str = "WAV") -> bytes:
    """A wave (samples,) or (samples, channels) as a file of a format of soundfile."""
    import soundfile

    stream = io.BytesIO()
    soundfile.write(stream, wave, rate, format=kind)
    return stream.getvalue()


def sounds(n: int = 4, suffix: str = ".wav", **how: Any) -> dict[str, bytes]:
    """`n` low and `n` high tones in two folders."""
    return {
        f"{name}/{i}{suffix}": sound(tone(hz, seed=i + int(hz), **how), how.get("rate", 8000), suffix[1:].upper())
        for name, hz in (("low", 300.0), ("high", 2000.0))
        for i in range(n)
    }
