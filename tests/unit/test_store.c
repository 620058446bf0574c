/* SPDX-License-Identifier: MIT */
/*
 * test_store.c - the database of runs: a run is claimed once, by one process; nothing that was written is lost, whoever
 * dies when; and whatever is wrong with the file is said.
 */
#include "lab/runs/store.h"

#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64], path[128];

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/lenet-store-XXXXXX");
    if (!mkdtemp(folder))
        return 1;
    snprintf(path, sizeof path, "%s/lenet.db", folder);
    return 0;
}

/* With what SQLite keeps beside it, also at the end if several close it at the same time. */
static void remove_database(void)
{
    static const char *const names[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < 4; i++) {
        char file[160];
        snprintf(file, sizeof file, "%s%s", path, names[i]);
        unlink(file);
    }
}

static int remove_folder(void **state)
{
    (void)state;
    chmod(folder, 0700);
    remove_database();
    return rmdir(folder);
}

static lab_store *open_store(void)
{
    lab_store *store = NULL;
    lenet_error error = {LENET_OK, ""};
    lab_store_open(&store, path, 1, &error);
    assert_string_equal(error.text, "");
    assert_non_null(store);
    return store;
}

static lenet_status claim_recipe(lab_store *store, const char *text, const char *measured, int again, lab_claim *found, lenet_error *error)
{
    lab_recipe recipe = {.text = (char *)text, .measured = (char *)measured};
    lab_sha256(text, strlen(text), recipe.identity);
    return lab_store_claim(store, &recipe, again, found, error);
}

static lenet_status try_to_claim(lab_store *store, const char *text, const char *measured, lab_claim *found, lenet_error *error)
{
    return claim_recipe(store, text, measured, 0, found, error);
}

static lab_claim claim_to_measure(lab_store *store, const char *recipe, const char *measured)
{
    lab_claim found;
    lenet_error error = {LENET_OK, ""};
    try_to_claim(store, recipe, measured, &found, &error);
    assert_string_equal(error.text, "");
    return found;
}

static lab_claim claim(lab_store *store, const char *recipe) { return claim_to_measure(store, recipe, "[]"); }

typedef struct number { double value; } number;

static int take_number(void *context, int columns, const char *const *names, const lab_value *values)
{
    (void)columns, (void)names;
    ((number *)context)->value = values[0].real;
    return 1;
}

static double ask(lab_store *store, const char *sql)
{
    number answer = {NAN};
    lenet_error error = {LENET_OK, ""};
    lab_store_query(store, sql, NULL, take_number, &answer, &error);
    assert_string_equal(error.text, "");
    return answer.value;
}

/* In which nothing was measured. */
static lenet_epoch make_epoch(int place, const lenet_diagnosis *diagnosis)
{
    lenet_epoch epoch = {.epoch = place, .diagnosis = diagnosis};
    for (int i = 0; i < LENET_METRICS; i++)
        epoch.values[i] = NAN;
    return epoch;
}

static void put_epochs(lab_store *store, int64_t run, int count)
{
    for (int i = 1; i <= count; i++) {
        lenet_epoch epoch = make_epoch(i, NULL);
        epoch.values[LENET_TRAIN_LOSS] = 1.0 / i;
        epoch.values[LENET_TRAIN_ACCURACY] = 0.5;
        assert_int_equal(lab_store_epoch(store, run, &epoch, NULL), LENET_OK);
    }
}

static void finish(lab_store *store, int64_t run)
{
    uint32_t confusion[4] = {3, 1, 0, 4};
    const uint8_t predicted[8] = {0, 0, 0, 1, 1, 1, 1, 1};
    const lenet_evaluation test = {.count = 8, .correct = 7, .classes = 2, .confusion = confusion};
    const lenet_result result = {.epochs = 2, .best_epoch = 2, .test_accuracy = 0.875, .test_loss = NAN, .weights_sha256 = "abc"};
    const uint32_t noise[4] = {5, 1, 2, 6};
    const lab_outcome outcome = {LAB_FINISHED, NULL, &result, "def", &test, predicted, noise, NULL, 8};
    assert_int_equal(lab_store_finish(store, run, &outcome, NULL), LENET_OK);
}

/* ------------------------------------------------------------------------------------------------------------ tests */

