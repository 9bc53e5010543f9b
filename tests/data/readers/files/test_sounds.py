import contextlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.data.packed import packed, sound, sounds, tone
from xmodal_core.data.readers import read
from xmodal_core.data.readers.files import sounds as module
from xmodal_core.data.readers.files.mel import edges_hz
from xmodal_core.errors import DataError


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".aiff"])
def test_low_tones_are_loud_in_low_bands_in_every_format(suffix):
    data = read(packed(sounds(suffix=suffix)), "t.zip")
    assert (data.inputs.shape, data.sampling_rate_hz) == ((8, 64, 28), 100)
    loudest = data.inputs.mean(axis=2).argmax(axis=1)
    centres = edges_hz(8000)[1:-1]
    for name, hz in (("low", 300), ("high", 2000)):
        rows = data.targets == data.class_names.index(name)
        np.testing.assert_allclose(centres[loudest[rows]], hz, rtol=0.07)  # steps of the spectrum are 31 Hz wide


def test_a_lower_rate_is_common_unless_it_is_an_exception():
    low = {f"low/{i}.wav": sound(tone(300, 16_000, seed=i), 16_000) for i in range(4)}
    high = {f"high/{i}.wav": sound(tone(2000, 8000, seed=9 + i)) for i in range(4)}
    found = read(packed({**low, **high}), "t.zip").understanding
    assert "resampled to 8,000 Hz from 8,000 Hz (4), 16,000 Hz (4)" in found.changed
    many = {f"high/{i}.wav": sound(tone(2000, 16_000, seed=i), 16_000) for i in range(40)}
    found = read(packed({**low, **many, "low/x.wav": sound(tone(300))}), "t.zip").understanding
    assert "resampled to 16,000 Hz from 8,000 Hz (1), 16,000 Hz (44)" in found.changed


def test_channels_are_averaged_and_said():
    wave = tone(300)
    stereo = {
        f"{c}/{i}.wav": sound(np.stack([tone(hz, seed=i), tone(hz, seed=i)], axis=1))
        for c, hz in (("a", 300), ("b", 900))
        for i in range(4)
    }
    mono = {name: sound(tone(300 if name[0] == "a" else 900, seed=int(name[2]))) for name in stereo}
    two, one = read(packed(stereo), "t.zip"), read(packed(mono), "t.zip")
    np.testing.assert_allclose(two.inputs, one.inputs, atol=1e-3)
    assert "channels of 8 sounds averaged" in two.understanding.changed
    assert wave.ndim == 1


def test_a_sound_of_too_many_samples_is_refused_by_name(monkeypatch, refusal):
    monkeypatch.setattr(module, "MAX_SAMPLES", 1000)
    refusal(lambda: read(packed(sounds()), "t.zip"), "0.wav", "million samples")


def test_a_broken_sound_is_left_out():
    found = read(packed({**sounds(n=12), "low/x.wav": b"RIFF\0\0\0\0WAVEfmt "}), "t.zip").understanding
    assert found.n == 24
    assert [one.code for one in found.warnings] == ["files-left-out"]


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".ogg"])
@given(data=st.data())
@settings(deadline=None, max_examples=20)
def test_flipped_bytes_give_sounds_or_a_refusal(suffix, data):
    files = sounds(n=2, suffix=suffix)
    for name, content in files.items():
        flipped = bytearray(content)
        flipped[data.draw(st.integers(0, min(len(flipped), 120) - 1))] = data.draw(st.integers(0, 255))
        files[name] = bytes(flipped)
    with contextlib.suppress(DataError):
        assert read(packed(files), "t.zip").inputs.shape[1] == 64
