"""The simulation of crossings: steep lines cross surely, and their intervals hold the place."""

from benchmarks.crossing_errors import shares


def test_a_steep_line_is_shown_to_cross_and_its_interval_seldom_misses() -> None:
    shown, missed = shares(-8.0, 8.0, 1.0, n_seeds=5, draws=150, seed=0)
    assert shown > 0.95
    assert missed <= 0.11  # of 150 at 5 % more than 16 are as rare as one in a thousand


def test_a_flat_one_is_seldom_shown() -> None:
    assert shares(-0.2, 0.2, 2.0, n_seeds=3, draws=150, seed=0)[0] < 0.1
