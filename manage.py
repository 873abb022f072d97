#!/usr/bin/env python
"""Runs Walk Away's commands. Without any environment variable the embedded default is used."""

import gc
import os
import sys
from contextlib import suppress


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "walkaway.settings.development")
    try:
        from django.core.management import execute_from_command_line
    except ImportError as error:
        raise SystemExit(
            "Django is not installed for this Python. Run `make install`, then use .venv/bin/python manage.py."
        ) from error
    _load()
    execute_from_command_line(sys.argv)


def _load() -> None:
    """Loads the program without looking for what could be let go: nearly half of the start, for nothing.

    Whatever is wrong with settings is said by Django itself, when it runs the command.
    """
    import django

    gc.disable()
    with suppress(Exception):
        django.setup()
    gc.freeze()
    gc.enable()


if __name__ == "__main__":
    main()