static void keeps_what_a_run_gave(void **state)
{
    (void)state;
    lab_store *store = open_store();
    const lab_claim first = claim(store, "{\"data\":\"mnist\",\"arch\":\"lenet5\",\"seed\":7}");
    assert_true(first.is_ours);
    assert_int_equal(first.state, LAB_RUNNING);
    put_epochs(store, first.run, 2);
    finish(store, first.run);
    lab_store_close(&store);

    store = open_store();
    const lab_claim again = claim(store, "{\"data\":\"mnist\",\"arch\":\"lenet5\",\"seed\":7}");
    assert_false(again.is_ours);
    assert_int_equal(again.state, LAB_FINISHED);
    assert_int_equal(again.run, first.run);
    assert_true(ask(store, "SELECT test_accuracy FROM run") == 0.875);
    assert_true(ask(store, "SELECT seed FROM run WHERE data = 'mnist' AND arch = 'lenet5' AND test_loss IS NULL") == 7);
    assert_true(ask(store, "SELECT sum(count) FROM confusion WHERE truth = predicted") == 7);
    assert_true(ask(store, "SELECT train_loss FROM epoch WHERE epoch = 2 AND val_loss IS NULL") == 0.5);
    assert_true(ask(store, "SELECT length(predicted) FROM run") == 8);
    assert_true(ask(store, "SELECT count FROM noise WHERE truth = 1 AND label = 0") == 2);
    assert_true(ask(store, "SELECT length(machine) > 0 FROM run") == 1);
    lab_store_close(&store);
}

static void tells_recipes_apart_by_their_hash(void **state)
{
    (void)state;
    lab_store *store = open_store();
    const lab_claim a = claim(store, "{\"seed\":1}"), b = claim(store, "{\"seed\":2}");
    assert_true(a.is_ours && b.is_ours && a.run != b.run);
    assert_true(ask(store, "SELECT id FROM run WHERE identity = 'fbe47f6d82b435a89f6e6fca65ad16138195de06c5fc3ffb66826a76e64e479f'") ==
                (double)a.run);
    lab_store_close(&store);
}

static void gives_an_abandoned_run_to_the_next(void **state)
{
    (void)state;
    lab_store *store = open_store();
    const lab_claim mine = claim(store, "{}");
    assert_true(mine.is_ours);
    assert_false(claim(store, "{}").is_ours); /* we live */
    assert_int_equal(claim(store, "{}").state, LAB_RUNNING);
    assert_int_equal(lab_store_release(store, mine.run, NULL), LENET_OK);
    assert_true(claim(store, "{}").is_ours);
    finish(store, mine.run);
    assert_int_equal(lab_store_release(store, mine.run, NULL), LENET_OK); /* nothing to give back */
    assert_int_equal(claim(store, "{}").state, LAB_FINISHED);
    lab_store_close(&store);
}

static void tries_a_failed_run_again_but_not_a_diverged_one(void **state)
{
    (void)state;
    lab_store *store = open_store();
    const lab_claim failed = claim(store, "{\"a\":1}"), diverged = claim(store, "{\"a\":2}");
    assert_int_equal(lab_store_finish(store, failed.run, &(lab_outcome){.state = LAB_FAILED, .message = "memory"}, NULL), LENET_OK);
    assert_int_equal(lab_store_finish(store, diverged.run, &(lab_outcome){.state = LAB_DIVERGED, .message = "inf"}, NULL), LENET_OK);
    assert_true(claim(store, "{\"a\":1}").is_ours);
    assert_false(claim(store, "{\"a\":2}").is_ours);
    assert_int_equal(claim(store, "{\"a\":2}").state, LAB_DIVERGED);
    lab_claim again;
    assert_int_equal(claim_recipe(store, "{\"a\":2}", "[]", 1, &again, NULL), LENET_OK);
    assert_true(again.is_ours && again.run == diverged.run);
    assert_int_equal(claim_recipe(store, "{\"a\":2}", "[]", 1, &again, NULL), LENET_OK);
    assert_false(again.is_ours); /* this process is at it */
    lab_store_close(&store);
}

static void stores_null_for_what_was_not_measured(void **state)
{
    (void)state;
    lab_store *store = open_store();
    const lenet_result result = {.train_count = 9, .test_accuracy = NAN, .test_loss = NAN, .weights_sha256 = "abc"};
    const lab_outcome outcome = {.state = LAB_DIVERGED, .message = "inf", .result = &result};
    assert_int_equal(lab_store_finish(store, claim(store, "{}").run, &outcome, NULL), LENET_OK);
    assert_true(ask(store, "SELECT count(*) FROM run WHERE epochs = 0 AND train_count = 9 AND best_epoch IS NULL AND"
                           " test_accuracy IS NULL AND test_loss IS NULL AND test_count IS NULL AND"
                           " kept_weights_sha256 IS NULL") == 1);
    lab_store_close(&store);
}

