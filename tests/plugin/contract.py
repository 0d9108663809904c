# SPDX-License-Identifier: GPL-2.0-or-later
"""What was promised to users, typed here a second time: fields, numbers, names, experts."""

STATES = {0: "CLOSED", 1: "LISTEN", 2: "SYN-SENT", 3: "SYN-RECEIVED", 4: "ESTABLISHED", 5: "FIN-WAIT-1",
          6: "FIN-WAIT-2", 7: "CLOSE-WAIT", 8: "CLOSING", 9: "LAST-ACK", 10: "TIME-WAIT", 11: "UNKNOWN"}
(CLOSED, LISTEN, SYN_SENT, SYN_RECEIVED, ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2, CLOSE_WAIT, CLOSING, LAST_ACK,
 TIME_WAIT, UNKNOWN) = range(12)

BASES = {1: "proven", 2: "expected", 3: "assumed", 4: "unknown", 5: "seen arriving"}
# Behind the state, in the Info column and in every ladder.
MARKS = {"1": "", "2": "?", "3": "?", "4": "", "5": ""}
DEBTS = {0: "nothing", 1: "SYN-ACK", 2: "ACK of the SYN-ACK", 3: "ACK of data", 4: "FIN", 5: "ACK of a FIN",
         6: "answer to a keepalive or probe", 7: "window update", 8: "retransmission", 9: "unknown"}
SEQ_VERDICTS = {0: "not judged", 1: "in-order", 2: "retransmission", 3: "overlap", 4: "gap", 5: "keepalive",
                6: "window-probe", 7: "syn", 8: "out-of-window", 9: "handshake-mismatch", 10: "after-fin",
                11: "inexact-reset", 12: "stale-incarnation", 13: "old-timestamp", 14: "copy",
                15: "stale-reset"}
ACK_VERDICTS = {0: "not judged", 1: "current", 2: "partial", 3: "duplicate", 4: "old", 5: "none",
                6: "handshake",
                7: "of-fin", 8: "beyond-sent", 9: "handshake-mismatch", 10: "not-captured", 11: "missing",
                12: "too-old"}
SEQ_ACCUSING, ACK_ACCUSING = {8, 9, 10, 11, 12, 13}, {8, 9, 11, 12}
SEQ_UNTOLD, ACK_UNTOLD = {0}, {0, 5, 10}

# Each enumeration has a twin, `<field>.str`. Those of a segment: field to the words of its numbers.
SEGMENT_ENUMERATIONS = {
    "tcpfsm.sender.role": {1: "client", 2: "server"},
    "tcpfsm.phase": {0: "unknown", 1: "handshake", 2: "established", 3: "teardown", 4: "closed", 5: "reset"},
    "tcpfsm.sender.state_before": STATES,
    "tcpfsm.sender.state": STATES,
    "tcpfsm.peer.state_before": STATES,
    "tcpfsm.peer.state": STATES,
    "tcpfsm.client.state": STATES,
    "tcpfsm.server.state": STATES,
    "tcpfsm.client.basis": BASES,
    "tcpfsm.server.basis": BASES,
    "tcpfsm.sender.presumed": STATES,
    "tcpfsm.seq.verdict": SEQ_VERDICTS,
    "tcpfsm.ack.verdict": ACK_VERDICTS,
    "tcpfsm.reset.cause": {1: "refused", 2: "SYN-ACK rejected", 3: "abort by the application",
                           4: "no such connection", 5: "after close", 6: "answer to a keepalive or probe",
                           7: "aborted after unanswered tries", 8: "stale", 9: "not acceptable",
                           10: "can't tell", 11: "not accepted"},
    "tcpfsm.timer": {1: "retransmission", 2: "persist", 3: "keepalive", 4: "2MSL"},
    "tcpfsm.owes.client": DEBTS,
    "tcpfsm.owes.server": DEBTS,
}

OUTCOMES = {0: "open", 1: "closed", 2: "unanswered", 3: "refused", 4: "unreachable", 5: "embryonic",
            6: "handshake-reset", 7: "half-closed", 8: "closing", 9: "reset", 10: "desynchronized",
            11: "partial", 12: "silent", 13: "replaced"}
