"""Kazakh in Latin and Arabic script, against texts that others published."""

from __future__ import annotations

import subprocess
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keshen.language.kazakh import DEFAULT, Exceptional, Settings, to_arabic, to_latin
from keshen.language.kazakh.letters import ARABIC, CYRILLIC, LATIN

# Universal Declaration of Human Rights, article 1. Cyrillic: UN OHCHR / UDHR in Unicode (with the misprint кұқықтары
# put right); Latin of April 2021 and Arabic script: the sample texts of the encyclopaedia's "Kazakh alphabets"
UDHR_CYRILLIC = (
    "Барлық адамдар тумысынан азат және қадір-қасиеті мен құқықтары тең болып дүниеге келеді. Адамдарға "
    "ақыл-парасат, ар-ождан берілген, сондықтан олар бір-бірімен туыстық, бауырмалдық қарым-қатынас жасаулары тиіс."
)
UDHR_LATIN = (
    "Barlyq adamdar tumysynan azat jäne qadır-qasietı men qūqyqtary teñ bolyp düniege keledı. Adamdarğa "
    "aqyl-parasat, ar-ojdan berılgen, sondyqtan olar bır-bırımen tuystyq, bauyrmaldyq qarym-qatynas jasaulary tiıs."
)
UDHR_ARABIC = (
    "بارلىق ادامدار تۋمىسىنان ازات جانە قادىر-قاسيەتى مەن قۇقىقتارى تەڭ بولىپ دۇنيەگە كەلەدى. ادامدارعا "
    "اقىل-پاراسات، ار-وجدان بەرىلگەن، سوندىقتان ولار ءبىر-بىرىمەن تۋىستىق، باۋىرمالدىق قارىم-قاتىناس جاساۋلارى ءتيىس."
)
# The anthem of Kazakhstan, Latin of April 2021, as the encyclopaedia prints it
ANTHEM = [
    ("Алтын күн аспаны", "Altyn kün aspany"),
    ("Алтын дән даласы", "Altyn dän dalasy"),
    ("Ерліктің дастаны – Еліме қарашы!", "Erlıktıñ dastany – Elıme qaraşy!"),
    ("Даңқымыз шықты ғой", "Dañqymyz şyqty ğoi"),
    ("Қазағым мықты ғой!", "Qazağym myqty ğoi!"),
]
# QazAqparat, 2022, on the referendum: the Constitution's article 4 in the alphabet of 2018
ARTICLE_4 = (
    "Қазақстан Республикасында қолданылатын құқық Конституцияның, соған сәйкес заңдардың, өзге де нормативтік "
    "құқықтық актілердің, халықаралық шарттары мен Республиканың басқа да міндеттемелерінің",
    "Qazaqstan Respýblıkasynda qoldanylatyn quqyq Konstıtýtsııanyń, soǵan sáıkes zańdardyń, ózge de normatıvtik "
    "quqyqtyq aktilerdiń, halyqaralyq sharttary men Respýblıkanyń basqa da mindettemeleriniń",
)
# Kazinform's Arabic-script edition, January and February 2026
KAZINFORM_ARABIC = [
    ("Жаңа Конституция жобасы ең алдымен адамды қорғайды", "جاڭا كونستيتۋتسيا جوباسى ەڭ الدىمەن ادامدى قورعايدى"),
    ("Қазақ қоғамы заңды сырттан үйренген жоқ", "قازاق قوعامى زاڭدى سىرتتان ۇيرەنگەن جوق"),
    ("АСТАНА. KAZINFORM - Алматы қаласы", "استانا. KAZINFORM - الماتى قالاسى"),
    ("конституциялық реформа жөніндегі комиссияның", "كونستيتۋتسيالىق رەفورما جونىندەگى كوميسسيانىڭ"),
    ("1-бөлімінің 3-бабындағы", "1-ءبولىمىنىڭ 3-بابىنداعى"),
]


def test_the_universal_declaration_in_three_scripts() -> None:
    assert to_latin(UDHR_CYRILLIC) == UDHR_LATIN
    assert to_arabic(UDHR_CYRILLIC) == UDHR_ARABIC


@pytest.mark.parametrize(("cyrillic", "latin"), ANTHEM)
def test_the_anthem(cyrillic: str, latin: str) -> None:
    assert to_latin(cyrillic) == latin


def test_the_alphabet_of_2018() -> None:
    assert to_latin(ARTICLE_4[0], Settings(latin="2018")) == ARTICLE_4[1]


@pytest.mark.parametrize(("cyrillic", "arabic"), KAZINFORM_ARABIC)
def test_the_arabic_script_edition_of_an_agency(cyrillic: str, arabic: str) -> None:
    assert to_arabic(cyrillic) == arabic


def test_the_agencys_own_latin_of_2004() -> None:
    assert to_latin("ҚазАқпарат Үкімет туралы хабар мұражай өңір", Settings(latin="2004")) == (
        "QazAqparat Ükimet twralı xabar murajay öñir"
    )


@pytest.mark.parametrize(
    ("cyrillic", "latin"),
    [
        ("АСТАНА", "ASTANA"),
        ("ІЛЕ Іле іле", "ILE Ile ıle"),
        ("ИМАН Иман иман", "İMAN İman iman"),
        ("ЯНВАРЬ Ян Ю. Ә. ЮБК", "İANVAR İan İu. Ä. İUBK"),
        ("Цирк ЦИРК Ц", "Tsirk TSİRK Ts"),
        ("ЩЕТКА Щетка", "ŞŞETKA Şşetka"),
        ("КазТАГ БҰҰ-ның", "KazTAG BŪŪ-nyñ"),
        ("и\u0306од", "iod"),
        ("объект", "obekt"),
        ("", ""),
    ],
)
def test_case_in_the_latin_script(cyrillic: str, latin: str) -> None:
    assert to_latin(cyrillic) == latin


