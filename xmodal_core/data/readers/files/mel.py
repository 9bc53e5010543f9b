"""Waves -> log-mel: how loud which pitch is when, as audio transformers and people hear it.

Mel of f Hz is 2595 log10(1 + f / 700) (O'Shaughnessy, Speech Communication, 1987): even steps sound even. A band is a
triangle over the spectrum between its neighbours' centres.
"""

from functools import lru_cache

import numpy as np

WINDOW_S = 0.025
HOP_S = 0.01
BANDS = 64
FLOOR = 1e-10  # power of silence, so that its logarithm is -100 dB
_AT_ONCE = 1000  # frames, so that a long sound takes little memory
_LOWEST_HZ = 20.0  # below it nobody hears anything


def log_mel(wave: np.ndarray, rate: int, bands: int = BANDS) -> np.ndarray:
    """(bands, frames) float32 in dB, one frame every 10 ms of windows of 25 ms (Hann).

    Args:
        wave: (samples,) in [-1, 1]; shorter than a window, it is filled up with silence.
        rate: samples a second.
        bands: triangles between 20 Hz and half the rate.
    """
    window, hop = max(2, round(WINDOW_S * rate)), max(1, round(HOP_S * rate))
    filled = np.pad(wave.astype(np.float32), (0, max(0, window - len(wave))))
    n_fft = 1 << (window - 1).bit_length()
    taper = np.hanning(window + 1)[:-1].astype(np.float32)  # periodic
    taper /= taper.sum()  # a sine of amplitude 1 has the power 1/4 at any rate
    bank = filterbank(rate, n_fft, bands).astype(np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(filled, window)[::hop]  # (frames, window)
    power = np.empty((bands, len(frames)), np.float32)
    for start in range(0, len(frames), _AT_ONCE):
        spectrum = np.fft.rfft(frames[start : start + _AT_ONCE] * taper, n_fft)  # (frames, frequencies)
        power[:, start : start + _AT_ONCE] = bank @ (np.abs(spectrum) ** 2).T.astype(np.float32)
    decibel: np.ndarray = 10 * np.log10(np.maximum(power, np.float32(FLOOR)))
    return decibel


@lru_cache(maxsize=8)
def filterbank(rate: int, n_fft: int, bands: int = BANDS) -> np.ndarray:
    """(bands, n_fft // 2 + 1): the triangle of each band over the frequencies of a spectrum.

    A band that is narrower than a step of the spectrum takes the nearest frequency, so that none is empty.
    """
    frequencies = np.arange(n_fft // 2 + 1) * rate / n_fft
    edges = edges_hz(rate, bands)  # (bands + 2,)
    low, centre, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    rising, falling = (frequencies - low) / (centre - low), (high - frequencies) / (high - centre)
    bank: np.ndarray = np.maximum(0, np.minimum(rising, falling))
    for band in np.flatnonzero(bank.sum(axis=1) == 0):
        bank[band, np.abs(frequencies - centre[band]).argmin()] = 1
    return bank


def edges_hz(rate: int, bands: int = BANDS) -> np.ndarray:
    """(bands + 2,): where triangles begin, peak and end; band i peaks at entry i + 1."""
    low, high = (2595 * np.log10(1 + hz / 700) for hz in (_LOWEST_HZ, rate / 2))
    return 700 * (10 ** (np.linspace(low, high, bands + 2) / 2595) - 1)
