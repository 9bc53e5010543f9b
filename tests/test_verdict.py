import pytest

from xmodal_core.verdict import contrast, sentence, verdict


def by_seed(*values: float) -> dict[int, float]:
    return dict(enumerate(values))


def test_interval_is_the_paired_t_interval() -> None:
    """Differences 1, 2, 3 points: mean 2, sd 1, t(0.975, 2) = 4.3027, half width 4.3027 / sqrt(3)."""
    c = contrast("a", "b", {"a": by_seed(0.51, 0.62, 0.73), "b": by_seed(0.50, 0.60, 0.70)})
    assert c is not None
    assert c.mean == pytest.approx(0.02)
    assert c.interval == pytest.approx((0.02 - 0.0248414, 0.02 + 0.0248414), abs=1e-6)
    assert c.reading == "inconclusive"
    assert c.pairs_needed == 8  # ceil(2.8016^2 * 0.01^2 / 0.01^2)


@pytest.mark.parametrize(("difference", "reading"), [(0.1, "better"), (-0.1, "worse"), (0.0, "equal")])
def test_a_clear_difference_is_called_what_it_is(difference: float, reading: str) -> None:
    b = [0.5, 0.6, 0.7]
    a = [v + difference + e for v, e in zip(b, (0.001, -0.001, 0.0), strict=True)]
    c = contrast("a", "b", {"a": by_seed(*a), "b": by_seed(*b)})
    assert c is not None
    assert c.reading == reading


def test_one_seed_decides_nothing() -> None:
    c = contrast("a", "b", {"a": by_seed(0.9), "b": by_seed(0.1)})
    assert c is not None
    assert c.reading == "inconclusive"
    assert "one seed" in sentence(c)


def test_only_shared_seeds_are_compared() -> None:
    assert contrast("a", "b", {"a": {0: 0.5}, "b": {1: 0.5}}) is None


GOOD, BAD = by_seed(0.9, 0.91, 0.9), by_seed(0.5, 0.51, 0.5)


@pytest.mark.parametrize(
    ("table", "answer"),
    [
        ({"finetune": BAD, "scratch": BAD, "orca": GOOD}, "cross the gap first, with orca"),
        ({"finetune": GOOD, "scratch": BAD, "orca": GOOD}, "full fine-tuning is enough"),
        ({"finetune": GOOD, "scratch": BAD}, "pretraining helps; whether to align first is open"),
        ({"finetune": BAD, "scratch": GOOD, "orca": BAD}, "train from scratch"),
        ({"finetune": by_seed(0.5, 0.9), "scratch": by_seed(0.6, 0.7)}, "inconclusive"),
        ({"orca": GOOD}, "inconclusive"),
        ({}, "inconclusive"),
    ],
)
def test_verdict_follows_its_rule(table: dict[str, dict[int, float]], answer: str) -> None:
    assert verdict(table)["answer"] == answer
