"""The bodies of one run: pretrained, as it started, as it ended, and random; and what the source looks like to each."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from xmodal_core.embedding import Space, embed
from xmodal_core.errors import RunError
from xmodal_core.gap.knn import balanced_mean
from xmodal_core.model.body import Body
from xmodal_core.model.crossmodal import CrossModalModel, source_model, without_predictor
from xmodal_core.reuse.diagnostics.probe import probe_credit
from xmodal_core.reuse.diagnostics.retention import (
    knn_credit,
    no_advantage,
    paired_difference_interval,
    retention,
)
from xmodal_core.reuse.held_out import HeldOut
from xmodal_core.reuse.report import RetentionReading
from xmodal_core.runs.checkpoint import load_checkpoint
from xmodal_core.runs.run import Run, body_choice, prepare
from xmodal_core.runs.rundir import RunDir
from xmodal_core.runs.spec import RunSpec, spec_from_json

_MOST_NEIGHBOURS = 10


@dataclass(frozen=True, eq=False)
class Bodies:
    """Networks of a finished run.

    Attributes:
        run: with its final weights.
        start: the model that it started from: pretrained, or random for a method that starts from random weights.
        pretrained: the pretrained body, whatever the method started from.
        random: the same architecture at random, the anchor of retention.
    """

    run: Run
    start: CrossModalModel
    pretrained: Body
    random: Body


@dataclass(frozen=True, eq=False)
class Seen:
    """Features of held-out source rows in one body: bank (b, d) and query (q, d)."""

    bank: np.ndarray
    query: np.ndarray


def spec_of(run_dir: RunDir) -> RunSpec:
    """The specification of a finished run that has a body.

    Raises:
        RunError: the run is not finished, or its method trains no body.
    """
    if run_dir.result() is None:
        raise RunError(f"{run_dir.path.name} has no result yet, expected a finished run; let it train to the end.")
    spec = spec_from_json((run_dir.path / "spec.json").read_text(encoding="utf-8"))
    if not spec.parsed.method.has_body:
        raise RunError(
            f"{run_dir.path.name} is a run of {spec.method}, which has no pretrained body, so there is no source "
            "knowledge to keep; choose a run of another method."
        )
    return spec


def load_bodies(run_dir: RunDir, seed: int) -> Bodies:
    """Every body of a finished run, on its device.

    Raises:
        RunError: see `spec_of`, or the checkpoint is damaged.
    """
    spec = spec_of(run_dir)
    run = prepare(spec)
    start = copy.deepcopy(run.state.model)
    load_checkpoint(run, run_dir.checkpoint)
    device = run.state.device
    pretrained, random = (body_choice(spec).load(pretrained=own, seed=seed).to(device) for own in (True, False))
    return Bodies(run, start, pretrained, random)


def see(held_out: HeldOut, pretrained: Body, body: Body) -> Seen:
    """Bank and query of held-out source rows in a body; see `features`."""
    bank, query = (features(held_out, pretrained, body, rows) for rows in (held_out.bank, held_out.query))
    return Seen(bank, query)


def features(held_out: HeldOut, pretrained: Body, body: Body, rows: np.ndarray) -> np.ndarray:
    """Source rows (n, d) through the pretrained stem, which the anchor does not have, and a body."""
    embedder = source_model(held_out.source, pretrained).embedder
    side = without_predictor(embedder, body).to(next(body.parameters()).device)
    return embed(held_out.source, side, Space.BODY, rows).features


def voters(held_out: HeldOut) -> int:
    """Neighbours that vote: as many as the bank has rows of a class, for no more can be right, and ten at most."""
    return min(_MOST_NEIGHBOURS, held_out.bank_of_a_class)


def credit(held_out: HeldOut, seen: Seen, kind: str) -> np.ndarray:
    """Credit (q,) of each query by its nearest neighbours in the bank ("knn") or by a fresh linear probe ("probe")."""
    labels = held_out.source.targets
    sides = seen.bank, labels[held_out.bank], seen.query, labels[held_out.query]
    return knn_credit(*sides, voters(held_out)) if kind == "knn" else probe_credit(*sides)


def kept(held_out: HeldOut, seen: Mapping[str, Seen], kind: str, seed: int) -> RetentionReading:
    """Balanced accuracy of held-out source rows through each body, and the share of the pretrained advantage left.

    Args:
        held_out: the rows.
        seen: their features in the bodies "before", "after" and "random".
        kind: "knn" or "probe".
        seed: of the bootstrap over queries; the bank is held fixed.
    """
    labels = held_out.source.targets[held_out.query]
    credits = {name: credit(held_out, side, kind) for name, side in seen.items()}
    accuracy = {name: balanced_mean(values, labels) for name, values in credits.items()}
    return RetentionReading(
        before=accuracy["before"],
        after=accuracy["after"],
        random=accuracy["random"],
        retention=retention(accuracy["before"], accuracy["after"], accuracy["random"], len(labels)),
        after_minus_before_interval=paired_difference_interval(credits["before"], credits["after"], seed, labels),
        chance=1 / held_out.source.n_classes,
        n_bank=len(held_out.bank),
        n_query=len(held_out.query),
        k=voters(held_out) if kind == "knn" else None,
        undefined=no_advantage(accuracy["before"], accuracy["random"], len(labels)),
    )


def layer_states(embedder: nn.Module, body: Body, inputs: Tensor) -> list[np.ndarray]:
    """Mean over tokens (n, d) of what leaves each block, for prepared inputs; what enters the first is left out."""
    device = next(body.parameters()).device
    embedder.to(device).eval(), body.eval()
    batches = []
    with torch.inference_mode():
        for part in inputs.split(256):
            batch = part.to(device)
            batches.append(body.layers(embedder(batch), embedder.mask(batch))[1:])  # type: ignore[operator]
    return [torch.cat(parts).cpu().numpy() for parts in zip(*batches, strict=True)]
