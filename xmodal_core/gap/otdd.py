"""Optimal transport dataset distance: the cheapest way to move labelled samples onto labelled samples.

    OTDD = ( min_P <P, d_Z^p> )^(1/p),   d_Z^p = lambda_x |x - x'|^p + lambda_y W_p^p(alpha_y, alpha_y')

Reference: Alvarez-Melis and Fusi, "Geometric Dataset Distances via Optimal Transport", NeurIPS 2020.

Differs: the transport is exact, not Sinkhorn, and certified by its dual; where it is not, both bounds are given.
`value` is the paper's distance; the authors' code returns half of its square, given here as `half`. Every class
counts, however small.
"""

from dataclasses import dataclass

import numpy as np

from xmodal_core.embedding import Embedding
from xmodal_core.errors import DataError, SettingsError
from xmodal_core.gap.base import NOT_NEGATIVE, Metric, Statistic
from xmodal_core.gap.label_distance import LABEL_KINDS
from xmodal_core.gap.labelled_pair import LabelledPair, labelled_pair
from xmodal_core.gap.transport.exact import Coupling
from xmodal_core.gap.transport.ground import GroundCost
from xmodal_core.settings import check_settings, setting

MAX_EXACT = 20_000  # rows a side; beyond, subsamples
_CERTIFIED = 1e-9  # largest duality gap of an exact answer, relative to the largest cost in use


@dataclass(frozen=True)
class OtddSettings:
    """How labels are compared, how the two parts are weighed, and how the transport is solved."""

    labels: str = setting("gaussian", "How the samples of two classes are compared", choices=LABEL_KINDS)
    solver: str = setting(
        "auto",
        "auto: exact, with bounds where it stops early, subsamples beyond 20,000 rows; sinkhorn: bounds from one pass",
        choices=("auto", "exact", "sinkhorn", "subsample"),
    )
    reg: float = setting(
        0.0, "Entropy eps in units of half the squared cost; 0 chooses it (microsoft: 0.1)", low=0.0, high=1e9
    )
    debias: bool = setting(False, "Subtract the entropic cost of each side to itself (Sinkhorn divergence)")
    lambda_x: float = setting(1.0, "Weight of the feature distance", low=0.0, high=1e6)
    lambda_y: float = setting(1.0, "Weight of the label distance", low=0.0, high=1e6)
    p: int = setting(2, "Exponent of the distance; 1 needs labels exact or means", low=1, high=2)
    weighting: str = setting(
        "rows", "Mass of a sample: the same for all, or the same for all classes", choices=("rows", "classes")
    )
    compat: str = setting(
        "none",
        "microsoft: what microsoft/otdd returns by default, which is debiased, in double precision; microsoft_biased: "
        "what it returns with debiased_loss=False",
        choices=("none", "microsoft", "microsoft_biased"),
    )

    def __post_init__(self) -> None:
        check_settings(self)
        if self.compat != "none":
            self._check_compatible()
        if self.debias and self.compat == "none" and self.solver not in ("auto", "sinkhorn"):
            raise SettingsError(f"debias goes with the solver sinkhorn, found {self.solver}; choose sinkhorn or auto.")
        if self.p == 1 and self.compat == "none" and self.labels not in ("exact", "means"):
            raise SettingsError(
                f"labels is {self.labels!r} with p = 1, which has no closed form; choose labels exact or means."
            )

    def _check_compatible(self) -> None:
        if self.debias and self.compat == "microsoft_biased":
            raise SettingsError("debias is on with compat microsoft_biased, which has none; choose compat microsoft.")
        if self.solver != "auto" or self.weighting != "rows":
            raise SettingsError(
                f"solver is {self.solver} and weighting {self.weighting} with compat {self.compat}, which has a solver "
                "of its own and counts rows alike; leave both out."
            )


