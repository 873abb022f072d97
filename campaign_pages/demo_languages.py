"""Drafts in the demo's other languages: a few short phrases, marked "machine draft, not checked", never published.

They show how a language is prepared. A person who reads the language has to check every word before any of it is live;
the publication gate of BasePage refuses a translation without such a check.
"""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from wagtail.models import Locale

from campaign_pages.models import HelpLine, HomePage, LanguageWords, PosterTextPage, TonightPage

MARK = "machine draft, not checked"

# walk away · sentence of the poster · tonight · four tips · words of every page
PHRASES: dict[str, dict[str, Any]] = {
    "gu": {
        "headline": "ચાલ્યા જાઓ",
        "line": "વાત વણસે ત્યારે ચાલ્યા જાઓ.",
        "tonight": "આજે રાત્રે",
        "tips": ["માહોલ જુઓ", "જવા દો", "મિત્રને દૂર લઈ જાઓ", "મદદ માગો"],
        "words": {
            "call_999": "999 પર ફોન કરો",
            "need_help": "મને મદદ જોઈએ છે",
            "leave": "આ સાઇટ છોડો",
            "only_if_safe": "સલામત હોય તો જ.",
        },
    },
    "pa": {
        "headline": "ਪਰੇ ਹੋ ਜਾਓ",
        "line": "ਗੱਲ ਵਿਗੜੇ ਤਾਂ ਪਰੇ ਹੋ ਜਾਓ।",
        "tonight": "ਅੱਜ ਰਾਤ",
        "tips": ["ਮਾਹੌਲ ਦੇਖੋ", "ਜਾਣ ਦਿਓ", "ਦੋਸਤ ਨੂੰ ਦੂਰ ਲੈ ਜਾਓ", "ਮਦਦ ਮੰਗੋ"],
        "words": {
            "call_999": "999 ਤੇ ਫ਼ੋਨ ਕਰੋ",
            "need_help": "ਮੈਨੂੰ ਮਦਦ ਚਾਹੀਦੀ ਹੈ",
            "leave": "ਇਹ ਸਾਈਟ ਛੱਡੋ",
            "only_if_safe": "ਸਿਰਫ਼ ਜੇ ਸੁਰੱਖਿਅਤ ਹੋਵੇ।",
        },
    },
    "pl": {
        "headline": "Odejdź",
        "line": "Gdy robi się gorąco, odejdź.",
        "tonight": "Dziś wieczorem",
        "tips": ["Zauważ, co się dzieje", "Odpuść", "Zabierz kolegę", "Wezwij pomoc"],
        "words": {
            "call_999": "Zadzwoń pod 999",
            "need_help": "Potrzebuję pomocy",
            "leave": "Opuść tę stronę",
            "only_if_safe": "Tylko jeśli jest bezpiecznie.",
        },
    },
    "pt": {
        "headline": "Afasta-te",
        "line": "Quando o ambiente aquece, afasta-te.",
        "tonight": "Esta noite",
        "tips": ["Repara no ambiente", "Deixa passar", "Leva o teu amigo", "Pede ajuda"],
        "words": {
            "call_999": "Liga 999",
            "need_help": "Preciso de ajuda",
            "leave": "Sair deste site",
            "only_if_safe": "Só se for seguro.",
        },
    },
    "so": {
        "headline": "Ka tag",
        "line": "Marka xaaladdu kululaato, ka tag.",
        "tonight": "Caawa",
        "tips": ["Fiiri xaaladda", "Iska daa", "Saaxiibkaa ka kaxee", "Caawimaad weydiiso"],
        "words": {
            "call_999": "Wac 999",
            "need_help": "Waxaan u baahanahay caawimaad",
            "leave": "Ka bax boggan",
            "only_if_safe": "Kaliya haddii ay ammaan tahay.",
        },
    },
    "ur": {
        "headline": "دور ہو جائیں",
        "line": "بات بگڑے تو دور ہو جائیں۔",
        "tonight": "آج رات",
        "tips": ["ماحول دیکھیں", "جانے دیں", "دوست کو دور لے جائیں", "مدد مانگیں"],
        "words": {
            "call_999": "999 پر کال کریں",
            "need_help": "مجھے مدد چاہیے",
            "leave": "یہ سائٹ چھوڑیں",
            "only_if_safe": "صرف اگر محفوظ ہو۔",
        },
    },
}


def load(*, seed: int, say: Callable[[str], None]) -> None:
    """Idempotent: a language that has a home page is left as it is. `seed` changes nothing: the words are fixed."""
    english = HomePage.objects.filter(locale__language_code="en-gb").first()
    if english is None:
        return
    made = sum(_language(english, code, phrases) for code, phrases in PHRASES.items())
    say(f"  {made} languages as drafts ({MARK})" if made else "  drafts of languages are there")


@transaction.atomic
def _language(english: HomePage, code: str, phrases: dict[str, Any]) -> int:
    locale, _ = Locale.objects.get_or_create(language_code=code)
    LanguageWords.objects.get_or_create(locale=locale, defaults={**phrases["words"], "note": MARK})
    if english.has_translation(locale):
        return 0
    lines = list(HelpLine.objects.filter(locale=english.locale)[:3])
    tips = [
        {"action": action, "say": "", "detail": "", "only_if_safe": number == 2}
        for number, action in enumerate(phrases["tips"])
    ]
    home = english.copy_for_translation(locale)
    _draft(
        home,
        title=f"{phrases['headline']} ({MARK})",
        headline=phrases["headline"],
        lead=phrases["line"],
        seo_title="",
        share_text="",
        body=[("tips", {"heading": "", "tips": tips}), ("help_lines", {"heading": "999", "lines": lines})],
    )
    for page in TonightPage.objects.child_of(english):
        _draft(
            page.copy_for_translation(locale),
            title=f"{phrases['tonight']} ({MARK})",
            lead=phrases["headline"],
            seo_title="",
            share_text="",
            body=[("tips", {"heading": "", "tips": tips}), ("help_lines", {"heading": "999", "lines": lines})],
        )
    for poster in PosterTextPage.objects.child_of(english):
        _draft(
            poster.copy_for_translation(locale),
            title=f"{phrases['headline']} ({MARK})",
            artwork_version=poster.artwork_version.replace("EN", code.upper()),
            headline=phrases["headline"],
            line=phrases["line"],
            ask_lines=phrases["tips"][3],
            help_line=phrases["words"]["call_999"],
            picture="",
            share_text="",
            body=[],
        )
    return 1


def _draft(page: Any, **words: Any) -> None:
    for name, value in words.items():
        setattr(page, name, value)
    page.save()
    page.save_revision()
