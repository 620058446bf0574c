/* SPDX-License-Identifier: MIT */
/*
 * test_mixture.c - what a report says of points whose runs partly collapsed: they are counted, with an interval, and are
 * in no mean, band or difference; and what verdicts say that could not decide. The runs are made up here.
 */
#include "lab/report/document.h"
#include "lab/report/output.h"
#include "lab/report/results.h"
#include "lab/report/show.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { EPOCHS = 3, CLASSES = 10, SEEDS = 5 };

static const char head[] = "study: s\n"
                           "base: {data: mnist, epochs: 3}\n"
                           "seeds: 5\n"
                           "experiments:\n"
                           "  - name: e\n"
                           "    settings: [{label: whole, lr: 0.001}, {label: split, lr: 0.002}, {label: lost, lr: 0.003}]\n"
                           "    show:\n";

static lab_pool pool;
static char folder[] = "/tmp/lenet-mixture-XXXXXX";

static lenet_status find_subject(void *context, const char *data, const char *where, lab_subject *subject, lenet_error *error)
{
    (void)context, (void)data, (void)where, (void)error;
    *subject = (lab_subject){.shape = {1, 28, 28}, .classes = CLASSES};
    memset(subject->train_sha256, 'a', 64);
    memset(subject->test_sha256, 'b', 64);
    return LENET_OK;
}

/* A run whose test accuracy was `accuracy` in its last epoch, and a little less before. */
static void fill(lab_run *run, double accuracy, bool is_collapsed)
{
    run->is_there = true;
    run->is_collapsed = is_collapsed;
    run->epochs = EPOCHS;
    run->kept_accuracy = accuracy;
    run->best_epoch = EPOCHS;
    run->weights_sha256 = "0";
    for (int m = 0; m < LAB_METRICS; m++) {
        run->values[m] = lab_alloc(&pool, EPOCHS, sizeof(double));
        for (int e = 0; e < EPOCHS; e++)
            run->values[m][e] = m == LENET_TEST_ACCURACY || m == LENET_TRAIN_ACCURACY ? accuracy - 0.01 * (EPOCHS - 1 - e) : 0.5;
    }
}

/* Of "whole" all runs learn, of "split" three of five, of "lost" none. */
static void fill_all(lab_results *results)
{
    static const double whole[SEEDS] = {0.97, 0.98, 0.975, 0.985, 0.99}, split[SEEDS] = {0.1, 0.96, 0.97, 0.1, 0.98};
    lab_trials *e = &results->experiments[0];
    for (size_t i = 0; i < SEEDS; i++) {
        fill(&e->trials[0].runs[i], whole[i], false);
        fill(&e->trials[1].runs[i], split[i], split[i] < 0.5);
        fill(&e->trials[2].runs[i], 0.1, true);
    }
}

/* The text of a file; of Markdown without the backslash before a minus. */
static char *read_file(const char *name)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    static char text[1 << 18];
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    for (char *at = text; (at = strstr(at, "\\-")) != NULL;)
        memmove(at, at + 1, strlen(at));
    return text;
}

/* The Markdown of a report with these items. */
static char *report(const char *items)
{
    char text[4096];
    lab_study *study = NULL;
    lenet_error error = {LENET_OK, ""};
    snprintf(text, sizeof text, "%s%s", head, items);
    lab_study_parse(&study, "s.yaml", text, strlen(text), (lab_variant){0}, &error);
    lab_study_identify(study, find_subject, NULL, &error);
    assert_string_equal(error.text, "");
    pool = (lab_pool){0};
    lab_document *volatile document = NULL;
    if (setjmp(pool.on_failure) == 0) {
        document = lab_document_create(&pool, "T");
        lab_document_set_folder(document, folder);
        lab_results *results = lab_results_read(&pool, study, NULL);
        fill_all(results);
        lab_scene scene = {.pool = &pool, .document = document, .results = results, .has_data = true,
                           .here = &results->experiments[0], .rulings = lab_rulings_create(&pool)};
        lab_add_section(document, 2, "S");
        for (size_t i = 0; i < study->experiments[0].show->count; i++)
            lab_show(&scene, &study->experiments[0].show->items[i]);
        lab_settle_verdicts(&scene);
        lab_document_write(document);
    }
    assert_string_equal(pool.error.text, "");
    lab_document_close(document);
    lab_pool_close(&pool);
    lab_study_close(&study);
    return read_file("report.md");
}

static void says(const char *text, const char *words)
{
    if (!strstr(text, words))
        fail_msg("'%s' is not in:\n%s", words, text);
}

static void does_not_say(const char *text, const char *words)
{
    if (strstr(text, words))
        fail_msg("'%s' is in:\n%s", words, text);
}

/* ------------------------------------------------------------------------------------------------------------ tests */

static void a_table_counts_collapsed_runs(void **state)
{
    (void)state;
    const char *text = report("      - table: {columns: [test_accuracy]}\n");
    says(text, "| whole **best** | 0.001 | 5 | 98.00 ± 0.79 | 97.02 to 98.98 | 99.00 | 0 of 5 |");
    says(text, "| split | 0.002 | 3 | 97.00 ± 1.00 | 94.52 to 99.48 | 98.00 | 2 of 5 (5 to 85 %) |");
    says(text, "| lost | 0.003 | 0 | - | - | - | 5 of 5 (48 to 100 %) |");
    does_not_say(text, "62.20"); /* the mean of the mixture */
    const char *json = read_file("results.json");
    says(json, "\"collapsed\": 2");
}

