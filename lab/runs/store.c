/* SPDX-License-Identifier: MIT */
/* store.c - see store.h. With reading.c the only file that sees sqlite3.h. */
#include "lab/runs/store.h"

#include "lab/runs/machine.h"
#include "lab/runs/owner.h"
#include "lab/runs/proof.h"
#include "lab/runs/reading.h"
#include "lab/text/json.h"
#include "util/error.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUSY_MILLISECONDS = 30000, APPLICATION = 0x6c656e65 /* "lene", in the file's header */ };

struct lab_store {
    sqlite3 *database;
    pthread_mutex_t lock;              /* one statement or transaction at a time */
    char *path, *checkpoints, *models; /* the last two are NULL in memory */
    lab_owner owner;                   /* this process */
    bool is_writer;
};

/* -------------------------------------------------------------------------------------------------------- schema */

/*
 * Script i brings a database from version i to i + 1: never change one that was released, append. What the
 * recipe contains is not stored twice: the columns data, arch and seed are computed from it.
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
    "  owner TEXT,"            /* the process that trains it (owner.h); NULL: none */
    "  message TEXT,"          /* why it diverged or failed */
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

    "ALTER TABLE run ADD COLUMN data_sha256 TEXT GENERATED ALWAYS AS (json_extract(recipe, '$.data_sha256')) VIRTUAL;"
    "ALTER TABLE run ADD COLUMN measured TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(measured));" /* metrics besides the default ones, once it has ended */
    "ALTER TABLE epoch ADD COLUMN noisy_memorised REAL;" /* lenet_epoch defines these */
    "ALTER TABLE epoch ADD COLUMN noisy_corrected REAL;"
    "ALTER TABLE epoch ADD COLUMN noisy_other REAL;"
    "ALTER TABLE epoch ADD COLUMN clean_right REAL;"
    "ALTER TABLE epoch ADD COLUMN after_loss REAL;" /* on the training images after the epoch: lenet_diagnosis */
    "ALTER TABLE epoch ADD COLUMN after_accuracy REAL;"
    "ALTER TABLE epoch ADD COLUMN classes_predicted INTEGER;"
    "CREATE TABLE layer ("
    "  run INTEGER NOT NULL, epoch INTEGER NOT NULL, place INTEGER NOT NULL," /* from 1, among layers with weights */
    "  name TEXT NOT NULL, units INTEGER NOT NULL, dead INTEGER,"             /* dead: NULL without an activation */
    "  weight_norm REAL, gradient_norm REAL,"
    "  PRIMARY KEY (run, epoch, place),"
    "  FOREIGN KEY (run, epoch) REFERENCES epoch(run, epoch) ON DELETE CASCADE) WITHOUT ROWID;"
    "CREATE TABLE noise ("
    "  run INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,"
    "  truth INTEGER NOT NULL, label INTEGER NOT NULL, count INTEGER NOT NULL,"
    "  PRIMARY KEY (run, truth, label)) WITHOUT ROWID;"
    "CREATE TABLE subject (" /* data sets by the name they are asked for */
    "  data TEXT NOT NULL, train_sha256 TEXT NOT NULL, test_sha256 TEXT NOT NULL,"
    "  channels INTEGER NOT NULL, height INTEGER NOT NULL, width INTEGER NOT NULL, classes INTEGER NOT NULL,"
    "  train_count INTEGER NOT NULL, test_count INTEGER NOT NULL,"
    "  class_names TEXT NOT NULL CHECK (json_valid(class_names)),"
    "  seen TEXT NOT NULL,"
    "  PRIMARY KEY (data, train_sha256, test_sha256)) WITHOUT ROWID;",
};
enum { SCHEMA_VERSION = sizeof upgrades / sizeof *upgrades };

/*
 * Of the table epoch, a column for each metric; metrics without a column above get one when the database is
 * opened.
 */
#define COLUMN(NAME, name, ...) ", " #name

/* -------------------------------------------------------------------------------------------------------- errors */

/*
 * Why the system could not read the database or its log; 0: it could. SQLite takes a reading that failed with
 * EIO for damage, and a file that cannot be read now may be sound.
 */
static int reading_error(sqlite3 *database)
{
    int of_file = 0, of_log = 0;
    sqlite3_file *log = NULL;
    sqlite3_file_control(database, "main", SQLITE_FCNTL_LAST_ERRNO, &of_file);
    if (!sqlite3_file_control(database, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) && log && log->pMethods &&
        log->pMethods->xFileControl) /* a journal in memory has none */
        log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &of_log);
    const int reason = of_file ? of_file : of_log;
    return reason == EIO || reason == ENXIO || reason == ERANGE ? reason : 0;
}

/*
 * What is wrong with a call that gave this extended code of SQLite: its words, those of the system if it said
 * any, and the code.
 */
static lenet_status fail_reading(const lab_store *store, int code, int reason, lenet_error *error)
{
    return ln_fail(error, LENET_IO, "%s: reading or writing failed (%s%s%s, code %d); what was stored before is safe",
                   store->path, sqlite3_errmsg(store->database), reason ? ": " : "", reason ? strerror(reason) : "",
                   code);
}

