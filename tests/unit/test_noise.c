/* SPDX-License-Identifier: MIT */
/*
 * test_noise.c - label noise: what labels become against the chances they should have, that it reaches training and validation images
 * and no test image, and what is told of it.
 *
 * Counts of chance are compared with their expectation within four standard errors: of 100 cells one is outside by chance in 0.6 % of
 * all seeds. The seeds are fixed, so a failure is a change.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "settings/setting.h"
#include "data/noise.h"
#include "train/estimate.h"
#include "lenet/tools.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COUNT = 60000, CLASSES = 10, EACH = COUNT / CLASSES };

static lenet_dataset *dataset; /* COUNT images of one pixel */
static uint32_t matrix[CLASSES][CLASSES];

static int make_dataset(void **state)
{
    (void)state;
    uint8_t *images = calloc(COUNT, 1), *labels = calloc(COUNT, 1);
    for (size_t i = 0; labels && i < COUNT; i++)
        labels[i] = (uint8_t)(i % CLASSES);
    const int failed = !images || !labels ||
                       lenet_dataset_create(&dataset, (lenet_shape){1, 1, 1}, CLASSES, COUNT, images, labels, NULL);
    free(images);
    free(labels);
    return failed;
}

static int close_dataset(void **state)
{
    (void)state;
    lenet_dataset_close(&dataset);
    return 0;
}

static lenet_settings noise(double rate, const char *kind, uint64_t seed)
{
    lenet_settings settings;
    lenet_settings_default(&settings);
    settings.noise = rate, settings.noise_kind = kind, settings.seed = seed;
    return settings;
}

static void measure(const lenet_settings *settings)
{
    lenet_error error = {LENET_OK, ""};
    lenet_measure_noise(dataset, settings, &matrix[0][0], &error);
    assert_string_equal(error.text, "");
}

/* `chance` of an image of class i to be labelled j. */
static void expect_chances(double (*chance)(int i, int j))
{
    for (int i = 0; i < CLASSES; i++)
        for (int j = 0; j < CLASSES; j++) {
            const double p = chance(i, j), off = fabs(matrix[i][j] - p * EACH), bound = 4 * sqrt(p * (1 - p) * EACH);
            if (off > bound)
                fail_msg("%d of class %d are labelled %d, expected are %g with a bound of %g", matrix[i][j], i, j, p * EACH, bound);
        }
}

static double chance_symmetric(int i, int j) { return i == j ? 0.6 : 0.4 / 9; }
static double chance_all(int i, int j) { return i == j ? 0.64 : 0.04; }
static double chance_pair(int i, int j) { return i == j ? 0.6 : j == (i + 1) % CLASSES ? 0.4 : 0; }
static double chance_steep(int i, int j) { return (i + 1.0) * (j + 1.0) / (55.0 * (i + 1.0)); }
static double chance_none(int i, int j) { return i == j; }

static void labels_become_what_they_should(void **state)
{
    (void)state;
    lenet_settings settings;
    for (uint64_t seed = 1; seed <= 5; seed++) {
        settings = noise(0.4, "symmetric", seed), measure(&settings), expect_chances(chance_symmetric);
        settings = noise(0.4, "symmetric-all", seed), measure(&settings), expect_chances(chance_all);
        settings = noise(0.4, "pair", seed), measure(&settings), expect_chances(chance_pair);
    }
    settings = noise(0, "symmetric", 1), measure(&settings), expect_chances(chance_none);
    lenet_settings_default(&settings), measure(&settings), expect_chances(chance_none);
}

static void a_matrix_comes_from_a_file(void **state)
{
    (void)state;
    char path[] = "/tmp/lenet-noise-XXXXXX", kind[64];
    FILE *file = fdopen(mkstemp(path), "w");
    for (int i = 0; i < CLASSES * CLASSES; i++)
        fprintf(file, "%d ", (i / CLASSES + 1) * (i % CLASSES + 1));
    fclose(file);
    snprintf(kind, sizeof kind, "matrix:%s", path);
    lenet_settings settings = noise(NAN, kind, 3);
    measure(&settings), expect_chances(chance_steep);
    settings.noise_draw = LENET_NOISE_EXACT;
    measure(&settings);
    for (int i = 0; i < CLASSES; i++)
        for (int j = 0; j < CLASSES; j++)
            assert_true(fabs(matrix[i][j] - chance_steep(i, j) * EACH) < 1);
    unlink(path);
}

