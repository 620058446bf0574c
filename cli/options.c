/* SPDX-License-Identifier: MIT */
/* options.c - reading a command line by its table, and complaining about what does not fit it. Help: help.c. */
#include "cli/options.h"

#include "cli/help.h"
#include "cli/recipe.h"
#include "cli/terminal.h"
#include "util/error.h"
#include "util/nearest.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MOST_OPTIONS = 120 }; /* in one table, for the search of the nearest */

static table_visitor *visitor;

void set_table_visitor(table_visitor *visit) { visitor = visit; }

bool has_table_visitor(void) { return visitor != NULL; }

option_row option_of_setting(const lenet_setting *s, lenet_settings *settings)
{
    static const option_kind kinds[] = {
        [LENET_SETTING_FLAG] = OPTION_SWITCH, [LENET_SETTING_INT] = OPTION_INT,     [LENET_SETTING_SIZE] = OPTION_SIZE,
        [LENET_SETTING_U64] = OPTION_U64,     [LENET_SETTING_REAL] = OPTION_DOUBLE, [LENET_SETTING_ENUM] = OPTION_ENUM,
        [LENET_SETTING_CHOICE] = OPTION_CHOICE, [LENET_SETTING_TEXT] = OPTION_STRING};
    return (option_row){s->name, s->metavar, kinds[s->kind], (char *)settings + s->offset,
                        .range = {s->low, s->high, s->open_low, s->open_high},
                        .choices = s->names, .fallback = s->fallback, .help = s->help, .group = s->group};
}

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
    const char *near = ln_nearest_name(architecture, lenet_option_names(LENET_ARCHITECTURES));
    if (strncmp(error->text, "architecture", strlen("architecture")) != 0) { /* of another option, with its name */
        complain("--%s", error->text);
        return (int)error->status;
    }
    near = near && strcmp(near, architecture) ? near : NULL; /* its own name helps nobody */
    complain("--arch: %s%s%s%s", error->text, near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    return (int)error->status;
}

static lenet_status refuse(const option_row *option, const char *text, const char *why, lenet_error *error)
{
    return ln_fail(error, LENET_USAGE, "%s %s: %s", option->name, *text ? text : "''", why);
}

/* As the library reads it. */
static lenet_status read_setting(const option_row *option, lenet_setting_kind kind, const char *text, void *field, lenet_error *error)
{
    const range *r = &option->range;
    const lenet_setting setting = {.name = option->name, .metavar = option->metavar, .kind = kind, .names = option->choices,
                                   .low = r->low, .high = r->high, .open_low = r->open_low, .open_high = r->open_high};
    return lenet_setting_read(&setting, text, field, error);
}

static lenet_status read_flag(const option_row *option, const char *text, lenet_error *error)
{
    int is_set = 0;
    if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
        return refuse(option, text, "it takes no value, or true or false", error);
    const lenet_status status = read_setting(option, LENET_SETTING_FLAG, text, &is_set, error);
    if (option->kind == OPTION_FLAG)
        *(bool *)option->value = is_set;
    else
        *(int *)option->value = is_set;
    return status;
}

static lenet_status read_choice(const option_row *option, const char *text, lenet_error *error)
{
    char names[256], why[400];
    const char *refusal = option->refusal ? option->refusal(text) : NULL;
    if (!refusal)
        return read_setting(option, LENET_SETTING_CHOICE, text, option->value, error);
    snprintf(why, sizeof why, "%s; it can be %s", refusal, join_names(option->choices, names, sizeof names));
    return refuse(option, text, why, error);
}

/* "MNIST" is mnist, "Adam" is adam. A file or folder of that name comes before. */
static const char *correct_case(const option_row *option, const char *text)
{
    const char *name = option->choices ? find_name(option->choices, text) : NULL;
    return name && (option->kind != OPTION_STRING || access(text, F_OK) != 0) ? name : text;
}

lenet_status read_option_value(const option_row *option, const char *text, lenet_error *error)
{
    text = correct_case(option, text);
    switch (option->kind) {
    case OPTION_FLAG:
    case OPTION_SWITCH: return read_flag(option, text, error);
    case OPTION_INT: return read_setting(option, LENET_SETTING_INT, text, option->value, error);
    case OPTION_SIZE: return read_setting(option, LENET_SETTING_SIZE, text, option->value, error);
    case OPTION_U64: return read_setting(option, LENET_SETTING_U64, text, option->value, error);
    case OPTION_DOUBLE: return read_setting(option, LENET_SETTING_REAL, text, option->value, error);
    case OPTION_CHOICE: return read_choice(option, text, error);
    case OPTION_ENUM: return read_setting(option, LENET_SETTING_ENUM, text, option->value, error);
    case OPTION_STRING: break;
    }
    if (!*text)
        return refuse(option, text, "must not be empty", error);
    if (option->check && option->check(text, error))
        return LENET_USAGE;
    *(const char **)option->value = text;
    return LENET_OK;
}