static void keeps_what_an_epoch_was_looked_into_for(void **state)
{
    (void)state;
    lab_store *store = open_store();
    const lab_claim run = claim(store, "{}");
    const lenet_layer_diagnosis layers[] = {{.name = "conv1", .units = 6, .dead = 2, .has_activation = 1, .weight_norm = 3},
                                            {.name = "fc1", .units = 10, .gradient_norm = 4}};
    const lenet_diagnosis diagnosis = {.layer_count = 2, .layers = layers};
    lenet_epoch epoch = make_epoch(1, &diagnosis);
    epoch.values[LENET_NOISY_MEMORISED] = 0.25;
    epoch.values[LENET_AFTER_ACCURACY] = 0.75;
    for (int i = 0; i < 2; i++) /* the second replaces the first */
        assert_int_equal(lab_store_epoch(store, run.run, &epoch, NULL), LENET_OK);
    assert_true(ask(store, "SELECT dead FROM layer WHERE place = 1 AND name = 'conv1' AND units = 6 AND weight_norm = 3") == 2);
    assert_true(ask(store, "SELECT gradient_norm FROM layer WHERE place = 2 AND dead IS NULL") == 4);
    assert_true(ask(store, "SELECT count(*) FROM layer") == 2);
    assert_true(ask(store, "SELECT noisy_memorised FROM epoch WHERE noisy_other IS NULL AND after_accuracy = 0.75") == 0.25);
    lab_store_close(&store);
}

/* What was not measured is measured by training again; until that is done, the run is what it was. */
static void trains_again_for_what_was_not_measured(void **state)
{
    (void)state;
    lab_store *store = open_store();
    lab_claim first = claim_to_measure(store, "{}", "[\"a\",\"b\"]");
    lab_outcome outcome = {.state = LAB_FINISHED, .measured = first.measured};
    assert_int_equal(lab_store_finish(store, first.run, &outcome, NULL), LENET_OK);
    assert_false(claim_to_measure(store, "{}", "[\"b\"]").is_ours);
    assert_int_equal(claim_to_measure(store, "{}", "[]").state, LAB_FINISHED);
    const lab_claim again = claim_to_measure(store, "{}", "[\"b\",\"c\"]");
    assert_true(again.is_ours && again.run == first.run);
    assert_string_equal(again.measured, "[\"a\",\"b\",\"c\"]");
    assert_true(ask(store, "SELECT count(*) FROM run WHERE state = 'finished'") == 1);
    assert_int_equal(claim_to_measure(store, "{}", "[\"c\"]").state, LAB_RUNNING);
    assert_int_equal(claim_to_measure(store, "{}", "[\"a\"]").state, LAB_FINISHED);
    outcome.measured = again.measured;
    assert_int_equal(lab_store_finish(store, again.run, &outcome, NULL), LENET_OK);
    assert_int_equal(claim_to_measure(store, "{}", "[\"c\",\"a\"]").state, LAB_FINISHED);
    lab_store_close(&store);
}

/* Training again loses nothing: neither what an epoch had measured, whatever is measured now, nor the results, if it fails. */
static void loses_nothing_by_training_again(void **state)
{
    (void)state;
    lab_store *store = open_store();
    const lenet_layer_diagnosis layers[] = {{.name = "conv1", .units = 6, .weight_norm = 3}};
    const lenet_diagnosis diagnosis = {.layer_count = 1, .layers = layers};
    lenet_epoch tested = make_epoch(1, NULL), diagnosed = make_epoch(1, &diagnosis);
    tested.values[LENET_TEST_ACCURACY] = 0.5;
    diagnosed.values[LENET_AFTER_ACCURACY] = 0.75;
    const lab_claim first = claim_to_measure(store, "{}", "[\"a\"]");
    const lenet_epoch *const order[] = {&tested, &diagnosed, &tested};
    for (int i = 0; i < 3; i++)
        assert_int_equal(lab_store_epoch(store, first.run, order[i], NULL), LENET_OK);
    assert_true(ask(store, "SELECT test_accuracy FROM epoch WHERE after_accuracy = 0.75") == 0.5);
    assert_true(ask(store, "SELECT weight_norm FROM layer") == 3);
    finish(store, first.run);
    const lab_claim again = claim_to_measure(store, "{}", "[\"b\"]");
    assert_true(again.is_ours);
    assert_int_equal(lab_store_finish(store, again.run, &(lab_outcome){.state = LAB_FAILED, .message = "memory"}, NULL), LENET_OK);
    assert_true(ask(store, "SELECT test_accuracy FROM run WHERE state = 'finished' AND message = 'memory'") == 0.875);
    assert_true(claim_to_measure(store, "{}", "[\"b\"]").is_ours); /* it is tried again */
    lab_store_close(&store);
}

