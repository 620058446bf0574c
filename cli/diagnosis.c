/* SPDX-License-Identifier: MIT */
/*
 * diagnosis.c - from figures to words. Each judgement says what was seen, then what to change; what may be chance
 * (docs/statistics.md) is not called a finding.
 */
#include "cli/diagnosis.h"

#include "cli/data.h"
#include "cli/terminal.h"
#include "lab/text/json.h"
#include "lab/stats/stats.h"
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

lenet_diagnosis *copy_diagnosis(const lenet_diagnosis *seen)
{
    const size_t bytes = seen ? seen->layer_count * sizeof *seen->layers : 0;
    lenet_diagnosis *copy = seen ? malloc(sizeof *copy + bytes) : NULL;
    if (!copy)
        return NULL;
    *copy = *seen;
    memcpy(copy + 1, seen->layers, bytes);
    copy->layers = (const lenet_layer_diagnosis *)(copy + 1);
    return copy;
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
    fprintf(stderr, "    after the epoch  loss %.4f  accuracy %.2f %%  classes answered %.0f\n", epoch->values[LENET_AFTER_LOSS],
            100 * epoch->values[LENET_AFTER_ACCURACY], epoch->values[LENET_CLASSES_PREDICTED]);
}

/* ------------------------------------------------------------------------------------------------------ judgements */

static const lenet_epoch *last_epoch(const run *r) { return r->epoch_count ? &r->epochs[r->epoch_count - 1] : NULL; }

static const lenet_diagnosis *last_of(const run *r) { return r->epoch_count ? last_epoch(r)->diagnosis : NULL; }

/* Of the training images after the last epoch, which has a diagnosis. */
static double last_accuracy(const run *r) { return last_epoch(r)->values[LENET_AFTER_ACCURACY]; }
static double last_loss(const run *r) { return last_epoch(r)->values[LENET_AFTER_LOSS]; }

static const lenet_layer_diagnosis *all_dead(const lenet_diagnosis *d)
{
    for (size_t i = 0; i < d->layer_count; i++)
        if (d->layers[i].has_activation && d->layers[i].dead == d->layers[i].units)
            return &d->layers[i];
    return NULL;
}

/* Why a run that is at chance is so. */
static void judge_cause(const run *r, const lenet_diagnosis *d, findings *f)
{
    const lenet_layer_diagnosis *dead = all_dead(d), *first = &d->layers[0],
                                *last = &d->layers[d->layer_count - 1];
    const double rate = r->settings.learning_rate, loss = last_loss(r), unknowing = log(lenet_dataset_classes(r->train));
    const bool is_entropy = !strcmp(r->settings.loss, "cross-entropy");
    if (dead)
        find(f, "All %zu units of %s are dead: off for every training image, so next to no gradient passes them and nothing before them learns. "
                "Steps were too large: try --lr %g, or leaky-relu or elu in place of relu.", dead->units, dead->name, rate / 10);
    else if (first->gradient_norm < 1e-3 * last->gradient_norm)
        find(f, "The gradient vanishes on its way: its norm is %.3g in %s and %.3g in %s, so the first layers do not learn. Try relu in place "
                "of sigmoid or tanh, another --init, or fewer layers.", last->gradient_norm, last->name, first->gradient_norm, first->name);
    else if (is_entropy && loss < 0.97 * unknowing)
        find(f, "The loss, %.4f, is below that of not knowing (ln %d = %.4f): it has begun to learn, and wants more --epochs.", loss,
             lenet_dataset_classes(r->train), unknowing);
    else if (is_entropy && loss < 1.02 * unknowing)
        find(f, "The loss, %.4f, is that of not knowing (ln %d = %.4f): it has hardly begun to learn. Try --lr %g, more --epochs, or "
                "another --init.", loss, lenet_dataset_classes(r->train), unknowing, rate * 10);
    else
        find(f, "The loss, %.4f, is high and units are alive: steps seem too large, or the labels do not belong to the images. Try --lr "
                "%g; lenet data check %s.", loss, rate / 10, r->data);
}

static bool judge_chance(const run *r, findings *f)
{
    const lenet_diagnosis *d = last_of(r);
    char says[64] = "";
    if (!d || !lab_has_collapsed(last_accuracy(r), d->count, d->largest_class_share))
        return false;
    if (last_epoch(r)->values[LENET_CLASSES_PREDICTED] == 1)
        snprintf(says, sizeof says, "; it says the same class to every image");
    find(f, "At chance: after epoch %d it is right on %.2f %% of the training images, and the most frequent class, %s, is %.2f %% of them%s.",
         last_epoch(r)->epoch, 100 * last_accuracy(r), lenet_dataset_class_name(r->train, d->largest_class),
         100 * d->largest_class_share, says);
    judge_cause(r, d, f);
    return true;
}

