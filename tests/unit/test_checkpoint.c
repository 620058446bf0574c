/* SPDX-License-Identifier: MIT */
/*
 * test_checkpoint.c - a run that is killed at random moments and taken up again, until it ends, ends in the same bits as one
 * that nobody disturbed: last weights, kept weights, history, diagnosis. And a checkpoint that is damaged anywhere, or of another
 * run, is refused, and stays as it is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "util/clock.h"
#include "util/file.h"
#include "util/memory.h"
#include "util/random.h"
#include "train/checkpoint.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { IMAGES = 160, SIDE = 12, PIXELS = SIDE * SIDE, MOST_EPOCHS = 6, MOST_LAYERS = 4, MOST_KILLS = 400 };

static char folder[] = "/tmp/lenet-checkpoint-XXXXXX", path[64];
static lenet_dataset *train_images, *test_images, *other_images;

/* Settings as text, "NAME=VALUE ...". */
typedef struct recipe {
    const char *architecture, *settings;
} recipe;

static const recipe recipes[] = {
    {"conv:4@3x3,relu,maxpool:2,dense:10", "optimizer=adam decay=0.9 test-each-epoch=true"},
    {"dense:12,tanh,dense:10", "optimizer=momentum batch=7 val-resample=true diagnose=true"},
    {"dense:10", "optimizer=sgd loss=gce:0.6 folds=3 fold=1 keep-best=none"},
    {"dense:12,relu,dense:10", "optimizer=nadam ema=0.8 clip-norm=1 schedule=cosine warmup=0.5 max-norm=1"},
    {"dense:10", "optimizer=momentum schedule=plateau:factor=0.5:patience=1:min-delta=0.1 weight-decay=0.01 patience=3 min-delta=0.01"},
    {"dense:10", "optimizer=adamw schedule=one-cycle-momentum"},
    {"dense:12,relu,dense:10", "noise=0.4 noise-draw=exact diagnose=true"},
};
enum { RECIPES = sizeof recipes / sizeof *recipes };

/* What a run left behind, in the plain memory that a child can write to a pipe. */
typedef struct outcome {
    lenet_status status;
    lenet_error error;
    char last[65], kept[65];
    int epochs, best_epoch, told;
    size_t train_count, val_count;
    double test_loss, test_accuracy;
    lenet_epoch history[MOST_EPOCHS];
    lenet_diagnosis figures[MOST_EPOCHS];
    lenet_layer_diagnosis layers[MOST_EPOCHS][MOST_LAYERS];
    int stop_after; /* the epoch; 0: none */
} outcome;

/* Images with something to learn: a class lights a stripe of its own, over noise. */
static lenet_dataset *make_images(uint64_t seed)
{
    static uint8_t images[IMAGES * PIXELS], labels[IMAGES];
    ln_random random = ln_random_open(seed, LN_FOR_WEIGHTS, 0, 0);
    for (size_t i = 0; i < IMAGES; i++) {
        labels[i] = (uint8_t)(i * 7 % 10);
        for (size_t p = 0; p < PIXELS; p++)
            images[i * PIXELS + p] = (uint8_t)(ln_random_below(&random, 128) + (p * 10 / PIXELS == labels[i] ? 100 : 0));
    }
    lenet_dataset *dataset = NULL;
    assert_int_equal(lenet_dataset_create(&dataset, (lenet_shape){1, SIDE, SIDE}, 10, IMAGES, images, labels, NULL), LENET_OK);
    return dataset;
}

static lenet_settings settings_of(const recipe *r)
{
    static char kept[8][256]; /* names that settings point into */
    static int used;
    lenet_settings settings;
    lenet_settings_default(&settings);
    settings.epochs = MOST_EPOCHS;
    settings.batch = 20;
    settings.compute.threads = 1;
    char *text = kept[used++ % 8], *rest = NULL;
    snprintf(text, sizeof kept[0], "%s", r->settings);
    for (char *word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        char *value = strchr(word, '=');
        *value++ = '\0';
        assert_int_equal(lenet_settings_set(&settings, word, value, NULL), LENET_OK);
    }
    return settings;
}

