"""Waves -> log-mel: how loud which pitch is when, as audio transformers and people hear it.

Mel of f Hz is 2595 log10(1 + f / 700) (O'Shaughnessy, Speech Communication, 1987): even steps sound even. A band is a
triangle over the spectrum between its neighbours' centres.
"""

import numpy as np

WINDOW_S = 0.025
HOP_S = 0.01
BANDS = 64
FLOOR = 1e-10  # power of silence, so that its logarithm is -100 dB
_LOWEST_HZ = 20.0  # below it nobody hears anything


def log_mel(wave: np.ndarray, rate: int, bands: int = BANDS) -> np.ndarray:
    """(bands, frames) float32 in dB, one frame every 10 ms of windows of 25 ms (Hann).

    Args:
        wave: (samples,) in [-1, 1]; shorter than a window, it is filled up with silence.
        rate: samples a second.
        bands: triangles between 20 Hz and half the rate.
    """
    from scipy.signal import ShortTimeFFT, get_window

    window = max(2, round(WINDOW_S * rate))
    hop = max(1, round(HOP_S * rate))
    filled = np.pad(wave.astype(np.float64), (0, max(0, window - len(wave))))
    n_fft = 1 << (window - 1).bit_length()
    transform = ShortTimeFFT(
        get_window("hann", window), hop, fs=rate, mfft=n_fft, scale_to="magnitude", fft_mode="onesided"
    )
    n_frames = 1 + (len(filled) - window) // hop
    first = -(-transform.m_num_mid // hop)  # the first window that lies inside
    spectrum = transform.stft(filled, p0=first, p1=first + n_frames)  # (frequencies, frames)
    power = filterbank(rate, n_fft, bands) @ np.abs(spectrum) ** 2  # (bands, frames)
    decibel: np.ndarray = 10 * np.log10(np.maximum(power, FLOOR))
    return decibel.astype(np.float32)


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
