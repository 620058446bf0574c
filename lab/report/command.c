/* SPDX-License-Identifier: MIT */
/* command.c - a point of a study as the command that trains it; see results.h. What has its default is left out. */
#include "lab/report/results.h"
#include "settings/setting.h"

#include <stdint.h>
#include <string.h>

void lab_append_word(lab_text *out, const char *word)
{
    static const char safe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_./,:=@%+";
    if (*word && strspn(word, safe) == strlen(word)) {
        lab_append(out, "%s", word);
        return;
    }
    lab_append(out, "'");
    for (; *word; word++)
        lab_append(out, *word == '\'' ? "'\\''" : "%c", *word);
    lab_append(out, "'");
}

static void write_settings(lab_text *out, const lenet_settings *settings, bool is_over_folds)
{
    lenet_settings defaults;
    lenet_settings_default(&defaults);
    for (const ln_option *s = ln_settings; s->name; s++) {
        char number[LN_OPTION_LENGTH];
        const void *value = ln_setting_value(s, settings);
        const bool is_follower = !strcmp(s->name, "val-split") && settings->folds; /* follows from the folds */
        if (!strcmp(s->name, "seed") || (!strcmp(s->name, "fold") && is_over_folds) || is_follower ||
            ln_option_is_equal(s, value, ln_setting_value(s, &defaults)))
            continue;
        lab_append(out, " --%s", s->name);
        if (ln_option_is_flag(s))
            continue;
        const char *text = ln_option_format(s, value, number);
        lab_append(out, " ");
        lab_append_word(out, text ? text : "");
    }
}

static bool is_consecutive(const lab_point *point)
{
    for (size_t i = 1; i < point->run_count; i++)
        if (point->runs[i].seed != point->runs[0].seed + i)
            return false;
    return true;
}

static void write_runs(lab_text *out, const lab_point *point)
{
    if (is_consecutive(point) && point->run_count > 1 && !point->is_over_folds) {
        lab_append(out, " --seed %ju --runs %zu", (uintmax_t)point->runs[0].seed, point->run_count);
        return;
    }
    uint64_t last = 0;
    bool is_first = true;
    lab_append(out, " --seed ");
    for (size_t i = 0; i < point->run_count; i++) { /* all folds of a seed follow each other */
        if (is_first || point->runs[i].seed != last)
            lab_append(out, "%s%ju", is_first ? "" : "|", (uintmax_t)point->runs[i].seed);
        last = point->runs[i].seed;
        is_first = false;
    }
}

const char *lab_trial_command(lab_pool *pool, const lab_point *point, const lab_study_run *run)
{
    lab_text out = {.pool = pool};
    lenet_settings settings = point->settings;
    lab_append(&out, "lenet train --data ");
    lab_append_word(&out, point->data);
    if (point->folder) {
        lab_append(&out, " --data-dir ");
        lab_append_word(&out, point->folder);
    }
    if (strcmp(point->architecture, "lenet5") != 0) {
        lab_append(&out, " --arch ");
        lab_append_word(&out, point->architecture);
    }
    if (run)
        settings.fold = run->fold;
    write_settings(&out, &settings, point->is_over_folds && !run);
    if (run)
        lab_append(&out, " --seed %ju", (uintmax_t)run->seed);
    else
        write_runs(&out, point);
    return out.data;
}
