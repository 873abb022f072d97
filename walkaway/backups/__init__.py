"""Backups that count only once they are restored: making one, checking it, putting it back.

A backup is a folder: ``manifest.json`` (written last), ``database.sqlite3`` or ``database.dump``, and ``files/`` with
media, scan files and lists of rejected rows. Keys, salts, sessions, caches and the quarantine are never part of it.
"""