def otdd(source: Embedding, target: Embedding, settings: OtddSettings) -> Statistic:
    """OTDD of two labelled clouds (n, d) and (m, d); `Embedding.weights` are respected.

    Returns:
        The distance. Detail: distance, squared, half; feature_part and label_part, which add up to distance ** p;
        lower and upper bounds in units of the value; solver; class_distance (K_s, K_t), W_p itself; class_names of
        both sides; coupling_by_class (K_s, K_t), the mass each class sends; sizes; classes with one sample, whose
        covariance is zero. Entropic and subsampled answers add what they rest on (`reg`, `n_subsample` ...).

    Raises:
        DataError: the widths differ, features are not finite, or there are too many rows for the solver.
    """
    if settings.compat != "none":
        from xmodal_core.gap.microsoft import ENTREG, MicrosoftArguments, microsoft_statistic

        debias, weights = settings.compat == "microsoft", (settings.lambda_x, settings.lambda_y)
        asked = MicrosoftArguments(settings.labels, debias, settings.reg or ENTREG, settings.p, *weights)
        return microsoft_statistic(source, target, asked)
    pair = pair_of(source, target, settings)
    if settings.debias:
        from xmodal_core.gap.divergence import divergence_statistic

        return divergence_statistic(pair, settings.labels, settings.reg)
    if settings.solver == "subsample" or (settings.solver == "auto" and max(pair.ground.shape) > MAX_EXACT):
        from xmodal_core.gap.subsampled import ROWS, subsampled_statistic

        if max(pair.ground.shape) > ROWS:
            return subsampled_statistic(pair)
    return _coupled(pair, settings)


def pair_of(source: Embedding, target: Embedding, settings: OtddSettings) -> LabelledPair:
    """The transport problem of two embeddings (n, d) and (m, d) under OTDD's settings; see `labelled_pair`."""
    balanced = settings.weighting == "classes"
    weights = settings.lambda_x, settings.lambda_y
    return labelled_pair(source, target, settings.labels, settings.p, *weights, balanced=balanced)


def _coupled(pair: LabelledPair, settings: OtddSettings) -> Statistic:
    from xmodal_core.gap.transport.solve import coupling

    plan = coupling(pair.ground, settings.solver, pair.to_problem(2 * settings.reg))
    features, labels = pair.ground.of_pairs(plan.rows, plan.columns)
    cost, largest = float(plan.mass @ (features + labels)), float((features + labels).max())
    gap = cost - plan.lower
    closed = abs(gap) <= _CERTIFIED * largest
    if settings.solver == "exact" and not closed:
        raise DataError(
            f"The exact solver stopped {gap / cost:.1e} above its lower bound, expected them to meet; choose the "
            "solver auto, which reports both bounds."
        )
    detail = {
        **pair.values(cost, float(plan.mass @ features), float(plan.mass @ labels)),
        "lower": pair.distance(cost if closed else max(plan.lower, 0.0)),
        "upper": pair.distance(cost),
        "solver": plan.solver if closed else f"sinkhorn, {plan.solver}",
        "coupling_by_class": coupling_by_class(pair.ground, plan).tolist(),
        **pair.description(),
    }
    return Statistic(detail["distance"], detail, bounds=NOT_NEGATIVE)


def coupling_by_class(ground: GroundCost, plan: Coupling) -> np.ndarray:
    """Mass (K_s, K_t) that each source class sends to each target class."""
    mass = np.zeros(ground.labels.shape)
    np.add.at(mass, (ground.y[plan.rows], ground.y_to[plan.columns]), plan.mass)
    return mass


OTDD = Metric(
    name="otdd",
    title="OTDD",
    unit="feature units (square root of transport cost)",
    settings_type=OtddSettings,
    statistic=otdd,
    meaning="Samples and the classes they belong to are far to move from source to target.",
    blind_to="What the labels mean: renaming the target's classes changes nothing, only their geometry counts.",
    reference="Alvarez-Melis and Fusi, Geometric Dataset Distances via Optimal Transport, NeurIPS 2020",
    n_subsamples=20,
    uses_labels=True,
    cost=4,
)