OPENINGS = {1: "three-way", 2: "simultaneous", 3: "fast-open", 4: "not captured", 5: "split"}
CLOSINGS = {1: "four-way", 2: "three-segment", 3: "simultaneous", 4: "reset", 5: "none", 6: "one FIN only",
            7: "FIN then reset"}
CLOSERS = {1: "client", 2: "server", 3: "both"}
HOLDERS = {0: "none", 1: "client", 2: "server", 3: "both"}

# Those of a connection.
CONNECTION_ENUMERATIONS = {
    "tcpfsm.connection.outcome": OUTCOMES,
    "tcpfsm.connection.opening": OPENINGS,
    "tcpfsm.connection.closing": CLOSINGS,
    "tcpfsm.connection.closer": CLOSERS,
    "tcpfsm.connection.time_wait_holder": HOLDERS,
}
ENUMERATIONS = {**SEGMENT_ENUMERATIONS, **CONNECTION_ENUMERATIONS,
                "tcpfsm.receiver.verdict": {1: "accepted", 2: "rejected"}}

# Named for the sake of whoever builds filters with a mouse, but never shown: the field is absent instead.
NONE = {"tcpfsm.receiver.verdict": "none", "tcpfsm.reset.cause": "none", "tcpfsm.timer": "none",
        "tcpfsm.connection.opening": "none",
        "tcpfsm.connection.closing": "unknown", "tcpfsm.connection.closer": "none"}

# Of a doubtful segment, known once later ones were read.
RECEIVER_PLAIN = {"tcpfsm.receiver.frame": "FT_FRAMENUM"}

# Where a segment was captured, if that is at two points; what later frames show stands there in two passes.
POINTS_PLAIN = {"tcpfsm.point": "FT_UINT8", "tcpfsm.other_frame": "FT_FRAMENUM",
                "tcpfsm.transit_time": "FT_RELATIVE_TIME", "tcpfsm.lost_between": "FT_BOOLEAN"}

# The other fields of a segment, with their types as `tshark -G fields` names them.
SEGMENT_PLAIN = {
    "tcpfsm.stream": "FT_UINT32",
    "tcpfsm.connection": "FT_UINT32",
    "tcpfsm.handshake.step": "FT_UINT8",
    "tcpfsm.teardown.step": "FT_UINT8",
    "tcpfsm.step": "FT_UINT8",
    "tcpfsm.step.str": "FT_STRING",
    "tcpfsm.repeat": "FT_BOOLEAN",
    "tcpfsm.repeat_of": "FT_FRAMENUM",
    "tcpfsm.assumed": "FT_BOOLEAN",
    "tcpfsm.state_changed": "FT_BOOLEAN",
    "tcpfsm.lost_frame": "FT_FRAMENUM",
    "tcpfsm.sender.time_in_state": "FT_RELATIVE_TIME",
    "tcpfsm.peer.time_in_state": "FT_RELATIVE_TIME",
    "tcpfsm.seq.length": "FT_UINT32",
    "tcpfsm.seq.expected": "FT_UINT32",
    "tcpfsm.seq.expected_raw": "FT_UINT32",
    "tcpfsm.ack.expected": "FT_UINT32",
    "tcpfsm.ack.expected_raw": "FT_UINT32",
    "tcpfsm.seq.from_frame": "FT_FRAMENUM",
    "tcpfsm.ack.from_frame": "FT_FRAMENUM",
    "tcpfsm.seq.valid": "FT_BOOLEAN",
    "tcpfsm.ack.valid": "FT_BOOLEAN",
    "tcpfsm.timer.count": "FT_UINT32",
    "tcpfsm.timer.interval": "FT_RELATIVE_TIME",
    "tcpfsm.explain": "FT_STRING",
}

# What others lie below; without a value.
HEADINGS = {"tcpfsm.numbers": "FT_NONE", "tcpfsm.ends": "FT_NONE"}

