/* SPDX-License-Identifier: MIT */
/* database.c - see database.h. */
#include "cli/database.h"

#include "cli/folder.h"
#include "cli/terminal.h"
#include "lab/trained.h"

int open_database(run *r)
{
    static const char *const files[] = {"*.safetensors", "history.csv", "recipe.json", "run.json", "runs.csv", "runs.json", NULL};
    lenet_error error;
    if (r->db && r->out && folder_spares(r->out, r->db, files))
        return LENET_USAGE;
    if (r->db && (lab_store_open(&r->store, r->db, 1, &error) || lab_store_remember(r->store, r->data, r->train, r->test, &error)))
        return report_error(&error);
    return LENET_OK;
}

static lenet_status put_epochs(const run *r, int64_t number, lenet_error *error)
{
    lenet_status status = LENET_OK;
    for (size_t i = 0; i < r->epoch_count && !status; i++)
        status = lab_store_epoch(r->store, number, &r->epochs[i], error);
    return status;
}

lenet_status put_into_database(const run *r, int64_t *number, lenet_error *error)
{
    lab_recipe recipe = {.text = NULL};
    lab_claim claim = {.run = 0};
    const lab_subject subject = lab_subject_of(r->train, r->test);
    const lab_trained trained = {r->model, r->train, r->test, &r->settings, &r->result, r->status, r->error.text};
    lenet_status status = lab_recipe_make(&recipe, r->data, &subject, r->architecture, &r->settings, error);
    if (!status)
        status = lab_store_claim(r->store, &recipe, &claim, error);
    if (!status && claim.is_ours) {
        status = put_epochs(r, claim.run, error);
        if (!status)
            status = lab_trained_store(&trained, r->store, &claim, error);
        if (status)
            lab_store_release(r->store, claim.run, NULL);
    }
    lab_recipe_close(&recipe);
    *number = claim.run;
    return status;
}
