"""CrossModalModel = embedder -> body -> predictor, and the ways to build one."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.model.bodies import BODIES, load_transformer
from xmodal_core.model.body import Body, Hidden, masked_mean
from xmodal_core.model.embedders import make_embedder
from xmodal_core.model.embedders.base import Embedder
from xmodal_core.model.predictor import make_predictor
from xmodal_core.model.pretrained import random_transformer
from xmodal_core.model.readout import EveryToken, Readout, make_readout
from xmodal_core.model.seeding import seeded
from xmodal_core.model.settings import USUAL, ModelSettings
from xmodal_core.model.tokens import too_many


class CrossModalModel(nn.Module):
    """A body of one modality reading another: new embedder in front, new readout and predictor behind.

    Attributes:
        settings: how embedder, readout and predictor were made, nothing of it left to `auto`.
    """

    def __init__(
        self,
        embedder: Embedder,
        body: Body,
        readout: Readout,
        predictor: nn.Module,
        settings: ModelSettings = USUAL,
    ) -> None:
        super().__init__()
        self.embedder = embedder
        self.body = body
        self.readout = readout
        self.predictor = predictor
        self.settings = settings

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next(self.body.parameters()).device

    def embedded(self, inputs: Tensor) -> Tensor:
        """Mean of the tokens that enter the body, (b, d): the features that ORCA aligns."""
        return masked_mean(self.embedder(inputs), self.embedder.mask(inputs))

    def features(self, inputs: Tensor) -> Tensor:
        """The space `body`, (b, d'), whatever the predictor reads; see `Body.pooled`."""
        return self.encode(self.embedder(inputs), self.embedder.mask(inputs))

    def encode(self, tokens: Tensor, mask: Tensor | None = None) -> Tensor:
        """Tokens (b, l, d), of one or of mixed modality, to features (b, d')."""
        return self.body.pooled(self.body.read(tokens, mask), mask)

    def hidden(self, inputs: Tensor) -> tuple[Hidden, Tensor | None]:
        """What leaves the body for samples, and which of the tokens that went in were real."""
        mask = self.embedder.mask(inputs)
        return self.body.read(self.embedder(inputs), mask), mask

    def predict(self, tokens: Tensor, mask: Tensor | None = None) -> Tensor:
        """Tokens (b, l, d), of one or of mixed modality, to the outputs of the task."""
        return self.outputs(self.body.read(tokens, mask), mask)

    def outputs(self, hidden: Hidden, mask: Tensor | None = None) -> Tensor:
        """What leaves the body to the outputs of the task; `mask` is that of the tokens that went in."""
        outputs: Tensor = self.predictor(self.readout(hidden, mask))
        return outputs

    def forward(self, inputs: Tensor) -> Tensor:
        """Samples to outputs: logits (b, K), numbers (b, k) or fields (b, c, h, w) in standard units."""
        return self.outputs(*self.hidden(inputs))


def load_body(
    name: str,
    *,
    pretrained: bool = True,
    seed: int = 0,
    tokens: int | None = None,
    settings: ModelSettings = USUAL,
) -> Body:
    """A body by its name in `BODIES`, a hub id or a local folder; the same architecture at random on request.

    Args:
        name: of the body.
        pretrained: keep its weights.
        seed: of random weights.
        tokens: most tokens that embedders around it make of a series, a sequence or a row of a table; None for the
            usual number.
        settings: how embedders and predictors around it are made.

    Raises:
        ModelError: it cannot be loaded, or does not take so many tokens.
    """
    found = BODIES[name].load() if name in BODIES else load_transformer(name)
    transformer = found.transformer
    if not pretrained:
        with seeded(seed):
            transformer = random_transformer(transformer.config)
    body = Body(name, transformer, found.tokenizer, found.image_scale, found.drop_path_rate)
    if tokens is not None and tokens > body.max_tokens:
        raise too_many(tokens, name, body.max_tokens)
    body.asked_tokens, body.asked = tokens, settings
    return body


@dataclass(frozen=True)
class BodyChoice:
    """A body as a run asks for it: which one, and how models around it are made.

    Attributes:
        name, tokens, settings: see `load_body`.
    """

    name: str
    tokens: int | None = None
    settings: ModelSettings = USUAL

    def load(self, *, pretrained: bool = True, seed: int = 0) -> Body:
        """See `load_body`."""
        return load_body(self.name, pretrained=pretrained, seed=seed, tokens=self.tokens, settings=self.settings)


def make_model(
    dataset: LabelledDataset,
    body: Body,
    *,
    init: str = "pretrained",
    seed: int = 0,
    settings: ModelSettings | None = None,
) -> CrossModalModel:
    """A model for `dataset` around `body` (taken over, not copied), by the settings asked of the body if no others."""
    settings = (settings or body.asked).resolved(dataset.modality, dataset.task)
    with seeded(seed):
        embedder = make_embedder(dataset, body, init, settings)
        readout = EveryToken(body, embedder) if dataset.cells else make_readout(settings.readout, body, embedder)
        predictor = make_predictor(dataset, body, embedder, readout, settings)
    return CrossModalModel(embedder, body, readout, predictor, settings)


def without_predictor(embedder: Embedder, body: Body) -> CrossModalModel:
    """An embedder in front of a body, for the features that it gives."""
    return CrossModalModel(embedder, body, EveryToken(body, embedder), nn.Identity())


def source_model(dataset: LabelledDataset, body: Body) -> CrossModalModel:
    """The body behind its *own* embedding layer, reading a labelled proxy of its pretraining modality.

    The body is shared, so that training it elsewhere shows here: that is what retention measures. Nothing that was
    asked for the target is the source's.
    """
    return make_model(dataset, body, init="pretrained", settings=body.asked.at_home(dataset.modality))
