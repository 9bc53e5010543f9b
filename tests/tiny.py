"""Tiny transformers and data sets, so that tests run the real loading path in milliseconds."""

from pathlib import Path

import numpy as np

from xmodal_core.data.dataset import LabelledDataset, Modality, make_dataset

SHAPES = {
    Modality.IMAGE: (1, 8, 8),
    Modality.SERIES: (2, 30),
    Modality.TABULAR: (7,),
}


def save_tiny_vit(folder: Path) -> str:
    """A two-layer ViT for 16 x 16 images in 16 patches, saved as transformers saves it."""
    import torch
    from transformers import ViTConfig, ViTModel

    torch.manual_seed(0)
    config = ViTConfig(
        hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32, image_size=16, patch_size=4
    )
    ViTModel(config, add_pooling_layer=False).save_pretrained(folder)
    return str(folder)


def save_tiny_bert(folder: Path) -> str:
    """A two-layer BERT that knows three words, with its tokenizer, saved as transformers saves it."""
    import torch
    from transformers import BertConfig, BertModel, BertTokenizer

    torch.manual_seed(0)
    sizes = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
    config = BertConfig(vocab_size=16, max_position_embeddings=40, **sizes)
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
        inputs = rng.normal(size=(n, *SHAPES[modality])) + targets.reshape(n, *[1] * len(SHAPES[modality]))
    return make_dataset(f"tiny {modality}", modality, inputs, targets, names)


def save_npz(path: Path, dataset: LabelledDataset) -> str:
    """The data set as a user would bring it."""
    np.savez(path, X=dataset.inputs, y=dataset.targets, split=dataset.splits)
    return str(path)
