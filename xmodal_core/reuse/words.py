"""Knowledge reuse in words: lines for the command line, sentences for pages. Neither torch nor a run is needed."""

from collections.abc import Mapping

from xmodal_core.reuse.beside import Beside
from xmodal_core.reuse.report import Knowledge, LayerCurves, RetentionReading, ReuseReport, Trajectory, TrajectoryPoint

READERS = {"retention": "kNN", "probe": "fresh linear probe"}
EMBEDDERS = {"random": "random embedder", "start": "embedder before training", "trained": "trained embedder"}
_LAYERS = {"cka": "CKA", "mutual_knn": "Mutual neighbours, calibrated,", "drift": "Drift"}
_NOTHING = "none to retain"
_EASY = 0.9


_KEPT = ((0.95, "almost all"), (0.6, "most"), (0.4, "about half"), (0.1, "a small part"))


def kept_sentence(report: ReuseReport) -> str:
    """What was kept, in one sentence that needs no term."""
    reading = report.retention
    if reading.retention is None:
        return (
            f"There was nothing to keep: before training, the network told the {report.source} apart no better than a "
            "network of random weights."
        )
    low, high = reading.after_minus_before_interval
    if low <= 0 <= high:
        return (
            "Training on your data cost the network nothing of what it knew before, as far as these samples can tell."
        )
    if high < 0:
        share_kept = next((words for least, words in _KEPT if reading.retention >= least), "next to nothing")
        return f"After training on your data, {share_kept} of what the network knew before is still there."
    return "After training on your data, the network tells its old samples apart even better than before."


def recognised(report: ReuseReport) -> str:
    """The three numbers behind the sentence, with their n."""
    r = report.retention
    lost = "" if r.retention is None else f" {percent(r.retention)} of the lead over random weights is left."
    return (
        f"Of {r.n_query} samples of {report.source} that no training has seen, it recognises {100 * r.after:.0f} %; "
        f"before training it was {100 * r.before:.0f} %, with random weights {100 * r.random:.0f} %, and guessing "
        f"gives {100 * r.chance:.1f} %.{lost}"
    )


def target_sentence(found: Beside | None) -> str:
    """What pretrained weights were worth on the target's validation rows, without deciding whether it is luck."""
    if found is None:
        return "On your data: there are no validation rows to tell what random weights would have given."
    own = f"On your data, these weights reach a validation {found.kind.name} of {found.own:.3f}"
    if found.random_mean is None:
        return f"{own} (n = {found.n} rows). What random weights would give is not known yet: train once from scratch."
    runs = "one run" if len(found.random) == 1 else f"the mean of {len(found.random)} runs"
    return f"{own}; starting from random weights gives {found.random_mean:.3f} ({runs}, n = {found.n} rows)."


def report_lines(report: ReuseReport) -> list[str]:
    """A report, line by line."""
    lines = [f"Note: {report.note}"] if report.note else []
    lines += [f"Source {report.source}: {report.source_rows}"]
    lines += [f"Its classes are {report.source_labels}."] if report.source_labels else []
    for name, reading in report.by_reader().items():
        lines += _retention_lines(READERS[name], reading)
    for where, curves in (("source inputs", report.source_inputs), ("target inputs", report.target_inputs)):
        for name, layers in curves.by_name().items():
            values = " ".join(f"{v:.3f}" for v in layers)
            lines.append(f"{_LAYERS[name]} per layer on {where} (n = {curves.n}): {values}")
    lines += [f"Weight distance, secondary: {distances(report.weights)}"]
    return lines + knowledge_lines(report.knowledge)


def _retention_lines(reader: str, r: RetentionReading) -> list[str]:
    k = "" if r.k is None else f"k = {r.k}, "
    return [
        f"{reader}, balanced accuracy ({k}{r.n_bank} bank, {r.n_query} queries, chance {r.chance:.3f}):",
        f"  {accuracies(r)}; retention {share(r.retention)}",
        f"  after minus before, 95 % interval: {interval(r)}",
        *(f"  {doubt}" for doubt in doubts(r)),
    ]


def knowledge_lines(found: Knowledge) -> list[str]:
    """Knowledge of the target's labels in the source's classes, at each embedder."""
    if found.refused:
        return [f"Knowledge discrepancy is not measured: {found.refused}"]
    lines = [
        f"Source classes as names of the target's labels ({found.n_source_classes} classes, {found.n_labels} "
        f"labels, n = {found.n}, source neighbours k = {found.k}, cross-fitted):"
    ]
    lines += [f"  target labels are {found.target_labels}"] if found.target_labels else []
    for name, reading in found.embedders.items():
        d = reading.discrepancy
        told = (
            "discrepancy undefined"
            if d is None
            else f"discrepancy {d.relative:.3f} of chance ({d.value:.3f} nats, p {d.p:.3f})"
        )
        lines.append(
            f"  {EMBEDDERS[name]}: kappa {reading.kappa:.3f} (p {reading.kappa_p:.3f}), U "
            f"{reading.information:.3f} (chance {reading.information_chance:.3f}), {told}"
        )
    return lines + [f"  {text}" for text in undefined(found)]


