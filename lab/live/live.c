/* SPDX-License-Identifier: MIT */
/* live.c - see live.h. Answers are JSON, columns before rows; only the pages and a drawing page are not. */
#include "lab/live/live.h"

#include "lab/data/datasets.h"
#include "lab/live/files.h"
#include "lab/live/index.h"
#include "lab/runs/store.h"
#include "lab/text/base64.h"
#include "lab/text/json.h"
#include "util/clock.h"
#include "util/error.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_CURVES = 60, MOST_WRONG = 60 };

struct lab_live {
    const char *name; /* of the database */
    lab_store *store;
    lab_index *index;
    lab_datasets *datasets;
    lab_study *study; /* NULL: none */
    bool is_identified;
    double tried; /* when it could not be identified */
};

lenet_status lab_live_open(lab_live **out, const lab_live_setup *setup, lenet_error *error)
{
    lab_live *live = calloc(1, sizeof *live);
    if (!live)
        return ln_fail(error, LENET_FAILURE, "out of memory for the live page");
    live->name = setup->db;
    lenet_status status = lab_store_open(&live->store, setup->db, 0, error);
    if (!status)
        status = lab_index_open(&live->index, live->store, error);
    if (!status)
        status = lab_datasets_create(&live->datasets, setup->folder, error);
    if (!status && setup->study)
        status = lab_study_open(&live->study, setup->study, setup->variant, error);
    if (status)
        lab_live_close(&live);
    else
        *out = live;
    return status;
}

void lab_live_close(lab_live **handle)
{
    lab_live *live = *handle;
    *handle = NULL;
    if (!live)
        return;
    lab_study_close(&live->study);
    lab_datasets_close(&live->datasets);
    lab_index_close(&live->index);
    lab_store_close(&live->store);
    free(live);
}

/* ------------------------------------------------------------------------------------------------------- arguments */

/* A whole number of at most `most`; `fallback` where there is none. */
static int64_t number_argument(lab_pool *pool, lab_argument *argument, void *request, const char *key, int64_t fallback,
                               int64_t most)
{
    const char *text = argument(request, key);
    if (!text)
        return fallback;
    char *end;
    const long long number = strtoll(text, &end, 10);
    if (*end || end == text || number < 0 || number > most || strlen(text) > 18)
        lab_fail(pool, LENET_USAGE, "%s is no number from 0 to %jd", key, (intmax_t)most);
    return number;
}

static int64_t run_argument(lab_pool *pool, lab_argument *argument, void *request)
{
    return number_argument(pool, argument, request, "id", 0, INT64_MAX / 16);
}

/* -------------------------------------------------------------------------------------------------------------- rows */

/* Rows of an answer of the database on their way into a text, as JSON arrays. */
typedef struct listing {
    lab_text *out;
    json_t *rows;
    bool lacks_memory;
} listing;

static json_t *value_of(const lab_value *value)
{
    switch (value->type) {
    case LAB_INTEGER: return json_integer(value->integer);
    case LAB_REAL: return value_of_number(value->real);
    case LAB_TEXT: return value_of_text(value->text);
    case LAB_NULL:
    case LAB_BLOB: break;
    }
    return json_null();
}

static int list_row(void *context, int columns, const char *const *names, const lab_value *values)
{
    listing *l = context;
    json_t *list = json_array();
    (void)names;
    for (int i = 0; i < columns && list; i++)
        json_array_append_new(list, value_of(&values[i]));
    l->lacks_memory |= !list || json_array_append_new(l->rows, list);
    return l->lacks_memory;
}

/* Appends the JSON of a value, which is given away. */
static void append_value(lab_text *out, json_t *value)
{
    char *text = value ? json_text(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(9)) : NULL;
    json_decref(value);
    if (!text)
        lab_fail(out->pool, LENET_FAILURE, "out of memory for an answer");
    lab_append_bytes(out, text, strlen(text));
    free(text);
}

/* Appends the rows that `sql` finds for a run, as [[...], ...]. */
static void append_rows(lab_live *live, lab_text *out, const char *sql, int64_t run)
{
    const char *const texts[] = {lab_format(out->pool, "%jd", (intmax_t)run), NULL};
    listing l = {.out = out, .rows = json_array()};
    const lenet_status status = lab_store_query(live->store, sql, texts, list_row, &l, &out->pool->error);
    if (status || l.lacks_memory) {
        json_decref(l.rows);
        lab_check(out->pool, status);
        lab_fail(out->pool, LENET_FAILURE, "out of memory for an answer");
    }
    append_value(out, l.rows);
}

/* ---------------------------------------------------------------------------------------------------------- progress */

/*
 * Gives the runs of the study their identities, which needs what the database knows of the data; until then
 * there is no progress.
 */
