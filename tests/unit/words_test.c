/* words_test.c - the parts of sentences fit together
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "check.h"

#include "capture/serials.h"
#include "words/words.h"

#include <ctype.h>
#include <string.h>

/* Begins small, since it goes on a sentence; ends open, since more may follow. */
static bool is_part_of_a_sentence(const char *sentence)
{
    size_t length = strlen(sentence);
    unsigned char first = (unsigned char)sentence[0];

    return length > 0 && !strchr(".!? ", sentence[length - 1]) &&
           (islower(first) || strncmp(sentence, "2MSL", 4) == 0);
}

static void test_sentences_of_rules_and_verdicts_go_on_a_sentence(void)
{
    for (size_t i = 0; i < RULE_COUNT; i++) {
        check_case = rules[i].name;
        CHECK(is_part_of_a_sentence(rule_sentences[i]));
        for (size_t k = 0; k < i; k++)
            CHECK(strcmp(rule_sentences[i], rule_sentences[k]) != 0);
    }
    for (size_t i = 0; i < SEQ_VERDICT_COUNT; i++) {
        check_case = seq_verdicts[i].name;
        CHECK(is_part_of_a_sentence(seq_sentences[i]));
    }
    for (size_t i = 0; i < ACK_VERDICT_COUNT; i++) {
        check_case = ack_verdicts[i].name;
        CHECK(is_part_of_a_sentence(ack_sentences[i]));
    }
    check_case = "";
}

static void test_every_cause_and_every_debt_has_words(void)
{
    for (int cause = RESET_NONE + 1; cause < RESET_CAUSE_COUNT; cause++)
        CHECK(strncmp(reset_sentences[cause], "RST", 3) == 0);
    for (int debt = OWES_NOTHING + 1; debt < OWES_UNKNOWN; debt++)
        CHECK(strncmp(debt_phrases[debt], "a", 1) == 0);
}

static void test_a_correction_names_the_lost_frame_if_it_has_a_number(void)
{
    struct observation o = {.sender_role = ROLE_SERVER, .presumed = ESTABLISHED};
    frame_t frame = {7};

    CHECK_STRING(correction_text(&o).text, "the server was not in ESTABLISHED");
    o.findings = FINDING_CROSSED;
    CHECK_STRING(correction_text(&o).text, "the segments crossed: the server was not yet in ESTABLISHED");
    o.findings = 0;
    serials_open();
    o.lost_frame = serials_begin(frame);
    serials_end(frame);
    CHECK_STRING(correction_text(&o).text, "frame 7 was lost: the server was not in ESTABLISHED");
    serials_close();
}

static void test_an_age_names_the_frame_if_it_has_a_number(void)
{
    struct owed owed = {.debt = OWES_FIN, .age = INT64_C(73250000000)};
    frame_t frame = {17};

    CHECK_STRING(owed_text(&owed).text, "for 73.2 s");
    serials_open();
    owed.frame = serials_begin(frame);
    serials_end(frame);
    CHECK_STRING(owed_text(&owed).text, "since frame 17 (73.2 s)");
    serials_close();
}

static void test_two_steps_in_one_segment(void)
{
    unsigned both = STEP_ACK_OF_FIN | STEP_SECOND_FIN;

    CHECK_STRING(steps_text(both, STEPS_OF_TEARDOWN, "+", "/").text, "2+3/4");
    CHECK_STRING(steps_text(both, STEPS_OF_HANDSHAKE, "+", "/").text, "");
}

int main(void)
{
    test_sentences_of_rules_and_verdicts_go_on_a_sentence();
    test_every_cause_and_every_debt_has_words();
    test_a_correction_names_the_lost_frame_if_it_has_a_number();
    test_an_age_names_the_frame_if_it_has_a_number();
    test_two_steps_in_one_segment();
    return check_result();
}
