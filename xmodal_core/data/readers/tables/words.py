"""Words of a table that are no values: what people write where there is none, and below the last row."""

from xmodal_core.data.readers.finish import MISSING

ERRORS = ("#div/0!", "#value!", "#ref!", "#name?", "#num!", "#null!", "#n/a", "#n/a n/a", "#na", "#error!")
NOT_NUMBERS = ("1.#ind", "-1.#ind", "1.#qnan", "-1.#qnan", "-nan", "nan(ind)", "-nan(ind)", "nat", "n.a.", "n. a.", ".")
MISSING_NUMBERS = frozenset((*MISSING, *ERRORS, *NOT_NUMBERS))
MISSING_WORDS = MISSING_NUMBERS - {"none", "."}  # "none" among words is an answer
TOTALS = frozenset(
    "total totals totale totaal gesamt summe insgesamt sum somme suma soma grand-total subtotal average mean "  # noqa: SIM905
    "mittelwert durchschnitt moyenne media 合计 总计 合計 平均 итого всего".split()
)


def is_missing_word(cell: str) -> bool:
    """Whether a cell says that it has no value."""
    return cell.lower() in MISSING_WORDS


def is_total(cell: str) -> bool:
    """Whether a row that starts so sums up the rows above it."""
    return cell.strip().lower().rstrip(":.").replace(" ", "-") in TOTALS