def trajectory_lines(found: Trajectory) -> list[str]:
    """A trajectory, a line a step."""
    lines = [
        f"Along the run: {found.n_bank} bank rows, {found.n_query} queries, {found.n_layers} of them for CKA "
        f"and drift; target score: validation {found.score_name}"
    ]
    for points, title in ((found.points, "run"), (found.control or (), "control, shuffled labels")):
        for point in points:
            score = "none" if point.score is None else f"{point.score:.3f} (n = {point.n_score})"
            lines.append(
                f"  {title}, step {point.step}: retention {share(point.retention)}, probe "
                f"{share(point.probe_retention)}, CKA {point.cka:.3f}, drift {point.drift:.3f}, score {score}"
            )
    return lines + [f"  {text}" for text in nothing_retained(found)]


def nothing_retained(found: Trajectory) -> list[str]:
    """Why a trajectory has no retention, for each reader of the source's classes that has none."""
    why = {READERS["retention"]: found.undefined, READERS["probe"]: found.probe_undefined}
    return [f"By {reader}: {text}" for reader, text in why.items() if text]


def share(retention: float | None) -> str:
    """Retention as a number, or that there was nothing to retain."""
    return _NOTHING if retention is None else f"{retention:.3f}"


def percent(retention: float | None) -> str:
    """Retention in per cent, or that there was nothing to retain."""
    return _NOTHING if retention is None else f"{100 * retention:.0f} %"


def accuracies(reading: RetentionReading) -> str:
    """What was read through the three bodies."""
    return f"before {reading.before:.3f}, after {reading.after:.3f}, random weights {reading.random:.3f}"


def doubts(reading: RetentionReading) -> list[str]:
    """Why there is no retention, and that a source is too easy for one, where it is so."""
    found = [reading.undefined] if reading.undefined else []
    if reading.before >= _EASY:
        found.append(
            f"The source is easy: its classes are read at {reading.before:.3f} before training, expected less than "
            f"{_EASY}, so that much may be lost before it shows; take a source of more or finer classes."
        )
    return found


def interval(reading: RetentionReading) -> str:
    """The interval of after minus before."""
    low, high = reading.after_minus_before_interval
    return f"{low:+.3f} to {high:+.3f}"


def change(reading: RetentionReading) -> str:
    """What retention is made of, and the difference behind it with its interval."""
    return (
        f"(after − random) / (before − random). After minus before: {reading.after - reading.before:+.3f}, "
        f"95 % interval {interval(reading)}."
    )


def rows(report: ReuseReport, reading: RetentionReading) -> str:
    """Which rows asked which, and what their classes are."""
    neighbours = "" if reading.k is None else f", k = {reading.k}"
    labels = f" Classes are {report.source_labels}." if report.source_labels else ""
    return (
        f"{reading.n_query} held-out rows of {report.source} ask {reading.n_bank} others{neighbours}; "
        f"seed {report.seed}; chance {reading.chance:.3f}.{labels}"
    )


def summary(run: str, report: ReuseReport) -> str:
    """A whole report in one sentence, for a page that lists runs."""
    r = report.retention
    return (
        f"Knowledge reuse of {run}: retention {share(r.retention)}, kNN accuracy on {report.source}: {accuracies(r)} "
        f"(n = {r.n_query})."
    )


def last_layer(report: ReuseReport, what: str) -> str:
    """A reading of the last layer, on both kinds of input."""
    source, target = _last(report.source_inputs, what), _last(report.target_inputs, what)
    return f"Last layer: {source:.3f} on source inputs, {target:.3f} on target inputs."


def _last(curves: LayerCurves, what: str) -> float:
    return curves.by_name()[what][-1]


def distances(weights: Mapping[str, float]) -> str:
    """Weight distance by group of tensors."""
    return ", ".join(f"{group} {value:.4f}" for group, value in weights.items())


def moved_weights(weights: Mapping[str, float]) -> str:
    """Weight distance with what it is and why it is secondary."""
    return (
        f"Weight distance |after − start| / |start| of the body: {distances(weights)}. Secondary: it grows with "
        "learning rate and steps, and weights in front of a norm can be rescaled without effect."
    )


def matched_rows(found: Knowledge) -> str:
    """Which rows the matching of classes was read from, and how to read kappa and U."""
    labels = f" Target labels are {found.target_labels}." if found.target_labels else ""
    return (
        f"Validation rows (n = {found.n}) seen by the pretrained body through each embedder; {found.k} source "
        f"neighbours say which of {found.n_source_classes} source classes they look like. Half of the rows match "
        f"classes to {found.n_labels} labels, the other half is scored, both ways. kappa and U: 0 by chance, 1 where "
        f"source classes determine the label.{labels}"
    )


def undefined(found: Knowledge) -> list[str]:
    """Why the discrepancy is undefined, each sentence once."""
    return sorted({reading.undefined for reading in found.embedders.values() if reading.undefined})


def ends(found: Trajectory) -> str:
    """Where the run and its control have come to."""
    last = [_point("Run", found.points[-1], found)]
    last += [_point("control", found.control[-1], found)] if found.control else []
    return "; ".join(last) + "."


def _point(who: str, point: TrajectoryPoint, found: Trajectory) -> str:
    retention = "no advantage to retain" if point.retention is None else f"retention {share(point.retention)}"
    score = "no score" if point.score is None else f"{found.score_name} {point.score:.3f}"
    return f"{who} at step {point.step}: {retention}, {score}"


def followed_rows(found: Trajectory) -> str:
    """Which rows a trajectory was read from, and what its control is for."""
    return (
        f"Source {found.source}: {found.source_rows} CKA and drift in the table: means over layers, n = "
        f"{found.n_layers}. Target score: n = {found.points[-1].n_score} validation rows with their true labels. One "
        "seed. What the control loses too is lost to training as such, not to these labels."
    )
