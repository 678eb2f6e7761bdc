"""Measures of sound: clicks, pitch, loudness. Samples are (frames, 2) at 48 kHz."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

RATE = 48_000
Samples = npt.NDArray[np.float32]
_CLICK_HZ = 7_000.0
# BS.1770-4, table 1 and 2: the head's shelf and the high-pass of K weighting at 48 kHz.
_SHELF = (
    (1.53512485958697, -2.69169618940638, 1.19839281085285),
    (1.0, -1.69065929318241, 0.73248077421585),
)
_PASS = ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621))


def clicks(samples: Samples) -> float:
    """Return the largest sample above 7 kHz, where the synthesizer has nothing but clicks."""
    spectrum = np.fft.rfft(samples.astype(np.float64), axis=0)
    spectrum[np.fft.rfftfreq(len(samples), 1.0 / RATE) < _CLICK_HZ] = 0.0
    rest = np.fft.irfft(spectrum, len(samples), axis=0)
    return float(np.abs(rest[2000:-2000]).max(initial=0.0))


def step(samples: Samples) -> float:
    """Return the largest difference between two samples that follow each other."""
    return float(np.abs(np.diff(samples, axis=0)).max(initial=0.0))


def peak_hz(samples: Samples, low_hz: float, high_hz: float) -> float:
    """Return the frequency of the strongest tone between two frequencies."""
    mono = samples.mean(axis=1)
    size = 16 * len(mono)
    spectrum = np.abs(np.fft.rfft(mono * np.hanning(len(mono)), size))
    low, high = round(low_hz * size / RATE), round(high_hz * size / RATE)
    return float((low + np.argmax(spectrum[low:high])) * RATE / size)


def energy(samples: Samples, hz: float, cents: float = 25.0) -> float:
    """Return the energy around a frequency and its next two octaves."""
    mono = samples.mean(axis=1)
    spectrum = np.abs(np.fft.rfft(mono * np.hanning(len(mono)))) ** 2
    at = np.fft.rfftfreq(len(mono), 1.0 / RATE)
    width = 2.0 ** (cents / 1200.0)
    return float(
        sum(
            spectrum[(at > hz * octave / width) & (at < hz * octave * width)].sum()
            for octave in (1, 2, 4)
        )
    )


def loudness(samples: Samples, window_s: float = 3.0) -> npt.NDArray[np.float64]:
    """Return the short-term loudness in LUFS, second by second (ITU-R BS.1770-4)."""
    from scipy import signal  # a second for every worker, if it were imported above

    weighted = signal.lfilter(*_PASS, signal.lfilter(*_SHELF, samples, axis=0), axis=0)
    power = np.square(weighted).sum(axis=1)
    frames = round(window_s * RATE)
    means = [power[at : at + frames].mean() for at in range(0, len(power) - frames + 1, RATE)]
    return -0.691 + 10.0 * np.log10(np.maximum(means, 1e-20))
