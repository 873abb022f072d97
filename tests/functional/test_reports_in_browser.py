"""Reports, explorer, panel screen and published evaluation in a real browser: letters, contrast, names, no script."""

import json
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page
from wagtail.models import Page as SitePage
from wagtail.models import Site

from analytics.evaluation import jobs
from analytics.evaluation.report import html
from analytics.evaluation.report.beside import Beside
from analytics.evaluation.report.publishing import ask_to_publish
from analytics.models import PanelAnalysis
from analytics.police_data.importing import import_paths
from campaign_pages.accounts import demo_people
from campaign_pages.accounts.models import User
from campaign_pages.accounts.roles import set_up_roles
from campaign_pages.models import HomePage
from tests.factories.police import niche_row, write_rows
from tests.factories.report import sample_result, stored_run
from tests.integration.test_report_screens import PANEL, SPEC, make_venues

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
LOOKS = [(360, "light", False), (1280, "dark", True)]

MEASURE = """() => {
  const found = [];
  for (const svg of document.querySelectorAll('svg.chart')) {
    const name = svg.querySelector('title').textContent;
    const says = (svg.getAttribute('aria-labelledby') || '').split(' ').map(id => document.getElementById(id));
    if (svg.getAttribute('role') !== 'img' || says.length !== 2 || says.some(each => !each || !each.textContent))
      found.push(name + ': no accessible name');
    const scale = svg.getBoundingClientRect().width / 360;
    const boxes = [...svg.querySelectorAll('text')].map(each => [each.textContent, each.getBoundingClientRect()]);
    const outer = svg.getBoundingClientRect();
    for (const each of svg.querySelectorAll('text')) {
      const size = parseFloat(getComputedStyle(each).fontSize) * scale;
      if (size < 12) found.push(`${name}: ${each.textContent} is ${size.toFixed(1)} px`);
    }
    boxes.forEach(([text, a], n) => {
      if (a.left < outer.left - 1 || a.right > outer.right + 1) found.push(`${name}: ${text} sticks out`);
      for (const [other, b] of boxes.slice(n + 1))
        if (a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 4 && b.top < a.bottom - 4)
          found.push(`${name}: ${text} stands on ${other}`);
    });
  }
  return found;
}"""

# Relative luminance of what carries meaning against what lies behind it, as in WCAG 1.4.11 and 1.4.3.
CONTRAST = """() => {
  const light = rgb => { const [r, g, b] = rgb.match(/[\\d.]+/g).slice(0, 3).map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const behind = el => { for (let e = el; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor;
    if (c !== 'rgba(0, 0, 0, 0)' && c !== 'transparent') return c; } return 'rgb(255, 255, 255)'; };
  const low = new Set();
  for (const svg of document.querySelectorAll('svg.chart')) {
    const back = light(behind(svg));
    for (const each of svg.querySelectorAll('text, .chart__interval, .chart__one, .chart__path, .chart__dot, .chart__bar, .chart__observed')) {
      const style = getComputedStyle(each), second = each.classList.contains('chart__dot--second');
      const colour = each.tagName === 'text' || (style.fill !== 'none' && !second && each.tagName !== 'line') ? style.fill : style.stroke;
      const l = light(colour), ratio = (Math.max(l, back) + 0.05) / (Math.min(l, back) + 0.05);
      if (ratio < (each.tagName === 'text' ? 4.5 : 3)) low.add(`${each.getAttribute('class')} ${ratio.toFixed(2)}`);
    }
  }
  return [...low];
}"""


COVERED = """() => {
  const a = document.querySelector('#wagtail-sidebar').getBoundingClientRect();  // it lets presses through, so nobody is "on top"
  const b = document.querySelector('.analytics').getBoundingClientRect();
  return a.width > 0 && a.right > b.left && a.bottom > b.top;
}"""
FOCUSED = """() => {
  const e = document.activeElement, style = getComputedStyle(e);
  if (!e.closest('.analytics')) return null;
  e.dataset.seen = 'yes';
  return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1;
}"""
MISSED = """() => [...document.querySelectorAll(
    '.analytics :is(a[href], button, select, summary, input:not([type=hidden]), [tabindex="0"])'
  )].filter(e => e.checkVisibility() && !e.dataset.seen).map(e => e.outerHTML.slice(0, 80))"""
