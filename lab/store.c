/* SPDX-License-Identifier: MIT */
/* store.c - see store.h. The only file that sees sqlite3.h. */
#include "lab/store.h"

#include "lab/error.h"

#include <errno.h>
#include <math.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BUSY_MILLISECONDS = 30000, APPLICATION = 0x6c656e65 /* "lene", in the file's header */ };

struct lab_store {
    sqlite3 *database;
    pthread_mutex_t lock; /* one statement or transaction at a time */
    char *path;
};

/* -------------------------------------------------------------------------------------------------------- schema */

/*
 * Script i brings a database from version i to i + 1: never change one that was released, append. What the recipe says is
 * not said twice: the columns data, arch and seed are computed from it.
 */
static const char *const upgrades[] = {
    "CREATE TABLE run ("
    "  id INTEGER PRIMARY KEY,"
    "  identity TEXT NOT NULL UNIQUE CHECK (length(identity) = 64)," /* SHA-256 of recipe */
    "  recipe TEXT NOT NULL CHECK (json_valid(recipe)),"
    "  data TEXT GENERATED ALWAYS AS (json_extract(recipe, '$.data')) VIRTUAL,"
    "  arch TEXT GENERATED ALWAYS AS (json_extract(recipe, '$.arch')) VIRTUAL,"
    "  seed INTEGER GENERATED ALWAYS AS (json_extract(recipe, '$.seed')) VIRTUAL,"
    "  state TEXT NOT NULL CHECK (state IN ('running', 'finished', 'diverged', 'failed')),"
    "  owner TEXT,"      /* 'host:pid' of who trains it; NULL: nobody */
    "  message TEXT,"    /* why it diverged or failed */
    "  version TEXT NOT NULL," /* of the library */
    "  machine TEXT, isa TEXT, threads INTEGER,"
    "  claimed TEXT NOT NULL, ended TEXT," /* UTC, ISO 8601 */
    "  seconds REAL, epochs INTEGER, best_epoch INTEGER, train_count INTEGER, val_count INTEGER, test_count INTEGER,"
    "  test_loss REAL, test_accuracy REAL,"
    "  weights_sha256 TEXT, kept_weights_sha256 TEXT,"
    "  predicted BLOB);" /* class of every test image, u8 */
    "CREATE TABLE epoch ("
    "  run INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,"
    "  epoch INTEGER NOT NULL,"
    "  seconds REAL, learning_rate REAL, train_loss REAL, train_accuracy REAL,"
    "  val_loss REAL, val_accuracy REAL, test_loss REAL, test_accuracy REAL, is_best INTEGER,"
    "  PRIMARY KEY (run, epoch)) WITHOUT ROWID;"
    "CREATE TABLE confusion ("
    "  run INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,"
    "  truth INTEGER NOT NULL, predicted INTEGER NOT NULL, count INTEGER NOT NULL,"
    "  PRIMARY KEY (run, truth, predicted)) WITHOUT ROWID;"
    "CREATE INDEX run_by_data ON run(data, arch);",
};
enum { SCHEMA_VERSION = sizeof upgrades / sizeof *upgrades };

/* -------------------------------------------------------------------------------------------------------- errors */

/* What went wrong in the last call on this database, for people. */
static lenet_status fail(const lab_store *store, lenet_error *error)
{
    const int code = sqlite3_extended_errcode(store->database);
    const char *path = store->path, *what = sqlite3_errmsg(store->database);
    switch (code & 0xff) {
    case SQLITE_NOTADB: return lab_fail(error, LENET_INPUT, "%s: not a database of runs; name another file", path);
    case SQLITE_CORRUPT:
        return lab_fail(error, LENET_INPUT,
                        "%s: damaged (%s); move it away, with its -wal file, and start a new one; 'sqlite3 FILE .recover' may "
                        "save most of it", path, what);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return lab_fail(error, LENET_IO, "%s: another process has kept it locked for %d seconds", path, BUSY_MILLISECONDS / 1000);
    case SQLITE_FULL: return lab_fail(error, LENET_IO, "%s: no room left on the disk; what was stored before is safe", path);
    case SQLITE_READONLY:
        return lab_fail(error, LENET_IO, "%s: may not be written (%s); check who owns it and its folder", path, what);
    case SQLITE_CANTOPEN: return lab_fail(error, LENET_IO, "%s: cannot be opened: %s", path, strerror(sqlite3_system_errno(store->database)));
    case SQLITE_PERM:
    case SQLITE_AUTH: return lab_fail(error, LENET_IO, "%s: access is denied", path);
    case SQLITE_NOMEM: return lab_fail(error, LENET_FAILURE, "%s: out of memory", path);
    case SQLITE_IOERR: return lab_fail(error, LENET_IO, "%s: reading or writing failed (%s); what was stored before is safe", path, what);
    default: return lab_fail(error, LENET_FAILURE, "%s: %s", path, what);
    }
}

