# SPDX-License-Identifier: GPL-2.0-or-later
"""A program's windows as a screen reader finds them: a tree of widgets with role, name and actions."""
import gi
gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib     # noqa: E402

from desktop import until                 # noqa: E402

# What holds hundreds of others; only who asks for theirs looks into it.
LARGE = ("tree", "table", "tree table", "menu bar", "list")
# How newer versions of the bus call some roles.
ROLES = {"button": "push button", "push button menu": "push button"}
MILLISECONDS = 15000    # that a busy program may take to answer


def connect():
    Atspi.init()
    Atspi.set_timeout(MILLISECONDS, MILLISECONDS)


def steady(get):
    """What `get` returns; None while a widget vanishes under it, as those that Qt replaces do."""
    try:
        return get()
    except GLib.Error:
        return None


class Widget:
    def __init__(self, accessible):
        self.accessible = accessible

    @property
    def role(self):
        """Empty of one that has vanished since it was found."""
        try:
            role = self.accessible.get_role_name()
        except GLib.Error:
            return ""
        return ROLES.get(role, role)

    @property
    def name(self):
        return self.accessible.get_name() or ""

    def is_showing(self):
        return self.accessible.get_state_set().contains(Atspi.StateType.SHOWING)

    def children(self):
        found = []
        for place in range(self.accessible.get_child_count()):
            child = self.accessible.get_child_at_index(place)
            if child:
                found.append(Widget(child))
        return found

    def all(self, role, name=None):
        """The widgets below that have this role, and this name if one is given."""
        for child in self.children():
            kind = child.role
            if kind == role and name in (None, child.name):
                yield child
            if kind not in LARGE:
                yield from child.all(role, name)

    def find(self, role, name=None):
        """The first of them, or None. A widget may vanish while it is looked at."""
        try:
            return next(self.all(role, name), None)
        except GLib.Error:
            return None

    def wait(self, role, name=None):
        return until(lambda: self.find(role, name), "%s %r in %r" % (role, name, self.name))

    def press(self):
        if not self.accessible.do_action(0):
            raise RuntimeError("%s %r can't be pressed" % (self.role, self.name))

    def push(self, role, name):
        """Presses the widget below that is called so: found anew if it was replaced meanwhile."""
        until(lambda: steady(lambda: self.wait(role, name).press() is None), "%s %r pressed" % (role, name))

    def text(self):
        return Atspi.Text.get_text(self.accessible, 0, -1)

    def fill(self, text):
        self.accessible.set_text_contents(text)

    def place(self):
        """(left, top, width, height) on the screen"""
        box = self.accessible.get_extents(Atspi.CoordType.SCREEN)
        return box.x, box.y, box.width, box.height

    def row_count(self):
        return self.accessible.get_n_rows()

    def cell(self, row, column):
        return Widget(self.accessible.get_accessible_at(row, column))

    def rows(self):
        """The texts of a table's cells, a list a row; and of a tree, those of what is expanded."""
        columns = self.accessible.get_n_columns()
        cells = [[self.accessible.get_accessible_at(row, column) for column in range(columns)]
                 for row in range(self.row_count())]
        return [[cell.get_name() or "" if cell else "" for cell in row] for row in cells]


def applications():
    """The programs on the bus."""
    return Widget(Atspi.get_desktop(0)).children()
