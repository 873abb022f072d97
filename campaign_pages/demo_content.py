"""Builds the demo's site: settings, facts, help lines and the page tree. Pages that exist are left as people made them."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import transaction
from wagtail.models import Locale, Page, Site
from wagtail.rich_text import RichText

from campaign_pages import demo_news as news
from campaign_pages import demo_paths as paths
from campaign_pages import demo_statutory as law
from campaign_pages import demo_words as words
from campaign_pages.display_font import build as build_font
from campaign_pages.models import (
    ArticlePage,
    BasePage,
    CampaignSettings,
    ChoicesStoryPage,
    Creative,
    Fact,
    HelpLine,
    HomePage,
    NewsIndexPage,
    NewsPage,
    PlanPage,
    PosterTextPage,
    QuizPage,
    StoryIndexPage,
    StoryPage,
    TonightPage,
)

Body = list[tuple[str, Any]]


def load(*, seed: int, say: Callable[[str], None]) -> None:
    """Idempotent. `seed` changes nothing here: the words are fixed."""
    font = build_font()
    if font["built"]:
        say(f"  display font built ({font['bytes']:,} bytes)")
    with transaction.atomic():
        facts = {key: _fact(values) for key, values in words.FACTS.items()}
        lines = [_help_line(values) for values in words.HELP_LINES]
        is_new = not HomePage.objects.exists()
        home = _home(facts, lines)
        made = _pages_below(home, facts, lines)
        if is_new:
            _ways_on(home)
    say(f"  {made} new pages" if made else "  pages are there")


def _fact(values: dict[str, Any]) -> Fact:
    return Fact.objects.get_or_create(text=values["text"], defaults={**values, "review_by": words.REVIEW})[0]


def _help_line(values: dict[str, Any]) -> HelpLine:
    # last_checked stays empty: it is for the person who has rung the number.
    locale, _ = Locale.objects.get_or_create(language_code=settings.LANGUAGE_CODE)
    defaults = {**values, "review_by": words.REVIEW}
    return HelpLine.objects.get_or_create(name=values["name"], locale=locale, defaults=defaults)[0]


def _home(facts: dict[str, Fact], lines: list[HelpLine]) -> HomePage:
    home = HomePage.objects.filter(locale__language_code=settings.LANGUAGE_CODE).first()
    root = Page.objects.get(depth=1)
    if home is None:
        locale, _ = Locale.objects.get_or_create(language_code=settings.LANGUAGE_CODE)
        home = HomePage(
            title="Walk Away",
            slug="walk-away",
            locale=locale,
            headline="Walk away",
            lead=words.HOME_LEAD,
            share_text="When it gets heated on a night out, walk away. Four things to do, and where to get help.",
            body=[
                ("tips", {"heading": "Four beats. Ten seconds.", "tips": words.TIPS}),
                (
                    "norm",
                    {"fact": facts["steps_in"], "meaning": "Mates step in. You would not be the odd one out."},
                ),
                ("if_then", {"heading": "Make your plan now", "pairs": words.IF_THEN}),
                ("norm", {"fact": facts["punches"], "meaning": ""}),
                ("norm", {"fact": facts["nearly_all"], "meaning": "Walking away is what most people do."}),
                ("help_lines", {"heading": "Get help", "lines": lines[:4]}),
            ],
        )
        root.add_child(instance=home)
        home.save_revision().publish()
    site = Site.objects.filter(is_default_site=True).first() or Site(is_default_site=True)
    if site.root_page_id != home.pk:
        site.hostname, site.port, site.site_name = "localhost", 80, settings.WALKAWAY_SITE_NAME
        site.root_page = home
        site.save()
        # Wagtail's own "Welcome" page stands where our site now is.
        for page in Page.objects.filter(depth=2, slug="home").exclude(pk=home.pk):
            if page.specific_class is Page:
                page.delete()
    CampaignSettings.for_site(site)
    return home


def _pages_below(home: HomePage, facts: dict[str, Fact], lines: list[HelpLine]) -> int:
    def rich(*texts: str) -> Body:
        return [("text", RichText(text)) for text in texts]

    help_block: Body = [("help_lines", {"heading": "Get help", "lines": lines})]
    tips: Body = [("tips", {"heading": "", "tips": words.TIPS})]
    made = _add(
        home,
        TonightPage(
            title="Tonight",
            slug="tonight",
            show_in_menus=True,
            lead="Getting heated?",
            share_text="Out tonight? Four things to do when it gets heated.",
            body=[*tips, ("help_lines", {"heading": "Get help now", "lines": lines[:3]})],
        ),
    )
    made += _add(
        home,
        ArticlePage(
            title="Mates",
            seo_title="Look after your mates",
            slug="mates",
            show_in_menus=True,
            picture="mates",
            lead="You know him. That is why he listens to you.",
            body=[
                ("norm", {"fact": facts["mates"], "meaning": ""}),
                *tips,
                ("steps", {"heading": "In this order", "steps": words.MATES_STEPS}),
                *rich(words.MATES_TEXT),
                (
                    "norm",
                    {
                        "fact": facts["steppers_hurt"],
                        "meaning": "So: door staff first. Step in only if it is safe.",
                    },
                ),
                *help_block,
            ],
        ),
    )
    stories = StoryIndexPage(
        title="Stories",
        slug="stories",
        show_in_menus=True,
        lead="Two seconds, two ways it can go.",
        body=help_block,
    )
    made += _add(home, stories)
    index = StoryIndexPage.objects.child_of(home).first()
    if index is not None:
        for story in words.STORIES:
            made += _add(
                index,
                StoryPage(
                    title=story["title"],
                    slug=story["slug"],
                    content_note=story["content_note"],
                    lead=story["lead"],
                    body=[
                        *rich(story["text"]),
                        ("line_to_use", {"line": story["line"], "when": story["when"]}),
                        ("help_lines", {"heading": "Is this close to home?", "lines": lines[:4]}),
                    ],
                ),
            )
    made += _add(
        home,
        ArticlePage(
            title="Help",
            seo_title="Where to get help",
            slug="help",
            show_in_menus=True,
            lead="Hurt, worried, or did it yourself? Start here.",
            picture="phone",
            body=[
                ("situations", {"heading": "What happened?", "situations": _situations(lines)}),
                ("help_lines", {"heading": "All numbers", "lines": lines}),
            ],
        ),
    )
    made += _add(
        home,
        ArticlePage(
            title="About and evidence",
            slug="about",
            lead="Who made this, and what we know and do not know.",
            picture="chart",
            body=[
                *rich(words.ABOUT_TEXT),
                ("norm", {"fact": facts["media"], "meaning": ""}),
                *rich(words.DOES_IT_WORK),
                ("evaluations", None),
                *(
                    ("norm", {"fact": facts[key], "meaning": ""})
                    for key in ("share", "night_kind", "hospital", "nearly_all")
                ),
            ],
        ),
    )
    made += _news_and_partners(home)
    made += _ways_through(home, facts, lines)
    for title, slug, text in (
        ("Accessibility", "accessibility", law.ACCESSIBILITY),
        ("Privacy", "privacy", law.PRIVACY),
        ("Cookies", "cookies", law.COOKIES),
    ):
        switch: Body = [("counting_switch", None)] if slug == "cookies" else []
        made += _add(home, ArticlePage(title=title, slug=slug, body=[*rich(text), *switch]))
    return made


def _ways_through(home: HomePage, facts: dict[str, Fact], lines: list[HelpLine]) -> int:
    """The mates' plan, the story with choices and the quiz."""
    creative, _ = Creative.objects.get_or_create(slug=paths.CREATIVE["slug"], defaults=paths.CREATIVE)
    after: Body = [("help_lines", {"heading": "Is this close to home?", "lines": lines[:4]})]
    made = _add(
        home,
        PlanPage(
            title="Our plan",
            slug="plan",
            show_in_menus=True,
            seo_title="Make a plan with your mates",
            share_text="Pick when, pick what you say, save the card. Before you go out.",
            lead="Pick one from each list before you go out. Save the card to your phone.",
            triggers=[("choice", text) for text in paths.TRIGGERS],
            lines=[("choice", text) for text in paths.LINES],
            people=[("choice", text) for text in paths.PEOPLE],
            body=[("norm", {"fact": facts["mates"], "meaning": ""}), *after],
        ),
    )
    made += _add(
        home,
        QuizPage(
            title="Which mate are you?",
            slug="which-mate",
            lead=paths.QUIZ_LEAD,
            start_label="First question",
            steps=paths.QUIZ_STEPS,
            body=after,
            creative=creative,
        ),
    )
    index = StoryIndexPage.objects.child_of(home).first()
    if index is not None:
        made += _add(
            index,
            ChoicesStoryPage(
                title="Choose what happens",
                slug="choose",
                lead=paths.STORY_LEAD,
                content_note=paths.STORY_NOTE,
                start_label="Start the night",
                steps=paths.STORY_STEPS,
                body=after,
                creative=creative,
            ),
        )
    return made


