/* SPDX-License-Identifier: MIT */
/* help.c - what `--help` prints: examples first, then every option with what it may be and what it is if left out. */
#include "cli/help.h"

#include "cli/terminal.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { HELP_COLUMN = 24 };

static char *describe_range(const option_row *option, char *text, size_t capacity)
{
    const range *r = &option->range;
    const char *v = option->metavar;
    const bool is_double = option->kind == OPTION_DOUBLE;
    if (r->low == 0 && r->high == 0) {
        if (is_double)
            snprintf(text, capacity, "finite");
        else
            snprintf(text, capacity, "0..%" PRIu64, option->kind == OPTION_SIZE ? (uint64_t)SIZE_MAX : UINT64_MAX);
    } else if (isinf(r->high)) {
        snprintf(text, capacity, "%s %s %.15g", v, r->open_low ? ">" : ">=", r->low);
    } else if (is_double) {
        snprintf(text, capacity, "%.15g %s %s %s %.15g", r->low, r->open_low ? "<" : "<=", v,
                 r->open_high ? "<" : "<=", r->high);
    } else {
        snprintf(text, capacity, "%.15g..%.15g", r->low, r->high);
    }
    return text;
}

static const char *describe_default(const option_row *option, char *text, size_t capacity)
{
    const char *words = NULL;
    if (option->fallback)
        return option->fallback;
    switch (option->kind) {
    case OPTION_FLAG:
    case OPTION_SWITCH: return NULL;
    case OPTION_ENUM: return option->choices[*(const int *)option->value];
    case OPTION_INT: snprintf(text, capacity, "%d", *(const int *)option->value); return text;
    case OPTION_SIZE: snprintf(text, capacity, "%zu", *(const size_t *)option->value); return text;
    case OPTION_U64: snprintf(text, capacity, "%" PRIu64, *(const uint64_t *)option->value); return text;
    case OPTION_DOUBLE: snprintf(text, capacity, "%.15g", *(const double *)option->value); return text;
    case OPTION_CHOICE:
    case OPTION_STRING: words = *(const char *const *)option->value; break;
    }
    return words;
}

void describe_option(const option_row *option, bool on_any_machine, char *text, size_t capacity)
{
    char names[256], bounds[128], initial[64];
    int used = snprintf(text, capacity, "%s", option->help);
    if (option->choices && !(on_any_machine && option->refusal) && used >= 0 && (size_t)used < capacity)
        used +=
            snprintf(text + used, capacity - (size_t)used, ": %s", join_names(option->choices, names, sizeof names));
    const bool is_number =
        option->kind == OPTION_INT || option->kind == OPTION_SIZE || option->kind == OPTION_U64 || option->kind == OPTION_DOUBLE;
    const bool has_range = is_number && (option->range.low != 0 || option->range.high != 0);
    const char *fallback = option->is_required ? NULL : describe_default(option, initial, sizeof initial);
    if (used < 0 || (size_t)used >= capacity || (!has_range && !fallback && !option->is_required))
        return;
    snprintf(text + used, capacity - (size_t)used, " (%s%s%s%s%s)",
             has_range ? describe_range(option, bounds, sizeof bounds) : "", has_range && fallback ? "; " : "",
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

static bool is_shown(const command_line *line, const option_row *option, bool all)
{
    return all || !line->basic || is_in_list(line->basic, option->name);
}

static bool is_same_group(const option_row *a, const option_row *b)
{
    return a->group == b->group || (a->group && b->group && !strcmp(a->group, b->group));
}

/* The options to be shown of the group of `first`, if it is the first of them. */
static void print_group(const command_line *line, const option_row *first, bool all)
{
    char text[1024];
    const style look = style_of(stdout);
    for (const option_row *option = line->options; option < first; option++)
        if (is_same_group(option, first) && is_shown(line, option, all))
            return;
    printf("\n%soptions%s%s%s\n", look.bold, first->group ? ": " : "", first->group ? first->group : "", look.reset);
    for (const option_row *option = first; option->name; option++)
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
    for (const option_row *option = line->options; option->name; option++)
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
