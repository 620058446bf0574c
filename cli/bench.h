/* SPDX-License-Identifier: MIT */
/* bench.h - one run of `lenet bench`: the request, what is used, what was measured, and how it is shown. */
#ifndef LENET_CLI_BENCH_H
#define LENET_CLI_BENCH_H

#include "cli/progress.h"
#include "lenet/lenet.h"
#include "lenet/tools.h"

#include <jansson.h>
#include <stdbool.h>

enum { MOST_PEAKS = 24 };

typedef struct peak {
    const char *isa;
    int threads;
    double gflops;
} peak;

typedef struct bench {
    /* asked for */
    lenet_settings settings; /* its compute names instruction set and threads, once the options are read */
    const char *data, *folder, *architecture;
    bool quick, json;

    /* used */
    char machine[128];
    lenet_dataset *train, *test;
    lenet_model *model;
    progress shown;

    /* measured */
    peak peaks[MOST_PEAKS];
    size_t peak_count;
    double peak_gflops; /* of the instruction set and threads in use */
    lenet_stage *stages;
    size_t stage_count, stage_capacity;
    double step_seconds, image_flop;     /* sums over the stages; the latter for one image */
    double *epoch_seconds, *epoch_peaks; /* the peak before the first epoch and after each */
    int epoch_count;
    size_t images; /* in an epoch */
    double median_epoch, images_per_second, gflops;
    double share_of_peak; /* the median over the epochs, each against the mean of the peaks before and after it */
    double evaluation_seconds;
} bench;

/* On stdout. Each needs what is measured before it: the shares of stages and epochs are those of the peak. */
void print_bench_subject(const bench *b);
void print_bench_peaks(const bench *b);
void print_bench_stages(const bench *b);
void print_bench_epochs(const bench *b);
void print_bench_evaluation(const bench *b);

/* All of it; NULL: out of memory. */
json_t *bench_record(const bench *b);

#endif
