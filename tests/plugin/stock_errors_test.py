#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Where the stock dissector is wrong or silent: eight stories, 41 frames, each labelled rightly, and what
became of each connection."""
import contract
import shark
from contract import (CLOSED, CLOSE_WAIT, CLOSING, ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2, LISTEN, SYN_RECEIVED,
                      SYN_SENT, TIME_WAIT)

FIELDS = ["tcpfsm.handshake.step", "tcpfsm.teardown.step", "tcpfsm.sender.role", "tcpfsm.sender.state_before",
          "tcpfsm.sender.state", "tcpfsm.peer.state_before", "tcpfsm.peer.state", "tcpfsm.client.state",
          "tcpfsm.server.state", "tcpfsm.seq.verdict", "tcpfsm.ack.verdict", "tcpfsm.seq.valid",
          "tcpfsm.ack.valid",
          "tcpfsm.reset.cause", "tcpfsm.phase", "tcpfsm.connection", "tcpfsm.repeat", "tcpfsm.repeat_of",
          "tcpfsm.sender.presumed", "tcpfsm.lost_frame"]
SHORT = "tcpfsm.connection."
DEBTS = ["tcpfsm.owes.client", "tcpfsm.owes.server"]
EXPERTS = ["tcpfsm.expert." + name for name in contract.EXPERTS]


class StockErrors(shark.SharkTest):
    options = ()

    @classmethod
    def setUpClass(cls):
        reader = shark.SharkTest("tshark")
        cls.all = reader.frames("stock-errors", FIELDS + EXPERTS, *cls.options)

    def experts(self, name):
        """The numbers of the frames with an expert."""
        field = EXPERTS[EXPERTS.index("tcpfsm.expert." + name)]
        return [number for number, frame in enumerate(self.all, 1) if field in frame]

    def check(self, frame, **expected):
        """Values of fields, their names without the prefix and with _ for a dot; None: absent."""
        shown = self.all[frame - 1]
        for name, value in expected.items():
            field = next(field for field in FIELDS if field[7:].replace(".", "_") == name)
            self.assertEqual(shown.get(field), None if value is None else str(value),
                             "frame %d %s" % (frame, field))

    def steps(self, first, last):
        return [(frame.get("tcpfsm.handshake.step"), frame.get("tcpfsm.teardown.step"))
                for frame in self.all[first - 1:last]]

    def test_counts_frames(self):
        self.assertEqual(len(self.all), 41)

    def test_a_refused(self):
        self.check(1, handshake_step=1, sender_state_before=CLOSED, sender_state=SYN_SENT,
                   peer_state_before=LISTEN,
                   peer_state=SYN_RECEIVED, seq_verdict=7, ack_verdict=5, phase=1)
        self.check(2, handshake_step=None, sender_state_before=CLOSED, sender_state=CLOSED,
                   peer_state_before=SYN_SENT, peer_state=CLOSED, reset_cause=1, phase=5, sender_role=2)
        self.assertEqual(self.experts("refused"), [2])

    def test_b_syn_ack_of_another_syn(self):
        self.check(4, ack_verdict=9, ack_valid=0, peer_state=SYN_SENT)
        self.check(5, handshake_step=None, reset_cause=2, sender_state=SYN_SENT)
        self.assertNotEqual(self.all[4].get("tcpfsm.seq.valid"), "0",
                            "the RST is as RFC 9293 3.10.7.3 demands")
        self.assertIn(4, self.experts("ack_suspect"))
        self.assertEqual(self.experts("synack_rejected"), [5])

    def test_c_crossing_fins(self):
        self.assertEqual(self.steps(6, 12), [("1", None), ("2", None), ("3", None), (None, "1"), (None, "3"),
                                             (None, "4"), (None, "2")])
        self.check(9, sender_state_before=ESTABLISHED, sender_state=FIN_WAIT_1, peer_state=CLOSE_WAIT)
        self.check(10, sender_state_before=ESTABLISHED, sender_state=CLOSING, peer_state=CLOSING,
                   sender_presumed=CLOSE_WAIT, lost_frame=None)
        self.check(11, server_state=TIME_WAIT, client_state=CLOSING)
        self.check(12, server_state=TIME_WAIT, client_state=TIME_WAIT)
        found = self.experts("simultaneous_close")
        self.assertEqual(len(found), 1)
        self.assertIn(found[0], (10, 11, 12))

    def test_d_third_ack_of_something_else(self):
        self.check(14, handshake_step=2, server_state=SYN_RECEIVED, client_state=ESTABLISHED)
        self.check(15, handshake_step=None, ack_verdict=9, ack_valid=0, peer_state=SYN_RECEIVED)
        self.assertIn(15, self.experts("ack_suspect"))

    def test_e_half_open_connection(self):
        self.check(21, handshake_step=1, sender_state=SYN_SENT, seq_verdict=7)
        self.check(22, handshake_step=None)
        self.check(23, reset_cause=4, client_state=SYN_SENT, server_state=CLOSED)
        self.check(24, handshake_step=1, repeat=1, repeat_of=21)
        self.check(25, handshake_step=2, ack_valid=1)
        self.check(26, handshake_step=3, client_state=ESTABLISHED, server_state=ESTABLISHED)
        self.assertEqual(len({frame["tcpfsm.connection"] for frame in self.all[15:20]}), 1)
        self.assertEqual(len({frame["tcpfsm.connection"] for frame in self.all[20:26]}), 1)
        self.assertNotEqual(self.all[19]["tcpfsm.connection"], self.all[20]["tcpfsm.connection"])
        self.assertEqual(self.experts("challenge_ack"), [22])
        self.assertEqual(self.experts("syn_in_connection"), [21])
        self.assertEqual(self.experts("syn_retransmitted"), [24])

    def test_f_blind_reset(self):
        """Whoever sends a RST is CLOSED; unless its next segment proves that it never sent it."""
        self.check(30, seq_verdict=8, seq_valid=0, reset_cause=9, client_state=ESTABLISHED,
                   server_state=CLOSED)
        self.check(31, seq_verdict=1, seq_valid=1, client_state=ESTABLISHED)
        self.check(32, seq_valid=1, ack_verdict=1, client_state=ESTABLISHED, server_state=ESTABLISHED,
                   sender_state_before=ESTABLISHED, sender_presumed=CLOSED)
        self.assertEqual(self.experts("reset_suspect"), [30])
        self.assertEqual(self.experts("data_after_reset"), [])

    def test_g_simultaneous_open(self):
        self.assertEqual(self.steps(33, 36), [("1", None), ("1", None), ("2", None), ("2", None)])
        self.check(33, sender_role=1)
        self.check(34, sender_role=2, sender_state=SYN_RECEIVED)
        self.check(36, client_state=ESTABLISHED, server_state=ESTABLISHED, repeat_of=None)
        self.assertEqual(len(self.experts("simultaneous_open")), 1)

    def test_h_server_never_closes(self):
        self.assertEqual(self.steps(37, 41),
                         [("1", None), ("2", None), ("3", None), (None, "1"), (None, "2")])
        self.check(41, client_state=FIN_WAIT_2, server_state=CLOSE_WAIT)
        self.assertEqual(self.rows("stock-errors", DEBTS, *self.options)[40], [["0"], ["4"]])

    def test_accuses_nothing_else(self):
        """And of those it only suspects: nobody shows that they were rejected."""
        self.assertEqual(self.experts("ack_suspect"), [4, 15])
        for name in ("seq_suspect", "seq_invalid", "ack_invalid", "reset_invalid"):
            self.assertEqual(self.experts(name), [])
        self.assertEqual(self.experts("data_after_reset"), [])


class StockErrorsInTwoPasses(StockErrors):
    options = ("-2",)


CONNECTION = [SHORT + name for name in ("outcome", "opening", "closing", "closer", "history", "reset_frame",
                                        "previous", "reuse_age", "time_wait_holder", "ack_frame",
                                        "synack_frame", "fin_frame", "second_fin_frame", "handshake_time")]
LIVES = ["refused", "mismatch", "crossing", "third", "lost", "renewed", "attacked", "simultaneous", "halved"]


class Connections(shark.SharkTest):
    """The same stories, told of the nine connections: for stock that is completeness, iRTT and streams."""

    def lives(self, *options):
        """The fields of each connection, as they stand on its last segment, without what is absent."""
        result = {}
        for frame in self.frames("stock-errors", ["tcpfsm.connection"] + CONNECTION, *options):
            names = {field[len(SHORT):]: value for field, value in frame.items() if field.startswith(SHORT)}
            result[LIVES[int(frame["tcpfsm.connection"])]] = names
        self.assertEqual(list(result), LIVES)
        return result

    def check(self, life, expected):
        """Names without a value are absent."""
        for name, value in expected.items():
            self.assertEqual(life.get(name), value, name)

    def check_ended(self, lives):
        """Those of which the last segment tells how they ended."""
        self.check(lives["refused"], {"outcome": "3", "closing": "4", "closer": "2", "reset_frame": "2",
                                      "opening": None, "ack_frame": None, "handshake_time": None,
                                      "time_wait_holder": "0"})
        self.check(lives["mismatch"], {"outcome": "6", "closing": "4", "closer": "1", "reset_frame": "5",
                                       "opening": None, "ack_frame": None, "handshake_time": None})
        self.check(lives["crossing"], {"outcome": "1", "opening": "1", "closing": "3", "closer": "3",
                                       "fin_frame": "9", "second_fin_frame": "10", "time_wait_holder": "3"})
        self.check(lives["third"], {"opening": None, "ack_frame": None, "handshake_time": None,
                                    "synack_frame": "14"})
        self.check(lives["renewed"], {"opening": "1", "previous": "4", "synack_frame": "25",
                                      "ack_frame": "26", "reset_frame": "23"})
        self.check(lives["attacked"], {"opening": "1", "reset_frame": "30", "closer": None})
        self.check(lives["simultaneous"], {"opening": "2", "ack_frame": None})

    def test_two_passes(self):
        lives = self.lives("-2")
        self.check_ended(lives)
        self.check(lives["third"], {"outcome": "5", "closing": "5", "closer": None})
        self.check(lives["lost"], {"outcome": "10", "opening": "1", "closing": "4", "closer": "1",
                                   "reset_frame": "23"})
        self.check(lives["renewed"], {"outcome": "0", "closing": "5", "closer": None})
        self.check(lives["attacked"], {"outcome": "0", "closing": "5"})
        self.check(lives["simultaneous"], {"outcome": "0", "closing": "5"})
        self.check(lives["halved"], {"outcome": "7", "opening": "1", "closing": "6", "closer": "1",
                                     "fin_frame": "40", "second_fin_frame": None})

    def test_one_pass_is_right_at_once(self):
        """Completeness lags by a packet: the value of a connection's last segment isn't the last value."""
        lives = self.lives()
        self.check_ended(lives)
        for name in ("third", "renewed", "attacked", "simultaneous", "halved"):
            self.assertNotIn("outcome", lives[name])
        self.check(lives["halved"], {"fin_frame": "40", "closer": "1"})

    def test_histories_are_zeek_s(self):
        histories = {name: life.get("history") for name, life in self.lives("-2").items()}
        self.assertEqual(histories["refused"], "Sr")
        self.assertEqual(histories["crossing"][:5], "ShAFf")
        self.assertEqual(histories["lost"][:5], "ShADa")
        self.assertEqual(histories["halved"], "ShAFa")

    def test_one_event_over_two_streams(self):
        """Case E as one Warn, on the RST, which links the old connection and its stream."""
        fields = ["tcp.stream", "_ws.expert.message", SHORT + "reset_frame", SHORT + "previous",
                  "tcpfsm.finding.frame", "tcpfsm.finding.cause"]
        for options in ((), ("-2",)):
            self.assertEqual(self.numbers("stock-errors", "tcpfsm.expert.desynchronized", *options), [23])
            rows = self.rows("stock-errors", fields, *options)
            old, new = rows[15][0], rows[22][0]
            self.assertNotEqual(old, new)
            self.assertEqual(sum("3.5.1" in text for text in rows[22][1]), 1, rows[22][1])
            self.assertEqual(rows[22][4], ["22"])
            self.assertIn("or a device in between", rows[22][5][0])
            details = self.tshark("stock-errors", "-O", "tcpfsm", "-Y", "frame.number == 23", *options)
            self.assertIn("Related frame: 22 (challenge ACK to the SYN in frame 21; the previous connection "
                          "is 4, tcp.stream %s)" % old[0], details)
            self.assertEqual(rows[22][3], ["4"])
        self.assertEqual([row[2] for row in self.rows("stock-errors", fields, "-2")[15:20]], [["23"]] * 5)

    def test_reuse_age(self):
        """The new connection's SYN comes so long after the old one was last heard of."""
        ages = {row[0][0] for row in self.rows("stock-errors", [SHORT + "reuse_age"], "-2") if row[0]}
        self.assertEqual(len(ages), 1)
        last, syn = (float(self.rows("stock-errors", ["frame.time_relative"])[number - 1][0][0])
                     for number in (20, 21))
        self.assertAlmostEqual(float(ages.pop()), syn - last, places=6)


if __name__ == "__main__":
    shark.main()
