"""The table of arms: one row each, over the seeds that it was run with."""

import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xmodal_core.scores import ScoreKind, score_kind
from xmodal_core.values import JsonValue
from xmodal_core.verdict.crossed import over_seeds, spread_of
from xmodal_core.verdict.differences import Rows, stacked
from xmodal_core.verdict.naming import arms
from xmodal_core.verdict.results import FinishedRun, ablation, role_of
from xmodal_core.verdict.tuned import rate_of


@dataclass(frozen=True)
class Summary(JsonValue):
    """One arm: its test score over seeds, and what it cost.

    Attributes:
        arm: the method or ablation, with the settings that make it an arm of its own.
        method: that it trains.
        role_of: the method whose role it may take; empty for a control and for an ablation.
        title: what it is called; an ablation is called so.
        metric: "test " and the name of the kind of score.
        mean, sd: of the test score over seeds, ddof 1; `sd` and `interval` are None with one seed.
        interval: 95 % interval of the mean, over seeds and test rows, see `crossed`; over seeds alone without `n_rows`.
        seeds, values: the seeds, ascending, and the test score at each.
        n_train, n_test: rows.
        steps, all_steps: of one of its runs, and the different numbers of all.
        seconds: mean over its runs.
        label_samples: target samples, with repetition, whose labels it was trained on; None where it was not kept.
        n_rows: test rows in the interval, or groups of them; None where it is over seeds alone.
        rate: peak learning rate, in words, of how many the validation rows chose it; None where there was one.
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
    label_samples: int | None = None
    n_rows: int | None = None
    rate: str | None = None

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
        settings = _settings_in(self.arm)
        return self.title.removesuffix(settings).split(":")[0] + settings


Counted = Mapping[str, Mapping[int, FinishedRun]]


def counted(runs: Sequence[FinishedRun], named: Sequence[str] | None = None) -> Counted:
    """The runs that count, by arm and seed: of two with the same arm and seed the one that ended last.

    Args:
        runs: all of one number of training rows.
        named: the arm of each run; by `arms` when None.
    """
    table: dict[str, dict[int, FinishedRun]] = defaultdict(dict)
    in_time = sorted(zip(named or arms(runs), runs, strict=True), key=lambda pair: (pair[1].ended, pair[1].run))
    for arm, run in in_time:
        table[arm][run.result.seed] = run
    return dict(table)


def scores(table: Counted, split: str = "test") -> dict[str, dict[int, float]]:
    """Score by arm and seed; seeds without such rows are left out.

    Args:
        table: the runs that count.
        split: test or validation.
    """
    found = {
        arm: {
            seed: evaluated.score
            for seed, run in by_seed.items()
            if (evaluated := run.result.test if split == "test" else run.result.validation) is not None
        }
        for arm, by_seed in table.items()
    }
    return {arm: by_seed for arm, by_seed in found.items() if by_seed}


def rows(table: Counted) -> Rows:
    """Test scores by arm and seed, row by row, as far as they were kept."""
    return {
        arm: {seed: run.rows for seed, run in by_seed.items() if run.rows is not None} for arm, by_seed in table.items()
    }


def summarise(table: Counted, tried: Mapping[str, int] | None = None) -> list[Summary]:
    """One row per arm, sorted by falling mean, then by name.

    Args:
        table: the runs that count.
        tried: by arm, learning rates that it was chosen from.
    """
    rows = (_row(arm, by_seed, (tried or {}).get(arm, 1)) for arm, by_seed in table.items())
    return sorted(rows, key=lambda row: (-row.mean, row.arm))


def _rate(run: FinishedRun, n_tried: int) -> str | None:
    """The rate that was chosen, in words; None where there was nothing to choose."""
    if n_tried < 2:
        return None
    rate = rate_of(run)
    return f"{'its own' if rate is None else f'{rate:g}'} of {n_tried}"


def _row(arm: str, by_seed: Mapping[int, FinishedRun], n_tried: int) -> Summary:
    seeds = sorted(by_seed)
    results = [by_seed[seed].result for seed in seeds]
    first, values = results[0], [result.test.score for result in results]
    kept = stacked([by_seed[seed].rows for seed in seeds])
    middle = 0.5 if first.test.kind.is_share else 0.0  # a right row and a wrong one are each half a share away from it
    spread = over_seeds(values) if kept is None else spread_of(kept.values, kept.groups, middle)
    mean, half = statistics.fmean(values), spread.half
    samples = {result.label_samples for result in results}
    return Summary(
        arm=arm,
        method=first.method,
        role_of=role_of(first),
        title=(ablation(first) or first).title + _settings_in(arm),
        metric=f"test {first.test.score_name}",
        mean=mean,
        sd=statistics.stdev(values) if len(values) > 1 else None,
        interval=None if half is None else (mean - half, mean + half),
        n_seeds=len(values),
        seeds=tuple(seeds),
        values=tuple(values),
        n_train=first.target.n_train,
        n_test=first.test.n,
        steps=first.steps,
        all_steps=tuple(sorted({result.steps for result in results})),
        seconds=statistics.fmean(result.seconds for result in results),
        label_samples=samples.pop() if len(samples) == 1 else None,
        n_rows=spread.n_rows or None,
        rate=_rate(by_seed[seeds[0]], n_tried),
    )


def _settings_in(arm: str) -> str:
    """What stands behind the name of a method or ablation in the name of an arm, with its blank."""
    return "".join(arm.partition(" ")[1:])
