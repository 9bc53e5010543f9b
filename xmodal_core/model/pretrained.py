"""A folder to a transformers encoder, with nothing left to chance.

transformers fills what a file lacks with random numbers and goes on. Here every weight of the body is in the files
with its shape, is a finite number, and is in single precision; else the load is refused. What the files have beside
(a pooler, the head of a classifier, the token of a mask) is left behind. Remote code is never run.
"""

import functools
import logging
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
import transformers

from xmodal_core.data.dataset import Modality
from xmodal_core.errors import ModelError
from xmodal_core.model.config_limits import check_size
from xmodal_core.model.families import FAMILIES
from xmodal_core.model.families.base import Family
from xmodal_core.model.folder import title
from xmodal_core.model.image_scale import ImageScale
from xmodal_core.model.preprocessor import image_crop, image_scale
from xmodal_core.model.seeding import alone
from xmodal_core.model.stochastic_depth import checked_rate
from xmodal_core.model.stored import read_config
from xmodal_core.model.weight_files import stored_weights

_STOCHASTIC_DEPTH = "drop_path_rate"
_NAMED = 3  # weights that a sentence names
_PROBE = "A word, \u2603 and xyzzy 42."  # words that it may know and a sign that it does not


@dataclass(frozen=True, eq=False)
class Pretrained:
    """What a folder gives.

    Attributes:
        transformer: the transformers model in float32, without pooler or head and with dropout off.
        tokenizer: of a text body; None for images.
        image_scale: of an image body.
        drop_path_rate: stochastic depth of the last block in training, as the configuration says.
    """

    transformer: Any
    tokenizer: Any = None
    image_scale: ImageScale = field(default_factory=ImageScale)
    drop_path_rate: float = 0.0


def load_folder(folder: Path, tower: str = "") -> Pretrained:
    """The body of a folder that passed `check_folder`.

    Raises:
        ModelError: its configuration is none that transformers takes; weights are missing, of another shape or not
            finite; the tokenizer does not fit.
    """
    name, (family, described) = title(folder), read_config(folder, tower)
    with alone(), _own_words(name):
        config = transformers.AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        config = config if config.model_type == family.model_type else getattr(config, family.part)
        said = getattr(config, _STOCHASTIC_DEPTH, 0.0)
        config = _settled(config)
        check_size(folder, _n_weights(family, config), stored_weights(folder))
        model, info = getattr(transformers, family.architecture).from_pretrained(
            folder,
            config=config,
            **_options(family),
            dtype=torch.float32,
            use_safetensors=True,
            local_files_only=True,
            trust_remote_code=False,
            ignore_mismatched_sizes=True,  # they are counted below, with their names
            output_loading_info=True,
        )
    _check_weights(name, family, model, _Loading.of(info))
    if family.modality is Modality.TEXT:
        return Pretrained(model, _tokenizer(name, folder, config))
    if (channels := family.channels(described)) is None:
        return Pretrained(model)
    if (size := image_crop(folder)) is not None:
        family.resize(model, size)
    rate = checked_rate(name, said) if _STOCHASTIC_DEPTH in family.off else 0.0
    return Pretrained(model, image_scale=image_scale(folder, channels), drop_path_rate=rate)


def random_transformer(config: Any) -> Any:
    """The same architecture with random weights in float32, from torch's current generator."""
    family = FAMILIES[config.model_type]
    return getattr(transformers, family.architecture)(_settled(config), **_options(family))


def _n_weights(family: Family, config: Any) -> int:
    """Weights of the network that a configuration describes; none of them is made."""
    with torch.device("meta"):
        network = getattr(transformers, family.architecture)(config, **_options(family))
    return sum(weight.numel() for weight in network.parameters())


def _settled(config: Any) -> Any:
    """Dropout off, as in ORCA's released configurations; it also makes a run independent of global randomness.

    Stochastic depth, which these leave on, is our own: `stochastic_depth` draws it by the step of a run.

    What a network returns is not for a checkpoint to say.
    """
    config.return_dict = True
    for name in FAMILIES[config.model_type].off:
        if hasattr(config, name):
            setattr(config, name, False if isinstance(getattr(config, name), bool) else 0.0)
    return config


def _options(family: Family) -> dict[str, bool]:
    return {"add_pooling_layer": False} if family.has_pooler else {}


def _tokenizer(name: str, folder: Path, config: Any) -> Any:
    """The tokenizer, which pads behind a text: positions count from its first word."""
    with alone(), _own_words(f"{name}: its tokenizer"):
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        ids = tokenizer([_PROBE], truncation=True, max_length=16)["input_ids"][0]
        numbers = [*tokenizer.get_vocab().values(), *ids]
        known = set(tokenizer.get_vocab()) - set(tokenizer.all_special_tokens)
        tokenizer.padding_side = "right"
        if FAMILIES[config.model_type].reads_last and tokenizer.pad_token is None:
            tokenizer.pad_token = tokenizer.eos_token  # what is masked may have any name
    _check_tokenizer(name, tokenizer, known, numbers, config)
    return tokenizer


@dataclass(frozen=True)
class _Loading:
    """What transformers says of a load.

    Attributes:
        missing_keys: weights of the network that the files do not have; they hold random numbers.
        unexpected_keys: weights of the files that the network does not have.
        mismatched_keys: name, shape in the files and shape asked for, where these differ; random numbers, too.
        error_msgs: what else went wrong, a sentence each.
    """

    missing_keys: frozenset[str]
    unexpected_keys: frozenset[str]
    mismatched_keys: tuple[tuple[str, Sequence[int], Sequence[int]], ...]
    error_msgs: tuple[str, ...]

    @classmethod
    def of(cls, info: Mapping[str, Iterable[Any]]) -> "_Loading":
        """From `output_loading_info`."""
        return cls(
            frozenset(info["missing_keys"]),
            frozenset(info["unexpected_keys"]),
            tuple(info["mismatched_keys"]),
            tuple(map(str, info.get("error_msgs") or ())),
        )


