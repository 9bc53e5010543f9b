"""Formula-driven fractal images: iterated function systems (IFS) drawn by the chaos game.

A class is one IFS, a handful of contracting affine maps. An image of the class is the attractor of a
slightly perturbed copy of its maps, rotated and scaled a little. No photograph is involved, so anyone
can make the pretraining data of `fractal-vit` again from integers alone.

Reference: Kataoka et al., ACCV 2020 (FractalDB); the sampling rule of the maps is the "sigma factor" of
Anderson and Farrell, WACV 2022, sec. 3.1.

Differs: jittered maps stand in for FractalDB's weighted-parameter instances; rotations stay within 30
degrees and nothing is mirrored, so that orientation keeps its meaning (a 6 is not a 9).
"""

from dataclasses import dataclass

import numpy as np

IMAGE_SIZE = 32
_CLASS_STREAM = 2020  # first word of every class seed: the class table never depends on a user's seed
_BURN_IN = 20
_N_ROUNDS = 120
_N_POINTS = 64
_FILLED_BOUNDS = (0.12, 0.80)  # attractors that are nearly empty or nearly full teach nothing


@dataclass(frozen=True)
class FractalSystem:
    """One IFS: `linear` (k, 2, 2), `shift` (k, 2) and the probability (k,) of choosing each map."""

    linear: np.ndarray
    shift: np.ndarray
    probability: np.ndarray


def class_system(index: int) -> FractalSystem:
    """The IFS of class `index`; the same on every machine and for every seed."""
    rng = np.random.default_rng((_CLASS_STREAM, index))
    while True:
        system = _sample_system(rng)
        filled = float((render(system, 8, rng) > 0.05).mean())
        if _FILLED_BOUNDS[0] < filled < _FILLED_BOUNDS[1]:
            return system


def render(system: FractalSystem, n_images: int, rng: np.random.Generator, jitter: float = 0.1) -> np.ndarray:
    """Draw `n_images` of one class.

    Returns:
        (n_images, 32, 32) float32 in [0, 1]: the logarithm of how often the chaos game visits each pixel.
    """
    k = len(system.probability)
    linear = system.linear * (1 + rng.uniform(-jitter, jitter, (n_images, k, 1, 1)))
    shift = system.shift + rng.uniform(-jitter, jitter, (n_images, k, 2))
    return _draw(_chaos_game(linear, shift, system.probability, rng), rng)


def fractal_images(class_indices: list[int], per_class: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Images and labels of several classes, class by class.

    Returns:
        images (n, 32, 32) uint8 and labels (n,) int64 that count 0.. in the order of `class_indices`.
    """
    images = np.empty((len(class_indices) * per_class, IMAGE_SIZE, IMAGE_SIZE), np.uint8)
    for label, index in enumerate(class_indices):
        rng = np.random.default_rng((_CLASS_STREAM, index, seed, 1))
        block = slice(label * per_class, (label + 1) * per_class)
        images[block] = np.round(render(class_system(index), per_class, rng) * 255)
    return images, np.repeat(np.arange(len(class_indices)), per_class)


def _sample_system(rng: np.random.Generator) -> FractalSystem:
    """Maps whose singular values put the attractor between dust and blob (sigma factor in range)."""
    while True:
        k = int(rng.integers(2, 8))
        linear, shift = rng.uniform(-1, 1, (k, 2, 2)), rng.uniform(-1, 1, (k, 2))
        largest = np.linalg.svd(linear, compute_uv=False)[:, :1, None]
        linear = linear / np.maximum(1.0, largest / 0.95)  # every map contracts, so the attractor is bounded
        singular = np.linalg.svd(linear, compute_uv=False)
        if 0.5 * (5 + k) <= (singular[:, 0] + 2 * singular[:, 1]).sum() <= 0.5 * (6 + k):
            area = np.abs(np.linalg.det(linear)) + 1e-3
            return FractalSystem(linear, shift, area / area.sum())


def _chaos_game(linear: np.ndarray, shift: np.ndarray, probability: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Orbit points (n, points * rounds, 2) of n systems (n, k, 2, 2), (n, k, 2) under random map choice."""
    n, k = shift.shape[:2]
    maps = np.concatenate([linear.reshape(n * k, 4), shift.reshape(n * k, 2)], axis=1).astype(np.float32)
    first = np.arange(n)[:, None] * k
    edges = np.cumsum(probability)[:-1]
    x = np.zeros((n, _N_POINTS), np.float32)
    y = np.zeros((n, _N_POINTS), np.float32)
    orbit = np.empty((_N_ROUNDS - _BURN_IN, 2, n, _N_POINTS), np.float32)
    for step in range(_N_ROUNDS):
        choice = np.searchsorted(edges, rng.random((n, _N_POINTS), np.float32))
        a, b, c, d, e, f = np.moveaxis(maps[first + choice], -1, 0)  # six arrays (n, points)
        x, y = a * x + b * y + e, c * x + d * y + f
        if step >= _BURN_IN:
            orbit[step - _BURN_IN] = x, y
    return np.moveaxis(orbit, (2, 1), (0, 3)).reshape(n, -1, 2)


def _draw(points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Points (n, p, 2) to pixels (n, 32, 32): fit a box, turn and scale a little, count, take the log."""
    n = len(points)
    low, high = np.percentile(points[:, ::8], (1, 99), axis=1)[:, :, None, :]  # every 8th point fixes the box
    unit = (points - low) / (high - low + 1e-6) * 2 - 1
    angle = rng.uniform(-np.pi / 6, np.pi / 6, n).astype(np.float32)
    scale = rng.uniform(0.6, 0.95, n).astype(np.float32)
    cos, sin = (np.cos(angle) * scale)[:, None], (np.sin(angle) * scale)[:, None]
    turned = np.stack([cos * unit[..., 0] - sin * unit[..., 1], sin * unit[..., 0] + cos * unit[..., 1]])
    column, row = ((turned + 1) / 2 * IMAGE_SIZE).astype(np.int64)
    inside = (column >= 0) & (column < IMAGE_SIZE) & (row >= 0) & (row < IMAGE_SIZE)
    pixel = (np.arange(n)[:, None] * IMAGE_SIZE + row) * IMAGE_SIZE + column
    counts = np.bincount(pixel[inside], minlength=n * IMAGE_SIZE**2).reshape(n, IMAGE_SIZE, IMAGE_SIZE)
    image = np.log1p(counts.astype(np.float32))
    return image / (image.max(axis=(1, 2), keepdims=True) + 1e-6)
