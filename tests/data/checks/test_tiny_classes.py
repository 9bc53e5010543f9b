import numpy as np
import pytest

from tests.data.checks.checked import warnings
from xmodal_core.data.checks.tiny_classes import check_tiny_classes


@pytest.mark.parametrize(("sizes", "n"), [((50, 9), 1), ((50, 10), 0), ((30, 9), 0), ((5, 5), 0), ((60, 60, 3, 4), 1)])
def test_few_rows_beside_many_are_told(sizes, n):
    kinds = np.repeat(np.arange(len(sizes)), sizes)
    assert len(warnings(check_tiny_classes, np.arange(len(kinds))[:, None], kinds)) == n
