"""What has to be said about a run before its numbers are."""

from xmodal_core.methods import METHODS
from xmodal_core.methods.stages.lookahead import Meta
from xmodal_core.methods.stages.meta import EQUALS_PRETRAINING, equals_pretraining
from xmodal_core.runs.rundir import RunDir


def stage_note(run: RunDir) -> str:
    """That MoNA's first stage equals embedder pre-training, where its meta-gradient did nothing; else empty.

    Raises:
        RunError: the specification is missing or damaged.
    """
    kind = METHODS.get(run.spec_values().get("method", ""))
    if kind is None or not issubclass(kind, Meta):
        return ""
    aligned = [record["metrics"] for record in run.read_steps()[0] if record["stage"] == "align"]
    ratios = [metrics["meta_ratio"] for metrics in aligned if "meta_ratio" in metrics]
    return EQUALS_PRETRAINING if aligned and equals_pretraining(ratios) else ""
