"""`FileIndex`: which file a cell of a list means, in a time that does not grow with the number of files."""

import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import PurePosixPath

from xmodal_core.data.readers.files.splits import role_of
from xmodal_core.data.readers.files.tree import Entry

_OTHER_SUFFIX = re.compile(r"\.(0|[a-z]\w{1,4})")
_MOST_ALIKE = 50  # files of one name; a name that more files share means none of them


class FileIndex:
    """Files by their whole path and by its end, with and without suffix, in small letters; 7 is 00007.jpg, too."""

    def __init__(self, files: Sequence[Entry]) -> None:
        self._paths = [PurePosixPath(str(one.path).lower()) for one in files]
        self._roles = [next(filter(None, map(role_of, reversed(one.path.parent.parts))), None) for one in files]
        self._by_path: dict[str, int] = {}
        self._by_end: dict[str, list[int]] = defaultdict(list)
        self._by_number: dict[int, list[int]] = defaultdict(list)
        for at, path in enumerate(self._paths):
            for name in {path.name, path.stem}:
                self._by_path[str(path.parent / name)] = at
                self._by_end[name].append(at)
                self._by_end[f"{path.parent.name}/{name}"].append(at)
            if path.stem.isdecimal():
                self._by_number[int(path.stem)].append(at)

    def find(self, cell: str, beside: PurePosixPath) -> int | None:
        """The one file that a cell names, None where there is none or no telling which.

        Args:
            cell: a path, or the end of one; the suffix may be missing.
            beside: path of the list, whose folder and whose name (`test.csv`) tell files of one name apart.
        """
        path = PurePosixPath(cell.replace("\\", "/").lower())
        if not path.name:
            return None
        at = self._by_path.get(str(PurePosixPath(str(beside.parent).lower()) / path))
        if at is not None:
            return at
        wanted = [part for part in path.parts if part not in ("/", ".", "..")]
        near = self._by_end.get("/".join(wanted[-2:]), [])
        if not near and len(self._by_end.get(path.name, [])) == 1:  # an old folder, a name of its own
            near = self._by_end[path.name]
        elif len(wanted) > 2:
            near = [at for at in near[:_MOST_ALIKE] if self._ends(at, wanted)] or near
        if not near and _OTHER_SUFFIX.fullmatch(path.suffix):  # saved in another format, or a number that got a point
            near = self._by_end.get("/".join([*wanted[-2:-1], path.stem]), [])
        if not near and len(wanted) == 1 and cell.isdecimal():
            near = self._by_number.get(int(cell), [])
        if len(near) > _MOST_ALIKE:
            return None
        around = str(beside.parent).lower() + "/"
        near = [at for at in near if str(self._paths[at]).startswith(around)] or near
        return self._of_role(near, role_of(beside.stem))

    def _ends(self, at: int, wanted: list[str]) -> bool:
        return list(self._paths[at].parts[-len(wanted) : -1]) == wanted[:-1]

    def _of_role(self, near: list[int], role: str | None) -> int | None:
        """The only one, or the only one of the list's split, or the only one of no split."""
        for wanted in (role or "train", None):
            if len(near) > 1:
                near = [at for at in near if self._roles[at] == wanted] or near
        return near[0] if len(near) == 1 else None
