"""What the name of a column says: its words, and the usual words for labels, ids, groups, times and splits."""

import re
import unicodedata

from xmodal_core.data.name_words import words_of


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# Labels and nothing else, the surest first.
LABELS = _words(
    """
    label labels target targets class classes y outcome response groundtruth gt klasse klassen classe clase
    klass klasa etiqueta etiquette etichetta etikett ziel zielvariable zielgrosse zielgroße cible objetivo
    bersaglio luokka label_id trida osztaly razred clasificacion klassifikation цель sinif rotulo kelas 类别 标签 类
    ラベル クラス метка класс τάξη लेबल 라벨
    """
)
# Usually what is asked for, where no column is called a label.
ASKED = _words(
    """
    species diagnosis survived sentiment activity churn churned exited fraud isfraud spam disease variety
    category categories kategorie kategori categorie categoria diagnose diagnostic diagnostico diagnosi especie
    espece arten gattung sorte emotion intent genre topic died dead death mortality default defaulted readmitted
    attack deceased subtype phenotype tissue celltype toxicity toxic result ergebnis resultat quality qualitat
    rating stars grade price preis prix precio prezzo income salary strength yield mpg output type kind state
    status condition attrition event severity stage risk purchased subscribed approved success failure fault
    malignant malignancy pathology decision winner kategoria tipo typ befund satisfaction
    """
)
# So only where they come last.
ASKED_LAST = _words(
    """
    num value val cost amount score count age alter size total charges cnt rings area medv consumption demand
    load sales group flag power expenses
    """
)
# A label in one file, a feature beside another label in the next (the class of a ticket).
_UNSURE = set(
    _words(
        """
    class classe klasse clase y type kind state status condition group event result output severity stage risk
    genre topic rating stars grade category tipo typ kategoria decision satisfaction default price income salary
    strength tissue variety quality yield attack mpg
    """
    )
)
N_SURE = 100  # ranks of names that are those of labels and nothing else
_UNSURE_LATER = 150  # ranks by which such a name comes after the others, where its column is not the last
_UNKNOWN_LATER = 100  # and a name that has other words besides
_MODIFIES_LABEL = set(
    _words(
        """
    id idx index code encoded true is the int num variable var column col value actual real gold final output
    binary multi cell sample image primary enc bool flag nr no kod codigo
    """
    )
)
_ABOUT_LABEL = set(
    _words(
        """
    name names pred predicted prediction prob proba probability confidence conf description desc text count
    encoder std mean weight source logit rate date mass year time distance tax range
    """
    )
)
IDS = {"id", "ids", "identifier", "uid", "uuid", "guid", "index", "idx", "key", "pk", "rownum", "sno", "serial"}
_SURE_IDS = {"id", "ids", "uid", "uuid", "guid", "identifier"}  # others may be a body mass index
_ROWS = set(
    _words(
        """
    row sample image passenger case record entry item data line obs observation serial sequence order ticket
    invoice
    """
    )
)
_ID_NAMES = set(
    _words(
        """
    row rowid rownumber rowname rownames nr no lfdnr recordid unnamed serialno srno slno hash nummer numero
    accession
    """
    )
)
# Of an id where no value occurs twice.
_ROW_NAMES = set(_words("name names sample samples samplename specimen barcode ticket casenumber reference"))
FILES = set(
    _words(
        "file filename filenames filepath path image img imagepath url uri filepaths datei dateiname fichier archivo"
    )
)
GROUPS = _words(
    """
    group groups subject subjects subj patient participant person proband volunteer individual donor animal
    mouse speaker writer user client customer household family session recording record video clip scene site
    hospital center centre clinic school device machine sensor batch plate scan study trip gruppe sujet mrn pid
    eid encounter slide compound scaffold probanden patienten patientin versuchsperson teilnehmer paciente
    sujeto paziente nutzer utilisateur
    """
)
TIMES = set(
    _words(
        """
    date time timestamp datetime ts ds t datum zeit zeitstempel fecha hora heure data zeitpunkt when created
    updated day month epoch utc at 日期 时间
    """
    )
)
SPLITS = set(
    _words("split splits subset set fold folds partition dataset usage phase kfold aufteilung datasplit datasplits cv")
)
TEXTS = set(
    _words(
        """
    text texts review reviews sentence comment message tweet content body document utterance query question
    headline abstract description transcript sms texto texte testo satz phrase 文本 内容
    """
    )
)


def joined(name: str) -> str:
    """The words of a name without what separates them."""
    return "".join(words_of(name))