static int on_epoch(void *context, const lenet_epoch *epoch)
{
    outcome *o = context;
    const int i = o->told++;
    o->history[i] = *epoch;
    if (epoch->diagnosis) {
        o->figures[i] = *epoch->diagnosis;
        memcpy(o->layers[i], epoch->diagnosis->layers, epoch->diagnosis->layer_count * sizeof o->layers[i][0]);
    }
    return epoch->epoch == o->stop_after;
}

/* Trains, with this checkpoint (NULL: none) and what the settings say besides. */
static void train(const recipe *r, lenet_settings *settings, const lenet_dataset *images, outcome *o)
{
    lenet_model *model = NULL;
    lenet_result result = {0};
    o->told = 0;
    settings->on_epoch = on_epoch;
    settings->context = o;
    assert_int_equal(lenet_model_create(&model, r->architecture, (lenet_shape){1, SIDE, SIDE}, 10, NULL), LENET_OK);
    o->status = lenet_train(model, images, test_images, settings, &result, &o->error);
    memcpy(o->last, result.weights_sha256, sizeof o->last);
    lenet_model_sha256(model, o->kept);
    o->epochs = result.epochs;
    o->best_epoch = result.best_epoch;
    o->train_count = result.train_count;
    o->val_count = result.val_count;
    o->test_loss = result.test_loss;
    o->test_accuracy = result.test_accuracy;
    lenet_model_close(&model);
}

static void expect_same_number(double a, double b) { assert_memory_equal(&a, &b, sizeof a); }

static void expect_same_epoch(const outcome *a, const outcome *b, int i)
{
    lenet_epoch x = a->history[i], y = b->history[i];
    const lenet_diagnosis *d = &a->figures[i], *e = &b->figures[i];
    assert_int_equal(x.diagnosis != NULL, y.diagnosis != NULL);
    if (x.diagnosis) {
        assert_int_equal(d->layer_count, e->layer_count);
        assert_memory_equal(a->layers[i], b->layers[i], d->layer_count * sizeof a->layers[i][0]);
        assert_int_equal(d->largest_class, e->largest_class);
    }
    assert_int_equal(x.epoch, y.epoch);
    x.values[LENET_SECONDS] = y.values[LENET_SECONDS] = 0;
    assert_memory_equal(x.values, y.values, sizeof x.values);
}

static void expect_same(const outcome *a, const outcome *b)
{
    assert_int_equal(a->status, LENET_OK);
    assert_string_equal(b->status ? b->error.text : "", "");
    assert_string_equal(a->last, b->last);
    assert_string_equal(a->kept, b->kept);
    assert_int_equal(a->epochs, b->epochs);
    assert_int_equal(a->best_epoch, b->best_epoch);
    assert_int_equal(a->train_count, b->train_count);
    assert_int_equal(a->val_count, b->val_count);
    expect_same_number(a->test_loss, b->test_loss);
    expect_same_number(a->test_accuracy, b->test_accuracy);
    assert_int_equal(a->told, b->told);
    for (int i = 0; i < a->told; i++)
        expect_same_epoch(a, b, i);
}

static outcome undisturbed(const recipe *r)
{
    outcome o = {0};
    lenet_settings settings = settings_of(r);
    train(r, &settings, train_images, &o);
    return o;
}

/* ------------------------------------------------------------------------------------------------------- killing */

/* Lets a child train for so long and kills it. True: it came to its end before, and `o` has what it wrote. */
static int train_for(const recipe *r, double seconds, outcome *o)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (!child) {
        lenet_settings settings = settings_of(r);
        settings.checkpoint = path;
        settings.checkpoint_seconds = 0;
        train(r, &settings, train_images, o);
        _exit(write(ends[1], o, sizeof *o) != (ssize_t)sizeof *o);
    }
    close(ends[1]);
    const struct timespec wait = {(time_t)seconds, (long)((seconds - floor(seconds)) * 1e9)};
    nanosleep(&wait, NULL);
    kill(child, SIGKILL);
    const int is_whole = read(ends[0], o, sizeof *o) == (ssize_t)sizeof *o;
    close(ends[0]);
    assert_int_equal(waitpid(child, NULL, 0), child);
    return is_whole;
}

