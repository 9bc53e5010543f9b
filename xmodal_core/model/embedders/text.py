"""Text -> tokens: through the body's own tokenizer and a copy of its own embedding layer."""

import copy

import numpy as np
import torch
from torch import Tensor, nn

from xmodal_core.data.dataset import LabelledDataset, Samples
from xmodal_core.errors import ModelError
from xmodal_core.model.body import Body
from xmodal_core.model.embedders.base import Embedder
from xmodal_core.model.facts import TEXT_LENGTH
from xmodal_core.model.settings import ModelSettings

PADDING = -1  # stands in a prepared text where there is no word piece
_LOOKED_AT = 64  # texts by which it is told whether they are in a body's alphabet
_MOST_UNKNOWN = 0.5  # of their letters; a sequence may have rare ones and gaps


class TextEmbedder(Embedder):
    """Strings through the body's own tokenizer and a copy of its own embedding layer, positions included."""

    def __init__(self, dataset: LabelledDataset, body: Body, pretrained: bool, settings: ModelSettings) -> None:
        del settings  # tokens of its own modality enter as they always did
        super().__init__()
        if body.stem.word_embeddings is None or body.stem.tokenizer is None:
            raise ModelError(
                f"{body.name} has no tokenizer, so it cannot take the text of {dataset.name}; choose a text body."
            )
        if body.max_tokens < TEXT_LENGTH:
            raise ModelError(
                f"{body.name} has {body.max_tokens} positions, expected at least {TEXT_LENGTH} for the text of "
                f"{dataset.name}; choose another text body."
            )
        self.tokenizer = body.stem.tokenizer
        self.opens = not body.reads_last and getattr(self.tokenizer, "cls_token_id", None) is not None
        self.reads_all = body.stem.full_length is not None
        self.n_tokens = body.stem.full_length or TEXT_LENGTH
        if body.stem.alphabet:
            _check_alphabet(self.prepare(dataset, dataset.rows("train")[:_LOOKED_AT]), dataset, body)
        self.layer = copy.deepcopy(body.stem.word_embeddings)
        if not pretrained:
            for parameter in self.layer.parameters():
                nn.init.normal_(parameter, std=0.02) if parameter.ndim > 1 else None

    def prepare(self, dataset: Samples, rows: np.ndarray) -> Tensor:
        """Word-piece numbers (n, l), padded with -1: a word piece of the text may have the padding's own number.

        A text without any word piece is one padding word, which stands for it.
        """
        texts = dataset.inputs[rows].tolist()
        found = self.tokenizer(
            texts, padding="max_length", truncation=True, max_length=self.n_tokens, return_attention_mask=True
        )
        ids, real = torch.tensor(found["input_ids"]), torch.tensor(found["attention_mask"]).bool()
        if self.reads_all:
            return ids
        real[:, 0] = True
        return ids.masked_fill(~real, PADDING)

    def mask(self, inputs: Tensor) -> Tensor | None:
        """True where a word piece is, (b, l); None for a body that reads its padding."""
        return None if self.reads_all else inputs != PADDING

    def forward(self, ids: Tensor) -> Tensor:
        """(b, l) -> (b, l, d)."""
        return self.layer(input_ids=ids.masked_fill(ids == PADDING, self.tokenizer.pad_token_id))


def _check_alphabet(ids: Tensor, dataset: LabelledDataset, body: Body) -> None:
    """Refuse texts of words for a body whose words are letters of something else."""
    tokenizer = body.stem.tokenizer
    pieces = ids[~torch.isin(ids, torch.tensor([PADDING, tokenizer.cls_token_id, tokenizer.eos_token_id]))]
    unknown = float((pieces == tokenizer.unk_token_id).float().mean()) if len(pieces) else 0.0
    if unknown > _MOST_UNKNOWN:
        raise ModelError(
            f"{body.name} reads {body.stem.alphabet} and knows {1 - unknown:.0%} of what the text of {dataset.name} is "
            "made of, expected sequences of their letters; choose another text body."
        )
