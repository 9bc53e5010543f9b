"""A tiny checkpoint of every family, whole models with their heads, and the tokenizer that belongs to each.

No parameter is left at zero or one, where a network starts, for a test would not see whether it is used.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.tiny import SIZES
from xmodal_core.data.dataset import LabelledDataset, Modality, make_dataset
from xmodal_core.model.families import FAMILIES

IMAGES = {"image_size": 16, "patch_size": 4}
LENGTH = 40
VOCABULARY = {"vocab_size": 40}
TEXT = VOCABULARY | {"max_position_embeddings": LENGTH}
SWIN = {"image_size": 16, "patch_size": 2, "embed_dim": 8, "depths": [1, 1], "num_heads": [1, 2], "window_size": 4}
WAVE = {"conv_dim": (8, 8), "conv_kernel": (3, 3), "conv_stride": (2, 2), "num_conv_pos_embeddings": 4}
WAVE |= {"num_conv_pos_embedding_groups": 2}
DECODER = {"decoder_hidden_size": 16, "decoder_num_hidden_layers": 1, "decoder_num_attention_heads": 2}
ENDS = {"bos_token_id": 2, "eos_token_id": 3}
WORDS = {"<pad>": 0, "<unk>": 1, "<s>": 2, "</s>": 3, "red": 4, "green": 5, "blue": 6}
SENTENCES = ("red", "red green blue green", "blue blue", "green red mauve red green")  # one word is unknown


def made(family: str) -> Any:
    """A whole model: with its heads, its decoder, or both towers, as it may lie in a folder."""
    import torch
    import transformers as t

    pair = {"vision_config": SIZES | IMAGES, "text_config": SIZES | TEXT | ENDS | {"pad_token_id": 3}}
    models: dict[str, Callable[[], Any]] = {
        "vit": lambda: t.ViTForImageClassification(t.ViTConfig(**SIZES, **IMAGES)),
        "deit": lambda: t.DeiTForImageClassificationWithTeacher(t.DeiTConfig(**SIZES, **IMAGES)),
        "beit": lambda: t.BeitForImageClassification(
            t.BeitConfig(**SIZES, **IMAGES, use_relative_position_bias=True, use_absolute_position_embeddings=True)
        ),
        "dinov2": lambda: t.Dinov2ForImageClassification(t.Dinov2Config(**SIZES, **IMAGES)),
        "vit_mae": lambda: t.ViTMAEForPreTraining(t.ViTMAEConfig(**SIZES, **IMAGES, **DECODER)),
        "swin": lambda: t.SwinForImageClassification(t.SwinConfig(**SWIN)),
        "swinv2": lambda: t.Swinv2ForImageClassification(t.Swinv2Config(**SWIN)),
        "clip": lambda: t.CLIPModel(t.CLIPConfig(**pair)),
        "siglip": lambda: t.SiglipModel(t.SiglipConfig(**pair)),
        "bert": lambda: t.BertForMaskedLM(t.BertConfig(**SIZES, **TEXT)),
        "roberta": lambda: t.RobertaForMaskedLM(t.RobertaConfig(**SIZES, **TEXT, pad_token_id=0)),
        "xlm-roberta": lambda: t.XLMRobertaForMaskedLM(t.XLMRobertaConfig(**SIZES, **TEXT, pad_token_id=0)),
        "distilbert": lambda: t.DistilBertForMaskedLM(
            t.DistilBertConfig(dim=16, n_layers=2, n_heads=2, hidden_dim=32, **TEXT)
        ),
        "mpnet": lambda: t.MPNetForMaskedLM(t.MPNetConfig(**SIZES, **TEXT)),
        "electra": lambda: t.ElectraForPreTraining(t.ElectraConfig(**SIZES, **TEXT, embedding_size=8)),
        "modernbert": lambda: t.ModernBertForMaskedLM(
            t.ModernBertConfig(**SIZES, **TEXT, **ENDS, pad_token_id=0, local_attention=4)
        ),
        "esm": lambda: t.EsmForMaskedLM(
            t.EsmConfig(**SIZES, **TEXT, pad_token_id=1, mask_token_id=32, token_dropout=True)
        ),
        "gpt2": lambda: t.GPT2LMHeadModel(
            t.GPT2Config(n_embd=16, n_layer=2, n_head=2, n_positions=LENGTH, **VOCABULARY, **ENDS)
        ),
        "t5": lambda: t.T5ForConditionalGeneration(
            t.T5Config(d_model=16, num_layers=2, num_heads=2, d_kv=8, d_ff=32, n_positions=LENGTH, **VOCABULARY)
        ),
        "audio-spectrogram-transformer": lambda: t.ASTForAudioClassification(
            t.ASTConfig(**SIZES, patch_size=4, frequency_stride=3, time_stride=3, max_length=19, num_mel_bins=10)
        ),
        "wav2vec2": lambda: t.Wav2Vec2ForCTC(t.Wav2Vec2Config(**SIZES, **WAVE, **VOCABULARY)),
        "hubert": lambda: t.HubertForCTC(t.HubertConfig(**SIZES, **WAVE, **VOCABULARY)),
    }
    torch.manual_seed(0)
    model = models[FAMILIES[family].whole or family]().eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter), alpha=0.2)
    return model


def saved(family: str, folder: Path, model: Any = None) -> str:
    """The address of a folder with the whole model and, for text, a tokenizer."""
    adapter = FAMILIES[family]
    (made(family) if model is None else model).save_pretrained(folder)
    if adapter.modality is Modality.TEXT:
        save_tokenizer(family, folder)
    return f"{folder}#{adapter.tower}" if adapter.tower else str(folder)


def encoder(family: str, model: Any) -> Any:
    """The part of a whole model that is the body, with its own embedding layer."""
    if FAMILIES[family].tower:
        return model.vision_model if FAMILIES[family].tower == "image" else model.text_model
    return model.encoder if family == "t5" else model.base_model


def save_tokenizer(family: str, folder: Path) -> None:
    """A tokenizer of a few words; of ESM and GPT-2 their own classes, which differ in what they lack."""
    import transformers as t

    if family == "esm":
        letters = ["<cls>", "<pad>", "<eos>", "<unk>", *"LAGVSERTIDPKQNFYMHWC", *"XBUZO.-", "<null_1>", "<mask>"]
        (folder / "letters.txt").write_text("\n".join(letters))
        t.EsmTokenizer(str(folder / "letters.txt")).save_pretrained(folder)
    elif family == "gpt2":
        words = ["<|endoftext|>", *"abcdefghijklmnopqrstuvwxyz", "Ġ"]
        (folder / "vocab.json").write_text(json.dumps({word: i for i, word in enumerate(words)}))
        (folder / "merges.txt").write_text("#version: 0.2\n")
        t.GPT2Tokenizer(str(folder / "vocab.json"), str(folder / "merges.txt")).save_pretrained(folder)
    else:
        whole_words(starts=family != "t5", pad="</s>" if FAMILIES[family].tower else "<pad>").save_pretrained(folder)


def whole_words(starts: bool, pad: str) -> Any:
    """A tokenizer of whole words that closes a text with </s> and may open it with <s>."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    inner = Tokenizer(models.WordLevel(WORDS, unk_token="<unk>"))
    inner.pre_tokenizer = pre_tokenizers.Whitespace()
    inner.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>" if starts else "$A </s>", special_tokens=[(word, WORDS[word]) for word in ("<s>", "</s>")]
    )
    special = {"unk_token": "<unk>", "bos_token": "<s>", "eos_token": "</s>", "cls_token": "<s>", "sep_token": "</s>"}
    return PreTrainedTokenizerFast(tokenizer_object=inner, pad_token=pad, **special)


def native(family: str, n: int = 12) -> LabelledDataset:
    """Samples of what the family was pretrained on, of its own size."""
    rng, targets = np.random.default_rng(0), np.arange(n) % 2
    if FAMILIES[family].modality is Modality.TEXT:
        texts = ("MKT", "GAVLI", "AC<mask>D", "WYWYWY") if family == "esm" else SENTENCES
        inputs = np.array([texts[i % len(texts)] for i in range(n)])
    elif FAMILIES[family].modality is Modality.IMAGE:
        shape = (1, 10, 19) if family == "audio-spectrogram-transformer" else (3, 16, 16)
        inputs = rng.random((n, *shape), dtype=np.float32)
    else:
        inputs = rng.normal(size=(n, 1, 64)).astype(np.float32)
    return make_dataset(f"native {family}", FAMILIES[family].modality, inputs, targets, ["a", "b"])