# The other fields of a connection.
PARTNERS = ["tcpfsm.connection." + name + "_frame"
            for name in ("syn", "synack", "ack", "fin", "fin_ack", "second_fin", "second_fin_ack", "reset",
                         "icmp")]
TIMES = ["tcpfsm.connection." + name
         for name in ("handshake_time", "server_rtt", "client_rtt", "syn_wait", "teardown_time",
                      "close_wait_time", "fin_wait_2_time", "duration")]
# Of one that was captured at two points.
BETWEEN_PLAIN = {
    "tcpfsm.connection.points": "FT_UINT32",
    "tcpfsm.connection.lost_client_to_server": "FT_UINT32",
    "tcpfsm.connection.lost_server_to_client": "FT_UINT32",
    "tcpfsm.connection.transit_client_to_server": "FT_RELATIVE_TIME",
    "tcpfsm.connection.transit_server_to_client": "FT_RELATIVE_TIME",
    "tcpfsm.connection.changed": "FT_STRING",
}
OFFERS = ["tcpfsm.connection." + name
          for name in ("client_isn", "server_isn", "client_window", "server_window", "client_mss",
                       "server_mss", "client_window_scale", "server_window_scale")]
CONNECTION_PLAIN = {
    "tcpfsm.connection.history": "FT_STRING",
    "tcpfsm.connection.packets": "FT_UINT32",
    "tcpfsm.connection.bytes_client": "FT_UINT64",
    "tcpfsm.connection.bytes_server": "FT_UINT64",
    "tcpfsm.connection.start": "FT_ABSOLUTE_TIME",
    **{field: "FT_FRAMENUM" for field in PARTNERS},
    **{field: "FT_RELATIVE_TIME" for field in TIMES},
    **{field: "FT_UINT32" for field in OFFERS},
    "tcpfsm.connection.sack": "FT_BOOLEAN",
    "tcpfsm.connection.timestamps": "FT_BOOLEAN",
    "tcpfsm.connection.previous": "FT_UINT32",
    "tcpfsm.connection.reuse_age": "FT_RELATIVE_TIME",
    **BETWEEN_PLAIN,
}


def with_twins(plain, enumerations):
    return sorted(plain) + sorted(enumerations) + [field + ".str" for field in sorted(enumerations)]


SEGMENT = with_twins(SEGMENT_PLAIN, SEGMENT_ENUMERATIONS)
CONNECTION = with_twins(CONNECTION_PLAIN, CONNECTION_ENUMERATIONS)
RECEIVER = with_twins(RECEIVER_PLAIN, ["tcpfsm.receiver.verdict"])
TYPES = {**SEGMENT_PLAIN, **POINTS_PLAIN, **RECEIVER_PLAIN, **CONNECTION_PLAIN,
         **{field: "FT_UINT8" for field in ENUMERATIONS}}
FIELDS = sorted(TYPES)
TWINS = [field + ".str" for field in sorted(ENUMERATIONS)]

# May stand more than once in a segment.
REPEATED = {"tcpfsm.other_frame",
            "tcpfsm.teardown.step", "tcpfsm.step", "tcpfsm.owes.client", "tcpfsm.owes.server",
            "tcpfsm.owes.client.str", "tcpfsm.owes.server.str"}

# Below an expert info.
FINDING = {"tcpfsm.finding.frame": "FT_FRAMENUM", "tcpfsm.finding.age": "FT_RELATIVE_TIME",
           "tcpfsm.finding.tries": "FT_UINT32", "tcpfsm.finding.count": "FT_UINT32",
           "tcpfsm.finding.cause": "FT_STRING", "tcpfsm.finding.check": "FT_STRING"}