static void judge_divergence(const run *r, findings *f)
{
    const lenet_diagnosis *d = last_of(r), *first = r->epoch_count ? r->epochs[0].diagnosis : NULL;
    if (r->status != LENET_DIVERGED)
        return;
    char growth[160] = "";
    if (d && first && r->epoch_count > 1)
        snprintf(growth, sizeof growth, " The weights of %s grew from %.3g after epoch 1 to %.3g.", d->layers[0].name,
                 first->layers[0].weight_norm, d->layers[0].weight_norm);
    find(f, "%s.%s The steps are too large: try --lr %g.", r->error.text, growth, r->settings.learning_rate / 10);
}

/* The loss of the last epoch against the least before it. */
static bool judge_rise(const run *r, findings *f)
{
    const lenet_epoch *least = NULL, *last = last_epoch(r);
    for (const lenet_epoch *e = r->epochs; e < last; e++)
        if (!least || e->values[LENET_TRAIN_LOSS] < least->values[LENET_TRAIN_LOSS])
            least = e;
    if (!least)
        return false;
    const double best = least->values[LENET_TRAIN_LOSS], now = last->values[LENET_TRAIN_LOSS];
    if (!(now > 1.5 * best + 0.01))
        return false;
    find(f, "Diverging: the training loss rose from %.4f in epoch %d to %.4f in epoch %d. Try --lr %g, or a --decay below 1.",
         best, least->epoch, now, last->epoch, r->settings.learning_rate / 10);
    return true;
}

static void judge_dead(const run *r, findings *f)
{
    const lenet_diagnosis *d = last_of(r);
    for (size_t i = 0; d && i < d->layer_count; i++)
        if (d->layers[i].has_activation && 2 * d->layers[i].dead > d->layers[i].units)
            find(f, "%zu of %zu units of %s are dead: off for every training image, and mostly they stay so. Try --lr %g, or leaky-relu.",
                 d->layers[i].dead, d->layers[i].units, d->layers[i].name, r->settings.learning_rate / 10);
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
static void judge_data(const run *r, findings *f)
{
    const lenet_diagnosis *d = last_of(r);
    const size_t count = lenet_dataset_count(r->test);
    const double test = r->result.test_accuracy, share = share_of_largest(r->test);
    if (r->data_fault[0])
        find(f, "The wrong data: %s. 'lenet data check %s' shows the files, 'lenet data get %s' fetches the right ones.", r->data_fault, r->data,
             r->data);
    if (d && !isnan(test) && lab_has_collapsed(test, count, share) && last_accuracy(r) > 0.5 && last_accuracy(r) > 3 * d->largest_class_share)
        find(f, "The test images are not of the set that was learned: right on %.2f %% of the training images, and on %.2f %% of the test "
                "images, which is chance. 'lenet data check %s' compares the files with what was published.", 100 * last_accuracy(r), 100 * test,
             r->data);
}

static void judge(const run *r, findings *f)
{
    f->count = 0;
    judge_data(r, f);
    judge_divergence(r, f);
    if (!judge_chance(r, f)) {
        if (r->status != LENET_DIVERGED)
            judge_rise(r, f);
        judge_dead(r, f);
    }
}

void check_data(run *r)
{
    const lenet_source *source = lenet_source_find(r->data);
    for (size_t i = 0; source && i < source->file_count && !r->data_fault[0]; i++) {
        lenet_file_check check;
        char text[320];
        if (lenet_source_check(source, i, r->folder, &check, NULL) || (check.state != LENET_FILE_SWAPPED && check.state != LENET_FILE_BAD))
            continue;
        snprintf(r->data_fault, sizeof r->data_fault, "%.150s: %s", check.path, describe_check(source, i, &check, text, sizeof text));
    }
}

/* -------------------------------------------------------------------------------------------------------- telling */

void print_findings(const run *r)
{
    findings f;
    judge(r, &f);
    for (size_t i = 0; i < f.count; i++) {
        printf("%-15s", i ? "" : "diagnosis");
        print_wrapped(stdout, f.text[i], 17); /* lines that go on are set in: each finding is seen to begin */
    }
    if (!f.count)
        print_item(
            "diagnosis",
            "nothing found: not at chance, not diverging, no layer mostly dead, the files are what they are called");
}

json_t *value_of_findings(const run *r)
{
    findings f;
    json_t *list = json_array();
    judge(r, &f);
    for (size_t i = 0; i < f.count; i++)
        if (!list || json_array_append_new(list, value_of_text(f.text[i]))) {
            json_decref(list);
            return NULL;
        }
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
        if (!layers || json_array_append_new(layers, value_of_layer(&seen->layers[i]))) {
            json_decref(layers);
            return NULL;
        }
    /* clang-format off */
    return json_pack("{s:o, s:o, s:i, s:o, s:o}",
                     "loss", value_of_number(epoch->values[LENET_AFTER_LOSS]),
                     "accuracy", value_of_number(epoch->values[LENET_AFTER_ACCURACY]),
                     "classes_predicted", (int)epoch->values[LENET_CLASSES_PREDICTED],
                     "largest_class_share", value_of_number(seen->largest_class_share),
                     "layers", layers);
    /* clang-format on */
}