static void exact_counts_are_exact(void **state)
{
    (void)state;
    lenet_settings settings = noise(0.45, "symmetric", 1);
    settings.noise_draw = LENET_NOISE_EXACT;
    for (settings.seed = 1; settings.seed <= 3; settings.seed++) {
        measure(&settings);
        for (int i = 0; i < CLASSES; i++)
            for (int j = 0; j < CLASSES; j++)
                assert_int_equal(matrix[i][j], i == j ? 3300 : 300); /* 2700 / 9 */
    }
    settings.noise = 0.4, measure(&settings);
    for (int i = 0; i < CLASSES; i++)
        for (int j = 0, extra = 0; j < CLASSES; j++) { /* 266 and two thirds: 267 for the lower six others */
            assert_int_equal(matrix[i][j], i == j ? 3600 : extra < 6 ? 267 : 266);
            extra += i != j;
        }
}

/* With a limit, exact counts are those of the images that it leaves. */
static void what_is_not_used_is_not_counted(void **state)
{
    (void)state;
    lenet_settings settings = noise(0.5, "pair", 1);
    settings.train_limit = 1000;
    for (settings.noise_draw = 0; settings.noise_draw < 2; settings.noise_draw++) {
        unsigned sum = 0;
        measure(&settings);
        for (int i = 0; i < CLASSES; i++) {
            const int stay = (int)matrix[i][i], go = (int)matrix[i][(i + 1) % CLASSES];
            sum += (unsigned)(stay + go);
            assert_true(settings.noise_draw == LENET_NOISE_BERNOULLI || abs(stay - go) <= 1);
        }
        assert_int_equal(sum, 1000);
    }
}

static void a_higher_rate_changes_more_of_the_same(void **state)
{
    (void)state;
    static uint8_t low[COUNT], high[COUNT], used[COUNT];
    const uint8_t *labels = lenet_dataset_labels(dataset);
    memset(used, 1, sizeof used);
    lenet_settings settings = noise(0.2, "symmetric", 9);
    size_t more = 0;
    assert_int_equal(ln_noise_draw(dataset, &settings, used, low, NULL), LENET_OK);
    settings.noise = 0.6;
    assert_int_equal(ln_noise_draw(dataset, &settings, used, high, NULL), LENET_OK);
    for (size_t i = 0; i < COUNT; i++) {
        assert_true(low[i] == labels[i] || low[i] == high[i]);
        more += low[i] != high[i];
    }
    assert_in_range(more, 23500, 24500); /* 0.4 of all, 4 standard errors are 480 */
}

static void draw(uint64_t seed, uint64_t noise_seed, uint8_t given[COUNT])
{
    static uint8_t used[COUNT];
    memset(used, 1, sizeof used);
    lenet_settings settings = noise(0.4, "symmetric", seed);
    settings.noise_seed = noise_seed;
    assert_int_equal(ln_noise_draw(dataset, &settings, used, given, NULL), LENET_OK);
}

static void a_noise_seed_is_shared_by_seeds(void **state)
{
    (void)state;
    static uint8_t own[COUNT], shared[COUNT], other[COUNT];
    draw(7, 0, own), draw(1, 7, shared), draw(2, 7, other);
    assert_memory_equal(shared, own, COUNT);
    assert_memory_equal(shared, other, COUNT);
    draw(1, 0, other);
    assert_memory_not_equal(shared, other, COUNT);
    lenet_settings settings = noise(0, "symmetric", 1);
    settings.noise_seed = 7; /* nothing is drawn: the recipe is the one without it */
    assert_int_equal(lenet_settings_complete(&settings, &settings, NULL), LENET_OK);
    assert_int_equal(settings.noise_seed, 0);
}

static void known_chances_have_rows_of_one(void **state)
{
    (void)state;
    const char *const kinds[] = {"symmetric", "symmetric-all", "pair"};
    double chances[CLASSES * CLASSES];
    for (int kind = 0; kind < 3; kind++) {
        const lenet_settings settings = noise(0.3, kinds[kind], 1);
        assert_int_equal(ln_noise_chances(&settings, CLASSES, chances, NULL), LENET_OK);
        for (int i = 0; i < CLASSES; i++) {
            double sum = 0;
            for (int j = 0; j < CLASSES; j++)
                sum += chances[i * CLASSES + j];
            assert_true(fabs(sum - 1) < 1e-12);
        }
    }
}

/* ------------------------------------------------------------------------------------------------------ in training */

