# SPDX-License-Identifier: GPL-2.0-or-later
"""Other addresses and names for a report that leaves the house.

Addresses that share their first n bits still do, and no further (the idea of Crypto-PAn). The key is drawn
anew for each report and kept nowhere.
"""
import hashlib
import ipaddress
import os
import re

IPV4 = r"\b\d{1,3}(?:\.\d{1,3}){3}\b"
IPV6 = r"(?<![\w:])(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{0,4}(?:\d+(?:\.\d+){3})?(?![\w])"


class Plain:
    """Says everything as it is."""
    ABOUT = ""

    def address(self, text):
        return text

    capture = observer = interface = text = address


class Anonymous:
    ABOUT = "Addresses and names of files are replaced."

    def __init__(self, key=None):
        self.key = key or os.urandom(32)
        self.addresses, self.names = {}, {}

    def address(self, text):
        if text not in self.addresses:
            try:
                self.addresses[text] = str(self._address(ipaddress.ip_address(text)))
            except ValueError:
                self.addresses[text] = "address"
        return self.addresses[text]

    def _address(self, address):
        width, number, flips = address.max_prefixlen, int(address), 0
        for bit in range(width):
            prefix = number >> (width - bit)
            word = b"%d %d %d" % (width, bit, prefix)
            flips = flips << 1 | hashlib.blake2b(word, key=self.key, digest_size=1).digest()[0] & 1
        return type(address)(number ^ flips)

    def _named(self, kind, text):
        if not text:
            return text
        if (kind, text) not in self.names:
            number = sum(1 for other, _ in self.names if other == kind) + 1
            self.names[kind, text] = "%s-%d" % (kind, number)
        return self.names[kind, text]

    def capture(self, path):
        return self._named("capture", path)

    def observer(self, name):
        return self._named("observer", name)

    def interface(self, name):
        return self._named("interface", name)

    def text(self, text):
        """A sentence, or a picture: with the names that were met so far, and addresses."""
        for (_, old), new in sorted(self.names.items(), key=lambda item: -len(item[0][1])):
            text = text.replace(old, new)
            base = old.rpartition("/")[2]
            text = text.replace(base, new) if len(base) > 3 else text
        return re.sub("%s|%s" % (IPV4, IPV6), self._found, text)

    def _found(self, match):
        try:
            ipaddress.ip_address(match[0])
        except ValueError:
            return match[0]
        return self.address(match[0])