# Experts: severity, and a capture that has one.
EXPERTS = {
    "step": ("Chat", "healthy"),
    "simultaneous_open": ("Chat", "openings"),
    "simultaneous_close": ("Chat", "healthy-crossing-fins"),
    "half_closed": ("Chat", "healthy"),
    "joined_late": ("Chat", "joined-late"),
    "syn_retransmitted": ("Note", "retries"),
    "synack_retransmitted": ("Note", "retries"),
    "fin_retransmitted": ("Note", "retries"),
    "refused": ("Note", "resets"),
    "synack_rejected": ("Note", "resets"),
    "reset_close": ("Note", "resets"),
    "reset_stale": ("Note", "resets"),
    "reset_abort": ("Note", "resets"),
    "not_accepted": ("Note", "resets"),
    "fast_open": ("Note", "openings"),
    "syn_data": ("Note", "openings"),
    "challenge_ack": ("Note", "stock-errors"),
    "time_wait_reuse": ("Note", "reuse"),
    "time_wait_assassination": ("Note", "reuse"),
    "syn_in_connection": ("Note", "stock-errors"),
    "seq_suspect": ("Note", "wrong-numbers"),
    "ack_suspect": ("Note", "wrong-numbers"),
    "reset_suspect": ("Note", "stock-errors"),
    "seq_invalid": ("Warn", "wrong-numbers"),
    "ack_invalid": ("Warn", "wrong-numbers"),
    "reset_invalid": ("Warn", "resets"),
    "data_after_fin": ("Warn", "wrong-numbers"),
    "data_after_reset": ("Warn", "resets"),
    "lost_between": ("Note", "two-points"),
    "changed_between": ("Note", "two-points"),
    "seen_once": ("Note", "two-points"),
    "clocks_differ": ("Note", "clocks-apart"),
    "made_between": ("Warn", "two-points"),
    "unreachable": ("Note", "unreachable"),
    "last_ack_missing": ("Note", "unfinished"),
    "fin_wait_2_stuck": ("Note", "unfinished"),
    "idle": ("Note", "unfinished"),
    "embryonic_minor": ("Note", "unfinished"),
    "unanswered_minor": ("Note", "scan"),
    "unanswered": ("Warn", "unfinished"),
    "embryonic": ("Warn", "unfinished"),
    "backlog_overflow": ("Warn", "unfinished"),
    "fin_unacknowledged": ("Warn", "unfinished"),
    "close_wait_stuck": ("Warn", "unfinished"),
    "peer_silent": ("Warn", "unfinished"),
    "desynchronized": ("Warn", "stock-errors"),
    "many_embryonic": ("Warn", "crowds"),
    "many_idle": ("Warn", "crowds"),
    "many_unanswered": ("Warn", "scan"),
}

# Of these only the end of the capture, or a later segment, can tell; in two passes they stand on the segment
# that began it.
HINDSIGHT = ["unanswered", "embryonic", "fin_unacknowledged", "close_wait_stuck", "peer_silent",
             "backlog_overflow", "last_ack_missing", "fin_wait_2_stuck", "idle", "embryonic_minor",
             "unanswered_minor", "many_embryonic", "many_idle", "many_unanswered"]
# What later segments show of these segments: in one pass they are told with those.
WITNESSED = ["seq_suspect", "ack_suspect", "reset_suspect", "seq_invalid", "ack_invalid", "reset_invalid"]
# Of these, what only the end of the capture shows.
BETWEEN = ["lost_between", "seen_once", "made_between"]
# Of these a connection has one at most.
EXCLUSIVE = ["unanswered", "embryonic", "fin_unacknowledged", "close_wait_stuck", "peer_silent"]

# Preferences, with what they are unless the user says otherwise.
PREFERENCES = {"analyze": "TRUE", "info_column": "FALSE", "handshake_timeout": "5", "fin_timeout": "5",
               "close_wait_timeout": "60", "fin_wait_2_timeout": "60", "idle_timeout": "75",
               "silent_timeout": "3", "time_wait": "60", "many_limit": "32", "quiet_tail": "0",
               "hole": "600"}

# All that may be registered, with its type.
REGISTERED = {**TYPES, **HEADINGS, **FINDING, **{twin: "FT_STRING" for twin in TWINS},
              **{"tcpfsm.expert." + name: "FT_NONE" for name in EXPERTS}}