/* What a run that writes a checkpoint after each step takes: the fastest of three. */
static double shortest_time(const recipe *r)
{
    double least = INFINITY;
    for (int i = 0; i < 3; i++) {
        outcome o = {0};
        lenet_settings settings = settings_of(r);
        settings.checkpoint = path;
        settings.checkpoint_seconds = 0;
        const double began = ln_seconds();
        train(r, &settings, train_images, &o);
        least = fmin(least, ln_seconds() - began);
        assert_int_equal(unlink(path), 0);
    }
    return least;
}

/*
 * Trains to the end with kills between; returns how many. The moments are drawn by a seed, in parts of what the run
 * takes here, for no clock tells a fast machine. They grow, so that a slow machine comes to the end too.
 */
static int train_with_kills(const recipe *r, ln_random *random, outcome *o)
{
    const double part = shortest_time(r) / 12;
    int kills = 0;
    *o = (outcome){0};
    while (!train_for(r, part * (1 + ln_random_unit(random) * (1 + kills / 4)), o))
        assert_true(++kills < MOST_KILLS);
    return kills;
}

static void test_killed(void **state)
{
    (void)state;
    for (const recipe *r = recipes; r < recipes + RECIPES; r++) {
        const outcome whole = undisturbed(r);
        ln_random random = ln_random_open(7, LN_FOR_WEIGHTS, 0, (uint32_t)(r - recipes));
        outcome o;
        int kills = 0;
        for (int tries = 0; tries < 5 && kills < 3; tries++) { /* where the system is busy, a kill may come late */
            unlink(path);
            kills = train_with_kills(r, &random, &o);
        }
        print_message("%s: killed %d times\n", r->settings, kills);
        assert_true(kills >= 3);
        expect_same(&whole, &o);
        assert_int_equal(unlink(path), 0);
        assert_int_equal(rmdir(folder), 0); /* nothing else is left of those that were killed while they wrote */
        assert_int_equal(mkdir(folder, 0700), 0);
    }
}

/* Stopped after each epoch, going on with other threads and instruction sets. */
static void test_stopped(void **state)
{
    (void)state;
    const char *const *isa = lenet_isa_list();
    const recipe *r = &recipes[1];
    const outcome whole = undisturbed(r);
    outcome o = {0};
    for (o.stop_after = 1; o.stop_after <= MOST_EPOCHS + 1; o.stop_after++) {
        lenet_settings settings = settings_of(r);
        settings.checkpoint = path;
        settings.compute = (lenet_compute){1 + o.stop_after % 3, *isa};
        isa = isa[1] ? isa + 1 : lenet_isa_list();
        train(r, &settings, train_images, &o);
        assert_int_equal(o.status, o.stop_after > MOST_EPOCHS ? LENET_OK : LENET_STOPPED);
        assert_int_equal(o.told, o.stop_after > MOST_EPOCHS ? MOST_EPOCHS : o.stop_after);
    }
    expect_same(&whole, &o);
    assert_int_equal(unlink(path), 0);
}

/* ------------------------------------------------------------------------------------------------------ refusing */

static void read_checkpoint(unsigned char **data, size_t *size)
{
    lenet_error error = {LENET_OK, ""};
    ln_read_file(path, 1 << 24, data, size, &error);
    assert_string_equal(error.text, "");
}

/* Leaves the checkpoint of a run that was stopped after two epochs. */
static void leave_checkpoint(const recipe *r)
{
    outcome o = {.stop_after = 2};
    lenet_settings settings = settings_of(r);
    settings.checkpoint = path;
    train(r, &settings, train_images, &o);
    assert_int_equal(o.status, LENET_STOPPED);
}

