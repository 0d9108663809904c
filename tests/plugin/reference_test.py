#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""docs/fields.md and docs/connections.schema.json are what scripts/field-reference would write now, and the
page lacks nothing that was promised."""
import os
import re
import sys

import contract
from shark import TSHARK, SharkTest, main, world

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
sys.path.append(os.path.join(ROOT, "scripts", "lib"))
import reference     # noqa: E402

UPDATE = "run scripts/field-reference"


def report(name):
    status, text, _ = world().run([TSHARK, "-G", name])
    assert status == 0, name
    return text


class ReferenceTest(SharkTest):
    @classmethod
    def setUpClass(cls):
        with open(os.path.join(ROOT, "docs", "fields.md"), encoding="utf-8") as file:
            cls.page = file.read()
        cls.report = reference.Report(report("fields"), report("values"), report("defaultprefs"))

    def rows(self, name):
        """The cells of the row of a field, expert info or preference."""
        return [re.split(r" (?<!\\)\| ", line.strip("| ")) for line in self.page.splitlines()
                if line.startswith("| `%s`" % name)]

    def test_the_page_is_current(self):
        self.assertEqual(self.page.splitlines(), reference.Page(self.report).text().splitlines(), UPDATE)

    def test_the_schema_is_current(self):
        with open(os.path.join(ROOT, "docs", "connections.schema.json"), encoding="utf-8") as file:
            self.assertEqual(file.read().splitlines(), reference.schema(self.report).splitlines(), UPDATE)

    def test_every_field_of_the_contract_has_a_row(self):
        for name in set(contract.TYPES) & set(self.registered()):
            self.assertEqual(len(self.rows(name)), 1, name)

    def test_every_registered_field_is_on_the_page(self):
        self.assertGreater(len(self.registered()), len(contract.TYPES) // 2)
        for name in self.registered():
            self.assertTrue("`%s`" % name in self.page, name)

    def test_every_value_has_its_name(self):
        for name, values in contract.ENUMERATIONS.items():
            if name not in self.registered():
                continue
            cell = self.rows(name)[0][3]
            if cell.startswith("as `"):
                cell = self.rows(cell[4:-1])[0][3]
            shown = dict(value.split(" ", 1) for value in cell.split(" · "))
            for number, word in values.items():
                self.assertEqual(shown[str(number)], word, name)

    def test_every_expert_info_has_its_severity(self):
        for name, (severity, _) in contract.EXPERTS.items():
            if "tcpfsm.expert." + name in self.registered():
                self.assertEqual(self.rows("tcpfsm.expert." + name)[0][1], severity, name)

    def test_every_verdict_says_whether_it_is_valid(self):
        for kind, names, accusing, untold in (
                ("sequence", contract.SEQ_VERDICTS, contract.SEQ_ACCUSING, contract.SEQ_UNTOLD),
                ("acknowledgment", contract.ACK_VERDICTS, contract.ACK_ACCUSING, contract.ACK_UNTOLD)):
            part = self.page.split("## Verdicts on %s numbers" % kind)[1].split("\n## ")[0]
            cells = [line.strip("| ").split(" | ") for line in part.splitlines() if re.match(r"\| \d", line)]
            self.assertEqual({int(row[0]): row[1] for row in cells}, names)
            for row in cells:
                expected = "**no**" if int(row[0]) in accusing else \
                    "can't be told" if int(row[0]) in untold else "yes"
                self.assertEqual(row[2], expected, row[1])

    def test_every_preference_has_its_default_and_its_meaning(self):
        for name, default in contract.PREFERENCES.items():
            (_, shown, meaning), = self.rows("tcpfsm." + name)
            self.assertEqual(shown, default, name)
            self.assertGreater(len(meaning), 20, name)


if __name__ == "__main__":
    main()
