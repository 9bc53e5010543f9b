"""The label network: a two-layer graph network that learns the class names once and then only lends its geometry.

    G = LeakyReLU(A X W1),  O = A G W2

Reference: Ma et al., NeurIPS 2023, and their released code.

Differs: Adam and a temperature of 0.1 on the unit-length logits, so that 200 iterations do what the release does
in 5005 of SGD at temperature 1; held-out sentences are classified one by one, without edges, since edges among
sentences of one class would give their class away.
"""

import hashlib
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from xmodal_core.data.store import cache_root
from xmodal_core.files import replace_file
from xmodal_core.semantics.encoders import NameVectors
from xmodal_core.semantics.graph import label_graph, symmetric, wired

TEMPERATURE = 0.1
ITERATIONS = 200
MAX_NODES = 4096  # nodes squared floats are held, 64 MB here
_LEARNING_RATE = 3e-3
_SLOPE = 0.2
_VERSION = b"label network 1"


@dataclass(frozen=True, eq=False)
class LabelNetwork:
    """The trained network with its graph; nothing in it requires a gradient.

    Attributes:
        nodes: (N, d) unit vectors, N = K P.
        adjacency: (N, N), not normalised.
        w1: (d, d).
        w2: (d, K).
        held_out: (1,) share of held-out sentences that it names right.
    """

    nodes: Tensor
    adjacency: Tensor
    w1: Tensor
    w2: Tensor
    held_out: Tensor

    def tensors(self) -> dict[str, Tensor]:
        """Everything, by name: `LabelNetwork(**tensors)` is the same network."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def hidden(mixed: Tensor) -> Tensor:
    """First layer, from A X W1 (n, d)."""
    return F.leaky_relu(mixed, _SLOPE)


def unit_logit_loss(logits: Tensor, labels: Tensor, temperature: float = TEMPERATURE) -> Tensor:
    """Mean cross-entropy of unit-length logits (b, K); binary where labels are (b, K) of 0 and 1.

    At temperature 1 it cannot fall below log(1 + (K - 1) exp(-sqrt(K / (K - 1)))): 0.2176 for two classes.
    """
    scaled = F.normalize(logits, dim=1) / temperature
    if labels.ndim == 2:
        return F.binary_cross_entropy_with_logits(scaled, labels.float())
    return F.cross_entropy(scaled, labels)


def direction_loss(features: Tensor, anchors: Tensor) -> Tensor:
    """L_r: mean distance between the directions of (b, d) features and of anchors that get no gradient, 0 to 2."""
    offsets = F.normalize(features, dim=1) - F.normalize(anchors.detach(), dim=1)
    # the plain norm has no gradient where both directions agree
    return offsets.square().sum(dim=1).clamp_min(1e-12).sqrt().mean()


def class_anchors(network: LabelNetwork, n_classes: int) -> Tensor:
    """Mean hidden feature of each class's sentences in the label graph, (K, d)."""
    layer = hidden(symmetric(network.adjacency) @ (network.nodes @ network.w1))  # (K P, d)
    return layer.unflatten(0, (n_classes, -1)).mean(dim=1)


def read_alone(network: LabelNetwork, anchors: Tensor, points: Tensor, shares: Tensor) -> tuple[Tensor, Tensor]:
    """L_r and logits (b, K) of data that the network reads one by one: no edge says what their labels are.

    Differs: the release has no such reading; it compares the projected feature with its own hidden one, which
    without edges has no target outside itself.

    Args:
        network: frozen.
        anchors: (K, d) from `class_anchors`.
        points: (b, d) projected features, any scale.
        shares: (b, K) from `memberships`.
    """
    layer = hidden(F.normalize(points, dim=1) @ network.w1)
    return direction_loss(layer, shares @ anchors), layer @ network.w2


def read_wired(network: LabelNetwork, projected: Tensor, points: Tensor, shares: Tensor) -> tuple[Tensor, Tensor]:
    """L_r and logits (b, K) of data wired to the sentences of their own labels, as released.

    The logits name the right class whatever the points are: never show them as evidence.

    Args:
        network: frozen.
        projected: nodes times W1, (K P, d).
        points: (b, d) projected features, any scale.
        shares: (b, K) from `memberships`.
    """
    normalised = symmetric(wired(network.adjacency, shares))  # (K P + b, K P + b), no gradient
    lent = F.normalize(points, dim=1) @ network.w1
    layer = hidden(normalised @ torch.cat([projected, lent]))  # (K P + b, d)
    data = slice(len(projected), None)
    return direction_loss(points, layer[data]), normalised[data] @ (layer @ network.w2)


def train_label_network(vectors: NameVectors, neighbours: int, seed: int) -> LabelNetwork:
    """Teach the network to name the class of each sentence, full batch, on the CPU: equal seeds, equal bits."""
    n_classes, n_prompts, size = vectors.nodes.shape
    nodes = torch.from_numpy(vectors.nodes.reshape(-1, size).copy())  # (K P, d)
    labels = torch.arange(n_classes).repeat_interleave(n_prompts)
    adjacency = label_graph(vectors, neighbours)
    normalised = symmetric(adjacency)
    smoothed = normalised @ nodes
    generator = torch.Generator().manual_seed(seed)
    w1, w2 = (_uniform(size, width, generator) for width in (size, n_classes))
    optimizer = torch.optim.Adam([w1, w2], _LEARNING_RATE)
    for _ in range(ITERATIONS):
        optimizer.zero_grad(set_to_none=True)
        logits = normalised @ (hidden(smoothed @ w1) @ w2)
        unit_logit_loss(logits, labels).backward()
        optimizer.step()
    w1, w2 = w1.detach(), w2.detach()
    others = torch.from_numpy(vectors.held_out.reshape(-1, size).copy())
    truth = torch.arange(n_classes).repeat_interleave(len(others) // n_classes)
    right = ((hidden(others @ w1) @ w2).argmax(dim=1) == truth).float().mean()
    return LabelNetwork(nodes, adjacency, w1, w2, right.reshape(1))


def cached_label_network(vectors: NameVectors, neighbours: int, seed: int) -> LabelNetwork:
    """`train_label_network`, kept below `XMODAL_HOME` under the hash of what it is made from."""
    digest = hashlib.blake2b(_VERSION + f" {neighbours} {seed} {vectors.nodes.shape} ".encode(), digest_size=16)
    for array in (vectors.nodes, vectors.held_out):
        digest.update(array.astype("float32").tobytes())
    path = cache_root() / "semantics" / f"{digest.hexdigest()}.safetensors"
    try:
        return LabelNetwork(**load(path.read_bytes()))
    except (OSError, SafetensorError, TypeError):  # absent or damaged: made anew
        network = train_label_network(vectors, neighbours, seed)
        replace_file(path, save({name: t.contiguous() for name, t in network.tensors().items()}))
        return network


def _uniform(rows: int, columns: int, generator: torch.Generator) -> Tensor:
    bound = columns**-0.5
    return ((torch.rand(rows, columns, generator=generator) * 2 - 1) * bound).requires_grad_()
