"""Labelled stand-ins for what a body was pretrained on, made on the spot from what is installed.

A gap is measured from a source to a target. The real pretraining corpora are too large to ship and often
unlabelled; these have labels, a licence, and as many rows as a measurement needs.
"""

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.metadata import version

import numpy as np

from xmodal_core import __version__
from xmodal_core.data.dataset import LabelledDataset, Modality, make_dataset
from xmodal_core.data.fractals import fractal_images
from xmodal_core.data.store import cached
from xmodal_core.errors import DataError

_N_FRACTAL_CLASSES = 10
_N_FINER_FRACTALS = 200  # of the 300 that fractal-vit was pretrained on; ten are told apart without a fault
_MAX_FRACTALS = 20_000
_MIN_SENTENCES = 20
_MIN_PER_CLASS = 3  # one row for each split
_WORDS = (3, 60)

# label of a sentence: the public subpackage, with the public modules inside it
_SUBPACKAGES = {
    "cluster": ("cluster.hierarchy", "cluster.vq"),
    "fft": ("fft",),
    "integrate": ("integrate",),
    "interpolate": ("interpolate",),
    "io": ("io", "io.arff", "io.wavfile"),
    "linalg": ("linalg",),
    "ndimage": ("ndimage",),
    "optimize": ("optimize",),
    "signal": ("signal", "signal.windows"),
    "sparse": ("sparse", "sparse.csgraph", "sparse.linalg"),
    "spatial": ("spatial", "spatial.distance", "spatial.transform"),
    "special": ("special",),
    "stats": ("stats", "stats.contingency", "stats.mstats", "stats.qmc", "stats.sampling"),
}


@dataclass(frozen=True)
class Source:
    """A labelled proxy of a pretraining modality.

    Attributes:
        load: (n, seed) -> at most n rows; the same rows for the same pair, kept on disk.
        finer: the same of more classes, where a body tells those of `load` apart so well that it could not be seen
            to forget them; None where it does not.
    """

    name: str
    title: str
    modality: Modality
    licence: str
    origin: str
    load: Callable[[int, int], LabelledDataset]
    finer: Callable[[int, int], LabelledDataset] | None = None


def summary_sentence(docstring: str) -> str | None:
    """First sentence of a docstring without its markup; None where it does not start with a sentence."""
    paragraphs = re.split(r"\n\s*\n", inspect.cleandoc(docstring))
    while paragraphs and re.fullmatch(r"[\w.]+\(.*\)", paragraphs[0], re.DOTALL):  # compiled functions' signatures
        paragraphs = paragraphs[1:]
    if not paragraphs or paragraphs[0].startswith(("..", ">>>", "Parameters")):
        return None
    text = _without_markup(" ".join(paragraphs[0].split()))
    sentence = re.split(r"(?<=[.!?])\s+(?=[A-Z])", text)[0].rstrip(" .:")
    return sentence + "." if _WORDS[0] <= len(sentence.split()) <= _WORDS[1] else None


