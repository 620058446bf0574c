/* SPDX-License-Identifier: MIT */
/* run-jobs.c - see run-jobs.h. */
#include "cli/run-jobs.h"

#include "cli/interrupt.h"
#include "cli/terminal.h"
#include "util/clock.h"
#include "util/error.h"

#include <stdlib.h>

enum { TEXT_ROOM = 4096 };

static bool has_ended(const lab_job *job) { return job->state == LAB_JOB_DONE || job->state == LAB_JOB_FAILED; }

static void print_ended(const lab_work *work, const display *shown, live *lines, bool *is_printed)
{
    size_t done = 0;
    for (size_t i = 0; i < work->count; i++)
        done += is_printed[i] && work->jobs[i]->state == LAB_JOB_DONE;
    for (size_t i = 0; i < work->count; i++) {
        if (is_printed[i] || !has_ended(work->jobs[i]))
            continue;
        is_printed[i] = true;
        live_clear(lines);
        done += work->jobs[i]->state == LAB_JOB_DONE;
        shown->print_ended(shown->context, i, done);
    }
}

/* Until all workers have ended. */
static void watch(lab_runner *runner, const lab_work *work, const display *shown, bool *is_printed)
{
    live lines;
    char text[TEXT_ROOM];
    bool is_going_on = true;
    live_open(&lines, shown->is_quiet);
    while (is_going_on) {
        is_going_on = lab_runner_wait(runner);
        if (interrupt_signal())
            lab_runner_stop(runner);
        lab_runner_lock(runner);
        print_ended(work, shown, &lines, is_printed);
        if (is_going_on && live_is_due(&lines)) {
            shown->compose(shown->context, text, sizeof text);
            live_show(&lines, text);
        }
        lab_runner_unlock(runner);
    }
    live_clear(&lines);
}

lenet_status run_jobs(const lab_work *work, const display *shown, double *seconds, lenet_error *error)
{
    lab_runner *runner = NULL;
    const double started = ln_seconds();
    bool *is_printed = calloc(work->count + 1, sizeof *is_printed);
    if (!is_printed)
        return ln_fail(error, LENET_FAILURE, "out of memory for the runs");
    for (size_t i = 0; i < work->count; i++)
        is_printed[i] = work->jobs[i]->state == LAB_JOB_DONE;
    interrupt_watch();
    lenet_status status = lab_runner_start(&runner, work, error);
    if (!status) {
        watch(runner, work, shown, is_printed);
        status = lab_runner_finish(&runner, error);
    }
    free(is_printed);
    *seconds = ln_seconds() - started;
    return status;
}
