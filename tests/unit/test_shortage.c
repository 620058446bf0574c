/* SPDX-License-Identifier: MIT */
/*
 * test_shortage.c - each allocation of a piece of work fails once, one after the other, and each reading of a database: the work ends
 * with LENET_FAILURE (or LENET_IO), never with a word against its input, or it does what it does otherwise.
 *
 * The allocator of the C library is replaced, which a sanitizer does itself: there the allocations are left alone.
 */
#include "data_files.h"
#include "lab/recipe/recipe.h"
#include "lab/report/results.h"
#include "lab/runs/store.h"
#include "lab/study/study.h"
#include "lenet/tools.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include <cmocka.h>

#define SEEN_BY_ALL __attribute__((visibility("default"))) /* by the libraries that the program uses, too */

static long allocations_left = -1; /* until one fails; below 0: none does */
static long readings_left = -1;    /* of a database, until they fail from then on */

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define CAN_FAIL 1
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);

static int fails(void)
{
    if (allocations_left < 0 || allocations_left-- > 0)
        return 0;
    errno = ENOMEM;
    return 1;
}

SEEN_BY_ALL void *malloc(size_t size) { return fails() ? NULL : __libc_malloc(size); }
SEEN_BY_ALL void *calloc(size_t count, size_t size) { return fails() ? NULL : __libc_calloc(count, size); }
SEEN_BY_ALL void *realloc(void *memory, size_t size) { return fails() ? NULL : __libc_realloc(memory, size); }
#else
#define CAN_FAIL 0
#endif

/* What SQLite reads by. */
SEEN_BY_ALL ssize_t pread64(int fd, void *into, size_t count, off64_t offset)
{
    if (!readings_left) {
        errno = EIO;
        return -1;
    }
    readings_left -= readings_left > 0;
    const off64_t before = lseek64(fd, 0, SEEK_CUR);
    const ssize_t got = lseek64(fd, offset, SEEK_SET) < 0 ? -1 : read(fd, into, count);
    lseek64(fd, before, SEEK_SET);
    return got;
}

static char *folder, path[4][256];
enum { MODEL, DATABASE, RECIPE, ANSWER };

/* A piece of work that gives a text, to be freed where it ended well. */
typedef lenet_status work(char answer[256], lenet_error *error);

enum { MOST = 100000 };

/* Lets the `*left`-th call fail, for 0, 1, ... until none does. */
static void try_all(work *of, long *left, lenet_status allowed)
{
    char whole[256], answer[256];
    lenet_error error = {LENET_OK, ""};
    assert_int_equal(of(whole, &error), LENET_OK);
    for (long i = 0; i < MOST; i++) {
        *left = i;
        error = (lenet_error){LENET_OK, ""};
        const lenet_status status = of(answer, &error);
        const int was_reached = *left <= 0;
        *left = -1;
        if (status && status != allowed)
            fail_msg("%ld: status %d, '%s'", i, (int)status, error.text);
        if (!status && strcmp(answer, whole) != 0)
            fail_msg("%ld: '%s' and not '%s'", i, answer, whole);
        if (!was_reached)
            return;
    }
    fail_msg("no end");
}

static void out_of_memory(work *of)
{
    if (!CAN_FAIL)
        skip();
    try_all(of, &allocations_left, LENET_FAILURE);
}

/* ------------------------------------------------------------------------------------------------------------ works */

static lenet_status load_model(char answer[256], lenet_error *error)
{
    lenet_model *model = NULL;
    const lenet_status status = lenet_model_load(&model, path[MODEL], error);
    if (!status)
        snprintf(answer, 256, "%s %s", lenet_model_architecture(model), lenet_model_note(model, "note"));
    lenet_model_close(&model);
    return status;
}

static lenet_status open_data(char answer[256], lenet_error *error)
{
    lenet_dataset *data = NULL;
    const lenet_status status = lenet_dataset_open(&data, "mnist", LENET_TEST, folder, error);
    if (!status)
        snprintf(answer, 256, "%s", lenet_dataset_sha256(data));
    lenet_dataset_close(&data);
    return status;
}

static lenet_status check_data(char answer[256], lenet_error *error)
{
    lenet_file_check check;
    const lenet_status status = lenet_source_check(lenet_source_find("mnist"), 3, folder, &check, error);
    if (!status)
        snprintf(answer, 256, "%d %.200s", (int)check.state, check.reason);
    return status;
}

static lenet_status read_recipe(char answer[256], lenet_error *error)
{
    lab_yaml *tree = NULL;
    const lenet_status status = lab_yaml_read(&tree, path[RECIPE], error);
    if (!status)
        snprintf(answer, 256, "%s", lab_yaml_find(tree, "lr")->text);
    lab_yaml_close(&tree);
    return status;
}

static int count_row(void *context, int columns, const char *const *names, const lab_value *values)
{
    char *answer = context;
    (void)columns, (void)names;
    const size_t used = strlen(answer);
    snprintf(answer + used, 256 - used, "%.60s %.20s %d;", values[0].text ? values[0].text : "NULL", values[1].text, (int)values[2].integer);
    return 0;
}

static const char query[] = "SELECT recipe, state, lenet_is_dead(owner) FROM run ORDER BY id";

static lenet_status ask_database(char answer[256], lenet_error *error)
{
    lab_store *store = NULL;
    *answer = '\0';
    lenet_status status = lab_store_open(&store, path[DATABASE], 0, error);
    if (!status)
        status = lab_store_query(store, query, NULL, count_row, answer, error);
    lab_store_close(&store);
    return status;
}

