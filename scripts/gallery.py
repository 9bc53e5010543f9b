"""Make the gallery again: every item measured and trained from its seeds, then packed into xmodal_core/gallery/shelf.

    python scripts/gallery.py                 every item
    python scripts/gallery.py wine digits     some
    python scripts/gallery.py --strips        the small pictures of data sets alone

One thread, some 25 minutes in all on an idle core. What was made before in the working folder is not made again, so it
may be stopped at any moment; --work with a new folder begins anew.
"""

import argparse
import os
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Make, pack, and say how large it is."""
    parser = argparse.ArgumentParser(description="Make the gallery again.")
    parser.add_argument("items", nargs="*", help="all when left out")
    parser.add_argument("--work", type=Path, default=ROOT / "test-artifacts" / "gallery", help="where it is made")
    parser.add_argument("--out", type=Path, default=ROOT / "xmodal_core" / "gallery" / "shelf", help="where it ships")
    parser.add_argument("--strips", action="store_true", help="draw the small pictures and nothing else")
    options = parser.parse_args()

    os.environ["OMP_NUM_THREADS"] = "1"  # before torch is loaded
    sys.path.insert(0, str(ROOT))
    from xmodal_core.data.examples import EXAMPLES
    from xmodal_core.data.sources import SOURCES
    from xmodal_core.environment import settle

    settle(os.environ)
    from xmodal_core.gallery.items import ITEMS
    from xmodal_core.gallery.making import draw_strips, make, pack

    if unknown := set(options.items) - set(ITEMS):
        parser.error(f"no item {', '.join(sorted(unknown))}; there are {', '.join(ITEMS)}")
    (options.out / "strips").mkdir(parents=True, exist_ok=True)
    draw_strips([*EXAMPLES, *SOURCES], options.out / "strips")
    for name in () if options.strips else options.items or ITEMS:
        begun = time.monotonic()
        make(ITEMS[name], options.work / name, lambda line: print(line, flush=True))
        pack(options.work / name, options.out / f"{name}.zip")
        size = (options.out / f"{name}.zip").stat().st_size
        print(f"{name}: {time.monotonic() - begun:.0f} s, {size / 1000:.0f} kB", flush=True)
    files = [path for path in options.out.rglob("*") if path.is_file()]
    print(f"{sum(path.stat().st_size for path in files) / 1e6:.2f} MB in {len(files)} files")


if __name__ == "__main__":
    main()
