"""Odd tables: encodings, line ends, quotes, delimiters, headers, short and long rows."""

from tests.factories.bad_files.cases import HEADER, Case, Loads, Refused, case, line, table
from tests.factories.police import NICHE_HEADER

TWO = table(line(1), line(2))
ACCENT = table(line(1), line(2, Beat="Caf\u00e9"))


def _encodings() -> list[Case]:
    damaged = ACCENT.encode("cp1252")
    mixed = table(line(1, Beat="Caf\u00e9")).encode() + line(2, Beat="Caf\u00e9").encode("cp1252") + b"\n"
    late = TWO.encode() + b"".join(f"{line(n)}\n".encode() for n in range(3, 3000)) + b"\xff\n"
    found = [
        case(f"encoding_{name.replace('-', '_')}", text.encode(name), Loads(2, 2))
        for name in ("utf-8", "utf-8-sig", "utf-16")
        for text in (ACCENT,)
    ]
    found += [
        case("encoding_utf_16_le_with_mark", b"\xff\xfe" + ACCENT.encode("utf-16-le"), Loads(2, 2)),
        case("encoding_utf_16_be_with_mark", b"\xfe\xff" + ACCENT.encode("utf-16-be"), Loads(2, 2)),
        case("encoding_utf_16_without_mark", ACCENT.encode("utf-16-le"), Refused(("without a byte order mark",))),
        case("encoding_utf_32", ACCENT.encode("utf-32"), Refused(())),
        case("encoding_cp1252_unsaid", damaged, Refused(("line 3", "e9", "utf-8"))),
        case("encoding_mixed", mixed, Refused(("line 3", "e9"))),
        case("encoding_wrong_byte_late", late, Refused(("line 3001", "ff"))),
        case("encoding_latin_1_control", table(line(1), line(2, Beat="a\x85b")).encode("latin-1"), Refused(("line 3", "85"))),
        case("encoding_overlong", TWO.encode() + b"\xc0\xaf\n", Refused(("line 4", "c0"))),
        case("encoding_surrogate", TWO.encode() + b"\xed\xa0\x80\n", Refused(("line 4", "ed"))),
        case("encoding_cut_off", TWO.encode() + line(3).encode() + b"\xe2\x82", Refused(("line 4",))),
        case("encoding_utf_16_odd_length", TWO.encode("utf-16") + b"x", Refused(("line 4",))),
        case("encoding_utf_16_lone_surrogate", b"\xff\xfe" + TWO.encode("utf-16-le") + b"\x00\xd8\x0a\x00", Refused(("line",))),
        case("encoding_two_marks", b"\xef\xbb\xbf\xef\xbb\xbf" + TWO.encode(), Loads(2, 2)),
        case("encoding_mark_only", b"\xef\xbb\xbf", Refused(("empty",))),
        case("bytes_random", bytes((n * 37 + 11) % 256 for n in range(4000)), Refused(())),
        case("bytes_all_nul", b"\x00" * 5000, Refused(())),
        case("bytes_png", b"\x89PNG\r\n\x1a\n" + b"\x00" * 100, Refused(("89",))),
        case("bytes_pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", Refused(("line 2",))),
        case("bytes_html", b"<!doctype html><html><body>Sign in</body></html>", Refused(("header",))),
        case("bytes_json", b'[{"Crime No": "1"}]', Refused(())),
        case("bytes_zip_named_csv", b"PK\x03\x04" + b"\x14\x00" * 40, Refused(())),
    ]  # fmt: skip
    return found


def _line_ends() -> list[Case]:
    found = [
        case(f"ends_{name}", table(line(1), line(2), end=end), Loads(2, 2))
        for name, end in (("lf", "\n"), ("crlf", "\r\n"), ("cr", "\r"))
    ]
    return [
        *found,
        case("ends_mixed", f"{HEADER}\r\n{line(1)}\n{line(2)}\r{line(3)}", Loads(3, 3)),
        case("ends_none_at_the_end", f"{HEADER}\n{line(1)}", Loads(1, 1)),
        case("ends_blank_lines", f"{HEADER}\n\n{line(1)}\n\n\n{line(2)}\n\n", Loads(2, 2)),
        case("ends_blank_lines_first", f"\n\n{HEADER}\n{line(1)}\n", Loads(1, 1)),
        case("ends_ctrl_z", f"{table(line(1))}\x1a", Loads(2, 1, reasons={"too_few_fields": 1})),
        case("ends_lines_of_commas", table(line(1), "," * (len(NICHE_HEADER) - 1)), Loads(2, 1, reasons={"offence_unknown": 1})),
        case("ends_lines_of_spaces", table(line(1), "   "), Loads(2, 1, reasons={"too_few_fields": 1})),
    ]  # fmt: skip


