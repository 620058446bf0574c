/* SPDX-License-Identifier: MIT */
/* bench-report.c - the figures of `lenet bench` as tables and as JSON. What is not counted is "-" and null. */
#include "cli/bench.h"

#include "cli/parts.h"
#include "cli/terminal.h"
#include "lab/text/json.h"
#include "lenet/tools.h"

#include <math.h>
#include <stdio.h>

/* --------------------------------------------------------------------------------------------------------- tables */

/* NaN for a stage whose operations are not counted. */
static double gflops_of_stage(const lenet_stage *stage)
{
    return stage->flop > 0 ? stage->flop / stage->seconds / 1e9 : NAN;
}

void print_bench_subject(const bench *b)
{
    char count[32];
    const lenet_compute *c = &b->settings.compute;
    const lenet_shape shape = lenet_dataset_shape(b->train);
    const char *commit = source_commit();
    printf("machine       %s\n", b->machine);
    printf("processors    %d\n", lenet_processor_count());
    printf("version       %s%s%s, compiled by %s\n", lenet_version(), commit ? ", commit " : "", commit ? commit : "",
           compiler_name());
    printf("instructions  %s\n", c->isa);
    printf("threads       %d\n", c->threads);
    printf("network       %s\n", lenet_model_architecture(b->model));
    printf("training      batches of %d, %s\n", b->settings.batch, b->settings.optimizer);
    printf("data          %s, %s images of %dx%dx%d\n", b->data,
           format_count((double)lenet_dataset_count(b->train), count, sizeof count), shape.channels, shape.height,
           shape.width);
}

static void print_title(const char *title)
{
    const style look = style_of(stdout);
    printf("\n%s%s%s\n", look.bold, title, look.reset);
}

void print_bench_peaks(const bench *b)
{
    print_title("peak of the machine: multiply-adds on registers");
    printf("%-16s%8s%14s\n", "", "threads", "GFLOP/s");
    for (size_t i = 0; i < b->peak_count; i++) {
        const peak *p = &b->peaks[i];
        printf("%-16s%8d%14.1f\n", p->isa, p->threads, p->gflops);
    }
}

void print_bench_stages(const bench *b)
{
    print_title("stages of a step");
    printf("%-24s%14s%10s%10s%10s\n", "", "microseconds", "of step", "GFLOP/s", "of peak");
    for (size_t i = 0; i < b->stage_count; i++) {
        const lenet_stage *stage = &b->stages[i];
        const double gflops = gflops_of_stage(stage);
        printf("%-24s%14.2f%8.1f %%", stage->name, 1e6 * stage->seconds, 100 * stage->seconds / b->step_seconds);
        if (isnan(gflops))
            printf("%10s%10s\n", "-", "-");
        else
            printf("%10.1f%8.1f %%\n", gflops, 100 * gflops / b->peak_gflops);
    }
    const double gflops = b->image_flop * b->settings.batch / b->step_seconds / 1e9;
    printf("%-24s%14.2f%8.1f %%%10.1f%8.1f %%\n", "all", 1e6 * b->step_seconds, 100.0, gflops,
           100 * gflops / b->peak_gflops);
}

void print_bench_epochs(const bench *b)
{
    char images[32], speed[32];
    print_title("whole epochs");
    printf("seconds      ");
    for (int i = 0; i < b->epoch_count; i++)
        printf(" %.4f", b->epoch_seconds[i]);
    printf(", median %.4f for %s images\n", b->median_epoch, format_count((double)b->images, images, sizeof images));
    printf("speed         %s images/s, %.1f GFLOP/s, %.1f %% of the peak measured next to each epoch\n",
           format_count(b->images_per_second, speed, sizeof speed), b->gflops, 100 * b->share_of_peak);
}

void print_bench_evaluation(const bench *b)
{
    char images[32];
    printf("evaluation    %.2f ms for %s images\n", 1e3 * b->evaluation_seconds,
           format_count((double)lenet_dataset_count(b->test), images, sizeof images));
}

/* ----------------------------------------------------------------------------------------------------------- JSON */

static json_t *value_of_peaks(const bench *b)
{
    json_t *list = json_array();
    for (size_t i = 0; i < b->peak_count; i++) {
        const peak *p = &b->peaks[i];
        json_t *row = json_pack("{s:s, s:i, s:o}", "isa", p->isa, "threads", p->threads, "peak_gflops",
                                value_of_number(p->gflops));
        add_to_list(&list, row);
    }
    return list;
}

static json_t *value_of_stages(const bench *b)
{
    json_t *list = json_array();
    for (size_t i = 0; i < b->stage_count; i++) {
        const double gflops = gflops_of_stage(&b->stages[i]);
        json_t *row = json_pack("{s:s, s:o, s:o, s:o}", "name", b->stages[i].name, "seconds",
                                value_of_number(b->stages[i].seconds), "gflops", value_of_number(gflops),
                                "share_of_peak", value_of_number(gflops / b->peak_gflops));
        add_to_list(&list, row);
    }
    return list;
}

static json_t *value_of_list(const double *values, int count)
{
    json_t *list = json_array();
    for (int i = 0; i < count; i++)
        add_to_list(&list, value_of_number(values[i]));
    return list;
}

static json_t *value_of_subject(const bench *b)
{
    const lenet_settings *s = &b->settings;
    /* clang-format off */
    return json_pack("{s:o, s:i, s:s, s:i, s:i, s:s, s:o, s:s, s:b, s:s, s:s, s:o}",
                     "machine", value_of_text(b->machine),
                     "processors", lenet_processor_count(),
                     "isa", s->compute.isa,
                     "threads", s->compute.threads,
                     "batch", s->batch,
                     "optimizer", s->optimizer,
                     "architecture", value_of_text(lenet_model_architecture(b->model)),
                     "data", b->data,
                     "quick", b->quick,
                     "compiler", compiler_name(),
                     "version", lenet_version(),
                     "commit", value_of_text(source_commit()));
    /* clang-format on */
}

json_t *bench_record(const bench *b)
{
    json_t *record = value_of_subject(b);
    /* clang-format off */
    json_t *figures = json_pack("{s:o, s:o, s:o, s:o, s:o, s:I, s:o, s:o, s:o, s:I, s:o}",
                                "peaks", value_of_peaks(b),
                                "peak_gflops", value_of_number(b->peak_gflops),
                                "stages", value_of_stages(b),
                                "epoch_seconds", value_of_list(b->epoch_seconds, b->epoch_count),
                                "epoch_peaks", value_of_list(b->epoch_peaks, b->epoch_count + 1),
                                "images", (json_int_t)b->images,
                                "images_per_second", value_of_number(b->images_per_second),
                                "gflops", value_of_number(b->gflops),
                                "share_of_peak", value_of_number(b->share_of_peak),
                                "evaluation_images", (json_int_t)lenet_dataset_count(b->test),
                                "evaluation_seconds", value_of_number(b->evaluation_seconds));
    /* clang-format on */
    add_all_to_object(&record, figures);
    return record;
}
