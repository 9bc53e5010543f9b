"""Draw docs/start.gif, the first picture of the README: two clouds of a gallery run close, and what accuracy did.

    python scripts/animation.py                  the item `digits`
    python scripts/animation.py watch other.gif  another

Every point and every number is read from the item that ships; nothing is computed, and nothing but Pillow draws.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

ROOT = Path(__file__).resolve().parents[1]
WIDTH, HEIGHT = 840, 400
CLOUDS = (20, 92, 480, 384)  # left, top, right, bottom
CURVES = (570, 92, 800, 384)
MOST_BYTES = 1_500_000
_HOLD_MS, _STEP_MS, _END_MS = 900, 110, 2200
_COLOURS = 48


def main() -> None:
    """Draw it and say how large it is."""
    parser = argparse.ArgumentParser(description="Draw the README's animated picture.")
    parser.add_argument("item", nargs="?", default="digits")
    parser.add_argument("out", nargs="?", type=Path, default=ROOT / "docs" / "start.gif")
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    frames = drawn(options.item)
    times = [_HOLD_MS, *[_STEP_MS] * (len(frames) - 2), _END_MS]
    first, *others = (frame.quantize(_COLOURS, dither=Image.Dither.NONE) for frame in frames)
    first.save(options.out, save_all=True, append_images=others, duration=times, loop=0, optimize=True)
    size = options.out.stat().st_size
    print(f"{options.out.name}: {len(frames)} frames, {size / 1000:.0f} kB")
    if size > MOST_BYTES:
        sys.exit(f"larger than {MOST_BYTES / 1000:.0f} kB; take an item with fewer steps")


def drawn(name: str) -> list[Image.Image]:
    """A picture a step of the alignment of an item."""
    from xmodal_core.gallery.items import ITEMS
    from xmodal_core.gallery.shelf import shown, workspace_of
    from xmodal_core.runs.rundir import RunDir

    card, item = shown(name), ITEMS[name]
    if card is None:
        sys.exit(f"{name} does not ship")
    run = RunDir.open(workspace_of(name) / "runs" / card.run)
    records = [record for record in run.read_steps()[0] if record["stage"] == "align"]
    clouds = [run.read_frame(record["done"]) for record in records]
    gap = [record["metrics"]["heldout_otdd"] for record in records]
    accuracy = [record["metrics"]["heldout_knn_accuracy"] for record in records]
    place = _places(clouds)
    title = item.text.rstrip(".")
    return [_picture(title, card.seeds[0], place, clouds, gap, accuracy, i) for i in range(len(records))]


def _places(clouds: Sequence[dict[str, np.ndarray]]) -> tuple[np.ndarray, float]:
    """Middle (2,) and pixels a unit, the same at every step."""
    points = np.concatenate([cloud[f"{side}_points"] for cloud in clouds for side in ("source", "target")])  # (n, 2)
    low, high = np.percentile(points, [0.5, 99.5], axis=0)
    left, top, right, bottom = CLOUDS
    scale = 0.94 * min((right - left) / (high - low)[0], (bottom - top) / (high - low)[1])
    return (low + high) / 2, float(scale)


def _picture(
    title: str,
    seed: int,
    place: tuple[np.ndarray, float],
    clouds: Sequence[dict[str, np.ndarray]],
    gap: Sequence[float],
    accuracy: Sequence[float],
    i: int,
) -> Image.Image:
    from xmodal_core.figures.base import SOURCE, TARGET

    canvas = Image.new("RGB", (2 * WIDTH, 2 * HEIGHT), "white")  # drawn twice as large, for smooth edges
    draw = ImageDraw.Draw(canvas)
    _write(draw, (20, 14), title, 22, "#14161B")
    n = len(clouds[i]["target_points"])
    said = f"step {i + 1} of {len(clouds)} of ORCA's alignment, seed {seed}; {n} held-out samples a side"
    _write(draw, (20, 46), said, 14, "#5A5D63")
    _write(draw, (20, 68), "● what it was trained on", 15, SOURCE.colour)
    _write(draw, (230, 68), "◆ new data", 15, TARGET.colour)
    for side, mark in (("source", SOURCE), ("target", TARGET)):
        for x, y in _pixels(clouds[i][f"{side}_points"], place):
            r = 6
            if mark is SOURCE:
                draw.ellipse((x - r, y - r, x + r, y + r), fill=mark.colour)
            else:
                draw.polygon([(x, y - 8), (x + 8, y), (x, y + 8), (x - 8, y)], fill=mark.colour)
    left, top, right, bottom = CURVES
    middle = (top + bottom) // 2
    _curve(draw, (left, top, right, middle - 24), gap, i, "gap (OTDD)", TARGET.colour, (0, max(gap)))
    _curve(draw, (left, middle + 24, right, bottom - 8), accuracy, i, "accuracy of neighbours", "#14161B", (0, 1))
    return canvas.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)


def _pixels(points: np.ndarray, place: tuple[np.ndarray, float]) -> list[tuple[float, float]]:
    """Places (n) on the canvas, which is twice as large."""
    middle, scale = place
    left, top, right, bottom = CLOUDS
    across = (left + right) / 2 + scale * (points[:, 0] - middle[0])
    down = (top + bottom) / 2 - scale * (points[:, 1] - middle[1])
    return list(zip((2 * across).tolist(), (2 * down).tolist(), strict=True))


def _curve(
    draw: ImageDraw.ImageDraw,
    box: tuple[int, int, int, int],
    values: Sequence[float],
    now: int,
    name: str,
    colour: str,
    ends: tuple[float, float],
) -> None:
    """A curve up to now, with its last value in words; what is to come is only its length."""
    left, top, right, bottom = (2 * edge for edge in box)
    draw.line((left, bottom, right, bottom), fill="#C8C8C8", width=2)
    low, high = ends
    across = np.linspace(left, right, len(values))
    down = bottom - (np.array(values) - low) / (high - low) * (bottom - top - 50)
    line = list(zip(across.tolist(), down.tolist(), strict=True))[: now + 1]
    if len(line) > 1:
        draw.line(line, fill=colour, width=5, joint="curve")
    x, y = line[-1]
    draw.ellipse((x - 8, y - 8, x + 8, y + 8), fill=colour)
    _write(draw, (left // 2, top // 2 - 4), f"{name} {values[now]:.3g}", 15, colour)


def _write(draw: ImageDraw.ImageDraw, at: tuple[float, float], text: str, size: int, colour: str) -> None:
    x, y = (2 * edge for edge in at)
    font = ImageFont.load_default(size=2 * size)
    if text[0] in "●◆":  # the font that comes with Pillow lacks them
        r = size * 0.7
        middle = (x + r, y + 1.25 * size)
        if text[0] == "●":
            draw.ellipse((middle[0] - r, middle[1] - r, middle[0] + r, middle[1] + r), fill=colour)
        else:
            draw.polygon(
                [(middle[0], middle[1] - r), (middle[0] + r, middle[1]), (middle[0], middle[1] + r), (x, middle[1])],
                fill=colour,
            )
        x, text = x + 3 * r, text[2:]
    draw.text((x, y), text, font=font, fill=colour)


if __name__ == "__main__":
    main()
