"""`--out`: where a command writes a file, refused in one sentence before anything is computed for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from xmodal_core.errors import SettingsError


def out_path(text: str, read: Path, suffixes: tuple[str, ...]) -> Path:
    """The file to write.

    Args:
        text: what `--out` was given.
        read: the file that is read, which is never written over.
        suffixes: how the name may end.

    Raises:
        SettingsError: another suffix, a folder, or the file that is read.
    """
    out = Path(text).expanduser()
    if out.suffix.lower() not in suffixes:
        raise SettingsError(
            f"--out is {out.name!r}, expected a name that ends in {' or '.join(suffixes)}; give such a name."
        )
    if out.is_dir():
        raise SettingsError(f"--out is {out.name!r}, which is a folder, expected a file; give another name.")
    if read.is_file() and out.exists() and out.samefile(read):
        raise SettingsError(f"--out is the file that is read, {read.name!r}; give another name.")
    return out


@contextmanager
def writing(out: Path) -> Iterator[None]:
    """What is written in the block could not be: one sentence.

    Raises:
        SettingsError: the folder cannot be written, or the disk is full.
    """
    try:
        yield
    except OSError as error:
        raise SettingsError(
            f"--out {out.name!r} cannot be written ({error.strerror or error}); choose another folder."
        ) from error
