"""Were the arms given equal chances? How many learning rates each was trained with."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

USUAL_RATES = 4  # the protocol asks for so many an arm
_SIMPLE = (
    " The simple baseline searches one setting of its own on the validation rows, three or four values within a run."
)


@dataclass(frozen=True)
class WentOn:
    """Of the learning rates that were tried at smaller budgets, those that went on to a larger one.

    Attributes:
        steps: the larger budget, on labels.
        rates: per method, how many went on.
        tried_at: the budget at which all of them were tried; None where there is no such single one.
        by_validation: whether the best of every arm on the validation rows is among them; None where it is not known.
    """

    steps: int
    rates: Mapping[str, int]
    tried_at: int | None = None
    by_validation: bool | None = None


def tuning_sentence(
    rates: Mapping[str, Collection[float | None]],
    titles: Mapping[str, str] | None = None,
    searching: Collection[str] = (),
    went_on: WentOn | None = None,
) -> str:
    """One or two sentences on learning rates; empty without arms.

    Args:
        rates: per method, the distinct learning rates of its runs, None for its default; of smaller budgets, too.
        titles: what methods are called.
        searching: methods that search a setting of their own, which are simple baselines.
        went_on: where not all of these rates were run at the budget that is spoken of.
    """
    own = {method: set(tried) for method, tried in rates.items() if method not in searching and tried}
    if not own:
        return ""
    tail = _SIMPLE if any(rates.get(method) for method in searching) else ""
    counts = {method: len(tried) for method, tried in own.items()}
    if set(counts.values()) == {1}:
        at_default = all(tried == {None} for tried in own.values())
        what = "every arm ran at its method's default" if at_default else "every arm ran at one rate"
        return f"Learning rates were not tuned: {what}, so a difference may be one of rates.{tail}"
    if len(set(counts.values())) == 1:
        k = next(iter(counts.values()))
        few = f" {USUAL_RATES} or more are asked for." if k < USUAL_RATES else ""
        return f"Every arm was given {k} learning rates{_chosen(went_on, own)}.{few}{tail}"
    told = _counted(counts, titles)
    if went_on is not None:
        told += f"; at {went_on.steps:,} steps {_counted({method: went_on.rates[method] for method in own}, titles)}"
    return f"Arms were not tuned equally, so a difference may be one of rates; learning rates tried: {told}.{tail}"


def _counted(counts: Mapping[str, int], titles: Mapping[str, str] | None) -> str:
    return ", ".join(f"{(titles or {}).get(method, method)} {n}" for method, n in counts.items())


def _chosen(went_on: WentOn | None, own: Collection[str]) -> str:
    """Who chose among them, and how many were left to choose from at a larger budget."""
    if went_on is None:
        return ", and the validation rows chose"
    at = " at smaller budgets" if went_on.tried_at is None else f" at {went_on.tried_at:,} steps"
    left = sorted({went_on.rates[method] for method in own})
    n = f"{left[0]}" if len(left) == 1 else f"{left[0]} to {left[-1]}"
    moved = f"{n} of them went on to {went_on.steps:,}"
    if went_on.by_validation:
        return f"{at}, and the validation rows chose; {moved}"
    doubt = "nobody has kept on which grounds" if went_on.by_validation is None else "not always the best by validation"
    return f"{at}; {moved}, {doubt}"
