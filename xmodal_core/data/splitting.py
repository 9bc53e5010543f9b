"""Which rows train, validate and test: as the file says, else by group, by time, or by class.

What the file says comes under many names; here they all become train, val and test.
"""

import re
import unicodedata

import numpy as np

from xmodal_core.data.dataset import SPLITS, stratified_splits
from xmodal_core.data.draft import Draft
from xmodal_core.data.printable import printable
from xmodal_core.errors import DataError

_SHARES = (0.2, 0.2)  # of val and test
_MOST_FOLDS = 20


def split_rows(draft: Draft, strata: np.ndarray) -> tuple[np.ndarray, str]:
    """Train, val or test per row (n,), and why.

    Args:
        draft: its splits, groups and times.
        strata: groups (n,) that every split gets its share of, where rows are drawn here.

    Raises:
        DataError: a split of another name, or none to train on or to test on.
    """
    if draft.splits is not None:
        return _given(draft, strata)
    if draft.groups is not None:
        return by_group(draft, strata)
    if draft.times is not None:
        return by_time(draft.times), f"in the order of {draft.time!r}: the last fifth tests, the fifth before validates"
    return stratified_splits(strata), "drawn here, 60/20/20 by class or by tenths of the target"


def parse_splits(name: str, splits: np.ndarray) -> tuple[np.ndarray, str]:
    """(n,) of train, val and test from words of any spelling or from numbers of folds, and a clause about folds.

    Of whole numbers the highest tests, the one below validates where there are three, and all others train.

    Args:
        name: data set, for messages.
        splits: (n,) words or whole numbers.

    Raises:
        DataError: another word, or numbers that are no folds.
    """
    values, codes = np.unique(splits, return_inverse=True)
    if values.dtype.kind in "iuf":
        if not 2 <= len(values) <= _MOST_FOLDS or not (values == np.floor(values)).all():
            raise DataError(
                f"{name}: the split has {len(values):,} different numbers, expected 2 to {_MOST_FOLDS} folds or train, "
                "val and test; choose another part, or let it be split anew with --read split=none."
            )
        roles = ["train"] * (len(values) - 1) + ["test"]
        if len(values) > 2:
            roles[-2] = "val"
        said = f", fold {values[-1]:g} tests" + (f", fold {values[-2]:g} validates" if len(values) > 2 else "")
        return np.array(roles, dtype="<U5")[codes.reshape(-1)], said
    known = [split_word(str(word)) for word in values.tolist()]
    for word, spelled in zip(values.tolist(), known, strict=True):
        if spelled is None:
            raise DataError(
                f"{name}: found split {printable(str(word), 40)!r}, expected only {', '.join(SPLITS)}; rename it, or "
                "let it be split anew with --read split=none."
            )
    return np.array(known, dtype="<U5")[codes.reshape(-1)], ""


def _given(draft: Draft, strata: np.ndarray) -> tuple[np.ndarray, str]:
    assert draft.splits is not None
    splits, folds = parse_splits(draft.name, draft.splits)
    reason = (draft.split_reason or "as given") + folds
    for lacking, share in (("test", 0.2), ("val", 0.2)):
        rows = np.flatnonzero(splits == "train")
        if (splits == lacking).any() or not len(rows):
            continue
        if lacking == "test":
            raise DataError(
                f"{draft.name}: no row is in the test split ({reason}), expected some; mark them, or let it be split "
                "anew with --read split=none."
            )
        drawn = _drawn_from(draft, rows, strata, share)
        splits = splits.copy()
        splits[rows[drawn]] = lacking
        reason += ", a fifth of its training rows drawn here to validate"
    return splits, reason


def _drawn_from(draft: Draft, rows: np.ndarray, strata: np.ndarray, share: float) -> np.ndarray:
    """Which of these rows to give up, bool (len(rows),): whole groups where there are groups."""
    if draft.groups is not None and len(np.unique(draft.groups[rows])) >= 2:
        return _grouped(draft.groups[rows], strata[rows], share, seed=0)
    drawn: np.ndarray = stratified_splits(strata[rows], shares=(share, 0.0)) == "val"
    return drawn


