/* SPDX-License-Identifier: MIT */
/*
 * options.c - reading a command line by its table, and complaining about what does not fit it. Help: help.c.
 */
#include "cli/options.h"

#include "cli/help.h"
#include "cli/names.h"
#include "cli/recipe.h"
#include "cli/terminal.h"
#include "util/nearest.h"

#include <stdio.h>
#include <string.h>

enum { MOST_OPTIONS = 120 }; /* in one table */

int refuse_architecture(const char *architecture, const lenet_error *error)
{
    const char *near = ln_nearest_name(architecture, lenet_option_names(LENET_ARCHITECTURES));
    /* of another option, with its name */
    if (strncmp(error->text, "architecture", strlen("architecture")) != 0) {
        print_notice("--%s", error->text);
        return (int)error->status;
    }
    near = near && strcmp(near, architecture) ? near : NULL; /* not the name itself */
    print_notice("--arch: %s%s%s%s", error->text, near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    return (int)error->status;
}

static int read_value(const command_line *line, const ln_option *option, const char *text)
{
    lenet_error error;
    return read_option_value(option, text, &error) ? usage_error(line, "--%s", error.text) : PARSED;
}

static int refuse_unknown(const command_line *line, const char *name)
{
    const char *near = ln_option_nearest(line->options, name);
    if (near)
        return usage_error(line, "unknown option --%s; did you mean --%s?", name, near);
    return usage_error(line, "unknown option --%s", name);
}

/* One option at argv[*at], which it leaves on the last word that was used, and notes as given. */
static int read_option(const command_line *line, int argc, char **argv, int *at, bool *given)
{
    char name[64];
    const char *word = argv[*at] + 2;
    const size_t length = strcspn(word, "=");
    snprintf(name, sizeof name, "%.*s", (int)(length < 60 ? length : 60), word);
    const ln_option *option = ln_option_find(line->options, name);
    if (!option || strcmp(option->name, name) != 0) /* _ for - is for files */
        return refuse_unknown(line, name);
    given[option - line->options] = true;
    if (word[length] == '=')
        return read_value(line, option, word + length + 1);
    if (ln_option_is_flag(option))
        return read_value(line, option, "true");
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
    const ln_option *data = ln_option_find(line->options, "data");
    const char *name = data && data->names ? find_name(data->names, word) : NULL;
    if (name)
        return usage_error(line, "unexpected argument '%s'; did you mean 'lenet %s --data %s'?", word, line->command,
                           name);
    return usage_error(line, "unexpected argument '%s'", word);
}

static int check_complete(const command_line *line, char **argv, int count)
{
    if (line->most >= 0 && count > line->most)
        return refuse_argument(line, argv[line->most]);
    for (const ln_option *option = line->options; option->name; option++)
        if (option->is_required && !*(const char **)option->value)
            return usage_error(line, "--%s %s is missing", option->name, option->metavar);
    if (count < line->fewest)
        return usage_error(line, "an argument is missing: lenet %s %s", line->command, line->arguments);
    return PARSED;
}

/* The option is anywhere before "--", even with mistakes elsewhere. */
static bool has_word(int argc, char **argv, const char *word)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (!strcmp(argv[i], word))
            return true;
    return false;
}

int parse_command_line(const command_line *line, int argc, char **argv, int *count)
{
    if (get_table_visitor()) {
        get_table_visitor()(line);
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
