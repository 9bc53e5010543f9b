"""How often does the interval of a crossing leave out the true place? Simulated; nothing is trained.

    python -m benchmarks.crossing_errors [--draws N]

Two arms whose paired difference is truly a straight line between two levels; each seed's difference at a level is
normal around it, over seeds alone. In percent: how many experiments show a crossing at all, show one whose interval
misses the true place, and how many of those that show one do. A crossing that is shown where the truth is steep is
nothing special; where few are shown they are a selection. Of 2,000 draws a rate of 5 has a standard error of 0.5.
"""

import argparse

import numpy as np

from xmodal_core.verdict.differences import Differences
from xmodal_core.verdict.lines import straight

SEEDS = (3, 5, 10)
SETTINGS = ((-3.0, 2.0, 1.5), (-5.0, 5.0, 1.5), (-1.0, 4.0, 1.0), (-2.0, 2.0, 2.0))  # true points at both, spread


def shares(first: float, second: float, spread: float, n_seeds: int, draws: int, seed: int) -> tuple[float, float]:
    """Shares of the draws that show a crossing, and that show one without the true place.

    Args:
        first: true difference at the lower level, in points, below zero.
        second: at the higher one, above zero.
        spread: standard deviation over seeds, in points.
        n_seeds: of each experiment.
        draws: experiments.
        seed: of the draws.
    """
    rng, place = np.random.default_rng(seed), first / (first - second)
    shown = missed = 0
    for _ in range(draws):
        points = ((mean + spread * rng.standard_normal(n_seeds)) / 100 for mean in (first, second))
        found = straight((10, 40), [Differences(own, None, None, None, 1.0) for own in points]).changes()
        shown += bool(found)
        missed += any(not low <= place <= high for _, low, high in found)
    return shown / draws, missed / draws


def main() -> None:
    """Simulate, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=2000)
    options = parser.parse_args()
    print(f"{'true points':>14}{'spread':>8}{'seeds':>7}{'shown':>8}{'missed':>8}{'of shown':>10}")
    for first, second, spread in SETTINGS:
        for n_seeds in SEEDS:
            shown, missed = shares(first, second, spread, n_seeds, options.draws, n_seeds)
            of_shown = f"{100 * missed / shown:.1f}" if shown else "-"
            print(
                f"{f'{first:g} to {second:g}':>14}{spread:>8g}{n_seeds:>7}{100 * shown:>8.1f}{100 * missed:>8.1f}"
                f"{of_shown:>10}",
                flush=True,
            )


if __name__ == "__main__":
    main()
