"""What one desk of a class, or one visitor, may ask of a machine that is shared, and the sentence where it is held."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from xmodal_core.panel.request import GapRequest
from xmodal_core.runs.job import status
from xmodal_core.runs.plan import Choice
from xmodal_core.runs.rundir import RunDir

_UNDER_WAY = ("queued", "starting", "running")


@dataclass(frozen=True)
class DeskBudget:
    """Limits of one desk.

    Attributes:
        where: who holds it, in a sentence.
        rows: of a gap reading, a side.
        permutations: behind a p-value.
        steps: of each stage of a run.
        under_way: runs that train or wait for their turn at once.
    """

    where: str = "this class"
    rows: int = 300
    permutations: int = 99
    steps: int = 60
    under_way: int = 3


DESK = DeskBudget()
VISITOR = DeskBudget("this server", rows=1000, permutations=999, steps=1000)


def held_request(request: GapRequest, desk: DeskBudget = DESK) -> tuple[GapRequest, str | None]:
    """The request within the budget, and a sentence where something of it was taken away."""
    rows = desk.rows if request.n is None else min(request.n, desk.rows)
    permutations = min(request.permutations, desk.permutations)
    held = replace(request, n=rows, permutations=permutations)
    if held == request:
        return request, None
    return held, (
        f"So that everybody gets a turn, {desk.where} measures at most {desk.rows} rows a side and {desk.permutations} "
        "permutations."
    )


def held_choice(choice: Choice, desk: DeskBudget = DESK) -> tuple[Choice, str | None]:
    """The choice of a run within the budget, and a sentence where something of it was taken away."""
    budget = {stage: min(steps, desk.steps) for stage, steps in choice.budget.items()}
    if budget == dict(choice.budget):
        return choice, None
    return replace(choice, budget=budget), (
        f"So that everybody gets a turn, {desk.where} trains at most {desk.steps} steps a stage."
    )


def refused_for_now(runs: Iterable[RunDir], desk: DeskBudget = DESK) -> str | None:
    """Why a desk starts no other run at present; None where it may."""
    n = sum(status(run).state in _UNDER_WAY for run in runs)
    if n < desk.under_way:
        return None
    return (
        f"{n} of your runs train or wait already, and {desk.where} has room for {desk.under_way} of each; wait for one "
        "to end, or cancel one."
    )
