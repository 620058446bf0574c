/* SPDX-License-Identifier: MIT */
/*
 * repeat.c - the running of runs: workers that take one after the other, and a main thread that watches over them, talks
 * and hears signals. What they share is behind one lock.
 */
#include "cli/repeat.h"

#include "cli/command.h"
#include "cli/database.h"
#include "cli/document.h"
#include "cli/folder.h"
#include "cli/interrupt.h"
#include "cli/terminal.h"
#include "cli/unfinished.h"
#include "lab/text/json.h"
#include "util/clock.h"

#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>


/* A run on its way. */
typedef struct seat {
    struct team *team;
    repeated_run *member;
    lenet_progress now; /* epoch 0: it has not begun */
    bool is_running, is_done, is_told, lacks_memory;
} seat;

typedef struct team {
    repetition *all;
    seat *seats; /* one for each run */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t next, idle; /* the next run; workers that have gone */
    atomic_bool is_stopping;
    lenet_error error; /* what stopped it, other than a signal */
    live line;
    double started;
} team;

/* ---------------------------------------------------------------------------------------------------- one run */

static int on_progress(void *context, const lenet_progress *now)
{
    seat *s = context;
    pthread_mutex_lock(&s->team->lock);
    s->now = *now;
    pthread_mutex_unlock(&s->team->lock);
    return atomic_load(&s->team->is_stopping);
}

static int on_epoch(void *context, const lenet_epoch *epoch)
{
    seat *s = context;
    s->lacks_memory = !run_add_epoch(&s->member->r, epoch);
    return s->lacks_memory || atomic_load(&s->team->is_stopping);
}

/* What the tables want of the model, which goes away with the run. */
static void note_outcome(const repetition *all, repeated_run *member)
{
    run *r = &member->r;
    const lenet_epoch *best = run_best_epoch(r);
    const size_t images = lenet_dataset_count(r->test);
    member->is_finished = true;
    member->is_collapsed = r->status == LENET_OK && lab_has_collapsed(r->result.test_accuracy, images, all->chance_share);
    member->val_accuracy = best ? best->val_accuracy : NAN;
    member->val_loss = best ? best->val_loss : NAN;
}

/* What lenet_train left, stored. The error is what must stop all. */
static lenet_status settle_member(seat *s, lenet_error *error)
{
    run *r = &s->member->r;
    run_note_weights(r);
    if (s->lacks_memory) {
        *error = (lenet_error){LENET_FAILURE, "out of memory for the record of the epochs"};
        return LENET_FAILURE;
    }
    if (r->status == LENET_OK || r->status == LENET_DIVERGED) {
        lenet_status saved = r->out && (r->status == LENET_OK || r->result.best_epoch) ? run_save(r, error) : LENET_OK;
        if (!saved)
            saved = put_into_database(r, error);
        if (!saved)
            note_outcome(s->team->all, s->member); /* one that could not be stored is to be gone on with */
        return saved;
    }
    put_into_database(r, error);
    if (r->status != LENET_STOPPED)
        *error = r->error;
    return r->status == LENET_STOPPED ? LENET_OK : r->status;
}

/* The run is known by its recipe, and claimed if there is a database. */
static lenet_status claim_member(run *r, lenet_error *error)
{
    const lab_subject subject = lab_subject_of(r->train, r->test);
    const lenet_status status = lab_recipe_make(&r->full_recipe, r->data, &subject, r->architecture, &r->settings, error);
    return status ? status : claim_run(r, error);
}

/* Of a run that is stored already. */
static lenet_status recall_member(seat *s, lenet_error *error)
{
    run *r = &s->member->r;
    const lenet_status status = recall_from_database(r, error);
    if (!status)
        note_outcome(s->team->all, s->member);
    r->is_saved = r->is_in_folder;
    return status;
}

