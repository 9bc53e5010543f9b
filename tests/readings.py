"""Readings to be drawn and told."""

from xmodal_core.gap.base import GapReading


def reading(**changes) -> GapReading:
    values = {
        "value": 6.0,
        "unit": "units",
        "floor": 2.0,
        "ceiling": 10.0,
        "interval": (5.5, 6.5),
        "p": None,
        "n": 100,
        "seed": 0,
        "detail": {"floor_n": 100},
        "shuffled": None,
    }
    return GapReading(**(values | changes))


def accuracy(**changes) -> GapReading:
    values = {"value": 0.3, "floor": 0.1, "ceiling": None, "interval": (0.2, 0.4), "detail": {"chance": 0.1}}
    return reading(**(values | changes))
