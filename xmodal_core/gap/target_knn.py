"""Can the target's classes be read off its own features? Leave-one-out nearest-neighbour accuracy.

Reference: Cover and Hart, IEEE Trans. Information Theory 1967; balanced accuracy is the mean recall.

Differs: a tie between labels goes to the nearer neighbours, and an exact tie gives part of the credit.
"""

from dataclasses import dataclass

import numpy as np

from xmodal_core.embedding import Embedding
from xmodal_core.errors import DataError
from xmodal_core.gap.base import SHARE, Metric, Statistic
from xmodal_core.gap.knn import GEOMETRIES, balanced_mean, neighbours, vote
from xmodal_core.gap.pair import finite_features
from xmodal_core.settings import check_settings, setting


@dataclass(frozen=True)
class TargetKnnSettings:
    """How many neighbours vote, and near in which sense."""

    k: int = setting(5, "Neighbours that vote on a sample's class", low=1, high=200)
    metric: str = setting("euclidean", "Distance that decides who is near", choices=GEOMETRIES)

    def __post_init__(self) -> None:
        check_settings(self)


def target_knn(source: Embedding, target: Embedding, settings: TargetKnnSettings) -> Statistic:  # noqa: ARG001
    """Leave-one-out balanced accuracy of the target (m, d); the source is not looked at.

    Returns:
        Accuracy in [0, 1]. Detail: chance (1 / K), share of the largest class, smallest class size.
        A class with one sample is always missed and still counts.

    Raises:
        DataError: fewer than two classes among the rows, too few rows for k, or features not finite.
    """
    features = finite_features(target)
    counts = np.unique(target.labels, return_counts=True)[1]
    if len(counts) < 2:
        raise DataError(f"{target.provenance} has rows of one class, expected at least 2; use more rows.")
    graph = neighbours(features, features, settings.k, settings.metric, exclude_self=True)
    credit = vote(graph, target.labels, target.labels)
    detail = {
        "chance": 1 / len(counts),
        "majority_share": float(counts.max() / counts.sum()),
        "accuracy_unbalanced": float(credit.mean()),
        "smallest_class": int(counts.min()),
        "n_classes": len(counts),
        "k": settings.k,
    }
    return Statistic(balanced_mean(credit, target.labels), detail, bounds=SHARE)


TARGET_KNN = Metric(
    name="target_knn",
    title="Target kNN accuracy",
    unit="balanced accuracy",
    settings_type=TargetKnnSettings,
    statistic=target_knn,
    meaning="Target classes are already separate regions of these features.",
    blind_to="The source: high accuracy needs no shared region, and structure beyond k neighbours goes unseen.",
    reference="Cover and Hart, IEEE Transactions on Information Theory 1967",
    n_subsamples=30,
    target_only=True,
    uses_labels=True,
    max_rows=5000,
    cost=2,
)