def _check_weights(name: str, family: Family, model: Any, info: _Loading) -> None:
    behind = tuple(f"{part}." for part in family.left_out)
    weights = {key: w for key, w in model.state_dict().items() if not key.startswith(behind)}
    if missing := sorted(key for key in info.missing_keys if not key.startswith(behind)):
        unknown = min(info.unexpected_keys, default=None)
        raise ModelError(
            f"{name}: {len(missing)} of {len(weights)} weights of the body are not in its files ({_first(missing)}), "
            f"expected all of them under the names of transformers{f', found {unknown}' if unknown else ''}; export it "
            "again with save_pretrained."
        )
    shapes = [(key, *both) for key, *both in info.mismatched_keys if not key.startswith(behind)]
    if other := sorted(f"{key} {tuple(found)} for {tuple(asked)}" for key, found, asked in shapes):
        raise ModelError(
            f"{name}: {len(other)} of {len(weights)} weights have another shape than config.json asks for "
            f"({_first(other)}), expected the configuration that they were saved with; export both again."
        )
    if ignored := _ignored(family, model, info.unexpected_keys):
        raise ModelError(
            f"{name}: its files have {len(ignored)} weights of blocks that config.json does not ask for "
            f"({_first(ignored)}), expected the configuration that they were saved with; export both again."
        )
    if failed := sorted(info.error_msgs):
        raise ModelError(
            f"{name}: {len(failed)} weights could not be read ({_sentence(failed[0])}); export it with save_pretrained."
        )
    if wild := sorted(key for key, w in weights.items() if w.is_floating_point() and not torch.isfinite(w).all()):
        raise ModelError(
            f"{name}: {len(wild)} of {len(weights)} weights hold NaN or infinite values ({_first(wild)}), expected "
            "finite numbers; give a checkpoint from before its training diverged."
        )
    if blank := sorted(key for key, w in weights.items() if _is_blank(key, w)):
        raise ModelError(
            f"{name}: {len(blank)} of {len(weights)} weights hold one value throughout ({_first(blank)}), expected "
            "what a training leaves there; export the trained body again with save_pretrained."
        )


def _is_blank(key: str, weights: torch.Tensor) -> bool:
    """Whether a matrix has no two different numbers; vectors may, and what RoBERTa has in place of two segments."""
    is_matrix = key.endswith(".weight") and weights.ndim > 1 and min(weights.shape[0], weights[0].numel()) > 1
    return is_matrix and "token_type" not in key and bool((weights == weights.flatten()[0]).all())


def _ignored(family: Family, model: Any, unexpected: Iterable[str]) -> list[str]:
    """Weights of the files that are neither the body's nor those of a head: of further blocks, of other biases."""
    blocks = {name for name, _ in model.named_children()} - {family.embeddings, *family.left_out}
    prefixes = [f"{model.base_model_prefix}.", f"{family.part.removesuffix('_config')}_model."]
    own = (functools.reduce(str.removeprefix, prefixes, key) for key in unexpected)
    return sorted(key for key in own if key.split(".")[0] in blocks and key.endswith((".weight", ".bias")))


def _check_tokenizer(name: str, tokenizer: Any, known: set[str], numbers: list[int], config: Any) -> None:
    family = FAMILIES[config.model_type]
    if not known:
        raise ModelError(
            f"{name} has no tokenizer that knows a word, expected its vocabulary beside the weights; save the "
            "tokenizer into the same folder."
        )
    if tokenizer.pad_token_id is None:
        raise ModelError(
            f"{name}: its tokenizer has no padding token, expected one, for sentences of a batch differ in length; set "
            "pad_token and save it again."
        )
    if family.counts_from_padding and config.pad_token_id is None:
        raise ModelError(
            f"{name}: config.json has no pad_token_id, expected one, from which {family.title} counts its positions; "
            "set it."
        )
    if max(numbers) >= config.vocab_size:
        raise ModelError(
            f"{name}: its tokenizer numbers words up to {max(numbers)}, but its embedding has {config.vocab_size} "
            "rows, expected a row for each; give the tokenizer that it was trained with."
        )


def _first(names: list[str]) -> str:
    return ", ".join(names[:_NAMED]) + (", ..." if len(names) > _NAMED else "")


@contextmanager
def _own_words(name: str) -> Iterator[None]:
    """Whatever transformers fails with is one sentence of ours, and it prints nothing meanwhile."""
    log = transformers.utils.logging
    verbosity, barred = log.get_verbosity(), not log.is_progress_bar_enabled()
    log.set_verbosity(logging.CRITICAL)
    log.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module="transformers|huggingface_hub|torch")
            yield
    except ModelError:
        raise
    except Exception as error:  # a damaged file has no error of its own: tokenizers raise Exception
        reason = f"unknown {error}" if isinstance(error, KeyError) else str(error)
        raise ModelError(
            f"{name} could not be loaded ({_sentence(reason) or type(error).__name__}), expected a folder made by "
            "save_pretrained; export it again."
        ) from error
    finally:
        log.set_verbosity(verbosity)
        if not barred:
            log.enable_progress_bar()


def _sentence(text: str) -> str:
    """The first sentence of somebody else's message, as a part of ours."""
    first = re.split(r"[.!?]\s", " ".join(text.split()))[0]
    return first.strip().rstrip(".!?:")[:160]
