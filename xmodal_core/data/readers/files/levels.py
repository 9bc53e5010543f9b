"""Which folder of a path is the class, where nobody said it: levels are counted from the file, 1 is around it."""

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from xmodal_core.data.readers.files.splits import Folders, role_of

# fmt: off
_CONTAINERS = frozenset((  # folders that only hold files
    "images", "image", "imgs", "img", "jpegimages", "pictures", "pics", "jpg", "jpeg", "png", "frames", "wav", "wavs",
    "audio", "audios", "sounds", "clips",
))
# fmt: on
_PARTS = frozenset(
    ("part", "parts", "batch", "fold", "chunk", "shard", "folder", "dir", "vol", "volume", "disk", "archive")
)
_VARIANTS = re.compile(
    r"(colou?rs?|gr[ae]y(scale)?|segmented|originals?|augmented|raw|processed|cropped|resized)"
    r"([ _-]?(data(set)?|images?|set|version))*",
    re.I,
)
_NUMBER = re.compile(r"\d{3,}")  # of a patient or a slide, where the folders inside are called otherwise
_FOLD = re.compile(r"(cv|k)?[ _-]?(fold|part|batch|chunk|shard)s?[ _-]*\d+", re.I)
_LONGEST = 64  # letters of a name that is looked at
_SUBJECT = re.compile(
    r"(patient|subject|subj|sub|person|participant|user|speaker|spk|case|session|scan|slide|video|clip|recording|"
    r"plate|animal|mouse|site|actor|volunteer|donor)[ _.-]*\w*\d",
    re.I,
)
_FEW_FILES = 4  # a folder that holds fewer on average names a thing rather than a class


@dataclass(frozen=True)
class Levels:
    """Folders of files that could be the class.

    Attributes:
        columns: by level, for each level with several names: a name per file.
        chosen: the level of the class; 0 where no folder can be one.
        runner_up: the level that could be it, too; 0 where there is none.
        classes: per file; "" for a file in no class folder.
        uneven: files lie at different depths, so that the class was counted from the top.
    """

    columns: dict[int, list[str]]
    chosen: int
    runner_up: int
    classes: list[str]
    uneven: bool = False


def find_levels(paths: Sequence[Folders], splits: set[str], said: int | None = None) -> Levels:
    """Levels that could be the class, and the one that is taken.

    Args:
        paths: folders of every file, outermost first.
        splits: names of folders that are splits.
        said: the level that the person says; one above a path's folders is its outermost.
    """
    kept = [[(len(path) - at, name) for at, name in enumerate(path) if name not in splits] for path in paths]
    kept = _without_roots(kept)
    if said is not None:
        return _said(paths, kept, said)
    kept = _without_roots(_without_containers(kept, paths))
    full = [row for row in kept if row]
    if not full:
        return Levels({}, 0, 0, [""] * len(paths))
    if len({len(row) for row in full}) > 1:
        if _alike_around_files(full):
            top = max(len(row) for row in full)
            return Levels(_columns(kept), 1, top, [row[-1][1] if row else "" for row in kept])
        top = max(row[0][0] for row in full)
        return Levels(
            _columns(kept), top, min(row[-1][0] for row in full), [row[0][1] if row else "" for row in kept], True
        )
    steps = range(1, len(full[0]) + 1)  # from the file upwards, splits and containers not counted
    several = [step for step in steps if len({row[-step][1] for row in full}) > 1] or [1]
    step = _choose(full, several)
    second = next((one for one in (*several[several.index(step) + 1 :], *reversed(several)) if one != step), 0)
    return Levels(
        _columns(kept),
        _level(full, step),
        _level(full, second) if second else 0,
        [row[-step][1] if row else "" for row in kept],
    )


def _alike_around_files(full: list["_Kept"]) -> bool:
    """Whether folders around files have the same names at every depth, as where a folder was packed into itself."""
    by_depth: dict[int, set[str]] = defaultdict(set)
    for row in full:
        by_depth[len(row)].add(row[-1][1])
    first, *others = by_depth.values()
    return len(first) > 1 and all(other == first for other in others)