static bool identify_study(lab_live *live)
{
    const double now = ln_seconds();
    if (live->is_identified || !live->study || (live->tried > 0 && now - live->tried < 5))
        return live->is_identified;
    live->tried = now;
    live->is_identified = !lab_study_identify(live->study, lab_store_subject, live->store, NULL);
    return live->is_identified;
}

typedef struct counts {
    int all, finished, running, failed;
} counts;

static void count_run(lab_live *live, const lab_study_run *run, counts *c)
{
    const char *state = *run->recipe.identity ? lab_index_state(live->index, run->recipe.identity) : NULL;
    c->all++;
    c->finished += state && (!strcmp(state, "finished") || !strcmp(state, "diverged"));
    c->running += state && !strcmp(state, "running");
    c->failed += state && !strcmp(state, "failed");
}

static void append_study(lab_live *live, lab_text *out)
{
    const lab_study *study = live->study;
    if (!identify_study(live)) {
        lab_append(out, "null");
        return;
    }
    json_t *experiments = json_array();
    for (size_t i = 0; i < study->experiment_count; i++) {
        const lab_experiment *experiment = &study->experiments[i];
        counts c = {0, 0, 0, 0};
        for (size_t p = 0; p < experiment->point_count; p++)
            for (size_t r = 0; r < experiment->points[p].run_count; r++)
                count_run(live, &experiment->points[p].runs[r], &c);
        json_array_append_new(experiments,
                              json_pack("{s:o, s:i, s:i, s:i, s:i}", "title", value_of_text(experiment->title), "runs",
                                        c.all, "finished", c.finished, "running", c.running, "failed", c.failed));
    }
    append_value(out, json_pack("{s:o, s:o}", "title", value_of_text(study->title), "experiments", experiments));
}

static void answer_runs(lab_live *live, lab_text *out, lab_argument *argument, void *request)
{
    const lab_index_stamp since = {
        (uint64_t)number_argument(out->pool, argument, request, "generation", 0, INT64_MAX / 16),
        (uint64_t)number_argument(out->pool, argument, request, "version", 0, INT64_MAX / 16)};
    lab_check(out->pool, lab_index_refresh(live->index, &out->pool->error));
    const lab_index_stamp now = lab_index_now(live->index);
    lab_append(out, "{\"generation\":%ju,\"version\":%ju,\"database\":", (uintmax_t)now.generation,
               (uintmax_t)now.version);
    append_value(out, value_of_text(live->name));
    lab_append(out, ",\"study\":");
    append_study(live, out);
    lab_append(out, ",");
    lab_index_append(live->index, since, out);
    lab_append(out, "}");
}

/* ----------------------------------------------------------------------------------------------------------- one run */

#define EPOCHS                                                                                                        \
    "SELECT epoch, train_loss, train_accuracy, val_loss, val_accuracy, test_loss, test_accuracy, learning_rate FROM " \
    "epoch"                                                                                                           \
    " WHERE run = ?1 ORDER BY epoch"
#define EPOCH_COLUMNS                                                                                             \
    "[\"epoch\",\"train_loss\",\"train_accuracy\",\"val_loss\",\"val_accuracy\",\"test_loss\",\"test_accuracy\"," \
    "\"learning_rate\"]"

/* {"columns": [...], "curves": {"3": [[...], ...]}} */
static void answer_curves(lab_live *live, lab_text *out, lab_argument *argument, void *request)
{
    const char *at = argument(request, "ids");
    lab_append(out, "{\"columns\":" EPOCH_COLUMNS ",\"curves\":{");
    for (int count = 0; at && *at && count < MOST_CURVES; count++) {
        char *end;
        const long long id = strtoll(at, &end, 10);
        if (end == at || id < 0 || (*end && *end != ','))
            lab_fail(out->pool, LENET_USAGE, "ids are numbers with commas between them");
        lab_append(out, "%s\"%lld\":", count ? "," : "", id);
        append_rows(live, out, EPOCHS, id);
        at = *end ? end + 1 : end;
    }
    lab_append(out, "}}");
}

/* What is asked of a run beside its rows. */
typedef struct about {
    char *recipe, *data, *class_names, *test_sha256;
    char identity[65];
    uint8_t *predicted;
    size_t count;
    bool is_there, lacks_memory;
} about;

static char *copy_text(about *a, const lab_value *value)
{
    char *copy = value->type == LAB_TEXT ? strdup(value->text) : NULL;
    a->lacks_memory |= value->type == LAB_TEXT && !copy;
    return copy;
}

