"""Feature-label distortion: how much is left open about a source head's answer once the target's label is known.

    FLD = sum_c pi_c H(pbar_c) = H(Y_s | Y_t),   H(p) = - sum_k p_k log p_k
    H(Y_s) = H(pbar),   pbar = sum_c pi_c pbar_c,   I(Y_s; Y_t) = H(Y_s) - FLD

p_i is the source head's answer on target sample i, a distribution over K source classes; pbar_c the mean answer over
the rows of target label c, pi_c the label's share of the rows. In nats, 0 <= FLD <= H(Y_s) <= log K.

FLD alone is least where *every* sample gets one answer, which says nothing of the label: I is 0 there. So it is never
read without H(Y_s), and only at one size of groups: the entropy of a mean of m answers reads low, by about
(K - 1) / (2m) where answers are certain.

Reference: RECRAFT (Tran et al., AISTATS 2026, arXiv 2601.18231), eq. 7 of its figure, as its released code computes it.

Differs: the information form is ours; the release offers the entropy over rows of *other* labels as a negative term.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import one_hot


@dataclass(frozen=True, eq=False)
class Distortion:
    """Entropies of answers, scalars in nats that carry the gradient of the answers.

    Attributes:
        conditional: H(Y_s | Y_t), the feature-label distortion.
        marginal: H(Y_s), of all answers together.
    """

    conditional: Tensor
    marginal: Tensor

    @property
    def information(self) -> Tensor:
        """I(Y_s; Y_t): what an answer tells of the label."""
        return self.marginal - self.conditional


def distortion(answers: Tensor, labels: Tensor, shares: Tensor | None = None) -> Distortion:
    """Entropies of answers (m, K), rows summing to 1, given labels (m,).

    Args:
        answers: p_i, a source head's on target samples.
        labels: of the target; their names mean nothing.
        shares: (C,) pi_c by label, of any sum, where the rows are balanced and the data are not; None takes the rows'.
    """
    present, label = labels.unique(return_inverse=True)
    members = one_hot(label, len(present)).to(answers.dtype)  # (m, C)
    counts = members.sum(dim=0)
    means = members.T @ answers / counts[:, None]  # (C, K)
    weights = counts if shares is None else shares[present].to(answers.dtype)
    weights = weights / weights.sum()
    return Distortion((weights * entropy(means)).sum(), entropy(weights @ means))


def entropy(probabilities: Tensor) -> Tensor:
    """H of distributions (..., K) in nats, (...); a probability of 0 adds 0, and no infinite slope."""
    logarithms = probabilities.clamp_min(torch.finfo(probabilities.dtype).tiny).log()
    return -(probabilities * logarithms).sum(dim=-1)


def chance(answers: Tensor, labels: Tensor, n_permutations: int, seed: int) -> Tensor:
    """FLD (n_permutations,) of the same answers under labels dealt out at random.

    Answers, group sizes and H(Y_s) stay as they are, so a value below it is information about the labels and nothing
    else: it reads as low as `distortion` does for small groups.
    """
    rng = torch.Generator().manual_seed(seed)
    dealt = (labels[torch.randperm(len(labels), generator=rng).to(labels.device)] for _ in range(n_permutations))
    return torch.stack([distortion(answers, each).conditional for each in dealt])
