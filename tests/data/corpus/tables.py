"""Tables as people save them."""

from tests.data.corpus import Brought


def _csv(*lines: str) -> bytes:
    return "\n".join(lines).encode()


def _plain() -> bytes:
    return _csv("length,width,species", *(f"{i % 7 + 0.5},{i % 11},{'ab'[i % 2]}" for i in range(60)))


CORPUS = {
    "plain": Brought(
        "plain.csv",
        _plain,
        "right",
        facts={"modality": "tabular", "task": "classification", "n": 60, "features": ["length", "width"]},
    ),
}