static lenet_status look_in_database(char answer[256], lenet_error *error)
{
    lab_store *store = NULL;
    static char text[] = "{}", measured[] = "[]";
    lab_recipe recipe = {.text = text, .measured = measured};
    lab_claim claim = {.run = 0};
    if (!lab_sha256(text, 2, recipe.identity))
        return LENET_FAILURE;
    lenet_status status = lab_store_open(&store, path[DATABASE], 0, error);
    if (!status)
        status = lab_store_lookup(store, &recipe, &claim, error);
    if (!status)
        snprintf(answer, 256, "%d %d %.200s", (int)claim.run, (int)claim.is_ours, claim.measured);
    lab_store_close(&store);
    return status;
}

static lenet_status read_study(char answer[256], lenet_error *error)
{
    static const char text[] = "study: s\nbase: {data: mnist, epochs: 3}\nexperiments: [{name: a, grid: {lr: [0.1, 0.2]}}]\n";
    lab_study *study = NULL;
    const lenet_status status = lab_study_parse(&study, "s.yaml", text, sizeof text - 1, (lab_variant){0}, error);
    if (!status)
        snprintf(answer, 256, "%s", study->experiments[0].points[1].label);
    lab_study_close(&study);
    return status;
}

static lenet_status train(char answer[256], lenet_error *error)
{
    lenet_dataset *data = NULL;
    lenet_model *model = NULL;
    lenet_settings settings;
    lenet_result result;
    lenet_settings_default(&settings);
    settings.epochs = 2;
    settings.compute.threads = 1;
    settings.checkpoint = path[ANSWER];
    lenet_status status = lenet_dataset_open(&data, "mnist", LENET_TEST, folder, error);
    if (!status)
        status = lenet_model_create(&model, "maxpool:7,dense:10", lenet_dataset_shape(data), 10, error);
    if (!status)
        status = lenet_train(model, data, data, &settings, &result, error);
    unlink(path[ANSWER]);
    if (!status)
        snprintf(answer, 256, "%s %g", result.weights_sha256, result.test_loss);
    lenet_model_close(&model);
    lenet_dataset_close(&data);
    return status;
}

/* ------------------------------------------------------------------------------------------------------------ tests */

static void a_model_is_not_damaged_by_it(void **state) { (void)state, out_of_memory(load_model); }
static void nor_are_data(void **state) { (void)state, out_of_memory(open_data), out_of_memory(check_data); }
static void nor_is_a_recipe(void **state) { (void)state, out_of_memory(read_recipe), out_of_memory(read_study); }
static void nor_is_a_training(void **state) { (void)state, out_of_memory(train); }
static void nor_is_a_database(void **state) { (void)state, out_of_memory(ask_database), out_of_memory(look_in_database); }

static void a_database_that_cannot_be_read_is_not_damaged(void **state)
{
    lenet_error error = {LENET_OK, ""};
    char answer[256];
    (void)state;
    try_all(ask_database, &readings_left, LENET_IO);
    try_all(look_in_database, &readings_left, LENET_IO);
    readings_left = 0;
    assert_int_equal(ask_database(answer, &error), LENET_IO);
    readings_left = -1;
    assert_non_null(strstr(error.text, strerror(EIO)));
}

/* ----------------------------------------------------------------------------------------------------------- set up */

static void make_database(void)
{
    lab_store *store = NULL;
    char recipe_text[] = "{}", measured[] = "[]";
    lab_recipe recipe = {.text = recipe_text, .measured = measured};
    lab_claim claim;
    assert_true(lab_sha256(recipe_text, 2, recipe.identity));
    assert_int_equal(lab_store_open(&store, path[DATABASE], 1, NULL), LENET_OK);
    assert_int_equal(lab_store_claim(store, &recipe, 0, &claim, NULL), LENET_OK);
    lab_store_close(&store);
}

static int set_up(void **state)
{
    const uint32_t images[] = {20, 28, 28}, labels[] = {20};
    lenet_model *model = NULL;
    static const char *const names[] = {"model", "database", "recipe.yaml", "answer"};
    (void)state;
    folder = make_folder();
    for (int i = 0; i < 4; i++)
        snprintf(path[i], sizeof path[i], "%s/%s", folder, names[i]);
    assert_int_equal(lenet_model_create(&model, "dense:10", (lenet_shape){1, 2, 2}, 10, NULL), LENET_OK);
    assert_int_equal(lenet_model_set_note(model, "note", "of a model", NULL), LENET_OK);
    assert_int_equal(lenet_model_save(model, path[MODEL], NULL), LENET_OK);
    lenet_model_close(&model);
    put(folder, "t10k-images-idx3-ubyte.gz", gzip(make_idx(3, images, 256)));
    put(folder, "t10k-labels-idx1-ubyte", make_idx(1, labels, 10));
    put(folder, "recipe.yaml", bytes_copy("data: mnist\nlr: 0.1\n", 20));
    make_database();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    remove_folder(folder);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_model_is_not_damaged_by_it), cmocka_unit_test(nor_are_data), cmocka_unit_test(nor_is_a_recipe),
        cmocka_unit_test(nor_is_a_training), cmocka_unit_test(nor_is_a_database), cmocka_unit_test(a_database_that_cannot_be_read_is_not_damaged),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
