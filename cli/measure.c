/* SPDX-License-Identifier: MIT */
/* measure.c - measures models and writes the results to files; see measure.h. */
#include "cli/measure.h"

#include "cli/attack.h"
#include "lab/text/csv.h"
#include "util/file.h"
#include "util/printable.h"

#include <math.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------------------ measuring */

static size_t pixels_of(lenet_shape s) { return (size_t)s.channels * (size_t)s.height * (size_t)s.width; }

static lenet_session *open_session(lab_pool *pool, const lenet_model *model, const ordeal *how)
{
    lenet_session *session = NULL;
    lab_check(pool, lenet_session_open(&session, model, &how->compute, &pool->error));
    return session;
}

/* The images / 255, changed against the victim. */
static float *attacked(lab_pool *pool, const lenet_model *victim, const lenet_dataset *dataset, const ordeal *how)
{
    const lenet_shape shape = lenet_dataset_shape(dataset);
    const size_t count = lenet_dataset_count(dataset), size = count * pixels_of(shape);
    const uint8_t *bytes = lenet_dataset_images(dataset);
    float *values = lab_alloc(pool, size, sizeof *values);
    attack a;
    for (size_t i = 0; i < size; i++)
        values[i] = (float)bytes[i] / 255;
    lab_check(pool, read_attack(how->attack, &a, &pool->error));
    lenet_session *session = open_session(pool, victim, how);
    const lenet_status status =
        attack_images(&a, session, shape, count, lenet_dataset_labels(dataset), values, &pool->error);
    lenet_session_close(&session);
    lab_check(pool, status);
    return values;
}

static void compute(lab_pool *pool, const lenet_model *model, const lenet_images *images, const ordeal *how,
                    float *probabilities)
{
    lenet_session *session = open_session(pool, model, how);
    lenet_session_probabilities(session, images, probabilities);
    lenet_session_close(&session);
}

/* As lenet_evaluate, from the probabilities. */
static lenet_evaluation evaluation_of(lab_pool *pool, const lab_predictions *p, const lenet_dataset *dataset)
{
    const size_t classes = (size_t)p->classes;
    const char **names = lab_alloc(pool, classes, sizeof *names);
    lenet_evaluation e = {
        .count = p->count, .classes = p->classes, .confusion = lab_alloc(pool, classes * classes, sizeof *e.confusion)};
    for (size_t i = 0; i < p->count; i++)
        e.confusion[p->truth[i] * classes + (size_t)lab_predicted(p, i)]++;
    for (size_t k = 0; k < classes; k++) {
        names[k] = lenet_dataset_class_name(dataset, (int)k);
        e.correct += e.confusion[k * classes + k];
    }
    e.class_names = names;
    e.accuracy = (double)e.correct / (double)e.count;
    e.loss = lab_log_loss(p);
    return e;
}

static void fill(lab_pool *pool, measured *m, const lenet_dataset *dataset)
{
    const lab_predictions *p = &m->answers;
    lab_ranked *scratch = lab_alloc(pool, p->count, sizeof *scratch);
    double sum = 0, known = 0;
    m->evaluation = evaluation_of(pool, p, dataset);
    m->scores = lab_scores_of(m->evaluation.confusion, p->classes);
    m->brier = lab_brier(p);
    m->roc_area = lab_alloc(pool, (size_t)p->classes, sizeof *m->roc_area);
    for (int k = 0; k < p->classes; k++) {
        m->roc_area[k] = lab_roc_area(p, k, scratch);
        sum += isnan(m->roc_area[k]) ? 0 : m->roc_area[k];
        known += !isnan(m->roc_area[k]);
    }
    m->mean_roc_area = known > 0 ? sum / known : NAN;
    m->temperature = lab_best_temperature(p);
    m->calibration = lab_calibrate(p, 1);
    m->calibrated = lab_calibrate(p, m->temperature);
}

