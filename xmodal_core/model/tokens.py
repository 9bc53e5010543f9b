"""How many tokens a series, a sequence or a row of a table becomes, what a body takes and what they cost; no torch."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xmodal_core.data.dataset import LabelledDataset, Modality
from xmodal_core.errors import ModelError, SettingsError
from xmodal_core.model.facts import body_facts, configuration

USUAL_TOKENS = 24  # a series or sequence becomes at most so many on a text body where nothing is said
_AXIS = {Modality.TABULAR: 1, Modality.SEQUENCE: 1, Modality.SERIES: 2}
_WIDTHS = ("hidden_size", "d_model", "n_embd", "dim")
_INNER = ("intermediate_size", "d_ff", "n_inner", "hidden_dim")


@dataclass(frozen=True)
class TokenFacts:
    """What is known of a body and its tokens before it is loaded.

    Attributes:
        most: tokens that it takes.
        modality: what it was pretrained on.
        width: of a token.
        inner: width inside the MLP of a block.
    """

    most: int
    modality: Modality
    width: int
    inner: int

    def usual(self, modality: Modality) -> int:
        """Tokens that a sample of this modality becomes at most where nothing is said."""
        return usual_tokens(self.most, self.modality, modality)

    def work(self, tokens: int, than: int) -> float:
        """Multiplications of a block on so many tokens, relative to another number of them.

        Projections and MLP take as many for every token, attention as many more as there are tokens:
        l (4 d² + 2 d m + 2 l d).
        """

        def total(n: int) -> int:
            return n * (2 * self.width + self.inner + n)

        return total(tokens) / total(than)


_SHIPPED = {
    "fractal-vit": TokenFacts(64, Modality.IMAGE, 128, 512),
    "minilm": TokenFacts(512, Modality.TEXT, 384, 1536),
}


def usual_tokens(most: int, body: Modality, modality: Modality) -> int:
    """Tokens that a sample becomes at most where nothing is said.

    Features of a table are tokens each as long as a body takes them. An image body takes as many as it has patches, so
    that only series and sequences on another body are cut into fewer.
    """
    few = modality is not Modality.TABULAR and body is not Modality.IMAGE
    return min(USUAL_TOKENS, most) if few else most


def cut(length: int, most: int) -> tuple[int, int]:
    """Equal parts of a sample, the last one filled up: their number, at most `most`, and how many places each has."""
    size = math.ceil(length / most)
    return math.ceil(length / size), size


def exact_cut(length: int, most: int) -> tuple[int, int]:
    """The same by a size that divides the length, as ORCA's release has it: one token of all where none else does."""
    size = next(size for size in range(1, length + 1) if length % size == 0 and length // size <= most)
    return length // size, size


def places(dataset: LabelledDataset) -> int | None:
    """Time steps, letters or features of a sample; None where its body decides on tokens, as for images and text."""
    axis = _AXIS.get(dataset.modality)
    return None if axis is None else int(dataset.inputs.shape[axis])


def token_facts(body: str) -> TokenFacts | None:
    """The facts of a body by its name, folder or id; None where only loading can tell."""
    if body in _SHIPPED:
        return _SHIPPED[body]
    facts, config = body_facts(body), configuration(body)
    most = None if facts is None else facts.text_tokens or _patches(config)
    width = _first(config, _WIDTHS)
    if facts is None or not most or width is None:
        return None
    return TokenFacts(most, facts.modality, width, _first(config, _INNER) or 4 * width)


def check_asked(tokens: int | None, where: str = "tokens") -> None:
    """Refuse what is no number of tokens.

    Raises:
        SettingsError: it is no whole number of at least 1, and not None.
    """
    if tokens is not None and (not isinstance(tokens, int) or isinstance(tokens, bool) or tokens < 1):
        raise SettingsError(f"{where} is {tokens!r}, expected a whole number from 1 to what the body takes.")


def check_tokens(tokens: int | None, body: str, sides: Sequence[LabelledDataset]) -> None:
    """Refuse a number of tokens that a body does not take, as far as it is known, or that no side is cut into.

    Raises:
        SettingsError: no side is a series, a sequence or a table.
        ModelError: see `too_many`.
    """
    if tokens is None:
        return
    if all(places(side) is None for side in sides):
        found = " and ".join(dict.fromkeys(f"{side.name} ({side.modality})" for side in sides))
        raise SettingsError(
            f"tokens is {tokens}, expected series, sequences or tables, which are cut into tokens, but found {found}; "
            "leave tokens out."
        )
    facts = token_facts(body)
    if facts is not None and tokens > facts.most:
        raise too_many(tokens, body, facts.most)


def too_many(tokens: int, body: str, most: int) -> ModelError:
    """The refusal of more tokens than a body takes."""
    return ModelError(f"tokens is {tokens}, but {body} takes at most {most}; set tokens to {most} or fewer.")


def cost_line(dataset: LabelledDataset, body: str, tokens: int | None, released: bool = False) -> str:
    """What a number of tokens makes of a sample and of a step's work; empty where samples are not cut into tokens.

    Args:
        dataset: whose samples.
        body: its name, folder or id.
        tokens: most of them; None for the usual number.
        released: whether they are cut as ORCA's release does, which has one token of a table.
    """
    length, facts = places(dataset), token_facts(body)
    if length is None or (facts is None and tokens is None):
        return ""
    usual = None if facts is None else facts.usual(dataset.modality)
    most = tokens or usual
    assert most is not None
    parts = cut if not released else _one if dataset.modality is Modality.TABULAR else exact_cut
    n, size = parts(length, most)
    unit = {Modality.TABULAR: "features", Modality.SEQUENCE: "letters"}.get(dataset.modality, "time steps")
    said = f"A sample has {length} {unit} and becomes {n} token{'s' if n > 1 else ''} of {size}"
    if facts is None or usual is None:
        return f"{said}; what the body takes, and what they cost, is known once it is loaded."
    than, _ = parts(length, usual)
    if n == than:
        return f"{said}, as many as where nothing is said; {body} takes {facts.most}."
    return f"{said}: about {facts.work(n, than):.2g} times the work of the usual {than}; {body} takes {facts.most}."


def _one(length: int, most: int) -> tuple[int, int]:
    del most
    return 1, length


def _patches(config: Mapping[str, Any]) -> int | None:
    """Patches of an image body whose configuration says them in numbers."""
    sizes = [config.get(name) for name in ("image_size", "patch_size")]
    pairs = [(size, size) if isinstance(size, int) else size for size in sizes]
    flat = [n for pair in pairs if isinstance(pair, list | tuple) for n in pair]
    if len(flat) != 4 or not all(isinstance(n, int) and n > 0 for n in flat):
        return None
    height, width, down, across = flat
    return (height // down) * (width // across)


def _first(config: Mapping[str, Any], names: Sequence[str]) -> int | None:
    return next((v for name in names if isinstance(v := config.get(name), int) and v > 0), None)
