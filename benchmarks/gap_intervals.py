"""How often the 95 % interval of a gap reading holds the reading's mean over such rows, by simulation.

    python -m benchmarks.gap_intervals --metrics otdd,centroid,knn,sliced --rows 200 --draws 400

Both sides are mixtures of four Gaussian classes with shares .4, .3, .2, .1 in eight dimensions. Other rows come with
shares that are fixed, or sampled as rows are; an interval is about the one or the other. Its own kind should read .95,
and "sampled" no less wherever it is asked.
"""

import argparse
from collections import defaultdict

import numpy as np

from xmodal_core.embedding import Embedding, Space
from xmodal_core.errors import XModalError
from xmodal_core.gap import METRICS
from xmodal_core.gap.base import Metric, Pausing, Statistic, finish
from xmodal_core.gap.interval import CLASS_SHARES, scatter

_SHARES = np.array([0.4, 0.3, 0.2, 0.1])
_DIMENSIONS = 8
_SPREAD, _SHIFT = 3.0, 1.0  # of class means, and of the target's
_NAMES = tuple(f"class {i}" for i in range(len(_SHARES)))


def coverage(metric: Metric, n: int, draws: int, truth_draws: int, seed: int = 0) -> dict[tuple[str, str], float]:
    """Share of intervals that hold the mean reading, by how shares really vary and by what an interval is about.

    Args:
        metric: with its usual settings.
        n: rows a side.
        draws: pairs of clouds that get an interval.
        truth_draws: pairs whose mean reading stands for the truth.
        seed: of every draw.
    """
    settings = metric.settings_type()

    def evaluate(source: Embedding, target: Embedding) -> Pausing[Statistic]:
        yield
        return metric.statistic(source, target, settings)

    held: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for really in CLASS_SHARES:
        rng = np.random.default_rng([seed, n])
        mean = np.mean([finish(evaluate(*_clouds(rng, n, really))).value for _ in range(truth_draws)])
        for draw in range(draws):
            sides = _clouds(rng, n, really)
            found = finish(evaluate(*sides))
            for about in CLASS_SHARES:
                interval = finish(scatter(evaluate, metric, *sides, about, draw)).interval(found.value, found.bounds, n)
                held[really, about].append(interval is not None and interval[0] <= mean <= interval[1])
    return {which: float(np.mean(hits)) for which, hits in held.items()}


def _clouds(rng: np.random.Generator, n: int, shares: str) -> tuple[Embedding, Embedding]:
    """A pair of clouds (n, 8) whose classes are the same at every draw."""
    centres = np.random.default_rng(7)
    return _cloud(rng, n, shares, centres, 0.0), _cloud(rng, n, shares, centres, _SHIFT)


def _cloud(rng: np.random.Generator, n: int, shares: str, centres: np.random.Generator, shift: float) -> Embedding:
    means = centres.normal(size=(len(_SHARES), _DIMENSIONS)) * _SPREAD + shift
    counts = rng.multinomial(n, _SHARES) if shares == "sampled" else np.round(_SHARES * n).astype(int)
    labels = np.repeat(np.arange(len(_SHARES)), counts)
    features = (means[labels] + rng.normal(size=(len(labels), _DIMENSIONS))).astype(np.float32)
    uid = np.array([str(i) for i in range(len(labels))])
    return Embedding(features, labels, uid, _NAMES, Space.RAW, "mixture")


def main(arguments: list[str] | None = None) -> None:
    """Print one line a metric and kind of rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--metrics", default="otdd", help="names between commas, of those that are subsampled")
    parser.add_argument("--rows", type=int, default=200, help="rows a side")
    parser.add_argument("--draws", type=int, default=400, help="pairs of clouds that get an interval")
    parser.add_argument("--truth", type=int, default=800, help="pairs whose mean reading is the truth")
    asked = parser.parse_args(arguments)
    print(f"{'metric':<12}{'rows':>6}{'shares really':>15}{'fixed':>8}{'sampled':>9}   (share of intervals)")
    for name in asked.metrics.split(","):
        if name not in METRICS:
            raise XModalError(f"metric is {name!r}, expected one of {', '.join(METRICS)}.")
        found = coverage(METRICS[name], asked.rows, asked.draws, asked.truth)
        for really in CLASS_SHARES:
            fixed, sampled = found[really, "fixed"], found[really, "sampled"]
            print(f"{name:<12}{asked.rows:>6}{really:>15}{fixed:>8.3f}{sampled:>9.3f}", flush=True)


if __name__ == "__main__":
    main()
