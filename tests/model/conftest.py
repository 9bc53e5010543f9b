from collections.abc import Callable

import pytest

from tests.families import saved


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """`folder(family)`: the address of a tiny checkpoint, written once; for reading only."""
    places: dict[str, str] = {}

    def where(family: str) -> str:
        if family not in places:
            places[family] = saved(family, tmp_path_factory.mktemp(family))
        return places[family]

    return where
