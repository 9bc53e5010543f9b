"""Which candidate goes on: all at a small budget, the better third at three times that, and so on to the whole."""

import sys
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from xmodal_core.experiment.candidate import Score

FACTOR = 3  # as many times the steps a rung, and one of as many candidates goes on
LEAST_STEPS = 30  # on labels: with fewer, a rung tells how a method starts rather than where it ends
WORST = -sys.float_info.max  # of a candidate that failed: a search takes no NaN without a warning


@dataclass(frozen=True)
class Seen:
    """One candidate at one rung: its number, the steps it had, its validation score and whether it is the chosen."""

    candidate: int
    label_steps: int
    validation: float
    chosen: bool = False


def rungs(n_candidates: int, label_steps: int) -> list[int]:
    """Steps of every rung, the whole budget last: as many as it takes to be left with one of few.

    A rung below `LEAST_STEPS` is left out, and then more than one candidate reaches the whole budget. Up to two
    candidates have one rung.
    """
    n_rungs = 1
    while n_candidates >= FACTOR**n_rungs and label_steps / FACTOR**n_rungs >= LEAST_STEPS:
        n_rungs += 1
    return [round(label_steps / FACTOR**k) for k in reversed(range(n_rungs))]


def choose(n_candidates: int, label_steps: int, score: "Score", lanes: int = 1) -> list[Seen]:
    """Successive halving (Jamieson and Talwalkar, AISTATS 2016) as scikit-learn has it.

    Every rung is a run of its own with its whole schedule, not the beginning of a longer one: its score is that of a
    smaller budget, and stands in the comparison as such.

    Args:
        n_candidates: how many there are, one or more.
        label_steps: the whole budget.
        score: called in processes of their own where there are lanes, so it has to travel.
        lanes: candidates that are trained at once.

    Returns:
        every candidate at every rung that it had, rung by rung; one is the chosen, or none where all have failed.
    """
    from sklearn.experimental import enable_halving_search_cv  # noqa: F401 - what it takes to import the next line
    from sklearn.model_selection import HalvingGridSearchCV

    from xmodal_core.experiment.candidate import Candidate

    steps = rungs(n_candidates, label_steps)
    every = np.arange(2)  # there are no rows here: a run knows its own
    search = HalvingGridSearchCV(
        Candidate(score, {FACTOR**k: n for k, n in enumerate(steps)}),
        {"candidate": list(range(n_candidates))},
        factor=FACTOR,
        resource="units",
        min_resources=1,
        max_resources=FACTOR ** (len(steps) - 1),
        cv=[(every, every)],
        refit=False,
        n_jobs=lanes,
        error_score="raise",
    )
    with warnings.catch_warnings():  # of workers that joblib starts anew when they grew; nothing is lost by it
        warnings.filterwarnings("ignore", "A worker stopped while some jobs", UserWarning)
        search.fit(np.zeros((2, 1)))
    found = search.cv_results_
    seen = zip(found["param_candidate"], found["iter"], found["mean_test_score"], strict=True)
    last, best = int(max(found["iter"])), search.best_params_["candidate"]
    return [
        Seen(int(c), steps[int(i)], float(value), bool(int(c) == best and int(i) == last and value > WORST))
        for c, i, value in seen
    ]
