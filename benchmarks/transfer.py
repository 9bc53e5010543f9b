"""Is crossing the gap worth it? Questions about methods and baselines, each a set of experiments on real data.

    python -m benchmarks.transfer QUESTION --data DIR [--out DIR] [--sets S ...] [--seeds N ...] [--only V ...]
        [--threads N] [--report]

DIR holds .npz files that the app would accept; names of examples will do, too. What each question compares is in
`QUESTIONS`. A question has variants (the earlier embedder, other budgets, fewer rows), each an experiment as the app
and the command line conduct it: every arm is given as many learning rates, and the validation rows choose at the
first seed. Every arm sees as many labelled samples (boosting, which has no batches, sees all rows in each of as many
rounds). Runs lie in OUT/SET and are named by what they are: one that is finished is never run again, whichever question
asks for it, so the command can be stopped anywhere and given again; --report runs nothing. Two processes may share
--out if their sets or variants differ. Prints tables and writes OUT/QUESTION.json and .html.
"""

import argparse
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from benchmarks.transfer_tables import Arm, Entry, Refused, figure, line, lines
from xmodal_core.data.named import load_named
from xmodal_core.data.sources import SOURCES
from xmodal_core.environment import settle
from xmodal_core.errors import XModalError
from xmodal_core.experiment.conduct import conduct
from xmodal_core.experiment.design import Design, Part, Trial, applicable, check_rows
from xmodal_core.experiment.trainer import Trainer
from xmodal_core.model.bodies import BODIES, default_body
from xmodal_core.runs.plan import Choice
from xmodal_core.runs.result import RunResult
from xmodal_core.runs.rundir import RunDir

BASE = "finetune"
METHODS = (BASE, "scratch", "simple", "orca", "pare", "mona", "recraft", "lsg")
BUDGET = {"align_steps": 20, "curriculum_steps": 30, "refine_steps": 60}
RATES = (0.5, 2.0)  # of an arm's own, which the validation rows choose from
OWN = (1.0,)
QUICK = "fractal-vit"  # 300 steps of it take half a minute to two, of minilm two to five: docs/results.md
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
MINILM = {"body": "minilm", "source": BODIES["minilm"].source}
CHEAP = ("tab_vehicle", "ucr_ecg5000", "ucr_crop", "sat_landsat")  # whose steps take a few tenths of a second
LONG = ("emg_myo", "protein_multiloc", "ucr_ecg5000", "dna_splice")  # that have more than 24 tokens to give
SMALL = (
    *("digits", "wine", "breast_cancer", "basic_motions", "gun_point", "italy_power_demand"),
    *("cifar10_5k2k", "mnist_t10k", "sat_landsat", "fsdd_logmel", "pde_darcy16"),
    *("tab_vehicle", "tab_winequality", "tab_adult_8k", "ucr_crop", "ucr_ecg200", "ucr_ecg5000", "uea_basicmotions"),
    *("emg_myo", "dna_splice", "protein_multiloc", "text_sst2", "text_trec"),
)


@dataclass(frozen=True)
class Question:
    """What is compared.

    Attributes:
        arms: methods and ablations.
        sets: by name.
        seeds: that contrasts are paired by.
        variants: by name, what of the `Design` is another; "" for none. `arms` may be among it.
        rates: see `Design`.
        body: of every set; empty for the one that suits the modality.
    """

    arms: Sequence[str]
    sets: Sequence[str] = SETS
    seeds: Sequence[int] = (0, 1, 2)
    variants: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: {"": {}})
    rates: Sequence[float] = OWN
    body: str = ""


def _aligning(n: int) -> dict[str, Any]:
    return {"steps": BUDGET | {"align_steps": n}}


QUESTIONS = {
    "grid": Question(  # do the methods gain anything? did the embedder of before hide it?
        METHODS,
        rates=RATES,
        variants={
            "": {},
            "longer": {"arms": (BASE,), "budgets": (120,)},  # as many passes of the body as PaRe's
            "earlier": {"model": {"compat": "earlier"}, "arms": (BASE, "scratch", "orca", "pare", "mona")},
        },
    ),
    "controls": Question(("mona_plain", "lsg_shuffled", "recraft_features", "recraft_information", "stat_matched")),
    "budget": Question(  # does the budget decide?
        (BASE, "scratch", "simple", "orca", "pare", "mona", "recraft"),
        CHEAP,
        variants={f"{n}": {"budgets": (n,)} for n in (90, 300, 1000)},
        body=QUICK,
    ),
    "rows": Question(  # does alignment help where labels are few?
        (BASE, "scratch", "simple", "orca", "recraft"),
        CHEAP,
        (0, 1, 2, 3, 4),
        {f"{n} rows": {"rows": (n,)} for n in (50, 200, 800)},
        body=QUICK,
    ),
    "square": Question(  # initialisation or alignment?
        (BASE, "orca", "orca_random", "orca_random_unaligned"),
        variants={"20": _aligning(20), "60": _aligning(60) | {"arms": ("orca", "orca_random")}},
        body=QUICK,
    ),
    "tokens": Question(  # how many tokens? the image body takes 64
        (BASE,),
        LONG,
        variants={
            **{f"{n} tokens": {"tokens": n} for n in (8, 24, 64)},
            **{f"{n} tokens, minilm": {"tokens": n, **MINILM} for n in (24, 64, 128, 256)},
        },
        body=QUICK,
    ),
    "pare": Question(  # mixing or schedule?
        (BASE, "pare", "pare_beta0", "pare_random", "pare_one_cycle"),
        variants={"": {}, "released": {"arms": ("pare",), "settings": {"compat": "released"}}},
        body=QUICK,
    ),
    "mona": Question(  # what strength?
        (BASE, "mona", "mona_plain"),
        ("emg_myo", "protein_multiloc"),
        (0, 1, 2, 3, 4),
        {"": {}, **{f"{s:g}": {"arms": ("mona",), "settings": {"strength": s}} for s in (0.01, 0.1, 0.5)}},
    ),
    "gap": Question((BASE, "scratch", "orca"), SMALL, (0,), body=QUICK),  # does a small gap foretell transfer?
}


