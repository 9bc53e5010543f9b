"""Every error a user can cause, as one tree.

    XModalError                 its text is shown as it stands: found, expected, what to do
    ├── DataError               a file or data set cannot be used
    ├── SettingsError           a setting, a name or a specification is out of its range
    ├── ModelError              a pretrained body cannot be loaded, or does not fit the data
    ├── RunError                a run directory is missing, damaged or in the wrong state
    ├── StorageError            the system refuses to keep a file; an OSError, too
    └── ReadOnlyError           a workspace may be looked at and not changed; an OSError, too

Anything else that escapes is a defect of ours and keeps its traceback.
"""


class XModalError(Exception):
    """Base of all errors whose text is meant for the person at the screen."""


class DataError(XModalError):
    """The file or data set cannot be used as it is."""


class SettingsError(XModalError):
    """A setting, a name or a specification is not one that can be run."""


class ModelError(XModalError):
    """The pretrained body cannot be loaded, or cannot take this modality."""


class RunError(XModalError):
    """The run directory is missing, damaged, or not in a state for this request."""


class StorageError(XModalError, OSError):
    """The system refuses to keep or open a file: a full disk, a quota, no permission, too many files."""


class ReadOnlyError(XModalError, OSError):
    """The workspace may be looked at and not changed; an OSError, so that what only saves time is gone without."""
