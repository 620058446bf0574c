/* SPDX-License-Identifier: MIT */
/*
 * test_study.c - study files: what they come to, what a mistake in one is told, and which runs are the same run.
 */
#include "lab/study/study.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static lab_study *parse(const char *text, bool quick)
{
    lab_study *study = NULL;
    lenet_error error = {LENET_OK, ""};
    lab_study_parse(&study, "s.yaml", text, strlen(text), (lab_variant){.is_quick = quick}, &error);
    assert_string_equal(error.text, "");
    return study;
}

static void refuse(const char *text, const char *why)
{
    lab_study *study = NULL;
    lenet_error error = {LENET_OK, ""};
    assert_int_not_equal(lab_study_parse(&study, "s.yaml", text, strlen(text), (lab_variant){0}, &error), LENET_OK);
    assert_null(study);
    if (strncmp(error.text, why, strlen(why)) != 0)
        fail_msg("'%s' does not begin with '%s'", error.text, why);
}

/* Any data set will do, for nothing is trained here. */
static lenet_status find_subject(void *context, const char *data, const char *folder, lab_subject *subject, lenet_error *error)
{
    (void)folder, (void)error;
    *subject = (lab_subject){.shape = {1, 28, 28}, .classes = 10};
    memset(subject->train_sha256, *(const char *)context, 64);
    memset(subject->test_sha256, *data, 64);
    return LENET_OK;
}

static void identify(lab_study *study, const char *letter)
{
    lenet_error error = {LENET_OK, ""};
    lab_study_identify(study, find_subject, (void *)letter, &error);
    assert_string_equal(error.text, "");
}

#define HEAD "study: s\nbase: {data: mnist, epochs: 3}\n"

/* ------------------------------------------------------------------------------------------------------------ tests */

static void takes_the_product_of_rows_and_grid(void **state)
{
    (void)state;
    lab_study *s = parse(HEAD "seeds: 2\n"
                              "experiments:\n"
                              "  - name: a\n"
                              "    title: The a\n"
                              "    section: Part one\n"
                              "    settings: [{label: one, batch: 8}, {batch: 9, seeds: [4], init: glorot-normal}]\n"
                              "    grid: {lr: [0.1, 2e-1], loss: [mse, gce]}\n"
                              "    show: [{curves: {of: train_accuracy}}, {table: {}}]\n",
                         false);
    const lab_experiment *e = s->experiments;
    assert_string_equal(s->title, "s");
    assert_string_equal(e->title, "The a");
    assert_int_equal(e->point_count, 8);
    assert_string_equal(e->points[0].label, "one, lr 0.1, loss mse");
    assert_string_equal(e->points[1].label, "one, lr 0.1, loss gce"); /* the first key changes slowest */
    assert_string_equal(e->points[6].label, "batch 9, init glorot-normal, lr 2e-1, loss mse");
    assert_string_equal(e->points[6].settings.loss, "mse");
    assert_int_equal(e->points[6].settings.batch, 9);
    assert_int_equal(e->points[6].settings.epochs, 3);
    assert_true(e->points[6].settings.learning_rate == 0.2);
    assert_string_equal(lab_point_value(&e->points[6], "lr"), "2e-1");
    assert_null(lab_point_value(&e->points[6], "batch"));
    assert_string_equal(e->section, "Part one");
    assert_int_equal(e->points[0].run_count, 2);
    assert_int_equal(e->points[0].runs[1].seed, 2);
    assert_int_equal(e->points[6].run_count, 1);
    assert_int_equal(e->points[6].runs[0].seed, 4);
    assert_string_equal(e->show->items[1].items[0].key, "table");
    lab_study_close(&s);
}