static lenet_status execute(lab_store *store, const char *sql, lenet_error *error)
{
    return sqlite3_exec(store->database, sql, NULL, NULL, NULL) ? fail(store, error) : LENET_OK;
}

/* Ends a transaction: a failure of anything in it undoes all of it. */
static lenet_status conclude(lab_store *store, lenet_status status, lenet_error *error)
{
    if (!status)
        status = execute(store, "COMMIT", error);
    if (status)
        sqlite3_exec(store->database, "ROLLBACK", NULL, NULL, NULL);
    return status;
}

/* ------------------------------------------------------------------------------------------------------- binding */

/* A statement on its way: the first failure is kept, what follows it does nothing. */
typedef struct statement {
    lab_store *store;
    sqlite3_stmt *prepared;
    int failed, at;
} statement;

static statement prepare(lab_store *store, const char *sql)
{
    statement s = {.store = store};
    s.failed = sqlite3_prepare_v2(store->database, sql, -1, &s.prepared, NULL);
    return s;
}

static void bind_text(statement *s, const char *text)
{
    if (!s->failed)
        s->failed = text ? sqlite3_bind_text(s->prepared, ++s->at, text, -1, SQLITE_TRANSIENT) : sqlite3_bind_null(s->prepared, ++s->at);
}

static void bind_whole(statement *s, int64_t number)
{
    if (!s->failed)
        s->failed = sqlite3_bind_int64(s->prepared, ++s->at, number);
}

static void bind_real(statement *s, double number) /* NaN is stored as NULL */
{
    if (!s->failed)
        s->failed = isfinite(number) ? sqlite3_bind_double(s->prepared, ++s->at, number) : sqlite3_bind_null(s->prepared, ++s->at);
}

static void bind_blob(statement *s, const void *bytes, size_t size)
{
    if (!s->failed)
        s->failed = bytes ? sqlite3_bind_blob64(s->prepared, ++s->at, bytes, size, SQLITE_STATIC) : sqlite3_bind_null(s->prepared, ++s->at);
}

/* The next row: 1 there is one, 0 there is none, -1 failed. */
static int step(statement *s)
{
    if (s->failed)
        return -1;
    const int code = sqlite3_step(s->prepared);
    if (code == SQLITE_ROW || code == SQLITE_DONE)
        return code == SQLITE_ROW;
    s->failed = code;
    return -1;
}

static lenet_status finish(statement *s, lenet_error *error)
{
    const lenet_status status = s->failed ? fail(s->store, error) : LENET_OK;
    sqlite3_finalize(s->prepared);
    return status;
}

/* Runs a statement that gives no rows. */
static lenet_status run_to_end(statement *s, lenet_error *error)
{
    while (step(s) > 0)
        ;
    return finish(s, error);
}

/* ------------------------------------------------------------------------------------------------------- opening */

static int64_t pragma(lab_store *store, const char *sql)
{
    statement s = prepare(store, sql);
    const int64_t value = step(&s) > 0 ? sqlite3_column_int64(s.prepared, 0) : -1;
    sqlite3_finalize(s.prepared);
    return value;
}

static lenet_status upgrade(lab_store *store, int write, lenet_error *error)
{
    const int64_t version = pragma(store, "PRAGMA user_version"), tables = pragma(store, "SELECT count(*) FROM sqlite_schema");
    if (version < 0 || tables < 0)
        return fail(store, error);
    if (tables && pragma(store, "PRAGMA application_id") != APPLICATION)
        return lab_fail(error, LENET_INPUT, "%s: a database, but not one of runs; name another file", store->path);
    if (version > SCHEMA_VERSION)
        return lab_fail(error, LENET_INPUT, "%s: made by a newer lenet (schema %lld, this one knows up to %d); update lenet, or name another file",
                        store->path, (long long)version, SCHEMA_VERSION);
    if (version == SCHEMA_VERSION)
        return LENET_OK;
    if (!write)
        return lab_fail(error, LENET_INPUT, "%s: of an older lenet (schema %lld); any command that writes brings it up to date", store->path,
                        (long long)version);
    char finally[128];
    lenet_status status = execute(store, "BEGIN IMMEDIATE", error);
    if (status)
        return status;
    /* another process may have been faster */
    for (int64_t i = pragma(store, "PRAGMA user_version"); i < SCHEMA_VERSION && !status; i++)
        status = execute(store, upgrades[i], error);
    snprintf(finally, sizeof finally, "PRAGMA user_version = %d; PRAGMA application_id = %d", SCHEMA_VERSION, APPLICATION);
    if (!status)
        status = execute(store, finally, error);
    return conclude(store, status, error);
}

