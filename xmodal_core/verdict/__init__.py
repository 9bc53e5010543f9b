"""What finished runs show: paired contrasts, the rules that answer from them, tables and one JSON object."""

from xmodal_core.verdict.contrasts import yardstick
from xmodal_core.verdict.experiment import BASELINES

__all__ = ["BASELINES", "yardstick"]