def label_rank(name: str, is_last: bool) -> int | None:
    """How surely a name is that of a label, 0 the surest; None where it is not.

    Args:
        name: of a column.
        is_last: it is the last column.
    """
    name = re.sub(r"[(\[].*", "", name)  # a unit
    words, whole = words_of(name), joined(name)
    for names, start in ((LABELS, 0), (ASKED, N_SURE), *(((ASKED_LAST, 2 * N_SURE),) if is_last else ())):
        ordered = {joined(one): rank for rank, one in enumerate(names)}
        if whole in ordered:
            return start + ordered[whole] + (_UNSURE_LATER if whole in _UNSURE and not is_last else 0)
        inside = [ordered[word] for word in words if word in ordered]
        if inside and len(words) > 1 and not _ABOUT_LABEL & set(words):
            others = [word for word in words if word not in ordered and word not in _MODIFIES_LABEL]
            if words[-1] in ordered or not others or is_last:
                unsure = words[-1] in _UNSURE and not is_last
                unknown = bool(others) and not is_last
                return start + 30 + min(inside) + (_UNSURE_LATER if unsure else 0) + (_UNKNOWN_LATER if unknown else 0)
    return None


def is_unsure_label(name: str) -> bool:
    """Whether the name is that of a label in some files and of a feature in others."""
    words = words_of(name)
    return bool(words) and (joined(name) in _UNSURE or words[-1] in _UNSURE)


def is_about_label(name: str) -> bool:
    """Whether the name is that of something about a label: its name, its probability, what was predicted for it."""
    return bool(_ABOUT_LABEL & set(words_of(name)))


def is_unnamed(name: str) -> bool:
    """Whether a column of a table with names has none, as row names that were saved along."""
    return not name.strip() or bool(
        re.fullmatch(r"(?i)unnamed:? ?_?\d+(\.\d+)?|column \d+|level_0|\.\.\.1|x\.?1?", name.strip())
    )


def names_rows(name: str) -> bool:
    """Whether the name is that of an id or a row number."""
    words, whole = words_of(name), joined(name)
    if not words:
        return False
    if whole in IDS | _ID_NAMES or words[-1] in _SURE_IDS or words[0] in _SURE_IDS:
        return True
    if len(words) == 2 and words[0] in _ROWS and words[1] in IDS | _ID_NAMES | {"number", "num", "name"}:
        return True
    return whole.endswith("id") and whole.removesuffix("id") in {*GROUPS, *_ROWS}


def names_single_rows(name: str) -> bool:
    """Whether the name is that of row names, where no two of them are equal."""
    return joined(name) in _ROW_NAMES or words_of(name)[-1:] == ("name",)


def names_files(name: str) -> bool:
    """Whether the name is that of file names or addresses."""
    words = words_of(name)
    return bool(words) and (joined(name) in FILES or (words[-1] in {"file", "filename", "path", "url"}))


def group_rank(name: str) -> int | None:
    """How near to a person or thing that was measured several times, 0 the nearest; None where it is none."""
    words = [word for word in words_of(name) if word not in IDS | {"no", "nr", "number", "name", "num", "code", "hash"}]
    whole = joined(name)
    if len(words) == 1 and words[0] in GROUPS:
        return GROUPS.index(words[0])
    stem = whole.removesuffix("id").removesuffix("s")
    return GROUPS.index(stem) if stem in GROUPS else None


def names_time(name: str) -> bool:
    """Whether the name is that of dates or times."""
    words = words_of(name)
    return bool(words) and (
        joined(name) in TIMES or words[-1] in TIMES - {"t", "data"} or words[0] in ("date", "datum")
    )


def names_split(name: str) -> bool:
    """Whether the name is that of a column of splits or folds."""
    words = words_of(name)
    return bool(words) and (joined(name) in SPLITS or (words[-1] in {"split", "fold", "partition", "subset"}))


def hints_split(name: str) -> bool:
    """Whether a word of the name is one for splits or folds."""
    return names_split(name) or bool({"split", "fold", "kfold", "partition", "holdout"} & set(words_of(name)))


def names_one_split(name: str) -> str | None:
    """Train, val or test where a name asks whether a row is of one, such as is_train; else None."""
    known = {
        "train": "train",
        "training": "train",
        "test": "test",
        "testing": "test",
        "valid": "val",
        "val": "val",
        "validation": "val",
        "holdout": "test",
    }
    words = [word for word in words_of(name) if word not in ("is", "in", "for", "set")]
    return known.get(words[0] if len(words) == 1 else joined(name).removeprefix("is"))


def names_text(name: str) -> bool:
    """Whether the name is that of running text."""
    words = words_of(name)
    return bool(words) and (joined(name) in TEXTS or words[-1] in TEXTS or words[0] in TEXTS)


def alike(name: str) -> str:
    """What two spellings of one name share: no case, accents, marks or blanks."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return re.sub(r"[\s_\-]+", " ", plain).strip().casefold()
