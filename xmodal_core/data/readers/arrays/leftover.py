"""What is told of every array: what it was taken for, and which were left out though they may matter."""

import numpy as np

from xmodal_core.data.draft import Draft
from xmodal_core.data.printable import printable
from xmodal_core.data.readers.arrays import names
from xmodal_core.data.readers.arrays.held import Entry, Held, loaded
from xmodal_core.data.readers.arrays.roles import Roles
from xmodal_core.data.reading import Reading
from xmodal_core.data.understanding import Part

_NAMED = 3


def tell_parts(draft: Draft, held: Held, roles: Roles, n: int) -> None:
    """Say the role of every array; warn of unused ones that have a value for every sample, or samples like the others.

    Args:
        draft: gets the parts, what was left out, and the warnings.
        held: the arrays of the file.
        roles: what they were taken for.
        n: samples in the file.
    """
    used, dropped = roles.used(), {entry.name for one in draft.reading.drop or () if (entry := held.get(one))}
    for entry in held.entries:
        draft.parts.append(Part(printable(entry.name), entry.holds, used.get(entry.name, "left out")))
    for name, kind in held.unread:
        draft.parts.append(Part(printable(name), printable(kind), "left out"))
    free = [e for e in held.entries if e.name not in used and e.name not in (*dropped, *roles.copies)]
    draft.leave_out("arrays", [printable(one) for one in roles.copies], "they hold the same pictures laid flat")
    draft.leave_out("arrays", [printable(one) for one in dropped], "as said")
    draft.leave_out("arrays", [printable(entry.name) for entry in free], "they were not needed")
    draft.leave_out("arrays", [printable(name) for name, _ in held.unread], "they are no plain arrays")
    free = _without_groups_and_folds(draft, roles, free, n)
    sample = roles.columns["samples"][0]
    several = len(roles.parts) > 1
    alike = [entry for entry in free if not several and _may_matter(entry, sample, n, draft.reading)]
    alike += [entry for entry in free if several and _like_samples(entry, sample)]
    if alike:
        listed = ", ".join(f"{printable(entry.name, 30)} ({entry.holds})" for entry in alike[:_NAMED])
        more = f" and {len(alike) - _NAMED} more" if len(alike) > _NAMED else ""
        draft.warn(
            "part-unused",
            f"{listed}{more} {'was' if len(alike) == 1 else 'were'} not used, though of as many rows or of the same "
            "kind as the samples",
            "say what it is for (label, samples, group, time or split), or leave it out",
            Reading(drop=tuple(entry.name for entry in alike)),
        )


def _may_matter(entry: Entry, sample: Entry, n: int, reading: Reading) -> bool:
    said, base = names.parse(entry.name), names.parse(entry.name).base
    if said.split is not None and reading.split is None and base in names.INDICES and entry.dtype.kind in "biu":
        return len(entry) > 0  # rows of a split, as a list for every fold
    if (
        entry.name.startswith("grid/")
        or names.HARMLESS.search(base)
        or (reading.label is not None and base in names.LABELS)
    ):
        return False
    if reading.split is not None and base in (*names.SPLITS, *names.FOLDS, *names.INDICES, *names.MASKS):
        return False
    return len(entry) == n or (n in entry.shape[:2] and 1 in entry.shape[:2]) or _like_samples(entry, sample)


def _like_samples(entry: Entry, sample: Entry) -> bool:
    return len(entry.shape) > 1 and len(entry) > 1 and entry.shape[1:] == sample.shape[1:]


def _without_groups_and_folds(draft: Draft, roles: Roles, free: list[Entry], n: int) -> list[Entry]:
    """Warn of arrays that may be groups, times or folds; the others are handed back."""
    rest = []
    for entry in free:
        base = names.parse(entry.name).base
        aligned = int(np.prod(entry.shape)) == n and len(entry) and entry.dtype.kind in "biufSUM"
        if not aligned:
            rest.append(entry)
        elif entry is roles.folds:
            if draft.reading.split is None and draft.splits is None:
                draft.warn(
                    "possible-split",
                    f"the array {printable(entry.name, 40)} numbers folds and was not used",
                    "let its highest fold test, or leave it out",
                    Reading(split=entry.name),
                )
        elif base in (*names.GROUPS, *names.PERHAPS_GROUPS) and draft.group == "":
            _doubt_group(draft, entry)
        elif base in names.TIMES:
            if draft.splits is None and draft.times is None:
                draft.warn(
                    "possible-time",
                    f"the array {printable(entry.name, 40)} may order the samples in time and was not used",
                    "let later ones test, or leave it out",
                    Reading(time=entry.name),
                )
        elif base not in (*names.GROUPS, *names.PERHAPS_GROUPS):
            rest.append(entry)
    return rest


def _doubt_group(draft: Draft, entry: Entry) -> None:
    """Warn where the samples of what may be a group are in several splits, or would be."""
    values = loaded(draft.name, entry).reshape(-1)
    n_groups = len(np.unique(values))
    if n_groups < 2 or 2 * n_groups > len(values):
        return
    n_crossing = n_groups if draft.splits is None else groups_in_two_splits(values, draft.splits)
    if n_crossing:
        where = "may be in two splits" if draft.splits is None else f"are in two splits for {n_crossing:,} of them"
        draft.warn(
            "possible-group",
            f"the array {printable(entry.name, 40)} has {n_groups:,} different values that many samples share, and "
            f"samples of one {where}",
            "keep them together in a new split, or leave the array out",
            Reading(group=entry.name, split=None if draft.splits is None else "none"),
        )


def groups_in_two_splits(groups: np.ndarray, splits: np.ndarray) -> int:
    """How many groups (n,) have rows in more than one split (n,)."""
    codes, kinds = (np.unique(values, return_inverse=True)[1].reshape(-1) for values in (groups, splits))
    pairs = np.unique(np.stack([codes, kinds]), axis=1)
    return int((np.bincount(pairs[0]) > 1).sum())
