/* dot.c - which ways through RFC 9293's figure 5 were taken, and how often?
 *
 * The arrows of the figure are cells of the engine's table, laid out as in the RFC,
 * with the end of a connection apart from its beginning. What was seen but has no
 * arrow there is drawn too, in another way: a RST, what rests on packets that were
 * not captured, two arrows taken at once, a TIME-WAIT cut short by a new connection.
 *
 * Colours are told apart by the colour-blind and on light and dark grounds; none of
 * them says anything that the line or its head doesn't say, too.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistics/statistics.h"

#include "machine/fsm.h"
#include "words/words.h"
#include "statistics/report.h"

#include <epan/packet.h>
#include <inttypes.h>

enum { CLIENT, SERVER, ROLES };

/* Why an end moved. */
enum reason { BY_FIGURE, BY_RESET, ASSUMED, REASONS };

struct diagram {
    uint64_t counts[REASONS][STATE_COUNT][STATE_COUNT][ROLES];
    bool has_unknown; /* an end moved from or to UNKNOWN */
};

/* Where a state stands, in tenths of an inch: as in figure 5. */
static const struct position {
    int x, y;
} positions[STATE_COUNT] = {
    [CLOSED] = {0, 122},      [LISTEN] = {0, 104},  [SYN_RECEIVED] = {-36, 84}, [SYN_SENT] = {36, 84},
    [ESTABLISHED] = {0, 64},  [UNKNOWN] = {36, 64}, [FIN_WAIT_1] = {-36, 44},   [CLOSE_WAIT] = {36, 44},
    [FIN_WAIT_2] = {-36, 22}, [CLOSING] = {0, 22},  [LAST_ACK] = {36, 22},      [TIME_WAIT] = {-12, 0},
};

static const struct position position_of_end = {36, 0};

/* An arrow of figure 5: from where, and what leads along it. */
static const struct edge {
    enum state from;
    enum event event;
    const char *label; /* the RFC's words, about */
} figure[] = {
    {CLOSED, SND_SYN, "OPEN, snd SYN"},
    {LISTEN, RCV_SYN, "rcv SYN"},
    {LISTEN, SND_SYN, "SEND, snd SYN"},
    {SYN_RECEIVED, RCV_RST_LISTENER, "rcv RST"},
    {SYN_RECEIVED, RCV_ACK_OF_SYN, "rcv ACK of SYN"},
    {SYN_RECEIVED, SND_FIN, "CLOSE, snd FIN"},
    {SYN_SENT, RCV_SYN, "rcv SYN"},
    {SYN_SENT, RCV_SYN_ACK, "rcv SYN-ACK"},
    {ESTABLISHED, SND_FIN, "CLOSE, snd FIN"},
    {ESTABLISHED, RCV_FIN, "rcv FIN"},
    {FIN_WAIT_1, RCV_ACK_OF_FIN, "rcv ACK of FIN"},
    {FIN_WAIT_1, RCV_FIN, "rcv FIN"},
    {FIN_WAIT_2, RCV_FIN, "rcv FIN"},
    {CLOSING, RCV_ACK_OF_FIN, "rcv ACK of FIN"},
    {TIME_WAIT, TIMEOUT_2MSL, "2MSL over"},
    {CLOSE_WAIT, SND_FIN, "CLOSE, snd FIN"},
    {LAST_ACK, RCV_ACK_OF_FIN, "rcv ACK of FIN"},
};

/* Those that an application takes without sending anything: nobody sees them. */
static const struct call {
    enum state from, to;
    const char *call;
} calls[] = {
    {CLOSED, LISTEN, "passive OPEN"},
    {LISTEN, CLOSED, "CLOSE"},
    {SYN_SENT, CLOSED, "CLOSE"},
};

/* How a line looks, and the numbers beside it. */
struct look {
    const char *style, *head, *color, *text;
};

static const struct look role_looks[ROLES] = {
    [CLIENT] = {"solid", "normal", "#2f7fd1", "#1f5fa8"},
    [SERVER] = {"dashed", "normal", "#d9660a", "#a84800"},
};

static const struct look reason_looks[REASONS] = {
    [BY_FIGURE] = {"dotted", "vee", "#1b9e77", "#0b6b4e"}, /* lawful, but not one arrow of the figure */
    [BY_RESET] = {"dotted", "box", "#c2408b", "#9c2068"},
    [ASSUMED] = {"dotted", "onormal", "#808080", "#505050"},
};

static const struct look unseen_look = {"solid", "normal", "#b0b0b0", "#909090"};

