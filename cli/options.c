/* SPDX-License-Identifier: MIT */
/* options.c - reading a command line by its table, and complaining about what does not fit it. Help: help.c. */
#include "cli/options.h"

#include "cli/help.h"
#include "cli/terminal.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int usage_error(const command_line *line, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    complain("%s (see 'lenet %s --help')", text, line->command);
    return LENET_USAGE;
}

int refuse_architecture(const char *architecture, const lenet_error *error)
{
    const char *near = nearest_in_list(architecture_name, architecture);
    complain("--arch: %s%s%s%s", error->text, near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    return (int)error->status;
}

static int refuse(const command_line *line, const option_row *option, const char *value, const char *why)
{
    return usage_error(line, "--%s %s: %s", option->name, *value ? value : "''", why);
}

static int refuse_range(const command_line *line, const option_row *option, const char *value)
{
    char text[128];
    char why[160];
    snprintf(why, sizeof why, "out of range, must be %s", describe_range(option, text, sizeof text));
    return refuse(line, option, value, why);
}

static bool is_in_range(const option_row *option, double value)
{
    const range *r = &option->range;
    if (r->low == 0 && r->high == 0)
        return true;
    return (r->open_low ? value > r->low : value >= r->low) && (r->open_high ? value < r->high : value <= r->high);
}

/* strtoull and strtod forgive blanks, signs and hexadecimal; a command line does not mean them. */
static bool looks_like_number(const char *text, const char *also)
{
    if (!*text)
        return false;
    for (const char *c = text; *c; c++)
        if (!isdigit((unsigned char)*c) && !strchr(also, *c))
            return false;
    return true;
}

/* Whole numbers of every size. None of them may be negative: -1 is out of range wherever it stands. */
static int read_whole(const command_line *line, const option_row *option, const char *text, uint64_t most)
{
    char *end = NULL;
    if (!looks_like_number(text + (*text == '-' || *text == '+'), ""))
        return refuse(line, option, text, "not a whole number");
    errno = 0;
    const unsigned long long value = strtoull(text, &end, 10);
    if ((*text == '-' && value) || errno || value > most || !is_in_range(option, (double)value))
        return refuse_range(line, option, text);
    if (option->kind == OPTION_INT)
        *(int *)option->value = (int)value;
    else if (option->kind == OPTION_SIZE)
        *(size_t *)option->value = (size_t)value;
    else
        *(uint64_t *)option->value = value;
    return PARSED;
}

static int read_double(const command_line *line, const option_row *option, const char *text)
{
    char *end = NULL;
    errno = 0;
    const double value = looks_like_number(text, ".eE+-") ? strtod(text, &end) : NAN;
    if (!end || end == text || *end || isnan(value))
        return refuse(line, option, text, "not a number");
    if (errno)
        return refuse(line, option, text, "more than a number can hold");
    if (!is_in_range(option, value))
        return refuse_range(line, option, text);
    *(double *)option->value = value;
    return PARSED;
}

static int read_choice(const command_line *line, const option_row *option, const char *text)
{
    char why[512], names[256];
    for (size_t i = 0; option->choices(i); i++)
        if (!strcmp(option->choices(i), text)) {
            *(const char **)option->value = option->choices(i);
            return PARSED;
        }
    const char *near = nearest_in_list(option->choices, text);
    snprintf(why, sizeof why, "unknown; %s%s%sit can be %s", near ? "did you mean " : "", near ? near : "",
             near ? "? " : "", join_names(option->choices, names, sizeof names));
    return refuse(line, option, text, why);
}

static int read_value(const command_line *line, const option_row *option, const char *text)
{
    switch (option->kind) {
    case OPTION_FLAG: return refuse(line, option, text, "it takes no value");
    case OPTION_INT: return read_whole(line, option, text, INT_MAX);
    case OPTION_SIZE: return read_whole(line, option, text, SIZE_MAX);
    case OPTION_U64: return read_whole(line, option, text, UINT64_MAX);
    case OPTION_DOUBLE: return read_double(line, option, text);
    case OPTION_CHOICE: return read_choice(line, option, text);
    case OPTION_STRING: break;
    }
    if (!*text)
        return refuse(line, option, text, "must not be empty");
    *(const char **)option->value = text;
    return PARSED;
}

static int refuse_unknown(const command_line *line, const char *word, size_t length)
{
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)(length < 60 ? length : 60), word);
    nearest search = {.word = name};
    for (const option_row *option = line->options; option->name; option++)
        nearest_offer(&search, option->name);
    const char *near = nearest_found(&search);
    if (near)
        return usage_error(line, "unknown option --%s; did you mean --%s?", name, near);
    return usage_error(line, "unknown option --%s", name);
}

static const option_row *find_option(const command_line *line, const char *name, size_t length)
{
    for (const option_row *option = line->options; option->name; option++)
        if (strlen(option->name) == length && !memcmp(option->name, name, length))
            return option;
    return NULL;
}

/* One option at argv[*at], which it leaves on the last word that was used. */
static int read_option(const command_line *line, int argc, char **argv, int *at)
{
    const char *word = argv[*at] + 2;
    const size_t length = strcspn(word, "=");
    const option_row *option = find_option(line, word, length);
    if (!option)
        return refuse_unknown(line, word, length);
    if (word[length] == '=')
        return read_value(line, option, word + length + 1);
    if (option->kind == OPTION_FLAG) {
        *(bool *)option->value = true;
        return PARSED;
    }
    const char *value = *at + 1 < argc ? argv[*at + 1] : NULL;
    if (!value)
        return usage_error(line, "--%s: its value %s is missing", option->name, option->metavar);
    if (!strncmp(value, "--", 2))
        return usage_error(line, "--%s: its value %s is missing before %s", option->name, option->metavar, value);
    (*at)++;
    return read_value(line, option, value);
}

static int check_complete(const command_line *line, char **argv, int count)
{
    for (const option_row *option = line->options; option->name; option++)
        if (option->is_required && !*(const char **)option->value)
            return usage_error(line, "--%s %s is missing", option->name, option->metavar);
    if (line->most >= 0 && count > line->most)
        return usage_error(line, "unexpected argument '%s'", argv[line->most]);
    if (count < line->fewest)
        return usage_error(line, "an argument is missing: lenet %s %s", line->command, line->arguments);
    return PARSED;
}

/* Help is asked for by --help or -h anywhere before "--", even beside mistakes. */
static bool wants_help(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h"))
            return true;
    return false;
}

int parse_command_line(const command_line *line, int argc, char **argv, int *count)
{
    if (wants_help(argc, argv)) {
        print_help(line);
        return LENET_OK;
    }
    bool is_over = false;
    int found = 0;
    for (int i = 1; i < argc; i++) {
        if (!is_over && !strcmp(argv[i], "--")) {
            is_over = true;
        } else if (!is_over && !strncmp(argv[i], "--", 2)) {
            const int failed = read_option(line, argc, argv, &i);
            if (failed != PARSED)
                return failed;
        } else if (!is_over && argv[i][0] == '-' && argv[i][1]) {
            return usage_error(line, "unknown option %s; options are written in full, as --name", argv[i]);
        } else {
            argv[found++] = argv[i];
        }
    }
    *count = found;
    return check_complete(line, argv, found);
}