static void knows_which_layer_wins(void **state)
{
    (void)state;
    const char *text = HEAD "quick: {epochs: 1, seeds: [7]}\n"
                            "experiments:\n"
                            "  - {name: a, base: {epochs: 4, batch: 5}, settings: [{batch: 6}], grid: {batch: [7]}, seeds: [3, 1]}\n"
                            "  - {name: b, base: {epochs: 4}, quick: {epochs: 2, seeds: 3}}\n";
    lab_study *s = parse(text, false);
    assert_int_equal(s->experiments[0].points[0].settings.epochs, 4);
    assert_int_equal(s->experiments[0].points[0].settings.batch, 7);
    assert_int_equal(s->experiments[0].points[0].run_count, 2);
    assert_int_equal(s->experiments[0].points[0].runs[0].seed, 3);
    assert_int_equal(s->experiments[1].points[0].run_count, 1);
    lab_study_close(&s);
    s = parse(text, true);
    assert_int_equal(s->experiments[0].points[0].settings.epochs, 1);
    assert_int_equal(s->experiments[0].points[0].runs[0].seed, 7);
    assert_int_equal(s->experiments[1].points[0].settings.epochs, 2);
    assert_int_equal(s->experiments[1].points[0].run_count, 3);
    lab_study_close(&s);
}

static void takes_folds_in_turn(void **state)
{
    (void)state;
    lab_study *s = parse(HEAD "seeds: 2\nexperiments:\n  - {name: a, base: {folds: 3}}\n  - {name: b, base: {folds: 3, fold: 1}}\n", false);
    const lab_point *all = s->experiments[0].points, *one = s->experiments[1].points;
    assert_int_equal(all->run_count, 6);
    assert_true(all->is_over_folds && !one->is_over_folds);
    assert_int_equal(all->runs[4].seed, 2);
    assert_int_equal(all->runs[4].fold, 1);
    assert_int_equal(one->run_count, 2);
    identify(s, "x");
    assert_string_equal(all->runs[4].recipe.identity, one->runs[1].recipe.identity);
    lab_study_close(&s);
}

static void says_where_a_mistake_is(void **state)
{
    (void)state;
    refuse("study: s\nexperiment: []\n", "s.yaml:2: study: unknown key 'experiment'; did you mean experiments?");
    refuse("title: x\n", "s.yaml:1: 'study' is missing");
    refuse("study: Big\n", "s.yaml:1: study: 'Big' is no name");
    refuse("study: s\n", "s.yaml:1: 'experiments' is missing");
    refuse(HEAD "experiments:\n  - name: a\n    gird: {}\n", "s.yaml:5: experiment: unknown key 'gird'; did you mean grid?");
    refuse(HEAD "experiments:\n  - name: a\n    base:\n      epoch: 3\n", "s.yaml:6: unknown option 'epoch'; did you mean epochs?");
    refuse(HEAD "experiments:\n  - name: a\n    grid:\n      lr: [1, x]\n", "s.yaml:6: lr x: not a number");
    refuse(HEAD "experiments:\n  - name: a\n    grid:\n      lr: 1\n", "s.yaml:6: grid: lr: a list of values is wanted");
    refuse(HEAD "experiments:\n  - name: a\n    base: {seed: 3}\n", "s.yaml:5: seed: every recipe is run with the seeds under 'seeds'");
    refuse(HEAD "experiments:\n  - name: a\n    base: {threads: 3}\n", "s.yaml:5: unknown option 'threads'");
    refuse(HEAD "experiments:\n  - name: a\n    base: {data: mnits}\n", "s.yaml:");
    refuse(HEAD "experiments:\n  - name: a\n    base: {arch: lenet6}\n", "s.yaml:");
    refuse(HEAD "experiments:\n  - name: a\n    seeds: [1, 1]\n", "s.yaml:5: seeds: 1 comes twice");
    refuse(HEAD "experiments:\n  - name: a\n    seeds: 0\n", "s.yaml:5: seeds: from 1 to");
    refuse(HEAD "experiments:\n  - name: a\n  - name: a\n", "s.yaml:5: name: two experiments are called 'a'");
    refuse(HEAD "experiments:\n  - name: a\n    settings: [{label: x}, {label: x, lr: 1}]\n", "s.yaml:5: a: 'x' stands for two recipes");
    refuse(HEAD "experiments:\n  - name: a\n    settings: [{folds: 3, keep-best: test}]\n", "s.yaml:5: 'folds 3, keep-best test': folds and");
    refuse(HEAD "experiments:\n  - name: a\n    show: [curves]\n", "s.yaml:5: show: each is one kind");
    refuse("study: s\nexperiments: [{name: a}]\n", "s.yaml:");
}