# On paper, without colour: charts inside the page, and two series told apart by a hollow dot or a broken line.
IN_GREY = """() => {
  const grey = rgb => { const [r, g, b] = rgb.match(/[\\d.]+/g).map(Number); return (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255; };
  const found = { wide: [], alike: [], pairs: { dots: 0, lines: 0 } };
  for (const svg of document.querySelectorAll('svg.chart')) {
    const box = svg.getBoundingClientRect(), name = svg.querySelector('title').textContent;
    if (box.left < 0 || box.right > innerWidth || box.height < 20) found.wide.push(name);
    const style = chosen => { const e = svg.querySelector(chosen); return e && getComputedStyle(e); };
    const dots = [style('.chart__dot:not(.chart__dot--second)'), style('.chart__dot--second')];
    const lines = [style('.chart__path:not(.chart__path--second)'), style('.chart__path--second')];
    if (dots[0] && dots[1]) {
      found.pairs.dots += 1;
      if (Math.abs(grey(dots[0].fill) - grey(dots[1].fill)) < 0.3) found.alike.push(`${name}: dots`);
    }
    if (lines[0] && lines[1]) {
      found.pairs.lines += 1;
      if (lines[0].strokeDasharray === lines[1].strokeDasharray) found.alike.push(`${name}: lines`);
    }
  }
  return found;
}"""


@pytest.fixture
def world(live_server: Any, tmp_path: Path) -> dict[str, Any]:
    """Address, cookie and the paths of every screen, each with something on it."""
    set_up_roles()
    demo_people.load(seed=1, say=lambda line: None)
    root = SitePage.objects.get(depth=1)
    home = root.add_child(instance=HomePage(title="Walk away", slug="home-of-test", lead="x", body=[]))
    Site.objects.update_or_create(is_default_site=True, defaults={"hostname": "localhost", "root_page": home})
    make_venues(12)
    rows = [
        niche_row(n, X=str(458000 + 120 * (n % 12)), Y="304000", **{"From Date": f"{1 + n % 27:02}/03/2024"})
        for n in range(60)
    ]
    assert import_paths([write_rows(tmp_path / "town.csv", rows)]).total("loaded") == 60
    run = stored_run(sample_result(), signed_by="second_evaluator")
    page = ask_to_publish(run, by=User.objects.get(username="evaluator"))
    page.get_latest_revision().publish()
    client = Client()
    client.force_login(User.objects.get(username="evaluator"))
    for spec in (SPEC, ""):
        client.post(reverse("panels"), {"file": SimpleUploadedFile("panel.csv", PANEL.encode()), "spec": spec})
    assert jobs.work_due() == 1
    done, waiting = PanelAnalysis.objects.order_by("pk")
    weeks = "?from=2024-W08&to=2024-W14"
    return {
        "url": live_server.url,
        "cookie": client.cookies[settings.SESSION_COOKIE_NAME].value,
        "public": page.specific.relative_url(Site.objects.get()),
        "screens": [
            reverse("evaluation_run", args=[run.pk]),
            reverse("evaluation_texts", args=[run.pk]),
            reverse("evaluation_publish", args=[run.pk]),
            reverse("explorer"),
            reverse("explorer_venues") + weeks,
            reverse("explorer_map"),
            reverse("explorer_venue", args=["V003"]) + weeks,
            reverse("panels"),
            reverse("panel", args=[waiting.pk]),
            reverse("panel", args=[done.pk]),
        ],
    }


def problems(page: Page, path: str, width: int, scheme: str, inside: str) -> list[str]:
    found = []
    rules = RULES if width == 360 else ["color-contrast"]  # the same page in the dark: only its colours are new
    result = Axe().run(page, context={"include": [[inside]]}, options={"runOnly": rules})
    found += [
        f"{each['id']} {each['nodes'][0]['target']} {each['nodes'][0]['html'][:140]}"
        for each in result.response["violations"]
    ]
    if page.evaluate("document.documentElement.scrollWidth") > width:
        found.append("sticks out")
    found += page.evaluate(CONTRAST)
    if width == 360:
        found += page.evaluate(MEASURE)
    return [f"{path} {width} {scheme}: {each}" for each in found]


