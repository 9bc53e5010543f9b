"""What every entry of DIAGNOSTICS promises."""

import pytest

from xmodal_core.reuse.diagnostics import DIAGNOSTICS


@pytest.mark.parametrize("name", DIAGNOSTICS)
def test_every_diagnostic_says_what_it_means_and_what_it_cannot_see(name: str) -> None:
    entry = DIAGNOSTICS[name]
    for text in (entry.unit, entry.meaning, entry.blind_to, entry.reference):
        assert text.strip()
