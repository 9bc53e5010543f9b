"""The table of arms: one row each, over the seeds that it was run with."""

import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xmodal_core.scores import ScoreKind, score_kind
from xmodal_core.values import JsonValue
from xmodal_core.verdict.intervals import half_width
from xmodal_core.verdict.results import FinishedRun, arms, role_of


@dataclass(frozen=True)
class Summary(JsonValue):
    """One arm: its test score over seeds, and what it cost.

    Attributes:
        arm: the method, with the settings that make it an arm of its own.
        role_of: the method whose role it may take; empty for a control.
        title: what it is called.
        metric: "test " and the name of the kind of score.
        mean, sd: of the test score over seeds, ddof 1; `sd` and `interval` are None with one seed.
        interval: 95 % t interval of the mean.
        seeds, values: the seeds, ascending, and the test score at each.
        n_train, n_test: rows.
        steps, all_steps: of one of its runs, and the different numbers of all.
        seconds: mean over its runs.
    """

    arm: str
    method: str
    role_of: str
    title: str
    metric: str
    mean: float
    sd: float | None
    interval: tuple[float, float] | None
    n_seeds: int
    seeds: tuple[int, ...]
    values: tuple[float, ...]
    n_train: int
    n_test: int
    steps: int
    all_steps: tuple[int, ...]
    seconds: float

    @property
    def kind(self) -> ScoreKind:
        """What the score is."""
        return score_kind(self.metric.removeprefix("test "))

    @property
    def by_seed(self) -> Mapping[int, float]:
        """Test score by seed."""
        return dict(zip(self.seeds, self.values, strict=True))

    @property
    def called(self) -> str:
        """What it is called in sentences: the title up to its colon, with the settings that make the arm."""
        settings = self.arm.removeprefix(self.method)
        return self.title.removesuffix(settings).split(":")[0] + settings


def scores(
    runs: Sequence[FinishedRun], split: str = "test", named: Sequence[str] | None = None
) -> dict[str, dict[int, float]]:
    """Score by arm and seed; the newest of two runs with the same arm and seed counts.

    Args:
        runs: all of one number of training rows.
        split: test or validation.
        named: the arm of each run; by `arms` when None.
    """
    table: dict[str, dict[int, float]] = defaultdict(dict)
    for arm, run in sorted(zip(named or arms(runs), runs, strict=True), key=lambda pair: pair[1].run):
        evaluated = run.result.test if split == "test" else run.result.validation
        if evaluated is not None:
            table[arm][run.result.seed] = evaluated.score
    return dict(table)


def summarise(runs: Sequence[FinishedRun], named: Sequence[str] | None = None) -> list[Summary]:
    """One row per arm, sorted by falling mean.

    Args:
        runs: all of one number of training rows.
        named: the arm of each run; by `arms` when None.
    """
    named = named or arms(runs)
    own = {arm: [run for name, run in zip(named, runs, strict=True) if name == arm] for arm in named}
    rows = [_row(arm, by_seed, own[arm]) for arm, by_seed in scores(runs, named=named).items()]
    return sorted(rows, key=lambda row: -row.mean)


def _row(arm: str, by_seed: Mapping[int, float], runs: Sequence[FinishedRun]) -> Summary:
    values, first = list(by_seed.values()), runs[0].result
    mean, sd = statistics.fmean(values), statistics.stdev(values) if len(values) > 1 else None
    half = None if sd is None else half_width(sd, len(values))
    return Summary(
        arm=arm,
        method=first.method,
        role_of=role_of(first),
        title=first.title + arm.removeprefix(first.method),
        metric=f"test {first.test.score_name}",
        mean=mean,
        sd=sd,
        interval=None if half is None else (mean - half, mean + half),
        n_seeds=len(values),
        seeds=tuple(sorted(by_seed)),
        values=tuple(by_seed[seed] for seed in sorted(by_seed)),
        n_train=first.target.n_train,
        n_test=first.test.n,
        steps=first.steps,
        all_steps=tuple(sorted({run.result.steps for run in runs})),
        seconds=statistics.fmean(run.result.seconds for run in runs),
    )
