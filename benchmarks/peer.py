"""microsoft/otdd as it is, called for one number: what its folder needs to be imported under today's packages.

It needs geomloss beside ours, which only this benchmark uses: `pip install --no-deps geomloss==0.3.1`. The packages
it imports for plots, text and pictures are replaced while it is imported, since none of them takes part in a distance.
"""

import importlib
import importlib.util
import logging
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from xmodal_core.errors import DataError

if TYPE_CHECKING:
    from torch import Tensor

    from xmodal_core.embedding import Embedding

ENTREG = 0.1  # its default, outside and inside
STAND_INS = frozenset(
    {
        "adjustText",
        "attrdict",
        "celluloid",
        "h5py",
        "matplotlib",
        "mpl_toolkits",
        "munkres",
        "openTSNE",
        "seaborn",
        "torchtext",
        "torchvision",
    }
)
_CALLED_ON_IMPORT = {"matplotlib.use"}


def missing(folder: Path) -> str | None:
    """Why microsoft/otdd cannot be imported from a folder, in one sentence; None where it can."""
    if not (folder / "otdd" / "pytorch" / "distance.py").is_file():
        return f"{folder} has no otdd/pytorch/distance.py, expected a checkout of microsoft/otdd; give its folder."
    if importlib.util.find_spec("geomloss") is None:
        return "microsoft/otdd needs geomloss, which is not installed; pip install --no-deps geomloss==0.3.1."
    return None


def half(folder: Path, source: "Embedding", target: "Embedding") -> float:
    """Its value in double precision: Gaussian labels, debiased, eps 0.1, every row."""
    distance_type = _distance_type(folder)
    import torch

    sides = (_dataset(torch.from_numpy(side.features), torch.from_numpy(side.labels)) for side in (source, target))
    distance = distance_type(
        *sides, inner_ot_method="gaussian_approx", debiased_loss=True, p=2, entreg=ENTREG, precision="double"
    )
    return float(distance.distance(maxsamples=max(len(source), len(target))))


def gradient(
    folder: Path, source: tuple["Tensor", "Tensor"], target: tuple["Tensor", "Tensor"]
) -> tuple[float, "Tensor"]:
    """Value and gradient in the target's features of its `exact` distance, with the arguments that ORCA gives it.

    Args:
        folder: from which it is imported.
        source: features (n, d) float32 and labels (n,).
        target: the same.
    """
    features = target[0].detach().clone().requires_grad_()
    distance = _distance_type(folder)(
        _dataset(*source),
        _dataset(features, target[1]),
        inner_ot_method="exact",
        inner_ot_debiased=True,
        debiased_loss=True,
        p=2,
        inner_ot_p=2,
        entreg=ENTREG,
        inner_ot_entreg=ENTREG,
    )
    value = distance.distance(maxsamples=len(source[0]))
    value.backward()
    assert features.grad is not None
    return value.item(), features.grad


def _dataset(features: "Tensor", labels: "Tensor") -> Any:
    from torch.utils.data import TensorDataset

    return TensorDataset(features, labels)


@cache
def _distance_type(folder: Path) -> Any:
    """Its class DatasetDistance."""
    if (reason := missing(folder)) is not None:
        raise DataError(reason)
    logging.getLogger("otdd").setLevel(logging.ERROR)  # says that there is no GPU
    warnings.filterwarnings("ignore", module=r"otdd\.")  # names that torch will drop
    _bring_back_what_was_removed()
    sys.path.insert(0, str(folder))
    with _stand_ins(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # invalid escapes, experimental progress bars
        return importlib.import_module("otdd.pytorch.distance").DatasetDistance


def _bring_back_what_was_removed() -> None:
    """`Tensor.symeig` is gone from torch 2, `geomloss.utils` from geomloss 0.3."""
    import geomloss  # type: ignore[import-untyped]
    import torch

    def symeig(matrices: "Tensor", eigenvectors: bool = False) -> "tuple[Tensor, Tensor]":
        return torch.linalg.eigh(matrices) if eigenvectors else (torch.linalg.eigvalsh(matrices), matrices.new_empty(0))

    torch.Tensor.symeig = symeig  # type: ignore[method-assign]
    if not hasattr(geomloss, "utils"):
        geomloss.utils = importlib.import_module("geomloss._legacy.utils")


@contextmanager
def _stand_ins() -> Iterator[None]:
    """Packages that are not loaded yet are stood in for, and forgotten by everyone but the importer afterwards."""
    finder = _Finder(STAND_INS - set(sys.modules))
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in [name for name, module in sys.modules.items() if isinstance(module, _StandIn)]:
            del sys.modules[name]


class _StandIn(ModuleType):
    """A package, or anything in one, that can be imported and not used."""

    def __getattr__(self, name: str) -> "_StandIn":
        if name.startswith("__"):
            raise AttributeError(name)
        return _StandIn(f"{self.__name__}.{name}")

    def __call__(self, *_: object, **__: object) -> None:
        if self.__name__ not in _CALLED_ON_IMPORT:
            raise RuntimeError(f"{self.__name__} was called, expected only to be imported; the peer has changed.")


class _Finder(MetaPathFinder, Loader):
    def __init__(self, packages: frozenset[str]) -> None:
        self.packages = packages

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:  # noqa: ARG002
        return ModuleSpec(name, self, is_package=True) if name.partition(".")[0] in self.packages else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _StandIn(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing is in it."""