static int read_value(const command_line *line, const option_row *option, const char *text)
{
    lenet_error error;
    return read_option_value(option, text, &error) ? usage_error(line, "--%s", error.text) : PARSED;
}

const char *nearest_option(const command_line *line, const char *name)
{
    const char *names[MOST_OPTIONS + 1] = {NULL};
    for (size_t i = 0; i < MOST_OPTIONS && line->options[i].name; i++)
        names[i] = line->options[i].name;
    return ln_nearest_name(name, names);
}

static int refuse_unknown(const command_line *line, const char *word, size_t length)
{
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)(length < 60 ? length : 60), word);
    const char *near = nearest_option(line, name);
    if (near)
        return usage_error(line, "unknown option --%s; did you mean --%s?", name, near);
    return usage_error(line, "unknown option --%s", name);
}

const option_row *find_option(const command_line *line, const char *name, size_t length)
{
    for (const option_row *option = line->options; option->name; option++)
        if (strlen(option->name) == length && !memcmp(option->name, name, length))
            return option;
    return NULL;
}

/* One option at argv[*at], which it leaves on the last word that was used, and notes as given. */
static int read_option(const command_line *line, int argc, char **argv, int *at, bool *given)
{
    const char *word = argv[*at] + 2;
    const size_t length = strcspn(word, "=");
    const option_row *option = find_option(line, word, length);
    if (!option)
        return refuse_unknown(line, word, length);
    given[option - line->options] = true;
    if (word[length] == '=')
        return read_value(line, option, word + length + 1);
    if (option->kind == OPTION_FLAG) {
        *(bool *)option->value = true;
        return PARSED;
    }
    if (option->kind == OPTION_SWITCH) {
        *(int *)option->value = 1;
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

/* `lenet train mnist`: the data set is an option. */
static int refuse_argument(const command_line *line, const char *word)
{
    const option_row *data = find_option(line, "data", strlen("data"));
    const char *name = data && data->choices ? find_name(data->choices, word) : NULL;
    if (name)
        return usage_error(line, "unexpected argument '%s'; did you mean 'lenet %s --data %s'?", word, line->command, name);
    return usage_error(line, "unexpected argument '%s'", word);
}

static int check_complete(const command_line *line, char **argv, int count)
{
    if (line->most >= 0 && count > line->most)
        return refuse_argument(line, argv[line->most]);
    for (const option_row *option = line->options; option->name; option++)
        if (option->is_required && !*(const char **)option->value)
            return usage_error(line, "--%s %s is missing", option->name, option->metavar);
    if (count < line->fewest)
        return usage_error(line, "an argument is missing: lenet %s %s", line->command, line->arguments);
    return PARSED;
}

/* The option is anywhere before "--", even beside mistakes. */
static bool has_word(int argc, char **argv, const char *word)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (!strcmp(argv[i], word))
            return true;
    return false;
}

int parse_command_line(const command_line *line, int argc, char **argv, int *count)
{
    if (visitor) {
        visitor(line);
        return LENET_OK;
    }
    const bool all = has_word(argc, argv, "--help-all");
    if (all || has_word(argc, argv, "--help") || has_word(argc, argv, "-h")) {
        print_help(line, all);
        return LENET_OK;
    }
    bool is_over = false, given[MOST_OPTIONS] = {false};
    int found = 0;
    for (int i = 1; i < argc; i++) {
        if (!is_over && !strcmp(argv[i], "--")) {
            is_over = true;
        } else if (!is_over && !strncmp(argv[i], "--", 2)) {
            const int failed = read_option(line, argc, argv, &i, given);
            if (failed != PARSED)
                return failed;
        } else if (!is_over && argv[i][0] == '-' && argv[i][1]) {
            return usage_error(line, "unknown option %s; options are written in full, as --name", argv[i]);
        } else {
            argv[found++] = argv[i];
        }
    }
    *count = found;
    const int code = line->find_config ? line->find_config(line, given) : PARSED;
    if (code != PARSED)
        return code;
    if (line->config && *line->config) {
        const int failed = read_recipe(line, *line->config, given, line->recipe);
        if (failed != PARSED)
            return failed;
    }
    return check_complete(line, argv, found);
}
