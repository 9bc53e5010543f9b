"""What the finished runs beside one say about its reuse of source knowledge."""

from collections.abc import Iterable, Sequence

from xmodal_core.errors import XModalError
from xmodal_core.runs.result import RunResult
from xmodal_core.runs.rundir import RunDir
from xmodal_core.verdict.at_level import ComparisonAtLevel
from xmodal_core.verdict.export import export
from xmodal_core.verdict.results import label_steps
from xmodal_core.verdict.roles import ROLES

_NEEDED = {"A": f"of {ROLES['A']}", "C": ROLES["C"], "S": f"of {ROLES['S']}"}


def reuse_evidence(run: RunDir, among: Iterable[RunDir]) -> str:
    """The verdict's sentence from all finished runs on the data and body of this one, or which arms are missing.

    Where budgets are levels, it is that of this run's own budget.

    Args:
        run: a finished one.
        among: where runs beside it are looked for; damaged ones and those on other data are passed over.
    """
    result, found = run.result(), export(_beside(run, among))
    own = [one for one in found.levels or () if result is not None and one.steps == label_steps(result)]
    answer = own[0].verdict if own else found.verdict
    undecided = answer.undecided or {}
    missing = [words for role, words in _NEEDED.items() if role not in answer.arms and role not in undecided]
    if missing:
        return (
            "Whether source knowledge is of use to the target is not known: these data and this body have no finished "
            f"run {_listed(missing)}{_at(own)}; the Compare page launches them."
        )
    if undecided.keys() & _NEEDED.keys():
        return f"Whether source knowledge is of use to the target is not known. {' '.join(answer.doubts or ())}"
    said = answer.reuse or (
        "Pretrained weights are not shown to be better than random ones on these data, so there is no gain that reuse "
        "of knowledge could explain; the Compare page has the contrasts."
    )
    told = [text for text in (_at(own).strip(), answer.budgets) if text]
    return f"{said} All of this is {', '.join(told)}." if told else said


def _at(own: Sequence[ComparisonAtLevel]) -> str:
    """At which budget; empty where budgets are no levels."""
    return f" at {own[0].steps:,} steps on labels" if own else ""


def _beside(run: RunDir, among: Iterable[RunDir]) -> list[RunDir]:
    """Finished runs on the same data (content, not name) and body, judged by the same score."""
    own = _subject(run.result())
    found = []
    for other in among:
        try:
            result = other.result()
        except XModalError:
            continue
        if result is not None and own and _subject(result) == own:
            found.append(other)
    return found


def _subject(result: RunResult | None) -> tuple[object, ...]:
    """What two runs have to share to be compared."""
    if result is None:
        return ()
    return result.target.hash, result.asked.body, result.asked.train_rows, result.test.score_name


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
