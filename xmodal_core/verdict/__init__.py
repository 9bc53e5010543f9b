"""What finished runs show: paired contrasts, the rules that answer from them, tables and one JSON object."""

from xmodal_core.verdict.contrasts import INCONCLUSIVE, LEAST_PAIRS, Contrast, contrast, sentence, yardstick
from xmodal_core.verdict.experiment import ROLES, Experiment, experiment
from xmodal_core.verdict.rules import REUSE_NOT_SHOWN, RULE, verdict
from xmodal_core.verdict.sizes import Size, across_sizes
from xmodal_core.verdict.tuning import tuning_sentence

__all__ = [
    "INCONCLUSIVE",
    "LEAST_PAIRS",
    "REUSE_NOT_SHOWN",
    "ROLES",
    "RULE",
    "Contrast",
    "Experiment",
    "Size",
    "across_sizes",
    "contrast",
    "experiment",
    "sentence",
    "tuning_sentence",
    "verdict",
    "yardstick",
]
