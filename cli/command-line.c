/* SPDX-License-Identifier: MIT */
/* command-line.c - see command-line.h. */
#include "cli/command-line.h"

#include "cli/names.h"
#include "cli/terminal.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

static table_visitor *visitor;

void set_table_visitor(table_visitor *visit) { visitor = visit; }

table_visitor *get_table_visitor(void) { return visitor; }

lenet_status read_option_value(const ln_option *option, const char *text, lenet_error *error)
{
    const char *name = option->kind == LN_OPTION_TEXT && option->names ? find_name(option->names, text) : NULL;
    return ln_option_parse(option, name && access(text, F_OK) != 0 ? name : text, option->value, error);
}

int usage_error(const command_line *line, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    print_notice("%s (see 'lenet %s --help')", text, line->command);
    return LENET_USAGE;
}
