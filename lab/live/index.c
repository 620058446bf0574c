/* SPDX-License-Identifier: MIT */
/* index.c - see index.h. */
#include "lab/live/index.h"

#include "lab/recipe/describe.h"
#include "lab/text/json.h"
#include "util/clock.h"
#include "util/error.h"
#include "util/file.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Seconds between queries of any kind, of runs at work where nothing was written (their process may have
 * died), and of all states.
 */
static const double SHORTEST = 0.4, ACTIVE = 5, ALL = 30;

typedef struct row {
    int64_t id;
    char identity[65], state[12];
    uint64_t version;
    char *choices; /* JSON */
    char *json;
} row;

/* Where a run is, by the first half of its identity, of which 10^9 runs have no two alike. */
typedef struct place {
    char key[32];
    size_t row;
} place;

struct lab_index {
    lab_store *store;
    lab_describer *describer;
    row *rows; /* ascending by id */
    size_t count, room;
    place *places; /* sorted by key; [placed], of `placed_in` */
    size_t placed;
    uint64_t placed_in; /* the generation */
    lab_index_stamp now;
    double queried, queried_active, queried_all;
    int64_t data_version;
    bool lacks_memory;
};

/* ----------------------------------------------------------------------------------------------------------- rows */

static bool is_active(const row *r) { return !strcmp(r->state, "running") || !strcmp(r->state, "stopped"); }

static void forget_rows(lab_index *index)
{
    for (size_t i = 0; i < index->count; i++) {
        free(index->rows[i].choices);
        free(index->rows[i].json);
    }
    index->count = 0;
    index->now.generation++;
}

static int compare_ids(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = ((const row *)b)->id;
    return (x > y) - (x < y);
}

/*
 * The row of this id, a new one at the end if there is none; NULL: out of memory. Ids that are new are larger
 * than all others.
 */
static row *row_of(lab_index *index, int64_t id)
{
    row *found = index->count ? bsearch(&id, index->rows, index->count, sizeof *index->rows, compare_ids) : NULL;
    if (found)
        return found;
    if (index->count == index->room) {
        const size_t room = index->room ? 2 * index->room : 256;
        row *rows = realloc(index->rows, room * sizeof *rows);
        if (!rows)
            return NULL;
        index->rows = rows;
        index->room = room;
    }
    index->rows[index->count] = (row){.id = id};
    return &index->rows[index->count++];
}

/* ------------------------------------------------------------------------------------------------------- querying */

/* What take_row reads, in the order of `names`, with what the page does not get last. */
#define FIELDS                                                                                                         \
    "SELECT id, substr(identity, 1, 12) AS identity12, data, iif(state = 'running' AND lenet_is_dead(owner), "         \
    "'stopped', state) AS state, seed,"                                                                                \
    " coalesce((SELECT max(epoch) FROM epoch WHERE run = run.id), 0) AS epoch, json_extract(recipe, '$.epochs') AS "   \
    "epochs,"                                                                                                          \
    " nullif(best_epoch, 0) AS best_epoch, iif(best_epoch > 0, test_accuracy, NULL) AS test_accuracy,"                 \
    " (SELECT val_accuracy FROM epoch WHERE run = run.id ORDER BY epoch DESC LIMIT 1) AS val_accuracy,"                \
    " (SELECT train_loss FROM epoch WHERE run = run.id ORDER BY epoch DESC LIMIT 1) AS train_loss,"                    \
    " coalesce(seconds, (SELECT sum(seconds) FROM epoch WHERE run = run.id)) AS seconds, claimed, message, identity, " \
    "recipe, " LAB_RUN_IS_28 " FROM run "
enum { STATE = 3, SHOWN = 14, IDENTITY = 14, RECIPE = 15, IS_28 = 16 };

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

static char *describe(lab_index *index, const char *recipe, bool is_28)
{
    bool lacks_memory = false;
    json_t *parsed = json_read(recipe, &lacks_memory),
           *described = parsed ? lab_recipe_words(index->describer, parsed, is_28) : json_string("");
    char *text = described ? json_text(described, JSON_ENCODE_ANY) : NULL;
    json_decref(described);
    json_decref(parsed);
    return text;
}

