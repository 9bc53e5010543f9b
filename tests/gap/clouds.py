"""Small labelled clouds for the gap tests."""

import numpy as np

from xmodal_core.embedding import Embedding, Space


def embedding(features, labels=None, name="cloud", class_names=None):
    features = np.asarray(features)
    labels = np.zeros(len(features), np.int64) if labels is None else np.asarray(labels, np.int64)
    class_names = class_names or tuple(f"class {c}" for c in range(int(labels.max()) + 1))
    uid = np.array([f"{name}/{i}" for i in range(len(features))])
    return Embedding(features, labels, uid, class_names, Space.RAW, name)


def gaussian(n, d, seed, shift=0.0, n_classes=1, separation=0.0, name="cloud", spread=1.0):
    """Standard normal cloud (n, d) float32; class c is moved by `separation` along axis c mod d."""
    labels = np.arange(n) % n_classes
    features = spread * np.random.default_rng(seed).normal(size=(n, d)) + shift
    features[np.arange(n), labels % d] += separation * (labels > 0)
    return embedding(features.astype(np.float32), labels, name)


def unlike_sides(n, m, d, seed, classes=3):
    """Two clouds of n and m rows that differ in place, in spread between classes and in their number."""
    rng = np.random.default_rng(seed)
    source = gaussian(n, d, seed, n_classes=classes, separation=3.0)
    return source, gaussian(m, d, seed + 1, n_classes=classes + 1, shift=rng.normal(), separation=2.0)
