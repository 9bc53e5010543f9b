"""CrossModalModel = embedder -> body -> predictor, and the ways to build one."""

import torch
from torch import Tensor, nn

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.model.bodies import BODIES, load_transformer
from xmodal_core.model.body import Body, masked_mean
from xmodal_core.model.embedder import Embedder, make_embedder
from xmodal_core.model.predictor import DensePredictor, make_predictor
from xmodal_core.model.pretrained import random_transformer
from xmodal_core.model.seeding import seeded
from xmodal_core.model.tokens import too_many


class CrossModalModel(nn.Module):
    """A body of one modality reading another: new embedder in front, new predictor behind.

    Differs: the predictor reads the mean of all tokens for every family but causal ones (ORCA does so for RoBERTa; its
    Swin pools the same way inside), of which it reads the last. A dense predictor reads the tokens themselves.
    """

    def __init__(self, embedder: Embedder, body: Body, predictor: nn.Module) -> None:
        super().__init__()
        self.embedder = embedder
        self.body = body
        self.predictor = predictor

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next(self.body.parameters()).device

    def embedded(self, inputs: Tensor) -> Tensor:
        """Mean of the tokens that enter the body, (b, d): the features that ORCA aligns."""
        return masked_mean(self.embedder(inputs), self.embedder.mask(inputs))

    def features(self, inputs: Tensor) -> Tensor:
        """What a predictor reads of the tokens that leave the body, (b, d'); see `Body.pooled`."""
        return self.encode(self.embedder(inputs), self.embedder.mask(inputs))

    def encode(self, tokens: Tensor, mask: Tensor | None = None) -> Tensor:
        """Tokens (b, l, d), of one or of mixed modality, to features (b, d')."""
        return self.body.pooled(self.body(tokens, mask), mask)

    def predict(self, tokens: Tensor, mask: Tensor | None = None) -> Tensor:
        """Tokens (b, l, d), of one or of mixed modality, to the outputs of the task."""
        return self.outputs(self.body(tokens, mask), mask)

    def outputs(self, hidden: Tensor, mask: Tensor | None = None) -> Tensor:
        """What leaves the body (b, l', d') to the outputs of the task; `mask` is that of the tokens that went in."""
        dense = isinstance(self.predictor, DensePredictor)
        outputs: Tensor = self.predictor(hidden if dense else self.body.pooled(hidden, mask))
        return outputs

    def forward(self, inputs: Tensor) -> Tensor:
        """Samples to outputs: logits (b, K), numbers (b, k) or fields (b, c, h, w) in standard units."""
        return self.predict(self.embedder(inputs), self.embedder.mask(inputs))


def load_body(name: str, *, pretrained: bool = True, seed: int = 0, tokens: int | None = None) -> Body:
    """A body by its name in `BODIES`, a hub id or a local folder; the same architecture at random on request.

    Args:
        name: of the body.
        pretrained: keep its weights.
        seed: of random weights.
        tokens: most tokens that embedders around it make of a series, a sequence or a row of a table; None for the
            usual number.

    Raises:
        ModelError: it cannot be loaded, or does not take so many tokens.
    """
    found = BODIES[name].load() if name in BODIES else load_transformer(name)
    transformer = found.transformer
    if not pretrained:
        with seeded(seed):
            transformer = random_transformer(transformer.config)
    body = Body(name, transformer, found.tokenizer, found.image_scale)
    if tokens is not None and tokens > body.max_tokens:
        raise too_many(tokens, name, body.max_tokens)
    body.asked_tokens = tokens
    return body


def make_model(dataset: LabelledDataset, body: Body, *, init: str = "pretrained", seed: int = 0) -> CrossModalModel:
    """A model for `dataset` around `body` (taken over, not copied)."""
    with seeded(seed):
        embedder = make_embedder(dataset, body, init)
        predictor = make_predictor(dataset, body, embedder)
    return CrossModalModel(embedder, body, predictor)


def source_model(dataset: LabelledDataset, body: Body) -> CrossModalModel:
    """The body behind its *own* embedding layer, reading a labelled proxy of its pretraining modality.

    The body is shared, so that training it elsewhere shows here: that is what retention measures.
    """
    return make_model(dataset, body, init="pretrained")
