"""Data sets that come with the installed packages: no download, known facts, a licence each.

Only what the packages or the archives say is stated here; where no licence is stated, that is stated.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from xmodal_core import __version__
from xmodal_core.data.dataset import LabelledDataset, Modality, make_dataset
from xmodal_core.data.store import cached

_UCI = "CC BY 4.0 (UCI Machine Learning Repository)"
_UCR = "No licence stated; the UCR archive asks users to cite Dau et al. 2019; distributed with aeon (BSD-3-Clause)"
_UEA = "No licence stated; the UEA archive asks users to cite Bagnall et al. 2018; distributed with aeon (BSD-3-Clause)"
_TS = "https://timeseriesclassification.com/description.php?Dataset="


@dataclass(frozen=True)
class Example:
    """A data set that ships, with what a person wants to know before choosing it.

    Attributes:
        n: samples in all splits.
        licence: as stated by whoever publishes the data.
        load: reads it; no network.
    """

    name: str
    title: str
    modality: Modality
    n: int
    n_classes: int
    licence: str
    origin: str
    load: Callable[[], LabelledDataset]


def _once(name: str, package: str, parse: Callable[[], LabelledDataset]) -> LabelledDataset:
    """Parse what a package ships once; later read our cache, which saves importing the package (1 to 3 s)."""
    return cached(f"{name}-{__version__}-{package}{version(package)}", parse)


def _parse_digits() -> LabelledDataset:
    from sklearn.datasets import load_digits  # type: ignore[import-untyped]

    bunch: Any = load_digits()
    images = bunch.images[:, None] / 16  # (n, 1, 8, 8), counts 0..16 of the origin
    return make_dataset(
        "digits",
        Modality.IMAGE,
        images,
        bunch.target,
        [str(d) for d in bunch.target_names],
        origin="scikit-learn load_digits, divided by 16",
    )


def _parse_table(name: str) -> LabelledDataset:
    from sklearn import datasets  # type: ignore[import-untyped]

    bunch: Any = getattr(datasets, f"load_{name}")()
    return make_dataset(
        name,
        Modality.TABULAR,
        bunch.data,
        bunch.target,
        [str(c) for c in bunch.target_names],
        origin=f"scikit-learn load_{name}",
    )


def _parse_series(name: str, problem: str, sampling_rate_hz: float | None = None) -> LabelledDataset:
    import aeon.datasets  # type: ignore[import-untyped]

    folder = Path(aeon.datasets.__file__).parent / "data" / problem
    parts = [aeon.datasets.load_from_ts_file(str(folder / f"{problem}_{part}.ts")) for part in ("TRAIN", "TEST")]
    inputs = np.concatenate([series for series, _ in parts])  # (n, c, t)
    class_names, targets = np.unique(np.concatenate([labels for _, labels in parts]), return_inverse=True)
    splits = np.repeat(["train", "test"], [len(labels) for _, labels in parts])
    return make_dataset(
        name,
        Modality.SERIES,
        inputs,
        targets,
        class_names.tolist(),
        splits=splits,
        sampling_rate_hz=sampling_rate_hz,
        origin=f"{problem} as shipped in aeon, its train and test",
    )


_ALL = (
    Example(
        "digits",
        "Handwritten digits, 8 x 8 pixels",
        Modality.IMAGE,
        1797,
        10,
        _UCI,
        "Alpaydin and Kaynak 1998, test part, https://archive.ics.uci.edu/dataset/80; shipped in scikit-learn",
        partial(_once, "digits", "scikit-learn", _parse_digits),
    ),
    Example(
        "wine",
        "Which of three growers: 13 chemical measurements of a wine",
        Modality.TABULAR,
        178,
        3,
        _UCI,
        "Forina et al., https://archive.ics.uci.edu/dataset/109; shipped in scikit-learn",
        partial(_once, "wine", "scikit-learn", partial(_parse_table, "wine")),
    ),
    Example(
        "breast_cancer",
        "Malignant or benign: 30 measurements of cell nuclei",
        Modality.TABULAR,
        569,
        2,
        _UCI,
        "Wolberg, Street and Mangasarian 1995, https://archive.ics.uci.edu/dataset/17; shipped in scikit-learn",
        partial(_once, "breast_cancer", "scikit-learn", partial(_parse_table, "breast_cancer")),
    ),
    Example(
        "basic_motions",
        "Standing, walking, running or badminton: a smart watch at 10 Hz",
        Modality.SERIES,
        80,
        4,
        _UEA,
        f"UEA archive, {_TS}BasicMotions; shipped in aeon",
        # one sample every tenth of a second
        partial(_once, "basic_motions", "aeon", partial(_parse_series, "basic_motions", "BasicMotions", 10.0)),
    ),
    Example(
        "gun_point",
        "Draws a gun or points a finger: height of a hand",
        Modality.SERIES,
        200,
        2,
        _UCR,
        f"UCR archive, {_TS}GunPoint; shipped in aeon",
        partial(_once, "gun_point", "aeon", partial(_parse_series, "gun_point", "GunPoint")),
    ),
    Example(
        "italy_power_demand",
        "Winter or summer half of the year: a day of power demand",
        Modality.SERIES,
        1096,
        2,
        _UCR,
        f"UCR archive, {_TS}ItalyPowerDemand; shipped in aeon",
        partial(_once, "italy_power_demand", "aeon", partial(_parse_series, "italy_power_demand", "ItalyPowerDemand")),
    ),
)
EXAMPLES: dict[str, Example] = {example.name: example for example in _ALL}
