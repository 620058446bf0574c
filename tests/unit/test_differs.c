/* SPDX-License-Identifier: MIT */
/*
 * test_differs.c - the columns of a table of points: which keys differ among them, in which order, and with what
 * values.
 */
#include "lab/study/differs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* The table of the first `most` points of the first experiment, a line each: "key key | value value | value value". */
static const char *table_of(const char *experiment, size_t most)
{
    static char text[1024];
    char file[1024];
    lab_study *study = NULL;
    lenet_error error = {LENET_OK, ""};
    lab_pool pool = {.blocks = NULL};
    const lab_point *points[16];
    snprintf(file, sizeof file, "study: s\nbase: {data: mnist, epochs: 3}\nseeds: 2\nexperiments:\n  - {name: a, %s}\n",
             experiment);
    lab_study_parse(&study, "s.yaml", file, strlen(file), (lab_variant){0}, &error);
    assert_string_equal(error.text, "");
    const size_t count = study->experiments[0].point_count < most ? study->experiments[0].point_count : most;
    for (size_t i = 0; i < count; i++)
        points[i] = &study->experiments[0].points[i];
    text[0] = '\0';
    if (setjmp(pool.on_failure) == 0) {
        const lab_differs d = lab_differs_of(&pool, points, count);
        for (size_t i = 0; i < (count + 1) * d.count; i++) {
            strcat(text, i && i % d.count == 0 ? " | " : i ? " " : "");
            strcat(text, i < d.count ? d.keys[i] : d.values[i - d.count]);
        }
    }
    assert_string_equal(pool.error.text, "");
    lab_pool_close(&pool);
    lab_study_close(&study);
    return text;
}

static void a_grid_has_its_keys_in_their_order(void **state)
{
    (void)state;
    assert_string_equal(table_of("grid: {noise: [0, 0.20], lr: [1e-3, 0.003], batch: [64]}", 16),
                        "noise lr | 0 0.001 | 0 0.003 | 0.2 0.001 | 0.2 0.003");
    assert_string_equal(table_of("grid: {val_split: [0, 0.2]}", 16), "val-split | 0 | 0.2");
    assert_string_equal(table_of("grid: {noise: [0, 0.20], lr: [1e-3, 0.003]}", 2), "lr | 0.001 | 0.003");
}

static void rows_have_what_differs_in_their_complete_recipes(void **state)
{
    (void)state;
    assert_string_equal(
        table_of("settings: [{label: one}, {label: two, data: cifar10, batch: 16, dropout: 0.5},"
                 " {label: three, batch: 16, arch: lenet5-valid, loss: 'gce:0.5'}]",
                 16),
        "data arch batch loss dropout | mnist lenet5 32 cross-entropy - | cifar10 lenet5 16 cross-entropy 0.5"
        " | mnist lenet5-valid 16 gce:0.5 -");
    assert_string_equal(table_of("settings: [{label: one, batch: 32}, {label: two, optimizer: sgd, batch: 32}]", 16),
                        "optimizer lr | adam 0.001 | sgd 0.01"); /* each optimizer has its own rate */
}

static void what_is_of_the_runs_or_beside_is_left_out(void **state)
{
    (void)state;
    assert_string_equal(table_of("settings: [{label: one}, {label: two, seeds: [9], diagnose: true}]", 16), "");
    assert_string_equal(table_of("settings: [{label: one}]", 16), "");
    assert_string_equal(table_of("settings: [{label: one}]", 0), "");
    assert_string_equal(table_of("settings: [{label: one, val-split: 0.2}, {label: two, folds: 5}]", 16),
                        "val-split folds | 0.2 - | - 5");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_grid_has_its_keys_in_their_order),
        cmocka_unit_test(rows_have_what_differs_in_their_complete_recipes),
        cmocka_unit_test(what_is_of_the_runs_or_beside_is_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
