"""A source head: a classifier of the source's classes behind the pretrained body, which then answers target samples.

    L = mean_i l_i + (weight / tau^2) mean_i max(0, |d l_i / d u_i| - tau)^2,   l_i = CE(head(pool body(z_i)), y_i)

z_i are the tokens that enter the body and u_i is their mean: the derivative by u_i is that of a shift of all tokens, as
alignment shifts them. Only the head trains; the source's embedder and the body stay as they are. The penalty is the
premise of RECRAFT's bound, in which what a distance between mean tokens can cost grows with the slope of the loss.

Reference: RECRAFT (Tran et al., AISTATS 2026, arXiv 2601.18231) and its released code.

Differs: the head starts from a logistic regression on features computed once, where the release trains it from
random weights, first without and then with the penalty. tau is a quantile of the norms on held-out source rows, for a
slope has a unit; the release has 0.4 for a norm over the token axis of a batch's mean, which belongs to neither a
sample nor a token. The weight counts excess in units of tau: 16 is the release's 100 at its tau of 0.4.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.functional import cross_entropy

from xmodal_core.data.dataset import LabelledDataset, stratified_rows
from xmodal_core.embedding import Space, embed
from xmodal_core.methods.base import draw_rows, require_rows
from xmodal_core.methods.stages.meta import without_padding
from xmodal_core.model.body import masked_mean
from xmodal_core.model.crossmodal import CrossModalModel
from xmodal_core.model.predictor import started, unit_of
from xmodal_core.model.seeding import seeded
from xmodal_core.settings import setting

HEADS = ("fitted", "random")
_N_HELD = 128  # source rows that tau and the head's accuracy are read on
_BATCH = 16  # a penalised step costs about four forward passes of it
_RATE = 3e-3  # Adam; the head starts near its optimum
_DECAY = 1e-2  # of the logistic regression, on standardised features
_ITERATIONS = 100


@dataclass(frozen=True)
class SourceHead:
    """Settings of the source head."""

    source_head: str = setting("fitted", "Who answers target samples; random is the control", choices=HEADS)
    head_steps: int = setting(20, "Steps of the source head under its gradient penalty", low=0, high=10_000)
    penalty_weight: float = setting(16.0, "Weight of slopes above the limit, in units of the limit", low=0.0, high=1e6)
    slope_quantile: float = setting(
        0.5, "Limit of slopes, as a quantile of those on held-out source rows", low=0.01, high=1.0
    )


@dataclass(frozen=True, eq=False)
class _Rows:
    """Source rows as a step reads them, and their classes."""

    inputs: Tensor
    labels: Tensor

    @classmethod
    def of(cls, source: LabelledDataset, side: CrossModalModel, rows: np.ndarray) -> "_Rows":
        return cls(side.embedder.prepare(source, rows), torch.from_numpy(source.targets[rows]))

    def batch(self, side: CrossModalModel, rows: Tensor) -> tuple[Tensor, Tensor]:
        return without_padding(side, self.inputs[rows]).to(side.device), self.labels[rows].to(side.device)


def new_head(source: LabelledDataset, side: CrossModalModel, seed: int) -> nn.Module:
    """An untrained head, (b, d') -> logits (b, K_s), whose features are standardised by units that are fitted once."""
    width = side.body.output_size
    with seeded(seed):
        return started("standard", width, nn.Linear(width, source.n_classes))


def fit_head(
    source: LabelledDataset, side: CrossModalModel, settings: SourceHead, n_samples: int, seed: int
) -> tuple[nn.Module, dict[str, float]]:
    """The head that a run's alignment asks, frozen, and what can be said of it.

    Args:
        source: with classes; training rows are learned from, held-out rows give tau and the readings.
        side: its own embedder in front of the pretrained body; nothing of it is trained.
        settings: of the head.
        n_samples: training rows at most.
        seed: of rows, batches and random weights.

    Returns:
        the head, and `head_accuracy` on held-out rows, `head_slope_limit` tau, and `head_steep_share`, the share of
        held-out rows whose slope is above tau, which was 1 - quantile before the penalty.
    """
    side.eval()
    rows = require_rows(source, "train")
    rows = rows[stratified_rows(source.targets[rows], n_samples, seed)]
    held = source.rows("val", "test")
    held = held[stratified_rows(source.targets[held], _N_HELD, seed)]
    head = new_head(source, side, seed).to(side.device)
    features = torch.from_numpy(embed(source, side, Space.BODY, rows).features).to(side.device)
    unit = unit_of(head)
    assert unit is not None
    unit.fit(features)
    seen, unseen = _Rows.of(source, side, rows), _Rows.of(source, side, held)
    if settings.source_head == "fitted":
        fit_logistic(head, features, seen.labels.to(side.device))
    limit = float(torch.quantile(_slopes(side, head, unseen), settings.slope_quantile))
    if settings.source_head == "fitted" and limit > 0:
        _flatten(side, head, seen, settings, limit, seed)
    head.requires_grad_(False).zero_grad()
    facts = {"head_accuracy": _accuracy(side, head, unseen), "head_slope_limit": limit}
    return head, facts | {"head_steep_share": float((_slopes(side, head, unseen) > limit).float().mean())}


def fit_logistic(head: nn.Module, features: Tensor, labels: Tensor) -> None:
    """Logistic regression of labels (n,) on features (n, d) by the head as it is, with decay, to its optimum."""
    optimizer = torch.optim.LBFGS(head.parameters(), max_iter=_ITERATIONS, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = cross_entropy(head(features), labels) + _decay(head)
        loss.backward()
        return loss

    optimizer.step(closure)  # type: ignore[no-untyped-call, unused-ignore]


def slope_penalty(slopes: Tensor, limit: float) -> Tensor:
    """Mean squared excess of slopes (b,), norms of gradients, over a limit."""
    return (slopes - limit).clamp_min(0).square().mean()


def losses_and_slopes(
    side: CrossModalModel, head: nn.Module, inputs: Tensor, labels: Tensor, *, create_graph: bool = False
) -> tuple[Tensor, Tensor]:
    """Loss l_i (b,) of each sample, and the norm (b,) of its gradient by the mean u_i of its tokens.

    A shift of the mean shifts every real token that enters the body: the gradient by it is the sum of theirs.

    Args:
        side: embedder and body.
        head: features to logits.
        inputs: prepared samples (b, ...).
        labels: (b,).
        create_graph: let the norms have a gradient by the head's weights.
    """
    mask = side.embedder.mask(inputs)
    with torch.no_grad():
        tokens = side.embedder(inputs)  # (b, l, d)
    shift = torch.zeros_like(masked_mean(tokens, mask)).requires_grad_()  # (b, d)
    losses = cross_entropy(head(side.encode(tokens + shift[:, None], mask)), labels, reduction="none")
    (gradients,) = torch.autograd.grad(losses.sum(), shift, create_graph=create_graph)
    return losses, gradients.norm(dim=1)


def _flatten(
    side: CrossModalModel, head: nn.Module, seen: _Rows, settings: SourceHead, limit: float, seed: int
) -> None:
    """Train the head on its loss and the penalty of slopes above the limit."""
    weights = list(head.parameters())
    optimizer = torch.optim.Adam(weights, _RATE)
    for step in range(settings.head_steps):
        inputs, labels = seen.batch(side, draw_rows(len(seen.labels), _BATCH, step, seed))
        with sdpa_kernel(SDPBackend.MATH):  # fused attention kernels have no second derivative
            losses, slopes = losses_and_slopes(side, head, inputs, labels, create_graph=True)
            loss = losses.mean() + _decay(head) + settings.penalty_weight / limit**2 * slope_penalty(slopes, limit)
            gradients = torch.autograd.grad(loss, weights)
        for weight, gradient in zip(weights, gradients, strict=True):
            weight.grad = gradient
        optimizer.step()


def _decay(head: nn.Module) -> Tensor:
    """What keeps weights (not biases) small, in both phases: without it the second undoes what the first has chosen."""
    return _DECAY / 2 * torch.stack([w.square().sum() for w in head.parameters() if w.ndim > 1]).sum()


def _slopes(side: CrossModalModel, head: nn.Module, rows: _Rows) -> Tensor:
    batches = (rows.batch(side, part) for part in torch.arange(len(rows.labels)).split(_BATCH))
    return torch.cat([losses_and_slopes(side, head, *batch)[1].detach() for batch in batches])


@torch.no_grad()
def _accuracy(side: CrossModalModel, head: nn.Module, rows: _Rows) -> float:
    hits = []
    for part in torch.arange(len(rows.labels)).split(_N_HELD):
        inputs, labels = rows.batch(side, part)
        hits.append(head(side.features(inputs)).argmax(dim=1) == labels)
    return float(torch.cat(hits).float().mean())
