"""Which folders of a path say train, val or test, wherever in the path they stand."""

import re
from collections import defaultdict
from collections.abc import Sequence

from xmodal_core.data.splitting import split_word

_MOST_SPLITS = 20  # more folders that are called train 1, train 2 ... are classes
Folders = tuple[str, ...]  # of one file, outermost first


def role_of(name: str) -> str | None:
    """Train, val or test where a name says so in any spelling (`Training_Set`, `trainLabels`), else None."""
    return split_word(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name))


def split_folders(paths: Sequence[Folders]) -> set[str]:
    """Names of the folders that are splits.

    Two roles make a split. A folder that has a word for a role among others (`seg_train`) counts where such names are
    most of those beside it, so that a class called "test tube" stays one. A lone `train` counts where only
    it has folders inside, and the others hold files that are not sorted.
    """
    roles = {name: role for path in paths for name in path if (role := role_of(name)) is not None}
    found = {name for name in roles if _plain(name)}
    for names in _siblings(paths):
        if _most(names, roles):
            found |= names & roles.keys()
    if len({roles[name] for name in found}) >= 2:
        return found
    if {roles[name] for name in found} == {"train"} and len(found) <= _MOST_SPLITS:
        return {name for name in found if _alone_is_sorted(paths, name)}
    return set()


def _plain(name: str) -> bool:
    return len(re.findall(r"[A-Za-z]+", name)) == 1


def _most(names: set[str], roles: dict[str, str]) -> bool:
    return 2 * len(names & roles.keys()) > len(names)


def _siblings(paths: Sequence[Folders]) -> list[set[str]]:
    children: dict[Folders, set[str]] = defaultdict(set)
    for path in set(paths):
        for depth, name in enumerate(path):
            children[path[:depth]].add(name)
    return list(children.values())


def _alone_is_sorted(paths: Sequence[Folders], name: str) -> bool:
    """Whether this folder holds folders and every one beside it holds files directly."""
    inside = [path[path.index(name) :] for path in paths if name in path]
    beside = {path[path.index(name) - 1] if path.index(name) else None for path in paths if name in path}
    others = [path for path in paths if name not in path]
    depths = {len(path) for path in others}
    above = {len(path) - len(path[path.index(name) :]) for path in paths if name in path}
    return (
        bool(others) and len(beside) == len(above) == 1 and min(map(len, inside)) >= 2 and depths == {above.pop() + 1}
    )
