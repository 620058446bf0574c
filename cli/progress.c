/* SPDX-License-Identifier: MIT */
/* progress.c - the live bar and the lines of the epochs. */
#include "cli/progress.h"
#include "util/clock.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void progress_open(progress *p, int epochs, bool quiet)
{
    *p = (progress){.is_quiet = quiet, .epochs = epochs};
    live_open(&p->line, quiet);
}

static double share_of_epoch(const lenet_progress *now)
{
    return now->epoch_images ? (double)now->images / (double)now->epoch_images : 0;
}

static double share_of_run(const lenet_progress *now) { return (now->epoch - 1 + share_of_epoch(now)) / now->epochs; }

/* What an earlier process has done of a resumed run took none of our time. */
static void note_beginning(progress *p, const lenet_progress *now)
{
    if (p->has_begun)
        return;
    p->has_begun = true;
    p->started = ln_seconds();
    p->share_before = share_of_run(now);
}

/* Of the whole run, from the time that it took so far, evaluations included. */
static double seconds_left(const progress *p, const lenet_progress *now)
{
    const double done = share_of_run(now);
    return done > p->share_before ? (ln_seconds() - p->started) * (1 - done) / (done - p->share_before) : NAN;
}

enum { LONGEST_BAR = 30, SHORTEST_BAR = 6 };

/*
 * "epoch 3/10 [###...] 49,123 images/s  loss 0.1234  accuracy 97.12 %  left 0:12"; the bar takes what the width
 * leaves.
 */
static void compose(const progress *p, const lenet_progress *now, char *text, size_t capacity)
{
    char head[64], tail[192], bar[LONGEST_BAR + 1], speed[32], left[32];
    const double rate = now->seconds > 0 ? (double)now->images / now->seconds : NAN;
    snprintf(head, sizeof head, "epoch %d/%d ", now->epoch, now->epochs);
    snprintf(tail, sizeof tail, "%s images/s  loss %.4f  accuracy %.2f %%  left %s",
             format_count(rate, speed, sizeof speed), now->loss, 100 * now->accuracy,
             format_duration(seconds_left(p, now), left, sizeof left));
    const int free_columns = terminal_width(stderr) - 1 - (int)(strlen(head) + strlen(tail)) - 3;
    if (free_columns >= SHORTEST_BAR) {
        const int width = free_columns < LONGEST_BAR ? free_columns : LONGEST_BAR;
        snprintf(text, capacity, "%s[%s] %s", head, format_bar(share_of_epoch(now), width, bar), tail);
    } else {
        snprintf(text, capacity, "%s%s", head, tail);
    }
}

void progress_show(progress *p, const lenet_progress *now)
{
    char text[320];
    note_beginning(p, now);
    if (!live_is_due(&p->line))
        return;
    compose(p, now, text, sizeof text);
    live_show(&p->line, text);
}

/* "12.30 s", "97.12 %", "0.1234" */
static void print_value(const lenet_metric *metric, double value, char *text, size_t capacity)
{
    if (!metric->unit)
        snprintf(text, capacity, "%.4f", value);
    else
        snprintf(text, capacity, "%.2f %s", *metric->unit == '%' ? 100 * value : value, metric->unit);
}

/* What was measured: "12.30 s", "train 0.1234 97.12 %"; metrics with the same word share it. */
static void add_metrics(flow *line, const lenet_epoch *epoch)
{
    char item[160] = "", value[64];
    const char *shared = NULL;
    for (int i = 0; i < LENET_METRICS; i++) {
        const lenet_metric *metric = &lenet_metric_list()[i];
        if (!metric->brief || isnan(epoch->values[i]))
            continue;
        print_value(metric, epoch->values[i], value, sizeof value);
        if (!shared || strcmp(shared, metric->brief) != 0) {
            if (shared)
                flow_add(line, "%s", item);
            snprintf(item, sizeof item, "%s%s", metric->brief, *metric->brief ? " " : "");
        } else
            strncat(item, " ", sizeof item - strlen(item) - 1);
        strncat(item, value, sizeof item - strlen(item) - 1);
        shared = metric->brief;
    }
    if (shared)
        flow_add(line, "%s", item);
}

void progress_epoch(progress *p, const lenet_epoch *epoch)
{
    if (p->is_quiet)
        return;
    live_clear(&p->line);
    const style look = style_of(stderr);
    flow line = {.to = stderr, .indent = 4};
    flow_add(&line, "epoch %*d/%d", snprintf(NULL, 0, "%d", p->epochs), epoch->epoch, p->epochs);
    add_metrics(&line, epoch);
    if (epoch->values[LENET_IS_BEST] != 0)
        flow_add(&line, "%sbest%s", look.green, look.reset);
    flow_end(&line);
}

void progress_close(progress *p) { live_clear(&p->line); }
