"""An experiment from its first run to its last: choose on the validation rows, then train what was chosen."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from xmodal_core.errors import RunError
from xmodal_core.experiment.design import Design, Part, Pool, Trial
from xmodal_core.experiment.halving import FACTOR, WORST, Seen, choose, rungs
from xmodal_core.experiment.progress import Progress, Tried
from xmodal_core.experiment.trainer import Trainer
from xmodal_core.runs.plan import Choice, defaults, short_title


def conduct(trainer: Trainer, lanes: int = 1) -> Iterator[Progress]:
    """Train every run of a design; to stop is not to pull.

    Args:
        trainer: with the design. Runs that are there already are not run again, so an experiment that was stopped goes
            on where it was.
        lanes: runs that are trained at once, each in a process of its own; 1 trains here.

    Raises:
        RunError: not one run has come to its end.
    """
    design = trainer.design
    told = Progress("", planned_runs(design))
    for part in design.parts():
        chosen: list[Trial] = []
        for pool in design.pools():
            if len(pool.trials) == 1:
                chosen += pool.trials
                continue
            scored = _Scored(trainer, part, pool)
            first = rungs(len(pool.trials), part.label_steps)[0]
            begin = [scored.choice(i, first) for i in range(len(pool.trials))]
            told = _with(told, trainer, _doing(design, part, pool), begin)
            yield told
            seen = _chosen(scored, lanes)
            told = _with(told, trainer, told.doing, [scored.choice(one.candidate, one.label_steps) for one in seen])
            told = replace(told, tried=(*told.tried, *(_tried(scored, one) for one in seen)))
            chosen += [pool.trials[one.candidate] for one in seen if one.chosen]
        runs = [design.choice(trial, seed, part) for seed in design.seeds for trial in chosen]
        arms = ", ".join(short_title(trial.arm) for trial in chosen)
        told = _with(told, trainer, f"Training {arms} at every seed{_of(design, part)}.", runs)
        yield told
        _train(trainer, runs, lanes)
        failed = {trainer.path_of(run).name: why for run in runs if (why := trainer.why_failed(run)) is not None}
        told = replace(told, failed={**told.failed, **failed})
    if not any((trainer.runs_root / name / "result.json").is_file() for name in told.runs):
        why = next(iter((*told.failed.values(), *(one.failed for one in told.tried if one.failed))), "nothing was run")
        raise RunError(f"not one of {len(told.runs)} runs has a result, expected some: {why}")
    yield replace(told, doing="")


def planned_runs(design: Design) -> int:
    """How many runs an experiment is, those that choose included; fewer where two budgets have a rung in common."""
    total = 0
    for part in design.parts():
        for pool in design.pools():
            left = len(pool.trials)
            for _ in rungs(left, part.label_steps) if left > 1 else ():
                total += left
                left = -(-left // FACTOR)
            total += len(design.seeds) - (len(pool.trials) > 1)  # the chosen one has had its first seed
    return total


@dataclass(frozen=True)
class _Scored:
    """What a search asks of the trials of a pool; it travels to processes of their own."""

    trainer: Trainer
    part: Part
    pool: Pool

    def choice(self, trial: int, label_steps: int) -> Choice:
        """The run of a trial at a budget, at the seed that chooses."""
        design = self.trainer.design
        return design.choice(self.pool.trials[trial], design.seeds[0], replace(self.part, label_steps=label_steps))

    def __call__(self, trial: int, label_steps: int) -> float:
        return self.trainer.train(self.choice(trial, label_steps))


def _chosen(scored: _Scored, lanes: int) -> list[Seen]:
    """Which trial goes on; where a process was lost, for instance for want of memory, once more one after the other."""
    from joblib.externals.loky.process_executor import TerminatedWorkerError  # type: ignore[import-untyped]

    n, steps = len(scored.pool.trials), scored.part.label_steps
    try:
        return choose(n, steps, scored, lanes)
    except TerminatedWorkerError:
        return choose(n, steps, scored)


def _train(trainer: Trainer, runs: Sequence[Choice], lanes: int) -> None:
    """Every run to its end; what a lost process left is trained here, one after the other."""
    from joblib import Parallel, delayed  # type: ignore[import-untyped]
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    if lanes > 1:
        try:
            Parallel(n_jobs=lanes)(delayed(trainer.train)(choice) for choice in runs)
        except TerminatedWorkerError:
            lanes = 1
    if lanes == 1:
        for choice in runs:
            trainer.train(choice)


def _with(told: Progress, trainer: Trainer, doing: str, runs: Sequence[Choice]) -> Progress:
    names = dict.fromkeys((*told.runs, *(trainer.path_of(choice).name for choice in runs)))
    return replace(told, doing=doing, runs=tuple(names))


def _tried(scored: _Scored, seen: Seen) -> Tried:
    trial, choice = scored.pool.trials[seen.candidate], scored.choice(seen.candidate, seen.label_steps)
    rate = choice.settings.get("learning_rate", defaults(choice.method).get("learning_rate"))
    failed = scored.trainer.why_failed(choice) if seen.validation == WORST else None
    score = None if seen.validation == WORST else seen.validation
    return Tried(
        scored.pool.title,
        trial.arm,
        rate,
        choice.train_rows,
        seen.label_steps,
        choice.seed,
        score,
        chosen=seen.chosen,
        failed=failed,
    )


def _doing(design: Design, part: Part, pool: Pool) -> str:
    steps = rungs(len(pool.trials), part.label_steps)
    start = f", beginning with {steps[0]} steps" if len(steps) > 1 else ""
    what = "learning rates" if len({trial.arm for trial in pool.trials}) == 1 else "candidates"
    return f"Choosing among {len(pool.trials)} {what} for {pool.title}{start}{_of(design, part)}."


def _of(design: Design, part: Part) -> str:
    """Which part it is, where there is more than one."""
    rows = "" if len(design.rows) < 2 else f" with {f'{part.train_rows:,}' if part.train_rows else 'all'} training rows"
    return rows + (f" in {part.label_steps:,} steps on labels" if len(design.budgets) > 1 else "")
