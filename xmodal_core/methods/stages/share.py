"""How far a curriculum is, and how many target tokens are replaced there, as pure functions.

Reference: PaRe (Cai et al., ICML 2024): k falls from many to few, epoch by epoch.
"""

import torch

ORDERS = ("easy_to_hard", "hard_to_easy", "fixed", "random")
_LEAST_LEVELS = 5  # a curriculum of less than five epochs would hardly leave its easy end


def progress_at(step: int, total: int, per_epoch: int, order: str, rng: torch.Generator) -> float:
    """Where the curriculum is: k changes once per epoch, as in PaRe, but at least four times if there are the steps.

    Args:
        step: steps of the stage that were done, below `total`.
        total: steps of the stage.
        per_epoch: steps in which every target sample comes once.
        order: as for `patches_at`; random draws where it is.
        rng: of that draw.

    Returns:
        0 at the first step, 1 at the last ones where there are two levels or more; of a random order any of [0, 1).
    """
    if order == "random":
        return float(torch.rand((), generator=rng))
    per_level = max(1, min(per_epoch, total // _LEAST_LEVELS))
    n_levels = -(-total // per_level)
    return (step // per_level) / max(1, n_levels - 1)


def patches_at(
    progress: float, n_source: int, n_target: int, start: float, end: float, order: str = "easy_to_hard"
) -> int:
    """Number k of replaced tokens at a point of the curriculum.

    Args:
        progress: 0 at the first epoch, towards 1 at the last; for `random`, any draw from [0, 1).
        n_source: tokens of a source sample.
        n_target: tokens of a target sample.
        start: share of replaced tokens at the easy (source-like) end, in [0, 1].
        end: share at the hard (target-like) end, in [0, 1].
        order: easy_to_hard | hard_to_easy | fixed (the mean share throughout) | random.

    Returns:
        k in [0, min(n_source, n_target)].
    """
    if order == "hard_to_easy":
        start, end = end, start
    share = (start + end) / 2 if order == "fixed" else start + (end - start) * progress
    share = min(max(share, min(start, end)), max(start, end))  # rounding leaves the ends, and a whole token with them
    return min(max(int(share * min(n_source, n_target)), 0), min(n_source, n_target))
