import numpy as np
import pytest

from tests.data.packed import tone
from xmodal_core.data.readers.files.mel import edges_hz, filterbank, log_mel


def test_mel_steps_are_those_of_the_formula():
    """1000 Hz is 1000 mel to a tenth, and bands are evenly apart in mel."""
    assert 2595 * np.log10(1 + 1000 / 700) == pytest.approx(1000, abs=0.1)
    mel = 2595 * np.log10(1 + edges_hz(16_000) / 700)
    np.testing.assert_allclose(np.diff(mel), np.diff(mel)[0], rtol=1e-9)
    assert edges_hz(16_000)[[0, -1]] == pytest.approx([20, 8000])


@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100])
@pytest.mark.parametrize("hz", [440.0, 1000.0, 3000.0])
def test_the_loudest_band_is_the_one_whose_centre_is_nearest_to_the_tone(rate, hz):
    loudest = log_mel(tone(hz, rate), rate).mean(axis=1).argmax()
    centres = edges_hz(rate)[1:-1]
    low, high = centres[loudest - 1], centres[loudest + 1]
    assert low <= hz <= high


def test_a_tone_of_1_khz_at_16_khz_lies_in_band_22():
    """20 Hz is 31.75 mel and 8 kHz is 2840.04: 65 steps of 43.20; 999.99 mel is 22.41 steps up, nearest to peak 22."""
    assert log_mel(tone(1000, 16_000), 16_000).mean(axis=1).argmax() == 22 - 1


def test_frames_are_ten_milliseconds_apart_and_lie_inside():
    assert log_mel(np.zeros(16_000), 16_000).shape == (64, 1 + (16_000 - 400) // 160)
    assert log_mel(np.zeros(10), 16_000).shape == (64, 1)


def test_silence_is_the_floor_and_twice_the_amplitude_is_six_decibel_more():
    np.testing.assert_allclose(log_mel(np.zeros(8000), 8000), -100, atol=1e-3)
    wave = tone(1000)
    louder = log_mel(2 * wave, 8000) - log_mel(wave, 8000)
    np.testing.assert_allclose(louder, 20 * np.log10(2), atol=1e-3)


def test_a_click_sounds_when_it_is():
    wave = np.zeros(8000)
    wave[4000] = 1
    assert abs(log_mel(wave, 8000).sum(axis=0).argmax() * 80 + 100 - 4000) <= 80


def test_no_band_is_empty():
    assert (filterbank(8000, 256).sum(axis=1) > 0).all()