enum { IMAGES = 600, MANY = 4000, PIXELS = 64 };

/* A class lights a place of its own: easy to learn, whatever the class is called. */
static lenet_dataset *make_easy(size_t count)
{
    static uint8_t images[MANY][PIXELS], labels[MANY];
    lenet_dataset *easy = NULL;
    for (int i = 0; i < MANY; i++) {
        labels[i] = (uint8_t)(i * 7 % CLASSES);
        for (int p = 0; p < PIXELS; p++)
            images[i][p] = (uint8_t)(p / 6 == labels[i] ? 255 : (i * 31 + p * 17) % 40);
    }
    assert_int_equal(lenet_dataset_create(&easy, (lenet_shape){1, 8, 8}, CLASSES, count, &images[0][0], labels, NULL), LENET_OK);
    return easy;
}

static double last[LENET_METRICS]; /* of the last epoch */
static int keep_epoch(void *context, const lenet_epoch *epoch)
{
    (void)context;
    memcpy(last, epoch->values, sizeof last);
    return 0;
}

static lenet_result train(lenet_settings settings)
{
    lenet_dataset *train = make_easy(IMAGES), *test = make_easy(IMAGES), *untouched = make_easy(IMAGES);
    lenet_model *model = NULL;
    lenet_result result;
    lenet_error error = {LENET_OK, ""};
    settings.on_epoch = keep_epoch;
    settings.epochs = 30, settings.batch = 16, settings.compute.threads = 1;
    assert_int_equal(lenet_model_create(&model, "dense:32,relu,dense:10", (lenet_shape){1, 8, 8}, CLASSES, NULL), LENET_OK);
    lenet_train(model, train, test, &settings, &result, &error);
    assert_string_equal(error.text, "");
    assert_string_equal(lenet_dataset_sha256(test), lenet_dataset_sha256(untouched));
    assert_string_equal(lenet_dataset_sha256(train), lenet_dataset_sha256(untouched));
    lenet_model_close(&model);
    lenet_dataset_close(&untouched);
    lenet_dataset_close(&test);
    lenet_dataset_close(&train);
    return result;
}

/* Each label is that of the next class: what is learned is right for training and validation, and wrong for the test. */
static void noise_is_in_training_and_validation_alone(void **state)
{
    (void)state;
    lenet_result result = train(noise(1, "pair", 1));
    assert_true(last[LENET_TRAIN_ACCURACY] > 0.95 && last[LENET_VAL_ACCURACY] > 0.95 && result.test_accuracy < 0.02);
    assert_true(last[LENET_NOISY_MEMORISED] == last[LENET_TRAIN_ACCURACY] && isnan(last[LENET_CLEAN_RIGHT]));
    result = train(noise(NAN, "symmetric", 1));
    assert_true(last[LENET_VAL_ACCURACY] > 0.95 && result.test_accuracy > 0.95);
    for (int i = 0; i < LENET_METRICS; i++)
        assert_true(lenet_metric_list()[i].when != LENET_WITH_NOISE || isnan(last[i]));
}

static void shares_fit_the_accuracy(void **state)
{
    (void)state;
    const lenet_result result = train(noise(0.3, "symmetric", 2));
    assert_true(fabs(last[LENET_NOISY_MEMORISED] + last[LENET_NOISY_CORRECTED] + last[LENET_NOISY_OTHER] - 1) < 1e-12);
    assert_true(last[LENET_NOISY_CORRECTED] > 0.8 && last[LENET_CLEAN_RIGHT] > 0.8 && result.test_accuracy > 0.9);
    /* accuracy = (1 - noisy) clean_right + noisy memorised, for the share that is noisy of the training images */
    const double noisy = (last[LENET_CLEAN_RIGHT] - last[LENET_TRAIN_ACCURACY]) /
                         (last[LENET_CLEAN_RIGHT] - last[LENET_NOISY_MEMORISED]);
    const double count = noisy * (double)result.train_count;
    assert_true(fabs(count - round(count)) < 1e-6);
    assert_in_range((int)round(count), 117, 207); /* 162 expected of 540, 4 standard errors are 43 */
}

