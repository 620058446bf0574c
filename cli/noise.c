/* SPDX-License-Identifier: MIT */
/* noise.c - see noise.h. A matrix of labels is drawn as a confusion matrix is: rows are the truth. */
#include "cli/noise.h"

#include "cli/chart.h"
#include "cli/confusion.h"
#include "cli/terminal.h"
#include "lenet/tools.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool has_noise(const lab_job *job)
{
    return job->settings.noise > 0 || !strncmp(job->settings.noise_kind, "matrix:", 7);
}

/* The matrix in the form of an evaluation, to be freed by close_labels. False: out of memory or unreadable. */
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
            labels.confusion[i] = (uint32_t)lround(
                1e6 * json_number_value(json_array_get(json_array_get(rows, i / classes), i % classes)));
        print_noise_estimate(&labels);
        close_labels(&labels);
    }
    json_decref(rows);
}

static void print_shares(const lab_job *job)
{
    static const struct {
        int metric;
        const char *name;
        char sign;
    } rows[] = {{LENET_NOISY_MEMORISED, "wrong labels memorised", 'm'},
                {LENET_NOISY_CORRECTED, "corrected", 'c'},
                {LENET_NOISY_OTHER, "taken for another class", 'o'},
                {LENET_CLEAN_RIGHT, "images with right labels that are right", 'r'}};
    enum { ROWS = sizeof rows / sizeof *rows };
    double *values = calloc(ROWS * job->epoch_count + 1, sizeof *values);
    curve curves[ROWS];
    for (size_t k = 0; values && k < ROWS; k++) {
        curves[k] = (curve){rows[k].name, rows[k].sign, values + k * job->epoch_count};
        lab_job_curve(job, rows[k].metric, values + k * job->epoch_count);
    }
    if (values)
        print_chart("training images with label noise, %", curves, ROWS, job->epoch_count);
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