/* The shown values and the choices as one array. */
static char *text_of_row(const lab_value *values, const char *choices)
{
    json_t *list = json_array();
    bool is_whole = list;
    for (int i = 0; i < SHOWN && is_whole; i++)
        is_whole = !json_array_append_new(list, value_of(&values[i]));
    char *text = is_whole ? json_text(list, JSON_COMPACT | JSON_REAL_PRECISION(7)) : NULL, *whole = NULL;
    json_decref(list);
    if (text && asprintf(&whole, "%.*s,%s]", (int)strlen(text) - 1, text, choices) < 0)
        whole = NULL;
    free(text);
    return whole;
}

static int take_row(void *context, int columns, const char *const *names, const lab_value *values)
{
    lab_index *index = context;
    (void)columns, (void)names;
    row *r = row_of(index, values[0].integer);
    if (r && !r->choices)
        r->choices = describe(index, values[RECIPE].text, values[IS_28].integer == 1);
    char *json = r && r->choices ? text_of_row(values, r->choices) : NULL;
    index->lacks_memory |= !json;
    if (!json)
        return 1;
    snprintf(r->state, sizeof r->state, "%s", values[STATE].text);
    snprintf(r->identity, sizeof r->identity, "%s", values[IDENTITY].text);
    if (r->json && !strcmp(r->json, json)) {
        free(json);
        return 0;
    }
    free(r->json);
    r->json = json;
    r->version = index->now.version + 1;
    return 0;
}

/* Reads the runs of which `where` is true; they get a version later than all before. */
static lenet_status take_rows(lab_index *index, const char *where, lenet_error *error)
{
    char *sql = NULL;
    if (asprintf(&sql, FIELDS "WHERE %s ORDER BY id", where) < 0)
        return ln_fail(error, LENET_FAILURE, "out of memory for the runs of a database");
    lenet_status status = lab_store_query(index->store, sql, NULL, take_row, index, error);
    free(sql);
    if (!status && index->lacks_memory)
        status = ln_fail(error, LENET_FAILURE, "out of memory for the runs of a database");
    index->lacks_memory = false;
    index->now.version++;
    return status;
}

/* "id > 17 OR id IN (3, 5)": the runs that are new and those of which `wanted` is true. */
static char *condition(const lab_index *index, bool (*wanted)(const row *))
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    if (!file)
        return NULL;
    fprintf(file, "id > %jd OR id IN (0", index->count ? (intmax_t)index->rows[index->count - 1].id : 0);
    for (size_t i = 0; i < index->count; i++)
        if (wanted(&index->rows[i]))
            fprintf(file, ", %jd", (intmax_t)index->rows[i].id);
    fputc(')', file);
    return ln_close_text(file, &text);
}

static lenet_status take_wanted(lab_index *index, bool (*wanted)(const row *), lenet_error *error)
{
    char *where = condition(index, wanted);
    const lenet_status status = where ? take_rows(index, where, error)
                                      : ln_fail(error, LENET_FAILURE, "out of memory for the runs of a database");
    free(where);
    return status;
}

/* ------------------------------------------------------------------------------------------------------ all states */

/* A walk over all runs beside the rows: whether each is the same run, and which have another state. */
typedef struct comparison {
    lab_index *index;
    size_t at;
    bool is_other; /* runs were removed, and maybe others have their ids */
} comparison;

static bool is_marked(const row *r) { return !*r->state || is_active(r); }

static int compare_row(void *context, int columns, const char *const *names, const lab_value *values)
{
    comparison *c = context;
    (void)columns, (void)names;
    if (c->at == c->index->count) /* new ones */
        return 1;
    row *r = &c->index->rows[c->at++];
    c->is_other = r->id != values[0].integer || strcmp(r->identity, values[1].text) != 0;
    if (strcmp(r->state, values[2].text) != 0)
        r->state[0] = '\0';
    return c->is_other;
}

