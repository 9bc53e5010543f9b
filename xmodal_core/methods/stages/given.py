"""Why a method cannot run on what it is given, said before a body is loaded or a worker started.

What only the network can tell is told when it is built.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from xmodal_core.data.dataset import LabelledDataset, Modality, Task
from xmodal_core.data.printable import printable
from xmodal_core.data.pseudo import pseudo_classified
from xmodal_core.data.sources import Source
from xmodal_core.errors import DataError, ModelError, SettingsError
from xmodal_core.methods.base import Method, needs_source
from xmodal_core.model.bodies import check_kept
from xmodal_core.model.facts import TEXT_LENGTH, BodyFacts, body_facts
from xmodal_core.semantics.encoders import LEXICAL, is_matrix_file

_LEAST = 2  # rows to train on, classes to tell apart, rows of a class that make a pair
_FEW = 50
_CHUNK = 256  # rows compared at once: as a rule the first ones differ
_PICTURES = (Modality.IMAGE, Modality.FIELD)


@dataclass(frozen=True, eq=False)
class Given:
    """What a run is given, its data in memory, its body not yet.

    Attributes:
        target: as the run will see it.
        source: None for a method that reads none; an entry of `SOURCES`, which are known to have classes, need not
            be drawn for the question.
        body: None where nothing is known of it before it is loaded.
    """

    target: LabelledDataset
    source: LabelledDataset | Source | None = None
    body: BodyFacts | None = None


def check_given(method: Method, given: Given) -> None:
    """Refuse in one sentence what a method cannot run on: first what holds for all, then what it says itself.

    It says so by `check(self, given)`. Every class that it is made of is asked for its own, so that a method of two
    stages needs not call both. A page asks at every rerun: a check reads no network and takes milliseconds.

    Raises:
        SettingsError: the data, or the settings on these data.
        ModelError: the body cannot read the target or the source.
    """
    check_rows(given.target)
    check_targets(given.target)
    sides: list[LabelledDataset | Source] = [given.target]
    if needs_source(type(method)) and given.source is not None:
        sides.append(given.source)
        check_clusters(given.target)
        if isinstance(given.source, LabelledDataset):
            check_rows(given.source)
            check_source(given.source)
            check_clusters(given.source)
    if given.body is not None and method.has_body:
        for side in sides:
            check_body(side, given.body)
    for kind in type(method).__mro__:
        if "check" in vars(kind):
            vars(kind)["check"](method, given)


def check_rows(dataset: LabelledDataset) -> None:
    """Refuse a single training row: every batch would be of one, which has no spread and no pair."""
    n = len(dataset.rows("train"))
    if n < _LEAST:
        raise SettingsError(
            f"{dataset.name} has {n} training row(s), expected at least {_LEAST}, for a batch of one cannot be "
            "trained on; mark more rows as train."
        )


def check_targets(target: LabelledDataset) -> None:
    """Refuse training rows among which there is nothing to tell apart."""
    rows = target.rows("train")
    if target.task is Task.SEGMENTATION:
        n_classes = int((target.train_cells > 0).sum())
        if n_classes < _LEAST:
            raise SettingsError(
                f"the cells of the training rows of {target.name} have {n_classes} class, expected at least {_LEAST}; "
                "mark rows with another class as train, or keep more of them."
            )
    first = target.targets[rows[0]]
    if any((target.targets[rows[i : i + _CHUNK]] != first).any() for i in range(0, len(rows), _CHUNK)):
        return
    if target.task is Task.CLASSIFICATION:
        raise SettingsError(
            f"{target.name} has training rows of 1 class, {printable(target.class_names[first])!r}, expected at least "
            f"{_LEAST} classes; mark rows of another class as train, or keep more of them."
        )
    raise SettingsError(
        f"all {len(rows)} training rows of {target.name} have the same target, expected {target.task} targets that "
        "differ; mark other rows as train, or keep more of them."
    )


def check_source(source: LabelledDataset) -> None:
    """Refuse a source without two classes that have a pair of training rows: what it knows would be no knowledge."""
    if source.task is not Task.CLASSIFICATION:
        check_targets(source)  # it is read by its pseudo-labels
        return
    counts = np.bincount(source.targets[source.rows("train")])
    usable = int((counts >= _LEAST).sum())
    if usable < _LEAST:
        raise SettingsError(
            f"the source {source.name} has {usable} class(es) with {_LEAST} training rows, expected at least {_LEAST}; "
            "choose a source with more classes."
        )


def check_clusters(dataset: LabelledDataset) -> None:
    """Refuse targets without classes that fall into one cluster, which stands for a class beside the other side's.

    Asked of few rows only: many have clusters, but for outliers, and take their time.
    """
    if dataset.task is Task.CLASSIFICATION or len(dataset) > _FEW:
        return
    try:
        pseudo_classified(dataset)
    except DataError as error:
        raise SettingsError(
            f"the {len(dataset)} {dataset.task} targets of {dataset.name} fall into a single cluster, expected at "
            "least two to stand for classes; add rows, or choose finetune."
        ) from error


def check_body(side: LabelledDataset | Source, body: BodyFacts) -> None:
    """Refuse data that a body cannot read, as the target or as the source."""
    if side.modality is Modality.TEXT and body.modality is not Modality.TEXT:
        raise ModelError(
            f"{body.name} has no tokenizer, so it cannot read the text of {side.name}; choose a text body such as "
            "minilm, or other data."
        )
    if side.modality is Modality.TEXT and body.text_tokens is not None and body.text_tokens < TEXT_LENGTH:
        raise ModelError(
            f"{body.name} has {body.text_tokens} positions, expected at least {TEXT_LENGTH} for the text of "
            f"{side.name}; choose another text body such as minilm."
        )
    if body.exact_tokens and side.modality not in _PICTURES:
        raise ModelError(
            f"{body.name} takes a fixed grid of image patches, found {side.modality} data in {side.name}; choose a "
            "ViT or a text body."
        )


def check_start(given: Given) -> None:
    """Refuse a random start of the embedder that is the pretrained one, as far as it is known without the network.

    An image body has filters for pictures to copy, and no LayerNorm unless it takes nothing else.
    """
    body = given.body
    if body is not None and body.modality is Modality.IMAGE and given.target.modality not in _PICTURES:
        raise same_start(body.name, given.target)


def same_start(body: str, target: LabelledDataset) -> SettingsError:
    """What a random start of the embedder is refused with where it would be another arm by name only."""
    return SettingsError(
        f"embedder_init is random, but the embedding layer of {body} has neither a LayerNorm nor filters that "
        f"{target.modality} data could start from, so that it equals pretrained; leave it at pretrained, or choose "
        "another body."
    )


def check_encoder(encoder: str) -> None:
    """Refuse a reader of class names that is an image body, or a file of vectors that is not there."""
    if encoder == LEXICAL:
        return
    if is_matrix_file(encoder):
        if not Path(encoder).is_file():
            raise SettingsError(f"encoder is {encoder!r}, but there is no such file; give its path, or set lexical.")
        return
    facts = body_facts(encoder)
    if facts is not None and facts.modality is not Modality.TEXT:
        raise SettingsError(
            f"encoder is {encoder!r}, which reads no text, expected a text body; set minilm or lexical."
        )
    check_kept(encoder)


def check_share(share: float, given: Given) -> None:
    """Refuse a share of replaced tokens, above 0, that is less than one token of a short sample.

    More tokens than a sample has cannot be asked for: k is a share of the shorter side's.
    """
    for side in (given.target, given.source):
        if not isinstance(side, LabelledDataset):
            continue
        most = most_tokens(side)
        if most is not None and 0 < share * most < 1:
            raise SettingsError(
                f"a sample of {side.name} has {most} token(s) at most, of which a share of {share:g} replaces none, "
                "expected at least one; raise share_start, set it to 0 on purpose, or choose finetune."
            )


def most_tokens(dataset: LabelledDataset) -> int | None:
    """Tokens that a sample gives at most, a feature or a place each; None where its body decides."""
    axis = {Modality.TABULAR: 1, Modality.SEQUENCE: 1, Modality.SERIES: 2}.get(dataset.modality)
    return None if axis is None else int(dataset.inputs.shape[axis])
