/* SPDX-License-Identifier: MIT */
/*
 * help.c - what `--help` prints: examples first, then every option with what it may be and what it is if left
 * out.
 */
#include "cli/help.h"

#include "cli/names.h"
#include "cli/terminal.h"
#include "util/nearest.h"

#include <stdio.h>
#include <string.h>

enum { HELP_COLUMN = 24 };

void describe_option(const ln_option *option, bool on_any_machine, char *text, size_t capacity)
{
    char names[256], range[128], number[LN_OPTION_LENGTH];
    int used = snprintf(text, capacity, "%s", option->help);
    if (option->names && !(on_any_machine && option->refusal) && used >= 0 && (size_t)used < capacity)
        used += snprintf(text + used, capacity - (size_t)used, ": %s", join_names(option->names, names, sizeof names));
    const char *fallback = option->is_required         ? NULL
                           : option->fallback          ? option->fallback
                           : ln_option_is_flag(option) ? NULL
                                                       : ln_option_format(option, option->value, number);
    ln_option_range(option, range, sizeof range);
    if (used < 0 || (size_t)used >= capacity || (!*range && !fallback && !option->is_required))
        return;
    snprintf(text + used, capacity - (size_t)used, " (%s%s%s%s%s)", range, *range && fallback ? "; " : "",
             fallback ? "default " : "", fallback ? fallback : "", option->is_required ? "required" : "");
}

void print_help_entry(const char *name, const char *text)
{
    const int used = printf("  %s", name);
    if (used >= HELP_COLUMN - 1)
        printf("\n%*s", HELP_COLUMN, "");
    else
        printf("%*s", HELP_COLUMN - used, "");
    print_wrapped(stdout, text, HELP_COLUMN);
}

static void print_option(const char *name, const char *metavar, const char *text)
{
    char words[64];
    snprintf(words, sizeof words, "--%s%s%s", name, metavar ? " " : "", metavar ? metavar : "");
    print_help_entry(words, text);
}

static bool is_shown(const command_line *line, const ln_option *option, bool all)
{
    return all || !line->basic || ln_is_name(option->name, line->basic);
}

static bool is_same_group(const ln_option *a, const ln_option *b)
{
    return a->group == b->group || (a->group && b->group && !strcmp(a->group, b->group));
}

/* The options to be shown of the group of `first`, if it is the first of them. */
static void print_group(const command_line *line, const ln_option *first, bool all)
{
    char text[1024];
    const style look = style_of(stdout);
    for (const ln_option *option = line->options; option < first; option++)
        if (is_same_group(option, first) && is_shown(line, option, all))
            return;
    printf("\n%soptions%s%s%s\n", look.bold, first->group ? ": " : "", first->group ? first->group : "", look.reset);
    for (const ln_option *option = first; option->name; option++)
        if (is_same_group(option, first) && is_shown(line, option, all)) {
            describe_option(option, false, text, sizeof text);
            print_option(option->name, option->metavar, text);
        }
}

void print_help(const command_line *line, bool all)
{
    const bool is_short = line->basic && !all;
    const style look = style_of(stdout);
    printf("usage: lenet %s %s\n\n", line->command, line->arguments);
    printf("%sexamples%s\n%s\n", look.bold, look.reset, line->examples);
    print_wrapped(stdout, line->summary, 0);
    for (const ln_option *option = line->options; option->name; option++)
        if (is_shown(line, option, all))
            print_group(line, option, all);
    print_option("help", NULL, "this text");
    if (line->basic)
        print_option("help-all", NULL, "this text with all options, and with all names that they take");
    if (is_short)
        printf("\nThese are the options most people need. 'lenet %s --help-all' has all of them.\n", line->command);
    if (is_short)
        return;
    if (line->notes)
        printf("\n%s", line->notes);
    if (line->print_notes)
        line->print_notes();
}