/* Trains and stores, going on where a checkpoint says. The error is what must stop all. */
static lenet_status train_member(seat *s, lenet_error *error)
{
    repeated_run *member = s->member;
    run *r = &member->r;
    folder place = {.lock = -1};
    char checkpoint[PATH_MAX + 64];
    const double before = ln_seconds();
    const lenet_shape shape = lenet_dataset_shape(r->train);
    r->started = time(NULL);
    r->settings.on_progress = on_progress;
    r->settings.on_epoch = on_epoch;
    r->settings.context = s;
    lenet_status status = claim_member(r, error);
    if (!status && is_stored(r))
        return recall_member(s, error);
    if (!status)
        status = lenet_model_create_with(&r->model, r->architecture, &r->settings, shape,
                                                  lenet_dataset_classes(r->train), error);
    if (!status && r->out && (folder_prepare(&place, r->out, run_file_names()) || folder_own(&place))) {
        *error = (lenet_error){LENET_IO, "the results of a run could not be stored"};
        status = LENET_IO;
    }
    if (!status && !r->out && r->store)
        status = use_database_checkpoint(r, checkpoint, error);
    if (!status) {
        if (r->out)
            use_checkpoint(r, checkpoint, sizeof checkpoint);
        r->status = run_train_model(r);
        r->seconds = ln_seconds() - before;
        status = settle_member(s, error);
        if (r->out && !r->is_saved)
            folder_take_back(&place);
        r->settings.checkpoint = NULL;
    }
    folder_release(&place);
    lenet_model_close(&r->model);
    return status;
}

static void *work(void *context)
{
    team *t = context;
    pthread_mutex_lock(&t->lock);
    while (t->next < t->all->count && !atomic_load(&t->is_stopping)) {
        seat *s = &t->seats[t->next++];
        lenet_error error = {LENET_OK, ""};
        s->is_running = true;
        pthread_mutex_unlock(&t->lock);
        const lenet_status status = train_member(s, &error);
        pthread_mutex_lock(&t->lock);
        s->is_running = false;
        s->is_done = true;
        if (status && !t->error.status) {
            t->error = error;
            t->error.status = status;
            atomic_store(&t->is_stopping, true);
        }
        pthread_cond_signal(&t->changed);
    }
    t->idle++;
    pthread_cond_signal(&t->changed);
    pthread_mutex_unlock(&t->lock);
    return NULL;
}

/* ------------------------------------------------------------------------------------------- watching over them */

static double share_done(const seat *s)
{
    if (s->is_done)
        return 1;
    const double in_epoch = s->now.epoch_images ? (double)s->now.images / (double)s->now.epoch_images : 0;
    return s->now.epochs ? (s->now.epoch - 1 + in_epoch) / s->now.epochs : 0;
}

/* "3 of 10 runs done  run 4 epoch 3/10  run 5 epoch 2/10  left 1:20" */
static void show_line(team *t)
{
    char text[640], left[32];
    double done = 0;
    size_t finished = 0;
    if (!live_is_due(&t->line))
        return;
    for (size_t i = 0; i < t->all->count; i++) {
        done += share_done(&t->seats[i]) / (double)t->all->count;
        finished += t->seats[i].is_done;
    }
    const double seconds = done > 0 ? (ln_seconds() - t->started) * (1 - done) / done : NAN;
    size_t used = (size_t)snprintf(text, sizeof text, "%zu of %zu runs done  left %s ", finished, t->all->count,
                                   format_duration(seconds, left, sizeof left));
    for (size_t i = 0; i < t->next && used + 64 < sizeof text; i++)
        if (t->seats[i].is_running)
            used += (size_t)snprintf(text + used, sizeof text - used, " run %zu epoch %d/%d", i + 1, t->seats[i].now.epoch,
                                     t->all->asked->settings.epochs);
    live_show(&t->line, text);
}

