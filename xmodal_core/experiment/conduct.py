"""An experiment from its first run to its last: choose on the validation rows, then train what was chosen."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from xmodal_core.experiment.design import Design, Part, Pool
from xmodal_core.experiment.halving import FACTOR, WORST, Seen, choose, rungs
from xmodal_core.experiment.progress import Progress, Tried
from xmodal_core.experiment.trainer import Trainer
from xmodal_core.runs.plan import Choice, budget_of, defaults, short_title


def conduct(trainer: Trainer, lanes: int = 1) -> Iterator[Progress]:
    """Train every run of a design; to stop is not to pull.

    Args:
        trainer: with the design. Runs that are there already are not run again, so an experiment that was stopped goes
            on where it was.
        lanes: runs that are trained at once, each in a process of its own; 1 trains here.
    """
    design = trainer.design
    told = Progress("", planned_runs(design))
    for part in design.parts():
        chosen = []
        for pool in part.pools:
            if len(pool.candidates) > 1:
                told = _with(told, trainer, _doing(design, part, pool), _ladder(design, part, pool))
                yield told
                seen = choose(len(pool.candidates), part.label_steps, _Scored(trainer, pool), lanes)
                told = replace(told, tried=(*told.tried, *(_tried(part, pool, one) for one in seen)))
                had = [at_budget(design, pool.candidates[one.candidate], one.label_steps) for one in seen]
                told = _with(told, trainer, told.doing, had)
                chosen.append(pool.candidates[next(one.candidate for one in seen if one.chosen)])
            else:
                chosen += pool.candidates
        runs = [replace(choice, seed=seed) for seed in design.seeds for choice in chosen]
        arms = ", ".join(short_title(choice.method) for choice in chosen)
        told = _with(told, trainer, f"Training {arms} at every seed{_of(design, part)}.", runs)
        yield told
        _train(trainer, runs, lanes)
    yield replace(told, doing="")


def planned_runs(design: Design) -> int:
    """How many runs an experiment is, those that choose included; fewer where two budgets have a rung in common."""
    total = 0
    for part in design.parts():
        for pool in part.pools:
            left = len(pool.candidates)
            for _ in rungs(left, part.label_steps) if left > 1 else ():
                total += left
                left = -(-left // FACTOR)
            total += len(design.seeds) - (len(pool.candidates) > 1)  # the chosen one has had its first seed
    return total


@dataclass(frozen=True)
class _Scored:
    """What a search asks of the candidates of a pool; it travels to processes of their own."""

    trainer: Trainer
    pool: Pool

    def __call__(self, candidate: int, label_steps: int) -> float:
        return self.trainer.train(at_budget(self.trainer.design, self.pool.candidates[candidate], label_steps))


def at_budget(design: Design, choice: Choice, label_steps: int) -> Choice:
    """A choice with another budget."""
    return replace(choice, budget=budget_of(choice.method, design.scaled(label_steps), design.equal))


def _train(trainer: Trainer, runs: Sequence[Choice], lanes: int) -> None:
    """Every run to its end."""
    if lanes == 1:
        for choice in runs:
            trainer.train(choice)
        return
    from joblib import Parallel, delayed  # type: ignore[import-untyped]

    Parallel(n_jobs=lanes)(delayed(trainer.train)(choice) for choice in runs)


def _ladder(design: Design, part: Part, pool: Pool) -> list[Choice]:
    """The runs that a search begins with; who comes next is not known before."""
    first = rungs(len(pool.candidates), part.label_steps)[0]
    return [at_budget(design, choice, first) for choice in pool.candidates]


def _with(told: Progress, trainer: Trainer, doing: str, runs: Sequence[Choice]) -> Progress:
    names = dict.fromkeys((*told.runs, *(trainer.run_of(choice).path.name for choice in runs)))
    return replace(told, doing=doing, runs=tuple(names))


def _tried(part: Part, pool: Pool, seen: Seen) -> Tried:
    choice = pool.candidates[seen.candidate]
    rate = choice.settings.get("learning_rate", defaults(choice.method).get("learning_rate"))
    score = None if seen.validation == WORST else seen.validation
    return Tried(
        pool.title, choice.method, rate, part.train_rows, seen.label_steps, choice.seed, score, chosen=seen.chosen
    )


def _doing(design: Design, part: Part, pool: Pool) -> str:
    steps = rungs(len(pool.candidates), part.label_steps)
    start = f", beginning with {steps[0]} steps" if len(steps) > 1 else ""
    what = "learning rates" if len({c.method for c in pool.candidates}) == 1 else "candidates"
    return f"Choosing among {len(pool.candidates)} {what} for {pool.title}{start}{_of(design, part)}."


def _of(design: Design, part: Part) -> str:
    """Which part it is, where there is more than one."""
    rows = "" if len(design.rows) < 2 else f" with {f'{part.train_rows:,}' if part.train_rows else 'all'} training rows"
    return rows + (f" in {part.label_steps:,} steps on labels" if len(design.budgets) > 1 else "")
