"""`workspace`: take a workspace away in one file, take one in, let it know that it was moved, and make room."""

import argparse
from collections.abc import Callable
from pathlib import Path

from xmodal_core.commands.answer import Answer
from xmodal_core.errors import SettingsError
from xmodal_core.files import replacing, storing

_GIB = 1 << 30
_HELP = (
    "size: how large it is; export: write it to FILE.zip; import: add what FILE.zip holds, what is there stays; "
    "relocate: let it know that its folder was moved; room: give up weights, then whole runs, oldest first, until it "
    "is below the quota, but nothing that runs, can go on or is pinned"
)


def add(parser: argparse.ArgumentParser) -> None:
    """What it takes."""
    parser.add_argument(
        "action", choices=list(_ACTIONS), help="; ".join(f"{n}: {a.__doc__}" for n, a in _ACTIONS.items())
    )
    parser.add_argument("file", nargs="?", metavar="FILE.zip", help="of export and import")
    parser.add_argument("--workspace", default="default", metavar="NAME", help="its name, or the path of its folder")
    parser.add_argument(
        "--weights", action="store_true", help="export checkpoints, too, so that runs can go on elsewhere"
    )
    parser.add_argument("--quota", type=float, default=10.0, metavar="GIB", help="of room: what the workspace may take")
    parser.add_argument("--dry-run", action="store_true", help="of room: only tell what would go")


def workspace(options: argparse.Namespace) -> Answer:
    """Do it, and say what was done."""
    return _ACTIONS[options.action](options)


def _size(options: argparse.Namespace) -> Answer:
    """How large it is."""
    from xmodal_core.workspace.room import sizes

    found = sizes(_folder(options))
    lines = [f"{kind:12} {_in_words(n)}" for kind, n in found.items()]
    return Answer(found, "\n".join([*lines, f"{'all':12} {_in_words(sum(found.values()))}"]))


def _export(options: argparse.Namespace) -> Answer:
    """Write it to FILE.zip."""
    from xmodal_core.workspace.bundle import pack

    path = _file(options)
    with replacing(path) as stream:
        n = pack(_folder(options), stream, weights=options.weights)
    return Answer({"files": n, "bytes": path.stat().st_size}, f"{n} files, {_in_words(path.stat().st_size)}, in {path}")


def _import(options: argparse.Namespace) -> Answer:
    """Add what FILE.zip holds; what is there stays."""
    from xmodal_core.workspace.bundle import take_in

    path = _file(options)
    if not path.is_file():
        raise SettingsError(f"{path} is no file, expected an exported workspace; give its path.")
    with storing(), path.open("rb") as stream:
        taken = take_in(stream, _folder(options, must_be=False))
    return Answer(
        {"files": taken.files, "there": taken.there}, f"{taken.files} files came in, {taken.there} were there already"
    )


def _relocate(options: argparse.Namespace) -> Answer:
    """Let it know that its folder was moved."""
    from xmodal_core.workspace.places import relocate

    n = relocate(_folder(options))
    return Answer({"changed": n}, f"{n} files name their uploads where they are now")


def _room(options: argparse.Namespace) -> Answer:
    """Give up weights, then whole runs, oldest first, until it is below the quota."""
    from xmodal_core.workspace.room import make_room

    if not 0 <= options.quota < 1e6:
        raise SettingsError(f"--quota is {options.quota:g}, expected gibibytes from 0 to 1000000; give another.")
    given = make_room(_folder(options), int(options.quota * _GIB), really=not options.dry_run)
    would = "would go" if options.dry_run else "went"
    text = (
        f"weights of {len(given.weights)} runs and {len(given.runs)} whole runs {would}, {_in_words(given.freed)}; "
        f"{_in_words(given.left)} are left"
    )
    return Answer(
        {"weights": list(given.weights), "runs": list(given.runs), "freed": given.freed, "left": given.left}, text
    )


_ACTIONS: dict[str, Callable[[argparse.Namespace], Answer]] = {
    "size": _size,
    "export": _export,
    "import": _import,
    "relocate": _relocate,
    "room": _room,
}


def _folder(options: argparse.Namespace, must_be: bool = True) -> Path:
    from xmodal_core.data.store import cache_root

    named = Path(options.workspace).expanduser()
    folder = named if len(named.parts) > 1 else cache_root().resolve() / "workspaces" / options.workspace
    if must_be and not folder.is_dir():
        raise SettingsError(f"{folder.name} is no workspace, expected its name or the path of its folder; check it.")
    return folder


def _file(options: argparse.Namespace) -> Path:
    if options.file is None:
        raise SettingsError(f"workspace {options.action} has no file, expected FILE.zip; name one.")
    return Path(options.file)


def _in_words(n: int) -> str:
    return f"{n / _GIB:.2f} GiB" if n >= _GIB else f"{n / (1 << 20):.1f} MiB"
