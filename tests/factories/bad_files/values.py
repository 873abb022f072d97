"""Odd cells: dates and times, places, offences, references and text that means harm."""

from tests.factories.bad_files.cases import Case, Loads, beside_a_good_row

GOOD = Loads(2, 2)


def _rejected(code: str) -> Loads:
    return Loads(2, 1, reasons={code: 1})


def _flagged(*flags: str) -> Loads:
    return Loads(2, 2, flags=flags)


UNREADABLE_DAYS = (
    "", "31/02/2024", "29/02/2023", "29/02/2100", "30/02/2024", "31/04/2024", "00/06/2024", "15/00/2024", "15/13/2024", "06/15/2024",
    "32/01/2024", "15/06/24", "15.06.2024", "15-06-2024", "2024/06/15", "20240615", "45458", "45458.0", "15 June 2024",
    "June 15, 2024", "Sat 15/06/2024", "today", "n/a", "NULL", "unknown", "15/06/", "/06/2024", "15/06", "2024", "1e3", "nan",
    "١٥/٠٦/٢٠٢٤", "15/06/2024?", "=DATE(2024,6,15)", "15/06/20245", "15/06/0000", "0/0/0", "15//06/2024", "--", "15/06/２０２４x",
)  # fmt: skip
FUTURE_DAYS = ("15/06/2999", "31/12/9999", "01/01/2100", "01/01/2090")
OLD_DAYS = ("31/12/1989", "01/01/1900", "01/01/1904", "15/06/0024", "30/12/1899", "01/01/1970", "01/01/0001")
GOOD_DAYS = ("29/02/2024", "1/6/2024", "01/01/1990", "2024-06-15", "31/12/2024", "28/02/2023")
UNREADABLE_TIMES = (
    "25:00", "24:01", "23:60", "99:99", "-1:00", "23.30", "2330", "23h30", "11:30 pm", "23:30Z ago", "noon", "0.979166", "=NOW()",
    "23:30:61", "23:30:00.123", "23:30+01:00", "::", "1:2:3:4",
)  # fmt: skip
GOOD_TIMES = ("23:30:15", "0:05", "00:00", "12:00", "00:01", "04:59:59", "05:00", "22:00")


