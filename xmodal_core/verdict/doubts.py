"""What has to be known of a comparison before its answer is believed."""

from collections.abc import Mapping, Sequence

from xmodal_core.verdict.contrasts import called
from xmodal_core.verdict.roles import ROLES, Cast

SEEDS_ALONE = (
    "Intervals over seeds alone leave out the test rows, which these runs have not kept: they are too narrow, the more "
    "so the fewer rows there are, and two equal arms may be called different; run them again."
)


def doubts(run: Cast, titles: Mapping[str, str] | None = None) -> list[str]:
    """Roles that no arm could be chosen for, and intervals without the test rows.

    Args:
        run: with its contrasts.
        titles: what arms are called in sentences.
    """
    found = [not_chosen(run, role, titles) for role in run.undecided]
    if any(c.interval is not None and c.n_rows is None for c in run.contrasts.values()):
        found.append(SEEDS_ALONE)
    return found


def not_chosen(run: Cast, role: str, titles: Mapping[str, str] | None = None) -> str:
    """Why no arm stands for a role that several could stand for."""
    names = " or ".join(called(arm, titles) for arm in run.undecided[role])
    stands = "is the better of A and B (M)" if role == "M" else f"stands for {ROLES[role]} ({role})"
    return (
        f"Whether {names} {stands} is not chosen: no seed has all of them with validation rows, and the test rows must "
        "not choose."
    )


def best_of_several(arm: str, others: Sequence[str]) -> str | None:
    """That an arm of a role was picked from others, by what they are called; None without others."""
    if not others:
        return None
    return (
        f"{arm} stands for crossing as the best of {len(others) + 1} ways on the validation rows (beside "
        f"{', '.join(others)}). A seed that chose counts in what is said of it, too, which flatters it: of equal arms "
        "the best of many is called better more often than one alone."
    )


def unequal_budgets(seen: Mapping[str, int], unit: str) -> str | None:
    """Which arms saw how much of the target's labels, the most first; None where all saw the same.

    Args:
        seen: by what an arm is called, its labelled samples, or its steps on labels.
        unit: which of the two.
    """
    amounts = sorted(set(seen.values()), reverse=True)
    if len(amounts) < 2:
        return None
    told = [f"{_listed([name for name, n in seen.items() if n == amount])} {amount:,}" for amount in amounts]
    return f"at unequal label budgets ({unit}: {'; '.join(told)})"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
