"""StreamField blocks, one family per file, and which page may use which."""

from wagtail.blocks import Block

from campaign_pages.blocks.advice import IfThenBlock, LineToUseBlock, TipsBlock
from campaign_pages.blocks.choices import CountingSwitchBlock
from campaign_pages.blocks.evidence import EvaluationsBlock, NormBlock, QuoteBlock
from campaign_pages.blocks.help import HelpLinesBlock, SituationsBlock
from campaign_pages.blocks.text import (
    CallToActionBlock,
    DoorsBlock,
    NoteBlock,
    PartnersBlock,
    StepsBlock,
    TextBlock,
)


def _text() -> list[tuple[str, Block]]:
    return [("text", TextBlock()), ("note", NoteBlock()), ("call_to_action", CallToActionBlock())]


def _ways_on() -> list[tuple[str, Block]]:
    return [("doors", DoorsBlock())]


def _evidence() -> list[tuple[str, Block]]:
    return [("norm", NormBlock()), ("quote", QuoteBlock())]


def _advice() -> list[tuple[str, Block]]:
    return [("tips", TipsBlock()), ("if_then", IfThenBlock()), ("line_to_use", LineToUseBlock())]


def home_blocks() -> list[tuple[str, Block]]:
    return [*_advice(), *_evidence(), *_text(), *_ways_on(), ("help_lines", HelpLinesBlock())]


def tonight_blocks() -> list[tuple[str, Block]]:
    return [("tips", TipsBlock()), ("help_lines", HelpLinesBlock()), ("call_to_action", CallToActionBlock())]


def story_blocks() -> list[tuple[str, Block]]:
    return [*_text(), ("quote", QuoteBlock()), ("line_to_use", LineToUseBlock()), ("help_lines", HelpLinesBlock())]


def article_blocks() -> list[tuple[str, Block]]:
    return [
        *_text(),
        *_ways_on(),
        *_advice(),
        ("steps", StepsBlock()),
        *_evidence(),
        ("evaluations", EvaluationsBlock()),
        ("partners", PartnersBlock()),
        ("situations", SituationsBlock()),
        ("help_lines", HelpLinesBlock()),
        ("counting_switch", CountingSwitchBlock()),
    ]


def after_path_blocks() -> list[tuple[str, Block]]:
    return [
        ("help_lines", HelpLinesBlock()),
        ("line_to_use", LineToUseBlock()),
        ("tips", TipsBlock()),
        ("norm", NormBlock()),
        ("text", TextBlock()),
        ("call_to_action", CallToActionBlock()),
    ]