/* With the legend. Positions count in points. */
static const char opening[] =
    "digraph \"" WORDS_DOT_NAME "\" {\n"
    "  layout=neato; inputscale=72; splines=true; bgcolor=transparent; pad=0.2;\n"
    "  node [shape=box style=\"rounded,filled\" fillcolor=\"#e4eef8\" color=\"#5a6b7d\" "
    "fontcolor=\"#1c2733\" "
    "fontname=\"Helvetica,Arial,sans-serif\" fontsize=13 width=1.65 height=0.45];\n"
    "  edge [fontname=\"Helvetica,Arial,sans-serif\" fontsize=11];\n"
    "  fontname=\"Helvetica,Arial,sans-serif\"; fontsize=11; labelloc=b;\n"
    "  label=<<table border=\"0\" cellspacing=\"0\" cellpadding=\"4\" style=\"rounded\" bgcolor=\"#f8fafc\">"
    "<tr><td align=\"left\"><font color=\"#2f7fd1\">━━━▶</font></td><td align=\"left\">" WORDS_DOT_CLIENTS
    "</td>"
    "<td align=\"left\"><font color=\"#c2408b\">┄┄┄■</font></td><td align=\"left\">" WORDS_DOT_RESET
    "</td></tr>"
    "<tr><td align=\"left\"><font color=\"#d9660a\">━ ━▶</font></td><td align=\"left\">" WORDS_DOT_SERVERS
    "</td>"
    "<td align=\"left\"><font color=\"#1b9e77\">┄┄┄➤</font></td><td align=\"left\">" WORDS_DOT_OTHERS
    "</td></tr>"
    "<tr><td align=\"left\"><font color=\"#b0b0b0\">───▶</font></td><td align=\"left\">" WORDS_DOT_NOT_SEEN
    "</td>"
    "<td align=\"left\"><font color=\"#808080\">┄┄┄▷</font></td><td align=\"left\">" WORDS_DOT_ASSUMED
    "</td></tr>"
    "</table>>;\n";

static enum reason reason_of(const struct observed_end *end)
{
    switch (end->rule) {
    case RULE_RESET_SENT:
    case RULE_REFUSED:
    case RULE_RESET_RECEIVED:
    case RULE_RESET_IN_TIME_WAIT: return BY_RESET;
    default: return end->basis == BASIS_ASSUMED || end->basis == BASIS_UNKNOWN ? ASSUMED : BY_FIGURE;
    }
}

static void dot_segment(void *report, const struct tcpfsm_segment *segment)
{
    struct diagram *diagram = (struct diagram *)report;
    for (unsigned role = CLIENT; role < ROLES; role++) {
        const struct observed_end *end = end_of(segment->observation, role ? ROLE_SERVER : ROLE_CLIENT);
        if (end->before != end->after) {
            diagram->counts[reason_of(end)][end->before][end->after][role]++;
            diagram->has_unknown |= end->before == UNKNOWN || end->after == UNKNOWN;
        }
    }
}

static uint64_t sum(const uint64_t counts[ROLES])
{
    return counts[CLIENT] + counts[SERVER];
}

static bool is_in_figure(enum state from, enum state to)
{
    for (size_t i = 0; i < array_length(figure); i++) {
        if (figure[i].from == from && fsm_step(from, figure[i].event).next == to) {
            return true;
        }
    }
    return false;
}

/* The name of the node where an arrow ends. A connection that was open ends in a CLOSED of its own, as in
 * figure 5. */
static const char *goal(enum state from, enum state to)
{
    return to == CLOSED && from >= ESTABLISHED && from <= TIME_WAIT ? "END" : state_name(to);
}

/* Grows with the logarithm of the count. In halves, for a locale would write a comma. */
static void write_width(struct output *output, uint64_t count)
{
    unsigned halves = 2;
    for (; count > 1 && halves < 14; count /= 3) {
        halves++;
    }
    output_printf(output, " penwidth=%u.%u", halves / 2, halves % 2 * 5);
}

static void write_line(struct output *output, enum state from, enum state to, const struct look *look)
{
    output_printf(output, "  \"%s\" -> \"%s\" [style=%s arrowhead=%s color=\"%s\"", state_name(from),
                  goal(from, to), look->style, look->head, look->color);
}

/* " label=<...>": what leads along the arrow (or NULL), and how often it did. Letters tell whose
 * number it is: it takes no colour. */