class Lean(Trainer):
    """Keeps no weights: those of a hundred runs are gigabytes."""

    def train(self, choice: Choice) -> float:
        """Train, and throw the weights away."""
        score = super().train(choice)
        self.run_of(choice).checkpoint.unlink(missing_ok=True)
        return score


def design_of(data: Path, question: Question, name: str, variant: str) -> tuple[Design, dict[str, str]]:
    """The experiment of one set and variant, and why some of its arms cannot be run there.

    The source is the one that goes with the body.

    Raises:
        XModalError: there is no such set or arm, or too few rows.
    """
    path = data / f"{name}.npz"
    target = load_named(str(path) if path.is_file() else name)
    body = BODIES[question.body or default_body(target.modality)]
    design = Design(
        str(path) if path.is_file() else name,
        body.name,
        body.source,
        tuple(question.arms),
        tuple(question.seeds),
        rates=tuple(question.rates),
        steps=BUDGET,
        stop_early=False,
    )
    design = replace(design, **question.variants[variant])  # type: ignore[arg-type]
    check_rows(design, target)
    return applicable(design, target, SOURCES[design.source])


def arms_of(trainer: Trainer, name: str, variant: str) -> Iterator[Entry]:
    """What finished runs say of every arm: test scores over seeds at the rate that the validation rows chose."""
    design = trainer.design
    (part,) = design.parts()
    for pool in design.pools():
        (arm,) = {trial.arm for trial in pool.trials}
        called = f"{arm} {variant}".strip()
        tried = {trial: _result(trainer, trial, part, design.seeds[0]) for trial in pool.trials}
        if any(result is None for result in tried.values()):
            yield Refused(name, called, "Not finished.")
            continue
        best = max(tried, key=lambda trial: _validation(tried[trial]))
        results = [_result(trainer, best, part, seed) for seed in design.seeds]
        finished = [result for result in results if result is not None]
        if len(finished) < len(results):  # seeds are paired by their place
            yield Refused(name, called, f"{len(finished)} of {len(results)} seeds have a result.")
            continue
        first = finished[0]
        yield Arm(
            set=name,
            method=called,
            rate=best.rate,
            scores=tuple(result.test.score for result in finished),
            score_name=first.test.score_name,
            n_test=first.test.n,
            seconds=first.seconds,
            gap=gap_readings(trainer.path_of(design.choice(best, design.seeds[0], part))),
        )


def _result(trainer: Trainer, trial: Trial, part: Part, seed: int) -> RunResult | None:
    path = trainer.path_of(trainer.design.choice(trial, seed, part))
    return RunDir(path).result() if (path / "result.json").is_file() else None


def _validation(result: RunResult | None) -> float:
    return -float("inf") if result is None or result.validation is None else result.validation.score


def gap_readings(path: Path) -> dict[str, float]:
    """The held-out gap at the first and last step of alignment, where the run has one."""
    steps, _ = RunDir.open(path).read_steps()
    aligned = [s["metrics"] for s in steps if s["stage"] == "align"]
    keys = [k for k in (aligned[0] if aligned else {}) if k.startswith("heldout_")]
    return {f"{k}_{when}": m[k] for k in keys for when, m in (("first", aligned[0]), ("last", aligned[-1]))}


def answers(options: argparse.Namespace, question: Question) -> Iterator[Entry]:
    """Set by set and variant by variant: run what is missing, and tell."""
    for name in options.sets or question.sets:
        for variant in options.only or question.variants:
            try:
                design, refused = design_of(options.data, question, name, variant)
            except XModalError as error:
                yield Refused(name, variant or "every arm", str(error))
                continue
            yield from (Refused(name, f"{arm} {variant}".strip(), why) for arm, why in refused.items())
            trainer = Lean.of(design, options.out / name)
            for _ in () if options.report else conduct(trainer):
                pass
            yield from arms_of(trainer, name, variant)


def main() -> None:
    """Run what is missing, then print and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("question", choices=QUESTIONS)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("transfer-runs"))
    parser.add_argument("--sets", nargs="+")
    parser.add_argument("--seeds", nargs="+", type=int)
    parser.add_argument("--only", nargs="+", metavar="VARIANT", help="of the question's variants")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--report", action="store_true", help="run nothing, tell what is finished")
    options = parser.parse_args()
    settle(os.environ)
    import torch

    torch.set_num_threads(options.threads)
    question = QUESTIONS[options.question]
    for variant in options.only or ():
        if variant not in question.variants:
            parser.error(f"--only got {variant!r}, expected of {', '.join(map(repr, question.variants))}")
    question = replace(question, seeds=options.seeds or question.seeds)
    found: list[Entry] = []
    for entry in answers(options, question):
        found.append(entry)
        print(line(entry), flush=True)
    options.out.mkdir(parents=True, exist_ok=True)
    stem = options.out / options.question
    stem.with_suffix(".json").write_text(json.dumps([one.to_json() for one in found], indent=1), encoding="utf-8")
    figure(found).write_html(stem.with_suffix(".html"), include_plotlyjs=True)
    print("\n".join(["", *lines(found, len(question.seeds))]))


if __name__ == "__main__":
    main()