/* The library's own loss comes from the logits, which are more precise for a probability near 1 than its float. */
static void take_loss(lab_pool *pool, measured *m, const lenet_dataset *dataset, const ordeal *how)
{
    lenet_evaluation e;
    lab_check(pool, lenet_evaluate(m->model, dataset, &how->compute, &e, &pool->error));
    m->evaluation.loss = e.loss;
    lenet_evaluation_close(&e);
}

measured measure_model(lab_pool *pool, const char *name, const lenet_model *model, const lenet_model *victim,
                       const lenet_dataset *dataset, const ordeal *how)
{
    const size_t count = lenet_dataset_count(dataset), classes = (size_t)lenet_dataset_classes(dataset);
    float *probabilities = lab_alloc(pool, count * classes, sizeof *probabilities);
    lenet_images images = {count, lenet_dataset_images(dataset), NULL};
    if (how->attack)
        images = (lenet_images){count, NULL, attacked(pool, victim, dataset, how)};
    compute(pool, model, &images, how, probabilities);
    measured m = {
        .name = name, .model = model, .answers = {count, (int)classes, lenet_dataset_labels(dataset), probabilities}};
    fill(pool, &m, dataset);
    if (!how->attack)
        take_loss(pool, &m, dataset, how);
    return m;
}

measured measure_ensemble(lab_pool *pool, const measured *members, size_t count, const lenet_dataset *dataset)
{
    measured m = {.name = "ensemble", .answers = members->answers};
    const size_t size = m.answers.count * (size_t)m.answers.classes;
    float *mean = lab_alloc(pool, size, sizeof *mean);
    for (size_t i = 0; i < size; i++) {
        double sum = 0;
        for (size_t k = 0; k < count; k++)
            sum += (double)members[k].answers.probabilities[i];
        mean[i] = (float)(sum / (double)count);
    }
    m.answers.probabilities = mean;
    fill(pool, &m, dataset);
    return m;
}

/* ---------------------------------------------------------------------------------------------------------- files */

static void put_bytes(void *text, const char *bytes, size_t count) { lab_append_bytes(text, bytes, count); }

static void append_field(lab_text *text, const char *field) { lab_csv_write(field, put_bytes, text); }

lenet_status write_predictions(lab_pool *pool, const measured *m, char *const *files, const char *path,
                               lenet_error *error)
{
    const char *const *names = m->evaluation.class_names;
    lab_text text = {.pool = pool};
    lab_append(&text, "index,file,truth,predicted");
    for (int k = 0; k < m->answers.classes; k++) {
        lab_append(&text, ",");
        append_field(&text, lab_format(pool, "p(%s)", names[k]));
    }
    lab_append(&text, "\n");
    for (size_t i = 0; i < m->answers.count; i++) {
        lab_append(&text, "%zu,", i);
        append_field(&text, files ? files[i] : "");
        lab_append(&text, ",");
        append_field(&text, names[m->answers.truth[i]]);
        lab_append(&text, ",");
        append_field(&text, names[lab_predicted(&m->answers, i)]);
        for (int k = 0; k < m->answers.classes; k++)
            lab_append(&text, ",%.9g", (double)m->answers.probabilities[i * (size_t)m->answers.classes + (size_t)k]);
        lab_append(&text, "\n");
    }
    return ln_write_file(path, text.data, text.used, error);
}

lenet_status write_roc(lab_pool *pool, const measured *m, const char *path, lenet_error *error)
{
    const size_t count = m->answers.count;
    lab_ranked *scratch = lab_alloc(pool, count, sizeof *scratch);
    lab_roc_point *points = lab_alloc(pool, count + 1, sizeof *points);
    lab_text text = {.pool = pool};
    lab_append(&text, "class,threshold,false_positive_rate,true_positive_rate\n");
    for (int k = 0; k < m->answers.classes; k++) {
        const size_t used = lab_roc(&m->answers, k, scratch, points);
        for (size_t i = 0; i < used; i++) {
            append_field(&text, m->evaluation.class_names[k]);
            lab_append(&text, ",%.9g,%.17g,%.17g\n", points[i].threshold, points[i].false_positive,
                       points[i].true_positive);
        }
    }
    return ln_write_file(path, text.data, text.used, error);
}