static void write_label(struct output *output, const char *event, const uint64_t counts[ROLES],
                        const struct look looks[ROLES])
{
    output_write(output, " label=<<table border=\"0\" cellspacing=\"0\" cellpadding=\"2\" style=\"rounded\" "
                         "bgcolor=\"#f8fafc\">");
    if (event != NULL) {
        output_printf(output, "<tr><td><font point-size=\"8\" color=\"#606060\">%s</font></td></tr>", event);
    }
    const char *before = "<tr><td>";
    for (unsigned role = CLIENT; role < ROLES; role++) {
        if (counts[role] != 0) {
            output_printf(output, "%s<font color=\"%s\">%c %" PRIu64 "</font>", before, looks[role].text,
                          "CS"[role], counts[role]);
            before = "&#160;·&#160;";
        }
    }
    output_write(output, sum(counts) != 0 ? "</td></tr></table>>" : "</table>>");
}

/* A line for each role that took it; the label is on the last, which is drawn on top, so that no line shines
 * through it. */
static void write_edge(struct output *output, const struct diagram *diagram, const struct edge *edge)
{
    struct transition transition = fsm_step(edge->from, edge->event);
    const uint64_t *counts = diagram->counts[BY_FIGURE][edge->from][transition.next];
    for (unsigned role = CLIENT; role < ROLES; role++) {
        bool last = role == SERVER || counts[SERVER] == 0, unseen = sum(counts) == 0 && role == CLIENT;
        if (counts[role] != 0 || unseen) {
            write_line(output, edge->from, transition.next, unseen ? &unseen_look : &role_looks[role]);
            write_width(output, counts[role]);
            if (last) {
                write_label(output, edge->label, counts, role_looks);
            }
            output_printf(output, " tooltip=\"%s (%s)\"];\n", rule_sentences[transition.rule],
                          rules[transition.rule].section);
        }
    }
}

/* What isn't an arrow of the figure. */
static void write_other(struct output *output, const struct diagram *diagram, enum reason reason,
                        enum state from, enum state to)
{
    const uint64_t *counts = diagram->counts[reason][from][to];
    const struct look looks[ROLES] = {reason_looks[reason], reason_looks[reason]};
    if (sum(counts) != 0 && !(reason == BY_FIGURE && is_in_figure(from, to))) {
        write_line(output, from, to, &reason_looks[reason]);
        write_width(output, sum(counts));
        write_label(output, NULL, counts, looks);
        output_printf(output, " tooltip=\"%s → %s\"];\n", state_name(from), state_name(to));
    }
}

/* `parallel`: those beside an arrow of the figure, which go on top of it. */
static void write_others(struct output *output, const struct diagram *diagram, bool parallel)
{
    for (unsigned reason = 0; reason < REASONS; reason++) {
        for (unsigned from = 0; from < STATE_COUNT; from++) {
            for (unsigned to = 0; to < STATE_COUNT; to++) {
                if (is_in_figure((enum state)from, (enum state)to) == parallel) {
                    write_other(output, diagram, (enum reason)reason, (enum state)from, (enum state)to);
                }
            }
        }
    }
}

static void write_node(struct output *output, const char *name, enum state state, struct position position)
{
    enum { POINTS = 72, TENTHS = 10 }; /* of an inch */
    output_printf(output, "  \"%s\" [label=\"%s\" pos=\"%d,%d!\"];\n", name, state_name(state),
                  position.x * POINTS / TENTHS, position.y * POINTS / TENTHS);
}

static void write_nodes(struct output *output, const struct diagram *diagram)
{
    for (unsigned i = 0; i < STATE_COUNT; i++) {
        if (i != UNKNOWN || diagram->has_unknown) {
            write_node(output, state_name((enum state)i), (enum state)i, positions[i]);
        }
    }
    write_node(output, "END", CLOSED, position_of_end);
}

static void dot_render(void *report, struct output *output)
{
    const struct diagram *diagram = (const struct diagram *)report;
    output_write(output, opening);
    write_nodes(output, diagram);
    for (size_t i = 0; i < array_length(calls); i++) {
        write_line(output, calls[i].from, calls[i].to, &unseen_look);
        output_printf(output, WORDS_DOT_CALL, calls[i].call);
    }
    write_others(output, diagram, false);
    for (size_t i = 0; i < array_length(figure); i++) {
        write_edge(output, diagram, &figure[i]);
    }
    write_others(output, diagram, true);
    output_write(output, "}\n");
}

static void *dot_create(const struct options *options _U_)
{
    return g_new0(struct diagram, 1);
}

void dot_register(void)
{
    static const struct report_kind kind = {
        .argument = "tcpfsm,dot",
        .title = WORDS_TITLE_DIAGRAM,
        .shows = WORDS_SHOWS_DOT,
        .spans_files = true,
        .create = dot_create,
        .destroy = g_free,
        .segment = dot_segment,
        .render = dot_render,
    };
    report_register(&kind);
}
