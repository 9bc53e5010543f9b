"""Do the source's classes name the target's labels, at the embedder before training and after?"""

from dataclasses import asdict
from typing import Any

import numpy as np
from torch import nn

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.data.pseudo import describe_labels, pseudo_classified
from xmodal_core.embedding import Space, embed
from xmodal_core.errors import DataError
from xmodal_core.model.crossmodal import CrossModalModel, make_model
from xmodal_core.reuse.diagnostics.discrepancy import knowledge_discrepancy
from xmodal_core.reuse.diagnostics.matching import match_labels
from xmodal_core.reuse.diagnostics.posterior import knn_posterior
from xmodal_core.reuse.held_out import HeldOut
from xmodal_core.reuse.networks import Bodies, K


def knowledge(bodies: Bodies, held_out: HeldOut, bank: np.ndarray, rows: np.ndarray, seed: int) -> dict[str, Any]:
    """Knowledge discrepancy and matching of the target's labels with source classes, at three embedders.

    Target rows go through a random embedder, the one that the run started with and the trained one, each into the
    pretrained body, where their nearest source rows say which source class they look like. So every number is a
    property of the embedder.

    Args:
        bodies: of the run.
        held_out: the source rows behind `bank`.
        bank: (b, d) features of the source's bank in the pretrained body.
        rows: target rows that no stage trains on.
        seed: of the random embedder, the halves and the permutations.

    Returns:
        "embedders": {"random" | "start" | "trained": see `readings`}; "target_labels" (empty for true classes),
        "k", "n", "n_labels", "n_source_classes", and "refused": why nothing was measured, one sentence or empty.

    Differs: MoNA's paper states the definition alone; posterior, matching and halves are ours.
    """
    target = bodies.run.target
    facts: dict[str, Any] = {"embedders": {}, "target_labels": "", "k": K, "n": len(rows), "refused": ""}
    try:
        classified = pseudo_classified(target, seed=seed)
        facts["target_labels"] = describe_labels(target, classified.targets)
        random = make_model(target, bodies.pretrained, init="random", seed=seed).embedder
        embedders = {"random": random, "start": bodies.start.embedder, "trained": bodies.run.state.model.embedder}
        labels, classes = classified.targets[rows], held_out.source.targets[held_out.bank]
        facts |= {"n_labels": len(np.unique(labels)), "n_source_classes": len(np.unique(classes))}
        for name, embedder in embedders.items():
            features = _in_pretrained_body(target, embedder, bodies, rows)
            facts["embedders"][name] = readings(knn_posterior(bank, classes, features, K), labels, seed)
    except DataError as error:
        facts |= {"embedders": {}, "refused": str(error)}
    return facts


def readings(posterior: np.ndarray, labels: np.ndarray, seed: int) -> dict[str, Any]:
    """Matching of labels (m,) with source classes under posteriors (m, K_s), and the discrepancy where it is defined.

    Returns:
        "kappa", "kappa_p", "one_to_one_kappa" (None for fewer source classes than labels), "information" (U),
        "information_chance", "information_p"; "discrepancy": fields of `Discrepancy`, or None, and then
        "undefined" has the sentence why.

    Raises:
        DataError: the labels do not fill two classes with two rows.
    """
    matched = match_labels(posterior, labels, seed=seed)
    found: dict[str, Any] = {
        "kappa": matched.many_to_one.kappa,
        "kappa_p": matched.many_to_one.p,
        "one_to_one_kappa": None if matched.one_to_one is None else matched.one_to_one.kappa,
        "information": matched.information,
        "information_chance": matched.information_chance,
        "information_p": matched.information_p,
    }
    try:
        return found | {"discrepancy": asdict(knowledge_discrepancy(posterior, labels, seed=seed)), "undefined": ""}
    except DataError as error:
        return found | {"discrepancy": None, "undefined": str(error)}


def _in_pretrained_body(target: LabelledDataset, embedder: nn.Module, bodies: Bodies, rows: np.ndarray) -> np.ndarray:
    side = CrossModalModel(embedder, bodies.pretrained, nn.Identity())  # type: ignore[arg-type]
    return embed(target, side.to(next(bodies.pretrained.parameters()).device), Space.BODY, rows).features
