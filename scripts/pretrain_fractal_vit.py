"""Pretrain `fractal-vit` from nothing but integers: classify fractal images by the system that drew them.

    python scripts/pretrain_fractal_vit.py OUT_DIR [--steps 4500] [--classes 300] [--per-class 200] [--seed 0]

Writes a transformers `ViTModel` folder (config.json, model.safetensors) and `pretraining.json` with the
settings, the loss and the held-out accuracy along the way. About 45 minutes on two cores.
"""

import argparse
import json
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import ViTConfig, ViTModel

from xmodal_core.data.fractals import IMAGE_SIZE, fractal_images

CONFIG = ViTConfig(
    hidden_size=128,
    num_hidden_layers=6,
    num_attention_heads=4,
    intermediate_size=512,
    image_size=IMAGE_SIZE,
    patch_size=4,
    num_channels=3,
    hidden_dropout_prob=0.0,
    attention_probs_dropout_prob=0.0,
)
BATCH_SIZE = 128
PEAK_LR = 5e-4  # 1e-3 with random colours learned nothing
N_HELD_OUT_PER_CLASS = 4


def augment(gray: Tensor, rng: torch.Generator) -> Tensor:
    """Batch (b, 32, 32) uint8 -> (b, 3, 32, 32) in [-1, 1]: shifted, sometimes coarse, with a colour of its own."""
    x = gray.float()[:, None] / 255  # (b, 1, 32, 32)
    down, right = torch.randint(-4, 5, (2,), generator=rng).tolist()
    x = torch.roll(x, (down, right), (2, 3))
    if torch.rand((), generator=rng) < 0.5:  # targets are often smaller than 32 x 32 and arrive blurred
        coarse = int(torch.randint(8, 25, (), generator=rng))
        x = F.interpolate(x, size=coarse, mode="bilinear", antialias=True)
        x = F.interpolate(x, size=IMAGE_SIZE, mode="bilinear")
    brightness = torch.rand(len(x), 3, 1, 1, generator=rng) * 0.6 + 0.4
    return x * brightness * 2 - 1  # (b, 3, 32, 32)


def plain(gray: Tensor) -> Tensor:
    """Batch (b, 32, 32) uint8 -> (b, 3, 32, 32) in [-1, 1]."""
    return (gray.float()[:, None] / 255).expand(-1, 3, -1, -1) * 2 - 1


@torch.no_grad()
def accuracy(model: ViTModel, head: nn.Linear, images: Tensor, labels: Tensor) -> float:
    """Share of held-out images whose class the network names."""
    model.eval()
    hits = [
        head(model(plain(x)).last_hidden_state.mean(1)).argmax(1) == y
        for x, y in zip(images.split(256), labels.split(256), strict=True)
    ]
    return float(torch.cat(hits).float().mean())


def pretrain(out: Path, steps: int, n_classes: int, per_class: int, seed: int) -> None:
    """Train, log every 100 steps, save the body (the classification head is left behind)."""
    out.mkdir(parents=True, exist_ok=True)
    images, labels = map(torch.from_numpy, fractal_images(list(range(n_classes)), per_class, seed))
    held = torch.arange(len(labels)) % per_class < N_HELD_OUT_PER_CLASS
    train_x, train_y = images[~held], labels[~held]
    torch.manual_seed(seed)
    rng = torch.Generator().manual_seed(seed)
    model, head = ViTModel(CONFIG, add_pooling_layer=False), nn.Linear(CONFIG.hidden_size, n_classes)
    parameters = [*model.parameters(), *head.parameters()]
    optimizer = torch.optim.AdamW(parameters, PEAK_LR, weight_decay=0.05)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, PEAK_LR, total_steps=steps, pct_start=0.2)
    history, start = [], time.monotonic()
    for step in range(1, steps + 1):
        model.train()
        rows = torch.randint(len(train_y), (BATCH_SIZE,), generator=rng)
        with torch.autocast("cpu", torch.bfloat16):
            logits = head(model(augment(train_x[rows], rng)).last_hidden_state.mean(1))
        loss = F.cross_entropy(logits.float(), train_y[rows], label_smoothing=0.1)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        scheduler.step()
        if step % 100 == 0 or step == steps:
            record = {
                "step": step,
                "loss": round(loss.item(), 4),
                "held_out_accuracy": round(accuracy(model, head, images[held], labels[held]), 4),
                "seconds": round(time.monotonic() - start),
            }
            history.append(record)
            print(json.dumps(record), flush=True)
        if step % 500 == 0 or step == steps:
            model.save_pretrained(out)
            settings = {
                "steps": steps,
                "classes": n_classes,
                "per_class": per_class,
                "seed": seed,
                "batch_size": BATCH_SIZE,
                "peak_lr": PEAK_LR,
                "held_out_n": int(held.sum()),
            }
            (out / "pretraining.json").write_text(json.dumps({"settings": settings, "history": history}, indent=1))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--steps", type=int, default=4500)
    parser.add_argument("--classes", type=int, default=300)
    parser.add_argument("--per-class", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    pretrain(arguments.out, arguments.steps, arguments.classes, arguments.per_class, arguments.seed)
