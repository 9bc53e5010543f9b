"""Data sets that are made on the spot from a fixed seed: voices as spectrograms, flow through rock.

Nothing is recorded, measured or downloaded here. What is made says so in its title and its origin.
"""

import numpy as np

from xmodal_core.data.dataset import LabelledDataset, Modality, make_dataset
from xmodal_core.data.targets import Task

RATE_HZ = 8000
_SECONDS = 0.6
_WINDOW, _HOP = 256, 128  # 32 ms windows, every 16 ms
_BANDS = 32
_FRAMES = 32
_FLOOR_DB = -60.0
# Means of the first three formants (Hz) of men's vowels in hVd words: Peterson and Barney, JASA 24, 1952, table II.
_FORMANTS = {
    "heed": (270, 2290, 3010),
    "hid": (390, 1990, 2550),
    "head": (530, 1840, 2480),
    "had": (660, 1720, 2410),
    "hod": (730, 1090, 2440),
    "hawed": (570, 840, 2410),
    "who'd": (300, 870, 2240),
}
_BANDWIDTHS_HZ = (60, 90, 150)

_CELLS = 16  # an edge of the plate
_PERMEABILITY = (3.0, 12.0)


def vowels(n_per_class: int = 80, seed: int = 0) -> LabelledDataset:
    """Synthesised vowels as log spectrograms (n, 1, 32, 32) in 0 to 1: low notes at the bottom, time to the right.

    A train of pulses through three resonances, as in Klatt, JASA 67, 1980: each voice has a pitch that glides, a vocal
    tract of its own length (0.85 to 1.25 of a man's formants), a beginning, an end, and noise behind it.
    """
    rng = np.random.default_rng((seed, 1952))
    words = list(_FORMANTS)
    images = [_spectrogram(_voice(np.array(_FORMANTS[word]), rng)) for word in words for _ in range(n_per_class)]
    order = rng.permutation(len(images))
    return make_dataset(
        "vowels",
        Modality.IMAGE,
        np.stack(images)[order, None],
        np.repeat(np.arange(len(words)), n_per_class)[order],
        words,
        origin=f"synthesised by this program, seed {seed}",
    )


def darcy(n: int = 320, seed: int = 0) -> LabelledDataset:
    """Pressure of water that seeps through rock of two kinds: fields (n, 1, 16, 16) with a target on every cell.

    Solves -div(a grad u) = 1 with u = 0 on the edge by finite volumes, a of two values where a smooth random field is
    above or below zero, as in Li et al., "Fourier neural operator", ICLR 2021, on a far coarser grid.
    """
    rng = np.random.default_rng((seed, 1856))
    stones = np.stack([_stone(rng) for _ in range(n)])
    pressure = np.stack([_pressure(stone) for stone in stones])
    return make_dataset(
        "darcy",
        Modality.FIELD,
        stones[:, None],
        pressure[:, None],
        (),
        task=Task.DENSE,
        origin=f"solved by this program, seed {seed}",
    )


def _voice(formants: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A vowel (t,) of one voice."""
    from scipy.signal import lfilter

    n = round(_SECONDS * RATE_HZ)
    seconds = np.arange(n) / RATE_HZ
    pitch = rng.uniform(90, 240) * np.exp2(rng.uniform(-0.4, 0.4) * seconds / _SECONDS)
    phase = np.cumsum(pitch) / RATE_HZ + rng.random()
    sound = np.diff(np.floor(phase), prepend=np.floor(phase[0]))
    sound = lfilter([1.0], [1.0, -0.95], sound)  # a larynx is duller than a pulse
    for centre, width in zip(formants * rng.uniform(0.85, 1.25), _BANDWIDTHS_HZ, strict=True):
        radius, angle = np.exp(-np.pi * width / RATE_HZ), 2 * np.pi * min(centre, 0.47 * RATE_HZ) / RATE_HZ
        sound = lfilter([1 - radius], [1.0, -2 * radius * np.cos(angle), radius**2], sound)
    begin, end = rng.uniform(0, 0.2), rng.uniform(0.4, _SECONDS)
    sound = sound * np.clip(np.minimum(seconds - begin, end - seconds) / 0.03, 0, 1)
    sound = sound / np.abs(sound).max()
    noise: np.ndarray = sound + rng.normal(scale=10 ** rng.uniform(-2.5, -1.2), size=n)
    return noise


def _spectrogram(sound: np.ndarray) -> np.ndarray:
    """(32, 32) float32 in 0 to 1: 60 dB below the loudest is 0; bands as wide as hearing has them, high ones on top."""
    from scipy.signal import ShortTimeFFT
    from scipy.signal.windows import hann

    power = ShortTimeFFT(hann(_WINDOW, sym=False), _HOP, RATE_HZ).spectrogram(sound)  # (129, frames)
    mels = np.linspace(0, _mel(RATE_HZ / 2), _BANDS + 2)
    of_bin = _mel(np.linspace(0, RATE_HZ / 2, len(power)))
    rising = (of_bin - mels[:-2, None]) / (mels[1:-1] - mels[:-2])[:, None]
    falling = (mels[2:, None] - of_bin) / (mels[2:] - mels[1:-1])[:, None]
    bands = np.clip(np.minimum(rising, falling), 0, None) @ power  # (32, frames)
    begins = (bands.shape[1] - _FRAMES) // 2
    decibels = 10 * np.log10(bands[:, begins : begins + _FRAMES] / bands.max() + 10 ** (_FLOOR_DB / 10))
    shown: np.ndarray = np.round(255 * np.clip(1 - decibels / _FLOOR_DB, 0, 1))[::-1] / np.float32(255)
    return shown  # in steps of a quarter of a decibel: the same on processors that round differently


def _mel(hertz: float | np.ndarray) -> np.ndarray:
    return 2595 * np.log10(1 + np.asarray(hertz) / 700)


def _stone(rng: np.random.Generator) -> np.ndarray:
    """(16, 16): permeability of rock of two kinds."""
    from scipy.ndimage import gaussian_filter

    low, high = _PERMEABILITY
    return np.where(gaussian_filter(rng.normal(size=(_CELLS, _CELLS)), 2.0, mode="wrap") > 0, high, low)


def _pressure(stone: np.ndarray) -> np.ndarray:
    """(16, 16): the solution, in thousandths."""
    from scipy.sparse import coo_array
    from scipy.sparse.linalg import spsolve

    size = 1 / _CELLS
    number = np.arange(stone.size).reshape(stone.shape)
    diagonal = np.zeros(stone.size)
    rows, columns, values = [], [], []
    for here, there in ((np.s_[:, :-1], np.s_[:, 1:]), (np.s_[:-1], np.s_[1:])):
        a, b = number[here].ravel(), number[there].ravel()
        flow = (2 * stone[here] * stone[there] / (stone[here] + stone[there])).ravel()  # of two resistances in line
        rows += [a, b]
        columns += [b, a]
        values += [-flow, -flow]
        np.add.at(diagonal, a, flow)
        np.add.at(diagonal, b, flow)
    for edge in (np.s_[0], np.s_[-1], np.s_[:, 0], np.s_[:, -1]):
        np.add.at(diagonal, number[edge], 2 * stone[edge])  # half a cell to where it is 0
    rows.append(number.ravel())
    columns.append(number.ravel())
    values.append(diagonal)
    matrix = coo_array((np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))).tocsc()
    solved: np.ndarray = 1000 * spsolve(matrix, np.full(stone.size, size * size)).reshape(stone.shape)
    return solved
