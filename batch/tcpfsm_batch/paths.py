# SPDX-License-Identifier: GPL-2.0-or-later
"""Paths as text: a path whose bytes aren't UTF-8 becomes a URI, since JSON and databases hold UTF-8 only."""
import os
import urllib.parse

URI = "file://"


def to_text(path):
    """Of an absolute path, str or bytes."""
    raw = os.fsencode(path)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return URI + urllib.parse.quote_from_bytes(raw)


def from_text(text):
    """The path as Python opens it."""
    if text.startswith(URI):
        return os.fsdecode(urllib.parse.unquote_to_bytes(text[len(URI):]))
    return text


def shown(text):
    """On one line of a terminal, whatever the name holds."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