static void forward_with_the_known_matrix(void **state)
{
    (void)state;
    char path[] = "/tmp/lenet-noise-XXXXXX";
    FILE *file = fdopen(mkstemp(path), "w");
    for (int i = 0; i < CLASSES * CLASSES; i++)
        fprintf(file, "%s ", i / CLASSES == i % CLASSES ? "0.75" : i % CLASSES == (i / CLASSES + 1) % CLASSES ? "0.25" : "0");
    fclose(file);
    lenet_settings settings = noise(0.25, "pair", 1);
    settings.loss = "forward", settings.noise_matrix = "known";
    const lenet_result known = train(settings);
    settings.noise_matrix = path;
    const lenet_result given = train(settings);
    assert_string_equal(known.weights_sha256, given.weights_sha256);
    unlink(path);
}

/* -------------------------------------------------------------------------------------------------- the matrix, estimated */

/* Of 101 images and 3 classes the one after ten is typical. */
static void the_typical_image_makes_a_row(void **state)
{
    (void)state;
    enum { SEEN = 101, KINDS = 3 };
    float said[SEEN][KINDS], found[KINDS][KINDS];
    for (int i = 0; i < SEEN; i++) {
        said[i][0] = 0.75f - (float)(i * 37 % SEEN) / 256; /* the eleventh largest: 10 = 37 i modulo 101, i = 3 */
        said[i][1] = 0.125f;                                /* all equal: the eleventh image */
        said[i][2] = 1 - said[i][0] - said[i][1];           /* the eleventh smallest of the first: 90 = 37 i, i = 27 */
    }
    assert_int_equal(ln_estimate_noise(&said[0][0], SEEN, KINDS, &found[0][0], NULL), LENET_OK);
    assert_memory_equal(found[0], said[3], sizeof found[0]);
    assert_memory_equal(found[1], said[10], sizeof found[1]);
    assert_memory_equal(found[2], said[27], sizeof found[2]);
    for (int i = 0; i < SEEN; i++)
        said[i][0] = NAN;
    assert_int_equal(ln_estimate_noise(&said[0][0], SEEN, KINDS, &found[0][0], NULL), LENET_DIVERGED);
}

/* What a training with an estimated matrix left; `estimate` as the model's note has it. */
typedef struct estimated {
    lenet_status status;
    lenet_result result;
    char estimate[4096];
    int told, stop_after; /* epochs; 0: none */
} estimated;

static int count_epoch(void *context, const lenet_epoch *epoch)
{
    estimated *e = context;
    e->told++;
    return epoch->epoch == e->stop_after;
}

static estimated train_estimating(int threads, const char *checkpoint, int stop_after)
{
    estimated e = {.stop_after = stop_after};
    lenet_dataset *train = make_easy(MANY), *test = make_easy(MANY);
    lenet_model *model = NULL;
    lenet_settings settings = noise(0.4, "symmetric", 1);
    settings.loss = "forward", settings.noise_matrix = "estimate", settings.checkpoint = checkpoint;
    settings.epochs = 4, settings.batch = 16, settings.compute.threads = threads;
    settings.on_epoch = count_epoch, settings.context = &e;
    assert_int_equal(lenet_model_create(&model, "dense:32,relu,dropout:0.2,dense:10", (lenet_shape){1, 8, 8}, CLASSES, NULL), LENET_OK);
    e.status = lenet_train(model, train, test, &settings, &e.result, NULL);
    snprintf(e.estimate, sizeof e.estimate, "%s", lenet_model_note(model, "noise_matrix_estimated"));
    lenet_model_close(&model);
    lenet_dataset_close(&test);
    lenet_dataset_close(&train);
    return e;
}

/*
 * One typical image stands for a class, and what the network says of it scatters with the labels of the images like it: there are 90 of
 * each, the standard error of whose share is 0.052. Allowed are 0.15 for a cell of the diagonal, 0.05 for their mean.
 */
static void expect_estimate(const char *text)
{
    double sum = 0, trace = 0;
    int count = 0;
    for (const char *at = text; *at; count++) {
        char *end;
        at += strspn(at, "[],");
        if (!*at)
            break;
        const double share = strtod(at, &end);
        assert_true(end > at && share >= 0 && share <= 1);
        at = end;
        if (count % CLASSES == count / CLASSES) {
            trace += share;
            if (fabs(share - 0.6) > 0.15)
                fail_msg("of class %d are said to keep their label %g", count / CLASSES, share);
        }
        sum += share;
        if (count % CLASSES == CLASSES - 1) {
            assert_true(fabs(sum - 1) < 1e-6); /* ten rounded to 2^-24 of themselves, and to nine digits */
            sum = 0;
        }
    }
    assert_int_equal(count, CLASSES * CLASSES);
    assert_true(fabs(trace / CLASSES - 0.6) < 0.05);
}