static lenet_status compare_all(lab_index *index, lenet_error *error)
{
    comparison c = {.index = index};
    const lenet_status status =
        lab_store_query(index->store, "SELECT id, identity, state FROM run ORDER BY id", NULL, compare_row, &c, error);
    if (status)
        return status;
    if (!c.is_other && c.at == index->count)
        return take_wanted(index, is_marked, error);
    forget_rows(index);
    return take_rows(index, "1", error);
}

/* ---------------------------------------------------------------------------------------------------------- public */

static int take_number(void *context, int columns, const char *const *names, const lab_value *values)
{
    (void)columns, (void)names;
    *(int64_t *)context = values[0].integer;
    return 1;
}

lenet_status lab_index_refresh(lab_index *index, lenet_error *error)
{
    const double now = ln_seconds();
    int64_t version = index->data_version;
    if (now - index->queried < SHORTEST)
        return LENET_OK;
    index->queried = now;
    lenet_status status = lab_store_query(index->store, "SELECT data_version FROM pragma_data_version", NULL,
                                          take_number, &version, error);
    const bool is_written = version != index->data_version;
    if (status || (!is_written && now - index->queried_active < ACTIVE))
        return status;
    const bool all = now - index->queried_all > ALL;
    status = all ? compare_all(index, error) : take_wanted(index, is_active, error);
    if (!status) {
        index->data_version = version;
        index->queried_active = now;
        index->queried_all = all ? now : index->queried_all;
    }
    return status;
}

lenet_status lab_index_open(lab_index **out, lab_store *store, lenet_error *error)
{
    lab_index *index = calloc(1, sizeof *index);
    if (index)
        index->describer = lab_describer_open();
    if (!index || !index->describer) {
        free(index);
        return ln_fail(error, LENET_FAILURE, "out of memory for the runs of a database");
    }
    index->store = store;
    index->queried = index->queried_active = index->queried_all = ln_seconds();
    const lenet_status status = take_rows(index, "1", error);
    if (status)
        lab_index_close(&index);
    else
        *out = index;
    return status;
}

void lab_index_close(lab_index **handle)
{
    lab_index *index = *handle;
    *handle = NULL;
    if (!index)
        return;
    forget_rows(index);
    free(index->rows);
    free(index->places);
    lab_describer_close(&index->describer);
    free(index);
}

lab_index_stamp lab_index_now(const lab_index *index) { return index->now; }

void lab_index_append(const lab_index *index, lab_index_stamp since, lab_text *out)
{
    const uint64_t version = since.generation == index->now.generation ? since.version : 0;
    bool is_first = true;
    lab_append(out, "\"columns\":[\"id\",\"identity\",\"data\",\"state\",\"seed\",\"epoch\",\"epochs\",\"best_epoch\","
                    "\"test_accuracy\",\"val_accuracy\","
                    "\"train_loss\",\"seconds\",\"claimed\",\"message\",\"choices\"],\"rows\":[");
    for (size_t i = 0; i < index->count; i++) {
        const row *r = &index->rows[i];
        if (r->version <= version || !r->json)
            continue;
        lab_append_bytes(out, ",\n", is_first ? 0 : 2);
        lab_append_bytes(out, r->json, strlen(r->json));
        is_first = false;
    }
    lab_append(out, "]");
}

static int compare_keys(const void *a, const void *b) { return memcmp(a, b, sizeof((place *)0)->key); }

static bool sort_places(lab_index *index)
{
    if (index->placed == index->count && index->placed_in == index->now.generation)
        return true;
    place *places = realloc(index->places, (index->count + 1) * sizeof *places);
    if (!places)
        return false;
    index->places = places;
    for (size_t i = 0; i < index->count; i++) {
        memcpy(places[i].key, index->rows[i].identity, sizeof places[i].key);
        places[i].row = i;
    }
    qsort(places, index->count, sizeof *places, compare_keys);
    index->placed = index->count;
    index->placed_in = index->now.generation;
    return true;
}

const char *lab_index_state(lab_index *index, const char *identity)
{
    if (!sort_places(index) || !index->placed)
        return NULL;
    const place *found = bsearch(identity, index->places, index->placed, sizeof *found, compare_keys);
    return found && !strcmp(index->rows[found->row].identity, identity) ? index->rows[found->row].state : NULL;
}
