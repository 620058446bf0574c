/* SPDX-License-Identifier: MIT */
/* command.c - subcommands that have parts: `lenet data list`. */
#include "cli/command.h"

#include "cli/names.h"
#include "cli/options.h"
#include "cli/terminal.h"
#include "lenet/lenet.h"
#include "util/nearest.h"

#include <string.h>

enum { MOST_PARTS = 16 };

void visit_tables(table_visitor *visit)
{
    char name[] = "lenet", *words[] = {name, NULL};
    set_table_visitor(visit);
    for (const command *at = commands; at->name; at++)
        if (at->summary)
            at->run(1, words);
    set_table_visitor(NULL);
}

int run_part(const char *name, const command *parts, int (*print_usage)(void), int argc, char **argv)
{
    const char *names[MOST_PARTS + 1] = {NULL};
    char all[256];
    if (get_table_visitor()) {
        for (const command *part = parts; part->name; part++)
            part->run(argc, argv);
        return LENET_OK;
    }
    for (size_t i = 0; i < MOST_PARTS && parts[i].name; i++)
        names[i] = parts[i].name;
    if (argc < 2) {
        print_notice("lenet %s: one of %s is missing (see 'lenet %s --help')", name, join_names(names, all, sizeof all),
                     name);
        return LENET_USAGE;
    }
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
        return print_usage();
    for (const command *part = parts; part->name; part++)
        if (!strcmp(argv[1], part->name))
            return part->run(argc - 1, argv + 1);
    const char *near = ln_nearest_name(argv[1], names);
    print_notice("lenet %s: unknown '%s'%s%s (see 'lenet %s --help')", name, argv[1], near ? "; did you mean " : "",
                 near ? near : "", name);
    return LENET_USAGE;
}
