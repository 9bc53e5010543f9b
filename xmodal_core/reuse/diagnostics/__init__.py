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
        name="probe retention",
        unit="share of the advantage over random weights",
        meaning="1: a fresh linear classifier reads the source's classes from the body as well as before.",
        blind_to="Neighbourhoods: classes may stay separable by hyperplanes while their clouds are torn apart.",
        reference="Davari et al., Probing Representation Forgetting, CVPR 2022",
    ),
    Diagnostic(
        name="cka",
        unit="similarity (1 same up to rotation and scale, 0 unrelated)",
        meaning="Low in a layer: training rebuilt how that layer arranges the same samples.",
        blind_to="Rotation and scale, and directions of little variance, even when a predictor reads them.",
        reference="Kornblith et al., Similarity of Neural Network Representations Revisited, ICML 2019",
    ),
    Diagnostic(
        name="mutual neighbours",
        unit="share of neighbours kept, above the 95 % quantile of shuffled rows",
        meaning="1: every sample has kept its nearest neighbours; 0: no more of them than by chance.",
        blind_to="Where far samples lie: whole clouds can change places while neighbourhoods stay.",
        reference="Huh et al., The Platonic Representation Hypothesis, ICML 2024",
    ),
    Diagnostic(
        name="drift",
        unit="squared movement / scatter before training",
        meaning="Large in a layer: its features of the same samples have moved far from where they were.",
        blind_to="Whether the movement matters: a rotation that loses nothing counts in full.",
        reference="Neyshabur et al., What is being transferred in transfer learning?, NeurIPS 2020",
    ),
    Diagnostic(
        name="weight distance",
        unit="|after - start| / |start|",
        meaning="How far the body's weights lie from where the run started. Secondary: it grows with rate and steps.",
        blind_to="The function: weights in front of a norm can be rescaled without any effect.",
        reference="Neyshabur et al., What is being transferred in transfer learning?, NeurIPS 2020",
    ),
    Diagnostic(
        name="knowledge discrepancy",
        unit="share of chance (0 source classes determine the label, 1 no better than shuffled labels)",
        meaning="Whether the source's classes, once matched, already tell the target's labels at this embedder.",
        blind_to="What the target's training uses: a low value shows that classes correspond, not that it helped.",
        reference="Ma et al., Learning Modality Knowledge Alignment for Cross-Modality Transfer, ICML 2024",
    ),
)

DIAGNOSTICS: dict[str, Diagnostic] = {diagnostic.name: diagnostic for diagnostic in _ALL}