/* One that has ended but was not asked how by its parent. */
static void sees_that_a_zombie_is_dead(void **state)
{
    (void)state;
    lab_store *store = open_store();
    int pipes[2];
    char byte;
    assert_int_equal(pipe(pipes), 0);
    const pid_t child = fork();
    if (!child) {
        lab_store *mine = NULL;
        lab_claim found;
        _exit(lab_store_open(&mine, path, 1, NULL) || try_to_claim(mine, "{}", "[]", &found, NULL) || !found.is_ours);
    }
    close(pipes[1]);
    assert_int_equal(read(pipes[0], &byte, 1), 0); /* it has ended: its end of the pipe is closed */
    close(pipes[0]);
    siginfo_t ended;
    assert_int_equal(waitid(P_PID, (id_t)child, &ended, WEXITED | WNOWAIT), 0);
    assert_int_equal(ended.si_status, 0);
    assert_true(claim(store, "{}").is_ours);
    waitpid(child, NULL, 0);
    lab_store_close(&store);
}

/* The folder of checkpoints stays where someone trains, though it is empty. */
static void leaves_the_checkpoints_of_others(void **state)
{
    (void)state;
    lab_store *store = open_store();
    char name[256];
    snprintf(name, sizeof name, "%s/%064d.77.tmp", lab_store_checkpoints(store), 7);
    assert_int_equal(mkdir(lab_store_checkpoints(store), 0700), 0);
    close(open(name, O_WRONLY | O_CREAT, 0600)); /* its writer was killed */
    const lab_claim mine = claim(store, "{}");
    size_t removed = 0;
    assert_int_equal(lab_store_collect(store, 0, &removed, NULL), LENET_OK);
    assert_int_equal(removed, 0);
    assert_int_not_equal(access(name, F_OK), 0);
    assert_int_equal(access(lab_store_checkpoints(store), F_OK), 0);
    finish(store, mine.run);
    lab_store_tidy(store);
    assert_int_not_equal(access(lab_store_checkpoints(store), F_OK), 0);
    lab_store_close(&store);
}

static bool is_there(const char *file) { return !access(file, F_OK); }

static void removes_models_with_their_runs(void **state)
{
    (void)state;
    char paths[3][PATH_MAX];
    lab_store *store = open_store();
    const char *const recipes[] = {"{\"a\":1}", "{\"a\":2}", "{\"a\":3}"}; /* finished, failed, never claimed */
    for (int i = 0; i < 3; i++) {
        char identity[65];
        lab_sha256(recipes[i], strlen(recipes[i]), identity);
        assert_int_equal(lab_store_model(store, identity, 1, paths[i], NULL), LENET_OK);
        close(open(paths[i], O_WRONLY | O_CREAT, 0600));
    }
    finish(store, claim(store, recipes[0]).run);
    assert_int_equal(lab_store_finish(store, claim(store, recipes[1]).run, &(lab_outcome){.state = LAB_FAILED}, NULL), LENET_OK);
    size_t removed = 0;
    assert_int_equal(lab_store_collect(store, 0, &removed, NULL), LENET_OK);
    assert_int_equal(removed, 1);
    assert_true(is_there(paths[0]) && !is_there(paths[1]) && !is_there(paths[2]));
    unlink(paths[0]);
    *strrchr(paths[0], '/') = '\0';
    rmdir(paths[0]);
    lab_store_close(&store);
}

static void remembers_data_sets(void **state)
{
    (void)state;
    const uint8_t images[2][4] = {{0, 1, 2, 3}, {4, 5, 6, 7}}, labels[2] = {0, 1};
    lenet_dataset *one = NULL, *two = NULL;
    lab_subject subject;
    lenet_error error;
    lab_store *store = open_store();
    assert_int_equal(lenet_dataset_create(&one, (lenet_shape){1, 2, 2}, 2, 1, images[0], labels, NULL), LENET_OK);
    assert_int_equal(lenet_dataset_create(&two, (lenet_shape){1, 2, 2}, 2, 2, images[0], labels, NULL), LENET_OK);
    assert_int_equal(lab_store_subject(store, "mine", NULL, &subject, &error), LENET_OK);
    assert_int_equal(subject.classes, 0); /* unknown */
    assert_int_equal(lab_store_save_subject(store, "mine", one, two, NULL), LENET_OK);
    usleep(2000);
    assert_int_equal(lab_store_save_subject(store, "mine", two, one, NULL), LENET_OK);
    assert_int_equal(lab_store_subject(store, "mine", NULL, &subject, &error), LENET_OK);
    assert_string_equal(subject.train_sha256, lenet_dataset_sha256(two)); /* the one that was there last */
    assert_string_equal(subject.test_sha256, lenet_dataset_sha256(one));
    assert_true(subject.shape.channels == 1 && subject.shape.height == 2 && subject.classes == 2);
    assert_true(ask(store, "SELECT json_array_length(class_names) FROM subject WHERE train_count = 2 AND test_count = 1") == 2);
    lenet_dataset_close(&one);
    lenet_dataset_close(&two);
    lab_store_close(&store);
}

