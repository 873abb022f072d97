"""Is a stamp's artwork thick enough everywhere? A disc-shaped opening tells, whatever the angle of a line.

A square element would refuse legal slanted lines: so a Euclidean distance transform with a disc. Verdict by
distance and not by share: rounded tips may go, a lost hairline may not.
"""

from functools import lru_cache

import numpy as np
from PIL import Image
from scipy import ndimage

from campaign_pages.artwork.design import Check
from campaign_pages.artwork.sizes import sizes


def check_stamp(picture: Image.Image, size_mm: float, dpi: float) -> list[Check]:
    """Checks a 1-bit picture (black ink): size, margin, thinnest line, narrowest gap, dots and holes."""
    flat = picture.convert("1")
    return list(_measure(flat.tobytes(), flat.size, size_mm, dpi))


@lru_cache(maxsize=4)
def _measure(bits: bytes, shape: tuple[int, int], size_mm: float, dpi: float) -> tuple[Check, ...]:
    """The measuring takes seconds and a stamp's SVG and TIFF hold the same picture: so each picture once."""
    limits = sizes()["handstamp"]
    ink = ~np.asarray(Image.frombytes("1", shape, bits), dtype=bool)
    wanted = round(size_mm / 25.4 * limits["dpi"])
    height, width = ink.shape
    checks = [
        Check("stamp_size", abs(width - wanted) <= 2 and abs(height - wanted) <= 2 and abs(dpi - limits["dpi"]) < 1,
              f"{width} x {height} pixels at {dpi:.0f} dpi; {wanted} at {limits['dpi']} wanted for {size_mm:g} mm"),
        Check("stamp_ink", bool(ink.any()), "there is ink" if ink.any() else "the picture is empty"),
    ]  # fmt: skip
    per_mm = limits["dpi"] / 25.4
    y, x = np.ogrid[:height, :width]
    from_centre = np.hypot(y - (height - 1) / 2, x - (width - 1) / 2)
    print_radius = (size_mm / 2 - limits["margin_mm"]) * per_mm
    outside = int((ink & (from_centre > print_radius + 1)).sum())
    checks.append(
        Check(
            "stamp_margin",
            outside == 0,
            f"{outside} pixels of ink nearer than {limits['margin_mm']} mm to the edge",
        )
    )
    checks.append(_thickness("stamp_line", ink, limits["line_min_mm"], limits["loss_max_mm"], per_mm, "line"))
    paper = ~ink & (from_centre <= print_radius)
    # Paper beyond the disc counts as paper, so that the rim is not taken for a gap.
    checks.append(
        _thickness("stamp_gap", ~ink, limits["gap_min_mm"], limits["notch_max_mm"], per_mm, "gap", only=paper)
    )
    return (*checks, *_dots(ink, paper, per_mm))


def _dots(ink: np.ndarray, paper: np.ndarray, per_mm: float) -> list[Check]:
    """Connected parts too small to be made (ink) or to stay open (paper)."""
    limits, found = sizes()["handstamp"], []
    for code, mask, least in (
        ("stamp_dot", ink, limits["dot_min_mm"]),
        ("stamp_hole", paper, limits["hole_min_mm"]),
    ):
        labels, _ = ndimage.label(mask, structure=np.ones((3, 3), dtype=int) if code == "stamp_dot" else None)
        areas = np.bincount(labels.ravel())[1:]
        smallest = np.pi * (least / 2 * per_mm - 0.5) ** 2
        bad = int((areas < smallest).sum())
        what = "dots of ink" if code == "stamp_dot" else "holes"
        found.append(Check(code, bad == 0, f"{bad} {what} smaller than {least} mm across"))
    return found


def _thickness(
    code: str,
    mask: np.ndarray,
    least_mm: float,
    loss_mm: float,
    per_mm: float,
    what: str,
    *,
    only: np.ndarray | None = None,
) -> Check:
    """Opening with a disc of `least_mm`: whatever lies farther than `loss_mm` from what survives is too thin."""
    if not mask.any():
        return Check(code, True, f"no {what} to measure")
    radius = max(least_mm * per_mm / 2 - 0.5, 0.5)  # half a pixel of grace for the raster
    padded = np.pad(mask, 2, constant_values=what == "gap")
    core = ndimage.distance_transform_edt(padded) >= radius
    survives = (ndimage.distance_transform_edt(~core) <= radius + 0.5) if core.any() else np.zeros_like(padded)
    survives = (survives & padded)[2:-2, 2:-2]
    lost = mask & ~survives
    if only is not None:
        lost &= only
    if not lost.any():
        return Check(code, True, f"every {what} is at least {least_mm} mm")
    if not survives.any():
        return Check(code, False, f"every {what} is thinner than {least_mm} mm. Make it thicker.")
    away = ndimage.distance_transform_edt(~survives)[lost].max() / per_mm
    ok = away <= loss_mm
    advice = "rounded corners only" if ok else f"Make every {what} at least {least_mm} mm."
    return Check(
        code,
        bool(ok),
        f"{lost.sum()} pixels are thinner than {least_mm} mm, the farthest {away:.2f} mm away; {advice}",
    )
