"""Tiny transformers and data sets, so that tests run the real loading path in milliseconds."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from xmodal_core.data.dataset import LabelledDataset, Modality, Task, make_dataset

SHAPES = {
    Modality.IMAGE: (1, 8, 8),
    Modality.FIELD: (1, 8, 8),
    Modality.SERIES: (2, 30),
    Modality.TABULAR: (7,),
}
FRUIT = ("apple", "banana", "cherry")  # names of classes that mean something
SIZES = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}


@dataclass(frozen=True)
class TinyFiles:
    """Tiny bodies and data sets below a folder, each written when it is first asked for; for reading only.

    A data set's file has the name of its modality, that of a task the name of the task.
    """

    folder: Path

    @cached_property
    def body(self) -> str:
        return save_tiny_vit(self.folder / "vit")

    @cached_property
    def text_body(self) -> str:
        return save_tiny_bert(self.folder / "bert")

    def data(
        self, modality: Modality, n: int = 60, n_classes: int = 3, seed: int = 0, names: Sequence[str] = ()
    ) -> str:
        """`tiny_dataset` in a file, with the names of its classes where they are given."""
        path = self._place(modality, n, n_classes, seed, *names)
        return str(path) if path.exists() else save_npz(path, tiny_dataset(modality, n, n_classes, seed), names)

    def task(self, task: Task, modality: Modality | None = None, n: int = 60, names: Sequence[str] = ()) -> str:
        """`tiny_task` in a file that says its task, on the modality that is usual for it."""
        modality = modality or {Task.REGRESSION: Modality.TABULAR, Task.DENSE: Modality.FIELD}.get(task, Modality.IMAGE)
        path = self._place(task, modality, n, *names)
        return str(path) if path.exists() else save_npz(path, tiny_task(task, modality, n), names, task=str(task))

    def _place(self, name: str, *kind: object) -> Path:
        folder = self.folder / "-".join(map(str, kind))
        folder.mkdir(exist_ok=True)
        return folder / f"{name}.npz"


def save_tiny_vit(folder: Path) -> str:
    """A two-layer ViT for 16 x 16 images in 16 patches, saved as transformers saves it."""
    import torch
    from transformers import ViTConfig, ViTModel

    torch.manual_seed(0)
    config = ViTConfig(image_size=16, patch_size=4, **SIZES)
    ViTModel(config, add_pooling_layer=False).save_pretrained(folder)
    return str(folder)


def save_tiny_bert(folder: Path) -> str:
    """A two-layer BERT that knows three words, with its tokenizer, saved as transformers saves it."""
    import torch
    from transformers import BertConfig, BertModel, BertTokenizer

    torch.manual_seed(0)
    config = BertConfig(vocab_size=16, max_position_embeddings=40, **SIZES)
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "alpha", "red", "one"]
    (folder / "words.txt").write_text("\n".join(words))
    BertTokenizer(str(folder / "words.txt")).save_pretrained(folder)
    return str(folder)


def tiny_dataset(modality: Modality, n: int = 60, n_classes: int = 3, seed: int = 0) -> LabelledDataset:
    """Classes that differ in mean, so that a few steps of training can help."""
    rng = np.random.default_rng(seed)
    targets = np.arange(n) % n_classes
    names = [f"class {i}" for i in range(n_classes)]
    if modality is Modality.TEXT:
        words = ["alpha beta gamma", "red green blue", "one two three"]
        inputs = np.array([f"{words[c % 3]} number {i}" for i, c in enumerate(targets)])
    elif modality is Modality.SEQUENCE:
        inputs = (rng.integers(0, 2, (n, 20)) + targets[:, None]) % 5
    else:
        inputs = rng.normal(size=(n, *SHAPES[modality])) + _spread(targets, modality)
    return make_dataset(f"tiny {modality}", modality, inputs, targets, names)


def tiny_task(task: Task, modality: Modality = Modality.IMAGE, n: int = 60) -> LabelledDataset:
    """Targets that follow the mean of a sample, or each of its cells, in odd units; learnable from a few samples."""
    rng = np.random.default_rng(0)
    level = np.arange(n) % 6 - 2.5
    inputs = rng.normal(size=(n, *SHAPES[modality])) + _spread(level, modality)
    targets, names = {
        Task.CLASSIFICATION: (level > 0, ["low", "high"]),
        Task.MULTILABEL: (np.stack([level > 0, level > 1, np.abs(level) < 1], axis=1), ["high", "top", "middle"]),
        Task.REGRESSION: (np.stack([300 + 40 * level, -level], axis=1), []),
        Task.DENSE: (inputs[:, :1] * 1e-3 + 5e-3, []),
        Task.SEGMENTATION: ((inputs[:, 0] > -0.5).astype(int) + (inputs[:, 0] > 0.5), ["low", "middle", "high"]),
    }[task]
    return make_dataset(f"tiny {task}", modality, inputs, targets, names, task=task)


def _spread(levels: np.ndarray, modality: Modality) -> np.ndarray:
    """One level per sample, as wide as its inputs are."""
    return levels.reshape(-1, *[1] * len(SHAPES[modality]))


def save_npz(path: Path, dataset: LabelledDataset, class_names: Sequence[str] = (), **more: object) -> str:
    """The data set as a user would bring it: without names of classes where none are given."""
    whole = dataset.inputs.dtype.kind == "i"  # whole numbers of eight bits are read as codes, wider ones as a table
    inputs = dataset.inputs.astype(np.int8) if whole else dataset.inputs
    named = {"class_names": np.array(class_names)} if class_names else {}
    np.savez(path, X=inputs, y=dataset.targets, split=dataset.splits, **named, **more)  # type: ignore[arg-type]
    return str(path)
