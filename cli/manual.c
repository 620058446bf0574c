/* SPDX-License-Identifier: MIT */
/*
 * manual.c - `lenet manual`: what documents have of the program's tables: the lists of options in
 * docs/lenet.1, as mdoc, the settings in docs/recipe.md and the metrics in docs/formats.md. Each is
 * between two comments, by which tools/manual finds its place. The text is the same on every machine.
 */
#include "cli/command.h"
#include "cli/help.h"
#include "cli/options.h"
#include "settings/setting.h"

#include <stdio.h>
#include <string.h>

enum { WIDTH = 78 };

/* Words in lines; none begins with a character that mdoc takes for a command. */
static void print_text(const char *text)
{
    int at = 0;
    while (*text) {
        const int length = (int)strcspn(text, " ");
        if (at > 0 && at + 1 + length > WIDTH && *text != '.' && *text != '\'') {
            putchar('\n');
            at = 0;
        } else if (at > 0) {
            putchar(' ');
            at++;
        }
        for (int i = 0; i < length; i++)
            fputs(text[i] == '\\' ? "\\e" : (char[]){text[i], '\0'}, stdout);
        at += length;
        text += length + (text[length] == ' ');
    }
    putchar('\n');
}

static void print_list(const command_line *line)
{
    char text[1024];
    if (!line->options->name)
        return;
    printf(".\\\" options of %s\n", line->command);
    puts(".Bl -tag -width Ds");
    for (const ln_option *option = line->options; option->name; option++) {
        describe_option(option, true, text, sizeof text);
        printf(".It Fl -%s%s%s\n", option->name, option->metavar ? " Ar " : "", option->metavar ? option->metavar : "");
        print_text(text);
    }
    puts(".El");
    puts(".\\\" end");
}

/* Settings are options of `lenet train` that a recipe, a study and lenet_settings_set know, too. */
static void print_settings(void)
{
    lenet_settings defaults;
    lenet_settings_default(&defaults);
    puts("<!-- settings -->\n| setting | what it is |\n|---|---|");
    for (const ln_option *setting = ln_settings; setting->name; setting++) {
        char text[1024];
        ln_option row = *setting;
        row.value = ln_setting_field(setting, &defaults);
        describe_option(&row, true, text, sizeof text);
        printf("| `%s%s%s` | %s |\n", row.name, row.metavar ? " " : "", row.metavar ? row.metavar : "", text);
    }
    puts("<!-- end -->");
}

static void print_metrics(void)
{
    static const char *const when[] = {[LENET_ALWAYS] = "each epoch",
                                       [LENET_WITH_VALIDATION] = "images are held out",
                                       [LENET_WITH_TEST] = "`--test-each-epoch`, `--keep-best test`",
                                       [LENET_WITH_NOISE] = "training labels are noisy",
                                       [LENET_WITH_DIAGNOSIS] = "`--diagnose`"};
    static const char *const better[] = {"lower", "", "higher"};
    const lenet_metric *metrics = lenet_metric_list();
    puts("<!-- metrics -->\n| metric | what it is | unit | better | measured with |\n|---|---|---|---|---|");
    for (const lenet_metric *m = metrics; m < metrics + LENET_METRICS; m++)
        printf("| `%s` | %s | %s | %s | %s |\n", m->name, m->words,
               !m->unit          ? ""
               : *m->unit == '%' ? "0..1"
                                 : m->unit,
               better[m->better + 1], when[m->when]);
    puts("<!-- end -->");
}

int run_manual(int argc, char **argv)
{
    const ln_option options[] = {{.name = NULL}};
    const command_line line = {
        .command = "manual",
        .arguments = "",
        .summary = "Prints the tables of options and metrics for the documents; tools/manual inserts them.",
        .examples = "  lenet manual\n",
        .options = options,
    };
    int count = 0;
    const int stop = parse_command_line(&line, argc, argv, &count);
    if (stop != PARSED)
        return stop;
    visit_tables(print_list);
    print_settings();
    print_metrics();
    return LENET_OK;
}
