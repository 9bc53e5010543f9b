import numpy as np

from tests.data.readers.tabular.tabled import counted
from xmodal_core.data.readers.tabular.lengths import has_its_letters, is_length

RNG = np.random.default_rng(0)
LENGTHS = RNG.integers(10, 30, 40).tolist()
PROTEINS, STATES, LONGER = (
    ["".join(RNG.choice(list(letters), n + more)) for n in LENGTHS]
    for letters, more in (("ACDEFGHIKLMNPQRSTVWY", 0), ("HEC", 0), ("HEC", 1))
)


def test_a_letter_for_each_letter_goes_along_and_so_does_their_number() -> None:
    protein, states, longer, length, other = counted(
        {"p": PROTEINS, "s": STATES, "l": LONGER, "n": LENGTHS, "m": [n + 1 for n in LENGTHS]}
    )
    assert has_its_letters(states, protein)
    assert not has_its_letters(longer, protein)
    assert is_length(length, [protein])
    assert not is_length(other, [protein, states])
