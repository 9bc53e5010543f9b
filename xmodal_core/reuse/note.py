"""What has to be said about a run before its numbers are."""

from xmodal_core.methods import METHODS
from xmodal_core.methods.stages.feature_label import FeatureLabel
from xmodal_core.methods.stages.lookahead import Meta
from xmodal_core.methods.stages.meta import EQUALS_PRETRAINING, equals_pretraining
from xmodal_core.methods.stages.progress import said
from xmodal_core.runs.rundir import RunDir


def stage_note(run: RunDir) -> str:
    """What makes a run another one than its name says; empty where nothing does.

    That MoNA's first stage equals embedder pre-training, where its meta-gradient did nothing; that RECRAFT's lowered no
    distortion, or by a collapse.

    Raises:
        RunError: the specification is missing or damaged.
    """
    kind = METHODS.get(run.spec_values().get("method", ""))
    if kind is None or not issubclass(kind, Meta | FeatureLabel):
        return ""
    aligned = [record["metrics"] for record in run.read_steps()[0] if record["stage"] == "align"]
    if issubclass(kind, FeatureLabel):
        sentence, is_fine = said(aligned)
        return "" if is_fine else sentence
    ratios = [metrics["meta_ratio"] for metrics in aligned if "meta_ratio" in metrics]
    return EQUALS_PRETRAINING if aligned and equals_pretraining(ratios) else ""
