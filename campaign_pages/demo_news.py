"""Words of the demo's news, partners, contact and poster pages: our own, written from published facts."""

from datetime import date
from typing import Any

NEWS: list[dict[str, Any]] = [
    {
        "slug": "launch",
        "title": "Walk Away starts in Leicester",
        "happened_on": date(2023, 10, 1),
        "lead": "A new campaign asks people to leave before a row turns into a fight. The aim is fewer deaths and "
        "fewer bad injuries on nights out.",
        "text": "<h2>The message</h2><p>When things get heated, walk away. A row over a spilled drink or a rude comment "
        "can end a life, or change it for good. Once fists fly, nobody is in control. Walking off is the one part "
        "that is up to you.</p>"
        "<h2>Why now</h2><p>From October 2022 to September 2023, at least 18 people in Leicestershire were punched "
        "and badly hurt on a night out. None of them died. Quick medical care and luck made the difference.</p>"
        "<h2>Who it is for</h2><p>Men of 18 to 30 above all. Those who hit and those who get hurt are often men of that "
        "age who had never met. Most of those who hit had no criminal record. It is for their mates, too, and for "
        "everybody who sees it start.</p>"
        "<h2>What it asks</h2><ul><li>If it is you: keep control and leave early.</li><li>If it is your mate: calm it "
        "down, but only if it is safe.</li><li>If you run a venue: share the message and work with the police.</li></ul>"
        "<h2>Where you will see it</h2><p>In Leicester city centre and around it. In and near pubs, clubs and "
        "takeaways. On posters, on screens in venues and in the street, and on the back of your hand: door staff "
        "stamp it. Online on Snapchat, Instagram, TikTok and YouTube, and here.</p>"
        "<h2>Who made it</h2><p>The Violence and Complex Crime Unit of Leicestershire Police, with Corporate "
        "Communications. The agency is Magpie Creative Communications. The Home Office paid for it, at the force's "
        "request.</p>",
    },
    {
        "slug": "national",
        "title": "Other forces can use it too",
        "happened_on": date(2023, 12, 1),
        "lead": "Walk Away is now open to every police force, with a toolkit that is free to use.",
        "text": "<p>Since December 2023 the campaign has an online toolkit: posters, screens and films that any force "
        "may use. More than 20 forces have taken part since then.</p>"
        "<p>Sources: Leicestershire Police, December 2023; Institute of Licensing, 12 December 2023.</p>",
    },
    {
        "slug": "euros",
        "title": "A version for the football",
        "happened_on": date(2024, 6, 1),
        "lead": "Settle it on the pitch. For Euro 2024 the campaign had posters of its own.",
        "text": "<p>A match is a long day, with drink in it and people who support the other side. The posters for "
        "Euro 2024 asked fans to leave the scores to the players.</p>"
        "<p>Source: Neighbourhood Alert 176966.</p>",
    },
    {
        "slug": "award",
        "title": "An award for the campaign",
        "happened_on": date(2024, 12, 1),
        "lead": "Walk Away won a TCMI award in 2024. It was for the campaign. It does not tell us if it works.",
        "text": "<p>Judges liked the idea and how it was made. That is not the same as proof that fewer people get "
        "hurt. What we know about that is on the page about the evidence.</p>"
        "<p>Source: Ashby Nub News, December 2024.</p>",
    },
]
PRESS_TEXT = (
    "<h2>For journalists</h2><p>Ask the press desk of Corporate Communications at your force. Call 101 and ask to be put "
    "through. Please do not use the form on this site for that.</p>"
    "<h2>If you report a case</h2><p>We give no names and no details of families. Please link to the page with help. "
    "A story about a punch is hard to read for those who lived it.</p>"
)

PARTNERS: list[dict[str, str]] = [
    {
        "name": "Leicestershire Police",
        "part": "Runs it: the Violence and Complex Crime Unit, with Corporate Communications.",
        "link": "https://www.leics.police.uk/",
    },
    {
        "name": "The Home Office",
        "part": "Paid for it, at the force's request.",
        "link": "https://www.gov.uk/government/organisations/home-office",
    },
    {"name": "Magpie Creative Communications", "part": "The agency that made the words and pictures.", "link": ""},
    {
        "name": "Pubs, clubs, takeaways and taxi ranks",
        "part": "Show it where it counts: by the bar, at the door, in the toilets, on your hand.",
        "link": "",
    },
    {
        "name": "Violence Reduction Network",
        "part": "Works out what harms people in Leicester, Leicestershire and Rutland, and asks how mates can step in.",
        "link": "https://www.violencereductionnetwork.co.uk/",
    },
    {
        "name": "Other police forces",
        "part": "Use the toolkit for their own towns, since December 2023.",
        "link": "",
    },
]
PARTNERS_TEXT = (
    "<h2>Do you run a venue?</h2><p>You can put it up tonight. The files are free, you need no account, and a printer "
    'takes them as they are. <a href="/venues/">Get the files</a>.</p><p>We ask three things. Share the message. Tell us '
    "what you see. Call us before it is bad, not after.</p>"
    "<h2>Do you work for a force or a council?</h2><p>The site, its words and its way of counting are made to be used "
    "by others. One force, one copy: your figures never mix with ours. Ask us how to start.</p>"
)

CONTACT_TEXT = (
    "<h2>If something is happening now</h2><p>Call <b>999</b> if anybody is in danger. Do not write to us: nobody reads "
    "messages at night.</p>"
    "<h2>To tell the police about a crime</h2><p>Call <b>101</b>, or use the form on your force's own site. You can stay "
    "unnamed with Crimestoppers: 0800 555 111.</p>"
    "<h2>About this site or the campaign</h2><p>Call 101 and ask for Corporate Communications, on weekdays. They answer "
    "in five working days. You can ask for any page in large print, in another language or read out to you.</p>"
    '<h2>Venues</h2><p>For posters, screens and stamps go to <a href="/venues/">the page for venues</a>.</p>'
)

# The words of campaign_pages/venues/packs.py; a test keeps the two the same.
POSTER: dict[str, str] = {
    "artwork_version": "WA-EN-1",
    "headline": "Walk away",
    "line": "When it gets heated, walk away. Your mates will thank you.",
    "ask_lines": "Trouble brewing? Tell the door team.\nTrouble brewing? Tell the bar.\nTrouble brewing? Tell us at the "
    "counter.\nTrouble brewing? Tell the marshal.",
    "help_line": "In danger? Call 999.",
    "picture": "Large white words on a dark ground: WALK, and below it AWAY in orange. The letter Y stands a step "
    "apart, as if it had walked off. Below are the sentence, the line about staff, 999, and a square code to scan.",
}