def _quotes() -> list[Case]:
    many = "".join(f"{line(n)}\n" for n in range(2, 400))
    return [
        case("quote_unclosed_last", table(line(1), line(2, Beat='"LE1')), Refused(("line 3", "never closed"))),
        case("quote_unclosed_first", table(line(1, Crime_No='"24')) + many, Refused(("line 2", "never closed"))),
        case("quote_unclosed_in_header", f'"{HEADER}\n{line(1)}\n', Refused(("line 1", "never closed"))),
        case("quote_then_text", table(line(1), line(2, Beat='"LE"1')), Refused(("line 3", "closing quotation mark"))),
        case("quote_then_space", table(line(1), line(2, Beat='"LE1" ')), Refused(("line 3", "closing quotation mark"))),
        case("quote_inside", table(line(1), line(2, Beat='L"E"1')), Loads(2, 2)),
        case("quote_doubled", table(line(1), line(2, Beat='"L""E""1"')), Loads(2, 2)),
        case("quote_with_comma", table(line(1), line(2, Beat='"LE1, LE2"')), Loads(2, 2)),
        case("quote_with_line_break", table(line(1), line(2, Beat='"LE1\nLE2"'), line(3)), Loads(3, 3)),
        case("quote_after_line_break_names_its_line", table(line(1, Beat='"a\nb\nc"'), line(2, Beat='"x')), Refused(("line 5",))),
        case("quote_single", table(line(1), line(2, Beat="'LE1'")), Loads(2, 2)),
        case("quote_typographic", table(line(1), line(2, Beat="\u201cLE1\u201d")), Loads(2, 2)),
        case("quote_empty", table(line(1), line(2, Beat='""')), Loads(2, 2)),
        case("field_longest", table(line(1), line(2, Status="x" * 131_000)), Loads(2, 2)),
        case("field_too_long", table(line(1), line(2, Status="x" * 131_073)), Refused(("line 3", "131,072"))),
        case("field_too_long_in_header", f"{HEADER}{'x' * 140_000}\n{line(1)}\n", Refused(("line 1", "131,072"))),
    ]  # fmt: skip


