"""Sounds -> series of log-mel bands: (n, 64, frames) float32 in dB, a frame every 10 ms."""

import io
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xmodal_core.data.draft import Draft
from xmodal_core.data.modality import Modality
from xmodal_core.data.printable import printable
from xmodal_core.data.readers.files.broken import set_broken_aside
from xmodal_core.data.readers.files.mel import BANDS, HOP_S, WINDOW_S, log_mel
from xmodal_core.data.readers.files.parallel import each_file
from xmodal_core.data.readers.files.picture import BROKEN
from xmodal_core.data.readers.files.tree import Entry, Tree
from xmodal_core.data.readers.series.lengths import equally_long, say_lengths
from xmodal_core.environment import one_blas_thread
from xmodal_core.errors import DataError

MAX_SAMPLES = 60_000_000  # of one sound: ten minutes of stereo at 48 kHz
_FORMATS = ("WAV", "WAVEX", "RF64", "FLAC", "OGG", "AIFF", "MP3")
_RATES = (1_000, 400_000)  # Hz; another rate is a broken header
_ROUNDING = 1  # frame
_COMMON = 0.05  # share of sounds from which a low rate is one that all are brought to


@dataclass(frozen=True, eq=False)
class _Sound:
    features: np.ndarray  # (bands, frames)
    rate: int
    channels: int


def read_sounds(draft: Draft, tree: Tree, entries: Sequence[Entry]) -> None:
    """Fill the draft with log-mel spectra; all sounds at one rate, so that a rate cannot tell classes apart.

    Args:
        draft: has a row per entry; broken sounds are taken out.
        tree: where the files are; read once, or twice where rates differ.
        entries: the sounds.

    Raises:
        DataError: too many broken sounds, or one that is too long.
    """
    found = _each_sound(draft, tree, entries, None)
    kept = np.array([sound is not None for sound in found])
    set_broken_aside(draft, entries, kept, "sounds")
    whole = [entry for entry, is_whole in zip(entries, kept, strict=True) if is_whole]
    sounds = [sound for sound in found if sound is not None]
    rate = _common_rate(sounds)
    rates = Counter(sound.rate for sound in sounds)
    if len(rates) > 1:
        tree.rewind()
        sounds = [sound for sound in _each_sound(draft, tree, whole, rate) if sound is not None]
        draft.changed.append(
            f"resampled to {rate:,} Hz from " + ", ".join(f"{one:,} Hz ({n:,})" for one, n in sorted(rates.items())[:5])
        )
    if n_mixed := sum(sound.channels > 1 for sound in sounds):
        draft.changed.append(f"channels of {n_mixed:,} sounds averaged")
    draft.modality = Modality.SERIES
    draft.modality_reason = (
        f"read as series of {BANDS} log-mel bands every {HOP_S * 1000:g} ms (windows of {WINDOW_S * 1000:g} ms, up to "
        f"{rate / 2:,.0f} Hz) because the {draft.format} holds sounds at {rate:,} Hz"
    )
    draft.sampling_rate_hz = rate / max(1, round(HOP_S * rate))
    spectra = _without_rounding([sound.features for sound in sounds])
    how = say_lengths(draft, np.array([one.shape[1] for one in spectra]))
    draft.inputs = equally_long(draft.name, spectra, how, draft.reading.steps).astype(np.float32)


def _each_sound(draft: Draft, tree: Tree, entries: Sequence[Entry], rate: int | None) -> list[_Sound | None]:
    with one_blas_thread():  # many small products, each already in a thread of its own
        return list(each_file(tree, entries, lambda entry, content: _decode(draft.name, entry, content, rate)))


def _without_rounding(spectra: list[np.ndarray]) -> list[np.ndarray]:
    """Spectra of one length where theirs differ by the rounding of rates only."""
    lengths = [one.shape[1] for one in spectra]
    return [one[:, : min(lengths)] for one in spectra] if max(lengths) - min(lengths) <= _ROUNDING else spectra


def _common_rate(sounds: Sequence[_Sound]) -> int:
    """The lowest rate that is no exception: nothing is made up above it, and little is lost."""
    rates = Counter(sound.rate for sound in sounds)
    return min((rate for rate, n in rates.items() if n >= _COMMON * len(sounds)), default=max(rates))


def _decode(name: str, entry: Entry, content: bytes, rate: int | None) -> _Sound | None:
    """Log-mel at the sound's own rate, or at the given one; None where the file is broken."""
    import soundfile

    try:
        with soundfile.SoundFile(io.BytesIO(content)) as file:
            if file.format not in _FORMATS or not _RATES[0] <= file.samplerate <= _RATES[1]:
                return None
            if file.frames * file.channels > MAX_SAMPLES:
                raise _too_long(name, entry)
            waves = file.read(MAX_SAMPLES // file.channels, dtype="float32", always_2d=True)  # (samples, channels)
            own = int(file.samplerate)
    except BROKEN:
        return None
    if not len(waves) or not np.isfinite(waves).all():
        return None
    wave = waves.mean(axis=1)
    if rate is not None and rate != own:
        wave = _resampled(wave, own, rate)
    return _Sound(log_mel(wave, rate or own), own, waves.shape[1])


def _resampled(wave: np.ndarray, own: int, rate: int) -> np.ndarray:
    from scipy.signal import resample_poly

    step = math.gcd(own, rate)
    resampled: np.ndarray = resample_poly(wave, rate // step, own // step)
    return resampled


def _too_long(name: str, entry: Entry) -> DataError:
    return DataError(
        f"{name}: the sound {printable(entry.path.name)!r} has more than {MAX_SAMPLES // 10**6} million samples; "
        "cut it into shorter ones."
    )
