#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Lua scripts beside the plugin: they read its fields, listen to its tap, and may wrap TCP themselves.

Wireshark starts Lua behind all plugins, so a script that wraps TCP comes to stand in front of ours; Decode As
puts ours in front again.
"""
import contract
import shark

READ = ["tcpfsm.connection", "tcpfsm.step", "tcpfsm.client.state", "tcpfsm.seq.valid", "tcpfsm.owes.server",
        "tcpfsm.sender.time_in_state", "tcpfsm.connection.syn_frame", "tcpfsm.explain"]

# Where values of one field and fields of one line part; others than those of rows(), which has such a line as
# one value.
VALUE, FIELD = "\x1d", "\x1c"

# A table of the fields to read, and of one frame a line of them.
READER = """
local names = {%s}
local fields = {}
for place, name in ipairs(names) do
    fields[place] = Field.new(name)
end
local function line()
    local texts = {}
    for place, field in ipairs(fields) do
        local values = {}
        for _, info in ipairs({field()}) do
            local value = info.value
            if type(value) == "boolean" then
                value = value and 1 or 0
            end
            values[#values + 1] = tostring(value)
        end
        texts[place] = table.concat(values, "\\29")
    end
    return table.concat(texts, "\\28")
end
""" % ", ".join('"%s"' % name for name in READ)

POSTDISSECTOR = READER + """
local mirror = Proto("mirror", "Mirror")
local text = ProtoField.string("mirror.text", "Text")
mirror.fields = {text}
function mirror.dissector(tvb, pinfo, tree)
    tree:add(mirror):add(text, line())
end
register_postdissector(mirror)
"""

LISTENER = READER + """
local tap = Listener.new(%s, "tcpfsm.step")
function tap.packet(pinfo, tvb)
    print(pinfo.number .. "\\28" .. line())
end
"""

WRAPPER = """
local wrapper = Proto("wrapper", "Wrapper")
local length = ProtoField.uint32("wrapper.length", "Length")
wrapper.fields = {length}
local protocols = DissectorTable.get("ip.proto")
local tcp = protocols:get_dissector(6)
function wrapper.dissector(tvb, pinfo, tree)
    tree:add(length, tvb:len())
    return tcp:call(tvb, pinfo, tree)
end
protocols:add(6, wrapper)
"""


class Lua(shark.SharkTest):
    def setUp(self):
        self.need_lua()

    def script(self, name, text):
        return "-X", "lua_script:" + shark.world().file(name, text)

    def lines(self, *options):
        """The same of what -T fields prints, a line a frame."""
        return [FIELD.join(VALUE.join(values) for values in row)
                for row in self.rows("everything", READ, *options)]

    def test_postdissector_reads_the_fields(self):
        options = self.script("mirror.lua", POSTDISSECTOR)
        for passes in ((), ("-2",)):
            mirrored = self.rows("everything", ["mirror.text"], *options, *passes)
            expected = self.lines(*passes)
            self.check_same(mirrored, [[[line]] for line in expected], ["mirror.text"])
            self.assertGreater(sum(1 for line in expected if "andshake" in line), 50)

    def test_postdissector_reads_them_unasked(self):
        """In plain text output nobody else has asked for a field."""
        options = self.script("mirror.lua", POSTDISSECTOR)
        column = ("-o", 'gui.column.format:"No.","%m","Text","%Cus:mirror.text:0:R"')
        text = self.tshark("healthy", *options, *column)
        steps = [row[0][0] for row in self.rows("healthy", ["tcpfsm.explain"])]
        for line, step in zip(text.splitlines(), steps):
            self.assertIn(step[:40], line)

    def test_listeners_read_the_fields(self):
        """A listener on our tap, and one on frames, with our fields as a filter."""
        for name, tap in (("own-tap.lua", '"tcpfsm"'), ("frames.lua", '"frame"')):
            options = self.script(name, LISTENER % tap)
            for passes in ((), ("-2",)):
                expected = ["%d%s%s" % (number, FIELD, line)
                            for number, line in enumerate(self.lines(*passes), 1)
                            if line.split(FIELD)[1]]
                heard = self.tshark("everything", "-q", *options, *passes).split("\n")[:-1]
                self.assertEqual(sorted(set(heard), key=heard.index), expected)
                self.assertGreater(len(expected), 50)

    def check_wrapped(self, *options):
        """Not where a segment was captured twice: Lua's call doesn't hand on the IP header, whose
        identification tells the duplicate."""
        fields = contract.SEGMENT + ["tcp.stream", "tcp.analysis.flags"]
        for capture in ("healthy", "gtp"):
            for passes in ((), ("-2",)):
                self.check_same(self.rows(capture, fields, *options, *passes),
                                self.rows(capture, fields, *passes), fields)

    def test_script_that_wraps_tcp(self):
        options = self.script("wrapper.lua", WRAPPER)
        self.check_wrapped(*options)
        for row in self.rows("healthy", ["wrapper.length", "tcpfsm.connection"], *options):
            self.assertEqual([len(values) for values in row], [1, 1])

    def test_ours_in_front_of_the_script(self):
        """Then the script sees nothing."""
        options = (*self.script("wrapper.lua", WRAPPER), "-d", "ip.proto==6,tcpfsm.tcp")
        self.check_wrapped(*options)
        for row in self.rows("healthy", ["wrapper.length", "tcpfsm.connection"], *options):
            self.assertEqual([len(values) for values in row], [0, 1])


if __name__ == "__main__":
    shark.main()
