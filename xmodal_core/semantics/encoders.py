"""Class phrases -> vectors: by a pretrained text body, by a matrix of the user's own, or by spelling alone.

Reference: Ma et al., NeurIPS 2023, and their released code: names inside prompt sentences, the mean of the last
hidden state over the tokens of the name, unit length.

Differs: the tokens of the name are found by their character offsets, where the release counts them behind an
assumed start token and is off by one for encoders without it; the sentences speak of samples and measurements
instead of photos; ten sentences at most make nodes, ten others are held out.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from xmodal_core.data.dataset import Modality
from xmodal_core.errors import SettingsError

if TYPE_CHECKING:
    from xmodal_core.model.body import Body

LEXICAL = "lexical"
CONTROLS = ("names", "shuffled", "random")
MAX_PROMPTS = 10
_LEXICAL_SIZE = 256
_BATCH = 128
_MAX_BYTES = 64 * 2**20
_PROMPTS = (
    "This is {}.",
    "The sample shows {}.",
    "A measurement of {}.",
    "An example of {}.",
    "It belongs to the class {}.",
    "We recorded {} here.",
    "The label of this observation is {}.",
    "A typical case of {}.",
    "What was found is {}.",
    "The data stand for {}.",
)
_HELD_OUT = (
    "Here we see {}.",
    "One instance of {}.",
    "The correct answer is {}.",
    "This signal comes from {}.",
    "It was identified as {}.",
    "A record that represents {}.",
    "Experts call it {}.",
    "The category is {}.",
    "Another occurrence of {}.",
    "This row describes {}.",
)


@dataclass(frozen=True, eq=False)
class NameVectors:
    """Unit vectors of K classes under P sentences.

    Attributes:
        nodes: (K, P, d) float32, the nodes of the label graph.
        held_out: (K, P', d) float32 under other sentences, never trained on.
        known: (K,) bool, whether the encoder knows any word of the class.
        caption: which encoder, for the screen, the report and the export.
    """

    nodes: np.ndarray
    held_out: np.ndarray
    known: np.ndarray
    caption: str

    @property
    def means(self) -> np.ndarray:
        """One unit vector a class, (K, d)."""
        return _unit(self.nodes.mean(axis=1))

    def take(self, classes: np.ndarray) -> "NameVectors":
        """The vectors of some classes only (by index)."""
        return replace(self, nodes=self.nodes[classes], held_out=self.held_out[classes], known=self.known[classes])


def is_matrix_file(encoder: str) -> bool:
    """Whether an encoder's name is that of a file of vectors."""
    return Path(encoder).suffix in (".npy", ".csv")


def encode_names(phrases: Sequence[str], encoder: str, n_prompts: int) -> NameVectors:
    """Vectors of class phrases.

    Args:
        phrases: K phrases, none empty.
        encoder: "lexical", a text body (name, hub id or folder), or a .npy or .csv file of a (K, d) matrix.
        n_prompts: sentences per class, 1 to 10; a matrix and the lexical encoder have one vector a class.

    Raises:
        ModelError: the body cannot be loaded.
        SettingsError: the body reads no text, or the matrix does not fit.
    """
    if encoder == LEXICAL:
        return _single(lexical_vectors(phrases), "LEXICAL: relates classes by shared spelling only, not by meaning")
    if is_matrix_file(encoder):
        return _single(_matrix(Path(encoder), len(phrases)), f"vectors from {Path(encoder).name}")
    from xmodal_core.model.crossmodal import load_body

    body = load_body(encoder)
    if body.modality is not Modality.TEXT or body.stem.tokenizer is None or not body.stem.tokenizer.is_fast:
        raise SettingsError(
            f"encoder is {encoder!r}, which has no tokenizer with character offsets; choose a text body such as "
            "minilm, or lexical."
        )
    nodes, known = _contextual(body, phrases, _PROMPTS[:n_prompts])
    held_out, _ = _contextual(body, phrases, _HELD_OUT[:n_prompts])
    return NameVectors(nodes, held_out, known, f"{body.name}, {n_prompts} sentences a class")


def controlled(vectors: NameVectors, control: str, seed: int) -> NameVectors:
    """The vectors under a control: as they are, moved to other classes, or random and orthogonal.

    `shuffled` moves every class's vectors along one cycle through all classes, so that none keeps its own;
    `random` has orthonormal class vectors where d >= K (random unit vectors otherwise), the same in each sentence.
    """
    rng = np.random.default_rng(seed)
    n_classes, _, size = vectors.nodes.shape
    if control == "shuffled":
        order = rng.permutation(n_classes)
        source = np.empty(n_classes, dtype=np.int64)
        source[order] = np.roll(order, 1)
        return replace(vectors.take(source), caption=f"{vectors.caption}, shuffled over the classes")
    if control == "random":
        drawn = rng.normal(size=(size, n_classes))
        drawn = np.linalg.qr(drawn)[0] if size >= n_classes else drawn
        rows = _unit(drawn.T)[:, None, :].astype(np.float32)  # (K, 1, d)
        nodes, held_out = (np.repeat(rows, part.shape[1], axis=1) for part in (vectors.nodes, vectors.held_out))
        return NameVectors(nodes, held_out, vectors.known, "random orthogonal vectors")
    return vectors


def lexical_vectors(phrases: Sequence[str]) -> np.ndarray:
    """Spelling as unit vectors (K, 256): TF-IDF of words and of 3- to 5-letter pieces, hashed with signs.

    Related by shared spelling only: "left ventricle" is near "right ventricle", "car" is not near "automobile".
    """
    counts = [Counter(_pieces(phrase)) for phrase in phrases]
    documents = Counter(piece for count in counts for piece in count)
    vectors = np.zeros((len(phrases), _LEXICAL_SIZE))
    for row, count in zip(vectors, counts, strict=True):
        for piece, times in count.items():
            digest = int.from_bytes(hashlib.blake2b(piece.encode(), digest_size=8).digest(), "big")
            weight = np.log((1 + len(phrases)) / (1 + documents[piece])) + 1
            row[(digest >> 1) % _LEXICAL_SIZE] += times * weight * (1 if digest & 1 else -1)
    return _unit(vectors).astype(np.float32)


def _pieces(phrase: str) -> list[str]:
    words = re.findall(r"\w+", phrase.casefold())
    padded = [f"<{word}>" for word in words]
    grams = [word[i : i + n] for word in padded for n in (3, 4, 5) for i in range(len(word) - n + 1)]
    return [f"word {word}" for word in words] + grams


def _contextual(body: "Body", phrases: Sequence[str], prompts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Unit vectors (K, P, d) and which phrases have a known token (K,)."""
    import torch

    texts = [prompt.format(phrase) for phrase in phrases for prompt in prompts]
    starts = [prompt.index("{") for _ in phrases for prompt in prompts]
    ends = [start + len(phrase) for phrase, start in zip(np.repeat(phrases, len(prompts)), starts, strict=True)]
    length, reads_all = body.stem.full_length or min(body.max_tokens, 256), body.stem.full_length is not None
    parts, known = [], []
    body.eval()
    with torch.inference_mode():
        for first in range(0, len(texts), _BATCH):
            some = slice(first, first + _BATCH)
            batch: Any = body.stem.tokenizer(
                texts[some],
                padding="max_length" if reads_all else True,
                truncation=True,
                max_length=length,
                return_attention_mask=True,
                return_offsets_mapping=True,
                return_tensors="pt",
            )
            ids, offsets = batch["input_ids"], batch["offset_mapping"]  # (b, l), (b, l, 2)
            start, end = (torch.tensor(edge[some]).unsqueeze(1) for edge in (starts, ends))  # (b, 1)
            inside = (offsets[..., 1] > start) & (offsets[..., 0] < end) & (offsets[..., 1] > offsets[..., 0])
            assert body.stem.word_embeddings is not None
            mask = None if reads_all else batch["attention_mask"].bool()
            hidden = body(body.stem.word_embeddings(input_ids=ids), mask)
            weight = inside.to(hidden.dtype).unsqueeze(-1)  # (b, l, 1)
            parts.append(((hidden * weight).sum(1) / weight.sum(1).clamp_min(1)).numpy())
            known.append((inside & (ids != body.stem.tokenizer.unk_token_id)).any(dim=1).numpy())
    shape = (len(phrases), len(prompts))
    vectors = _unit(np.concatenate(parts)).reshape(*shape, -1).astype(np.float32)  # (K, P, d)
    return vectors, np.concatenate(known).reshape(shape).any(axis=1)


def _matrix(path: Path, n_classes: int) -> np.ndarray:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise SettingsError(f"{path.name} has more than {_MAX_BYTES >> 20} MB, expected one vector a class.")
        array = np.load(path, allow_pickle=False) if path.suffix == ".npy" else np.loadtxt(path, delimiter=",", ndmin=2)
        vectors = np.asarray(array, dtype=np.float64)
    except (OSError, ValueError, TypeError) as error:
        raise SettingsError(
            f"{path.name} could not be read ({type(error).__name__}), expected a matrix of numbers with a row per "
            "class; save it with np.save or np.savetxt."
        ) from error
    if vectors.ndim != 2 or len(vectors) != n_classes or not np.isfinite(vectors).all() or not vectors.any(1).all():
        raise SettingsError(
            f"{path.name} has shape {vectors.shape}, expected {n_classes} rows of finite numbers, one per class and "
            "none all zero; save it again."
        )
    return _unit(vectors).astype(np.float32)


def _single(vectors: np.ndarray, caption: str) -> NameVectors:
    one = vectors[:, None, :]  # (K, 1, d)
    return NameVectors(one, one, np.ones(len(vectors), dtype=bool), caption)


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True).clip(1e-12)
