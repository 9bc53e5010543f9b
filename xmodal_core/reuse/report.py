"""What was measured of a run's knowledge: the report of its end, and the trajectory to there.

Reading what was kept needs neither torch nor a measurement.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from xmodal_core.errors import RunError
from xmodal_core.reuse.diagnostics.discrepancy import Discrepancy
from xmodal_core.runs.rundir import RunDir
from xmodal_core.values import JsonValue

EMBEDDERS = ("random", "start", "trained")


@dataclass(frozen=True, kw_only=True)
class RetentionReading(JsonValue):
    """Balanced accuracy of held-out source rows through each body, read in one way, and what is left of it.

    Attributes:
        before, after, random: through the pretrained, the trained and a randomly initialised body, in [0, 1].
        retention: share of the advantage over random weights that is left; None without one to retain.
        after_minus_before_interval: 95 % interval of the difference, over queries.
        chance: accuracy of a guess.
        n_bank, n_query: rows that vote or are fitted on, and rows that are asked about.
        k: neighbours that vote; None for a probe, which has none.
        undefined: why there is no retention, in a sentence; None where there is one, and in reports from before.
    """

    before: float
    after: float
    random: float
    retention: float | None
    after_minus_before_interval: tuple[float, float]
    chance: float
    n_bank: int
    n_query: int
    k: int | None = None
    undefined: str | None = None

    def __post_init__(self) -> None:
        _check_advantage(self.before, self.random, [self.retention])

    def by_body(self) -> dict[str, float]:
        """Accuracy through each body, the anchor first."""
        return {"random": self.random, "before": self.before, "after": self.after}


@dataclass(frozen=True, kw_only=True)
class LayerCurves(JsonValue):
    """The same tokens through the body as the run started and as it ended: one number a layer, layers in order.

    Attributes:
        cka: debiased.
        drift: squared movement over the scatter at the start.
        mutual_knn: shared neighbours, calibrated.
        mutual_knn_k: neighbours asked for them.
        n: samples.
    """

    cka: tuple[float, ...]
    drift: tuple[float, ...]
    mutual_knn: tuple[float, ...]
    mutual_knn_k: int
    n: int

    def __post_init__(self) -> None:
        if not self.cka or len({len(curve) for curve in self.by_name().values()}) > 1:
            raise RunError("Found curves of different lengths or none, expected one number a layer; measure again.")

    def by_name(self) -> dict[str, tuple[float, ...]]:
        """What was measured of the layers, similarities first."""
        return {"cka": self.cka, "mutual_knn": self.mutual_knn, "drift": self.drift}


@dataclass(frozen=True, kw_only=True)
class EmbedderReading(JsonValue):
    """How far the source's classes name the target's labels at one embedder.

    Attributes:
        kappa, kappa_p: many-to-one matching above chance, and its permutation p-value.
        one_to_one_kappa: each label with a source class of its own; None for fewer source classes than labels.
        information, information_chance, information_p: U, its mean under permuted labels, its p-value.
        discrepancy: None where it is not defined, and then `undefined` has the sentence why.
    """

    kappa: float
    kappa_p: float
    one_to_one_kappa: float | None
    information: float
    information_chance: float
    information_p: float
    discrepancy: Discrepancy | None
    undefined: str


@dataclass(frozen=True, kw_only=True)
class Knowledge(JsonValue):
    """Whether the source's classes name the target's labels, at three embedders in front of the pretrained body.

    Attributes:
        embedders: by "random", "start" (the one that the run started with) and "trained"; empty where refused.
        target_labels: where pseudo-labels come from; empty for true classes.
        k: source neighbours that vote on a target row.
        n: target rows, none of which any stage trains on.
        refused: why nothing was measured, one sentence or empty.
        n_labels, n_source_classes: None where it was refused before they were counted.
    """

    embedders: Mapping[str, EmbedderReading]
    target_labels: str
    k: int
    n: int
    refused: str
    n_labels: int | None = None
    n_source_classes: int | None = None

    def __post_init__(self) -> None:
        if set(self.embedders) != (set() if self.refused else set(EMBEDDERS)):
            raise RunError(
                f"Found knowledge at {sorted(self.embedders)}, expected at {EMBEDDERS} or none; measure again."
            )


@dataclass(frozen=True, kw_only=True)
class ReuseReport(JsonValue):
    """What the body of a finished run still knows of the source, and how far it has moved.

    Attributes:
        source: its name.
        source_labels: where its pseudo-classes come from; empty for true classes.
        source_rows: which rows were asked about, in a sentence.
        retention, probe: by nearest neighbours, and by a fresh linear classifier.
        source_inputs, target_inputs: layers on rows of the source and of the target.
        weights: relative distance by group of tensors, "all" last.
        knowledge: of the target's labels in the source's classes.
        note: empty, or why a stage of the run was another one than its name says.
        seed: of every draw.
    """

    source: str
    source_labels: str
    source_rows: str
    retention: RetentionReading
    probe: RetentionReading
    source_inputs: LayerCurves
    target_inputs: LayerCurves
    weights: Mapping[str, float]
    knowledge: Knowledge
    note: str
    seed: int

    def __post_init__(self) -> None:
        sides = (self.source_inputs, self.target_inputs)
        if len({len(side.cka) for side in sides}) > 1:
            raise RunError("Found other layers on source than on target inputs, expected one body; measure again.")

    def by_reader(self) -> dict[str, RetentionReading]:
        """Retention by what read the classes: "retention", nearest neighbours, and "probe"."""
        return {"retention": self.retention, "probe": self.probe}


@dataclass(frozen=True, kw_only=True)
class TrajectoryPoint(JsonValue):
    """A body along a run against the one that the run started from.

    Attributes:
        step: 0 at the start.
        accuracy, retention: of held-out source rows by nearest neighbours; retention None without one to retain.
        probe, probe_retention: the same by a fresh linear classifier.
        cka, drift: means over layers.
        score, n_score: of the target's validation rows with their true labels, and how many; None at the start.
    """

    step: int
    accuracy: float
    retention: float | None
    probe: float
    probe_retention: float | None
    cka: float
    drift: float
    score: float | None
    n_score: int | None


@dataclass(frozen=True, kw_only=True)
class Trajectory(JsonValue):
    """Source retention against target score along a run, and along the same run on shuffled labels.

    Attributes:
        run, control_run: names of the two; None without a control.
        points, control: from step 0 on; no control is None.
        source, source_labels, source_rows: as in a `ReuseReport`.
        n_bank, n_query, n_layers: source rows that vote, that ask, and whose layers are compared.
        k: neighbours that vote.
        before, random, chance: accuracy by nearest neighbours in the pretrained and in a random body, and by a guess.
        score_name: what the target's score is.
        seed: of every draw.
        undefined, probe_undefined: why no point has a retention by nearest neighbours or by the probe, in a sentence;
            None where they have, and in trajectories from before.
    """

    run: str
    points: tuple[TrajectoryPoint, ...]
    control_run: str | None
    control: tuple[TrajectoryPoint, ...] | None
    source: str
    source_labels: str
    source_rows: str
    n_bank: int
    n_query: int
    n_layers: int
    k: int
    before: float
    random: float
    chance: float
    score_name: str
    seed: int
    undefined: str | None = None
    probe_undefined: str | None = None

    def __post_init__(self) -> None:
        _check_advantage(self.before, self.random, [point.retention for point in (*self.points, *(self.control or ()))])


def kept_reuse(run: RunDir) -> ReuseReport | None:
    """The report kept in a run directory; None where there is none, or it is damaged."""
    values = run.read_reuse()
    try:
        return None if values is None else ReuseReport.from_json(values)
    except RunError:
        return None


def kept_reports(runs: Iterable[RunDir]) -> dict[str, ReuseReport]:
    """The reports kept in these run directories, by run."""
    found = ((run.path.name, kept_reuse(run)) for run in runs)
    return {name: report for name, report in found if report is not None}


def kept_trajectory(run: RunDir, control: RunDir) -> Trajectory | None:
    """What was measured of these two runs and kept with the first; None where nothing was, or it is damaged."""
    values = run.read_trajectory()
    try:
        found = None if values is None else Trajectory.from_json(values)
    except RunError:
        return None
    ours = found is not None and found.control_run == control.path.name and found.points and found.control
    return found if ours else None


def _check_advantage(before: float, random: float, retentions: Iterable[float | None]) -> None:
    """Earlier versions gave a retention, of the wrong sign, where the pretrained body was worse than random weights."""
    if before <= random and any(value is not None for value in retentions):
        raise RunError(
            f"Found a retention where the pretrained body reads {before:.3f} and random weights {random:.3f} of the "
            "source, expected none, because there is no advantage to retain; measure again."
        )