static int take_about(void *context, int columns, const char *const *names, const lab_value *v)
{
    about *a = context;
    (void)columns, (void)names;
    a->is_there = true;
    a->recipe = copy_text(a, &v[0]);
    a->data = copy_text(a, &v[1]);
    a->class_names = copy_text(a, &v[2]);
    a->test_sha256 = copy_text(a, &v[3]);
    snprintf(a->identity, sizeof a->identity, "%s", v[4].text ? v[4].text : "");
    if (v[5].type == LAB_BLOB && v[5].bytes) {
        a->predicted = malloc(v[5].bytes);
        a->lacks_memory |= !a->predicted;
        a->count = a->predicted ? v[5].bytes : 0;
        if (a->predicted)
            memcpy(a->predicted, v[5].blob, v[5].bytes);
    }
    return 1;
}

static void forget(about *a)
{
    free(a->recipe);
    free(a->data);
    free(a->class_names);
    free(a->test_sha256);
    free(a->predicted);
}

/* Everything is copied into the pool, so that a failure later leaves nothing held. */
static about ask_about(lab_live *live, lab_pool *pool, int64_t run)
{
    static const char sql[] = "SELECT recipe, data, (SELECT class_names FROM subject WHERE subject.data = run.data AND "
                              "train_sha256 = data_sha256"
                              " ORDER BY seen DESC LIMIT 1), json_extract(recipe, '$.test_data_sha256'), identity, "
                              "predicted FROM run WHERE id = ?1";
    const char *const texts[] = {lab_format(pool, "%jd", (intmax_t)run), NULL};
    about read = {.is_there = false}, kept;
    const lenet_status status = lab_store_query(live->store, sql, texts, take_about, &read, &pool->error);
    kept = read;
    if (!status && read.is_there && !read.lacks_memory) {
        char **const from[] = {&read.recipe, &read.data, &read.class_names, &read.test_sha256};
        char **const to[] = {&kept.recipe, &kept.data, &kept.class_names, &kept.test_sha256};
        for (size_t i = 0; i < sizeof from / sizeof *from; i++) {
            *to[i] = *from[i] ? lab_try_alloc(pool, strlen(*from[i]) + 1, 1) : NULL;
            read.lacks_memory |= *from[i] && !*to[i];
            if (*to[i])
                strcpy(*to[i], *from[i]);
        }
        kept.predicted = read.count ? lab_try_alloc(pool, read.count, 1) : NULL;
        read.lacks_memory |= read.count && !kept.predicted;
        if (kept.predicted)
            memcpy(kept.predicted, read.predicted, read.count);
    }
    forget(&read);
    lab_check(pool, status);
    if (read.lacks_memory)
        lab_fail(pool, LENET_FAILURE, "out of memory for an answer");
    if (!read.is_there)
        lab_fail(pool, LENET_INPUT, "there is no run %jd", (intmax_t)run);
    return kept;
}

static bool find_model(lab_live *live, const char *identity, char path[PATH_MAX])
{
    return !lab_store_model(live->store, identity, 0, path, NULL) && !access(path, R_OK);
}

/* JSON that stands in the database, or null. */
static void append_stored(lab_text *out, const char *text)
{
    bool lacks_memory;
    json_t *value = text ? json_read(text, &lacks_memory) : NULL;
    append_value(out, value ? value : json_null());
}

static void answer_run(lab_live *live, lab_text *out, lab_argument *argument, void *request)
{
    const int64_t run = run_argument(out->pool, argument, request);
    const about a = ask_about(live, out->pool, run);
    char path[PATH_MAX];
    lab_append(out, "{\"id\":%jd,\"identity\":\"%s\",\"has_model\":%s,\"recipe\":", (intmax_t)run, a.identity,
               find_model(live, a.identity, path) ? "true" : "false");
    append_stored(out, a.recipe);
    lab_append(out, ",\"class_names\":");
    append_stored(out, a.class_names);
    lab_append(out, ",\"columns\":" EPOCH_COLUMNS ",\"epochs\":");
    append_rows(live, out, EPOCHS, run);
    lab_append(out, ",\"confusion\":");
    append_rows(live, out, "SELECT truth, predicted, count FROM confusion WHERE run = ?1 ORDER BY truth, predicted",
                run);
    lab_append(out, "}");
}

/* ------------------------------------------------------------------------------------------------------ wrong images */

/* The test images of the run, if they are those it was tested on. */
static const lenet_dataset *open_test(lab_live *live, lab_pool *pool, const about *a)
{
    const lenet_dataset *train, *test;
    if (!a->data || !a->predicted)
        lab_fail(pool, LENET_INPUT, "this run has not classified test images");
    lab_check(pool, lab_datasets_open(live->datasets, a->data, NULL, &train, &test, &pool->error));
    if (!a->test_sha256 || strcmp(lenet_dataset_sha256(test), a->test_sha256) || lenet_dataset_count(test) != a->count)
        lab_fail(pool, LENET_INPUT, "the images of %s here are not those of this run", a->data);
    return test;
}

