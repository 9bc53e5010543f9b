"""`--model`: settings of the model on the command line."""

from collections.abc import Sequence

from xmodal_core.errors import SettingsError


def parsed(assignments: Sequence[str]) -> dict[str, str]:
    """What `--model` said, in any number of times: names and values.

    Raises:
        SettingsError: it is no NAME=VALUE, or there is no such setting or value.
    """
    from xmodal_core.model.settings import model_settings

    settings = {}
    for text in ",".join(assignments).split(",") if assignments else []:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not (name and equals and value):
            raise SettingsError(f"--model got {text!r}, expected NAME=VALUE, for instance positions=after.")
        settings[name] = value
    model_settings(settings, "--model")
    return settings
