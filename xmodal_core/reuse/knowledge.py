"""Do the source's classes name the target's labels, at the embedder before training and after?"""

import numpy as np

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.data.pseudo import describe_labels, pseudo_classified
from xmodal_core.embedding import Space, embed
from xmodal_core.errors import DataError
from xmodal_core.model.crossmodal import make_model, without_predictor
from xmodal_core.model.embedders.base import Embedder
from xmodal_core.reuse.diagnostics.discrepancy import knowledge_discrepancy
from xmodal_core.reuse.diagnostics.matching import match_labels
from xmodal_core.reuse.diagnostics.posterior import knn_posterior
from xmodal_core.reuse.held_out import HeldOut
from xmodal_core.reuse.networks import Bodies, features
from xmodal_core.reuse.report import EmbedderReading, Knowledge

_K = 20


def knowledge(bodies: Bodies, held_out: HeldOut, rows: np.ndarray, seed: int) -> Knowledge:
    """Knowledge discrepancy and matching of the target's labels with source classes, at three embedders.

    Target rows go through a random embedder, the one that the run started with and the trained one, each into the
    pretrained body, where their nearest source rows say which source class they look like. So every number is a
    property of the embedder.

    Args:
        bodies: of the run.
        held_out: source rows in the classes of the run's source, the bank of which votes.
        rows: target rows that no stage trains on.
        seed: of the random embedder, the halves and the permutations.

    Differs: MoNA's paper states the definition alone; posterior, matching and halves are ours.
    """
    target = bodies.run.target
    try:
        classified = pseudo_classified(target, seed=seed)
    except DataError as error:
        return Knowledge(embedders={}, target_labels="", k=_K, n=len(rows), refused=str(error))
    labels, classes = classified.targets[rows], held_out.source.targets[held_out.bank]
    bank = features(held_out, bodies.pretrained, bodies.pretrained, held_out.bank)
    random = make_model(target, bodies.pretrained, init="random", seed=seed).embedder
    embedders = {"random": random, "start": bodies.start.embedder, "trained": bodies.run.state.model.embedder}
    found, refused = {}, ""
    try:
        for name, embedder in embedders.items():
            asked = _in_pretrained_body(target, embedder, bodies, rows)
            found[name] = embedder_reading(knn_posterior(bank, classes, asked, _K), labels, seed)
    except DataError as error:
        found, refused = {}, str(error)
    return Knowledge(
        embedders=found,
        target_labels=describe_labels(target, classified.targets),
        k=_K,
        n=len(rows),
        refused=refused,
        n_labels=len(np.unique(labels)),
        n_source_classes=len(np.unique(classes)),
    )


def embedder_reading(posterior: np.ndarray, labels: np.ndarray, seed: int) -> EmbedderReading:
    """Matching of labels (m,) with source classes under posteriors (m, K_s), and the discrepancy where it is defined.

    Raises:
        DataError: the labels do not fill two classes with two rows.
    """
    matched = match_labels(posterior, labels, seed=seed)
    try:
        discrepancy, undefined = knowledge_discrepancy(posterior, labels, seed=seed), ""
    except DataError as error:
        discrepancy, undefined = None, str(error)
    return EmbedderReading(
        kappa=matched.many_to_one.kappa,
        kappa_p=matched.many_to_one.p,
        one_to_one_kappa=None if matched.one_to_one is None else matched.one_to_one.kappa,
        information=matched.information,
        information_chance=matched.information_chance,
        information_p=matched.information_p,
        discrepancy=discrepancy,
        undefined=undefined,
    )


def _in_pretrained_body(target: LabelledDataset, embedder: Embedder, bodies: Bodies, rows: np.ndarray) -> np.ndarray:
    side = without_predictor(embedder, bodies.pretrained)
    return embed(target, side.to(next(bodies.pretrained.parameters()).device), Space.BODY, rows).features
