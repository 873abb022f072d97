"""Charts as SVG text from our own templates: no script, no colours of their own, every word escaped. No Django.

Each is 360 units wide with letters of 15 units, so that they are at least 12 CSS pixels on a phone of 360. In a
page, colours come from the style sheet; ``standalone`` puts a style inside, for files and print. What a colour
says, a shape or a word says too. A table with the same numbers always follows a chart: whoever draws one adds it.
"""
