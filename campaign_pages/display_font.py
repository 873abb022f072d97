"""Red Hat Display Black (OFL 1.1), cut down to Latin: full file 80 kB, what pages load under 20 kB.

The full font comes as a Python package, so no font lies in the repository. The licence travels with the result.
"""

import os
import shutil
from hashlib import sha256
from pathlib import Path
from typing import Any

import font_rhd
from django.conf import settings
from fontTools import subset

SOURCE = Path(font_rhd.font_directory) / "RedHatDisplay-Black.ttf"
LICENCE = Path(font_rhd.font_directory) / "OFL.txt"
# Basic Latin, Latin-1 letters, the rest of Polish and Portuguese, dashes, quotes, ellipsis, arrow.
CHARACTERS = [
    *range(0x20, 0x7F),
    *range(0xA0, 0x180),
    0x2013,
    0x2014,
    0x2018,
    0x2019,
    0x201C,
    0x201D,
    0x2026,
    0x2192,
]
RECIPE = "2"  # raise it when the cut changes

STYLE = """\
@font-face {
  font-family: "Walk Away Display";
  src: url("walk-away-display.woff2") format("woff2");
  font-weight: 900;
  font-display: swap;
}
"""


def build(*, force: bool = False) -> dict[str, Any]:
    """Writes walk-away-display.woff2, fonts.css and OFL.txt. Returns path, size in bytes and whether it was built.

    Raises OSError where the folder cannot be written or the package has lost its files.
    """
    folder = settings.VAR_DIR / "build" / "fonts"
    folder.mkdir(parents=True, exist_ok=True)
    font, style, stamp = folder / "walk-away-display.woff2", folder / "fonts.css", folder / "recipe.txt"
    wanted = sha256(SOURCE.read_bytes() + repr((CHARACTERS, RECIPE, STYLE)).encode()).hexdigest()
    current = font.exists() and style.exists() and stamp.exists() and stamp.read_text() == wanted
    if force or not current:
        draft = folder / f"draft-{os.getpid()}.woff2"
        options = subset.Options()
        options.flavor = "woff2"
        options.hinting = False
        options.layout_features = ["kern", "mark", "mkmk", "ccmp"]
        options.name_IDs = [0, 1, 2, 13, 14]
        with subset.load_font(str(SOURCE), options) as loaded:
            cutter = subset.Subsetter(options)
            cutter.populate(unicodes=CHARACTERS)
            cutter.subset(loaded)
            subset.save_font(loaded, str(draft), options)
        draft.replace(font)
        shutil.copyfile(LICENCE, folder / "OFL.txt")
        style.write_text(STYLE)
        stamp.write_text(wanted)  # last: without it the next run starts again
    return {"path": str(font), "bytes": font.stat().st_size, "built": force or not current}
