/* SPDX-License-Identifier: MIT */
/* noise.c - see noise.h. A matrix of labels is drawn as a confusion matrix is: rows are the truth. */
#include "cli/noise.h"

#include "cli/chart.h"
#include "cli/confusion.h"
#include "cli/terminal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool has_noise(const lab_job *job) { return job->settings.noise > 0 || !strncmp(job->settings.noise_kind, "matrix:", 7); }

/* The matrix in the form of an evaluation, to be given back by close_labels. False: it could not be had. */
static bool open_labels(const lab_job *job, lenet_evaluation *labels)
{
    const size_t classes = (size_t)lenet_dataset_classes(job->train);
    const char **names = calloc(classes, sizeof *names);
    uint32_t *matrix = calloc(classes * classes, sizeof *matrix);
    *labels = (lenet_evaluation){.classes = (int)classes, .class_names = names, .confusion = matrix};
    if (!names || !matrix || lenet_measure_noise(job->train, &job->settings, matrix, NULL))
        return false;
    for (size_t i = 0; i < classes; i++)
        names[i] = lenet_dataset_class_name(job->train, (int)i);
    for (size_t i = 0; i < classes * classes; i++) {
        labels->count += matrix[i];
        labels->correct += i / classes == i % classes ? matrix[i] : 0;
    }
    return true;
}

static void close_labels(lenet_evaluation *labels)
{
    free(labels->confusion);
    free((void *)labels->class_names);
}

json_t *value_of_estimate(const lab_job *job)
{
    const char *text = lenet_model_note(job->model, "noise_matrix_estimated");
    return text ? json_loads(text, 0, NULL) : json_null();
}

/* As labels of a million images of each class. */
static void print_estimate(const lab_job *job)
{
    const size_t classes = (size_t)lenet_dataset_classes(job->train);
    lenet_evaluation labels;
    json_t *rows = value_of_estimate(job);
    if (json_is_array(rows) && open_labels(job, &labels)) {
        for (size_t i = 0; i < classes * classes; i++)
            labels.confusion[i] =
                (uint32_t)lround(1e6 * json_number_value(json_array_get(json_array_get(rows, i / classes), i % classes)));
        print_noise_estimate(&labels);
        close_labels(&labels);
    }
    json_decref(rows);
}

static void print_shares(const lab_job *job)
{
    const size_t count = job->epoch_count;
    double *values = calloc(4 * count + 1, sizeof *values);
    for (size_t i = 0; values && i < count; i++) {
        const lenet_epoch *e = &job->epochs[i];
        const double shares[] = {e->noisy_memorised, e->noisy_corrected, e->noisy_other, e->clean_right};
        for (size_t k = 0; k < 4; k++)
            values[k * count + i] = 100 * shares[k];
    }
    const curve curves[] = {{"wrong labels memorised", 'm', values},
                            {"corrected", 'c', values + count},
                            {"taken for another class", 'o', values + 2 * count},
                            {"images with right labels that are right", 'r', values + 3 * count}};
    if (values)
        print_chart("training images with label noise, %", curves, 4, count);
    free(values);
}

static void print_realised(const lab_job *job)
{
    lenet_evaluation labels;
    char wrong[32], all[32];
    print_shares(job);
    if (open_labels(job, &labels)) {
        print_noise_matrix(&labels);
        const size_t count = labels.count - labels.correct;
        print_item("wrong labels", "%s of %s training and validation images, %.2f %%; the test images have none",
                   format_count((double)count, wrong, sizeof wrong),
                   format_count((double)labels.count, all, sizeof all), 100 * (double)count / (double)labels.count);
        putchar('\n');
    }
    close_labels(&labels);
}

void print_noise(const lab_job *job)
{
    if (has_noise(job))
        print_realised(job);
    print_estimate(job);
}