@pytest.mark.parametrize(
    ("cyrillic", "arabic"),
    [
        ("қазір", "قازىر"),
        ("бір-бірімен", "ءبىر-بىرىمەن"),
        ("әлем", "الەم"),
        ("өмір Өмір ӨМІР", "ءومىر ءومىر ءومىر"),
        ("үш, бес; ме?", "ءۇش، بەس؛ مە؟"),
        ("2,5 пайыз, 1,234,567", "2,5 پايىز، 1,234,567"),
        ("азия айя қою юань кеңейтіледі тарихи ий", "ازيا اييا قويۋ يۋان كەڭەيتىلەدى تاريحي ي"),
        ("щетка һәм вагон", "ششەتكا ءھام ۆاگون"),
        ("Ә. Сәрсенов", "ءا. سارسەنوۆ"),
    ],
)
def test_rules_of_the_arabic_script(cyrillic: str, arabic: str) -> None:
    assert to_arabic(cyrillic) == arabic


@pytest.mark.parametrize("convert", [to_latin, to_arabic])
@pytest.mark.parametrize(
    "kept",
    [
        "https://kazinform.kz/kk/мақала?іздеу=а,б;в",
        "пошта@мысал.қаз",
        "редакция@kazinform.kz",
        "егов.қаз",
        '<a href="/kk/мақала" title="әлем, сен?">',
        "<!-- түсінік, иә? -->",
        "&nbsp;",
        "@keshen_kz",
        "Maqsut Narikbayev University",
    ],
)
def test_links_and_markup_are_untouched(convert, kept: str) -> None:
    assert kept in convert(f"Қара {kept} болды")


def test_a_link_ends_before_the_comma_of_the_sentence() -> None:
    assert to_arabic("https://kazinform.kz, сен") == "https://kazinform.kz، سەن"
    assert to_latin("[бет](/kk/бет-1)") == "[bet](/kk/бет-1)"


def test_exceptions_cover_abbreviations_and_names_with_their_endings() -> None:
    assert to_latin("ЮНЕСКО-ның Нью-Йоркте НЬЮ-ЙОРК юнеско") == "UNESCO-nyñ New Yorkte NEW YORK iunesko"
    own = Settings(exceptions=(Exceptional("чех*", latin="Çeh", arabic="چەح"), Exceptional("ТМД", arabic="ت م د")))
    assert to_latin("Чехия чехтар", own) == "Çehiia Çehtar"
    assert to_arabic("Чехия ТМД-ға", own) == "چەحيا ت م د-عا"


def test_choices_of_letters() -> None:
    assert to_latin("цемент чек", Settings(latin_ts="s", latin_ch="ç")) == "sement çek"
    assert to_arabic("цемент чек өмір", Settings(arabic_ts="س", arabic_ch="تش", hamza="\u0674")) == "سەمەنت تشەك ٴومىر"


@pytest.mark.parametrize("alphabet", LATIN)
def test_every_letter_is_mapped(alphabet) -> None:
    for letter in CYRILLIC + CYRILLIC.upper():
        latin = to_latin(letter, Settings(latin=alphabet))
        assert all("LATIN" in unicodedata.name(each) for each in latin)
        assert bool(latin) == (letter.lower() not in "ъь")
        assert latin.islower() == letter.islower() or not latin
    assert set(ARABIC) == set(CYRILLIC)


KAZAKH = st.text(st.sampled_from(CYRILLIC + CYRILLIC.upper() + " -,.;?!0123456789\n«»"))


@given(KAZAKH)
def test_digits_lines_and_spaces_survive(text: str) -> None:
    for convert in (to_latin, to_arabic):
        done = convert(text)
        assert [c for c in done if c.isdigit()] == [c for c in text if c.isdigit()]
        assert done.count("\n") == text.count("\n") and done.count(" ") == text.count(" ")
        assert not any("CYRILLIC" in unicodedata.name(c, "") for c in done)


@given(st.text())
def test_twice_is_once(text: str) -> None:
    for convert in (to_latin, to_arabic):
        assert convert(convert(text)) == convert(text)


@given(st.text(st.characters(max_codepoint=0x24F)))
def test_latin_text_is_untouched_by_the_latin_script(text: str) -> None:
    assert to_latin(text) == text


def test_the_command() -> None:
    def run(*args: str, source: bytes) -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-m", "keshen.language.command", *args]
        return subprocess.run(command, input=source, capture_output=True)

    assert run("--to", "kk-Latn", source="\ufeffҚала\n".encode()).stdout.decode() == "Qala\n"
    assert run("--to", "kk-Latn", "--variant", "2018", source="Шәй".encode()).stdout.decode() == "Sháı"
    assert run("--to", "kk-Arab", source="Қала\r\n".encode()).stdout.decode() == "قالا\r\n"
    wrong = run("--to", "kk-Latn", source=b"\xca\xe0")
    assert wrong.returncode == 1 and b"not UTF-8" in wrong.stderr
    assert run("--to", "ru", source=b"").returncode == 2
    assert run("--to", "kk-Latn", "--variant", "1929", source=b"").returncode == 2


def test_the_default_is_the_alphabet_of_2021() -> None:
    assert DEFAULT.latin == "2021"
