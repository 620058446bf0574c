/* SPDX-License-Identifier: MIT */
/* progress.c - the live bar and the lines of the epochs. */
#include "cli/progress.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void progress_open(progress *p, int epochs, bool quiet)
{
    *p = (progress){.is_quiet = quiet, .epochs = epochs, .started = clock_seconds()};
    live_open(&p->line, quiet);
}

static double share_of_epoch(const lenet_progress *now)
{
    return now->epoch_images ? (double)now->images / (double)now->epoch_images : 0;
}

/* From the time that the whole run took so far, evaluations included. */
static double seconds_left(const progress *p, const lenet_progress *now)
{
    const double done = (now->epoch - 1 + share_of_epoch(now)) / now->epochs;
    return done > 0 ? (clock_seconds() - p->started) * (1 - done) / done : NAN;
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
    p->epoch_images = now->epoch_images;
    if (!live_is_due(&p->line))
        return;
    compose(p, now, text, sizeof text);
    live_show(&p->line, text);
}

void progress_epoch(progress *p, const lenet_epoch *epoch)
{
    char speed[32];
    if (p->is_quiet)
        return;
    live_clear(&p->line);
    const style look = style_of(stderr);
    const double rate = p->epoch_images && epoch->seconds > 0 ? (double)p->epoch_images / epoch->seconds : NAN;
    fprintf(stderr, "epoch %*d/%d  %6.2f s  %s images/s  loss %.4f  accuracy %.2f %%",
            snprintf(NULL, 0, "%d", p->epochs), epoch->epoch, p->epochs, epoch->seconds,
            format_count(rate, speed, sizeof speed), epoch->train_loss, 100 * epoch->train_accuracy);
    if (!isnan(epoch->val_accuracy))
        fprintf(stderr, "  validation %.4f %.2f %%", epoch->val_loss, 100 * epoch->val_accuracy);
    if (!isnan(epoch->test_accuracy))
        fprintf(stderr, "  test %.4f %.2f %%", epoch->test_loss, 100 * epoch->test_accuracy);
    if (!isnan(epoch->clean_right))
        fprintf(stderr, "  wrong labels: memorised %.2f %%, corrected %.2f %%", 100 * epoch->noisy_memorised, 100 * epoch->noisy_corrected);
    fprintf(stderr, "%s%s%s\n", epoch->is_best ? look.green : "", epoch->is_best ? "  best" : "",
            epoch->is_best ? look.reset : "");
}

void progress_close(progress *p) { live_clear(&p->line); }
