"""What a specification can be refused for before torch is loaded, which takes longer than anybody waits for a typo."""

from typing import Any

from xmodal_core.model.bodies import check_located
from xmodal_core.values import parse_json

WITHOUT_BODY = frozenset({"simple"})  # methods whose runs only name a body; METHODS knows, but brings torch


def check_ahead(text: str) -> None:
    """Refuse the JSON of a run whose body cannot be had; whatever else is wrong with it is for `spec_from_json` to say.

    Raises:
        ModelError: see `check_located`.
    """
    try:
        values: Any = parse_json(text)
    except ValueError:
        return
    body = values.get("body") if isinstance(values, dict) else None
    if isinstance(body, str) and body and values.get("method") not in WITHOUT_BODY:
        check_located(body)