static lenet_status fail_with(const lab_store *store, int code, lenet_error *error)
{
    const char *path = store->path, *what = sqlite3_errmsg(store->database);
    const int reason = reading_error(store->database);
    if (code == SQLITE_IOERR_NOMEM)
        code = SQLITE_NOMEM;
    switch (code & 0xff) {
    case SQLITE_NOTADB: return ln_fail(error, LENET_INPUT, "%s: not a database of runs; name another file", path);
    case SQLITE_CORRUPT:
        if (reason)
            return ln_fail(error, LENET_IO, "%s: reading failed: %s (code %d); try again, or look after the disk", path,
                           strerror(reason), code);
        return ln_fail(
            error, LENET_INPUT,
            "%s: damaged (%s, code %d); move it away, with its -wal file, and start a new one; 'sqlite3 FILE .recover' "
            "may save most of it",
            path, what, code);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return ln_fail(error, LENET_IO, "%s: another process has kept it locked for %d seconds", path,
                       BUSY_MILLISECONDS / 1000);
    case SQLITE_FULL:
        return ln_fail(error, LENET_IO, "%s: no room left on the disk; what was stored before is safe", path);
    case SQLITE_READONLY:
        return ln_fail(error, LENET_IO, "%s: may not be written (%s, code %d); check who owns it and its folder", path,
                       what, code);
    case SQLITE_CANTOPEN:
        return ln_fail(error, LENET_IO, "%s: cannot be opened: %s", path,
                       sqlite3_system_errno(store->database) ? strerror(sqlite3_system_errno(store->database)) : what);
    case SQLITE_PERM:
    case SQLITE_AUTH: return ln_fail(error, LENET_IO, "%s: access is denied", path);
    case SQLITE_NOMEM: return ln_fail(error, LENET_FAILURE, "%s: out of memory", path);
    case SQLITE_IOERR: return fail_reading(store, code, sqlite3_system_errno(store->database), error);
    /* such as a row whose JSON is none */
    case SQLITE_ERROR: return ln_fail(error, LENET_INPUT, "%s: %s", path, what);
    default: return ln_fail(error, LENET_IO, "%s: %s (code %d)", path, what, code);
    }
}

/* What went wrong in the last call on this database, for people. */
static lenet_status fail(const lab_store *store, lenet_error *error)
{
    return store->database ? fail_with(store, sqlite3_extended_errcode(store->database), error)
                           : ln_fail(error, LENET_FAILURE, "%s: out of memory", store->path);
}

static lenet_status execute(lab_store *store, const char *sql, lenet_error *error)
{
    return sqlite3_exec(store->database, sql, NULL, NULL, NULL) ? fail(store, error) : LENET_OK;
}

/* Ends a transaction: a failure of anything in it undoes all of it. */
static lenet_status end_transaction(lab_store *store, lenet_status status, lenet_error *error)
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
        s->failed = text ? sqlite3_bind_text(s->prepared, ++s->at, text, -1, SQLITE_TRANSIENT)
                         : sqlite3_bind_null(s->prepared, ++s->at);
}

static void bind_whole(statement *s, int64_t number)
{
    if (!s->failed)
        s->failed = sqlite3_bind_int64(s->prepared, ++s->at, number);
}

/* 0 stands for "there is none" and is stored as NULL. */
static void bind_count(statement *s, uint64_t count)
{
    if (count)
        bind_whole(s, (int64_t)count);
    else
        bind_text(s, NULL);
}

static void bind_real(statement *s, double number) /* NaN is stored as NULL */
{
    if (!s->failed)
        s->failed = isfinite(number) ? sqlite3_bind_double(s->prepared, ++s->at, number)
                                     : sqlite3_bind_null(s->prepared, ++s->at);
}