static lenet_status set_up(lab_store *store, int write, lenet_error *error)
{
    sqlite3_extended_result_codes(store->database, 1);
    sqlite3_busy_timeout(store->database, BUSY_MILLISECONDS);
    /*
     * With a write-ahead log readers never wait. NORMAL may lose the last transactions when the power fails, never when a
     * process does, and cannot damage the file; a sync for every epoch of a tiny run would cost more than the epoch.
     */
    lenet_status status = execute(store, "PRAGMA foreign_keys = ON; PRAGMA synchronous = NORMAL", error);
    if (!status && write)
        status = execute(store, "PRAGMA journal_mode = WAL", error);
    return status ? status : upgrade(store, write, error);
}

lenet_status lab_store_open(lab_store **out, const char *path, int write, lenet_error *error)
{
    lab_store *store = calloc(1, sizeof *store);
    char *copy = strdup(path);
    if (!store || !copy) {
        free(store);
        free(copy);
        return lab_fail(error, LENET_FAILURE, "%s: out of memory", path);
    }
    store->path = copy;
    pthread_mutex_init(&store->lock, NULL);
    const int flags = write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
    lenet_status status;
    if (!write && access(path, F_OK))
        status = lab_fail(error, LENET_IO, "%s: %s", path, strerror(errno));
    else if (sqlite3_open_v2(path, &store->database, flags | SQLITE_OPEN_FULLMUTEX, NULL))
        status = fail(store, error);
    else
        status = set_up(store, write, error);
    if (status)
        lab_store_close(&store);
    else
        *out = store;
    return status;
}

void lab_store_close(lab_store **handle)
{
    lab_store *store = *handle;
    *handle = NULL;
    if (!store)
        return;
    sqlite3_close(store->database);
    pthread_mutex_destroy(&store->lock);
    free(store->path);
    free(store);
}

/* -------------------------------------------------------------------------------------------------------- claims */

static const char *const state_names[] = {"running", "finished", "diverged", "failed"};

const char *lab_state_name(lab_state state) { return state_names[state]; }

static lab_state state_of_name(const char *name)
{
    for (int i = 0; i < 4; i++)
        if (name && !strcmp(name, state_names[i]))
            return (lab_state)i;
    return LAB_FAILED;
}

