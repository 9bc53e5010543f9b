"""What may be said about reuse of source knowledge, and what has to be said before the numbers."""

from typing import Any

from pages.ui import launch, session
from xmodal_core.errors import XModalError
from xmodal_core.runs.rundir import RunDir

NEEDED = {  # roles of the verdict
    "A": "of full fine-tuning",
    "C": "from scratch",
    "S": "of random weights with pretrained statistics",
}


def reuse_sentence(run: RunDir) -> str:
    """The verdict's sentence from all finished runs on the data and body of this one, or which arms are missing."""
    from xmodal_core.verdict.export import export

    answer = export(_beside(run))["verdict"]
    missing = [words for role, words in NEEDED.items() if role not in answer["arms"]]
    if missing:
        return (
            "Whether source knowledge is of use to the target is not known: these data and this body have no finished "
            f"run {_listed(missing)}; the Compare page launches them."
        )
    return str(answer["reuse"]) or (
        "Pretrained weights are not shown to be better than random ones on these data, so there is no gain that reuse "
        "of knowledge could explain; the Compare page has the contrasts."
    )


def stage_note(run: RunDir) -> str:
    """That a look ahead equals embedder pre-training, where its meta-gradient did nothing; else empty."""
    from xmodal_core.reuse.measure import note

    return note(run, launch.plan(run).method)


def _beside(run: RunDir) -> list[RunDir]:
    """Finished runs on the same data (content, not name) and body, judged by the same score."""
    own = _subject(run.result() or {})
    found = []
    for other in session.runs():
        try:
            result = other.result()
        except XModalError:
            continue
        if result is not None and _subject(result) == own:
            found.append(other)
    return found


def _subject(result: dict[str, Any]) -> tuple[Any, ...]:
    from xmodal_core.verdict.results import score_name

    try:
        return result["target"]["hash"], result["spec"]["body"], result["spec"].get("train_rows", 0), score_name(result)
    except (KeyError, TypeError):
        return ()


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
