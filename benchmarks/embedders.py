"""How should samples go into a body and answers come out? Settings of the model against each other on validation rows.

    python -m benchmarks.embedders --data DIR --out DIR [--sets S ...] [--bodies B ...] [--arms A ...] [--steps N]
        [--seeds N] [--threads N] [--table]

Every run is `finetune` of one body on one set for so many steps of 32, one line of JSON in --out/SET-BODY-STEPS.jsonl;
a run that is there is not run again. Scores are those of the validation rows after the last step: the test rows are not
read. Processes with other sets may share --out. --table prints what is there and runs nothing: mean and sd over seeds.
"""

import argparse
import json
import os
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from xmodal_core.environment import settle

SETS = (
    "ucr_ecg5000",
    "ucr_crop",
    "uea_basicmotions",
    "emg_myo",
    "dna_splice",
    "protein_multiloc",
    "fsdd_logmel",
    "mnist_t10k",
    "sat_landsat",
    "pde_darcy16",
    "tab_vehicle",
    "tab_winequality",
)
BODIES = ("minilm", "fractal-vit")
ARMS: dict[str, dict[str, str]] = {  # the defaults, what was before them, and one change at a time
    "ours": {},
    "earlier": {"compat": "earlier"},
    "positions only": {"readout": "mean", "start": "none"},
    "positions=after": {"positions": "after"},
    "positions=none": {"positions": "none"},
    "readout=mean": {"readout": "mean"},
    "readout=attention": {"readout": "attention"},
    "start=none": {"start": "none"},
    "start=norm": {"start": "norm"},
    "stem=overlap": {"stem": "overlap"},
    "stem=conv": {"stem": "conv"},
    "scaling=channel": {"scaling": "channel"},
    "scaling=sample": {"scaling": "sample"},
    "scaling=log": {"scaling": "log"},
    "scaling=quantile": {"scaling": "quantile"},
    "numbers=piecewise": {"numbers": "piecewise"},
    "numbers=periodic": {"numbers": "periodic"},
}


def trained(data: str, body: str, arm: str, steps: int, seed: int, tokens: int | None) -> dict[str, Any]:
    """One run, and its score on the validation rows."""
    from xmodal_core.evaluation import evaluate
    from xmodal_core.runs.run import prepare
    from xmodal_core.runs.spec import RunSpec

    budget = {"align_steps": 0, "curriculum_steps": 0, "refine_steps": steps}
    run = prepare(RunSpec("finetune", data, body, seed=seed, budget=budget, model=ARMS[arm], tokens=tokens))
    started = time.perf_counter()
    for _ in run.steps():
        pass
    seconds = time.perf_counter() - started
    found = evaluate(run.state.model, run.target, "val", 2000)
    assert found is not None
    return {"arm": arm, "seed": seed, "score": found.score, "n": found.n, "seconds": round(seconds, 2)}


def runs(options: argparse.Namespace) -> None:
    """Every run that is not there yet."""
    out = Path(options.out)
    out.mkdir(parents=True, exist_ok=True)
    for seed in range(options.seeds):
        for name in options.sets:
            for body in options.bodies:
                path = out / f"{name}-{body}-{options.steps}.jsonl"
                done = {(one["arm"], one["seed"]) for one in _lines(path)}
                for arm in options.arms:
                    if (arm, seed) in done:
                        continue
                    data = str(Path(options.data) / f"{name}.npz")
                    found = trained(data, body, arm, options.steps, seed, options.tokens)
                    with path.open("a") as file:
                        file.write(json.dumps(found) + "\n")
                    print(name, body, found, flush=True)


def table(out: Path, steps: int, arms: Sequence[str]) -> Iterator[str]:
    """Mean and sd over seeds, an arm a column."""
    yield "| set | body | " + " | ".join(arms) + " |"
    yield "|---" * (2 + len(arms)) + "|"
    for path in sorted(out.glob(f"*-{steps}.jsonl")):
        scores = defaultdict(list)
        for one in _lines(path):
            scores[one["arm"]].append(one["score"])
        name, _, body = path.name.removesuffix(f"-{steps}.jsonl").partition("-")
        yield f"| {name} | {body} | " + " | ".join(_cell(scores[arm]) for arm in arms) + " |"


def _cell(scores: Sequence[float]) -> str:
    if not scores:
        return ""
    return f"{mean(scores):.3f}" + (f" ± {stdev(scores):.3f}" if len(scores) > 1 else " (1)")


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.is_file() else []


def main() -> None:
    """Run, or print."""
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--data", required=True)
    made.add_argument("--out", required=True)
    made.add_argument("--sets", nargs="+", default=SETS)
    made.add_argument("--bodies", nargs="+", default=BODIES)
    made.add_argument("--arms", nargs="+", default=tuple(ARMS), choices=tuple(ARMS))
    made.add_argument("--steps", type=int, default=90)
    made.add_argument("--seeds", type=int, default=3)
    made.add_argument("--tokens", type=int)
    made.add_argument("--threads", type=int, default=os.cpu_count())
    made.add_argument("--table", action="store_true")
    options = made.parse_args()
    if options.table:
        print("\n".join(table(Path(options.out), options.steps, options.arms)))
        return
    settle(os.environ)
    import torch

    torch.set_num_threads(options.threads)
    runs(options)


if __name__ == "__main__":
    main()