def _times() -> list[Case]:
    found = [
        beside_a_good_row(f"day_unreadable_{n}", _rejected("date_unreadable"), From_Date=text)
        for n, text in enumerate(UNREADABLE_DAYS)
    ]
    found += [
        beside_a_good_row(f"day_future_{n}", _rejected("date_in_future"), From_Date=d)
        for n, d in enumerate(FUTURE_DAYS)
    ]
    found += [
        beside_a_good_row(f"day_old_{n}", _rejected("date_too_old"), From_Date=d) for n, d in enumerate(OLD_DAYS)
    ]
    found += [beside_a_good_row(f"day_good_{n}", GOOD, From_Date=d) for n, d in enumerate(GOOD_DAYS)]
    found += [
        beside_a_good_row(f"time_unreadable_{n}", _rejected("date_unreadable"), From_Time=text)
        for n, text in enumerate(UNREADABLE_TIMES)
    ]
    found += [beside_a_good_row(f"time_good_{n}", GOOD, From_Time=text) for n, text in enumerate(GOOD_TIMES)]
    found += [
        beside_a_good_row("time_none_is_a_date_only", GOOD, From_Time=""),
        beside_a_good_row("time_24", _flagged("time_24"), From_Time="24:00"),
        beside_a_good_row("time_gap_2024", _flagged("time_not_on_clock"), From_Date="31/03/2024", From_Time="01:30"),
        beside_a_good_row("time_gap_2026", _flagged("time_not_on_clock"), From_Date="29/03/2026", From_Time="01:30"),
        beside_a_good_row("time_gap_first_second", _flagged("time_not_on_clock"), From_Date="31/03/2024", From_Time="01:00"),
        beside_a_good_row("time_after_gap", GOOD, From_Date="31/03/2024", From_Time="02:00"),
        beside_a_good_row("time_twice_2024", _flagged("time_twice"), From_Date="27/10/2024", From_Time="01:30"),
        beside_a_good_row("time_twice_2026", _flagged("time_twice"), From_Date="25/10/2026", From_Time="01:00"),
        beside_a_good_row("time_after_twice", GOOD, From_Date="27/10/2024", From_Time="02:00"),
        beside_a_good_row("range_reversed", _flagged("range_reversed"), To_Date="15/06/2024", To_Time="23:00"),
        beside_a_good_row("range_reversed_by_years", _flagged("range_reversed"), To_Date="15/06/2023", To_Time="23:00"),
        beside_a_good_row("range_long", _flagged("span_over_limit"), To_Date="17/06/2024", To_Time="23:00"),
        beside_a_good_row("range_just_too_long", _flagged("span_over_limit"), To_Date="16/06/2024", To_Time="11:31"),
        beside_a_good_row("range_longest", GOOD, To_Date="16/06/2024", To_Time="11:30"),
        beside_a_good_row("range_of_nothing", GOOD, To_Date="15/06/2024", To_Time="23:30"),
        beside_a_good_row("range_end_without_time", _flagged("end_without_time"), To_Date="16/06/2024"),
        beside_a_good_row("range_end_without_day", _rejected("date_unreadable"), To_Time="23:45"),
        beside_a_good_row("range_end_unreadable", _rejected("date_unreadable"), To_Date="later", To_Time="23:45"),
        beside_a_good_row("range_end_in_future", _rejected("date_in_future"), To_Date="15/06/2999", To_Time="23:45"),
        beside_a_good_row("recorded_unreadable", _rejected("date_unreadable"), Recorded="soon"),
        beside_a_good_row("recorded_in_future", _rejected("date_in_future"), Recorded="16/06/2999 09:00"),
        beside_a_good_row("recorded_empty", GOOD, Recorded=""),
        beside_a_good_row("recorded_formula", _rejected("date_unreadable"), Recorded="=1+1"),
        beside_a_good_row("recorded_formula_in_full_width", _rejected("date_unreadable"), Recorded="＝1+1"),
        beside_a_good_row("extract_date_unreadable", _rejected("date_unreadable"), Extract_Date="?"),
    ]  # fmt: skip
    return found


NO_PLACE = (
    ("0", "0"), ("nan", "nan"), ("NaN", "304500"), ("inf", "304500"), ("-inf", "-inf"), ("1e400", "304500"), ("458700", ""),
    ("", "304500"), ("text", "text"), ("52°38'N", "1°08'W"), ("458,700", "304,500"), ("4587OO", "304500"), ("458700 m", "304500 m"),
    ("#REF!", "#N/A"), ("=A1", "=B1"), ("458700;304500", "0"), ("0x1F", "0x1F"), ("١٢٣", "abc"), ("--", "--"), ("null", "null"),
)  # fmt: skip
OUTSIDE = (
    ("-1", "304500"),
    ("458700", "-5"),
    ("9999999", "304500"),
    ("458700", "1300001"),
    ("700001", "1"),
    ("458700", "3045000"),
)
PLACES = (
    ("458700.5", "304500.25"),
    ("4.587e5", "3.045e5"),
    (" 458700 ", " 304500 "),
    ("+458700", "+304500"),
    ("", ""),
)


def _places() -> list[Case]:
    found = [
        beside_a_good_row(f"place_unreadable_{n}", _flagged("place_unreadable"), X=x, Y=y)
        for n, (x, y) in enumerate(NO_PLACE)
    ]
    found += [
        beside_a_good_row(f"place_outside_{n}", _flagged("place_outside"), X=x, Y=y)
        for n, (x, y) in enumerate(OUTSIDE)
    ]
    found += [beside_a_good_row(f"place_good_{n}", GOOD, X=x, Y=y) for n, (x, y) in enumerate(PLACES)]
    return found