def _fractals(name: str, n_classes: int, n: int, seed: int) -> LabelledDataset:
    n = min(n, _MAX_FRACTALS)
    _check_request(name, n, n_classes, seed)
    images, labels = fractal_images(list(range(n_classes)), -(-n // n_classes), seed)
    rank = np.arange(len(labels)) % (len(labels) // n_classes)  # place inside the class
    kept = np.sort(np.argsort(rank, kind="stable")[:n])
    return make_dataset(
        name,
        Modality.IMAGE,
        images[kept, None] / np.float32(255),
        labels[kept],
        [f"fractal {index}" for index in range(n_classes)],
        origin=f"drawn from iterated function systems, seed {seed}",
    )


def _scipy_docs(n: int, seed: int) -> LabelledDataset:
    sentences, labels = _labelled_sentences()
    class_names, targets = np.unique(labels, return_inverse=True)
    _check_request("scipy_docs", n, len(class_names), seed)
    rows = _stratified_draw(targets, n, seed)
    return make_dataset(
        "scipy_docs",
        Modality.TEXT,
        np.array(sentences, np.str_)[rows],
        targets[rows],
        class_names.tolist(),
        origin=f"summary lines of SciPy {version('scipy')}, seed {seed}",
    )


def _labelled_sentences() -> tuple[list[str], list[str]]:
    """Sentences that occur under one label only, sorted, with labels of at least 20 sentences."""
    owners: dict[str, set[str]] = {}
    for label, modules in _SUBPACKAGES.items():
        for module in modules:
            for sentence in _summaries(f"scipy.{module}"):
                owners.setdefault(sentence, set()).add(label)
    unique = {sentence: min(labels) for sentence, labels in sorted(owners.items()) if len(labels) == 1}
    sizes = {label: list(unique.values()).count(label) for label in _SUBPACKAGES}
    kept = {sentence: label for sentence, label in unique.items() if sizes[label] >= _MIN_SENTENCES}
    return list(kept), list(kept.values())


def _summaries(module_name: str) -> Iterator[str]:
    module = import_module(module_name)
    for name in sorted(module.__all__):
        # looking into a deprecated submodule warns, so modules are left alone
        member = getattr(module, name)
        is_own = isinstance(member, np.ufunc) or str(getattr(member, "__module__", "")).startswith("scipy")
        if is_own and (inspect.isroutine(member) or inspect.isclass(member) or isinstance(member, np.ufunc)):
            sentence = summary_sentence(member.__doc__ or "")
            if sentence is not None:
                yield sentence


def _without_markup(text: str) -> str:
    text = re.sub(r":[\w:]+:`~?([^`<]*)(?:<[^`]*>)?`", r"\1", text)  # roles such as :func:`name`
    text = re.sub(r"`+([^`]*)`+_*", r"\1", text)
    text = re.sub(r"\*{1,2}([^*\s][^*]*)\*{1,2}", r"\1", text)
    text = re.sub(r"\[\w+\]_", "", text)
    return " ".join(text.replace("\\", "").split())


def _stratified_draw(targets: np.ndarray, n: int, seed: int) -> np.ndarray:
    """Ascending rows (min(n, len),): classes in proportion, but at least three rows of each."""
    order = np.random.default_rng(seed).permutation(len(targets))
    counts = np.bincount(targets)
    urgency = np.empty(len(targets))
    for label, count in enumerate(counts):
        members = order[targets[order] == label]
        urgency[members] = (np.arange(count) + 0.5) / count
        urgency[members[:_MIN_PER_CLASS]] = 0.0
    return np.sort(np.argsort(urgency, kind="stable")[:n])


def _check_request(name: str, n: int, n_classes: int, seed: int) -> None:
    if seed < 0:
        raise DataError(f"{name}: the seed is {seed}, expected 0 or more; choose another.")
    if n < _MIN_PER_CLASS * n_classes:
        raise DataError(
            f"{name}: {n} rows were asked for, expected at least {_MIN_PER_CLASS * n_classes} for its {n_classes} "
            "classes; ask for more."
        )


def _kept_on_disk(
    name: str, made_by: str, build: Callable[[int, int], LabelledDataset], n: int, seed: int
) -> LabelledDataset:
    return cached(f"{name}-n{n}-seed{seed}-{made_by}", partial(build, n, seed))


def _fractals_kept(name: str, n_classes: int) -> Callable[[int, int], LabelledDataset]:
    return partial(_kept_on_disk, name, __version__, partial(_fractals, name, n_classes))


def _scipy_docs_kept(n: int, seed: int) -> LabelledDataset:
    return _kept_on_disk("scipy_docs", f"{__version__}-scipy{version('scipy')}", _scipy_docs, n, seed)


_ALL = (
    Source(
        "fractals",
        "Fractal images, ten classes that fractal-vit was pretrained on",
        Modality.IMAGE,
        "Generated by this program; no third-party data",
        "Iterated function systems as in Kataoka et al., ACCV 2020; fresh instances for every seed",
        _fractals_kept("fractals", _N_FRACTAL_CLASSES),
        _fractals_kept(f"fractals-{_N_FINER_FRACTALS}", _N_FINER_FRACTALS),
    ),
    Source(
        "scipy_docs",
        "English sentences: what each SciPy function does, labelled by subpackage",
        Modality.TEXT,
        "BSD-3-Clause (SciPy)",
        "First sentences of the docstrings of the installed SciPy",
        _scipy_docs_kept,
    ),
)
SOURCES: dict[str, Source] = {source.name: source for source in _ALL}
