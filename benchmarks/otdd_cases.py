"""The measured problems of `benchmarks.otdd`: sizes, goals, data, and the call on either side."""

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import peer

if TYPE_CHECKING:
    from torch import Tensor

    from xmodal_core.embedding import Embedding

Call = Callable[[], dict[str, Any]]  # one measured call; returns what it found


@dataclass(frozen=True)
class Goal:
    """A measure of the result and its limit: the least for a ratio, the largest for all else."""

    measure: str
    limit: float
    text: str

    def met(self, result: dict[str, Any]) -> bool | None:
        """Whether the result keeps the limit; None where it was not measured."""
        value = result.get(self.measure)
        if value is None:
            return None
        return bool(value >= self.limit if self.measure == "ratio" else value <= self.limit)


def _ratio(limit: float) -> tuple[Goal, ...]:
    return Goal("ratio", limit, f"{limit:g}x"), Goal("difference", 1e-6, "equal to 1e-6")


@dataclass(frozen=True)
class Case:
    """What is measured: a key of `OURS` and the sizes.

    Attributes:
        kind: a key of `OURS`, and of `THEIRS` where the peer can do it.
        n, d: rows a side, features.
        n_target: rows of the target of an alignment step.
        n_classes: of the target of an alignment step, and of both sides of the panel.
        repeats: of which the median is taken.
        no_peer: why there is nothing to be held against.
    """

    kind: str
    n: int
    d: int
    goals: tuple[Goal, ...] = ()
    n_target: int = 100
    n_classes: int = 10
    repeats: int = 3
    no_peer: str = ""


_ENTROPIC = "its transport is entropic, never exact"
_TOO_LARGE = "one of its dense matrices would take 80 GB"
_NO_PANEL = "it has no such panel"
CASES = {
    "same-1000-768": Case("same value", 1000, 768, _ratio(40), repeats=5),
    "same-1000-384": Case("same value", 1000, 384, _ratio(12), repeats=7),
    "same-5000-64": Case("same value", 5000, 64, _ratio(15)),
    "same-10000-64": Case("same value", 10_000, 64, (*_ratio(30), Goal("memory_ratio", 0.25, "1/4 of its memory"))),
    "exact-1000": Case("exact", 1000, 64, (Goal("gap", 1e-9, "bounds meet"),), repeats=7, no_peer=_ENTROPIC),
    "exact-3000": Case(
        "exact", 3000, 64, (Goal("ours_s", 2.0, "2 s"), Goal("gap", 1e-9, "bounds meet")), repeats=5, no_peer=_ENTROPIC
    ),
    "exact-5000": Case("exact", 5000, 64, (Goal("gap", 1e-9, "bounds meet"),), no_peer=_ENTROPIC),
    "exact-10000": Case("exact", 10_000, 64, (Goal("gap", 1e-9, "bounds meet"),), no_peer=_ENTROPIC),
    "large-100000": Case(
        "default", 100_000, 64, (Goal("ours_s", 30.0, "30 s"), Goal("ours_mb", 2000.0, "2 GB")), no_peer=_TOO_LARGE
    ),
    "gradient-1-class": Case("gradient", 5000, 768, (Goal("ratio", 15, "15x"),), n_classes=1),
    "gradient-10-classes": Case("gradient", 5000, 768, (Goal("ratio", 15, "15x"),)),
    "panel": Case("panel", 1000, 384, (Goal("ours_s", 10.0, "10 s"),), no_peer=_NO_PANEL),
}
QUICK = {
    "same": Case("same value", 100, 8, repeats=1),
    "exact": Case("exact", 100, 8, repeats=1, no_peer=_ENTROPIC),
    "large": Case("subsample", 400, 8, repeats=1, no_peer=_TOO_LARGE),
    "gradient": Case("gradient", 100, 8, n_target=40, repeats=1),
    "panel": Case("panel", 40, 8, n_classes=2, repeats=1, no_peer=_NO_PANEL),
}


def cloud(n: int, d: int, seed: int, shift: float = 0.0, n_classes: int = 10) -> "Embedding":
    """Gaussian classes of n rows in all: variances fall as 1 / k along axes of their own, means spread as widely.

    Args:
        n: rows, the classes in turn.
        d: features.
        seed: equal arguments give equal clouds.
        shift: length of the step by which all rows are moved along the diagonal.
        n_classes: classes.
    """
    import numpy as np

    from xmodal_core.embedding import Embedding, Space

    rng = np.random.default_rng((seed, n, d, n_classes))
    deviation = np.arange(1, d + 1) ** -0.5
    labels = np.arange(n) % n_classes
    means = rng.normal(size=(n_classes, d)) * deviation + shift / d**0.5
    features = np.empty((n, d), np.float32)
    for c in range(n_classes):
        points = rng.normal(size=(int((labels == c).sum()), d)) * deviation
        for mirror in rng.normal(size=(3, d)):  # three reflections turn the axes for the price of three products
            points -= np.outer(points @ mirror, 2 * mirror / (mirror @ mirror))
        features[labels == c] = means[c] + points
    names = tuple(f"class {c}" for c in range(n_classes))
    return Embedding(features, labels, np.array([f"{seed}/{i}" for i in range(n)]), names, Space.RAW, f"cloud {seed}")


