# SPDX-License-Identifier: GPL-2.0-or-later
# The plugin's sources in this folder, for the build here and for that inside Wireshark's source tree.

# What needs GLib at most.
set(TCPFSM_STORE_SOURCES
    capture/capture_clock.c capture/capture_filter.c capture/live_clock.c capture/serials.c
    store/cold/conn_cache.c store/cold/slab.c store/cold/word_codec.c store/connections.c store/counted.c
    store/loads.c store/packing.c store/points/far.c store/points/joined.c
    store/points/links.c store/points/match.c store/points/missed.c store/points/opening.c
    store/points/passage.c store/points/points.c store/points/points_end.c store/points/recognize.c
    store/points/trunks.c store/pool.c store/records.c store/server_load.c store/tuples.c
    store/varint.c store/witnesses.c words/text.c words/words.c)

set(TCPFSM_PLUGIN_SOURCES
    audience.c findings/diagnosis.c findings/experts.c findings/hindsight.c icmp_errors.c menu/conversation.c
    menu/flow_graph.c observe.c plugin.c preferences.c show/brief.c show/details.c show/explain.c
    show/fields.c show/show.c show/show_connection.c show/text_ctx.c show/tree_writer.c
    statistics/address_text.c statistics/catalog.c statistics/choice.c
    statistics/connections/community_id.c statistics/connections/connection_cells.c
    statistics/connections/connection_table.c statistics/connections/json.c
    statistics/connections/roster.c statistics/connections/totals.c statistics/counts/dot.c
    statistics/counts/tally.c statistics/counts/tree.c statistics/csv.c statistics/hindsight_filter.c
    statistics/ladder/canvas.c
    statistics/ladder/ladder.c statistics/ladder/ladder_heading.c statistics/ladder/ladder_states.c
    statistics/ladder/ladder_words.c statistics/ladder/lifelines.c statistics/ladder/picture.c
    statistics/ladder/rungs.c statistics/marks.c statistics/options.c statistics/report.c
    statistics/services/service_cells.c statistics/services/services.c
    statistics/services/services_report.c statistics/services/services_table.c
    statistics/statistics.c statistics/table.c statistics/timeline/census.c
    statistics/timeline/timeline.c statistics/timeline/timeline_report.c
    statistics/timeline/timeline_table.c statistics/trouble.c
    statistics/warnings.c
    audience.c
    tcp_dissector.c tcp_layer.c)
