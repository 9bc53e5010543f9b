"""Rooms: a code, anonymous answers as lines of a file, and what the teacher has revealed.

    classes/CODE/room.json      when it was made, the hash of the teacher's key, steps that are revealed
    classes/CODE/answers.jsonl  {"who": "...", "tour": "gap", "step": 2, "choice": 1}, only ever appended

No name and no address is kept: `who` is a hash of a random name of the student's own desk. The first answer of a desk
to a step counts, as a locked answer should.
"""

import hashlib
import hmac
import json
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from xmodal_core.classroom.tour import TOURS
from xmodal_core.data.store import cache_root
from xmodal_core.errors import SettingsError
from xmodal_core.files import append_whole, replace_file

CLASS_VARIABLE = "XMODAL_CLASS"
CODE = re.compile(r"[BCDFGHJKLMNPQRSTVWXZ]{6}")
MAX_ROOMS = 200
MAX_BYTES = 256 * 1024  # of a room's answers: some three thousand
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"  # no vowels: no words; no letter that is read for another
_WHO = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True)
class _Kept:
    key: str = ""
    revealed: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Room:
    """A class that answers together.

    Attributes:
        code: what students type.
        folder: of its files.
    """

    code: str
    folder: Path

    def answer(self, desk: str, tour: str, step: int, choice: int) -> bool:
        """Keep an answer; whether it is the desk's first to this step, which is the one that counts.

        Args:
            desk: any text that tells one student's browser from another's; only its hash is kept.
            tour: a key of `TOURS`.
            step: from 1.
            choice: number of the answer, from 0.

        Raises:
            SettingsError: there is no such step or answer, or the room is full.
            StorageError: the disk is full.
            OSError: the file cannot be written.
        """
        _check(tour, step, choice)
        who = hashlib.blake2b(f"{self.code}/{desk}".encode(), digest_size=8).hexdigest()
        line = json.dumps({"who": who, "tour": tour, "step": step, "choice": choice}) + "\n"
        path = self.folder / "answers.jsonl"
        with FileLock(self.folder / "answers.lock"):  # the size is looked at and the line written in one go
            if any(each[:3] == (who, tour, step) for each in self._answers()):
                return False
            size = path.stat().st_size if path.exists() else 0
            if size + len(line) > MAX_BYTES:
                raise SettingsError(f"room {self.code} is full: {size} bytes of answers; open a new one.")
            append_whole(path, line.encode())
        return True

    def counts(self, tour: str, step: int) -> list[int]:
        """How many desks chose each answer of a step, in the order of the answers."""
        found = [0] * len(TOURS[tour][step - 1].answers)
        first: dict[str, int] = {}
        for who, name, number, choice in self._answers():
            if (name, number) == (tour, step):
                first.setdefault(who, choice)
        for choice in first.values():
            found[choice] += 1
        return found

    def desks(self) -> int:
        """How many desks have answered anything."""
        return len({who for who, *_ in self._answers()})

    def reveal(self, key: str, tour: str, step: int) -> None:
        """Let the board show which answer of a step is right.

        Raises:
            SettingsError: it is not the key of the room's teacher.
        """
        if not self.is_teacher(key):
            raise SettingsError("the key is not this room's, expected the teacher's; use the link that made the room.")
        with FileLock(self.folder / "answers.lock"):
            kept = self._read()
            revealed = sorted({*kept.revealed, f"{tour}-{step}"})
            replace_file(self.folder / "room.json", json.dumps({"key": kept.key, "revealed": revealed}))

    def is_revealed(self, tour: str, step: int) -> bool:
        """Whether the teacher has revealed a step."""
        return f"{tour}-{step}" in self._read().revealed

    def is_teacher(self, key: str) -> bool:
        """Whether this is the key that came with the room."""
        return hmac.compare_digest(_hash(key), self._read().key)

    def _read(self) -> "_Kept":
        try:
            values = json.loads((self.folder / "room.json").read_text(encoding="utf-8"))
            return _Kept(str(values["key"]), frozenset(map(str, values["revealed"])))
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            return _Kept()

    def _answers(self) -> Iterator[tuple[str, str, int, int]]:
        """Whole and sound answers, in the order in which they came; whatever else stands in the file is passed over."""
        try:
            lines = (self.folder / "answers.jsonl").read_bytes().splitlines()
        except OSError:
            return
        for line in lines:
            try:
                values = json.loads(line)
                who, tour, step, choice = (values[name] for name in ("who", "tour", "step", "choice"))
                _check(tour, step, choice)
            except (ValueError, TypeError, KeyError, RecursionError, SettingsError):
                continue
            if isinstance(who, str) and _WHO.fullmatch(who):
                yield who, tour, step, choice


def is_class_server(environment: Mapping[str, str]) -> bool:
    """Whether the operator has said that this server serves a class."""
    return environment.get(CLASS_VARIABLE, "").strip().lower() in ("1", "true", "yes", "on")


def open_new() -> tuple[Room, str]:
    """A new room, and the key of its teacher, which is kept nowhere.

    Raises:
        SettingsError: there are too many rooms.
        OSError: the folder cannot be written.
    """
    root = _root()
    if len(list(root.glob("*/room.json"))) >= MAX_ROOMS:
        raise SettingsError(f"there are {MAX_ROOMS} rooms already; delete old folders in {root.name} of XMODAL_HOME.")
    while True:
        code = "".join(secrets.choice(_LETTERS) for _ in range(6))
        folder = root / code
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        key = secrets.token_urlsafe(12)
        replace_file(folder / "room.json", json.dumps({"key": _hash(key), "revealed": []}))
        return Room(code, folder), key


def room(code: str | None) -> Room | None:
    """The room of a code, as typed in capitals or not; None where there is none."""
    name = (code or "").strip().upper()
    folder = _root() / name
    return Room(name, folder) if CODE.fullmatch(name) and (folder / "room.json").is_file() else None


def new_desk() -> str:
    """A random name of a workspace, which nobody else guesses."""
    return f"desk-{secrets.token_hex(8)}"


def _root() -> Path:
    return Path(os.path.abspath(cache_root())) / "classes"


def _hash(key: str) -> str:
    return hashlib.blake2b(key.encode(), digest_size=16).hexdigest()


def _check(tour: object, step: object, choice: object) -> None:
    steps = TOURS.get(tour) if isinstance(tour, str) else None
    if steps is None:
        raise SettingsError(f"tour is {str(tour)[:40]!r}, expected one of {', '.join(TOURS)}.")
    if type(step) is not int or not 1 <= step <= len(steps):
        raise SettingsError(f"step is {str(step)[:40]!r}, expected a number from 1 to {len(steps)}.")
    if type(choice) is not int or not 0 <= choice < len(steps[step - 1].answers):
        raise SettingsError(f"choice is {str(choice)[:40]!r}, expected a number below {len(steps[step - 1].answers)}.")
