"""Words of a table that are no values: what people write where there is none, and below the last row."""

from collections.abc import Sequence

from xmodal_core.data.readers.finish import MISSING

ERRORS = ("#div/0!", "#value!", "#ref!", "#name?", "#num!", "#null!", "#n/a", "#n/a n/a", "#na", "#error!")
ERRORS_ABROAD = ("#nv", "#wert!", "#bezug!", "#zahl!", "#valeur!", "#nombre!", "#¡valor!", "#n/d", "#valore!")
NOT_NUMBERS = ("1.#ind", "-1.#ind", "1.#qnan", "-1.#qnan", "-nan", "nan(ind)", "-nan(ind)", "nat", "n.a.", "n. a.", ".")
NO_ANSWERS = ("(null)", "\\n", "…", "k.a.", "k. a.", "n.v.", "not available", "keine angabe", "n/d", "s/d")
AMONG_NUMBERS = ("*", "**", "...", "unknown", "unk", "unbekannt", "inconnu", "desconocido", "not recorded")
MISSING_NUMBERS = frozenset((*MISSING, *ERRORS, *ERRORS_ABROAD, *NOT_NUMBERS, *NO_ANSWERS, *AMONG_NUMBERS))
MISSING_WORDS = MISSING_NUMBERS - {"none", ".", *AMONG_NUMBERS}  # "none" among words is an answer
TOTALS = frozenset(
    "total totals totale totaal gesamt summe insgesamt sum somme suma soma grand-total subtotal average mean "  # noqa: SIM905
    "mittelwert durchschnitt mittel moyenne media 合计 总计 合計 平均 итого всего".split()
)

SPREADS = frozenset(
    "std stdev stdabw std-abw sd standardabweichung se sem min max minimum maximum median count anzahl n".split()  # noqa: SIM905
)


def is_missing_word(cell: str) -> bool:
    """Whether a cell says that it has no value."""
    return cell.lower() in MISSING_WORDS


def n_summaries(cells: Sequence[str]) -> int:
    """How many of the last rows sum up the others: totals and means, and what stands with them, such as deviations.

    Args:
        cells: the word of every one of the last rows that may say so, in order; empty where there is none.
    """
    keys = [_key(cell) for cell in cells]
    n = next((n for n, key in enumerate(reversed(keys)) if key not in TOTALS | SPREADS), len(keys))
    return n if n > 1 or {*keys[len(keys) - n :]} & TOTALS else 0


def _key(cell: str) -> str:
    return cell.strip().lower().rstrip(":.").replace(" ", "-")