static void bind_blob(statement *s, const void *bytes, size_t size)
{
    if (!s->failed)
        s->failed = bytes ? sqlite3_bind_blob64(s->prepared, ++s->at, bytes, size, SQLITE_STATIC)
                          : sqlite3_bind_null(s->prepared, ++s->at);
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

/*
 * The text of a column of the row at hand, which is not NULL in the database; NULL: out of memory, which is
 * kept as a failure.
 */
static const char *text_at(statement *s, int column)
{
    const char *text = (const char *)sqlite3_column_text(s->prepared, column);
    if (!text && !s->failed)
        s->failed = SQLITE_NOMEM;
    return text;
}

static lenet_status finish(statement *s, lenet_error *error)
{
    lenet_status status = LENET_OK;
    if (s->failed == SQLITE_NOMEM) /* also where the last call does not report it: text_at */
        status = fail_with(s->store, SQLITE_NOMEM, error);
    else if (s->failed)
        status = fail(s->store, error);
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

/* --------------------------------------------------------------------------------------------------------- owners */

/* SQL function lenet_is_dead(owner). */
static void sql_is_dead(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    const char *owner = (const char *)sqlite3_value_text(values[0]);
    if (!owner && sqlite3_value_type(values[0]) != SQLITE_NULL)
        sqlite3_result_error_nomem(context); /* or what is alive would count as dead */
    else
        sqlite3_result_int(context, lab_owner_is_dead(sqlite3_user_data(context), owner));
}

/* ------------------------------------------------------------------------------------------------------- opening */

/* The number that a statement without parameters gives. */
static lenet_status number_of(lab_store *store, const char *sql, int64_t *number, lenet_error *error)
{
    statement s = prepare(store, sql);
    if (step(&s) > 0)
        *number = sqlite3_column_int64(s.prepared, 0);
    return finish(&s, error);
}

/* Adds a column that an older database does not have. */
static lenet_status add_column(lab_store *store, const char *table, const char *name, const char *type,
                               lenet_error *error)
{
    char sql[160];
    int64_t found = 0;
    snprintf(sql, sizeof sql, "SELECT count(*) FROM pragma_table_info('%s') WHERE name = '%s'", table, name);
    const lenet_status status = number_of(store, sql, &found, error);
    snprintf(sql, sizeof sql, "ALTER TABLE %s ADD COLUMN %s %s", table, name, type);
    return status || found ? status : execute(store, sql, error);
}

static lenet_status add_columns(lab_store *store, lenet_error *error)
{
    lenet_status status = add_column(store, "run", "proof", "TEXT", error);
    for (int i = 0; i < LENET_METRICS && !status; i++)
        status = add_column(store, "epoch", lenet_metric_list()[i].name, "REAL", error);
    return status;
}

/* Has it a column for each metric, and one that writes, one for proofs? */
static lenet_status has_columns(lab_store *store, int write, int *has, lenet_error *error)
{
#define NAME(NAME, name, ...) ", '" #name "'"
    int64_t found = 0;
    lenet_status status = number_of(
        store, "SELECT count(*) FROM pragma_table_info('epoch') WHERE name IN (''" LENET_METRIC_LIST(NAME) ")", &found,
        error);
    *has = found == LENET_METRICS;
    if (!status && *has && write) {
        status = number_of(store, "SELECT count(*) FROM pragma_table_info('run') WHERE name = 'proof'", &found, error);
        *has = found == 1;
    }
    return status;
#undef NAME
}

static lenet_status bring_up(lab_store *store, lenet_error *error)
{
    int64_t version = 0;
    char finally[128];
    lenet_status status = execute(store, "BEGIN IMMEDIATE", error);
    if (status)
        return status;
    /* another process may have been faster */
    status = number_of(store, "PRAGMA user_version", &version, error);
    for (int64_t i = version; i < SCHEMA_VERSION && !status; i++)
        status = execute(store, upgrades[i], error);
    if (!status)
        status = add_columns(store, error);
    snprintf(finally, sizeof finally, "PRAGMA user_version = %d; PRAGMA application_id = %d", SCHEMA_VERSION,
             APPLICATION);
    if (!status)
        status = execute(store, finally, error);
    return end_transaction(store, status, error);
}

/*
 * With a write-ahead log readers never wait. NORMAL may lose the last transactions when the power fails,
 * never when a process does, and cannot damage the file; a sync for every epoch of a tiny run would cost more
 * than the epoch.
 */
static lenet_status configure(lab_store *store, lenet_error *error)
{
    sqlite3_extended_result_codes(store->database, 1);
    sqlite3_busy_timeout(store->database, BUSY_MILLISECONDS);
    if (sqlite3_create_function(store->database, "lenet_is_dead", 1, SQLITE_UTF8, &store->owner, sql_is_dead, NULL,
                                NULL))
        return fail(store, error);
    return execute(store, "PRAGMA foreign_keys = ON; PRAGMA synchronous = NORMAL", error);
}

/* In the place of a database without tables, for one who may not make them: tables without rows. */
static lenet_status read_empty(lab_store *store, lenet_error *error)
{
    sqlite3_close(store->database);
    store->database = NULL;
    if (sqlite3_open_v2(":memory:", &store->database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX, NULL))
        return fail(store, error);
    const lenet_status status = configure(store, error);
    return status ? status : bring_up(store, error);
}

static lenet_status upgrade(lab_store *store, int write, lenet_error *error)
{
    int64_t version = 0, tables = 0, application = 0;
    int is_whole = 0;
    lenet_status status = number_of(store, "PRAGMA user_version", &version, error);
    if (!status)
        status = number_of(store, "SELECT count(*) FROM sqlite_schema", &tables, error);
    if (!status)
        status = number_of(store, "PRAGMA application_id", &application, error);
    if (status)
        return status;
    if (tables && application != APPLICATION)
        return ln_fail(error, LENET_INPUT, "%s: a database, but not one of runs; name another file", store->path);
    if (version > SCHEMA_VERSION)
        return ln_fail(
            error, LENET_INPUT,
            "%s: made by a newer lenet (schema %lld, this one knows up to %d); update lenet, or name another file",
            store->path, (long long)version, SCHEMA_VERSION);
    if (version == SCHEMA_VERSION && ((status = has_columns(store, write, &is_whole, error)) || is_whole))
        return status;
    if (!write && !tables) /* its maker has not come further yet, or never will */
        return read_empty(store, error);
    if (!write)
        return ln_fail(
            error, LENET_INPUT,
            "%s: of an older lenet (schema %lld); 'lenet runs gc', 'train' and 'study run' bring it up to date",
            store->path, (long long)version);
    return bring_up(store, error);
}

/*
 * SQLite never waits when the journal's mode changes, as two of those who wait for one another would wait for
 * ever: so whoever opens a new database beside another process asks again, for as long as every other
 * statement would wait.
 */
static lenet_status begin_log(lab_store *store, lenet_error *error)
{
    enum { PAUSE_MILLISECONDS = 5 };
    for (int waited = 0;; waited += PAUSE_MILLISECONDS) {
        const int code = sqlite3_exec(store->database, "PRAGMA journal_mode = WAL", NULL, NULL, NULL) & 0xff;
        if (!code)
            return LENET_OK;
        if (code != SQLITE_BUSY || waited >= BUSY_MILLISECONDS)
            return fail(store, error);
        sqlite3_sleep(PAUSE_MILLISECONDS);
    }
}

/* The first damage that SQLite finds, or "ok". */
static lenet_status find_damage(lab_store *store, char what[256], lenet_error *error)
{
    statement s = prepare(store, "PRAGMA quick_check(1)");
    const char *found = step(&s) > 0 ? text_at(&s, 0) : NULL;
    snprintf(what, 256, "%s", found ? found : "ok");
    return finish(&s, error);
}

/*
 * Looks at every page: damage in the tables, not in a number, is found before anything is read or written.
 * Some ms for 10 MB. A constraint that could not be computed for want of memory counts as broken, so damage
 * must be found twice.
 */
static lenet_status check_pages(lab_store *store, lenet_error *error)
{
    char what[256] = "ok";
    lenet_status status = find_damage(store, what, error);
    if (!status && strcmp(what, "ok") != 0)
        status = find_damage(store, what, error);
    if (status || !strcmp(what, "ok"))
        return status;
    if (reading_error(store->database))
        return fail_with(store, SQLITE_CORRUPT, error);
    return ln_fail(error, LENET_INPUT,
                   "%s: damaged (%s); move it away, with its -wal file, and start a new one; 'sqlite3 FILE .recover' "
                   "may save most of it",
                   store->path, what);
}

/* The values of runs, which quick_check does not know. */
static lenet_status check_values(lab_store *store, lenet_error *error)
{
    int64_t has = 0, wrong = 0;
    const lenet_status status =
        number_of(store, "SELECT count(*) FROM pragma_table_info('run') WHERE name = 'proof'", &has, error);
    if (status || !has)
        return status;
    const int code = lab_check_proofs(store->database, &wrong);
    if (code)
        return fail_with(store, code, error);
    return wrong ? ln_fail(error, LENET_INPUT,
                           "%s: the values of run %lld are not those that were stored; restore a copy, or accept them: "
                           "sqlite3 FILE 'UPDATE run SET proof = NULL WHERE id = %lld'",
                           store->path, (long long)wrong, (long long)wrong)
                 : LENET_OK;
}

static lenet_status set_up(lab_store *store, int write, lenet_error *error)
{
    lenet_status status = configure(store, error);
    if (!status && write)
        status = begin_log(store, error);
    if (!status)
        status = upgrade(store, write, error);
    if (!status)
        status = check_pages(store, error);
    return status ? status : check_values(store, error);
}

/* The store has its paths, or is in memory. */
static lenet_status open_file(lab_store *store, int write, lenet_error *error)
{
    struct stat about;
    if (lab_store_is_in_memory(store)) {
        snprintf(store->owner.name, sizeof store->owner.name, ":memory::%016d", 0);
        return sqlite3_open_v2(":memory:", &store->database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX, NULL)
                   ? fail(store, error)
                   : set_up(store, write, error);
    }
    if (!write && access(store->path, F_OK))
        return ln_fail(error, LENET_IO, "%s: %s", store->path, strerror(errno));
    if (!stat(store->path, &about) && !S_ISREG(about.st_mode)) /* a FIFO would block */
        return ln_fail(error, LENET_IO, "%s: cannot be opened: not a regular file", store->path);
    const lenet_status status = lab_owner_open(&store->owner, store->path, write, error);
    if (status)
        return status;
    const int code =
        write ? sqlite3_open_v2(store->path, &store->database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX, NULL)
              : lab_open_to_read(&store->database, store->path, store->owner.file);
    return code ? fail(store, error) : set_up(store, write, error);
}

lenet_status lab_store_open(lab_store **out, const char *path, int write, lenet_error *error)
{
    lab_store *store = calloc(1, sizeof *store);
    const char *name = path ? path : ":memory:"; /* as SQLite calls it */
    if (!store)
        return ln_fail(error, LENET_FAILURE, "%s: out of memory", name);
    pthread_mutex_init(&store->lock, NULL);
    store->owner.file = -1;
    /* a file whose name begins so is none for SQLite, but a database in memory */
    bool lacks_memory = asprintf(&store->path, "%s%s", path && *path == ':' ? "./" : "", name) < 0;
    if (path)
        lacks_memory |= asprintf(&store->checkpoints, "%s.checkpoints", path) < 0 ||
                        asprintf(&store->models, "%s.models", path) < 0;
    const lenet_status status =
        lacks_memory ? ln_fail(error, LENET_FAILURE, "%s: out of memory", name) : open_file(store, write, error);
    store->is_writer = write && !status && path;
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
    if (store->is_writer && !access(store->checkpoints, F_OK))
        lab_store_tidy(store);
    sqlite3_close(store->database);
    lab_owner_close(&store->owner);
    pthread_mutex_destroy(&store->lock);
    free(store->path);
    free(store->checkpoints);
    free(store->models);
    free(store);
}

const char *lab_store_checkpoints(const lab_store *store) { return store->checkpoints; }
bool lab_store_is_in_memory(const lab_store *store) { return !store->checkpoints; }

/* The path of a file in a folder beside the database. */
static lenet_status path_in(const char *folder, const char *identity, const char *ending, int make, char path[PATH_MAX],
                            lenet_error *error)
{
    if (make && mkdir(folder, 0777) && errno != EEXIST)
        return ln_fail(error, LENET_IO, "%s: %s", folder, strerror(errno));
    if (snprintf(path, PATH_MAX, "%s/%s%s", folder, identity, ending) >= PATH_MAX)
        return ln_fail(error, LENET_IO, "%s: the path is too long", folder);
    return LENET_OK;
}

lenet_status lab_store_checkpoint(const lab_store *store, const char *identity, char path[PATH_MAX], lenet_error *error)
{
    path[0] = '\0';
    return store->checkpoints ? path_in(store->checkpoints, identity, "", 1, path, error) : LENET_OK;
}

lenet_status lab_store_model(const lab_store *store, const char *identity, int make, char path[PATH_MAX],
                             lenet_error *error)
{
    return path_in(store->models, identity, ".safetensors", make, path, error);
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

/* What is known of a run. */
typedef struct finding {
    bool is_known, is_alive, is_free;
} finding;

static lenet_status find_run(lab_store *store, const lab_recipe *recipe, lab_claim *claim, finding *found,
                             lenet_error *error)
{
    statement s = prepare(
        store,
        "SELECT id, state, owner, (SELECT count(*) FROM json_each(?1) WHERE value NOT IN (SELECT value FROM"
        " json_each(measured))), (SELECT json_group_array(value) FROM (SELECT value FROM json_each(?1) UNION SELECT"
        " value FROM json_each(measured))) FROM run WHERE identity = ?2");
    bind_text(&s, recipe->measured);
    bind_text(&s, recipe->identity);
    found->is_known = step(&s) > 0;
    if (found->is_known) {
        const bool is_owned = sqlite3_column_type(s.prepared, 2) != SQLITE_NULL;
        const char *state = text_at(&s, 1), *owner = is_owned ? text_at(&s, 2) : NULL, *measured = text_at(&s, 4);
        if (s.failed)
            return finish(&s, error);
        const bool is_alive = !lab_owner_is_dead(&store->owner, owner);
        const bool lacks_something = sqlite3_column_int64(s.prepared, 3) > 0;
        claim->run = sqlite3_column_int64(s.prepared, 0);
        claim->state = state_of_name(state);
        const bool has_ended = claim->state == LAB_FINISHED || claim->state == LAB_DIVERGED;
        found->is_alive = is_alive;
        found->is_free = !is_alive && (!has_ended || lacks_something);
        if (is_alive && lacks_something)
            claim->state = LAB_RUNNING;
        snprintf(claim->measured, sizeof claim->measured, "%s", measured);
    }
    return finish(&s, error);
}

/* What has ended stays so while it is trained again, to be measured. */
static lenet_status take(lab_store *store, const lab_recipe *recipe, bool is_known, lab_claim *claim,
                         lenet_error *error)
{
    char machine[256];
    lab_machine_name(machine, sizeof machine);
    statement s = prepare(
        store, is_known ? "UPDATE run SET state = iif(state IN ('finished', 'diverged'), state, 'running'), owner = ?1,"
                          " proof = NULL, version = ?2, machine = ?3, claimed = strftime('%Y-%m-%dT%H:%M:%SZ', 'now') "
                          "WHERE identity = ?4"
                        : "INSERT INTO run (state, owner, version, machine, identity, recipe, claimed)"
                          " VALUES ('running', ?1, ?2, ?3, ?4, ?5, strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))");
    bind_text(&s, store->owner.name);
    bind_text(&s, lenet_version());
    bind_text(&s, machine);
    bind_text(&s, recipe->identity);
    if (!is_known)
        bind_text(&s, recipe->text);
    const lenet_status status = run_to_end(&s, error);
    if (!is_known)
        claim->run = sqlite3_last_insert_rowid(store->database);
    claim->state = LAB_RUNNING;
    claim->is_ours = 1;
    return status;
}

lenet_status lab_store_claim(lab_store *store, const lab_recipe *recipe, int again, lab_claim *claim,
                             lenet_error *error)
{
    lab_claim found = {0};
    finding known = {.is_free = true};
    snprintf(found.measured, sizeof found.measured, "%s", recipe->measured);
    pthread_mutex_lock(&store->lock);
    lenet_status status = execute(store, "BEGIN IMMEDIATE", error);
    if (!status) {
        status = find_run(store, recipe, &found, &known, error);
        if (!status && (known.is_free || (again && !known.is_alive)))
            status = take(store, recipe, known.is_known, &found, error);
        status = end_transaction(store, status, error);
    }
    pthread_mutex_unlock(&store->lock);
    if (!status)
        *claim = found;
    return status;
}

lenet_status lab_store_lookup(lab_store *store, const lab_recipe *recipe, lab_claim *claim, lenet_error *error)
{
    lab_claim seen = {.state = LAB_RUNNING};
    finding found = {.is_free = true};
    pthread_mutex_lock(&store->lock);
    const lenet_status status = find_run(store, recipe, &seen, &found, error);
    pthread_mutex_unlock(&store->lock);
    seen.is_ours = found.is_free;
    if (!status)
        *claim = seen;
    return status;
}

lenet_status lab_store_release(lab_store *store, int64_t run, lenet_error *error)
{
    pthread_mutex_lock(&store->lock);
    statement s = prepare(store, "UPDATE run SET owner = NULL WHERE id = ?");
    bind_whole(&s, run);
    const lenet_status status = run_to_end(&s, error);
    pthread_mutex_unlock(&store->lock);
    return status;
}

/* ------------------------------------------------------------------------------------------------------- results */

/*
 * An epoch that is there is the same, to the bits: what it has measured stays, what this training measured
 * besides is added.
 */
static lenet_status put_epoch(lab_store *store, int64_t run, const lenet_epoch *e, lenet_error *error)
{
#define MARK(NAME, name, ...)   ", ?"
#define UPDATE(NAME, name, ...) ", " #name " = coalesce(excluded." #name ", " #name ")"
    statement s = prepare(
        store, "INSERT INTO epoch (run, epoch" LENET_METRIC_LIST(COLUMN) ") VALUES (?, ?" LENET_METRIC_LIST(
                   MARK) ") ON CONFLICT (run, epoch) DO UPDATE SET epoch = excluded.epoch" LENET_METRIC_LIST(UPDATE));
    bind_whole(&s, run);
    bind_whole(&s, e->epoch);
    for (size_t i = 0; i < LENET_METRICS; i++)
        bind_real(&s, e->values[i]);
    return run_to_end(&s, error);
#undef MARK
#undef UPDATE
}

static lenet_status put_layers(lab_store *store, int64_t run, const lenet_epoch *e, lenet_error *error)
{
    statement s =
        prepare(store, "INSERT OR REPLACE INTO layer (run, epoch, place, name, units, dead, weight_norm, gradient_norm)"
                       " VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    for (size_t i = 0; i < e->diagnosis->layer_count && !s.failed; i++) {
        const lenet_layer_diagnosis *layer = &e->diagnosis->layers[i];
        s.at = 0;
        bind_whole(&s, run);
        bind_whole(&s, e->epoch);
        bind_whole(&s, (int64_t)i + 1);
        bind_text(&s, layer->name);
        bind_whole(&s, (int64_t)layer->units);
        bind_real(&s, layer->has_activation ? (double)layer->dead : NAN);
        bind_real(&s, layer->weight_norm);
        bind_real(&s, layer->gradient_norm);
        if (step(&s) == 0)
            s.failed = sqlite3_reset(s.prepared);
    }
    return finish(&s, error);
}

lenet_status lab_store_epoch(lab_store *store, int64_t run, const lenet_epoch *epoch, lenet_error *error)
{
    pthread_mutex_lock(&store->lock);
    lenet_status status = execute(store, "BEGIN IMMEDIATE", error);
    if (!status) {
        status = put_epoch(store, run, epoch, error);
        if (!status && epoch->diagnosis)
            status = put_layers(store, run, epoch, error);
        status = end_transaction(store, status, error);
    }
    pthread_mutex_unlock(&store->lock);
    return status;
}

/* What has ended keeps its results, if training it again to measure more could not be done. */
static lenet_status put_failure(lab_store *store, int64_t run, const char *message, lenet_error *error)
{
    statement s = prepare(
        store,
        "UPDATE run SET state = iif(state IN ('finished', 'diverged'), state, 'failed'), owner = NULL, message = ?,"
        " ended = strftime('%Y-%m-%dT%H:%M:%SZ', 'now') WHERE id = ?");
    bind_text(&s, message);
    bind_whole(&s, run);
    return run_to_end(&s, error);
}

static lenet_status put_result(lab_store *store, int64_t run, const lab_outcome *o, lenet_error *error)
{
    static const lenet_result nothing = {.seconds = NAN, .test_loss = NAN, .test_accuracy = NAN};
    const lenet_result *r = o->result ? o->result : &nothing;
    statement s = prepare(
        store, "UPDATE run SET state = ?, owner = NULL, message = ?, ended = strftime('%Y-%m-%dT%H:%M:%SZ', 'now'),"
               " isa = ?, threads = ?, seconds = ?, epochs = ?, best_epoch = ?, train_count = ?, val_count = ?,"
               " test_count = ?, test_loss = ?, test_accuracy = ?, weights_sha256 = ?, kept_weights_sha256 = ?,"
               " predicted = ?, measured = ? WHERE id = ?");
    bind_text(&s, lab_state_name(o->state));
    bind_text(&s, o->message);
    bind_text(&s, r->isa);
    bind_count(&s, (uint64_t)r->threads);
    bind_real(&s, r->seconds);
    bind_whole(&s, r->epochs);
    bind_count(&s, (uint64_t)r->best_epoch);
    bind_count(&s, r->train_count);
    bind_whole(&s, (int64_t)r->val_count);
    bind_count(&s, o->test_count);
    bind_real(&s, r->test_loss);
    bind_real(&s, r->test_accuracy);
    bind_text(&s, r->weights_sha256[0] ? r->weights_sha256 : NULL);
    bind_text(&s, o->kept_sha256);
    bind_blob(&s, o->predicted, o->test ? o->test->count : 0);
    bind_text(&s, o->measured ? o->measured : "[]");
    bind_whole(&s, run);
    return run_to_end(&s, error);
}

/* Counts [classes][classes], by a statement that takes run, row, column and count. */
static lenet_status put_matrix(lab_store *store, const char *sql, int64_t run, const uint32_t *matrix, int classes,
                               lenet_error *error)
{
    statement s = prepare(store, sql);
    for (int i = 0; i < classes * classes && !s.failed; i++) {
        s.at = 0;
        bind_whole(&s, run);
        bind_whole(&s, i / classes);
        bind_whole(&s, i % classes);
        bind_whole(&s, matrix[i]);
        if (step(&s) == 0)
            s.failed = sqlite3_reset(s.prepared);
    }
    return finish(&s, error);
}

static lenet_status put_matrices(lab_store *store, int64_t run, const lab_outcome *outcome, lenet_error *error)
{
    const lenet_evaluation *test = outcome->test;
    lenet_status status =
        put_matrix(store, "INSERT OR REPLACE INTO confusion (run, truth, predicted, count) VALUES (?, ?, ?, ?)", run,
                   test->confusion, test->classes, error);
    if (!status && outcome->noise)
        status = put_matrix(store, "INSERT OR REPLACE INTO noise (run, truth, label, count) VALUES (?, ?, ?, ?)", run,
                            outcome->noise, test->classes, error);
    return status;
}

lenet_status lab_store_finish(lab_store *store, int64_t run, const lab_outcome *outcome, lenet_error *error)
{
    pthread_mutex_lock(&store->lock);
    lenet_status status = execute(store, "BEGIN IMMEDIATE", error);
    if (!status) {
        status = outcome->state == LAB_FAILED ? put_failure(store, run, outcome->message, error)
                                              : put_result(store, run, outcome, error);
        if (!status && outcome->test)
            status = put_matrices(store, run, outcome, error);
        /* a database in memory is never opened again, which is when proofs are checked */
        const bool is_proved = !status && !lab_store_is_in_memory(store);
        const int code = is_proved ? lab_prove_run(store->database, run) : SQLITE_OK;
        if (code)
            status = fail_with(store, code, error);
        status = end_transaction(store, status, error);
    }
    pthread_mutex_unlock(&store->lock);
    return status;
}

static char *list_class_names(const lenet_dataset *dataset)
{
    json_t *names = json_array();
    for (int i = 0; names && i < lenet_dataset_classes(dataset); i++)
        json_array_append_new(names, value_of_text(lenet_dataset_class_name(dataset, i)));
    char *text = json_line(names);
    json_decref(names);
    return text;
}

lenet_status lab_store_save_subject(lab_store *store, const char *data, const lenet_dataset *train,
                                    const lenet_dataset *test, lenet_error *error)
{
    const lenet_shape shape = lenet_dataset_shape(train);
    const int64_t numbers[] = {shape.channels,
                               shape.height,
                               shape.width,
                               lenet_dataset_classes(train),
                               (int64_t)lenet_dataset_count(train),
                               (int64_t)lenet_dataset_count(test)};
    char *names = list_class_names(train);
    if (!names)
        return ln_fail(error, LENET_FAILURE, "%s: out of memory", store->path);
    pthread_mutex_lock(&store->lock);
    statement s = prepare(
        store,
        "INSERT OR REPLACE INTO subject (data, train_sha256, test_sha256, class_names, channels, height, width, "
        "classes,"
        " train_count, test_count, seen) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))");
    bind_text(&s, data);
    bind_text(&s, lenet_dataset_sha256(train));
    bind_text(&s, lenet_dataset_sha256(test));
    bind_text(&s, names);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        bind_whole(&s, numbers[i]);
    const lenet_status status = run_to_end(&s, error);
    pthread_mutex_unlock(&store->lock);
    free(names);
    return status;
}

/* ------------------------------------------------------------------------------------------------------- reading */

lenet_status lab_store_subject(void *context, const char *data, const char *folder, lab_subject *subject,
                               lenet_error *error)
{
    lab_store *store = context;
    lab_subject found = {.classes = 0};
    (void)folder; /* data sets are identified by their content */
    pthread_mutex_lock(&store->lock);
    statement s =
        prepare(store, "SELECT channels, height, width, classes, train_sha256, test_sha256 FROM subject WHERE data = ?"
                       " ORDER BY seen DESC LIMIT 1");
    bind_text(&s, data);
    if (step(&s) > 0) {
        found.shape = (lenet_shape){sqlite3_column_int(s.prepared, 0), sqlite3_column_int(s.prepared, 1),
                                    sqlite3_column_int(s.prepared, 2)};
        found.classes = sqlite3_column_int(s.prepared, 3);
        const char *train = text_at(&s, 4), *test = text_at(&s, 5);
        snprintf(found.train_sha256, sizeof found.train_sha256, "%s", train ? train : "");
        snprintf(found.test_sha256, sizeof found.test_sha256, "%s", test ? test : "");
    }
    const lenet_status status = finish(&s, error);
    pthread_mutex_unlock(&store->lock);
    if (!status)
        *subject = found;
    return status;
}

static lab_value value_at(statement *s, int column)
{
    sqlite3_stmt *row = s->prepared;
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
        value.text = text_at(s, column);
        break;
    case SQLITE_BLOB:
        value.type = LAB_BLOB;
        value.blob = sqlite3_column_blob(row, column);
        break;
    }
    value.bytes = (size_t)sqlite3_column_bytes(row, column);
    if (value.type == LAB_BLOB && !value.blob && value.bytes)
        s->failed = SQLITE_NOMEM;
    return value;
}

enum { MOST_COLUMNS = 64 };

lenet_status lab_store_query(lab_store *store, const char *sql, const char *const *texts, lab_row *row, void *context,
                             lenet_error *error)
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
        status = ln_fail(error, LENET_USAGE, "query: %s",
                         s.failed ? sqlite3_errmsg(store->database) : "not a SELECT of at most 64 columns");
    while (!status && step(&s) > 0) {
        for (int i = 0; i < columns; i++) {
            names[i] = sqlite3_column_name(s.prepared, i);
            values[i] = value_at(&s, i);
            s.failed = !names[i] && !s.failed ? SQLITE_NOMEM : s.failed;
        }
        if (s.failed || row(context, columns, names, values))
            break;
    }
    if (status)
        sqlite3_finalize(s.prepared);
    else
        status = finish(&s, error);
    pthread_mutex_unlock(&store->lock);
    return status;
}

lenet_status lab_store_epochs(lab_store *store, int64_t run, lab_epoch *row, void *context, lenet_error *error)
{
    pthread_mutex_lock(&store->lock);
    statement s = prepare(store, "SELECT epoch" LENET_METRIC_LIST(COLUMN) " FROM epoch WHERE run = ? ORDER BY epoch");
    bind_whole(&s, run);
    while (step(&s) > 0) {
        lenet_epoch epoch = {.epoch = sqlite3_column_int(s.prepared, 0)};
        for (int i = 0; i < LENET_METRICS; i++)
            epoch.values[i] = value_at(&s, i + 1).real;
        if (row(context, &epoch))
            break;
    }
    const lenet_status status = finish(&s, error);
    pthread_mutex_unlock(&store->lock);
    return status;
}

/* ----------------------------------------------------------------------------------------------------- collecting */

/*
 * A file that is called by an identity, or what is left of one that was being written (IDENTITY.PID.tmp),
 * unless its run needs it.
 */
static lenet_status remove_file(lab_store *store, const char *sql, const char *folder, const char *name,
                                lenet_error *error)
{
    char path[PATH_MAX], identity[65];
    snprintf(identity, sizeof identity, "%s", name);
    statement s = prepare(store, sql);
    bind_text(&s, identity);
    const bool is_needed = step(&s) != 0;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (!is_needed)
        unlink(path);
    return finish(&s, error);
}

/* Those files of a folder for whose identity `sql` finds no row. */
static lenet_status remove_files(lab_store *store, const char *path, const char *sql, lenet_error *error)
{
    DIR *folder = opendir(path);
    const struct dirent *file;
    lenet_status status = LENET_OK;
    while (folder && !status && (file = readdir(folder)) != NULL)
        if (strspn(file->d_name, "0123456789abcdef") == 64)
            status = remove_file(store, sql, path, file->d_name, error);
    if (folder)
        closedir(folder);
    return status;
}

static const char needs_checkpoint[] =
    "SELECT 1 FROM run WHERE identity = ? AND (owner IS NOT NULL OR state IN ('running', 'failed'))";

void lab_store_tidy(lab_store *store)
{
    if (lab_store_is_in_memory(store))
        return;
    pthread_mutex_lock(&store->lock);
    if (!execute(store, "BEGIN IMMEDIATE", NULL)) {
        /* of a process that was killed before it could */
        remove_files(store, store->checkpoints, needs_checkpoint, NULL);
        int64_t owned = 1;
        if (!number_of(store, "SELECT count(owner) FROM run", &owned, NULL) && !owned)
            rmdir(store->checkpoints); /* only if it is empty */
        end_transaction(store, LENET_OK, NULL);
    }
    pthread_mutex_unlock(&store->lock);
}

lenet_status lab_store_collect(lab_store *store, double days, size_t *removed, lenet_error *error)
{
    pthread_mutex_lock(&store->lock);
    statement s =
        prepare(store, "DELETE FROM run WHERE (state = 'failed' OR (state = 'running' AND lenet_is_dead(owner)))"
                       " AND julianday('now') - julianday(claimed) >= ?");
    bind_real(&s, days);
    lenet_status status = run_to_end(&s, error);
    if (!status) {
        *removed = (size_t)sqlite3_changes(store->database);
        status = remove_files(store, store->checkpoints, needs_checkpoint, error);
    }
    if (!status)
        status =
            remove_files(store, store->models,
                         "SELECT 1 FROM run WHERE identity = ? AND (owner IS NOT NULL OR state = 'finished')", error);
    rmdir(store->models); /* only if it is empty */
    if (!status)
        status = execute(store, "VACUUM", error);
    pthread_mutex_unlock(&store->lock);
    lab_store_tidy(store);
    return status;
}
