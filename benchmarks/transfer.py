"""Is crossing the gap worth it? Methods and baselines on real target sets, equal tuning budgets, paired seeds.

    python -m benchmarks.transfer --data DIR [--out DIR] [--small] [--report] [--methods M ...] [--sets S ...]

DIR holds .npz files that the app would accept. Every run is a run directory under --out: a finished one is never
run again, so the command can be stopped anywhere and given again; one that was run otherwise is refused, so that no two
settings pass for one. Every arm sees as many labelled samples (boosting, which has no batches, sees all rows in each of
as many rounds). For each arm the validation rows choose among the learning rates (seed 0); the other seeds use the
chosen one; the test rows are read once a run. --small takes three sets, two seeds and short budgets: minutes on two
cores. Two processes may share --out if their sets differ. Prints tables; writes grid.json and grid.html to --out.
Beside the methods of the app there are their ablations (`python -m xmodal_core ablations` lists them: mona_plain,
lsg_shuffled, pare_beta0, ...), PaRe as released (pare_released), and what else its time buys (finetune_longer).
"""

import argparse
import json
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.transfer_tables import Arm, Refused, figure, line, lines
from xmodal_core.data.named import load_named
from xmodal_core.environment import settle
from xmodal_core.errors import XModalError
from xmodal_core.model.bodies import BODIES, default_body
from xmodal_core.runs.plan import Choice, budget_of, choice_of, equal_settings
from xmodal_core.runs.result import RunResult
from xmodal_core.runs.rundir import RunDir

if TYPE_CHECKING:
    from xmodal_core.runs.spec import RunSpec

METHODS = ("finetune", "scratch", "simple", "orca", "pare", "mona", "lsg")
CONTROLS: dict[str, tuple[str, dict[str, Any]]] = {  # arms that are neither a method nor an ablation
    "finetune_longer": ("finetune", {}),
    "pare_released": ("pare", {"compat": "released"}),
}
SETS = (  # test rows of none of them were read while a default of a method was chosen
    "mnist_t10k",
    "sat_landsat",
    "fsdd_logmel",
    "pde_darcy16",
    "tab_vehicle",
    "uea_basicmotions",
    "emg_myo",
    "protein_multiloc",
)
SMALL_SETS = ("sat_landsat", "uea_basicmotions", "tab_vehicle")
RATES = (5e-4, 2e-3)  # peak learning rates that the validation rows choose from
BUDGET = {"align_steps": 20, "curriculum_steps": 30, "refine_steps": 60}
SMALL_BUDGET = {"align_steps": 5, "curriculum_steps": 10, "refine_steps": 20}


@dataclass(frozen=True)
class Grid:
    """What is run."""

    data: Path
    out: Path
    methods: Sequence[str]
    sets: Sequence[str]
    seeds: Sequence[int]
    rates: Sequence[float]
    budget: dict[str, int]
    finished_only: bool = False


def target_of(grid: Grid, name: str) -> str:
    """The example of this name, or the path of the file."""
    path = grid.data / f"{name}.npz"
    return str(path) if path.is_file() else name


def specification(grid: Grid, name: str, arm: str, rate: float, seed: int) -> "RunSpec":
    """One run of an arm: the body that suits the modality, the source that goes with it, the arm's learning rate.

    Raises:
        XModalError: there is no such method, set or setting.
    """
    from xmodal_core.runs.spec import RunSpec

    body = BODIES[default_body(load_named(target_of(grid, name)).modality)]
    trained, own = CONTROLS.get(arm, (arm, {}))
    settings = {"learning_rate": rate, **equal_settings(trained), **own}
    chosen = choice_of(trained, Choice(trained, settings, grid.budget))  # refuses before it counts
    budget = {**chosen.budget, "refine_steps": refine_steps(arm, grid.budget)}
    return RunSpec(chosen.method, target_of(grid, name), body.name, body.source, seed, dict(chosen.settings), budget)


def refine_steps(arm: str, budget: dict[str, int]) -> int:
    """Every arm takes as many steps on the target's labels, or, longer, as many passes as PaRe's two a step."""
    method, _ = CONTROLS.get(arm, (arm, {}))
    own = budget_of(method, budget, equal=True)["refine_steps"]
    return own + (budget["curriculum_steps"] if arm == "finetune_longer" else 0)