/* Going on must fail with this status and reason, and leave the file as it is. */
static void expect_refusal(const recipe *r, lenet_settings settings, const lenet_dataset *images, lenet_status status, const char *reason)
{
    unsigned char *before = NULL, *after = NULL;
    size_t size = 0, size_after = 0;
    outcome o = {0};
    read_checkpoint(&before, &size);
    settings.checkpoint = path;
    train(r, &settings, images, &o);
    assert_int_equal(o.status, status);
    if (!strstr(o.error.text, reason) || !strstr(o.error.text, path))
        fail_msg("'%s' should name the file and say '%s'", o.error.text, reason);
    assert_int_equal(o.told, 0);
    read_checkpoint(&after, &size_after);
    assert_int_equal(size, size_after);
    assert_memory_equal(before, after, size);
    ln_free(before);
    ln_free(after);
}

static void test_other_run(void **state)
{
    (void)state;
    const recipe *r = &recipes[0];
    leave_checkpoint(r);
    lenet_settings other = settings_of(r);
    other.learning_rate = 0.002;
    expect_refusal(r, other, train_images, LENET_USAGE, "its lr is 0.001, here it is 0.002");
    other = settings_of(r);
    other.seed = 2;
    expect_refusal(r, other, train_images, LENET_USAGE, "its seed is 1, here it is 2");
    other = settings_of(r);
    other.optimizer = "sgd";
    expect_refusal(r, other, train_images, LENET_USAGE, "its optimizer is adam, here it is sgd");
    other = settings_of(r);
    other.epochs++;
    expect_refusal(r, other, train_images, LENET_USAGE, "its epochs is 6, here it is 7");
    expect_refusal(r, settings_of(r), other_images, LENET_USAGE, "its data_sha256 is ");
    expect_refusal(&recipes[2], settings_of(r), train_images, LENET_USAGE, "its architecture is ");
    assert_int_equal(unlink(path), 0);
}

/* Puts `with` over the beginning of the file's first `text`. */
static void overwrite(const char *text, const char *with)
{
    unsigned char *data = NULL;
    size_t size = 0;
    read_checkpoint(&data, &size);
    unsigned char *found = memmem(data, size, text, strlen(text));
    assert_non_null(found);
    memcpy(found, with, strlen(with));
    assert_int_equal(ln_write_file(path, data, size, NULL), LENET_OK);
    ln_free(data);
}

static void test_damaged_file(void **state)
{
    (void)state;
    const recipe *r = &recipes[0];
    leave_checkpoint(r);
    overwrite("\"lenet\":\"" LENET_VERSION, "\"lenet\":\"9");
    expect_refusal(r, settings_of(r), train_images, LENET_USAGE, "its lenet is 9");
    assert_int_equal(unlink(path), 0);
    leave_checkpoint(r);
    overwrite("weights.conv1.bias", "weights.conv2");
    expect_refusal(r, settings_of(r), train_images, LENET_INPUT, "'weights.conv1.bias' is missing");
    assert_int_equal(ln_write_file(path, "", 0, NULL), LENET_OK);
    expect_refusal(r, settings_of(r), train_images, LENET_INPUT, "too few");
    assert_int_equal(unlink(path), 0);
}

static void test_cannot_be_written(void **state)
{
    (void)state;
    outcome o = {0};
    lenet_settings settings = settings_of(&recipes[0]);
    settings.checkpoint = "/proc/lenet/checkpoint";
    train(&recipes[0], &settings, train_images, &o);
    assert_int_equal(o.status, LENET_IO);
    assert_non_null(strstr(o.error.text, "/proc/lenet/checkpoint"));
    assert_int_equal(o.epochs, 1);
}

/* ----------------------------------------------------------------------------------------------- any byte of it */

/* A small state of every type. */
typedef struct small {
    uint8_t bytes[5];
    int number;
    uint32_t words[2];
    int64_t wide;
    uint64_t counts[3];
    float weights[6];
    double sum;
} small;

