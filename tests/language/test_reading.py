"""Text as it is spoken."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keshen.language.kazakh.endings import attach
from keshen.language.reading import LANGUAGES, speak
from keshen.language.reading.kazakh_numbers import cardinal, ordinal

KAZAKH = [
    ("2026 жылы екінші «Al Jazeera апталығын» өткізу", "екі мың жиырма алтыншы жылы екінші Әл Жазира апталығын өткізу"),
    ("50-ден астам шетелдік бюросы бар", "елуден астам шетелдік бюросы бар"),
    ("1996 жылы құрылған", "мың тоғыз жүз тоқсан алтыншы жылы құрылған"),
    ("2024–2026 жылдары", "екі мың жиырма төртінші – екі мың жиырма алтыншы жылдары"),
    ("2025 ж. және 2026-жыл", "екі мың жиырма бесінші жыл және екі мың жиырма алтыншы жыл"),
    ("10 жыл бойы 3 жылда", "он жыл бойы үш жылда"),
    ("XX ғасырда, 21 ғасыр", "жиырмасыншы ғасырда, жиырма бірінші ғасыр"),
    ("14 желтоқсанда, 10-15 желтоқсан", "он төртінші желтоқсанда, оныншы – он бесінші желтоқсан"),
    ("14.12.2025 күні", "екі мың жиырма бесінші жылғы он төртінші желтоқсан күні"),
    ("сағат 18:00-де, 9:05-те", "сағат он сегіз нөл нөлде, тоғыз нөл бесте"),
    ("5-сынып, 1-ші орын, 3-еуі", "бесінші сынып, бірінші орын, үшеуі"),
    ("10-ға 1000-нан 40-тан", "онға бір мыңнан қырықтан"),
    ("25,5 млрд теңге", "жиырма бес бүтін оннан бес миллиард теңге"),
    ("$5 млн, 1 234 ₸", "бес миллион доллар, бір мың екі жүз отыз төрт теңге"),
    ("5%-ға өсті", "бес пайызға өсті"),
    ("−5 °C пен +25°C-қа", "минус бес градус пен плюс жиырма бес градусқа"),
    (
        "120 км/сағ, 5 км-ге, 12,5 млн т",
        "жүз жиырма километр сағатына, бес километрге, он екі бүтін оннан бес миллион тонна",
    ),
    ("АҚШ-тың, БҰҰ-ға, ҚР-да", "Америка Құрама Штаттарының, Біріккен Ұлттар Ұйымына, Қазақстан Республикасында"),
    ("Президент ТРК журналистері, т.б.", "Президент телерадиокешені журналистері, тағы басқалар"),
    ("COVID-19, G20, ТУ-154", "ковид он тоғыз, джи жиырма, ТУ жүз елу төрт"),
    ("Al Jazeera-ның, CNN-де", "Әл Жазираның, си-эн-энде"),
    ("Maqsut Narikbayev University жанындағы", "Мақсұт Нәрікбаев университеті жанындағы"),
    ("Halyk Bank-тен", "Халик Банктен"),
    ("АСТАНА. Қ.К. Тоқаев", "Астана. Тоқаев"),
    ("https://www.inform.kz/kk/a?b=1 сайтында", "информ нүкте кей-зет сайтында"),
    ("10-15 адам", "он – он бес адам"),
    ("№5 мектеп", "бесінші мектеп"),
]
RUSSIAN = [
    ("в 2026 году", "в две тысячи двадцать шестом году"),
    ("к 2030 году, с 2024 года", "к две тысячи тридцатому году, с две тысячи двадцать четвёртого года"),
    ("в 2025 г.", "в две тысячи двадцать пятом году"),
    ("2024–2026 годы", "две тысячи двадцать четвёртый – две тысячи двадцать шестой годы"),
    ("14 декабря 2025 года", "четырнадцатого декабря две тысячи двадцать пятого года"),
    ("14.12.2025 в 18:00", "четырнадцатого декабря две тысячи двадцать пятого года в восемнадцать ноль-ноль"),
    ("XXI век, в XX веке", "двадцать первый век, в двадцатом веке"),
    ("Пётр I и Екатерина II", "Пётр первый и Екатерина вторая"),
    ("более 50 бюро в 5 странах", "более пятидесяти бюро в пяти странах"),
    ("2 страны, 21 человек, 1 неделя", "две страны, двадцать один человек, одна неделя"),
    ("25,5 млрд тенге", "двадцать пять целых пять десятых миллиарда тенге"),
    ("$5 млн, 5%, до 10%", "пять миллионов долларов, пять процентов, до десяти процентов"),
    ("в 5 км от города", "в пяти километрах от города"),
    ("2 тыс. человек, 2 млн т", "две тысячи человек, два миллиона тонн"),
    ("1-й этап, 90-х годов, в 1-м квартале", "первый этап, девяностых годов, в первом квартале"),
    ("Президент РК, в РФ", "Президент Республики Казахстан, в Российской Федерации"),
    ("ООН и США, и т.д.", "о-о-эн и сэ-шэ-а, и так далее"),
    ("Al Jazeera и Silk Way, BBC", "Аль-Джазира и Силк Вэй, би-би-си"),
    ("в г. Астане, г. Алматы", "в городе Астане, город Алматы"),
    ("−5 °C", "минус пять градусов"),
    (
        "превышает 1 000 метров, через 1 минуту, за 2 недели",
        "превышает одну тысячу метров, через одну минуту, за две недели",
    ),
]
ENGLISH = [
    ("In 2026, 14 December 2025", "In twenty twenty-six, the fourteenth of December, twenty twenty-five"),
    ("$5 million, $5.50, 5%", "five million dollars, five dollars and fifty cents, five percent"),
    ("1,234 people in 10-15 towns", "one thousand two hundred and thirty-four people in ten to fifteen towns"),
    ("the XX century, Elizabeth II, the 1990s", "the twentieth century, Elizabeth the second, the nineteen nineties"),
    ("at 18:30, 6:05 pm", "at eighteen thirty, six oh five p m"),
    ("120 km/h, −5 °C", "one hundred and twenty kilometres an hour, minus five degrees"),
    ("Абай, Қазақстан", "Abai, Qazaqstan"),
]
ARABIC = [
    ("5% و 12", "خمسة بالمئة و اثني عشر"),
    ("١٢ دولة", "اثني عشر دولة"),
    ("14.12.2025", "الرابع عشر من ديسمبر ألفين وخمسة وعشرين"),
    ("في 4 أكتوبر 1957", "في الرابع من أكتوبر ألف وتسعمائة وسبعة وخمسين"),
    ("أكثر من 50 مكتبا", "أكثر من خمسين مكتبا"),
]


@pytest.mark.parametrize(("written", "said"), KAZAKH)
def test_kazakh(written: str, said: str) -> None:
    assert speak(written, "kk") == said


@pytest.mark.parametrize(("written", "said"), RUSSIAN)
def test_russian(written: str, said: str) -> None:
    assert speak(written, "ru") == said


@pytest.mark.parametrize(("written", "said"), ENGLISH)
def test_english(written: str, said: str) -> None:
    assert speak(written, "en") == said


@pytest.mark.parametrize(("written", "said"), ARABIC)
def test_arabic(written: str, said: str) -> None:
    assert speak(written, "ar") == said


def test_a_language_without_rules_is_left_to_its_voice() -> None:
    assert speak("2026 йил", "uz") == "2026 йил"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (1, "бірінші"), (2, "екінші"), (3, "үшінші"), (4, "төртінші"), (5, "бесінші"), (6, "алтыншы"), (7, "жетінші"),
        (8, "сегізінші"), (9, "тоғызыншы"), (10, "оныншы"), (20, "жиырмасыншы"), (30, "отызыншы"), (40, "қырқыншы"),
        (50, "елуінші"), (60, "алпысыншы"), (70, "жетпісінші"), (80, "сексенінші"), (90, "тоқсаныншы"),
        (100, "жүзінші"), (1000, "мыңыншы"), (1_000_000, "бір миллионыншы"), (2040, "екі мың қырқыншы"),
    ],
)  # fmt: skip
def test_kazakh_ordinals(value: int, words: str) -> None:
    assert ordinal(value) == words


@pytest.mark.parametrize(
    ("word", "ending", "possessive", "joined"),
    [
        ("қала", "де", False, "қалада"), ("мектеп", "ға", False, "мектепке"), ("үй", "ның", False, "үйдің"),
        ("сан", "дан", False, "саннан"), ("қаз", "мен", False, "қазбен"), ("Ұйымы", "ге", True, "Ұйымына"),
        ("Штаттары", "та", True, "Штаттарында"), ("министрлігі", "ті", True, "министрлігін"),
        ("екі", "еуі", False, "екеуі"),
        ("клуб", "да", False, "клубта"),
    ],
)  # fmt: skip
def test_kazakh_endings_fit_their_word(word: str, ending: str, possessive: bool, joined: str) -> None:
    assert attach(word, ending, possessive=possessive) == joined


@given(st.integers(0, 10**12))
def test_kazakh_numbers_are_words(value: int) -> None:
    assert re.fullmatch(r"[а-яәғқңөұүһі ]+", cardinal(value))
    assert ordinal(value).endswith(("нші", "ншы"))


@pytest.mark.parametrize("language", LANGUAGES)
@given(text=st.text(st.sampled_from("0123456789 .,:-–%$№°CXVIкмгa/+жылы\n"), max_size=30))
def test_no_digit_is_left_to_the_voice(language: str, text: str) -> None:
    assert not re.search(r"[0-9]", speak(text, language))


@given(text=st.text(max_size=60))
def test_any_text_can_be_spoken(text: str) -> None:
    for language in LANGUAGES:
        assert speak(text, language).count("\n") == text.count("\n")


@pytest.mark.parametrize(
    "text",
    ["1" * 20_000, "111 " * 5_000, "1," * 20_000, "1-" * 20_000, "A" * 100_000, "I " * 20_000, "+7 (" * 5_000],
    ids=["digits", "groups", "commas", "dashes", "letters", "Romans", "telephones"],
)
def test_hostile_text_is_spoken_too(text: str) -> None:
    for language in LANGUAGES:
        assert not re.search(r"[0-9]", speak(text, language))


def test_a_long_code_is_read_digit_by_digit() -> None:
    assert speak("KZ12 3456789012345", "kk").endswith("үш төрт бес алты жеті сегіз тоғыз нөл бір екі үш төрт бес")
