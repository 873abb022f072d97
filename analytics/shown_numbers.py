"""How a number is shown in words and tables: never a nought that is only a rounded one. Files keep the exact values."""

SMALLEST_P = 0.001


def p_shown(p: float | None) -> str:
    """A probability in a table: "0.0123", "< 0.001" or "not known"."""
    if p is None:
        return "not known"
    return f"< {SMALLEST_P}" if p < SMALLEST_P else f"{p:.4f}"


def p_says(p: float | None, name: str = "p") -> str:
    """A probability in a sentence: "p = 0.0123", "p < 0.001" or "p not known"."""
    shown = p_shown(p)
    return f"{name} {shown}" if p is None or shown.startswith("<") else f"{name} = {shown}"


def ratio_shown(value: float, places: int = 3) -> str:
    """A ratio, correlation or coefficient: "0.812"; what would round to nought says so, and nought has no sign.

    What would round to 1 has more places: answers hang on which side of 1 an interval ends.
    """
    shown = f"{value:.{places}f}"
    if float(shown) == 1 != value:
        longer = (f"{value:.{more}f}" for more in range(places + 1, places + 4))
        return next((each for each in longer if float(each) != 1), shown)
    if float(shown):
        return shown
    least = f"{10.0**-places:.{places}f}"
    return f"{0:.{places}f}" if value == 0 else f"under {least}" if value > 0 else f"over -{least}"


def percent_shown(percent: float) -> str:
    """A whole per cent without a sign: "21", "under 1" for what would round to 0, "over 99" for nearly all."""
    shown = f"{abs(percent):.0f}"
    if shown == "0" and percent:
        return "under 1"
    return "over 99" if shown == "100" and abs(percent) < 100 else shown


def amount_shown(value: float, places: int = 1) -> str:
    """A sum of counts or of shares of them: "1,398", "369.5"; at most ``places`` decimals, no nought at their end."""
    shown = f"{value:,.{places}f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def counted(number: int, what: str) -> str:
    """A number of things: "1 venue", "1,200 venues". For words that take an s."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def moment_shown(moment: object) -> str:
    """A period as it stands in a file: a whole number of a float (20190401), anything else as it is written."""
    return f"{moment:.10g}" if isinstance(moment, float) else str(moment)