def result_of(grid: Grid, name: str, method: str, rate: float, seed: int) -> RunResult | str:
    """The result of one run, trained now unless it was before; a sentence where it cannot be."""
    from xmodal_core.runs.run import load_data
    from xmodal_core.runs.spec import spec_from_json
    from xmodal_core.runs.worker import execute

    path = grid.out / name / f"{method}-{rate:g}-{seed}"
    try:
        spec = specification(grid, name, method, rate, seed)
        if grid.finished_only and not (path / "result.json").is_file():
            load_data(spec)  # or it is refused
            return "Not finished."
        if (path / "spec.json").is_file():
            if spec_from_json((path / "spec.json").read_text(encoding="utf-8")) != spec:
                return f"{name}/{path.name} is a run of other settings or data, expected these; give another --out."
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            RunDir.create_at(path, spec.to_json())
        run = RunDir.open(path)
        if run.result() is None:
            execute(path, follow_control=False)
            run.checkpoint.unlink(missing_ok=True)  # the weights of a hundred runs are gigabytes
        found = run.result()
    except XModalError as error:
        return str(error)
    return found if found is not None else "The run left no result."


def arm(grid: Grid, name: str, method: str) -> Arm | Refused:
    """Test scores over seeds at the rate that the validation rows chose, or why there are none."""
    tried = {rate: result_of(grid, name, method, rate, grid.seeds[0]) for rate in grid.rates}
    usable = {rate: r for rate, r in tried.items() if isinstance(r, RunResult)}
    refused = [r for r in tried.values() if isinstance(r, str)]
    if not usable:
        return Refused(name, method, refused[0])
    if len(usable) > 1 and any(r.validation is None for r in usable.values()):
        return Refused(name, method, "There are no validation rows, and the test rows must not choose a rate.")
    best = max(usable, key=lambda rate: validation_score(usable[rate]))
    results = [result_of(grid, name, method, best, seed) for seed in grid.seeds]
    first = usable[best]
    return Arm(
        set=name,
        method=method,
        rate=best,
        scores=tuple(r.test.score for r in results if isinstance(r, RunResult)),
        score_name=first.test.score_name,
        n_test=first.test.n,
        seconds=first.seconds,
        gap=gap_readings(grid.out / name / f"{method}-{best:g}-{grid.seeds[0]}"),
    )


def validation_score(result: RunResult) -> float:
    """Higher is better, whatever the task; minus infinity without validation rows."""
    return -math.inf if result.validation is None else result.validation.score


def gap_readings(path: Path) -> dict[str, float]:
    """The held-out gap at the first and last step of alignment, where the run has one."""
    steps, _ = RunDir.open(path).read_steps()
    aligned = [s["metrics"] for s in steps if s["stage"] == "align"]
    keys = [k for k in (aligned[0] if aligned else {}) if k.startswith("heldout_")]
    return {f"{k}_{when}": m[k] for k in keys for when, m in (("first", aligned[0]), ("last", aligned[-1]))}


def main() -> None:
    """Run what is missing, then print and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("transfer-runs"))
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--report", action="store_true", help="run nothing, tell what is finished")
    parser.add_argument("--methods", nargs="+", default=list(METHODS))
    parser.add_argument("--sets", nargs="+")
    parser.add_argument("--seeds", nargs="+", type=int)
    options = parser.parse_args()
    settle(os.environ)
    grid = Grid(
        options.data,
        options.out,
        options.methods,
        options.sets or (SMALL_SETS if options.small else SETS),
        options.seeds or ([0, 1] if options.small else [0, 1, 2]),
        RATES,
        SMALL_BUDGET if options.small else BUDGET,
        options.report,
    )
    arms: list[Arm | Refused] = []
    for name in grid.sets:
        for method in grid.methods:
            arms.append(arm(grid, name, method))
            print(line(arms[-1]), flush=True)
    grid.out.mkdir(parents=True, exist_ok=True)
    (grid.out / "grid.json").write_text(json.dumps([found.to_json() for found in arms], indent=1), encoding="utf-8")
    figure(arms).write_html(grid.out / "grid.html", include_plotlyjs=True)
    print("\n".join(["", *lines(arms, len(grid.seeds))]))


if __name__ == "__main__":
    main()
