"""Encodings of words that somebody could have written."""

import pytest

from xmodal_core.data.readers.tables.guessed_encoding import guess_encoding


@pytest.mark.parametrize(
    "text",
    [
        "länge,größe,Möhre",
        "naïve café, 20 °C",
        "“quoted” – 5 €, O’Brien, d’été",
        "temp °C,µm,n²,30±2",
        "coração,São João",
        "Søren,Adèle,José,Zoë,Ñandú",  # names of many countries
        "Köln,Kraków",
        "ÄRGER,ÖL",
        "Nürnberg,Café",
        "Zürich,Genève,Neuchâtel,Malmö",
        "Ångström,Poincaré,Gödel,Cramér",
    ],
)
def test_western_text_is_not_doubted(text: str) -> None:
    assert guess_encoding(text.encode("cp1252"))[:2] == ("cp1252", False)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("café,forêt,hêtre,chêne", "mac_roman"),
        ("Länge,Höhe,Grösse", "mac_roman"),
        ("año,niño,España", "mac_roman"),
        ("Länge,Höhe,Größe", "cp850"),  # of DOS
        ("zażółć gęślą jaźń", "cp1250"),
        ("Łódź,Kraków", "iso8859_2"),
        ("příliš žluťoučký kůň", "cp1250"),
        ("şeker,ağaç,ışık", "cp1254"),
        ("ilgė,plotis,rūšis", "cp1257"),
        ("Москва,берёза,клён", "cp1251"),
        ("берёза,клён,Дуб", "koi8_r"),
        ("Берёза,клён,Дуб", "cp866"),
        ("μήκος,πλάτος,είδος", "cp1253"),
        ("שלום,אורך,רוחב,ילד,מים,תינוק,בית ספר", "cp1255"),
        ("长度,类别\n1,猫\n2,狗", "gbk"),
        ("花瓣长度,花萼宽度,品种", "gbk"),
        ("長度,寬度,類別\n1,2,貓\n1,2,狗", "big5"),
        ("溫度,濕度,標籤", "big5"),
        ("길이,너비,종류\n1,2,고양이", "euc_kr"),
        ("온도,습도,결과\n합격,불량", "euc_kr"),
        ("長さ,幅,種類\n1,2,データ", "shift_jis"),
        ("データ,クラス,サンプル", "shift_jis"),
        ("長さ,種類,りんご", "euc_jp"),
    ],
)
def test_other_text_is_told_by_its_letters_and_doubted(text: str, encoding: str) -> None:
    assert guess_encoding(text.encode(encoding)) == (encoding, True, "")


def test_letters_that_make_words_in_two_encodings_name_both() -> None:
    assert guess_encoding("Malmö".encode("mac_roman")) == ("cp1252", True, "mac_roman")
