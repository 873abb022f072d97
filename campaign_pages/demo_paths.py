"""Words of the demo for the mates' plan, the story with choices and the quiz. Our own; reading age 9 to 11."""

from datetime import date
from typing import Any

CREATIVE: dict[str, Any] = {
    "name": "Four beats (synthetic demo)",
    "slug": "walk-away",
    "what_it_is": "The four beats, as posts, quiz and story.",
    "pre_tested_on": date(2026, 10, 1),
    "pre_test_people": 24,
    "pre_test_liked": 15,
    "pre_test_talked_down": 4,
    "pre_test_would_do": 13,
    "pre_test_notes": "Synthetic: made up for the demo. Nobody was asked. Test it for real before any use.",
}

TRIGGERS = [
    "someone spills my drink",
    "someone stares at me",
    "someone pushes in",
    "someone talks to my girlfriend",
    "my mate squares up",
    "a row starts in the taxi queue",
    "someone laughs at us",
    "I get knocked off my feet",
]
LINES = [
    "say “no worries” and turn away",
    "look away and move us on",
    "say sorry, even if it was not me",
    "walk my mate off and talk about food",
    "get the door staff",
    "leave and come back later",
    "count to ten on the way to the door",
    "text our word and we all go",
]
PEOPLE = ["my mates", "my brother", "the lads from work", "my team", "my cousin", "my girlfriend"]

STORY_LEAD = "One night. A few small choices. You pick."
STORY_NOTE = "Someone may get hurt, depending on what you pick. It is made up from things that happen."


def _step(
    name: str, text: str, scene: str, *choices: tuple[str, str], line: str = ""
) -> tuple[str, dict[str, Any]]:
    return (
        "step",
        {
            "name": name,
            "text": f"<p>{text}</p>",
            "scene": scene,
            "choices": [{"label": label, "leads_to": to} for label, to in choices],
            "is_ending": not choices,
            "line": line,
        },
    )


STORY_STEPS = [
    _step(
        "A wet sleeve",
        "Half past eleven. Your round. You turn from the bar and a man walks into you. Your pint goes down your new "
        "shirt. He says: watch it.",
        "bar",
        ("Say: my bad, mate", "He looks away"),
        ("Say: you watch it", "Chests out"),
    ),
    _step(
        "He looks away",
        "He did not see that coming. He shrugs. His mate pulls him off to dance. Your shirt is cold. Jay holds out "
        "your coat and nods at the door.",
        "mates",
        ("Go for chips with Jay", "Chips"),
        ("Stay, and keep an eye on him", "The stare"),
    ),
    _step(
        "Chests out",
        "Now he stands close. People turn round. Someone holds up a phone. Jay says your name, once, quietly.",
        "bar",
        ("Listen to Jay", "Out of the door"),
        ("Give him a push", "One shove"),
        ("Wave to the door staff", "Door staff"),
    ),
    _step(
        "The stare",
        "Closing time. He is in the taxi queue, and he has seen you. He says something to his mates. They laugh.",
        "queue",
        ("Walk to the next rank", "Chips"),
        ("Walk over and ask what is so funny", "One shove"),
    ),
    _step(
        "Door staff",
        "They have seen it a hundred times. One of them steps in between and talks about the football. You are "
        "outside in a minute. So is your mate. So is his.",
        "street",
        line="Can you help us, please?",
    ),
    _step(
        "Out of the door",
        "The air is cold. Your hands shake a bit. Behind you they are still shouting. Jay does not say a word. He "
        "hands you his jumper.",
        "street",
        ("Go for chips with Jay", "Chips"),
        ("Go back in", "One shove"),
    ),
    _step(
        "Chips",
        "You stink of beer and you are eating chips in the rain. Tomorrow it is a joke about a shirt. That is all it "
        "ever was.",
        "chips",
        line="It's a shirt, mate. Chips?",
    ),
    _step(
        "One shove",
        "You did not mean it to land like that. He goes back over a kerb and his head hits the stone. It makes a "
        "sound. Then nobody says a thing.",
        "street",
        ("Call 999 and stay", "The ward"),
        ("Run", "The cell"),
    ),
    _step(
        "The ward",
        "He lives. You know because you stayed. You told them the truth, and it still goes to court. His mum came "
        "past you in the hall.",
        "ward",
        line="It is not worth it. Walk with me.",
    ),
    _step(
        "The cell",
        "They found you by the camera on the chip shop. You keep asking if he is all right. Nobody will say.",
        "cell",
        line="Say his name. Take his arm. Go, before it starts.",
    ),
]

QUIZ_LEAD = "Three questions. No right answers. See what you are good for when it gets heated."
QUIZ_STEPS = [
    _step(
        "Your mate goes quiet",
        "He stares across the bar with his jaw tight. What do you do?",
        "mates",
        ("Crack a joke and get him moving", "It is still loud"),
        ("Look round for the door staff", "It gets closer"),
        ("Stay with him and say his name", "He will not budge"),
    ),
    _step(
        "It is still loud",
        "The joke lands. But the others come over. What now?",
        "bar",
        ("Get the food in: “who wants chips?”", "The joker"),
        ("Get someone whose job it is", "The spotter"),
    ),
    _step(
        "It gets closer",
        "You see the door staff by the stairs. What now?",
        "bar",
        ("Go and tell them", "The spotter"),
        ("Wave, and stay with your mate", "The anchor"),
    ),
    _step(
        "He will not budge",
        "He hears you. He does not move. What now?",
        "mates",
        ("Stand beside him and wait him out", "The anchor"),
        ("Make him laugh", "The joker"),
    ),
    _step(
        "The joker",
        "You turn the mood. Use it early: it is hard to swing at someone while you laugh. Never make the joke about "
        "the other man.",
        "chips",
        line="Who's hungry? I'm buying. Now.",
    ),
    _step(
        "The spotter",
        "You see it first. Say it out loud, and tell the people whose job it is. Door staff first. Fists or a weapon "
        "out: stay back and call 999.",
        "street",
        line="Lads, this is turning. Let's go.",
    ),
    _step(
        "The anchor",
        "He listens to you. Stand beside him, not in front. Say his name, low. Walk him off, only if it is safe.",
        "mates",
        line="Dan. Dan. Look at me. We're off.",
    ),
]
