"""Settings of a model in words."""

from collections.abc import Mapping

BEFORE = "model of before"
_COMPATS = {"earlier": BEFORE, "released": "model as released by ORCA"}


def in_words(settings: Mapping[str, str]) -> str:
    """Settings by name, for instance "model of before, readout flat"; empty where there are none, or nothing is said.

    Args:
        settings: as they were said, or resolved; `compat` that is ours goes without saying.
    """
    compat = _COMPATS.get(settings.get("compat", ""), "")
    said = [f"{name} {value}" for name, value in settings.items() if name != "compat"]
    return ", ".join([compat] * bool(compat) + said)


def of_report(body: str, model: Mapping[str, str] | None) -> str:
    """The model of a stored gap report; one that was written before there were settings had the model of before."""
    if not body:
        return ""
    return BEFORE if model is None else in_words(model)