OFFENCES = (
    "",
    "ZZ",
    "8 N",
    "8n?",
    "Assault on a penguin",
    "=8N",
    "８Ｎ",
    "8\u041d",
    "999",
    "None",
    "<b>8N</b>",
    "8N;5D",
    "\u202e8N x",
)
GOOD_OFFENCES = ("8n", " 8N ", "assault oabh", "ASSAULT S47", "8\u200bN", "Wounding S18")
CONTROLS = (
    "\x00",
    "a\x00b",
    "\x01",
    "\x07bell",
    "\x1b[31mred",
    "\x7f",
    "a\x0bb",
    "a\x0cb",
    "\x1f",
    "\x1e",
    "\x08\x08",
)
PAYLOADS = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "' OR '1'='1", "'; DROP TABLE analytics_offence; --", '" OR 1=1 --',
    "{{ 7*7 }}", "{% debug %}", "{0.__class__}", "%(name)s", "%s%s%s%n", "${jndi:ldap://x/a}", "`id`", "$(id)", "; rm -rf /", "| cat",
    "../../etc/passwd", "file:///etc/passwd", "=cmd|' /C calc'!A0", "+1+1", "-1-1", "@SUM(1)", "＝1+1", "\ttab", "two\nlines",
    "two\r\nlines 2024 ERROR root: hacked", "e\u0301cole", "\u00e9cole", "Ｌｅｉｃｅｓｔｅｒ", "L\u0435icester", "😀", "👨‍👩‍👧", "‏עברית", "\u202etxt.exe",
    "\ufeffbom", "\u200bzero", "\u00a0", "\u2028", "x" * 80, "x" * 81, "x" * 5_000, "ß" * 80, "\U0001f600" * 100, "NULL", "None", "true",
    "0", "\\", "\\N", "\\.", "'", '"', '""', ",", ";", "\ud7ff", "\ufffd", "\uffff", "ı", "İ", "ﷺ",
)  # fmt: skip


def _texts() -> list[Case]:
    found = [
        beside_a_good_row(f"offence_unknown_{n}", _rejected("offence_unknown"), HO_Offence=v)
        for n, v in enumerate(OFFENCES)
    ]
    found += [
        beside_a_good_row(f"offence_known_{n}", GOOD, HO_Offence=text) for n, text in enumerate(GOOD_OFFENCES)
    ]
    found += [
        beside_a_good_row(f"control_{n}", _rejected("control_character"), Beat=text)
        for n, text in enumerate(CONTROLS)
    ]
    found += [
        beside_a_good_row(f"payload_{n}", GOOD, Beat=text, District=text, Loc_Type=text, PP_Flag=text[:20])
        for n, text in enumerate(PAYLOADS)
    ]
    found += [
        beside_a_good_row(f"reference_payload_{n}", GOOD, Crime_No=text)
        for n, text in enumerate(PAYLOADS)
        if 0 < len(text.upper()) <= 100
    ]
    found += [
        beside_a_good_row("reference_too_long", _rejected("reference_malformed"), Crime_No="9" * 101),
        beside_a_good_row("reference_none", GOOD, Crime_No=""),
        beside_a_good_row("reference_same", Loads(2, 1, duplicates=1), Crime_No="24*000001"),
        beside_a_good_row("reference_same_in_other_letters", Loads(2, 1, duplicates=1), Crime_No=" 24*000001 "),
        beside_a_good_row("skipped_cancelled", _rejected("skipped_by_mapping:Status=Cancelled"), Status="Cancelled"),
        beside_a_good_row("skipped_in_other_letters", _rejected("skipped_by_mapping:Status=TRANSFERRED"), Status=" TRANSFERRED "),
        beside_a_good_row("flag_odd", GOOD, PP_Flag="perhaps", DA="?"),
        beside_a_good_row("no_place_at_all", GOOD, X="", Y="", Beat="", NPA="", District=""),
    ]  # fmt: skip
    return found


def cases() -> list[Case]:
    return [*_times(), *_places(), *_texts()]