static void append_image(lab_text *out, const lenet_dataset *test, size_t image, int predicted)
{
    const lenet_shape shape = lenet_dataset_shape(test);
    const size_t size = (size_t)shape.channels * (size_t)shape.height * (size_t)shape.width;
    lab_append(out, "[%zu,%d,%d,\"", image, lenet_dataset_labels(test)[image], predicted);
    lab_append_base64(out, lenet_dataset_images(test) + image * size, size);
    lab_append(out, "\"]");
}

/* The test images of class `truth` taken for `predicted` (-1: any), from the `from`-th, each once. */
static void answer_wrong(lab_live *live, lab_text *out, lab_argument *argument, void *request)
{
    const about a = ask_about(live, out->pool, run_argument(out->pool, argument, request));
    const int64_t truth = number_argument(out->pool, argument, request, "truth", -1, 255),
                  predicted = number_argument(out->pool, argument, request, "predicted", -1, 255),
                  from = number_argument(out->pool, argument, request, "from", 0, INT32_MAX);
    const lenet_dataset *test = open_test(live, out->pool, &a);
    const lenet_shape shape = lenet_dataset_shape(test);
    int64_t found = 0;
    lab_append(out, "{\"shape\":[%d,%d,%d],\"images\":[", shape.channels, shape.height, shape.width);
    for (size_t i = 0; i < a.count; i++) {
        const int is = lenet_dataset_labels(test)[i], seen = a.predicted[i];
        if (is == seen || (truth >= 0 && is != truth) || (predicted >= 0 && seen != predicted) || found++ < from ||
            found > from + MOST_WRONG)
            continue;
        lab_append(out, "%s", found == from + 1 ? "" : ",");
        append_image(out, test, i, seen);
    }
    lab_append(out, "],\"count\":%jd}", (intmax_t)found);
}

/* ------------------------------------------------------------------------------------------------------------- pages */

/* The page in memory of its own, as the model must be closed when making it gives up. */
static lenet_status draw_page(lenet_model *model, lab_pool *to, lab_answer *answer, lenet_error *error)
{
    lab_pool pool = {0};
    if (setjmp(pool.on_failure) == 0) {
        const lab_page_text page = lab_drawing_page(&pool, &model, 1);
        char *text = lab_try_alloc(to, page.size, 1);
        if (!text)
            lab_fail(&pool, LENET_FAILURE, "out of memory for a page");
        memcpy(text, page.text, page.size);
        *answer = (lab_answer){{text, page.size}, "text/html; charset=utf-8"};
    }
    lab_pool_close(&pool);
    *error = pool.error;
    return pool.error.status;
}

static lab_answer answer_drawing(lab_live *live, lab_pool *pool, lab_argument *argument, void *request)
{
    const about a = ask_about(live, pool, run_argument(pool, argument, request));
    char path[PATH_MAX];
    lenet_model *model = NULL;
    lab_answer answer = {{NULL, 0}, NULL};
    if (!find_model(live, a.identity, path))
        lab_fail(pool, LENET_INPUT,
                 "this run has no weights there; 'study run --keep-models all' keeps those of every run");
    lab_check(pool, lenet_model_load(&model, path, &pool->error));
    const lenet_status status = draw_page(model, pool, &answer, &pool->error);
    lenet_model_close(&model);
    lab_check(pool, status);
    return answer;
}

static lab_answer answer_file(const char *path)
{
    static const char *const files[][2] = {{"live.html", "text/html; charset=utf-8"},
                                           {"live.js", "text/javascript; charset=utf-8"},
                                           {"live.css", "text/css; charset=utf-8"},
                                           {"common.css", "text/css; charset=utf-8"}};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (!strcmp(path, files[i][0]) || (!i && !*path)) {
            const lab_built_in *file = lab_live_file(files[i][0]);
            return (lab_answer){{file->text, file->size}, files[i][1]};
        }
    return (lab_answer){{NULL, 0}, NULL};
}

lab_answer lab_live_answer(lab_live *live, lab_pool *pool, const char *path, lab_argument *argument, void *request)
{
    static const struct {
        const char *path;
        void (*answer)(lab_live *live, lab_text *out, lab_argument *argument, void *request);
    } answers[] = {{"runs", answer_runs}, {"curves", answer_curves}, {"run", answer_run}, {"wrong", answer_wrong}};
    lab_text out = {.pool = pool};
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
        if (!strcmp(path, answers[i].path)) {
            answers[i].answer(live, &out, argument, request);
            return (lab_answer){{out.data, out.used}, "application/json"};
        }
    return strcmp(path, "draw") ? answer_file(path) : answer_drawing(live, pool, argument, request);
}
