/* SPDX-License-Identifier: MIT */
/* study-data.c - see study-data.h. */
#include "cli/study-data.h"

#include "cli/images.h"
#include "cli/terminal.h"
#include "lab/text/json.h"
#include "lenet/tools.h"

/* Context of find_subject. */
typedef struct finder {
    const study_data *data;
    lab_store *store;
} finder;

/* What the data is; if it is not there, what the database has stored of it: its runs may be there. */
static lenet_status find_subject(void *context, const char *data, const char *folder, lab_subject *subject,
                                 lenet_error *error)
{
    const finder *f = context;
    if (lab_datasets_has(f->data->datasets, data, folder))
        return lab_datasets_subject(f->data->datasets, data, folder, subject, error);
    *subject = (lab_subject){.classes = 0};
    return f->store ? lab_store_subject(f->store, data, folder, subject, error) : LENET_OK;
}

int identify_study(study_data *d, lab_store *store)
{
    lenet_error error;
    finder f = {d, store};
    return lab_study_identify(d->study, find_subject, &f, &error) ? report_error(&error) : LENET_OK;
}

static int open_data(study_data *d)
{
    lenet_error error;
    close_study_data(d);
    if (lab_datasets_create(&d->datasets, d->folder, &error) ||
        lab_lacks_find(&d->lacks, d->study, d->datasets, &error))
        return report_error(&error);
    return LENET_OK;
}

/* Downloads what is missing, into the folders where it is looked for. */
static int get_lacks(study_data *d)
{
    int code = LENET_OK;
    for (size_t i = 0; i < d->lacks.count && !code; i++) {
        const lenet_source *const sets[] = {lenet_source_find(d->lacks.all[i].data), NULL};
        d->order.data_dir = d->lacks.all[i].folder;
        code = get_data(&d->order, sets);
    }
    return code ? code : open_data(d);
}

static int refuse_lacks(const study_data *d)
{
    lab_pool pool = {.blocks = NULL};
    char otherwise[96];
    volatile int code = LENET_FAILURE;
    snprintf(otherwise, sizeof otherwise, "%s%s", d->can_get ? ", --get downloads it" : "",
             d->study->variant.is_quick ? "" : ", --quick continues without it");
    if (setjmp(pool.on_failure) == 0)
        code =
            refuse_missing(lab_format(&pool, "%s: missing data: %s", d->study->name, lab_lacks_names(&pool, &d->lacks)),
                           otherwise, &d->lacks);
    lab_pool_close(&pool);
    return code;
}

bool has_data(const study_data *d, const lab_point *point)
{
    return lab_datasets_has(d->datasets, point->data, point->folder);
}

static bool has_any_data(const study_data *d)
{
    for (size_t i = 0; i < d->study->experiment_count; i++)
        for (size_t j = 0; j < d->study->experiments[i].point_count; j++)
            if (has_data(d, &d->study->experiments[i].points[j]))
                return true;
    return false;
}

int read_study_data(study_data *d)
{
    int code = open_data(d);
    if (!code && d->lacks.count && d->gets)
        code = get_lacks(d);
    if (!code && d->lacks.count && !(d->study->variant.is_quick && has_any_data(d)))
        code = refuse_lacks(d);
    return code ? code : identify_study(d, NULL);
}

void append_missing(FILE *to, const study_data *d)
{
    lab_pool pool = {.blocks = NULL};
    if (d->lacks.count && setjmp(pool.on_failure) == 0) {
        const style look = style_of(to);
        fprintf(to, "%smissing%s  ", look.bold, look.reset);
        print_wrapped(to, lab_format(&pool, "no data: %s", lab_lacks_names(&pool, &d->lacks)), 9);
        for (size_t i = 0; i < d->study->experiment_count; i++) {
            const char *points = lab_missing_points(&pool, &d->study->experiments[i]);
            if (!points)
                continue;
            fputs("  ", to);
            print_wrapped(to, lab_format(&pool, "%s: %s", d->study->experiments[i].name, points), 2);
        }
        fprintf(to, "  get the data, and run the study again:\n  %s\n\n", lab_lacks_command(&pool, &d->lacks));
    }
    lab_pool_close(&pool);
}

json_t *value_of_missing(const study_data *d)
{
    json_t *names = json_array();
    for (size_t i = 0; i < d->lacks.count; i++)
        add_to_list(&names, value_of_text(d->lacks.all[i].data));
    return names;
}

void close_study_data(study_data *d)
{
    lab_lacks_close(&d->lacks);
    lab_datasets_close(&d->datasets);
}
