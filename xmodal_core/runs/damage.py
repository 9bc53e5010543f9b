"""What is wrong with a run's files, in a sentence with what can be done: a damaged run is shown, and hides no other."""

from collections.abc import Iterable

from xmodal_core.errors import XModalError
from xmodal_core.runs.rundir import RunDir

_LONGEST = 250


def damage(run: RunDir) -> str | None:
    """Why a run cannot be shown or compared, and what to do; None where all is well. Imports no torch."""
    try:
        _specification(run)
    except (XModalError, OSError, ValueError) as error:
        return f"Run {run.path.name} cannot be read: {_plainly(error)} Its folder can be removed."
    try:
        run.result()
    except XModalError as error:
        on = "start it again to have it evaluated anew" if run.checkpoint.is_file() else "start it again"
        return f"The result of run {run.path.name} cannot be read: {_plainly(error)} Open it and {on}."
    return None


def damaged(runs: Iterable[RunDir]) -> list[str]:
    """One sentence for each of these runs that is damaged."""
    return [sentence for run in runs if (sentence := damage(run)) is not None]


def _specification(run: RunDir) -> None:
    from xmodal_core.runs.spec import spec_from_json

    spec_from_json((run.path / "spec.json").read_text(encoding="utf-8"))


def _plainly(error: Exception) -> str:
    text = "its spec.json is no text" if isinstance(error, UnicodeDecodeError) else " ".join(str(error).split())
    text = text.split("; start the run again")[0].rstrip(".")
    return f"{text if len(text) <= _LONGEST else text[: _LONGEST - 1] + '…'}."
