"""Which bodies may be asked for: on a shared server those that ship and those that its operator names."""

import os

from xmodal_core.errors import ModelError
from xmodal_core.sharing import is_shared

ALLOWED = "XMODAL_BODIES"  # ids and folders, separated by commas


def named_by_the_operator() -> tuple[str, ...]:
    """Bodies beside those that ship which a shared server offers; none on a machine of one's own."""
    if not is_shared(os.environ):
        return ()
    return tuple(filter(None, (name.strip() for name in os.environ.get(ALLOWED, "").split(","))))


def is_allowed(name: str) -> bool:
    """Whether a body that does not ship may be looked for: a folder tells by its refusals what lies on the disk."""
    return not is_shared(os.environ) or bool({name, name.rpartition("#")[0]} & set(named_by_the_operator()))


def check_allowed(name: str) -> None:
    """Refuse a body that nobody here may ask for.

    Raises:
        ModelError: this is a shared server, and its operator has not named it.
    """
    if not is_allowed(name):
        raise ModelError(
            f"{name}: this server offers the networks that ship and those that its operator has named; choose one of "
            "them, or run the program on a machine of your own."
        )
