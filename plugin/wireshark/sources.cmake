# SPDX-License-Identifier: GPL-2.0-or-later
# The plugin's sources in this folder, for the build here and for that inside Wireshark's source tree.

# What needs GLib at most.
set(TCPFSM_STORE_SOURCES
    arena.c capture_clock.c capture_filter.c connections.c crowds.c frames.c packing.c pool.c records.c
    servers.c slots.c sparse.c tuples.c varint.c witnesses.c)

set(TCPFSM_PLUGIN_SOURCES
    diagnosis.c experts.c explain.c fields.c hindsight.c numbers.c observe.c plugin.c preferences.c quotes.c
    sheet.c show.c show_connection.c streams.c brief.c
    statistics/address_text.c statistics/canvas.c statistics/closing.c statistics/connection_cells.c
    statistics/connection_table.c
    statistics/conversation.c statistics/dot.c statistics/flow_graph.c statistics/json.c statistics/ladder.c
    statistics/ladder_heading.c statistics/ladder_states.c statistics/ladder_words.c statistics/lifelines.c
    statistics/picture.c statistics/report.c statistics/roster.c statistics/rungs.c statistics/statistics.c
    statistics/tally.c statistics/transitions.c statistics/tree.c statistics/warnings.c)
