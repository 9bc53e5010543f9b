"""What the names of arrays usually mean, in any case and spelling: `X_train`, `trainImages`, `test/labels`, `fs`."""

import re
from dataclasses import dataclass

from xmodal_core.data.splitting import split_word

SAMPLES = (
    *(
        "x",
        "data",
        "dataset",
        "images",
        "image",
        "imgs",
        "img",
        "samples",
        "sample",
        "features",
        "inputs",
        "input",
        "series",
    ),
    *("signals", "signal", "sequences", "sequence", "texts", "text", "sentences", "embeddings", "embedding", "spectra"),
    *("fea", "feats", "feature", "seq", "seqs", "epochs", "input_ids", "arr_0", "nu", "coeff", "a"),
)
LABELS = (
    *("y", "label", "labels", "target", "targets", "classes", "class", "outputs", "output", "gnd", "gt"),
    *("ground_truth", "masks", "mask", "arr_1", "tensor", "sol", "u", "events"),
)
NAMES = (
    "class_names",
    "classnames",
    "label_names",
    "labelnames",
    "target_names",
    "class_labels",
    "names",
    "list_classes",
    "classes",
)
MORE_NAMES = (*NAMES, "labels", "label")  # names of classes where another array holds the labels
SPLITS = ("split", "splits", "subset", "partition", "set")
FOLDS = ("fold", "folds", "cv_fold", "split_fold", "strat_fold", "kfold", "fold_id")
INDICES = ("idx", "index", "indices", "inds", "ind", "ids", "rows", "")
MASKS = ("mask", "masks", "is", "", "flag")
GROUPS = (
    *("group", "groups", "subject", "subjects", "subject_id", "subject_ids", "patient", "patients", "patient_id"),
    *("patient_ids", "participant", "participants", "participant_id", "person", "speaker", "speakers", "group_id"),
    *("group_ids", "subj", "user", "user_id"),
)
PERHAPS_GROUPS = (
    "session",
    "sessions",
    "cluster",
    "clusters",
    "site",
    "batch",
    "recording",
    "video",
    "scene",
    "family",
)
TIMES = ("time", "times", "timestamp", "timestamps", "date", "dates", "datetime", "year")
RATES = (
    *("sampling_rate_hz", "sampling_rate", "samplingrate", "sample_rate", "samplerate", "fs", "sfreq", "rate", "sr"),
    *("sampling_frequency", "srate", "freq"),
)
FEATURES = ("feature_names", "features", "columns", "column_names", "feature", "var_names", "variables")
CATEGORIES = ("is_categorical",)
HARMLESS = re.compile(
    r"(^|_)(id|ids|uid|uids|idx|index|indices|len|length|lengths|name|names|file|files|filename|filenames|path|paths|"
    r"url|urls|key|keys|dup|split|splits|fold|folds|order|number)(_|$)|^(attention_mask|token_type_ids)$"
)
_GLUED = re.compile(r"^(train|test|valid|val|tr|te)?(x|y)(train|test|valid|val|tr|te)?$")
_SHORT = {"te": "test", "tr": "train"}


@dataclass(frozen=True)
class Said:
    """What a name says.

    Attributes:
        split: train, val or test, None for all rows.
        base: the rest of the name in lower case, words joined by underscores; "" where nothing is left.
    """

    split: str | None
    base: str


def parse(name: str) -> Said:
    """Split and rest of a name; folders of a path count for the split alone."""
    *folders, last = name.strip("/").split("/")
    words = [word for word in re.split(r"[^a-z0-9]+", _uncamelled(last).lower()) if word]
    if len(words) == 1 and (glued := _GLUED.match(words[0])) and (glued[1] is None) != (glued[3] is None):
        words = [glued[2], glued[1] or glued[3]]
    words = [_SHORT.get(word, word) for word in words]
    splits = [word for word in words if split_word(word)]
    rest = [word for word in words if word not in (*splits, "set")]
    if splits and rest:  # `train_set_x` is the same as `train_x`
        words = [word for word in words if word != "set"]
    base = "_".join(word for word in words if word not in splits)
    found = {split_word(word) for word in splits}
    if not found:
        found = {split for folder in folders if (split := split_word(folder))}
    if len(found) == 1:
        return Said(found.pop(), base)
    return Said(None, "_".join(words))


def _uncamelled(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