/* The same recipe is the same run wherever it stands, however it is spelled, whatever is measured beside. */
static void knows_a_run_again(void **state)
{
    (void)state;
    lab_study *s = parse(HEAD "experiments:\n"
                              "  - {name: a}\n"
                              "  - {name: b, base: {lr: 1e-3, arch: lenet5, val_split: '0.10'}}\n"
                              "  - {name: c, base: {test-each-epoch: true, diagnose: true}}\n"
                              "  - {name: d, base: {batch: 33}}\n"
                              "  - {name: e, seeds: [2]}\n"
                              "  - {name: f, base: {data: fashion-mnist}}\n",
                         false);
    identify(s, "x");
    const lab_recipe *a = &s->experiments[0].points->runs->recipe;
    for (size_t i = 1; i < 6; i++) {
        const lab_recipe *other = &s->experiments[i].points->runs->recipe;
        assert_int_equal(strlen(other->identity), 64);
        assert_int_equal(!strcmp(other->identity, a->identity), i < 3);
    }
    assert_string_equal(a->measured, "[]");
    assert_string_equal(s->experiments[2].points->runs->recipe.measured, "[\"test_each_epoch\",\"diagnose\"]");
    assert_non_null(strstr(a->text, "\"arch\":\"conv:6@5x5:pad=2,"));
    assert_non_null(strstr(a->text, "\"lr\":0.001,"));
    char identity[65];
    memcpy(identity, a->identity, 65);
    identify(s, "y"); /* other images are another run */
    assert_string_not_equal(s->experiments[0].points->runs->recipe.identity, identity);
    lab_study_close(&s);
}

static void reads_what_is_built_in(void **state)
{
    (void)state;
    for (const lab_built_in *at = lab_built_in_studies; at->name; at++)
        for (int quick = 0; quick < 2; quick++) {
            lab_study *s = NULL;
            lenet_error error = {LENET_OK, ""};
            lab_study_open(&s, at->name, (lab_variant){.is_quick = quick}, &error);
            assert_string_equal(error.text, "");
            assert_string_equal(s->name, at->name);
            lab_study_close(&s);
        }
    lenet_error error;
    lab_study *s = NULL;
    assert_int_equal(lab_study_open(&s, "lenet-raport", (lab_variant){0}, &error), LENET_USAGE);
    assert_non_null(strstr(error.text, "did you mean lenet-report?"));
}

/* --seeds N wins over every place in the file that says seeds. */
static void seeds_of_the_call_win(void **state)
{
    (void)state;
    const char *text = HEAD "seeds: 4\nquick: {seeds: 2}\nexperiments:\n"
                            "  - {name: a, settings: [{label: x, lr: 0.1, seeds: [9, 5]}, {label: y, lr: 0.2}]}\n";
    for (int quick = 0; quick < 2; quick++) {
        lab_study *s = NULL;
        lenet_error error = {LENET_OK, ""};
        lab_study_parse(&s, "s.yaml", text, strlen(text), (lab_variant){.is_quick = quick, .seeds = 3}, &error);
        assert_string_equal(error.text, "");
        for (size_t p = 0; p < 2; p++) {
            assert_int_equal(s->experiments[0].points[p].run_count, 3);
            for (size_t r = 0; r < 3; r++)
                assert_int_equal(s->experiments[0].points[p].runs[r].seed, r + 1);
        }
        lab_study_close(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_the_product_of_rows_and_grid),
        cmocka_unit_test(knows_which_layer_wins),
        cmocka_unit_test(takes_folds_in_turn),
        cmocka_unit_test(says_where_a_mistake_is),
        cmocka_unit_test(knows_a_run_again),
        cmocka_unit_test(seeds_of_the_call_win),
        cmocka_unit_test(reads_what_is_built_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
