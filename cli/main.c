/* SPDX-License-Identifier: MIT */
/*
 * main.c - the door of the program: the table of subcommands, `lenet --help`, `lenet --version`, and what holds for
 * all of them: output that could not be written is an error, and a reader that went away ends the program the way it
 * ends others.
 */
#include "cli/command.h"
#include "cli/names.h"
#include "cli/options.h"
#include "cli/parts.h"
#include "cli/terminal.h"
#include "lab/text/json.h"
#include "lenet/lenet.h"
#include "util/nearest.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const command commands[] = {
#define ROW(name, summary) {#name, summary, run_##name},
    COMMAND_LIST(ROW)
#undef ROW
        {NULL, NULL, NULL},
};
enum { COMMANDS = sizeof commands / sizeof commands[0] - 1 };

static int print_usage(void)
{
    const style look = style_of(stdout);
    fputs("usage: lenet COMMAND [arguments]\n\n", stdout);
    printf("%sexamples%s\n", look.bold, look.reset);
    fputs("  lenet data get mnist                          download a data set\n"
          "  lenet train --data mnist --out runs/mnist     train LeNet-5 on it and keep the best weights\n"
          "  lenet eval runs/mnist/model.safetensors       measure them on the test set\n"
          "  lenet predict runs/mnist/model.safetensors digit.png\n"
          "  lenet study run lenet-report --quick          a whole study, in two minutes\n\n",
          stdout);
    fputs("Trains small convolutional networks of the LeNet-5 class on the CPU. Results are the same\n"
          "bit for bit on any number of threads, instruction set and machine.\n\n",
          stdout);
    printf("%scommands%s\n", look.bold, look.reset);
    for (size_t i = 0; i < COMMANDS; i++)
        if (commands[i].summary)
            printf("  %-12s%s\n", commands[i].name, commands[i].summary);
    fputs("\nlenet COMMAND --help explains a command, lenet --version shows what is built in, and\n"
          "'man lenet' is the manual. Exit codes: 0 done, 1 failure, 2 usage, 3 bad input, 4 diverged,\n"
          "5 input or output failed.\n",
          stdout);
    return LENET_OK;
}

static int print_version(void)
{
    const char *const *isa = lenet_isa_list();
    printf("lenet %s\n", lenet_version());
    printf("compiler      %s\n", compiler_name());
    printf("instructions  %s", isa[0]);
    for (size_t i = 1; isa[i]; i++)
        printf("%s%s", i == 1 ? " (this machine also runs " : ", ", isa[i]);
    puts(isa[1] ? ")" : "");
    for (size_t i = 0; part_at(i).name; i++)
        printf("%-14s%s %s\n", i ? "" : "parts", part_at(i).name, part_at(i).version);
    return LENET_OK;
}

static int refuse_command(const char *word)
{
    const char *names[COMMANDS + 1] = {NULL};
    size_t count = 0;
    for (size_t i = 0; i < COMMANDS; i++)
        if (commands[i].summary)
            names[count++] = commands[i].name;
    const char *near = ln_nearest_name(word, names), *data = find_name(lenet_option_names(LENET_DATASETS), word);
    if (data)
        print_notice("unknown command '%s'; did you mean 'lenet train --data %s'?", word, data);
    else if (near)
        print_notice("unknown command '%s'; did you mean 'lenet %s'?", word, near);
    else
        print_notice("unknown command '%s' (see 'lenet --help')", word);
    return LENET_USAGE;
}

static int run_command(int argc, char **argv)
{
    if (argc < 2) {
        print_notice("a command is missing, as in 'lenet train --data mnist' ('lenet --help' shows all)");
        return LENET_USAGE;
    }
    const char *word = argv[1];
    if (!strcmp(word, "--help") || !strcmp(word, "-h"))
        return print_usage();
    if (!strcmp(word, "--version") || !strcmp(word, "version"))
        return print_version();
    for (size_t i = 0; i < COMMANDS; i++)
        if (!strcmp(word, commands[i].name))
            return commands[i].run(argc - 1, argv + 1);
    return refuse_command(word);
}

/* `lenet help train`, `lenet help data get`: what --help prints there. */
int run_help(int argc, char **argv)
{
    char option[] = "--help", *words[] = {NULL, NULL, option, NULL};
    if (get_table_visitor())
        return LENET_OK;
    if (argc < 2 || !strcmp(argv[1], "help") || argv[1][0] == '-')
        return print_usage();
    words[0] = argv[1];
    words[1] = argc > 2 ? argv[2] : option;
    for (size_t i = 0; i < COMMANDS; i++)
        if (!strcmp(argv[1], commands[i].name))
            return commands[i].run(argc > 2 ? 3 : 2, words);
    return refuse_command(argv[1]);
}

/*
 * Where a standard stream was closed by the caller, the next file to be opened would take its number, and a line
 * meant for people would land in it. So the number is taken first, by something that refuses what it is not for.
 */
static void occupy_standard_streams(void)
{
    static const int ways[] = {O_WRONLY, O_RDONLY, O_WRONLY}; /* the first two fail when used; complaints are lost */
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", ways[fd]) < 0)
            exit(LENET_IO);
}

void end_by_signal(int signal_number)
{
    fflush(stdout);
    signal(signal_number, SIG_DFL);
    raise(signal_number);
    _exit(128 + signal_number); /* only if the signal is blocked */
}

/* The exit code after stdout has taken everything, or not. */
static int finish_output(int code)
{
    if (code == LENET_OK && json_lacked_memory()) /* what was printed may lack a part */
        code = report_no_memory();
    const int failed = fflush(stdout) | ferror(stdout);
    if (!failed)
        return code;
    if (errno == EPIPE) /* the reader has seen enough, as in `lenet info | head -1` */
        end_by_signal(SIGPIPE);
    print_notice("standard output: writing failed: %s", strerror(errno));
    return code == LENET_OK ? LENET_IO : code;
}

int main(int argc, char **argv)
{
    occupy_standard_streams();
    json_watch_memory();
    signal(SIGPIPE, SIG_IGN); /* a reader of the progress that goes away must not cost a training run */
    return finish_output(run_command(argc, argv));
}