/* "run 2/6  seed 1  fold 1  0.52 s  kept epoch 1  validation 98.00 %  test 98.00 %" */
static void tell_finished(const repetition *all, const repeated_run *member)
{
    const run *r = &member->r;
    flow line = {.to = stderr, .indent = 4};
    flow_add(&line, "run %*d/%zu", snprintf(NULL, 0, "%zu", all->count), member->number, all->count);
    flow_add(&line, "seed %ju", (uintmax_t)r->settings.seed);
    if (is_over_folds(all))
        flow_add(&line, "fold %d", r->settings.fold);
    flow_add(&line, "%.2f s", r->seconds);
    flow_add(&line, "kept epoch %d", r->result.best_epoch);
    if (!isnan(member->val_accuracy))
        flow_add(&line, "validation %.2f %%", 100 * member->val_accuracy);
    flow_add(&line, "test %.2f %%", 100 * r->result.test_accuracy);
    if (member->is_collapsed)
        flow_add(&line, "at chance");
    flow_end(&line);
}

/* A line about each run that is done and was not told of. */
static void tell_done(team *t)
{
    for (size_t i = 0; i < t->next; i++) {
        seat *s = &t->seats[i];
        const run *r = &s->member->r;
        if (!s->is_done || s->is_told || !s->member->is_finished)
            continue;
        s->is_told = true;
        live_clear(&t->line);
        if (r->status) {
            complain("run %d, seed %ju: %s", s->member->number, (uintmax_t)r->settings.seed, r->error.text);
            continue;
        }
        if (t->all->asked->quiet)
            continue;
        tell_finished(t->all, s->member);
    }
}

/* Until all workers have gone. */
static void watch(team *t, size_t workers)
{
    pthread_mutex_lock(&t->lock);
    while (t->idle < workers) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += 100 * 1000 * 1000;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        pthread_cond_timedwait(&t->changed, &t->lock, &until);
        if (interrupt_signal())
            atomic_store(&t->is_stopping, true);
        tell_done(t);
        show_line(t);
    }
    tell_done(t);
    pthread_mutex_unlock(&t->lock);
    live_clear(&t->line);
}

enum { MOST_JOBS = 256 };

/* Starts the workers, which hear no signals, and waits for them. Fewer than wanted will do. */
static void run_team(team *t)
{
    pthread_t workers[MOST_JOBS];
    size_t count = 0;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (count < (size_t)t->all->jobs && !pthread_create(&workers[count], NULL, work, t))
        count++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    t->all->jobs = (int)count;
    if (!count)
        t->error = (lenet_error){LENET_FAILURE, "a thread could not be started"};
    watch(t, count);
    for (size_t i = 0; i < count; i++)
        pthread_join(workers[i], NULL);
}

/* ---------------------------------------------------------------------------------------------- before and after */

static double largest_share(const lenet_dataset *dataset)
{
    size_t count[LENET_MAX_CLASSES] = {0}, most = 0;
    const uint8_t *labels = lenet_dataset_labels(dataset);
    for (size_t i = 0; i < lenet_dataset_count(dataset); i++)
        most = ++count[labels[i]] > most ? count[labels[i]] : most;
    return (double)most / (double)lenet_dataset_count(dataset);
}

/* Unless it is said, each run has one thread and there are as many side by side as there are processors. */
static void divide_processors(repetition *all)
{
    const run *asked = all->asked;
    const int processors = lenet_processor_count();
    all->threads = asked->settings.compute.threads ? asked->settings.compute.threads : 1;
    all->jobs = asked->jobs ? asked->jobs : processors / all->threads;
    const int most = (int)all->count < MOST_JOBS ? (int)all->count : MOST_JOBS;
    all->jobs = all->jobs < 1 ? 1 : all->jobs > most ? most : all->jobs;
}

bool is_over_folds(const repetition *all) { return all->asked->all_folds; }

static int digits_of(int number) { return snprintf(NULL, 0, "%d", number); }

void name_of_run(const repetition *all, int number, char name[48])
{
    const run *asked = all->asked;
    const int folds = asked->all_folds ? asked->settings.folds : 1, digits = digits_of(asked->runs);
    int used = 0;
    if (asked->runs > 1 || folds == 1)
        used = snprintf(name, 48, "run-%0*d", digits < 2 ? 2 : digits, (number - 1) / folds + 1);
    if (folds > 1)
        snprintf(name + used, 48 - (size_t)used, "%sfold-%0*d", used ? "-" : "", digits_of(folds - 1), (number - 1) % folds);
}

