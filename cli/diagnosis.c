/* SPDX-License-Identifier: MIT */
/*
 * diagnosis.c - from figures to words. Each finding states first what was measured, then what to change; what may be
 * chance (docs/statistics.md) is not called a finding.
 */
#include "cli/diagnosis.h"

#include "cli/data.h"
#include "cli/terminal.h"
#include "lab/stats/stats.h"
#include "lab/text/json.h"
#include "lenet/tools.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Texts, one a finding. */
enum { MOST_FINDINGS = 6, LONGEST_FINDING = 640 };
typedef struct findings {
    size_t count;
    char text[MOST_FINDINGS][LONGEST_FINDING];
} findings;

static void find(findings *f, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void find(findings *f, const char *format, ...)
{
    va_list arguments;
    if (f->count == MOST_FINDINGS)
        return;
    va_start(arguments, format);
    vsnprintf(f->text[f->count++], LONGEST_FINDING, format, arguments);
    va_end(arguments);
}

void print_diagnosis(const lenet_epoch *epoch)
{
    const lenet_diagnosis *seen = epoch->diagnosis;
    for (const lenet_layer_diagnosis *l = seen->layers; l < seen->layers + seen->layer_count; l++) {
        flow line = {.to = stderr, .indent = 6};
        flow_add(&line, "    %-8s weights %-10.4g gradient %-9.4g", l->name, l->weight_norm, l->gradient_norm);
        if (l->has_activation)
            flow_add(&line, "dead %zu of %zu (%.1f %%)", l->dead, l->units, 100 * (double)l->dead / (double)l->units);
        flow_end(&line);
    }
    fprintf(stderr, "    after the epoch  loss %.4f  accuracy %.2f %%  classes answered %.0f\n",
            epoch->values[LENET_AFTER_LOSS], 100 * epoch->values[LENET_AFTER_ACCURACY],
            epoch->values[LENET_CLASSES_PREDICTED]);
}

/* ------------------------------------------------------------------------------------------------------ judgements */

static const lenet_epoch *last_epoch(const lab_job *job)
{
    return job->epoch_count ? &job->epochs[job->epoch_count - 1] : NULL;
}

static const lenet_diagnosis *last_of(const lab_job *job)
{
    return job->epoch_count ? last_epoch(job)->diagnosis : NULL;
}

/* Of the training images after the last epoch, which has a diagnosis. */
static double last_accuracy(const lab_job *job) { return last_epoch(job)->values[LENET_AFTER_ACCURACY]; }
static double last_loss(const lab_job *job) { return last_epoch(job)->values[LENET_AFTER_LOSS]; }

static const lenet_layer_diagnosis *all_dead(const lenet_diagnosis *d)
{
    for (size_t i = 0; i < d->layer_count; i++)
        if (d->layers[i].has_activation && d->layers[i].dead == d->layers[i].units)
            return &d->layers[i];
    return NULL;
}

/* Why a run that is at chance is so. */
static void judge_cause(const lab_job *job, const lenet_diagnosis *d, findings *f)
{
    const lenet_layer_diagnosis *dead = all_dead(d), *first = &d->layers[0], *last = &d->layers[d->layer_count - 1];
    const double rate = job->settings.learning_rate, loss = last_loss(job),
                 unknowing = log(lenet_dataset_classes(job->train));
    const bool is_entropy = !strcmp(job->settings.loss, "cross-entropy");
    if (dead)
        find(f,
             "All %zu units of %s are dead: off for every training image, so next to no gradient passes them and "
             "nothing before them learns. "
             "Steps were too large: try --lr %g, or leaky-relu or elu in place of relu.",
             dead->units, dead->name, rate / 10);
    else if (first->gradient_norm < 1e-3 * last->gradient_norm)
        find(f,
             "The gradient vanishes on its way: its norm is %.3g in %s and %.3g in %s, so the first layers do not "
             "learn. Try relu in place "
             "of sigmoid or tanh, another --init, or fewer layers.",
             last->gradient_norm, last->name, first->gradient_norm, first->name);
    else if (is_entropy && loss < 0.97 * unknowing)
        find(f,
             "The loss, %.4f, is below that of a random guess (ln %d = %.4f): the network has begun to learn and needs "
             "more "
             "--epochs.",
             loss, lenet_dataset_classes(job->train), unknowing);
    else if (is_entropy && loss < 1.02 * unknowing)
        find(
            f,
            "The loss, %.4f, is that of a random guess (ln %d = %.4f): it has hardly begun to learn. Try --lr %g, more "
            "--epochs, or "
            "another --init.",
            loss, lenet_dataset_classes(job->train), unknowing, rate * 10);
    else
        find(f,
             "The loss, %.4f, is high and units are alive: steps seem too large, or the labels do not belong to the "
             "images. Try --lr "
             "%g; lenet data check %s.",
             loss, rate / 10, job->data);
}

static bool judge_chance(const lab_job *job, findings *f)
{
    const lenet_diagnosis *d = last_of(job);
    char detail[64] = "";
    if (!d || !lab_has_collapsed(last_accuracy(job), d->count, d->largest_class_share))
        return false;
    if (last_epoch(job)->values[LENET_CLASSES_PREDICTED] == 1)
        snprintf(detail, sizeof detail, "; it predicts the same class for every image");
    find(f,
         "At chance: after epoch %d it is right on %.2f %% of the training images, and the most frequent class, %s, is "
         "%.2f %% of them%s.",
         last_epoch(job)->epoch, 100 * last_accuracy(job), lenet_dataset_class_name(job->train, d->largest_class),
         100 * d->largest_class_share, detail);
    judge_cause(job, d, f);
    return true;
}

static void judge_divergence(const lab_job *job, findings *f)
{
    const lenet_diagnosis *d = last_of(job), *first = job->epoch_count ? job->epochs[0].diagnosis : NULL;
    if (job->status != LENET_DIVERGED)
        return;
    char growth[160] = "";
    if (d && first && job->epoch_count > 1)
        snprintf(growth, sizeof growth, " The weights of %s grew from %.3g after epoch 1 to %.3g.", d->layers[0].name,
                 first->layers[0].weight_norm, d->layers[0].weight_norm);
    find(f, "%s.%s The steps are too large: try --lr %g.", job->error.text, growth, job->settings.learning_rate / 10);
}

/* The loss of the last epoch against the least before it. */
static bool judge_rise(const lab_job *job, findings *f)
{
    const lenet_epoch *least = NULL, *last = last_epoch(job);
    for (const lenet_epoch *e = job->epochs; e < last; e++)
        if (!least || e->values[LENET_TRAIN_LOSS] < least->values[LENET_TRAIN_LOSS])
            least = e;
    if (!least)
        return false;
    const double best = least->values[LENET_TRAIN_LOSS], now = last->values[LENET_TRAIN_LOSS];
    if (!(now > 1.5 * best + 0.01))
        return false;
    find(f,
         "Diverging: the training loss rose from %.4f in epoch %d to %.4f in epoch %d. Try --lr %g, or a --decay below "
         "1.",
         best, least->epoch, now, last->epoch, job->settings.learning_rate / 10);
    return true;
}

static void judge_dead(const lab_job *job, findings *f)
{
    const lenet_diagnosis *d = last_of(job);
    for (size_t i = 0; d && i < d->layer_count; i++)
        if (d->layers[i].has_activation && 2 * d->layers[i].dead > d->layers[i].units)
            find(f,
                 "%zu of %zu units of %s are dead: off for every training image, and mostly they stay so. Try --lr %g, "
                 "or leaky-relu.",
                 d->layers[i].dead, d->layers[i].units, d->layers[i].name, job->settings.learning_rate / 10);
}

static double share_of_largest(const lenet_dataset *dataset)
{
    size_t count[LENET_MAX_CLASSES] = {0}, most = 0;
    for (size_t i = 0; i < lenet_dataset_count(dataset); i++) {
        const size_t n = ++count[lenet_dataset_labels(dataset)[i]];
        most = n > most ? n : most;
    }
    return (double)most / (double)lenet_dataset_count(dataset);
}

/* Files that are another set's, and test images that do not fit what was learned. */
static void judge_data(const lab_job *job, const char *data_fault, findings *f)
{
    const lenet_diagnosis *d = last_of(job);
    const size_t count = lenet_dataset_count(job->test);
    const double test = job->result.test_accuracy, share = share_of_largest(job->test);
    if (data_fault[0])
        find(f,
             "The wrong data: %s. 'lenet data check %s' shows the files, 'lenet data get %s' fetches the right ones.",
             data_fault, job->data, job->data);
    if (d && !isnan(test) && lab_has_collapsed(test, count, share) && last_accuracy(job) > 0.5 &&
        last_accuracy(job) > 3 * d->largest_class_share)
        find(f,
             "The test images are not of the set that was learned: right on %.2f %% of the training images, and on "
             "%.2f %% of the test "
             "images, which is chance. 'lenet data check %s' compares the files with what was published.",
             100 * last_accuracy(job), 100 * test, job->data);
}

static void judge(const lab_job *job, const char *data_fault, findings *f)
{
    f->count = 0;
    judge_data(job, data_fault, f);
    judge_divergence(job, f);
    if (!judge_chance(job, f)) {
        if (job->status != LENET_DIVERGED)
            judge_rise(job, f);
        judge_dead(job, f);
    }
}

void check_data(const char *data, const char *folder, char fault[DATA_FAULT])
{
    const lenet_source *source = lenet_source_find(data);
    fault[0] = '\0';
    for (size_t i = 0; source && i < source->file_count && !fault[0]; i++) {
        lenet_file_check check;
        char text[320];
        if (lenet_source_check(source, i, folder, &check, NULL) ||
            (check.state != LENET_FILE_SWAPPED && check.state != LENET_FILE_BAD))
            continue;
        snprintf(fault, DATA_FAULT, "%.150s: %s", check.path, describe_check(source, i, &check, text, sizeof text));
    }
}

/* -------------------------------------------------------------------------------------------------------- telling */

void print_findings(const lab_job *job, const char *data_fault)
{
    findings f;
    judge(job, data_fault, &f);
    for (size_t i = 0; i < f.count; i++) {
        printf("%-15s", i ? "" : "diagnosis");
        print_wrapped(stdout, f.text[i], 17); /* lines that go on are set in: each finding is seen to begin */
    }
    if (!f.count)
        print_item(
            "diagnosis",
            "nothing found: not at chance, not diverging, no layer mostly dead, the files are what they are called");
}

json_t *value_of_findings(const lab_job *job, const char *data_fault)
{
    findings f;
    json_t *list = json_array();
    judge(job, data_fault, &f);
    for (size_t i = 0; i < f.count; i++)
        add_to_list(&list, value_of_text(f.text[i]));
    return list;
}

static json_t *value_of_layer(const lenet_layer_diagnosis *l)
{
    /* clang-format off */
    return json_pack("{s:s, s:I, s:o, s:o, s:o, s:o}",
                     "name", l->name,
                     "units", (json_int_t)l->units,
                     "dead", l->has_activation ? json_integer((json_int_t)l->dead) : json_null(),
                     "dead_share", l->has_activation ? value_of_number((double)l->dead / (double)l->units) : json_null(),
                     "weight_norm", value_of_number(l->weight_norm),
                     "gradient_norm", value_of_number(l->gradient_norm));
    /* clang-format on */
}

json_t *value_of_diagnosis(const lenet_epoch *epoch)
{
    const lenet_diagnosis *seen = epoch->diagnosis;
    json_t *layers = json_array();
    for (size_t i = 0; i < seen->layer_count; i++)
        add_to_list(&layers, value_of_layer(&seen->layers[i]));
    /* clang-format off */
    return json_pack("{s:o, s:o, s:i, s:o, s:o}",
                     "loss", value_of_number(epoch->values[LENET_AFTER_LOSS]),
                     "accuracy", value_of_number(epoch->values[LENET_AFTER_ACCURACY]),
                     "classes_predicted", (int)epoch->values[LENET_CLASSES_PREDICTED],
                     "largest_class_share", value_of_number(seen->largest_class_share),
                     "layers", layers);
    /* clang-format on */
}
