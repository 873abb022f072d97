"""The words of the demo site: our own, written from published facts. Reading age 9 to 11."""

from datetime import date
from typing import Any

REVIEW = date(2027, 5, 1)

FACTS: dict[str, dict[str, Any]] = {
    "steps_in": {
        "figure": "9 in 10",
        "text": "In nine out of ten public rows caught on camera, somebody stepped in to help.",
        "source": "Philpot and others, American Psychologist (219 street camera clips from three countries)",
        "as_of": "Published 2019",
        "strength": "fact",
    },
    "steppers_hurt": {
        "figure": "3.6%",
        "text": "Of 417 people who stepped in, 3.6% were hurt. Friends of those in the row were hurt more often.",
        "source": "Liebst and others, Psychology of Violence, doi 10.1037/vio0000299",
        "as_of": "Published 2020",
        "strength": "fact",
    },
    "mates": {
        "figure": "60%",
        "text": "Six in ten said they would change what they do to keep their mates safe. Only 30 people were asked.",
        "source": "Leicestershire Police survey of people aged 18 to 34, reported by the Kibworth Chronicle",
        "as_of": "Reported May 2024",
        "strength": "survey",
    },
    "punches": {
        "figure": "18",
        "text": "At least 18 people were punched and badly hurt on nights out in Leicestershire in one year. Fast "
        "medical care and luck kept them alive.",
        "source": "Leicestershire Police",
        "as_of": "October 2022 to September 2023",
        "strength": "fact",
    },
    "share": {
        "figure": "7%",
        "text": "Of all serious violence, 7% happens at night, from 10pm to 5am. In public places it is more than 25%.",
        "source": "Violence Reduction Network, Strategic Needs Assessment 2024-2025 (police data)",
        "as_of": "April 2023 to September 2024",
        "strength": "fact",
    },
    "media": {
        "figure": "Unclear",
        "text": "The evidence that media campaigns cut violence is rated “Unclear”.",
        "source": "Youth Endowment Fund Toolkit, as printed in the Strategic Needs Assessment 2024-2025",
        "as_of": "2024-2025",
        "strength": "unclear",
    },
}

HELP_LINES: list[dict[str, Any]] = [
    {
        "name": "Emergency",
        "number": "999",
        "what_for": "Not waking up, not breathing, or sick after a blow to the head. Or a fight right now.",
        "hours": "Day and night. Free from any phone.",
        "emergency": True,
        "sort_order": 1,
    },
    {
        "name": "NHS 111",
        "number": "111",
        "link": "https://111.nhs.uk/",
        "what_for": "Hurt, but not in danger of dying? Ask what to do next.",
        "hours": "Day and night. Free.",
        "sort_order": 2,
    },
    {
        "name": "Police, not urgent",
        "number": "101",
        "link": "https://www.leics.police.uk/ro/report/",
        "what_for": "It is over now, and you want to tell the police what you saw or what was done to you.",
        "hours": "Day and night.",
        "sort_order": 3,
    },
    {
        "name": "Victim Support",
        "number": "08 08 16 89 111",
        "link": "https://www.victimsupport.org.uk/",
        "what_for": "Somebody hurt you. You can talk, and you do not have to tell the police.",
        "hours": "Day and night. Free.",
        "sort_order": 4,
    },
    {
        "name": "Crimestoppers",
        "number": "0800 555 111",
        "link": "https://crimestoppers-uk.org/",
        "what_for": "Say what you know. They never ask your name.",
        "hours": "Day and night. Free.",
        "sort_order": 5,
    },
    {
        "name": "Drinkline",
        "number": "0300 123 1110",
        "what_for": "Worried about drink? Yours or a mate's.",
        "hours": "Weekdays 9am to 8pm, weekends 11am to 4pm.",
        "sort_order": 6,
    },
]

TIPS = [
    {
        "action": "Clock it",
        "detail": "Loud voices. Chests out. The mood has turned.",
        "say": "Come on, let's get some air.",
        "only_if_safe": False,
    },
    {
        "action": "Drop it",
        "detail": "Say sorry, even if it was not you. Then turn.",
        "say": "My bad, mate. Have a good one.",
        "only_if_safe": False,
    },
    {
        "action": "Move him",
        "detail": "Get your mate out of it early.",
        "say": "Walk with me. Food's on me.",
        "only_if_safe": True,
    },
    {
        "action": "Shout for it",
        "detail": "Fists or a weapon? Stay back. Get door staff or call 999.",
        "say": "Can you help us, please?",
        "only_if_safe": False,
    },
]

