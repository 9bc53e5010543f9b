"""How should samples go into a body and answers come out? Settings of the model against each other on validation rows.

    python -m benchmarks.embedders --data DIR --out DIR [--sets S ...] [--bodies B ...] [--arms A ...] [--steps N]
        [--seeds N] [--tokens N] [--rate R] [--threads N] [--sealed] [--table [--test]]

Every run is `finetune` of one body on one set for so many steps of 32, one line of JSON in --out/SET-BODY-
STEPS.jsonl; a run that is there is not run again. Scores are those of the validation rows after the last step.
--sealed reads the test rows, too, and --table shows them only with --test, so that what is chosen on the validation
rows can be run once and opened when it is chosen. Processes with other sets may share --out. --table prints what is
there and runs nothing: mean and sd over seeds.

An arm is `ours` (the defaults), `simple` (the baseline without a body, on as many samples), or settings of the model:
"readout=mean", "readout=flat,stem=linear".
"""

import argparse
import json
import os
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
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
MOST_ROWS = 2000  # of the validation or the test rows that are scored
BODIES = ("minilm", "fractal-vit")
OURS, SIMPLE = "ours", "simple"  # the defaults; the baseline without a body
ARMS = (  # the defaults, what was before them, and one change at a time
    OURS,
    "compat=earlier",
    "positions=after",
    "positions=none",
    "readout=mean",
    "readout=flat",
    "readout=mean+flat",
    "readout=attention",
    "start=none",
    "start=norm",
    "stem=linear",
    "stem=overlap",
    "stem=conv",
    "scaling=channel",
    "scaling=sample",
    "scaling=log",
    "scaling=quantile",
    "numbers=piecewise",
    "numbers=periodic",
    SIMPLE,
)


def settings_of(arm: str) -> dict[str, str]:
    """What an arm says of the model: "readout=flat,stem=linear" changes two things of the defaults."""
    return {} if arm in (OURS, SIMPLE) else dict(part.split("=", 1) for part in arm.split(","))  # type: ignore[misc]


@dataclass(frozen=True)
class Kind:
    """What the runs of one file share.

    Attributes:
        tokens: most tokens of a sample; None for the usual number.
        rate: peak learning rate; None for the method's own.
    """

    set: str
    body: str
    steps: int
    tokens: int | None = None
    rate: float | None = None

    @property
    def stem(self) -> str:
        """Of the file's name."""
        more = (f"-tokens{self.tokens}" if self.tokens else "") + (f"-rate{self.rate:g}" if self.rate else "")
        return f"{self.set}-{self.body}-{self.steps}{more}"


def trained(data: Path, kind: Kind, arm: str, seed: int, sealed: bool) -> dict[str, Any]:
    """One run, and its score on the validation rows and, where they are sealed, the test rows."""
    from xmodal_core.evaluation import evaluate
    from xmodal_core.runs.plan import equal_settings
    from xmodal_core.runs.run import prepare
    from xmodal_core.runs.spec import RunSpec

    budget = {"align_steps": 0, "curriculum_steps": 0, "refine_steps": kind.steps}
    method, tokens = (SIMPLE, None) if arm == SIMPLE else ("finetune", kind.tokens)
    settings = {**equal_settings(method), **({"learning_rate": kind.rate} if kind.rate else {})}
    path = str(data / f"{kind.set}.npz")
    run = prepare(
        RunSpec(
            method, path, kind.body, seed=seed, settings=settings, budget=budget, model=settings_of(arm), tokens=tokens
        )
    )
    started = time.perf_counter()
    for _ in run.steps():
        pass
    seconds = time.perf_counter() - started
    found = evaluate(run.state.model, run.target, "val", MOST_ROWS)
    assert found is not None
    line = {"arm": arm, "seed": seed, "score": found.score, "n": found.n, "seconds": round(seconds, 2)}
    if sealed:
        test = evaluate(run.state.model, run.target, "test", MOST_ROWS)
        assert test is not None
        line |= {"test": test.score, "test_n": test.n}
    return line


def runs(options: argparse.Namespace) -> None:
    """Every run that is not there yet."""
    out = Path(options.out)
    out.mkdir(parents=True, exist_ok=True)
    for seed in range(options.seeds):
        for name, body in product(options.sets, options.bodies):
            kind = Kind(name, body, options.steps, options.tokens, options.rate)
            path = out / f"{kind.stem}.jsonl"
            done = {(one["arm"], one["seed"]) for one in _lines(path) if "test" in one or not options.sealed}
            for arm in options.arms:
                if (arm, seed) not in done:
                    found = trained(Path(options.data), kind, arm, seed, options.sealed)
                    with path.open("a") as file:
                        file.write(json.dumps(found) + "\n")
                    print(kind.stem, arm, seed, f"{found['score']:.3f}", f"{found['seconds']:.0f} s", flush=True)


def table(out: Path, kinds: Sequence[Kind], arms: Sequence[str], reading: str = "score") -> Iterator[str]:
    """Mean and sd over seeds, an arm a column; of every kind of run of which there is one."""
    yield "| set | body | steps | " + " | ".join(arms) + " |"
    yield "|---" * (3 + len(arms)) + "|"
    for kind in kinds:
        scores: defaultdict[str, dict[int, float]] = defaultdict(dict)
        rows = 0
        for one in _lines(out / f"{kind.stem}.jsonl"):
            if reading in one:
                scores[one["arm"]][one["seed"]] = one[reading]
                rows = one["test_n" if reading == "test" else "n"]
        if scores:
            cells = " | ".join(_cell(list(scores[arm].values())) for arm in arms)
            yield f"| {kind.set} ({rows}) | {kind.body} | {kind.steps} | {cells} |"


def _cell(scores: Sequence[float]) -> str:
    if not scores:
        return ""
    return f"{mean(scores):.3f}" + (f" +- {stdev(scores):.3f} ({len(scores)})" if len(scores) > 1 else " (1)")


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.is_file() else []


def main() -> None:
    """Run, or print."""
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--data", required=True)
    made.add_argument("--out", required=True)
    made.add_argument("--sets", nargs="+", default=SETS)
    made.add_argument("--bodies", nargs="+", default=BODIES)
    made.add_argument("--arms", nargs="+", default=ARMS)
    made.add_argument("--steps", type=int, default=90)
    made.add_argument("--seeds", type=int, default=3)
    made.add_argument("--tokens", type=int)
    made.add_argument("--threads", type=int, default=os.cpu_count())
    made.add_argument("--rate", type=float)
    made.add_argument("--sealed", action="store_true")
    made.add_argument("--table", action="store_true")
    made.add_argument("--test", action="store_true")
    options = made.parse_args()
    if options.table:
        pairs = product(options.sets, options.bodies)
        kinds = [Kind(name, body, options.steps, options.tokens, options.rate) for name, body in pairs]
        print("\n".join(table(Path(options.out), kinds, options.arms, "test" if options.test else "score")))
        return
    settle(os.environ)
    import torch

    torch.set_num_threads(options.threads)
    runs(options)


if __name__ == "__main__":
    main()