def by_group(draft: Draft, strata: np.ndarray) -> tuple[np.ndarray, str]:
    """Whole groups to each split, classes as even as the groups allow.

    Raises:
        DataError: fewer than two groups.
    """
    groups = draft.groups
    assert groups is not None
    n_groups = len(np.unique(groups))
    if n_groups < 2:
        raise DataError(
            f"{draft.name}: every row is of the same group of {draft.group!r}, expected at least two groups; choose "
            "another column or none."
        )
    splits = np.full(len(groups), "train", dtype="<U5")
    splits[_grouped(groups, strata, _SHARES[1], seed=0, left=min(2, n_groups - 1))] = "test"
    rest = np.flatnonzero(splits == "train")
    reason = f"drawn here, 60/20/20 by whole groups of {draft.group!r} ({n_groups:,} groups)"
    if len(np.unique(groups[rest])) >= 2:
        splits[rest[_grouped(groups[rest], strata[rest], _SHARES[0] / (1 - _SHARES[1]), seed=1)]] = "val"
    else:
        splits[rest] = stratified_splits(strata[rest], shares=(_SHARES[0], 0.0))
        reason += "; too few groups for a third split, so rows of the training group validate"
    return splits, reason


def _grouped(groups: np.ndarray, strata: np.ndarray, share: float, seed: int, left: int = 1) -> np.ndarray:
    """Rows of about this share (n,) bool, in whole groups, at least one group in and `left` out.

    Groups are drawn in a random order and taken while they bring the classes closer to their share; what is left
    over is as even as whole groups allow.
    """
    _, codes = np.unique(groups, return_inverse=True)
    _, kinds = np.unique(strata, return_inverse=True)
    counts = np.zeros((codes.max() + 1, kinds.max() + 1))
    np.add.at(counts, (codes, kinds), 1)  # (groups, kinds)
    wanted, taken = share * counts.sum(axis=0), np.zeros(counts.shape[1])
    chosen: list[int] = []
    for group in np.random.default_rng(seed).permutation(len(counts)):
        closer = np.abs(taken + counts[group] - wanted).sum() < np.abs(taken - wanted).sum()
        if closer and len(chosen) < len(counts) - left:
            chosen.append(int(group))
            taken += counts[group]
    if not chosen:  # every group is too large: the smallest one
        chosen = [int(counts.sum(axis=1).argmin())]
    return np.isin(codes, chosen)


def by_time(times: np.ndarray, shares: tuple[float, float] = _SHARES) -> np.ndarray:
    """Train, then val, then test in the order of time (n,); rows of one moment stay together."""
    order = np.argsort(times, kind="stable")
    _, first = np.unique(times[order], return_index=True)
    n = len(times)
    val_from, test_from = (_near(first, n, n * (1 - sum(shares[i:]))) for i in (0, 1))
    splits = np.full(n, "train", dtype="<U5")
    splits[order[val_from:]] = "val"
    splits[order[test_from:]] = "test"
    return splits


def _near(first: np.ndarray, n: int, wanted: float) -> int:
    """The start of a moment that is nearest to the wanted row, never the first row."""
    starts = first[first > 0]
    return int(starts[np.abs(starts - wanted).argmin()]) if len(starts) else max(1, round(min(wanted, n - 1)))


def split_word(text: str) -> str | None:
    """Train, val or test where a name of a folder or an array says so (`X_train`, `Training_Set`), else None."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))
    words = [word for word in re.split(r"[\W\d_]+", plain) if word]
    found = {_WORDS[word] for word in words if word in _WORDS}
    return found.pop() if len(found) == 1 else None


_WORDS = {
    **dict.fromkeys(("train", "training", "tr", "trn", "apprentissage"), "train"),
    **dict.fromkeys(("entrenamiento", "entrainement", "trainingsdaten", "treino", "treinamento"), "train"),
    **dict.fromkeys(("addestramento", "训练集", "训练"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "dev", "development", "publictest"), "val"),
    **dict.fromkeys(
        ("validacion", "validierung", "validierungsdaten", "validacao", "validazione", "验证集", "验证"), "val"
    ),
    **dict.fromkeys(("test", "testing", "tst", "eval", "evaluation", "heldout", "holdout", "privatetest"), "test"),
    **dict.fromkeys(("prueba", "pruebas", "testdaten", "teste", "测试集", "测试"), "test"),
}