static void a_table_without_collapsed_runs_has_no_column_for_them(void **state)
{
    (void)state;
    const char *text = report("      - table: {columns: [test_accuracy], points: whole}\n");
    does_not_say(text, "collapsed");
    does_not_say(text, "diverged");
}

/* The band of "split" is that of the three runs that learned; the two others are lines of their own. */
static void curves_show_collapsed_runs_one_by_one(void **state)
{
    (void)state;
    const char *text = report("      - curves: {of: test_accuracy, points: split}\n");
    says(text, "n = 3 runs that learned; 2 of 5 collapsed");
    const char *table = read_file("e-curves.tsv");
    says(table, "\t3\t97\t96\t98\t10\t96\t97\t10\t98");
}

static void differences_leave_collapsed_pairs_out(void **state)
{
    (void)state;
    const char *text = report("      - compare: {baseline: whole, points: split, of: test_accuracy}\n");
    says(text, "| split | 97.00 ± 1.00 | -1.17 ± 0.76 | -3.06 to 0.73 | 3 |");
}

static void verdicts_say_what_collapsed(void **state)
{
    (void)state;
    const char *text = report("      - verdict: {claim: Better., test: best-of, of: test_accuracy, a: whole, b: split}\n"
                              "      - verdict: {claim: Learns., test: more-learn, a: whole, b: lost}\n"
                              "      - verdict: {claim: More., test: more-learn, a: whole, b: split}\n");
    says(text, "Collapsed, and in no mean: 2 of 5 (5 to 85 %) of “split”.");
    says(text, "5 of 5 runs learned with “whole” (95 % interval 48 to 100 %), 0 of 5 with “lost” (0 to 52 %); p = 0.008.");
    says(text, "> **Learns.**: **supported**");
}

/* n pairs of differences 1, 0.5 and 2 points: scipy and a search with it give the numbers. */
static void an_undecided_verdict_says_what_it_could_have_found(void **state)
{
    (void)state;
    const char *text = report("      - verdict: {claim: Better., test: best-of, of: test_accuracy, a: whole, b: split}\n");
    says(text, "With these 3 pairs a difference of 2.49 points would be found with a power of 80 %.");
    says(text, "The one seen, 1.17 points, would need 6.");
    text = report("      - verdict: {claim: More., test: more-learn, a: whole, b: split}\n");
    says(text, "With these 5 runs of each group no difference would be found with a power of 80 %.");
}

static void published_numbers_are_reproduced_or_not(void **state)
{
    (void)state;
    const char *text = report("      - published:\n"
                              "          of: test_accuracy\n"
                              "          points:\n"
                              "            - {point: whole, mean: [0.96, 0.97, 0.98], population-sd: [0.01, 0.01, 0.01], runs: 5}\n"
                              "            - {point: split, mean: [0.9, 0.91, 0.92], population-sd: [0.01, 0.01, 0.01], runs: 5}\n"
                              "            - {point: whole, value: 0.985, runs: 1}\n"
                              "            - {point: whole, value: 0.9, runs: 5, within: 0.003}\n"
                              "            - {point: lost, collapsed: 4, runs: 5}\n");
    says(text, "“whole” is *reproduced* in all 3 epochs; the largest difference is 0.00 points.");
    says(text, "“split” is *not reproduced*; the epochs differ by 5.00 points.");
    says(text, "96.000 ± 1.118"); /* the sample's */

    says(text, "| whole | 98.50 | 98.000 ± 0.791 | 5 | -0.500 | -2.904 to 1.904 | 0.59 | reproduced |");
    says(text, "| whole | 90.00 (read to 0.3) | 98.000 ± 0.791 | 5 | 8.000 | 6.312 to 9.688 | 0.0001 | not reproduced |");
    says(text, "| lost | 4 of 5 collapsed | 5 of 5 (48 to 100 %) collapsed | 5 | - | - | 1.00 | reproduced |");
    text = report("      - published: {of: test_accuracy, points: [{point: whole, mean: [0.96, 0.95, 0.9], sd: [0.01, 0.01, 0.01], runs: 5}]}\n");
    says(text, "“whole” is *reproduced* in 1 of 3 epochs; the others differ by 2.00 to 8.00 points.");
}

static void the_nearest_point_comes_first(void **state)
{
    (void)state;
    const char *text = report("      - nearest: {of: test_accuracy, mean: [0.95, 0.96, 0.97], rows: 2}\n");
    says(text, "| published |  | 95.00 | 96.00 | 97.00 |");
    const char *split = strstr(text, "| split |"), *whole = strstr(text, "| whole |");
    assert_true(split && whole && split < whole);
    says(text, "| split | 0.002 | 95.00 | 96.00 | 97.00 | 3 | 0.000 |");
    says(text, "| whole | 0.001 | 96.00 | 97.00 | 98.00 | 5 | 1.000 |");
    does_not_say(text, "| lost |");
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) == NULL;
}

static int remove_folder(void **state)
{
    char command[256];
    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_counts_collapsed_runs),
        cmocka_unit_test(a_table_without_collapsed_runs_has_no_column_for_them),
        cmocka_unit_test(curves_show_collapsed_runs_one_by_one),
        cmocka_unit_test(differences_leave_collapsed_pairs_out),
        cmocka_unit_test(verdicts_say_what_collapsed),
        cmocka_unit_test(an_undecided_verdict_says_what_it_could_have_found),
        cmocka_unit_test(published_numbers_are_reproduced_or_not),
        cmocka_unit_test(the_nearest_point_comes_first),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