IF_THEN = [
    {"trigger": "someone spills my drink", "line": "say “no worries” and get another"},
    {"trigger": "someone stares at me", "line": "look away and move my mates on"},
    {"trigger": "my mate squares up", "line": "say his name and walk him off, if it is safe"},
    {"trigger": "it kicks off in the taxi queue", "line": "leave the queue and come back later"},
]

HOME_LEAD = (
    "A spilled drink. A look. A daft comment. Most bad nights start small. You can leave before they end big."
)
MATES_TEXT = (
    "<h2>Before you go out</h2><p>Pick one word that means “we leave now”. Agree on who gets who home. Charge your "
    "phone.</p><h2>When the mood turns</h2><p>Your mate hears you before he hears anyone else. Use his name. Stand "
    "beside him, not in front. Talk about something dull: food, the taxi, his lost coat.</p><p>Tell the door staff. "
    "It is their job and they are good at it. You are not a grass. You are the reason he wakes up in his own bed.</p>"
    "<h2>Leave your phone down</h2><p>Filming winds people up. Keep your hands free. Help first. If you saw what "
    "happened, tell the police later.</p><h2>After</h2><p>Text him the next day. Ask how his head is. Say you were "
    "glad he walked.</p>"
)
HIT_TEXT = (
    "<h2>Is someone hurt?</h2><p>Do they wake up when you speak? Do they breathe? Call 999 if not. Call 999 as well "
    "if they are sick after a blow to the head. Stay with them. Lay them on their side if they breathe.</p>"
    "<h2>Someone hit me</h2><p>Get to light and people. Tell the bar or the door staff. A blow to the head can show "
    "its harm hours later, so do not sleep it off on your own. You can get help even if you never go to the police.</p>"
    "<h2>I saw it</h2><p>Write down what you saw while it is fresh. Call 101, or 999 if it is still going on.</p>"
    "<h2>I hit someone</h2><p>First: are they all right? Call 999 if you are not sure. Do not go back to sort it out. "
    "Get to a safe place and sober up. Then get legal advice. A lawyer at the police station is free. Saying what "
    "happened early is better than waiting for the knock.</p>"
)
STORIES = [
    {
        "slug": "one-punch",
        "title": "One punch",
        "content_note": "This story is about a man who is badly hurt. It is made up from things that happen.",
        "lead": "It took two seconds. It has lasted three years.",
        "text": "<p>They had never met. One of them laughed, and the other thought it was at him. There was a shove, "
        "then a punch. He went back like a door and his head met the kerb.</p><p>He lived. He had to learn to talk "
        "again. The one who hit him had never been in trouble before. He sat in a cell that night and kept asking "
        "if the other lad was all right.</p><p>Four mates stood there. All four say the same thing now. They saw it "
        "coming.</p>",
        "line": "He's not laughing at you. Come on, I'm starving.",
        "when": "Said to your own mate, in the first ten seconds.",
    },
    {
        "slug": "the-one-who-walked",
        "title": "The one who walked",
        "content_note": "Nobody is hurt in this one. It is made up from things that happen.",
        "lead": "Nothing happened. That is the whole story.",
        "text": "<p>A pint went down his shirt. A new shirt. The other man did not say sorry. Everyone went quiet and "
        "looked at him, the way people do.</p><p>He looked at the shirt. He looked at his mate, who was already "
        "holding both their coats.</p><p>They got chips. They got home. He tells it as a joke now.</p>",
        "line": "It's a shirt, mate. Chips?",
        "when": "Said with his coat in your hand.",
    },
]
ABOUT_TEXT = (
    "<h2>What this is</h2><p>Walk Away asks people to leave when it gets heated on a night out. The aim is fewer deaths "
    "and bad injuries. It was made by the Violence and Complex Crime Unit and the Corporate Communications team of "
    "Leicestershire Police, with the agency Magpie Creative Communications. The Home Office paid for it.</p><p>It began in "
    "October 2023. From December 2023 other forces could use it too.</p><h2>Who it is for</h2><p>People who hurt others on a "
    "night out, and people who get hurt, are often men of 18 to 30 who did not know each other. Most who end up in "
    "court had no record. So we talk to them, and most of all to their mates.</p>"
)
DOES_IT_WORK = (
    "<h2>Does it work?</h2><p>We do not know yet. We will not say more than we know. No study of its effect has been "
    "published. A handful of pubs and clubs is far too few to show a change in assaults. One UK trial worked out that "
    "it would need 517 venues. We count where posters hang and compare, week by week, with a plan that is locked "
    "before we look. What we find will be printed here, also if it is nothing.</p><p>Some adverts of this kind have "
    "made things worse. So we test ours on the people they are for, and stop them if they wind people up.</p>"
)