static bool prepare_members(repetition *all)
{
    const run *asked = all->asked;
    const size_t folds = asked->all_folds ? (size_t)asked->settings.folds : 1;
    for (size_t i = 0; i < all->count; i++) {
        repeated_run *member = &all->runs[i];
        member->number = (int)i + 1;
        member->r = (run){.settings = asked->settings, .data = asked->data, .folder = asked->folder,
                          .architecture = asked->architecture, .quiet = asked->quiet, .json = asked->json,
                          .runs = 1, .force = asked->force, .is_in_folder = asked->is_in_folder,
                          .train = asked->train, .test = asked->test, .store = asked->store,
                          .db = asked->db, .setting_files = asked->setting_files};
        member->r.settings.seed += i / folds;
        member->r.settings.fold += (int)(i % folds);
        member->r.settings.compute.threads = all->threads;
        memcpy(member->r.data_fault, asked->data_fault, sizeof asked->data_fault);
        char *path = NULL, name[48];
        name_of_run(all, member->number, name);
        if (asked->out && asprintf(&path, "%s/%s", asked->out, name) < 0)
            return false;
        member->r.out = path;
    }
    return true;
}

static void count_outcomes(repetition *all)
{
    for (size_t i = 0; i < all->count; i++) {
        all->finished += all->runs[i].is_finished;
        all->diverged += all->runs[i].is_finished && all->runs[i].r.status == LENET_DIVERGED;
        all->collapsed += all->runs[i].is_collapsed;
    }
}

static int write_file(const repetition *all, const char *name, char *text)
{
    char path[PATH_MAX + 64];
    lenet_error error;
    if (!text)
        return report_no_memory();
    snprintf(path, sizeof path, "%s/%s", all->asked->out, name);
    const int code = lenet_write_file(path, text, strlen(text), &error) ? report_error(&error) : LENET_OK;
    free(text);
    return code;
}

/* Is there a run that is stored, or one to go on with? */
static bool has_begun(const repetition *all)
{
    bool found = all->finished > 0;
    for (size_t i = 0; i < all->count && !found; i++)
        found = has_checkpoint(all->runs[i].r.out);
    return found;
}

/* The table, then the record: who finds the record finds the rest. */
static int save_repetition(repetition *all, folder *place)
{
    if (!all->asked->out)
        return LENET_OK;
    int code = LENET_OK;
    if (all->finished) {
        all->is_saved = true;
        code = write_file(all, repetition_file_names()[1], repetition_table(all));
        json_t *record = repetition_record(all);
        code = code ? code : write_file(all, repetition_file_names()[0], document_text(record));
        json_decref(record);
        all->is_saved = !code;
    }
    if (all->is_saved)
        remove_earlier(all->asked, &all->names);
    const bool is_over = !code && all->finished == all->count;
    if (is_over || !has_begun(all))
        end_unfinished(all->asked->out); /* before those of its runs: killed in between, there is nothing to go on with */
    for (size_t i = 0; i < all->count && is_over; i++) {
        end_unfinished(all->runs[i].r.out);
        rmdir(all->runs[i].r.out); /* of a run that diverged before there was anything to keep */
    }
    if (!all->finished)
        folder_take_back(place);
    return code;
}

static void close_members(repetition *all)
{
    for (size_t i = 0; all->runs && i < all->count; i++) {
        free((char *)all->runs[i].r.out); /* ours: prepare_members */
        run_close_epochs(&all->runs[i].r);
        lab_recipe_close(&all->runs[i].r.full_recipe);
    }
    free(all->runs);
    free(all->names.names);
}

