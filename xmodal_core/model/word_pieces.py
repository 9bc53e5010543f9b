"""The word pieces of a text, for whoever shows them: by the tokenizer's own file, without torch."""

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from xmodal_core.model.bodies import MINILM_HUB_ID, minilm_folder
from xmodal_core.model.folder import addressed

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_FILE = "tokenizer.json"


def word_pieces(body: str, text: str, most: int) -> list[str]:
    """A text as a body reads it, its marks of beginning and end included.

    Args:
        body: a name in `BODIES`, a local folder or an id that was fetched before.
        text: to cut.
        most: word pieces.

    Returns:
        at most so many; empty where the body has no such file on this machine.
    """
    path = _file(body)
    if path is None:
        return []
    tokenizer = _read(str(path))
    tokenizer.no_padding()
    tokenizer.enable_truncation(most)
    return list(tokenizer.encode(text).tokens)


def _file(body: str) -> Path | None:
    folder = minilm_folder() if body == "minilm" else Path(addressed(body)[0])
    if folder is not None and (folder / _FILE).is_file():
        return folder / _FILE
    from huggingface_hub import try_to_load_from_cache

    name = MINILM_HUB_ID if body == "minilm" else addressed(body)[0]
    try:
        kept = try_to_load_from_cache(name, _FILE)
    except ValueError:  # a name that is no id
        return None
    return Path(kept) if isinstance(kept, str) else None


@lru_cache(maxsize=4)
def _read(path: str) -> "Tokenizer":
    from tokenizers import Tokenizer

    return Tokenizer.from_file(path)