def test_every_screen_is_readable_on_a_phone_in_the_dark_and_without_script(browser: Browser, world: Any) -> None:
    found = []
    for width, scheme, script in LOOKS:
        context = browser.new_context(
            viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce", bypass_csp=True
        )  # type: ignore[arg-type]
        context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": world["cookie"], "url": world["url"]}]
        )
        if not script:
            context.route("**/*.js", lambda route: route.abort())
        page = context.new_page()
        for path in world["screens"] if width == 360 else world["screens"][::3]:
            answer = page.goto(world["url"] + path)
            assert answer is not None
            assert answer.status == 200, path
            page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
            found += problems(page, path, width, scheme, ".analytics")
        assert page.goto(world["url"] + world["public"]).status == 200  # type: ignore[union-attr]
        found += problems(page, "public", width, scheme, "main")
        context.close()
    assert found == []
    _explorer_by_keyboard(browser, world)
    context = browser.new_context(viewport={"width": 360, "height": 800}, java_script_enabled=False)
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": world["cookie"], "url": world["url"]}])
    page = context.new_page()
    for path in world["screens"]:
        page.goto(world["url"] + path)
        assert not page.evaluate(COVERED), f"{path}: something lies over it where there is no script"
    context.close()


def _explorer_by_keyboard(browser: Browser, world: Any) -> None:
    """Tab comes to everything that can be pressed, each with its outline, and Enter on a venue opens it."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": world["cookie"], "url": world["url"]}])
    page = context.new_page()
    for name in ("explorer", "explorer_venues", "explorer_map"):
        page.goto(world["url"] + reverse(name))
        page.locator(".analytics :is(a[href], button, select, input)").locator("visible=true").first.focus()
        outlined = []
        for _ in range(300):
            outlined.append(page.evaluate(FOCUSED))
            if outlined[-1] is None:
                break
            page.keyboard.press("Tab")
        assert len(outlined) > 5, name
        assert outlined[-1] is None, f"{name}: Tab does not come out again"
        assert all(outlined[:-1]), f"{name}: something has no outline when it has the focus"
        assert page.evaluate(MISSED) == [], name
    page.goto(world["url"] + reverse("explorer_venues") + "?from=2024-W08&to=2024-W14")
    page.locator(".analytics a[href*='V003']").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**V003**")
    context.close()


def test_the_report_file_in_print_greyscale_and_forced_colours(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    result = sample_result(verdict="cannot_tell", fires=("R6",))
    file.write_text(html(result, Beside(attempts=[{"attempt": 1}])), encoding="utf-8")
    found = []
    for width, scheme, _ in LOOKS:
        page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
        page.goto(file.as_uri())
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        found += problems(page, "report.html", width, scheme, "main")
        page.close()
    page = browser.new_page(viewport={"width": 360, "height": 800}, forced_colors="active")
    page.goto(file.as_uri())
    drawn = page.evaluate(
        """() => [...document.querySelectorAll('svg.chart .chart__dot, svg.chart .chart__interval, svg.chart text')]
        .map(e => getComputedStyle(e)[e.classList.contains('chart__interval') ? 'stroke' : 'fill'])"""
    )
    assert len(set(drawn)) <= 2, set(drawn)  # the reader's own two colours, nothing else
    page.emulate_media(media="print", forced_colors="none")
    hidden = page.evaluate(
        "[...document.querySelectorAll('details table')].filter(e => !e.getClientRects().length).length"
    )
    assert hidden == 0, "a table behind a fold is missing in print"
    page.set_viewport_size({"width": 680, "height": 1000})  # A4 less its margins
    grey = page.evaluate(IN_GREY)
    assert grey["wide"] == []
    assert grey["alike"] == [], "two series that only a colour tells apart"
    assert min(grey["pairs"].values()) >= 1, grey["pairs"]
    tree = page.locator("svg.chart").evaluate_all("all => all.map(e => e.querySelector('title').textContent)")
    page.close()
    assert len(tree) == len(set(tree)) >= 12
    assert json.dumps(tree).count("synthetic") == len(tree)
    assert found == []
