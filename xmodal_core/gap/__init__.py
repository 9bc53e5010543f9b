"""Gap metrics: one file each, pure functions over embeddings; `METRICS` names them."""

from xmodal_core.gap.base import Metric
from xmodal_core.gap.centroid import CENTROID
from xmodal_core.gap.knn import KNN
from xmodal_core.gap.otdd import OTDD
from xmodal_core.gap.target_knn import TARGET_KNN

METRICS: dict[str, Metric] = {metric.name: metric for metric in (OTDD, KNN, TARGET_KNN, CENTROID)}
