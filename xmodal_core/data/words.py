"""What is said of an `Understanding`: the card of a file, and its warnings, line by line."""

from collections.abc import Sequence

from xmodal_core.data.printable import printable
from xmodal_core.data.understanding import Feature, Understanding

_FEATURES = 12  # named on the card
_CLASSES = 12
_CATEGORIES = 5  # of one feature
_SAMPLES = {
    "image": "images",
    "series": "series",
    "sequence": "sequences",
    "text": "texts",
    "tabular": "rows of a table",
    "field": "fields",
}
_PLANES = ("image", "field")
_UNITS = {"time": "steps", "position": "positions"}
_MARGIN = 10  # width of the names at the left


def understanding_lines(found: Understanding) -> list[str]:
    """The card of a file for a terminal, a fact a line; what is empty is left out."""
    lines: list[str] = []
    for name, texts in understanding_facts(found).items():
        lines += [f"{name if i == 0 else '':<{_MARGIN}}{text}" for i, text in enumerate(texts)]
    return lines + [f"warning: {line}" for line in warning_lines(found)]


def understanding_facts(found: Understanding) -> dict[str, list[str]]:
    """What the card says under each of its names, without the warnings; what is empty is left out."""
    card = {
        "file": [f"{found.file}, {found.format}"],
        "said": [found.reading.on_command_line()] if found.reading.said else [],
        "samples": [f"{found.n:,} {_SAMPLES.get(found.modality, 'samples')}{_shape(found)}", found.modality_reason],
        "label": [_label(found)] if found.label or found.label_reason else [],
        "task": [f"{found.task}, {_asked(found)}", found.task_reason],
        "splits": [", ".join(f"{n:,} {split}" for split, n in found.splits.items()), found.split_reason],
        "groups": [f"{found.n_groups:,}, by {found.group!r}"] if found.group else [],
        "features": _features(found.features),
        "left out": [_left_out(one.n, one.what, one.names, one.why) for one in found.left_out],
        "changed": list(found.changed),
    }
    shown = {name: [printable(text, 400) for text in texts if text] for name, texts in card.items()}
    return {name: texts for name, texts in shown.items() if texts}


def warning_lines(found: Understanding, option: str = "--read") -> list[str]:
    """A sentence for each warning, once: the file, what was found, what to do and what to say to the reader.

    Args:
        found: what a reader made of the file.
        option: the option of the command line that takes what is said about this file.
    """
    sentences = (f"{found.file}: {one.sentence(option)}" for one in found.warnings)
    return list(dict.fromkeys(printable(sentence, 1000) for sentence in sentences))


def feature_words(feature: Feature) -> str:
    """A feature in a list: its name, its kind and its missing share."""
    kind = feature.kind
    if feature.categories:
        shown = ", ".join(feature.categories[:_CATEGORIES]) + (" ..." if len(feature.categories) > _CATEGORIES else "")
        kind = f"{len(feature.categories):,} categories: {shown}"
    missing = f", {_percent(feature.missing)} missing" if feature.missing else ""
    return f"{feature.name} ({kind}{missing})"


def _shape(found: Understanding) -> str:
    if found.modality in _PLANES:
        channels, height, width = found.shape
        return f" of {height:,} x {width:,} in {_counted(channels, 'channels')}"
    sizes = [_counted(size, _UNITS.get(axis, axis)) for size, axis in zip(found.shape, found.axes, strict=False)]
    return ", each of " + " x ".join(sizes) if sizes else ""


def _counted(n: int, units: str) -> str:
    """A number of things, one of them without its s."""
    return f"{n:,} {units if n != 1 else units.removesuffix('s')}"


def _label(found: Understanding) -> str:
    name = f"{found.label!r}" if found.label else ""
    return ": ".join(filter(None, (name, found.label_reason)))


def _asked(found: Understanding) -> str:
    if not found.classes:
        return f"{found.n_outputs:,} number{'s' if found.n_outputs != 1 else ''}"
    shown = ", ".join(found.classes[:_CLASSES])
    more = f" and {len(found.classes) - _CLASSES:,} more" if len(found.classes) > _CLASSES else ""
    return f"{len(found.classes):,} {'labels' if found.task == 'multilabel' else 'classes'}: {shown}{more}"


def _features(features: Sequence[Feature]) -> list[str]:
    lines = [feature_words(feature) for feature in features[:_FEATURES]]
    if len(features) > _FEATURES:
        lines.append(f"and {len(features) - _FEATURES:,} more")
    return lines


def _left_out(n: int, what: str, names: Sequence[str], why: str) -> str:
    named = ", ".join(names) + (" ..." if n > len(names) else "")
    return f"{_counted(n, what)} ({named}): {why}"


def _percent(share: float) -> str:
    return "less than 1 %" if share < 0.01 else f"{share:.0%}".replace("%", " %")
