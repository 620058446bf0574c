/* SPDX-License-Identifier: MIT */
/* database.c - see database.h. */
#include "cli/database.h"

#include "cli/folder.h"
#include "cli/terminal.h"
#include "util/error.h"
#include "lab/study/models.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int open_database(run *r)
{
    static const char *const files[] = {".lenet.lock", "*.safetensors", "history.csv", "recipe.json", "run.json", "runs.csv", "runs.json", NULL};
    lenet_error error;
    if (r->db && r->out && folder_spares(r->out, r->db, files))
        return LENET_USAGE;
    if (r->db && (lab_store_open(&r->store, r->db, 1, &error) || lab_store_remember(r->store, r->data, r->train, r->test, &error)))
        return report_error(&error);
    return LENET_OK;
}

lenet_status claim_run(run *r, lenet_error *error)
{
    const lenet_status status = r->store ? lab_store_claim(r->store, &r->full_recipe, r->force, &r->claim, error) : LENET_OK;
    if (status || !r->store)
        return status;
    r->number = r->claim.run;
    if (r->claim.is_ours)
        lab_measure_also(&r->settings, r->claim.measured);
    else if (r->claim.state == LAB_RUNNING)
        return ln_fail(error, LENET_IO, "%s: run %jd is being trained by another process; wait for it, or stop it", r->db,
                        (intmax_t)r->number);
    return LENET_OK;
}

bool is_stored(const run *r)
{
    return (r->out || r->store) && (!r->out || r->is_in_folder) && (!r->store || !r->claim.is_ours);
}

lenet_status use_database_checkpoint(run *r, char path[PATH_MAX], lenet_error *error)
{
    const lenet_status status = lab_store_checkpoint(r->store, r->full_recipe.identity, path, error);
    if (!status)
        r->settings.checkpoint = path;
    return status;
}

static lenet_status put_epochs(const run *r, lenet_error *error)
{
    lenet_status status = LENET_OK;
    for (size_t i = 0; i < r->epoch_count && !status; i++)
        status = lab_store_epoch(r->store, r->claim.run, &r->epochs[i], error);
    return status;
}

lenet_status put_into_database(run *r, lenet_error *error)
{
    const bool has_ended = r->status == LENET_OK || r->status == LENET_DIVERGED;
    const lab_trained trained = run_trained(r);
    if (!r->store || !r->claim.is_ours)
        return LENET_OK;
    lenet_status status = has_ended ? put_epochs(r, error) : LENET_OK;
    if (!status && !r->status)
        status = lab_note_run(r->model, r->data, r->architecture, &trained, error);
    if (!status && !r->status)
        status = lab_model_keep(r->store, r->full_recipe.identity, r->model, error);
    if (has_ended && !status)
        status = lab_trained_store(&trained, r->store, &r->claim, error);
    if (!has_ended || status)
        lab_store_release(r->store, r->claim.run, NULL);
    else if (!r->out && !unlink(r->settings.checkpoint))
        lab_store_tidy(r->store);
    return status;
}

/* ----------------------------------------------------------------------------------------------------------- recalling */

static const char *name_of_isa(const char *name)
{
    for (const char *const *isa = lenet_isa_list(); name && *isa; isa++)
        if (!strcmp(*isa, name))
            return *isa;
    return NULL;
}

static void copy_text(char *to, size_t capacity, const lab_value *value)
{
    snprintf(to, capacity, "%s", value->type == LAB_TEXT ? value->text : "");
}

static int take_run(void *context, int columns, const char *const *names, const lab_value *v)
{
    run *r = context;
    (void)columns, (void)names;
    r->result = (lenet_result){.epochs = (int)v[0].integer, .best_epoch = (int)v[1].integer, .train_count = (size_t)v[2].integer,
                               .val_count = (size_t)v[3].integer, .seconds = v[4].real, .images_per_second = NAN,
                               .test_loss = v[5].real, .test_accuracy = v[6].real, .threads = (int)v[7].integer,
                               .isa = name_of_isa(v[8].text)};
    r->result.stopped_early = r->result.epochs < r->settings.epochs;
    if (!r->result.best_epoch) /* older versions stored figures of untrained weights */
        r->result.test_loss = r->result.test_accuracy = NAN;
    copy_text(r->result.weights_sha256, sizeof r->result.weights_sha256, &v[9]);
    copy_text(r->kept_sha256, sizeof r->kept_sha256, &v[10]);
    copy_text(r->error.text, sizeof r->error.text, &v[11]);
    return 1;
}

static int take_epoch(void *context, const lenet_epoch *epoch) { return !run_add_epoch(context, epoch); }

lenet_status recall_from_database(run *r, lenet_error *error)
{
    char number[32];
    const char *const texts[] = {number, NULL};
    snprintf(number, sizeof number, "%jd", (intmax_t)r->claim.run);
    r->is_recalled = true;
    r->status = r->claim.state == LAB_DIVERGED ? LENET_DIVERGED : LENET_OK;
    lenet_status status = lab_store_ask(r->store, "SELECT epochs, best_epoch, train_count, val_count, seconds, test_loss, test_accuracy, threads,"
                                                  " isa, weights_sha256, kept_weights_sha256, message FROM run WHERE id = ?1",
                                        texts, take_run, r, error);
    if (!status)
        status = lab_store_epochs(r->store, r->claim.run, take_epoch, r, error);
    if (!status && r->status)
        r->error.status = r->status;
    return status;
}