static void add_small(ln_state *state, small *s)
{
    ln_state_add(state, "bytes", s->bytes, 5);
    ln_state_add(state, "number", &s->number, 1);
    ln_state_add(state, "words", s->words, 2);
    ln_state_add(state, "wide", &s->wide, 1);
    ln_state_add(state, "counts", s->counts, 3);
    ln_state_add_tensor(state, "weights", LN_F32, s->weights, 2, (int[]){2, 3});
    ln_state_add(state, "sum", &s->sum, 1);
    assert_int_equal(ln_state_check(state, NULL), LENET_OK);
}

static const ln_identity small_identity = {(ln_note[]){{"format", "lenet checkpoint 1"}, {"seed", "1"}}, 2};

/* 1: `s` is filled from the bytes. 0: refused, with a reason, and `s` is as it was. */
static int take(const unsigned char *data, size_t size, small *s)
{
    lenet_error error = {LENET_OK, ""};
    ln_safetensors *file = NULL;
    ln_state state = {0};
    add_small(&state, s);
    lenet_status status = ln_checkpoint_parse(&file, data, size, "file", &small_identity, &error);
    if (!status)
        status = ln_checkpoint_fill(file, "file", &state, &error);
    ln_safetensors_close(&file);
    ln_state_close(&state);
    assert_int_equal(status, error.status);
    assert_true(!status || !strncmp(error.text, "file: ", 6));
    return !status;
}

static void test_any_byte(void **state)
{
    (void)state;
    const small truth = {{1, 2, 3, 4, 5}, -7, {8, 9}, -10, {11, 12, 1ull << 60}, {1.5f, -0.0f, INFINITY, 1e-40f, 3, 4}, 0.1};
    small source = truth, nothing, s;
    ln_state pieces = {0};
    unsigned char *data = NULL;
    size_t size = 0, accepted = 0;
    add_small(&pieces, &source);
    assert_int_equal(ln_checkpoint_write(path, &pieces, &small_identity, NULL), LENET_OK);
    ln_state_close(&pieces);
    read_checkpoint(&data, &size);
    memset(&nothing, 0, sizeof nothing);
    s = nothing;
    assert_true(take(data, size, &s));
    assert_memory_equal(s.weights, truth.weights, sizeof s.weights);
    for (size_t length = 0; length < size; length++) {
        unsigned char *part = malloc(length + 1); /* as long as it is, for the address sanitizer */
        assert_non_null(part);
        memcpy(part, data, length);
        s = nothing;
        assert_false(take(part, length, &s));
        assert_memory_equal(&s, &nothing, sizeof s);
        free(part);
    }
    for (size_t bit = 0; bit < 8 * size; bit++) { /* either refused, or it makes no difference */
        data[bit / 8] ^= (unsigned char)(1u << bit % 8);
        s = nothing;
        const int is_taken = take(data, size, &s);
        accepted += (size_t)is_taken;
        assert_int_equal(memcmp(s.bytes, is_taken ? truth.bytes : nothing.bytes, sizeof s.bytes), 0);
        assert_int_equal(s.number, is_taken ? truth.number : 0);
        assert_memory_equal(s.counts, is_taken ? truth.counts : nothing.counts, sizeof s.counts);
        assert_memory_equal(s.weights, is_taken ? truth.weights : nothing.weights, sizeof s.weights);
        data[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
    print_message("%zu bits, of which %zu make no difference\n", 8 * size, accepted);
    assert_true(accepted < 64); /* blanks behind the header that may be tabs, and the like */
    ln_free(data);
    assert_int_equal(unlink(path), 0);
}

static int open_all(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/checkpoint.safetensors", folder);
    train_images = make_images(1);
    test_images = make_images(2);
    other_images = make_images(3);
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    lenet_dataset_close(&train_images);
    lenet_dataset_close(&test_images);
    lenet_dataset_close(&other_images);
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_killed),          cmocka_unit_test(test_stopped),           cmocka_unit_test(test_other_run),
        cmocka_unit_test(test_damaged_file),    cmocka_unit_test(test_cannot_be_written), cmocka_unit_test(test_any_byte),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
