/* SPDX-License-Identifier: MIT */
/* recipe.c - from the keys of a file to the rows of a command. */
#include "cli/recipe.h"

#include "cli/terminal.h"

static int refuse_key(const command_line *line, const char *path, const lab_yaml *item)
{
    const char *near = ln_option_nearest(line->options, item->key);
    print_notice("%s:%d: unknown key '%.60s'%s%s%s", path, item->line, item->key, near ? "; did you mean " : "",
                 near ? near : "", near ? "?" : " (keys are the long options of this command)");
    return LENET_USAGE;
}

/* Checks the text of an option that the command line overrules. */
static lenet_status check_only(ln_option option, const char *text, lenet_error *error)
{
    union {
        bool flag;
        int whole;
        size_t size;
        uint64_t wide;
        double real;
        const char *words;
    } nowhere;
    option.value = &nowhere;
    return read_option_value(&option, text, error);
}

static int read_item(const command_line *line, const char *path, const lab_yaml *item, const ln_option *option,
                     bool is_given)
{
    lenet_error error;
    if (item->kind == LAB_YAML_SCALAR && item->is_null)
        return PARSED;
    if (item->kind != LAB_YAML_SCALAR) {
        print_notice("%s:%d: %s: one value is wanted, not a %s", path, item->line, item->key,
                     item->kind == LAB_YAML_LIST ? "list" : "mapping");
        return LENET_USAGE;
    }
    if (option->value == (const void *)line->config) {
        print_notice("%s:%d: %s: a recipe cannot name another", path, item->line, item->key);
        return LENET_USAGE;
    }
    if (!(is_given ? check_only(*option, item->text, &error) : read_option_value(option, item->text, &error)))
        return PARSED;
    print_notice("%s:%d: %s", path, item->line, error.text);
    return LENET_USAGE;
}

static int read_items(const command_line *line, const char *path, const lab_yaml *map, const bool *given,
                      bool is_record)
{
    for (const lab_yaml *item = map->items; item < map->items + map->count; item++) {
        const ln_option *option = ln_option_find(line->options, item->key);
        if (!option)
            return refuse_key(line, path, item);
        if (is_record && option->is_of_the_call)
            continue;
        const int failed = read_item(line, path, item, option, given[option - line->options]);
        if (failed != PARSED)
            return failed;
    }
    return PARSED;
}

int read_recipe(const command_line *line, const char *path, const bool *given, lab_yaml **file)
{
    lenet_error error;
    if (lab_yaml_read(file, path, &error))
        return report_error(&error);
    const lab_yaml *options = lab_yaml_find(*file, "options"), *map = options ? options : *file;
    if (map->kind == LAB_YAML_MAP)
        return read_items(line, path, map, given, options != NULL);
    print_notice("%s:%d: no recipe, which is a mapping from options to values, as in 'epochs: 20'", path, map->line);
    return LENET_USAGE;
}
