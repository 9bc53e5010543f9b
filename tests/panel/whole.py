"""A measurement from its beginning to its end, for tests that want nothing from the way there."""

from xmodal_core.panel.measure import measure_gap
from xmodal_core.panel.report import GapReport
from xmodal_core.panel.request import GapRequest


def measured(request: GapRequest) -> GapReport:
    *_, last = measure_gap(request)
    assert last.report is not None
    return last.report
