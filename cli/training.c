/* SPDX-License-Identifier: MIT */
/* training.c - see training.h. */
#include "cli/training.h"

#include "lab/runs/models.h"
#include "lab/text/json.h"

bool has_several_runs(const training *t) { return t->runs > 1 || t->all_folds; }

const char *const *run_file_names(void)
{
    static const char *const names[] = {"model.safetensors", "history.csv", "run.json", NULL};
    return names;
}

const char *const *repetition_file_names(void)
{
    static const char *const names[] = {"runs.json", "runs.csv", NULL};
    return names;
}

/* null is "not given" where the default is not a value. */
json_t *training_options(const training *t)
{
    const lenet_settings *s = &t->settings;
    json_t *options = lab_options_of(t->data, t->architecture, s);
    json_t *threads = s->compute.threads ? json_integer(s->compute.threads) : json_null();
    /* clang-format off */
    json_t *others = json_pack("{s:o, s:o, s:o, s:o, s:i, s:o, s:b, s:b, s:b}",
                               "data_dir", value_of_text(t->folder),
                               "threads", threads,
                               "isa", value_of_text(s->compute.isa),
                               "out", value_of_text(t->out),
                               "runs", t->runs,
                               "jobs", t->jobs ? json_integer(t->jobs) : json_null(),
                               "quiet", t->quiet,
                               "json", t->json,
                               "skip_bad", t->bad.is_on);
    /* clang-format on */
    const bool failed = !options || !others || (t->all_folds && json_object_set_new(options, "fold", json_null())) ||
                        json_object_update(options, others) || !lab_add_settings(options, s, true);
    json_decref(others);
    if (!failed)
        return options;
    json_decref(options);
    return NULL;
}