def _both(case: Case) -> tuple["Embedding", "Embedding"]:
    return cloud(case.n, case.d, 0), cloud(case.n, case.d, 1, shift=1.0)


def _same_value(case: Case) -> Call:
    from xmodal_core.gap.otdd import OtddSettings, otdd

    sides, settings = _both(case), OtddSettings(compat="microsoft", reg=peer.ENTREG)
    return lambda: {"half": otdd(*sides, settings).detail["half"]}


def _their_value(case: Case, folder: Path) -> Call:
    sides = _both(case)
    return lambda: {"half": peer.half(folder, *sides)}


def _otdd(case: Case) -> Call:
    """Our own distance by the solver that the case is named for, or that its size asks for."""
    from xmodal_core.gap.otdd import OtddSettings, otdd

    sides = _both(case)
    settings = OtddSettings(solver="auto" if case.kind == "default" else case.kind)

    def call() -> dict[str, Any]:
        found = otdd(*sides, settings)
        kept = {name: found.detail[name] for name in ("lower", "distance", "upper", "solver")}
        return kept | ({} if found.standard_error is None else {"standard_error": found.standard_error})

    return call


def _step(case: Case) -> list[tuple["Tensor", "Tensor"]]:
    import torch

    sides = cloud(case.n, case.d, 0), cloud(case.n_target, case.d, 1, 1.0, case.n_classes)
    return [(torch.from_numpy(side.features), torch.from_numpy(side.labels)) for side in sides]


def _gradient(case: Case) -> Call:
    """The objective of an alignment step and its gradient in the target's features, the source side cached before."""
    from xmodal_core.methods.stages.align import Alignment
    from xmodal_core.objectives.joint_otdd import JointOtdd

    source, (features, labels) = _step(case)
    start = time.perf_counter()
    objective = JointOtdd(*source, Alignment().entropy)
    eps = objective.first_eps(features, labels)
    objective(features, labels, eps)
    cached = time.perf_counter() - start

    def call() -> dict[str, Any]:
        leaf = features.clone().requires_grad_()
        value = objective(leaf, labels, eps)
        value.backward()
        assert leaf.grad is not None
        return {"value": value.item(), "gradient": float(leaf.grad.norm()), "first_step_s": cached}

    return call


def _their_gradient(case: Case, folder: Path) -> Call:
    source, target = _step(case)

    def call() -> dict[str, Any]:
        value, gradient = peer.gradient(folder, source, target)
        return {"value": value, "gradient": float(gradient.norm())}

    return call


def _panel(case: Case) -> Call:
    """Every metric with floor, interval and curve, on two files of raw features."""
    import numpy as np

    from xmodal_core.panel.measure import measure_gap
    from xmodal_core.panel.request import GapRequest

    k = case.n_classes
    sides = cloud(2 * case.n, case.d, 0, 0.0, k), cloud(case.n, case.d, 1, 1.0, k)  # twice the rows, for the floor

    def call() -> dict[str, Any]:
        began: dict[str, float] = {}
        with tempfile.TemporaryDirectory() as folder:
            files = [str(Path(folder) / f"{name}.npz") for name in ("source", "target")]
            for file, side in zip(files, sides, strict=True):
                np.savez(file, X=side.features, y=side.labels, is_categorical=np.zeros(case.d, bool))
            request = GapRequest(files[0], files[1], space="raw", n=case.n)
            for progress in measure_gap(request):
                began.setdefault(progress.line, time.perf_counter())
        report = progress.report
        assert report is not None
        ends = list(began.values())[1:]  # of each part but the last, in which nothing is left to do
        seconds = {line: round(end - at, 3) for (line, at), end in zip(began.items(), ends, strict=False)}
        return {"seconds": seconds, "readings": len(report.readings), "refused": report.refused}

    return call


OURS: dict[str, Callable[[Case], Call]] = {
    "same value": _same_value,
    "exact": _otdd,
    "default": _otdd,
    "subsample": _otdd,
    "gradient": _gradient,
    "panel": _panel,
}
THEIRS: dict[str, Callable[[Case, Path], Call]] = {"same value": _their_value, "gradient": _their_gradient}
