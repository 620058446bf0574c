/* SPDX-License-Identifier: MIT */
/* info.c - `lenet info`: what this machine and this program have to work with. */
#include "cli/command.h"
#include "cli/options.h"
#include "cli/parts.h"
#include "cli/print-json.h"
#include "cli/terminal.h"
#include "lab/pictures/decode.h"
#include "lab/text/json.h"
#include "lenet/lenet.h"
#include "lenet/tools.h"

#include <limits.h>
#include <stdio.h>

/* Where a data set is, or NULL. */
static const char *locate(const lenet_source *source, const char *folder, char path[PATH_MAX])
{
    return lenet_source_locate(source, folder, path, PATH_MAX, NULL) ? NULL : path;
}

static void print_machine(void)
{
    const char *const *isa = lenet_isa_list();
    printf("version       %s, compiled by %s\n", lenet_version(), compiler_name());
    printf("processors    %d\n", lenet_processor_count());
    printf("instructions  %s (used)", *isa);
    while (*++isa)
        printf(", %s", *isa);
    putchar('\n');
}

static void print_data(const char *folder)
{
    char path[PATH_MAX];
    const style look = style_of(stdout);
    for (const lenet_source *const *source = lenet_source_list(); *source; source++) {
        const char *place = locate(*source, folder, path);
        printf("%-14s%-14s ", source == lenet_source_list() ? "data" : "", (*source)->name);
        if (place)
            printf("%s\n", place);
        else
            printf("%snot found (lenet data get %s)%s\n", look.dim, (*source)->name, look.reset);
    }
}

/* A line of those that the build reads, or of those that it does not; none if there are none. */
static void print_formats(const char *title, bool readable)
{
    const char *name;
    bool is_readable, is_first = true;
    for (size_t i = 0; (name = lab_image_format(i, &is_readable)); i++)
        if (is_readable == readable) {
            printf(is_first ? "%-14s" : "%s", is_first ? title : ", ");
            fputs(name, stdout);
            is_first = false;
        }
    if (!is_first)
        putchar('\n');
}

static void print_parts(void)
{
    for (size_t i = 0; part_at(i).name; i++)
        printf("%-14s%-14s %s\n", i ? "" : "parts", part_at(i).name, part_at(i).version);
}

static json_t *value_of_isa_list(void)
{
    json_t *list = json_array();
    for (const char *const *isa = lenet_isa_list(); *isa; isa++)
        add_to_list(&list, json_string(*isa));
    return list;
}

static json_t *value_of_data(const char *folder)
{
    char path[PATH_MAX];
    json_t *data = json_object();
    for (const lenet_source *const *source = lenet_source_list(); *source; source++)
        add_to_object(&data, (*source)->name, value_of_text(locate(*source, folder, path)));
    return data;
}

/* Whether each format of images can be read. */
static json_t *value_of_formats(void)
{
    const char *name;
    bool is_readable;
    json_t *formats = json_object();
    for (size_t i = 0; (name = lab_image_format(i, &is_readable)); i++)
        add_to_object(&formats, name, json_boolean(is_readable));
    return formats;
}

static json_t *value_of_parts(void)
{
    json_t *parts = json_object();
    for (size_t i = 0; part_at(i).name; i++)
        add_to_object(&parts, part_at(i).name, value_of_text(part_at(i).version));
    return parts;
}

static int print_json(const char *folder)
{
    /* clang-format off */
    return print_document(json_pack("{s:s, s:s, s:i, s:s, s:o, s:o, s:o, s:o}",
                                    "version", lenet_version(),
                                    "compiler", compiler_name(),
                                    "processors", lenet_processor_count(),
                                    "isa", lenet_isa_list()[0],
                                    "isa_list", value_of_isa_list(),
                                    "data", value_of_data(folder),
                                    "images", value_of_formats(),
                                    "parts", value_of_parts()));
    /* clang-format on */
}

int run_info(int argc, char **argv)
{
    const char *folder = NULL;
    bool json = false;
    const ln_option rows[] = {
        {"data-dir", "DIR", LN_OPTION_TEXT, &folder, .fallback = "$LENET_DATA and the default folders",
         .help = "only folder in which to search for data sets"},
        {"json", NULL, LN_OPTION_BOOL, &json, .help = "print JSON"},
        {.name = NULL},
    };
    const command_line line = {
        .command = "info",
        .arguments = "[options]",
        .summary = "Shows the processors and instruction sets that training would use, the data sets that are found on "
                   "this machine, the formats of images that this build reads, "
                   "and the versions of the libraries in use.",
        .examples = "  lenet info\n"
                    "  lenet info --json | jq .data\n",
        .options = rows,
    };
    int count = 0;
    const int code = parse_command_line(&line, argc, argv, &count);
    if (code != PARSED)
        return code;
    if (json)
        return print_json(folder);
    print_machine();
    print_data(folder);
    print_formats("images", true);
    print_formats("not in build", false);
    print_parts();
    return LENET_OK;
}