/* Claims runs as fast as it can and finishes each; never returns. */
static void write_forever(int first)
{
    lab_store *store = NULL;
    char recipe[64];
    if (lab_store_open(&store, path, 1, NULL))
        _exit(1);
    for (int i = first;; i++) {
        lab_claim found;
        snprintf(recipe, sizeof recipe, "{\"seed\":%d}", i);
        if (try_to_claim(store, recipe, "[]", &found, NULL))
            _exit(1);
        put_epochs(store, found.run, 3);
        finish(store, found.run);
    }
}

static void loses_nothing_when_its_writer_is_killed(void **state)
{
    (void)state;
    lab_store *store = open_store();
    for (int round = 0; round < 10; round++) {
        const pid_t child = fork();
        if (!child)
            write_forever(round * 1000000);
        usleep(20000 + 7000 * (unsigned)round);
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        assert_true(ask(store, "SELECT integrity_check = 'ok' FROM pragma_integrity_check") == 1);
        assert_true(ask(store, "SELECT count(*) FROM run WHERE state = 'running'") <= round + 1);
        /* a finished run is whole */
        assert_true(ask(store, "SELECT count(*) FROM run WHERE state = 'finished' AND ((SELECT count(*) FROM epoch WHERE run = run.id) <> 3 OR"
                               " (SELECT count(*) FROM confusion WHERE run = run.id) <> 4)") == 0);
    }
    assert_true(ask(store, "SELECT count(*) FROM run WHERE state = 'finished'") > 10);
    size_t removed = 0;
    const double dead = ask(store, "SELECT count(*) FROM run WHERE state = 'running'");
    assert_int_equal(lab_store_collect(store, 0, &removed, NULL), LENET_OK);
    assert_true((double)removed == dead);
    lab_store_close(&store);
}

static void serves_many_processes_at_once(void **state)
{
    (void)state;
    enum { PROCESSES = 8, RUNS = 40 };
    lab_store *store = open_store();
    for (int p = 0; p < PROCESSES; p++) {
        if (fork())
            continue;
        lab_store *mine = NULL;
        int claimed = 0;
        if (lab_store_open(&mine, path, 1, NULL))
            _exit(255);
        for (int i = 0; i < RUNS; i++) {
            char recipe[64];
            lab_claim found;
            snprintf(recipe, sizeof recipe, "{\"seed\":%d}", i);
            if (try_to_claim(mine, recipe, "[]", &found, NULL))
                _exit(254);
            if (!found.is_ours)
                continue;
            claimed++;
            put_epochs(mine, found.run, 2);
            finish(mine, found.run);
        }
        lab_store_close(&mine);
        _exit(claimed);
    }
    int claimed = 0, code;
    for (int p = 0; p < PROCESSES; p++) {
        wait(&code);
        assert_true(WIFEXITED(code) && WEXITSTATUS(code) <= RUNS);
        claimed += WEXITSTATUS(code);
    }
    assert_int_equal(claimed, RUNS); /* each by exactly one */
    assert_true(ask(store, "SELECT count(*) FROM run WHERE state = 'finished'") == RUNS);
    assert_true(ask(store, "SELECT count(*) FROM epoch") == 2 * RUNS);
    lab_store_close(&store);
}

/* The journal of a new database is changed by whoever is first, and SQLite does not wait for that. */
static void is_made_by_many_processes_at_once(void **state)
{
    (void)state;
    enum { PROCESSES = 6, ROUNDS = 20 };
    for (int round = 0; round < ROUNDS; round++) {
        snprintf(path, sizeof path, "%s/%d.db", folder, round);
        for (int p = 0; p < PROCESSES; p++) {
            if (fork())
                continue;
            lab_store *mine = NULL;
            if (lab_store_open(&mine, path, 1, NULL))
                _exit(1);
            lab_store_close(&mine);
            _exit(0);
        }
        for (int p = 0, code; p < PROCESSES; p++) {
            wait(&code);
            assert_int_equal(code, 0);
        }
        remove_database();
    }
}