def _headers() -> list[Case]:
    without = {name: ",".join(each for each in NICHE_HEADER if each != name) for name in NICHE_HEADER}
    short = [cell for name, cell in zip(NICHE_HEADER, line(1).split(","), strict=True) if name != "HO Offence"]
    reordered = ",".join(reversed(NICHE_HEADER))
    back = ",".join(reversed(line(1).split(",")))
    return [
        case("header_only", f"{HEADER}\n", Loads(0, 0)),
        case("header_without_end", HEADER, Loads(0, 0)),
        case("header_empty_file", "", Refused(("empty",))),
        case("header_blank_lines_only", "\n\n\n", Refused(("empty",))),
        case("header_spaces_only", "   \n", Refused(("header",))),
        case("header_missing_offence", table(",".join(short), header=without["HO Offence"]), Refused(("offence",)),
             mapping="leicestershire_niche"),
        case("header_missing_date", table(line(1), header=HEADER.replace("From Date", "Fro Date")), Refused(("From Date",)),
             mapping="leicestershire_niche"),
        case("header_twice", table(f"{line(1)},8N", header=f"{HEADER},HO Offence"), Refused(("more than once", "HO Offence"))),
        case("header_twice_unused", table(f"{line(1)},a,b", header=f"{HEADER},Other,Other"), Loads(1, 1)),
        case("header_extra", table(f"{line(1)},x", header=f"{HEADER},Officer"), Loads(1, 1)),
        case("header_reordered", table(back, header=reordered), Loads(1, 1)),
        case("header_in_capitals", table(line(1), header=HEADER.upper()), Loads(1, 1)),
        case("header_with_spaces", table(line(1), header=HEADER.replace(",", " , ")), Loads(1, 1)),
        case("header_quoted", table(line(1), header=",".join(f'"{name}"' for name in NICHE_HEADER)), Loads(1, 1)),
        case("header_nothing_known", "a,b,c\n1,2,3\n", Refused(("header", "a, b, c"))),
        case("header_one_column", "Crime No\n1\n", Refused(("header",))),
        case("header_missing_entirely", table(line(2), header=line(1)), Refused(("header",))),
        case("header_of_a_title", f"Extract of June{',' * (len(NICHE_HEADER) - 1)}\n{TWO}", Refused(("header",))),
        case("header_again", table(line(1), HEADER, line(2)), Loads(3, 2, reasons={"repeated_header": 1})),
        case("header_again_in_capitals", table(line(1), HEADER.upper()), Loads(2, 1, reasons={"repeated_header": 1})),
        case("header_with_control", table(line(1), header=HEADER.replace("Beat", "Be\x00at")), Loads(1, 1)),
        case("header_empty_names", table(f"{line(1)},,", header=f"{HEADER},,"), Loads(1, 1)),
        case("header_hundred_thousand_columns", table(line(1), header=f"{HEADER}{',zz' * 100_000}"), Refused(("line 2", "fields"))),
        case("semicolons", TWO.replace(",", ";"), Loads(2, 2)),
        case("tabs", TWO.replace(",", "\t"), Loads(2, 2)),
        case("tabs_named_tsv_by_csv", TWO.replace(",", "\t"), Loads(2, 2)),
        case("pipes", TWO.replace(",", "|"), Refused(("header",))),
        case("semicolons_with_decimal_commas", table(line(1), line(2)).replace(",", ";").replace("458700", "458700,5"),
             Loads(2, 2, flags=("place_unreadable",))),
    ]  # fmt: skip


def _rows() -> list[Case]:
    few, many = line(2).rsplit(",", 1)[0], f"{line(2)},x"
    return [
        case("row_short", table(line(1), few), Loads(2, 1, reasons={"too_few_fields": 1})),
        case("row_long", table(line(1), many), Loads(2, 1, reasons={"too_many_fields": 1})),
        case("row_long_by_comma_in_text", table(line(1), line(2, Beat="LE1, LE2")), Loads(2, 1, reasons={"too_many_fields": 1})),
        case("row_one_field", table(line(1), "x"), Loads(2, 1, reasons={"too_few_fields": 1})),
        case("rows_all_short", table(few, few), Refused(("line 2", "fields"))),
        case("row_total", table(line(1), "Total,1"), Loads(2, 1, reasons={"total_row": 1})),
        case("row_total_full_width", table(line(1), "TOTAL" + "," * (len(NICHE_HEADER) - 1)), Loads(2, 1, reasons={"total_row": 1})),
        case("row_grand_total", table(line(1), "Grand total: 1"), Loads(2, 1, reasons={"total_row": 1})),
        case("row_footnote", table(line(1), '"Extracted by A. Person, 1 July"'), Loads(2, 1, reasons={"too_few_fields": 1})),
        case("rows_same_without_reference", table(*[line(1, Crime_No="")] * 3), Loads(3, 3)),
        case("rows_same_with_reference", table(*[line(1)] * 3), Loads(3, 1, duplicates=2)),
        case("rows_twelve_thousand", table(*[line(n) for n in range(12_000)]), Loads(12_000, 12_000)),
        case("rows_synthetic_and_real", table(line(1), line(2, Crime_No="SYN-2")), Refused(("synthetic", "1 of 2"))),
        case("rows_synthetic", table(line(1, Crime_No="SYN-1"), line(2, Crime_No="syn-2")), Loads(2, 2)),
        case("rows_all_cancelled", table(line(1, Status="Cancelled")), Loads(1, 0, reasons={"skipped_by_mapping:Status=Cancelled": 1})),
        case("rows_all_unknown", table(line(1, HO_Offence="zz"), line(2, HO_Offence="zz")), Refused(("line 2", "offence", "2 rows"))),
    ]  # fmt: skip


def cases() -> list[Case]:
    return [*_encodings(), *_line_ends(), *_quotes(), *_headers(), *_rows()]
