"""Gap metrics: one file each, pure functions over embeddings; `METRICS` names them."""

from xmodal_core.gap.base import Metric
from xmodal_core.gap.c2st import C2ST
from xmodal_core.gap.centroid import CENTROID
from xmodal_core.gap.coverage import COVERAGE
from xmodal_core.gap.energy import ENERGY
from xmodal_core.gap.frechet import FRECHET
from xmodal_core.gap.gbc import GBC
from xmodal_core.gap.h_score import H_SCORE
from xmodal_core.gap.knn import KNN
from xmodal_core.gap.linear_probe import LINEAR_PROBE
from xmodal_core.gap.logme import LOGME
from xmodal_core.gap.mmd import MMD
from xmodal_core.gap.otdd import OTDD
from xmodal_core.gap.sliced import SLICED
from xmodal_core.gap.sotdd import SOTDD
from xmodal_core.gap.target_knn import TARGET_KNN

METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        OTDD,
        KNN,
        TARGET_KNN,
        CENTROID,
        MMD,
        ENERGY,
        FRECHET,
        SLICED,
        SOTDD,
        C2ST,
        COVERAGE,
        LINEAR_PROBE,
        LOGME,
        H_SCORE,
        GBC,
    )
}