/* Diverged runs are a result like others, unless there is nothing else. */
static int report(const repetition *all, const team *t)
{
    if (interrupt_signal())
        complain("stopped by a signal: %zu of %zu runs are finished%s", all->finished, all->count,
                 all->finished && all->is_saved ? " and stored" : "");
    if ((interrupt_signal() || t->error.status == LENET_IO) && all->asked->out && has_begun(all))
        complain("to go on from there: lenet train --resume %s", all->asked->out);
    int code = t->error.status ? report_error(&t->error) : LENET_OK;
    if (all->finished && all->asked->json)
        code = code ? code : print_document(repetition_record(all));
    else if (all->finished)
        print_repetition(all);
    if (!code && all->finished && all->diverged == all->finished)
        code = LENET_DIVERGED;
    return code;
}

/* The folder of all is ours, and what an earlier call left there was looked at. Returns an exit code. */
static int open_place(repetition *all, folder *place)
{
    run *asked = all->asked;
    all->names = (run_names){all->count, calloc(all->count, sizeof *all->names.names)};
    if (!all->names.names)
        return report_no_memory();
    for (size_t i = 0; i < all->count; i++)
        name_of_run(all, (int)i + 1, all->names.names[i]);
    if (!asked->out)
        return LENET_OK;
    if (folder_prepare(place, asked->out, repetition_file_names()))
        return LENET_IO;
    asked->out = place->path;
    int code = folder_own(place);
    if (!code)
        code = check_earlier(asked, &all->names, &asked->is_in_folder);
    if (code)
        folder_take_back(place);
    return code;
}

/* From now on all can be taken up. Returns an exit code. */
static int begin_repetition(const repetition *all, folder *place)
{
    lenet_error error;
    if (!all->asked->out || has_begun(all) || !begin_unfinished(all->asked, &error))
        return LENET_OK;
    folder_take_back(place);
    return report_error(&error);
}

/* Trains all, stores and reports. */
static int train_all(repetition *all, folder *place)
{
    team t = {.all = all, .seats = calloc(all->count, sizeof *t.seats), .started = ln_seconds()};
    if (!t.seats)
        return report_no_memory();
    for (size_t i = 0; i < all->count; i++)
        t.seats[i] = (seat){.team = &t, .member = &all->runs[i]};
    pthread_mutex_init(&t.lock, NULL);
    pthread_cond_init(&t.changed, NULL);
    live_open(&t.line, all->asked->quiet);
    interrupt_watch();
    run_team(&t);
    pthread_cond_destroy(&t.changed);
    pthread_mutex_destroy(&t.lock);
    all->seconds = ln_seconds() - t.started;
    count_outcomes(all);
    const int code = save_repetition(all, place), reported = report(all, &t);
    free(t.seats);
    return code ? code : reported;
}

/* The folder is there and ours. */
static int repeat_in(repetition *all, folder *place)
{
    run *asked = all->asked;
    if (asked->is_in_folder && !asked->store)
        return print_earlier(asked);
    divide_processors(all);
    all->chance_share = largest_share(asked->test);
    all->chance_bound = lab_chance_bound(lenet_dataset_count(asked->test), all->chance_share, LAB_CHANCE_ALARM);
    all->runs = calloc(all->count, sizeof *all->runs);
    if (!all->runs || !prepare_members(all))
        return report_no_memory();
    const int code = begin_repetition(all, place);
    return code ? code : train_all(all, place);
}

int repeat_and_report(run *asked)
{
    repetition all = {.asked = asked, .count = (size_t)asked->runs * (size_t)(asked->all_folds ? asked->settings.folds : 1)};
    folder place = {.lock = -1};
    if (asked->settings.seed > UINT64_MAX - (uint64_t)(asked->runs - 1)) {
        complain("--seed %ju: with --runs %d the last seed would pass 2^64 - 1", (uintmax_t)asked->settings.seed, asked->runs);
        return LENET_USAGE;
    }
    int code = open_place(&all, &place);
    if (!code)
        code = repeat_in(&all, &place);
    close_members(&all);
    folder_release(&place);
    if (interrupt_signal())
        end_by_signal(interrupt_signal());
    return code;
}
