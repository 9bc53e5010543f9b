"""Letters that languages are written in: the frequent ones, then the others."""

from typing import NamedTuple


class Alphabet(NamedTuple):
    """Letters beyond ASCII of one language, in small letters.

    Attributes:
        frequent: most of a text.
        others: the rest.
        is_latin: they stand beside ASCII letters in one word.
        encodings: of single bytes that the language is saved in, the likelier one first.
    """

    frequent: str
    others: str
    is_latin: bool
    encodings: tuple[str, ...]


_WEST = ("cp1252", "mac_roman", "cp850")
_CENTRE = ("cp1250", "iso8859_2", "cp852")
_CYRILLIC = ("cp1251", "koi8_r", "cp866")
ALPHABETS = {
    "German": Alphabet("äöüß", "éàè", True, _WEST),
    "French": Alphabet("éèàêçâîôûùïëœ", "ÿüæ", True, _WEST),
    "Spanish": Alphabet("áéíóúñü", "ç", True, _WEST),
    "Portuguese": Alphabet("ãáçéíóõêâúôà", "ü", True, _WEST),
    "Italian": Alphabet("àèéìòù", "î", True, _WEST),
    "Catalan": Alphabet("àèéíòóúç", "ïü", True, _WEST),
    "Danish": Alphabet("æøå", "éäöü", True, _WEST),
    "Swedish": Alphabet("åäö", "éüøæà", True, _WEST),
    "Icelandic": Alphabet("áéíóúýþæöð", "", True, _WEST),
    "Dutch": Alphabet("éëïèóöü", "áúíê", True, _WEST),
    "Finnish": Alphabet("äö", "åšž", True, ("cp1252",)),
    "Polish": Alphabet("ąęłóśżćńź", "", True, _CENTRE),
    "Czech": Alphabet("áéíýěščřžůú", "óťďňôľĺŕä", True, _CENTRE),
    "Hungarian": Alphabet("áéíóöőúüű", "", True, _CENTRE),
    "Romanian": Alphabet("ăâîşţ", "", True, _CENTRE),
    "Croatian": Alphabet("čćžšđ", "", True, _CENTRE),
    "Turkish": Alphabet("ıişğüöç", "âî", True, ("cp1254",)),
    "Lithuanian": Alphabet("ąčęėįšųūž", "āēģīķļņ", True, ("cp1257",)),
    "Russian": Alphabet("оеаинтсрвлкмдпу", "яызьбгчйхжшюцщэфъё", False, _CYRILLIC),
    "Ukrainian": Alphabet("оаинвіетрслкдмп", "уяьзбгчйхїюшцєщжфґ", False, ("cp1251",)),
    "Greek": Alphabet("αιοτενσςρκπμλη", "υάόίέήθδγφχβύώξζψϊϋω", False, ("cp1253",)),
    "Hebrew": Alphabet("יוהלאתמרשבנ", "חדקעפכזטסגצםןךףץ", False, ("cp1255",)),
    "Arabic": Alphabet("اليمنورتبةعدس", "فهكقحجشصطخثذزضظغءأإآؤئىپچژگ", False, ("cp1256",)),
    "Thai": Alphabet("านรกอเงวมย่ล", "ตทสี้ัิดะคพขหปแจไใบโชถซธศณุูำผฟญฎฏฐฑฒภษฬฮฤฝฉฆฃฅ็์ึืๆ๊๋ฯ", False, ("cp874",)),
}
MULTIBYTE = {  # of which script; what extends an encoding comes behind it
    **dict.fromkeys(("gbk", "big5", "gb18030", "big5hkscs"), "Chinese"),
    **dict.fromkeys(("shift_jis", "cp932", "euc_jp"), "Japanese"),
    **dict.fromkeys(("euc_kr", "cp949"), "Korean"),
}
# Of daily use and of tables, simplified and traditional; about half of any Chinese text, and many a Japanese one.
HAN = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定"
    "行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其"
    "些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建"
    "月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接"
    "知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据处队南给色光门即保治北造百规热领七海口东导器"
    "压志世金增争济阶油思术极交受联什认六共权收证改清己美再采转更单风切打白教速花带安场身车例真务具万每目至达走积示议"
    "声报斗完类八离华名确才科张信马节话米整空元况今集温传土许步群广石记需段研界拉林律叫且究观越织装影算低持音众书布复"
    "容儿须际商非验连断深难近矿千周委素技备半办青省列习响约支般史感劳便团往酸历市克何除消构府称太准精值号率族维划选标"
    "写存候毛亲快效斯院查江型眼王按格养易置派层片始却专状育厂京识适属圆包火住调满县局照参红细引听该铁价严"
    "這個國來們時為會對發動說種後學經過進著電裡實現兩體機當點從業應開還與關數線內無結問題條長見計門間東車馬風頭類稱標"
    "價號單選測試樣產員總圖級組區強處隊給導壓爭濟術極聯認權證轉場務萬達積議報斷難礦備辦習響約歷構準維劃寫親層專狀廠識"
    "適屬圓滿縣參紅細聽鐵嚴變質氣畫連運農規熱領龍鳥魚貓猫狗兔牛羊鸡雞鸭鱼鸟树樹草叶葉苹蘋梨桃橘橙颜顏男女龄齡姓址评評签籤"
    "籤宽寬厚湿濕浓濃黄黃绿綠蓝藍黑灰紫冷暖强弱正常异異病健康患城镇鎮村街店客户戶购買购销銷售库庫姓編编码碼款订訂週周秒"
    "年齢歳値検査結果気温湿度観測地点番号製造売図書館駅県円"
)
HANGUL = frozenset(
    "이가다는을를의에은도로고하지기한서사인나어아자리그시대들으수라해전일정과제부장상동주여보구만있없었것면게성원공국학"
    "생년월안오우소스비유무모물내신경세조데마방간길너류종높남녀별령값온습름결색크무연번호명행품질문트래크파란노강양말"
    "개고양토끼새나무꽃잎량합격불량진단등급판매금액직업건당환군구시읍면"
)
KANA = frozenset(map(chr, range(0x3041, 0x30FF)))
