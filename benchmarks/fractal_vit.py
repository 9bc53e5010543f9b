"""What pretraining on fractals is worth: frozen features and fine-tuning at 10 samples per class.

    python -m benchmarks.fractal_vit [--data DIR] [--seeds 0 1 2] [--json OUT]

Targets: digits (ships with scikit-learn) and, from DIR, any of mnist_t10k, fsdd_logmel, sat_landsat,
cifar10_5k2k as .npz files that the app would accept. Against the same network at random initialisation and,
for the frozen part, against raw pixels. Training rows are drawn by the seed; at most 600 test rows.
"""

import argparse
import json
import statistics
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from sklearn.neighbors import KNeighborsClassifier

from xmodal_core.data.dataset import LabelledDataset, Modality, stratified_rows
from xmodal_core.data.examples import EXAMPLES
from xmodal_core.data.readers import read
from xmodal_core.data.reading import Reading
from xmodal_core.embedding import Space, embed
from xmodal_core.evaluation import evaluate
from xmodal_core.methods.base import Budget, TrainState
from xmodal_core.methods.finetune import Finetune
from xmodal_core.model.crossmodal import load_body, make_model

PER_CLASS = 10
STEPS = 120
SETTINGS = Finetune(learning_rate=5e-4, body_rate=1.0, batch_size=48)  # one recipe for both arms
FILES = ("mnist_t10k", "fsdd_logmel", "sat_landsat", "cifar10_5k2k")


def few_shot(data: LabelledDataset, seed: int) -> LabelledDataset:
    """The data set with 10 training rows per class, drawn by the seed, and at most 600 test rows."""
    rng = np.random.default_rng(seed)
    train, test = data.rows("train"), data.rows("test")
    chosen = [rng.permutation(train[data.targets[train] == c])[:PER_CLASS] for c in range(data.n_classes)]
    test = test[stratified_rows(data.targets[test], 600, seed=0)]
    rows = np.concatenate([*chosen, test])
    splits = np.array(["train"] * sum(map(len, chosen)) + ["test"] * len(test))
    return replace(data, inputs=data.inputs[rows], targets=data.targets[rows], splits=splits, uid=data.uid[rows])


def nearest_neighbour(data: LabelledDataset, pretrained: bool | None, seed: int) -> float:
    """Accuracy of 1-NN on the body's mean token, or on raw pixels (None)."""
    model = None
    if pretrained is not None:
        body = load_body("fractal-vit", pretrained=pretrained, seed=seed)
        model = make_model(data, body, init="pretrained" if pretrained else "random", seed=seed)
    space = Space.RAW if model is None else Space.BODY
    train, test = (embed(data, model, space, data.rows(split)) for split in ("train", "test"))
    return float(KNeighborsClassifier(1).fit(train.features, train.labels).score(test.features, test.labels))


def fine_tuned(data: LabelledDataset, pretrained: bool, seed: int) -> float:
    """Test accuracy after 120 steps on the few training rows."""
    body = load_body("fractal-vit", pretrained=pretrained, seed=seed)
    model = make_model(data, body, init="pretrained" if pretrained else "random", seed=seed)
    state = TrainState(model, seed, torch.device("cpu"))
    for _ in SETTINGS.steps(state, None, data, Budget(refine_steps=STEPS)):
        pass
    result = evaluate(model, data, "test")
    assert result is not None
    return result.accuracy


def measure(data: LabelledDataset, seeds: list[int]) -> dict[str, list[float]]:
    """All five readings of one data set, a value per seed."""
    few = {seed: few_shot(data, seed) for seed in seeds}
    return {
        "1-NN pretrained": [nearest_neighbour(few[s], True, s) for s in seeds],
        "1-NN random network": [nearest_neighbour(few[s], False, s) for s in seeds],
        "1-NN raw pixels": [nearest_neighbour(few[s], None, s) for s in seeds],
        "fine-tuned pretrained": [fine_tuned(few[s], True, s) for s in seeds],
        "fine-tuned from scratch": [fine_tuned(few[s], False, s) for s in seeds],
    }


def targets(folder: Path | None) -> dict[str, LabelledDataset]:
    """Digits, and what there is in the folder."""
    found = {"digits": EXAMPLES["digits"].load()}
    for name in FILES if folder else ():
        path = folder / f"{name}.npz"
        if path.is_file():
            found[name] = read(path, path.name, Reading(modality=Modality.IMAGE))
    return found


def main() -> None:
    """Print a table, mean and sd over seeds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    table = {}
    for name, data in targets(options.data).items():
        table[name] = measure(data, options.seeds)
        n_test = len(few_shot(data, 0).rows("test"))
        print(f"{name} ({data.n_classes} classes, {PER_CLASS} per class, n_test {n_test}, {len(options.seeds)} seeds)")
        for reading, values in table[name].items():
            sd = statistics.stdev(values) if len(values) > 1 else 0.0
            print(f"  {reading:<26}{statistics.fmean(values):.3f} +- {sd:.3f}", flush=True)
    if options.json:
        options.json.write_text(json.dumps(table, indent=1))


if __name__ == "__main__":
    main()
