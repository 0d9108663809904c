# SPDX-License-Identifier: GPL-2.0-or-later
"""Pieces of HTML. What comes from a capture passes text() on its way into the page."""
import html
import shlex

from tcpfsm_batch import paths


def text(value):
    """Escaped, on one line."""
    return html.escape(paths.shown(str(value)))


def number(value):
    return "{:,}".format(int(value or 0))


def count(value, thing, things=None):
    return "%s %s" % (number(value), thing if int(value) == 1 else things or thing + "s")


def duration(ns):
    if ns is None:
        return ""
    seconds = int(ns) / 1e9
    for size, unit, part, parts in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if seconds >= size:
            rest = int(seconds % size // part)
            return "%d %s%s" % (seconds // size, unit, " %d %s" % (rest, parts) if rest else "")
    if seconds >= 1:
        return "%.1f s" % seconds
    return "%.0f ms" % (seconds * 1e3) if seconds >= 0.01 else "%.2g ms" % (seconds * 1e3)


def size(octets):
    for unit in ("bytes", "kB", "MB", "GB"):
        if octets < 1000:
            break
        octets /= 1000
    else:
        unit = "TB"
    return "%d bytes" % octets if unit == "bytes" else "%.3g %s" % (octets, unit)


def endpoint(address, port):
    return "%s:%s" % ("[%s]" % address if ":" in address else address, port)


def wireshark(row, names):
    """The command that shows a row's frame, for a shell."""
    family = "ipv6" if ":" in row["client_address"] else "ip"
    address = names.address
    shown = "%s.addr == %s && %s.addr == %s && tcp.port == %d && tcp.port == %d" % (
        family, address(row["client_address"]), family, address(row["server_address"]), row["client_port"],
        row["server_port"])
    frame = " -g %d" % row["frame"] if row["frame"] else ""
    file = paths.shown(names.capture(row["capture"]))
    return "wireshark -r %s -Y %s%s" % (shlex.quote(file), shlex.quote(shown), frame)


def table(header, rows, way=None):
    """header: (name, is it a number?); rows: cells of HTML, and a command to stand below if `way`."""
    if not rows:
        return ""
    parts = ['<div class="scroll"><table><thead><tr>']
    parts += ['<th%s>%s</th>' % (' class="number"' if is_number else "", name) for name, is_number in header]
    parts.append("</tr></thead><tbody>")
    for row in rows:
        cells = row[:len(header)]
        parts.append('<tr class="with">' if way else "<tr>")
        kinds = [' class="number"' if is_number else "" for _, is_number in header]
        kinds[0] = ' class="name"'
        parts += ['<td%s>%s</td>' % pair for pair in zip(kinds, cells)]
        parts.append("</tr>")
        if way:
            parts.append('<tr><td class="way" colspan="%d"><code>%s</code></td></tr>' % (
                len(header), html.escape(row[-1])))
    return "".join(parts) + "</tbody></table></div>"