static int file_has(const char *path, const char *word)
{
    static char text[1 << 20];
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    const size_t size = fread(text, 1, sizeof text, file);
    fclose(file);
    return memmem(text, size, word, strlen(word)) != NULL;
}

static void an_estimate_is_near_the_noise(void **state)
{
    (void)state;
    const estimated one = train_estimating(1, NULL, 0), two = train_estimating(2, NULL, 0);
    assert_int_equal(one.status, LENET_OK);
    assert_int_equal(one.told, 4); /* the first training tells nothing */
    expect_estimate(one.estimate);
    assert_true(one.result.test_accuracy > 0.95);
    assert_string_equal(one.estimate, two.estimate);
    assert_string_equal(one.result.weights_sha256, two.result.weights_sha256);

    char path[] = "/tmp/lenet-noise-XXXXXX";
    close(mkstemp(path));
    unlink(path);
    const estimated begun = train_estimating(2, path, 2);
    assert_int_equal(begun.status, LENET_STOPPED);
    assert_int_equal(begun.told, 2);
    assert_true(file_has(path, "noise_matrix_estimated"));
    const estimated resumed = train_estimating(1, path, 0);
    assert_int_equal(resumed.status, LENET_OK);
    assert_string_equal(resumed.estimate, one.estimate);
    assert_string_equal(resumed.result.weights_sha256, one.result.weights_sha256);
    unlink(path);
}

static void estimate_is_no_file(void **state)
{
    (void)state;
    assert_null(ln_option_file(ln_setting_find("noise-matrix"), "estimate"));
    assert_string_equal(ln_option_file(ln_setting_find("noise-matrix"), "estimates"), "estimates");
    lenet_settings settings = noise(0.4, "symmetric", 1);
    settings.noise_matrix = "estimate";
    lenet_error error;
    assert_int_equal(lenet_settings_complete(&settings, &settings, &error), LENET_USAGE);
    assert_non_null(strstr(error.text, "only the loss forward"));
}

/* ---------------------------------------------------------------------------------------------------- contradictions */

static void refuse(double rate, const char *kind, const char *reason)
{
    lenet_settings settings = noise(rate, kind, 1);
    lenet_error error = {LENET_OK, ""};
    assert_int_equal(lenet_settings_complete(&settings, &settings, &error), LENET_USAGE);
    if (!strstr(error.text, reason))
        fail_msg("the error is '%s', and should hold '%s'", error.text, reason);
}

static void contradictions_say_why(void **state)
{
    (void)state;
    refuse(NAN, "pair", "how much is missing");
    refuse(0.5, "matrix:x", "the matrix says how much");
    refuse(NAN, "matrix", "the file is missing");
    refuse(0.5, "pair:2", "only matrix is followed");
    refuse(1.5, "symmetric", "0 <= EPS <= 1");
    refuse(0.5, "pairs", "did you mean pair?");
    lenet_settings settings = noise(0, "pair", 1);
    assert_int_equal(lenet_settings_complete(&settings, &settings, NULL), LENET_OK); /* no noise, and said so */
    settings = noise(NAN, "matrix:/nowhere/matrix", 1);
    lenet_error error;
    assert_int_equal(lenet_measure_noise(dataset, &settings, &matrix[0][0], &error), LENET_INPUT);
    assert_non_null(strstr(error.text, "/nowhere/matrix"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_become_what_they_should),
        cmocka_unit_test(a_matrix_comes_from_a_file),
        cmocka_unit_test(exact_counts_are_exact),
        cmocka_unit_test(what_is_not_used_is_not_counted),
        cmocka_unit_test(a_higher_rate_changes_more_of_the_same),
        cmocka_unit_test(known_chances_have_rows_of_one),
        cmocka_unit_test(a_noise_seed_is_shared_by_seeds),
        cmocka_unit_test(noise_is_in_training_and_validation_alone),
        cmocka_unit_test(shares_fit_the_accuracy),
        cmocka_unit_test(forward_with_the_known_matrix),
        cmocka_unit_test(the_typical_image_makes_a_row),
        cmocka_unit_test(an_estimate_is_near_the_noise),
        cmocka_unit_test(estimate_is_no_file),
        cmocka_unit_test(contradictions_say_why),
    };
    return cmocka_run_group_tests(tests, make_dataset, close_dataset);
}
