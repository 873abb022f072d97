"""Runs every benchmark and writes var/benchmarks.json."""

import importlib
import json
import os
import pkgutil
from dataclasses import asdict
from pathlib import Path

import django

import benchmarks

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "walkaway.settings.test")


def main() -> None:
    django.setup()
    results = []
    for module in pkgutil.iter_modules(benchmarks.__path__):
        if module.name in {"__main__", "measuring"}:
            continue
        print(f"{module.name} ...", flush=True)
        for result in importlib.import_module(f"benchmarks.{module.name}").run():
            results.append(asdict(result))
            figure = "none" if result.ratio is None else f"{result.ratio:.3g}"
            print(f"  {result.name}: {figure} (goal {result.goal}) {'met' if result.met else result.cause}")
    out = Path(__file__).resolve().parents[1] / "var" / "benchmarks.json"
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps({"results": results}, indent=1))
    print(f"written to {out}")
    print(
        "Ratios are medians of rounds taken in turn; on a busy machine trust them and processor seconds, not times."
    )


if __name__ == "__main__":
    main()
