"""What becomes of the pretrained knowledge: diagnostics of a trained body against itself before training."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Diagnostic:
    """A number about reuse, with what it says and what it does not."""

    name: str
    unit: str
    meaning: str
    blind_to: str
    reference: str


_ALL = (
    Diagnostic(
        name="retention",
        unit="share of the advantage over random weights",
        meaning="1: the body still separates the source's classes as before; 0: no better than random weights.",
        blind_to="Whether the target uses that knowledge: training only the embedder and predictor leaves 1.",
        reference="Ma et al., Learning Modality Knowledge Alignment for Cross-Modality Transfer, ICML 2024",
    ),
    Diagnostic(
        name="cka",
        unit="similarity (1 same up to rotation and scale, 0 unrelated)",
        meaning="Low in a layer: training rebuilt how that layer arranges the same samples.",
        blind_to="Rotation and scale, and directions of little variance, even when a predictor reads them.",
        reference="Kornblith et al., Similarity of Neural Network Representations Revisited, ICML 2019",
    ),
    Diagnostic(
        name="drift",
        unit="squared movement / scatter before training",
        meaning="Large in a layer: its features of the same samples have moved far from where they were.",
        blind_to="Whether the movement matters: a rotation that loses nothing counts in full.",
        reference="Neyshabur et al., What is being transferred in transfer learning?, NeurIPS 2020",
    ),
)

DIAGNOSTICS: dict[str, Diagnostic] = {diagnostic.name: diagnostic for diagnostic in _ALL}
