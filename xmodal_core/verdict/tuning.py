"""Were the arms given equal chances? How many learning rates each was trained with."""

from collections.abc import Collection, Mapping

USUAL_RATES = 4  # the protocol asks for so many an arm
_SIMPLE = (
    " The simple baseline searches one setting of its own on the validation rows, three or four values within a run."
)


def tuning_sentence(
    rates: Mapping[str, Collection[float | None]],
    titles: Mapping[str, str] | None = None,
    searching: Collection[str] = (),
) -> str:
    """One or two sentences on learning rates; empty without arms.

    Args:
        rates: per method, the distinct learning rates of its runs, None for its default.
        titles: what methods are called.
        searching: methods that search a setting of their own, which are simple baselines.
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
        return f"Every arm was given {k} learning rates, and the validation rows chose.{few}{tail}"
    told = ", ".join(f"{(titles or {}).get(method, method)} {n}" for method, n in counts.items())
    return f"Arms were not tuned equally, so a difference may be one of rates; learning rates tried: {told}.{tail}"
