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
    "nearly_all": {
        "figure": "98 in 100",
        "text": "In a year and a half, police linked about 2 in 100 people here to serious violence, at any place or hour. "
        "Nearly everyone keeps out of it.",
        "source": "Violence Reduction Network, Strategic Needs Assessment 2024-2025 (police data: 2.3% of residents as suspects or offenders)",
        "as_of": "April 2023 to September 2024",
        "strength": "fact",
    },
    "night_kind": {
        "figure": "66%",
        "text": "At night, 66% of serious violence is assault with injury. Affray is 17% and robbery 10%. It is worst "
        "from 10pm to 2am. Most who are hurt are 18 to 21, and almost 7 in 10 are men.",
        "source": "Violence Reduction Network, Strategic Needs Assessment 2024-2025 (police data, 10pm to 5am)",
        "as_of": "April 2023 to September 2024",
        "strength": "fact",
    },
    "hospital": {
        "figure": "176",
        "text": "969 people came to A&E after an assault, and 176 had to stay. A fist or a foot was the most common cause. "
        "They stayed 4.4 days on average, at about £2,452 each.",
        "source": "Violence Reduction Network, Strategic Needs Assessment 2024-2025 (health data, all hours and places)",
        "as_of": "April 2023 to March 2024",
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

DOORS_HEADING = "Where next?"
DOORS = [
    {
        "page": "mates",
        "picture": "mates",
        "title": "Be a good mate",
        "text": "He listens to you. Four ways to get him out of it.",
    },
    {
        "page": "stories",
        "picture": "spill",
        "title": "What one punch does",
        "text": "Two seconds. Two ways it can go.",
    },
    {"page": "help", "picture": "phone", "title": "Get help", "text": "Hurt, saw it, or did it yourself."},
]
HOME_LEAD = (
    "A spilled drink. A look. A daft comment. Most bad nights start small. You can leave before they end big."
)
MATES_STEPS = [
    {
        "title": "Distract",
        "text": "Break the stare. Ask about the taxi. Spill your own drink. Say you feel sick. Any daft thing will do.",
        "only_if_safe": False,
    },
    {
        "title": "Get door staff",
        "text": "Go to the door or the bar. It is their job and they are good at it. You are not a grass. You are his mate.",
        "only_if_safe": False,
    },
    {
        "title": "Talk to your own mate",
        "text": "Only to him, not to the other lad. Say his name. Stand beside him, not in front. Walk him off.",
        "only_if_safe": True,
    },
    {
        "title": "Check on him after",
        "text": "Text him the next day. Ask how his head is. Say you were glad he walked.",
        "only_if_safe": False,
    },
]
MATES_TEXT = (
    "<h2>Before you go out</h2><p>Pick one word that means “we leave now”. Agree on who gets who home. Charge your "
    "phone.</p><h2>Keep your phone down</h2><p>Filming winds people up. Keep your hands free and help first. If you saw "
    "what went on, tell the police later.</p>"
)
SITUATIONS: list[dict[str, Any]] = [
    {
        "title": "Someone hit me",
        "first": "Get to light and to people. Tell the bar or the door staff.",
        "text": "<p>Hit on the head? It can get bad hours later. Do not sleep it off on your own. Go to A&amp;E if you feel "
        "sick, sleepy or mixed up, or if you cannot see well.</p><p>You can get help and still not go to the police. "
        "You choose.</p><p>Keep your clothes as they are. Take a photo of where it hurts.</p>",
        "lines": ["Emergency", "NHS 111", "Victim Support"],
    },
    {
        "title": "I saw it",
        "first": "Is it still going on? Call 999 from a safe spot.",
        "text": "<p>Is someone down? Stay with them. Do they wake up? Do they breathe? Call 999 if not. If they breathe, "
        "lay them on their side.</p><p>Write down what you saw while it is fresh. Then call 101. You can also say it to "
        "Crimestoppers. They never ask your name.</p><p>It can shake you up to see that. You can talk to Victim Support "
        "as well.</p>",
        "lines": ["Police, not urgent", "Crimestoppers", "Victim Support"],
    },
    {
        "title": "I hit someone",
        "first": "Are they all right? Call 999 if you are not sure.",
        "text": "<p>Do not go back to sort it out. Get to a safe place and sober up. Do not post about it.</p><p>Then get "
        "legal advice. A lawyer at the police station is free for all. Telling the police early is better than "
        "waiting for the knock.</p><p>If drink or your temper scares you, you can get help with that too.</p>",
        "lines": ["Emergency", "Police, not urgent", "Drinkline"],
    },
    {
        "title": "I am worried about a mate",
        "first": "Ask him when you are both sober. Not in the pub.",
        "text": "<p>Say what you saw. “You went for him. I was scared.” Then stop and let him talk.</p><p>You can also "
        "call one of these for advice. They will not tell him.</p>",
        "lines": ["Drinkline", "Victim Support"],
    },
]
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
    "<h2>What this is</h2><p>Walk Away asks people to leave when it gets heated on a night out. It tries to change what "
    "people do. The aim is fewer deaths and bad injuries. It was made by the Violence and Complex Crime Unit and the "
    "Corporate Communications team of Leicestershire Police, with the agency Magpie Creative Communications. The Home "
    "Office paid for it.</p><p>It began in October 2023. From December 2023 other forces could use it too.</p>"
    "<h2>How it starts</h2><p>Most nights that end a life or change one start with next to nothing. Somebody gets it "
    "wrong. A drink goes over. A comment lands badly. You cannot control a fight like that. You can leave it.</p>"
    "<h2>Who it is for</h2><p>People who hurt others on a night out, and people who get hurt, are often men of 18 to 30 "
    "who did not know each other. Most who end up in court had no record. So we talk to them, and most of all to their "
    "mates: mates are who they listen to.</p>"
)
DOES_IT_WORK = (
    "<h2>Does it work?</h2><p>We do not know yet. We will not say more than we know.</p><ul><li>The Youth Endowment Fund "
    "rates media campaigns “Unclear”. Training people to step in is rated “Moderate”, but only for sexual assault.</li>"
    "<li>We know of no published study of what Walk Away has done to assaults.</li><li>A handful of pubs and clubs is "
    "far too few to show it. One UK trial worked out that it would take 517 venues (BMC Public Health 12:412).</li>"
    "<li>Some campaigns have made things worse. Lab tests of one set of drink posters found that people drank more. It "
    "was stopped in 2013 (Drinkaware).</li></ul><h2>So what do we do?</h2><p>We test ours on the people they are for, and "
    "stop them if they wind people up. We count where posters hang. We compare, week by week, with a plan that is locked "
    "before we look. What we find is printed here, also if it is nothing.</p><p>The needs assessment for Leicester, "
    "Leicestershire and Rutland asks how bystanders could be helped to act in more places (4b). This is one answer to "
    "that. It is not proof.</p>"
)
