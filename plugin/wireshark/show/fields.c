/* fields.c - the fields that users filter on
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "show/fields.h"

#include "wire/state.h"
#include "tell/names.h"
#include "words/words.h"

#include <epan/packet.h>

int fields[FIELD_COUNT];

#define ENUMERATION(type, count) static const value_string type##_values[] = {
#define NAME(id, number, name) {number, name},
#define ENUMERATION_END(type, count) \
    {                                \
        0, NULL                      \
    }                                \
    }                                \
    ;
#include "tell/names.def"
#undef ENUMERATION
#undef NAME
#undef ENUMERATION_END

static const value_string seq_verdict_values[] = {
#define SEQ_VERDICT(id, number, name, valid, section, brings) {number, name},
#define ACK_VERDICT(id, number, name, valid, section)
#include "tell/verdicts.def"
#undef SEQ_VERDICT
#undef ACK_VERDICT
    {0, NULL}};

static const value_string ack_verdict_values[] = {
#define SEQ_VERDICT(id, number, name, valid, section, brings)
#define ACK_VERDICT(id, number, name, valid, section) {number, name},
#include "tell/verdicts.def"
#undef SEQ_VERDICT
#undef ACK_VERDICT
    {0, NULL}};

static value_string state_values[STATE_COUNT + 1]; /* filled from state_name() */

#define TWIN(id, abbrev)                                                                  \
    {&fields[FIELD_##id##_STR],                                                           \
     {WORDS_FIELD_##id " (name)", "tcpfsm." abbrev ".str", FT_STRING, BASE_NONE, NULL, 0, \
      WORDS_FIELD_ABOUT_##id, HFILL}},

static hf_register_info infos[] = {
#define UINT(id, abbrev)  \
    {&fields[FIELD_##id], \
     {WORDS_FIELD_##id, "tcpfsm." abbrev, FT_UINT32, BASE_DEC, NULL, 0, WORDS_FIELD_ABOUT_##id, HFILL}},
#define UINT64(id, abbrev) \
    {&fields[FIELD_##id],  \
     {WORDS_FIELD_##id, "tcpfsm." abbrev, FT_UINT64, BASE_DEC, NULL, 0, WORDS_FIELD_ABOUT_##id, HFILL}},
#define ENUM(id, names, abbrev)                                                        \
    {&fields[FIELD_##id],                                                              \
     {WORDS_FIELD_##id, "tcpfsm." abbrev, FT_UINT8, BASE_DEC, VALS(names##_values), 0, \
      WORDS_FIELD_ABOUT_##id, HFILL}},                                                 \
        TWIN(id, abbrev)
#define STEP(id, abbrev)  \
    {&fields[FIELD_##id], \
     {WORDS_FIELD_##id, "tcpfsm." abbrev, FT_UINT8, BASE_DEC, NULL, 0, WORDS_FIELD_ABOUT_##id, HFILL}},
#define BOOL(id, abbrev)  \
    {&fields[FIELD_##id], \
     {WORDS_FIELD_##id, "tcpfsm." abbrev, FT_BOOLEAN, BASE_NONE, NULL, 0, WORDS_FIELD_ABOUT_##id, HFILL}},
#define FRAME(id, link, abbrev)                                                           \
    {&fields[FIELD_##id],                                                                 \
     {WORDS_FIELD_##id, "tcpfsm." abbrev, FT_FRAMENUM, BASE_NONE, FRAMENUM_TYPE(link), 0, \
      WORDS_FIELD_ABOUT_##id, HFILL}},
#define TIME(id, abbrev)                                                                                \
    {&fields[FIELD_##id],                                                                               \
     {WORDS_FIELD_##id, "tcpfsm." abbrev, FT_RELATIVE_TIME, BASE_NONE, NULL, 0, WORDS_FIELD_ABOUT_##id, \
      HFILL}},
#define DATE(id, abbrev)                                                                  \
    {&fields[FIELD_##id],                                                                 \
     {WORDS_FIELD_##id, "tcpfsm." abbrev, FT_ABSOLUTE_TIME, ABSOLUTE_TIME_LOCAL, NULL, 0, \
      WORDS_FIELD_ABOUT_##id, HFILL}},
#define TEXT(id, abbrev)  \
    {&fields[FIELD_##id], \
     {WORDS_FIELD_##id, "tcpfsm." abbrev, FT_STRING, BASE_NONE, NULL, 0, WORDS_FIELD_ABOUT_##id, HFILL}},
#define NONE(id, abbrev)  \
    {&fields[FIELD_##id], \
     {WORDS_FIELD_##id, "tcpfsm." abbrev, FT_NONE, BASE_NONE, NULL, 0, WORDS_FIELD_ABOUT_##id, HFILL}},
#include "show/fields.def"
};

/* Of a field with names, by the value. */
struct value_texts {
    const char *name, *label;
};

static struct {
    struct value_texts *texts;
    unsigned count;
} values_of[FIELD_COUNT];

static void make_texts(enum field field)
{
    const header_field_info *info = &infos[field].hfinfo;
    const value_string *names = (const value_string *)info->strings;
    unsigned count = 0;
    for (const value_string *each = names; each->strptr != NULL; each++) {
        count = MAX(count, each->value + 1);
    }
    struct value_texts *texts = wmem_alloc_array(wmem_epan_scope(), struct value_texts, count);
    for (unsigned i = 0; i < count; i++) {
        texts[i].name = val_to_str_const(i, names, NO_NAME);
        texts[i].label = wmem_strdup_printf(wmem_epan_scope(), "%s: %s", info->name, texts[i].name);
    }
    values_of[field].texts = texts;
    values_of[field].count = count;
}

void fields_register(int protocol)
{
    for (unsigned i = 0; i < STATE_COUNT; i++) {
        state_values[i] = (value_string){i, state_name((enum state)i)};
    }
    for (unsigned i = 0; i < FIELD_COUNT; i++) {
        if (infos[i].hfinfo.type == FT_UINT8 && infos[i].hfinfo.strings != NULL) {
            make_texts((enum field)i);
        }
    }
    proto_register_field_array(protocol, infos, (int)array_length(infos));
}

bool field_is_referenced(const proto_tree *tree, enum field field)
{
    return tree != NULL && (tree->tree_data->visible || infos[field].hfinfo.ref_type != HF_REF_TYPE_NONE);
}

const char *field_name(enum field field)
{
    return infos[field].hfinfo.name;
}

const char *field_value_name(enum field field, unsigned value)
{
    return value < values_of[field].count ? values_of[field].texts[value].name : NO_NAME;
}

const char *field_value_label(enum field field, unsigned value)
{
    return value < values_of[field].count ? values_of[field].texts[value].label : field_name(field);
}