static void is_set_up_for_many_processes(void **state)
{
    (void)state;
    lab_store *store = open_store();
    assert_true(ask(store, "SELECT journal_mode = 'wal' FROM pragma_journal_mode") == 1);
    assert_true(ask(store, "SELECT foreign_keys FROM pragma_foreign_keys") == 1);
    assert_true(ask(store, "SELECT timeout FROM pragma_busy_timeout") == 30000);
    lab_store_close(&store);
}

/* The first schema, as it was. */
static const char first_schema[] =
    "CREATE TABLE run (id INTEGER PRIMARY KEY, identity TEXT NOT NULL UNIQUE CHECK (length(identity) = 64),"
    " recipe TEXT NOT NULL CHECK (json_valid(recipe)), data TEXT GENERATED ALWAYS AS (json_extract(recipe, '$.data')) VIRTUAL,"
    " arch TEXT GENERATED ALWAYS AS (json_extract(recipe, '$.arch')) VIRTUAL,"
    " seed INTEGER GENERATED ALWAYS AS (json_extract(recipe, '$.seed')) VIRTUAL,"
    " state TEXT NOT NULL CHECK (state IN ('running', 'finished', 'diverged', 'failed')), owner TEXT, message TEXT, version TEXT NOT NULL,"
    " machine TEXT, isa TEXT, threads INTEGER, claimed TEXT NOT NULL, ended TEXT, seconds REAL, epochs INTEGER, best_epoch INTEGER,"
    " train_count INTEGER, val_count INTEGER, test_count INTEGER, test_loss REAL, test_accuracy REAL, weights_sha256 TEXT,"
    " kept_weights_sha256 TEXT, predicted BLOB);"
    "CREATE TABLE epoch (run INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE, epoch INTEGER NOT NULL, seconds REAL,"
    " learning_rate REAL, train_loss REAL, train_accuracy REAL, val_loss REAL, val_accuracy REAL, test_loss REAL, test_accuracy REAL,"
    " is_best INTEGER, PRIMARY KEY (run, epoch)) WITHOUT ROWID;"
    "CREATE TABLE confusion (run INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE, truth INTEGER NOT NULL,"
    " predicted INTEGER NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (run, truth, predicted)) WITHOUT ROWID;"
    "CREATE INDEX run_by_data ON run(data, arch);"
    "PRAGMA user_version = 1; PRAGMA application_id = 1818586725;"
    "INSERT INTO run (identity, recipe, state, version, claimed, test_accuracy) VALUES"
    " ('44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a', '{}', 'finished', '0', '2026-01-01T00:00:00Z', 0.5);"
    "INSERT INTO epoch (run, epoch, train_loss) VALUES (1, 1, 2.5)";