def _ways_on(home: HomePage) -> None:
    """The home page's cards, once the pages they lead to are there."""
    page_at = {page.slug: page for page in home.get_children().live()}
    doors = [{**door, "page": page_at[door["page"]]} for door in words.DOORS if door["page"] in page_at]
    home.refresh_from_db()
    body = [(block.block_type, block.value) for block in home.body]
    home.body = [*body[:2], ("doors", {"heading": words.DOORS_HEADING, "doors": doors}), *body[2:]]
    home.save_revision().publish()


def _situations(lines: list[HelpLine]) -> list[dict[str, Any]]:
    by_name = {line.name: line for line in lines}
    return [
        {**one, "text": RichText(one["text"]), "lines": [by_name[name] for name in one["lines"]]}
        for one in words.SITUATIONS
    ]


def _news_and_partners(home: HomePage) -> int:
    def text(words: str) -> tuple[str, Any]:
        return ("text", RichText(words))

    made = _add(
        home,
        NewsIndexPage(
            title="News and press", slug="news", lead="What has happened since 2023.", body=[text(news.PRESS_TEXT)]
        ),
    )
    index = NewsIndexPage.objects.child_of(home).first()
    for item in news.NEWS if index is not None else ():
        words = {key: value for key, value in item.items() if key != "text"}
        made += _add(index, NewsPage(**words, body=[text(item["text"])]))
    made += _add(
        home,
        ArticlePage(
            title="Partners",
            slug="partners",
            lead="A poster in a toilet takes more people than you think.",
            picture="door",
            body=[("partners", {"heading": "Who does what", "partners": news.PARTNERS}), text(news.PARTNERS_TEXT)],
        ),
    )
    made += _add(
        home,
        ArticlePage(
            title="Contact",
            slug="contact",
            lead="Whom to ask, and when not to write.",
            picture="talk",
            body=[text(news.CONTACT_TEXT)],
        ),
    )
    return made + _add(
        home,
        PosterTextPage(
            title="This poster in words",
            slug="poster",
            share_text="Every word of the Walk Away poster, for people who could not read it on the wall.",
            body=[
                ("call_to_action", {"text": "What to do tonight", "page": home.get_children().get(slug="tonight")})
            ],
            **news.POSTER,
        ),
    )


def _add(parent: Page, page: BasePage) -> int:
    """Puts the page below its parent and publishes it, unless the parent has a page of that slug."""
    if parent.get_children().filter(slug=page.slug).exists():
        return 0
    parent.refresh_from_db()
    page.locale = parent.locale
    parent.add_child(instance=page)
    page.save_revision().publish()
    return 1
