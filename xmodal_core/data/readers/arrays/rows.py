"""Which rows train, validate and test, as arrays say it: words, row numbers, truth values, or arrays of their own."""

import numpy as np

from xmodal_core.data.dataset import SPLITS
from xmodal_core.data.printable import printable
from xmodal_core.data.readers.arrays.held import Entry, loaded
from xmodal_core.data.readers.arrays.roles import Roles, joined
from xmodal_core.data.readers.labels import decoded
from xmodal_core.errors import DataError


def given_splits(name: str, roles: Roles, n: int, counts_from: int) -> tuple[np.ndarray | None, str, np.ndarray | None]:
    """Words or numbers (n,) that say the split, where they are from, and which rows (n,) bool have one.

    Args:
        name: data set, for messages.
        roles: arrays of their own for every split, an array that says it, or arrays that select rows.
        n: rows.
        counts_from: 1 where row numbers may start there.

    Raises:
        DataError: row numbers that do not exist, or rows of two splits.
    """
    if len(roles.parts) > 1:
        column = roles.columns["samples"]
        words = np.repeat(np.array(roles.parts), [len(entry) for entry in column])
        return words, "from the arrays " + ", ".join(printable(entry.name, 40) for entry in column), None
    if "split" in roles.columns:
        entries = roles.columns["split"]
        words = joined(name, entries).reshape(-1)
        if len(words) != n:
            raise DataError(
                f"{name}: {printable(entries[0].name, 40)} has {len(words):,} values for {n:,} samples, expected a "
                "split for each; correct it, or let it be split anew with --read split=none."
            )
        return decoded(name, "the split", words), f"from the array {printable(entries[0].name, 40)!r}", None
    if not roles.selects:
        return None, "", None
    chosen = {split: _rows(name, entry, n, counts_from) for split, entry in roles.selects.items()}
    if set(chosen) == {"train"}:
        chosen["test"] = ~chosen["train"]
    elif set(chosen) == {"test"} or set(chosen) == {"val", "test"}:
        chosen["train"] = ~np.any(list(chosen.values()), axis=0)
    times = np.sum(list(chosen.values()), axis=0)
    if (times > 1).any():
        raise DataError(
            f"{name}: row {int(np.argmax(times > 1))} and {int((times > 1).sum()) - 1:,} others are in two splits "
            f"({_names(roles)}), expected one for each; correct them, or split anew with --read split=none."
        )
    words = np.full(n, "", "<U5")
    for split in SPLITS:
        if split in chosen:
            words[chosen[split]] = split
    return words, f"from {_names(roles)}", None if (times == 1).all() else times == 1


def _names(roles: Roles) -> str:
    return ", ".join(printable(entry.name, 40) for entry in roles.selects.values())


def _rows(name: str, entry: Entry, n: int, counts_from: int) -> np.ndarray:
    """The rows (n,) bool that an array of row numbers or of truth values means."""
    values = loaded(name, entry).reshape(-1)
    if values.dtype.kind == "b" or (len(values) == n and np.isin(values, (0, 1)).all()):
        return values.astype(bool)
    numbers = values.astype(np.int64) if np.isfinite(values).all() else np.array([-1])
    if counts_from and numbers.min(initial=1) >= 1:
        numbers = numbers - 1
    if numbers.min(initial=0) < 0 or numbers.max(initial=0) >= n:
        found = f"{int(values.min()):,} to {int(values.max()):,}" if np.isfinite(values).all() else "NaN among them"
        raise DataError(
            f"{name}: {printable(entry.name, 40)} holds row numbers from {found}, expected 0 to {n - 1:,}; subtract 1 "
            "where they count from 1, or let it be split anew with --read split=none."
        )
    rows = np.zeros(n, bool)
    rows[numbers] = True
    return rows
