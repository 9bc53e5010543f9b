"""Knowledge reuse of a run: what its body still knows of the source, at its end and along the way.

Everything is read from the run directory: the specification, the checkpoint, the step records and the waypoints.
"""

from xmodal_core.reuse_report.report import measure_reuse
from xmodal_core.reuse_report.trajectory import measure_trajectory

__all__ = ["measure_reuse", "measure_trajectory"]