static void brings_an_older_database_up_to_date(void **state)
{
    (void)state;
    sqlite3 *older = NULL;
    sqlite3_open(path, &older);
    assert_int_equal(sqlite3_exec(older, first_schema, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(older);
    lab_store *store = NULL;
    lenet_error error;
    assert_int_equal(lab_store_open(&store, path, 0, &error), LENET_INPUT);
    assert_non_null(strstr(error.text, "of an older lenet (schema 1)"));
    store = open_store();
    assert_true(ask(store, "SELECT test_accuracy FROM run WHERE measured = '[]'") == 0.5);
    assert_true(ask(store, "SELECT train_loss FROM epoch WHERE noisy_memorised IS NULL") == 2.5);
    assert_int_equal(claim(store, "{}").state, LAB_FINISHED);
    put_epochs(store, claim(store, "{\"seed\":1}").run, 1);
    lab_store_close(&store);
}

/* As if the library had a metric more than the one that made the database. */
static void has_a_column_for_each_metric(void **state)
{
    (void)state;
    lab_store *store = open_store();
    put_epochs(store, claim(store, "{}").run, 1);
    lab_store_close(&store);
    sqlite3 *older = NULL;
    sqlite3_open(path, &older);
    assert_int_equal(sqlite3_exec(older, "ALTER TABLE epoch DROP COLUMN after_loss", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(older);
    lenet_error error;
    assert_int_equal(lab_store_open(&store, path, 0, &error), LENET_INPUT);
    assert_non_null(strstr(error.text, "'lenet runs gc', 'train' and 'study run' bring it up to date"));
    store = open_store();
    for (int i = 0; i < LENET_METRICS; i++) {
        char sql[128];
        snprintf(sql, sizeof sql, "SELECT count(*) FROM pragma_table_info('epoch') WHERE name = '%s'", lenet_metric_list()[i].name);
        assert_true(ask(store, sql) == 1);
    }
    assert_true(ask(store, "SELECT train_loss FROM epoch WHERE after_loss IS NULL") == 1);
    lab_store_close(&store);
}

/* ---------------------------------------------------------------------------------------------------- what is wrong */

static void expect_refusal(int write, lenet_status status, const char *part)
{
    lab_store *store = NULL;
    lenet_error error = {LENET_OK, ""};
    assert_int_equal(lab_store_open(&store, path, write, &error), status);
    assert_null(store);
    assert_non_null(strstr(error.text, path));
    if (!strstr(error.text, part))
        fail_msg("'%s' does not say '%s'", error.text, part);
}

static void write_bytes(const char *bytes, size_t size, off_t at)
{
    const int file = open(path, O_WRONLY | O_CREAT, 0600);
    assert_int_equal(pwrite(file, bytes, size, at), size);
    close(file);
}

static void says_what_is_wrong_with_a_file(void **state)
{
    (void)state;
    expect_refusal(0, LENET_IO, "No such file");
    char text[4096];
    memset(text, 'x', sizeof text);
    write_bytes(text, sizeof text, 0);
    expect_refusal(1, LENET_INPUT, "not a database of runs");
    unlink(path);

    sqlite3 *other = NULL; /* somebody else's */
    sqlite3_open(path, &other);
    sqlite3_exec(other, "CREATE TABLE addresses (name TEXT)", NULL, NULL, NULL);
    sqlite3_close(other);
    expect_refusal(1, LENET_INPUT, "not one of runs");
    unlink(path);

    lab_store *store = open_store(); /* of a later version */
    lab_store_close(&store);
    sqlite3_open(path, &other);
    sqlite3_exec(other, "PRAGMA user_version = 99", NULL, NULL, NULL);
    sqlite3_close(other);
    expect_refusal(1, LENET_INPUT, "newer lenet (schema 99");
    expect_refusal(0, LENET_INPUT, "newer lenet (schema 99");
}

static void change(const char *sql)
{
    sqlite3 *database = NULL;
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(database);
}

/* A value that was changed, and is a sound value. */
static void finds_a_value_that_was_changed(void **state)
{
    static const char *const changes[][2] = {
        {"UPDATE run SET test_accuracy = 0.876", "UPDATE run SET test_accuracy = 0.875"},
        {"UPDATE run SET weights_sha256 = 'abd'", "UPDATE run SET weights_sha256 = 'abc'"},
        {"UPDATE run SET predicted = x'0000000101010100'", "UPDATE run SET predicted = x'0000000101010101'"},
        {"UPDATE run SET recipe = '{\"seed\":5}'", "UPDATE run SET recipe = '{\"seed\":4}'"},
        {"UPDATE epoch SET train_loss = 0.25 WHERE epoch = 2", "UPDATE epoch SET train_loss = 0.5 WHERE epoch = 2"},
        {"UPDATE confusion SET count = 2 WHERE count = 1", "UPDATE confusion SET count = 1 WHERE count = 2"},
        {"UPDATE noise SET count = 7 WHERE count = 6", "UPDATE noise SET count = 6 WHERE count = 7"},
    };
    (void)state;
    lab_store *store = open_store();
    const lab_claim claimed = claim(store, "{\"seed\":4}");
    put_epochs(store, claimed.run, 2);
    finish(store, claimed.run);
    lab_store_close(&store);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        change(changes[i][0]);
        expect_refusal(0, LENET_INPUT, "the values of run 1 are not those that were stored");
        expect_refusal(1, LENET_INPUT, "the values of run 1 are not those that were stored");
        change(changes[i][1]);
        store = open_store();
        lab_store_close(&store);
    }
    change("UPDATE run SET test_accuracy = 0.5, proof = NULL"); /* as the message says */
    store = open_store();
    assert_true(ask(store, "SELECT test_accuracy FROM run") == 0.5);
    lab_store_close(&store);
}

static void says_that_a_file_is_damaged(void **state)
{
    (void)state;
    lab_store *store = open_store();
    for (int i = 0; i < 50; i++) {
        char recipe[64];
        snprintf(recipe, sizeof recipe, "{\"seed\":%d}", i);
        finish(store, claim(store, recipe).run);
    }
    lab_store_close(&store);
    char text[8192];
    memset(text, 0xaa, sizeof text);
    write_bytes(text, sizeof text, 4096); /* the first pages after the header's */
    lenet_error error = {LENET_OK, ""};
    lab_claim found;
    lenet_status status = lab_store_open(&store, path, 1, &error);
    if (!status)
        status = try_to_claim(store, "{\"seed\":3}", "[]", &found, &error);
    assert_int_equal(status, LENET_INPUT);
    assert_non_null(strstr(error.text, "damaged"));
    lab_store_close(&store);
}

static void reads_but_never_writes_what_it_may_not(void **state)
{
    (void)state;
    lab_store *store = open_store();
    finish(store, claim(store, "{}").run);
    lab_store_close(&store);
    chmod(path, 0400);
    chmod(folder, 0500);
    if (!access(path, W_OK)) { /* root may do everything */
        chmod(folder, 0700);
        assert_int_equal(lab_store_open(&store, path, 0, NULL), LENET_OK);
        lenet_error error = {LENET_OK, ""};
        lab_claim found;
        assert_int_equal(try_to_claim(store, "{\"a\":1}", "[]", &found, &error), LENET_IO);
        assert_non_null(strstr(error.text, "may not be written"));
        assert_true(ask(store, "SELECT count(*) FROM run") == 1);
        lab_store_close(&store);
        return;
    }
    expect_refusal(1, LENET_IO, "may not be written");
}

static void says_that_there_is_no_room(void **state)
{
    (void)state;
    lab_store *store = open_store();
    finish(store, claim(store, "{\"seed\":0}").run);
    lab_store_close(&store);
    if (!fork()) {
        const struct rlimit most = {160 * 1024, 160 * 1024};
        lenet_error error = {LENET_OK, ""};
        lab_claim found;
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &most);
        if (lab_store_open(&store, path, 1, &error))
            _exit(1);
        for (int i = 1; i < 100000 && !error.status; i++) {
            char recipe[3000];
            snprintf(recipe, sizeof recipe, "{\"seed\":%d,\"text\":\"%02000d\"}", i, 0);
            try_to_claim(store, recipe, "[]", &found, &error);
        }
        _exit(error.status == LENET_IO && strstr(error.text, "what was stored before is safe") ? 0 : 2);
    }
    int code;
    wait(&code);
    assert_true(WIFEXITED(code) && WEXITSTATUS(code) == 0);
    store = open_store();
    assert_true(ask(store, "SELECT integrity_check = 'ok' FROM pragma_integrity_check") == 1);
    assert_true(ask(store, "SELECT count(*) FROM run WHERE state = 'finished'") == 1);
    lab_store_close(&store);
}

static void answers_questions_but_takes_no_orders(void **state)
{
    (void)state;
    lab_store *store = open_store();
    lenet_error error;
    number answer;
    assert_int_equal(lab_store_query(store, "SELECT nonsense", NULL, take_number, &answer, &error), LENET_USAGE);
    assert_non_null(strstr(error.text, "nonsense"));
    assert_int_equal(lab_store_query(store, "DELETE FROM run", NULL, take_number, &answer, &error), LENET_USAGE);
    assert_int_equal(lab_store_query(store, "SELECT ?1 + ?2", (const char *const[]){"2", "3", NULL}, take_number, &answer, &error), LENET_OK);
    assert_true(answer.value == 5);
    lab_store_close(&store);
}

int main(void)
{
#define FRESH(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        FRESH(keeps_what_a_run_gave),
        FRESH(keeps_what_an_epoch_was_looked_into_for),
        FRESH(trains_again_for_what_was_not_measured),
        FRESH(loses_nothing_by_training_again),
        FRESH(sees_that_a_zombie_is_dead),
        FRESH(leaves_the_checkpoints_of_others),
        FRESH(removes_models_with_their_runs),
        FRESH(remembers_data_sets),
        FRESH(tells_recipes_apart_by_their_hash),
        FRESH(gives_an_abandoned_run_to_the_next),
        FRESH(tries_a_failed_run_again_but_not_a_diverged_one),
        FRESH(stores_null_for_what_was_not_measured),
        FRESH(loses_nothing_when_its_writer_is_killed),
        FRESH(serves_many_processes_at_once),
        FRESH(is_made_by_many_processes_at_once),
        FRESH(is_set_up_for_many_processes),
        FRESH(brings_an_older_database_up_to_date),
        FRESH(has_a_column_for_each_metric),
        FRESH(says_what_is_wrong_with_a_file),
        FRESH(finds_a_value_that_was_changed),
        FRESH(says_that_a_file_is_damaged),
        FRESH(reads_but_never_writes_what_it_may_not),
        FRESH(says_that_there_is_no_room),
        FRESH(answers_questions_but_takes_no_orders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
