"""The campaign's colours, once for ink and once for light. Ink is C, M, Y, K in per cent."""

INK = {
    "night": (75, 68, 45, 85),  # 273 % in all
    "raised": (72, 66, 38, 62),
    "ember": (0, 78, 95, 0),
    "moon": (2, 4, 10, 0),
    "black": (0, 0, 0, 100),
    "white": (0, 0, 0, 0),
    "dim": (60, 55, 30, 45),
    "glow": (40, 80, 75, 62),
}
LIGHT = {
    "night": "#0b0b16",
    "raised": "#1b1a2b",
    "ember": "#ff5a1f",
    "moon": "#f7f2e8",
    "black": "#0b0b16",
    "white": "#ffffff",
    "dim": "#4a4664",
    "glow": "#45201c",
}


def typst_palette(kind: str) -> dict[str, str]:
    """Colours as typst source: `ink` for print (CMYK), `light` for screens and web copies (RGB)."""
    if kind == "ink":
        return {name: "cmyk(" + ", ".join(f"{part}%" for part in parts) + ")" for name, parts in INK.items()}
    return {name: f'rgb("{value}")' for name, value in LIGHT.items()}