static void hash(const char *text, char hex[65])
{
    unsigned char digest[EVP_MAX_MD_SIZE] = {0};
    unsigned size = 0;
    EVP_Digest(text, strlen(text), digest, &size, EVP_sha256(), NULL);
    for (int i = 0; i < 32; i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

static void name_owner(char owner[300])
{
    char host[256] = "";
    gethostname(host, sizeof host - 1);
    snprintf(owner, 300, "%s:%ld", host, (long)getpid());
}

/*
 * Is there nobody behind "host:pid" any more? Of another machine that cannot be known: it counts as alive. A number that
 * went to another process in the meantime does too.
 */
static bool is_dead(const char *owner)
{
    char here[256] = "";
    if (!owner)
        return true;
    gethostname(here, sizeof here - 1);
    const size_t length = strlen(here);
    if (strncmp(owner, here, length) || owner[length] != ':')
        return false;
    const long pid = strtol(owner + length + 1, NULL, 10);
    return pid <= 0 || (kill((pid_t)pid, 0) && errno == ESRCH);
}

static lenet_status find_run(lab_store *store, lab_claim *claim, bool *is_free, bool *is_known, lenet_error *error)
{
    statement s = prepare(store, "SELECT id, state, owner FROM run WHERE identity = ?");
    bind_text(&s, claim->identity);
    *is_known = step(&s) > 0;
    if (*is_known) {
        claim->run = sqlite3_column_int64(s.prepared, 0);
        claim->state = state_of_name((const char *)sqlite3_column_text(s.prepared, 1));
        *is_free = claim->state == LAB_FAILED || (claim->state == LAB_RUNNING && is_dead((const char *)sqlite3_column_text(s.prepared, 2)));
    }
    return finish(&s, error);
}

static lenet_status take(lab_store *store, const char *recipe, bool is_known, lab_claim *claim, lenet_error *error)
{
    char owner[300];
    name_owner(owner);
    statement s = prepare(store, is_known ? "UPDATE run SET state = 'running', owner = ?1, message = NULL, version = ?2,"
                                            " claimed = strftime('%Y-%m-%dT%H:%M:%SZ', 'now') WHERE identity = ?3"
                                          : "INSERT INTO run (state, owner, version, identity, recipe, claimed)"
                                            " VALUES ('running', ?1, ?2, ?3, ?4, strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))");
    bind_text(&s, owner);
    bind_text(&s, lenet_version());
    bind_text(&s, claim->identity);
    if (!is_known)
        bind_text(&s, recipe);
    const lenet_status status = run_to_end(&s, error);
    if (!is_known)
        claim->run = sqlite3_last_insert_rowid(store->database);
    claim->state = LAB_RUNNING;
    claim->is_ours = 1;
    return status;
}

lenet_status lab_store_claim(lab_store *store, const char *recipe, lab_claim *claim, lenet_error *error)
{
    lab_claim found = {0};
    bool is_free = true, is_known = false;
    hash(recipe, found.identity);
    pthread_mutex_lock(&store->lock);
    lenet_status status = execute(store, "BEGIN IMMEDIATE", error);
    if (!status) {
        status = find_run(store, &found, &is_free, &is_known, error);
        if (!status && is_free)
            status = take(store, recipe, is_known, &found, error);
        status = conclude(store, status, error);
    }
    pthread_mutex_unlock(&store->lock);
    if (!status)
        *claim = found;
    return status;
}

lenet_status lab_store_release(lab_store *store, int64_t run, lenet_error *error)
{
    pthread_mutex_lock(&store->lock);
    statement s = prepare(store, "UPDATE run SET owner = NULL WHERE id = ? AND state = 'running'");
    bind_whole(&s, run);
    const lenet_status status = run_to_end(&s, error);
    pthread_mutex_unlock(&store->lock);
    return status;
}

/* ------------------------------------------------------------------------------------------------------- results */

lenet_status lab_store_epoch(lab_store *store, int64_t run, const lenet_epoch *e, lenet_error *error)
{
    const double values[] = {e->seconds,  e->learning_rate, e->train_loss, e->train_accuracy,
                             e->val_loss, e->val_accuracy,  e->test_loss,  e->test_accuracy};
    pthread_mutex_lock(&store->lock);
    statement s = prepare(store, "INSERT OR REPLACE INTO epoch (run, epoch, seconds, learning_rate, train_loss, train_accuracy, val_loss,"
                                 " val_accuracy, test_loss, test_accuracy, is_best) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    bind_whole(&s, run);
    bind_whole(&s, e->epoch);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        bind_real(&s, values[i]);
    bind_whole(&s, e->is_best);
    const lenet_status status = run_to_end(&s, error);
    pthread_mutex_unlock(&store->lock);
    return status;
}

static lenet_status put_result(lab_store *store, int64_t run, const lab_outcome *o, lenet_error *error)
{
    static const lenet_result nothing = {.seconds = NAN, .test_loss = NAN, .test_accuracy = NAN};
    const lenet_result *r = o->result ? o->result : &nothing;
    statement s = prepare(store, "UPDATE run SET state = ?, owner = NULL, message = ?, ended = strftime('%Y-%m-%dT%H:%M:%SZ', 'now'),"
                                 " isa = ?, threads = ?, seconds = ?, epochs = ?, best_epoch = ?, train_count = ?, val_count = ?,"
                                 " test_count = ?, test_loss = ?, test_accuracy = ?, weights_sha256 = ?, kept_weights_sha256 = ?,"
                                 " predicted = ? WHERE id = ?");
    bind_text(&s, lab_state_name(o->state));
    bind_text(&s, o->message);
    bind_text(&s, r->isa);
    bind_whole(&s, r->threads);
    bind_real(&s, r->seconds);
    bind_whole(&s, r->epochs);
    bind_whole(&s, r->best_epoch);
    bind_whole(&s, (int64_t)r->train_count);
    bind_whole(&s, (int64_t)r->val_count);
    bind_whole(&s, o->test ? (int64_t)o->test->count : 0);
    bind_real(&s, r->test_loss);
    bind_real(&s, r->test_accuracy);
    bind_text(&s, r->weights_sha256[0] ? r->weights_sha256 : NULL);
    bind_text(&s, o->kept_sha256);
    bind_blob(&s, o->predicted, o->test ? o->test->count : 0);
    bind_whole(&s, run);
    return run_to_end(&s, error);
}

static lenet_status put_confusion(lab_store *store, int64_t run, const lenet_evaluation *test, lenet_error *error)
{
    statement s = prepare(store, "INSERT OR REPLACE INTO confusion (run, truth, predicted, count) VALUES (?, ?, ?, ?)");
    for (int i = 0; i < test->classes * test->classes && !s.failed; i++) {
        s.at = 0;
        bind_whole(&s, run);
        bind_whole(&s, i / test->classes);
        bind_whole(&s, i % test->classes);
        bind_whole(&s, test->confusion[i]);
        if (step(&s) == 0)
            s.failed = sqlite3_reset(s.prepared);
    }
    return finish(&s, error);
}

lenet_status lab_store_finish(lab_store *store, int64_t run, const lab_outcome *outcome, lenet_error *error)
{
    pthread_mutex_lock(&store->lock);
    lenet_status status = execute(store, "BEGIN IMMEDIATE", error);
    if (!status) {
        status = put_result(store, run, outcome, error);
        if (!status && outcome->test)
            status = put_confusion(store, run, outcome->test, error);
        status = conclude(store, status, error);
    }
    pthread_mutex_unlock(&store->lock);
    return status;
}

/* ------------------------------------------------------------------------------------------------------- reading */

static lab_value value_at(sqlite3_stmt *row, int column)
{
    lab_value value = {.type = LAB_NULL, .real = NAN};
    switch (sqlite3_column_type(row, column)) {
    case SQLITE_INTEGER:
        value.type = LAB_INTEGER;
        value.integer = sqlite3_column_int64(row, column);
        value.real = (double)value.integer;
        break;
    case SQLITE_FLOAT:
        value.type = LAB_REAL;
        value.real = sqlite3_column_double(row, column);
        break;
    case SQLITE_TEXT:
        value.type = LAB_TEXT;
        value.text = (const char *)sqlite3_column_text(row, column);
        break;
    case SQLITE_BLOB:
        value.type = LAB_BLOB;
        value.blob = sqlite3_column_blob(row, column);
        break;
    }
    value.bytes = (size_t)sqlite3_column_bytes(row, column);
    return value;
}

enum { MOST_COLUMNS = 64 };

lenet_status lab_store_ask(lab_store *store, const char *sql, const char *const *texts, lab_row *row, void *context, lenet_error *error)
{
    const char *names[MOST_COLUMNS];
    lab_value values[MOST_COLUMNS];
    pthread_mutex_lock(&store->lock);
    statement s = prepare(store, sql);
    for (; texts && *texts; texts++)
        bind_text(&s, *texts);
    lenet_status status = LENET_OK;
    const int columns = s.prepared ? sqlite3_column_count(s.prepared) : 0;
    if (s.failed == SQLITE_ERROR || columns > MOST_COLUMNS || (s.prepared && !sqlite3_stmt_readonly(s.prepared)))
        status = lab_fail(error, LENET_USAGE, "query: %s", s.failed ? sqlite3_errmsg(store->database) : "not a SELECT of at most 64 columns");
    while (!status && step(&s) > 0) {
        for (int i = 0; i < columns; i++) {
            names[i] = sqlite3_column_name(s.prepared, i);
            values[i] = value_at(s.prepared, i);
        }
        if (row(context, columns, names, values))
            break;
    }
    if (status)
        sqlite3_finalize(s.prepared);
    else
        status = finish(&s, error);
    pthread_mutex_unlock(&store->lock);
    return status;
}

/* ----------------------------------------------------------------------------------------------------- collecting */

/* SQL function lenet_is_dead(owner). */
static void sql_is_dead(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    sqlite3_result_int(context, is_dead((const char *)sqlite3_value_text(values[0])));
}

lenet_status lab_store_collect(lab_store *store, double days, size_t *removed, lenet_error *error)
{
    pthread_mutex_lock(&store->lock);
    sqlite3_create_function(store->database, "lenet_is_dead", 1, SQLITE_UTF8, NULL, sql_is_dead, NULL, NULL);
    statement s = prepare(store, "DELETE FROM run WHERE (state = 'failed' OR (state = 'running' AND lenet_is_dead(owner)))"
                                 " AND julianday('now') - julianday(claimed) >= ?");
    bind_real(&s, days);
    lenet_status status = run_to_end(&s, error);
    if (!status) {
        *removed = (size_t)sqlite3_changes(store->database);
        status = execute(store, "VACUUM", error);
    }
    pthread_mutex_unlock(&store->lock);
    return status;
}