_Kept = list[tuple[int, str]]  # (level, name) of the folders of a file, outermost first


def _said(paths: Sequence[Folders], kept: list[_Kept], said: int) -> Levels:
    tops = [row[0][0] if row else 0 for row in kept]
    classes = [path[-min(said, top)] if top else "" for path, top in zip(paths, tops, strict=True)]
    return Levels(_columns(kept), said, 0, classes)


def _without_roots(kept: list[_Kept]) -> list[_Kept]:
    """Without outermost folders that all files share, unless nothing would be left."""
    while True:
        full = [row for row in kept if row]
        if len({row[0][1] for row in full}) != 1 or max(map(len, full)) < 2:
            return kept
        kept = [row[1:] for row in kept]


def _without_containers(kept: list[_Kept], paths: Sequence[Folders]) -> list[_Kept]:
    """Without folders such as `images` that stand alone in theirs."""
    children: dict[Folders, set[str]] = defaultdict(set)
    for path in set(paths):
        for at, name in enumerate(path):
            children[path[:at]].add(name)

    def stands_alone(path: Folders, level: int, name: str) -> bool:
        return name.lower() in _CONTAINERS and len(children[path[: len(path) - level]]) == 1

    return [[one for one in row if not stands_alone(path, *one)] for row, path in zip(kept, paths, strict=True)]


def _columns(kept: list[_Kept]) -> dict[int, list[str]]:
    by_file = [dict(row) for row in kept]
    levels = sorted({level for row in by_file for level in row})
    columns = {level: [row.get(level, "") for row in by_file] for level in levels}
    return {level: names for level, names in columns.items() if len(set(names)) > 1}


def _level(full: list[_Kept], step: int) -> int:
    return Counter(row[-step][0] for row in full).most_common(1)[0][0]


def _choose(full: list[_Kept], several: list[int]) -> int:
    """The lowest step that names a class rather than a part of one, of those that have several names."""
    for step, upper in itertools.pairwise(several):
        names, above = ([row[-one][1] for row in full] for one in (step, upper))
        if not (_shared(names, above, is_top=upper == several[-1]) or _names_things(names, above)):
            return step
    return several[-1]


def _shared(names: list[str], above: list[str], is_top: bool) -> bool:
    """Whether the folders above have the same folders inside, which are views of a class then, not classes.

    Many classes in a few variants of the whole (colour and grey, two cameras) are not such, nor classes below what is
    on top and called a variant, a fold or a subject.
    """
    parents: dict[str, set[str]] = defaultdict(set)
    for name, parent in zip(names, above, strict=True):
        parents[name].add(parent)
    in_several = sum(len(parents[name]) > 1 for name in names)
    variants = (is_top and _part_a_whole(set(above), set(names))) or len(parents) > 2 * len(set(above))
    return in_several > len(names) / 2 and (not variants or _like_subjects(names))


def _part_a_whole(above: set[str], names: set[str]) -> bool:
    """Whether folders are of variants, folds or subjects, by their names, each with the classes inside."""
    numbered = all(map(_NUMBER.fullmatch, above)) and not any(map(_NUMBER.fullmatch, names))
    return numbered or all(_VARIANTS.fullmatch(one) or _FOLD.fullmatch(one) or is_subject(one) for one in above)


def _names_things(names: list[str], above: list[str]) -> bool:
    """Whether folders are subjects, or so many that each holds a few files only."""
    few = len(names) < _FEW_FILES * len(set(names)) and len(set(names)) > 3 * len(set(above))
    return few or _like_subjects(names)


def _like_subjects(names: list[str]) -> bool:
    return all(map(is_subject, set(names)))


def is_subject(name: str) -> bool:
    """Whether a name is that of a patient, a speaker or such, with its number."""
    return len(name) <= _LONGEST and _SUBJECT.fullmatch(name) is not None


def is_shard(names: set[str]) -> bool:
    """Whether folders only part a heap of files: `part_1` and `part_2`, or `images` and `more_images`."""
    words = {word for one in names for word in re.findall(r"[a-z]+", one.lower())}
    return bool(words & (_CONTAINERS | _PARTS)) or any(role_of(one) for one in names)
