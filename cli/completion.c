/* SPDX-License-Identifier: MIT */
/*
 * completion.c - `lenet completion bash|zsh|fish`: a script that completes command lines in that shell.
 *
 * It is made of the tables that read the command lines, so it knows every subcommand, option and name. The script does
 * not run lenet. Names that depend on the machine, those of instruction sets, are left out.
 */
#include "cli/command.h"
#include "cli/options.h"
#include "cli/terminal.h"
#include "lab/data/folders.h"
#include "lab/study/study.h"

#include <stdio.h>
#include <string.h>

/* What a value or an argument can be: names, and files or folders. */
typedef enum files { NO_FILES, FILES, FOLDERS } files;
typedef struct values {
    const char *const *names; /* ended by NULL; NULL: none */
    bool has_studies;         /* the built-in studies are names, too */
    files files;
} values;

static values values_of_option(const ln_option *option)
{
    values v = {.names = option->refusal ? NULL : option->names};
    if (option->check == lab_data_check || !strcmp(option->metavar, "DIR"))
        v.files = FOLDERS;
    else if (strstr(option->metavar, "FILE"))
        v.files = FILES;
    v.has_studies = !strcmp(option->name, "study");
    return v;
}

static values values_of_arguments(const command_line *line)
{
    static const char *const shells[] = {"bash", "zsh", "fish", NULL};
    const char *words = line->arguments;
    values v = {.has_studies = !strncmp(line->command, "study ", 6) && strstr(words, "NAME")};
    if (!strncmp(line->command, "data ", 5) && strstr(words, "NAME"))
        v.names = lenet_option_names(LENET_DATASETS);
    if (!strcmp(line->command, "completion"))
        v.names = shells;
    if (!strncmp(words, "MODEL", 5) || v.has_studies)
        v.files = FILES;
    return v;
}

static bool takes_value(const ln_option *option) { return !ln_option_is_flag(option); }

/* The names with blanks between them, without one at the end. */
static void print_names(const values *v)
{
    const char *blank = "";
    for (const char *const *name = v->names; name && *name; name++, blank = " ")
        printf("%s%s", blank, *name);
    for (const lab_built_in *study = lab_built_in_studies; v->has_studies && study->name; study++, blank = " ")
        printf("%s%s", blank, study->name);
}

static bool has_names(const values *v) { return v->has_studies || (v->names && v->names[0]); }

/* The text in single quotes; a backslash goes before each character of `special`. */
static void print_quoted(const char *text, const char *special)
{
    for (; *text; text++) {
        if (*text == '\'')
            fputs("'\\'", stdout); /* and the quote itself opens again */
        else if (strchr(special, *text))
            putchar('\\');
        putchar(*text);
    }
}

/* "get" of the command "data get"; NULL: it has no parts. */
static const char *part_of(const command_line *line)
{
    const char *blank = strchr(line->command, ' ');
    return blank ? blank + 1 : NULL;
}

static void print_parts_bash(const command_line *line)
{
    if (part_of(line))
        printf("    %.*s) parts+=' %s' ;;&\n", (int)strcspn(line->command, " "), line->command, part_of(line));
}

static void print_command_names(void)
{
    for (const command *at = commands; at->name; at++)
        if (at->summary)
            printf("%s ", at->name);
    fputs("version", stdout);
}

/* ------------------------------------------------------------------------------------------------------------ bash */

static void print_values_bash(const values *v)
{
    static const char *const flags[] = {[NO_FILES] = "", [FILES] = " files=-f", [FOLDERS] = " files=-d"};
    fputs("words='", stdout);
    print_names(v);
    printf("'%s", flags[v->files]);
}

static void print_table_bash(const command_line *line)
{
    printf("    '%s')\n        case $previous in\n", line->command);
    for (const ln_option *option = line->options; option->name; option++)
        if (takes_value(option)) {
            const values v = values_of_option(option);
            printf("        --%s) ", option->name);
            print_values_bash(&v);
            puts(" ;;");
        }
    const values v = values_of_arguments(line);
    fputs("        *)\n            ", stdout);
    print_values_bash(&v);
    fputs("\n            [[ $current != -* ]] || words='", stdout);
    for (const ln_option *option = line->options; option->name; option++)
        printf("--%s ", option->name);
    printf("--help%s' files=\n            ;;\n        esac\n        ;;\n", line->basic ? " --help-all" : "");
}

static void print_bash(void)
{
    puts("# Completion of lenet for bash, made by 'lenet completion bash'.\n"
         "_lenet()\n"
         "{\n"
         "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}\n"
         "    local command=${COMP_WORDS[1]} parts='' words='' files=''\n"
         "    COMPREPLY=()\n"
         "    if [[ $current == = ]]; then # bash divides --name=value at the =\n"
         "        current=''\n"
         "    elif [[ $previous == = ]]; then\n"
         "        previous=${COMP_WORDS[COMP_CWORD-2]}\n"
         "    fi\n"
         "    case $command in");
    visit_tables(print_parts_bash);
    fputs("    esac\n"
          "    if [[ -n $parts ]] && ((COMP_CWORD > 2)); then\n"
          "        command=\"$command ${COMP_WORDS[2]}\"\n"
          "    fi\n"
          "    if ((COMP_CWORD == 1)); then\n"
          "        command=''\n"
          "        words='",
          stdout);
    print_command_names();
    puts(" --help --version'\n"
         "    elif [[ -n $parts ]] && ((COMP_CWORD == 2)); then\n"
         "        words=\"$parts --help\"\n"
         "    fi\n"
         "    case $command in");
    visit_tables(print_table_bash);
    fputs("    help)\n        words='", stdout);
    print_command_names();
    puts("' ;;\n"
         "    esac\n"
         "    mapfile -t COMPREPLY < <(\n"
         "        compgen -W \"$words\" -- \"$current\"\n"
         "        [[ -z $files ]] || compgen \"$files\" -- \"$current\"\n"
         "    )\n"
         "}\n"
         "complete -o filenames -F _lenet lenet");
}

/* ------------------------------------------------------------------------------------------------------------- zsh */

static void print_values_zsh(const char *metavar, const values *v)
{
    static const char *const actions[] = {[NO_FILES] = "", [FILES] = "; _files", [FOLDERS] = "; _files -/"};
    putchar(':');
    print_quoted(metavar, ":\\");
    putchar(':');
    if (has_names(v)) {
        fputs("{compadd -- ", stdout);
        print_names(v);
        printf("%s}", actions[v->files]);
    } else {
        fputs(v->files ? actions[v->files] + 2 : " ", stdout);
    }
}

static void print_table_zsh(const command_line *line)
{
    const values v = values_of_arguments(line);
    printf("    '%s%s')\n        _arguments", line->command, part_of(line) ? "" : " ");
    for (const ln_option *option = line->options; option->name; option++) {
        printf(" \\\n            '--%s[", option->name);
        print_quoted(option->help, "[]\\");
        putchar(']');
        if (takes_value(option)) {
            const values of_option = values_of_option(option);
            print_values_zsh(option->metavar, &of_option);
        }
        putchar('\'');
    }
    fputs(" \\\n            '--help[show the help]'", stdout);
    if (line->basic)
        fputs(" \\\n            '--help-all[show the help with all options]'", stdout);
    if (has_names(&v) || v.files) {
        fputs(" \\\n            '*", stdout);
        print_values_zsh("argument", &v);
        putchar('\'');
    }
    puts("\n        ;;");
}

static void print_parts_zsh(const command_line *line)
{
    if (part_of(line))
        printf("    (( CURRENT != 3 )) || [[ $words[2] != %.*s ]] || compadd -- %s\n", (int)strcspn(line->command, " "),
               line->command, part_of(line));
}

static void print_command_cases_zsh(const command_line *line)
{
    if (part_of(line))
        printf("    '%.*s '*) (( CURRENT > 3 )) || return; command=\"$words[2] $words[3]\"; skip=2 ;;\n",
               (int)strcspn(line->command, " "), line->command);
}

static void print_zsh(void)
{
    puts("#compdef lenet\n"
         "# Completion of lenet for zsh, made by 'lenet completion zsh'.\n"
         "_lenet()\n"
         "{\n"
         "    local command=\"$words[2] \" skip=1\n"
         "    if (( CURRENT == 2 )); then\n"
         "        local -a commands=(");
    for (const command *at = commands; at->name; at++)
        if (at->summary) {
            printf("            '%s:", at->name);
            print_quoted(at->summary, ":\\");
            puts("'");
        }
    puts("            'version:show the version'\n"
         "        )\n"
         "        _describe command commands\n"
         "        return\n"
         "    fi");
    visit_tables(print_parts_zsh);
    puts("    case $command in");
    visit_tables(print_command_cases_zsh);
    puts("    esac\n"
         "    shift $skip words\n"
         "    (( CURRENT -= skip ))\n"
         "    case $command in");
    visit_tables(print_table_zsh);
    fputs("    'help ') compadd -- ", stdout);
    print_command_names();
    puts(" ;;\n"
         "    esac\n"
         "}\n"
         "[[ $funcstack[1] != _lenet ]] || _lenet \"$@\"\n"
         "(( ! $+functions[compdef] )) || compdef _lenet lenet");
}

/* ------------------------------------------------------------------------------------------------------------ fish */

static void print_parts_fish(const command_line *line)
{
    const int length = (int)strcspn(line->command, " ");
    if (part_of(line))
        printf("complete -c lenet -n '__lenet_is_after %.*s' -a %s\n", length, line->command, part_of(line));
}

static void print_values_fish(const values *v)
{
    static const char *const paths[] = {
        [NO_FILES] = "", [FILES] = " (__fish_complete_path)", [FOLDERS] = " (__fish_complete_directories)"};
    fputs(" -a '", stdout);
    print_names(v);
    printf("%s'", paths[v->files]);
}

static void print_table_fish(const command_line *line)
{
    for (const ln_option *option = line->options; option->name; option++) {
        printf("complete -c lenet -n '__lenet_is_in %s' -l %s -d '", line->command, option->name);
        print_quoted(option->help, "\\");
        putchar('\'');
        if (takes_value(option)) {
            const values v = values_of_option(option);
            fputs(" -x", stdout);
            print_values_fish(&v);
        }
        putchar('\n');
    }
    const values v = values_of_arguments(line);
    if (has_names(&v) || v.files) {
        printf("complete -c lenet -n '__lenet_is_in %s'", line->command);
        print_values_fish(&v);
        putchar('\n');
    }
}

static void print_fish(void)
{
    puts("# Completion of lenet for fish, made by 'lenet completion fish'.\n"
         "# The words before the cursor are these, and no others: a part of the command comes next.\n"
         "function __lenet_is_after\n"
         "    set -l words (commandline -opc)\n"
         "    test \"$words[2..-1]\" = \"$argv\"\n"
         "end\n"
         "# The words before the cursor begin with these.\n"
         "function __lenet_is_in\n"
         "    set -l words (commandline -opc)\n"
         "    set -l last (math 1 + (count $argv))\n"
         "    test (count $words) -ge $last; and test \"$words[2..$last]\" = \"$argv\"\n"
         "end\n"
         "complete -c lenet -f");
    for (const command *at = commands; at->name; at++)
        if (at->summary) {
            printf("complete -c lenet -n __fish_use_subcommand -a %s -d '", at->name);
            print_quoted(at->summary, "\\");
            puts("'");
        }
    visit_tables(print_parts_fish);
    visit_tables(print_table_fish);
    fputs("complete -c lenet -n '__lenet_is_after help' -a '", stdout);
    print_command_names();
    puts("'\n"
         "complete -c lenet -l help -d 'show the help'");
}

int run_completion(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*print)(void);
    } shells[] = {{"bash", print_bash}, {"zsh", print_zsh}, {"fish", print_fish}};
    const ln_option options[] = {{.name = NULL}};
    const command_line line = {
        .command = "completion",
        .arguments = "bash|zsh|fish",
        .summary = "Prints a script that completes the command lines of lenet in this shell. `make install` installs "
                   "it for all shells.",
        .examples = "  lenet completion bash > ~/.local/share/bash-completion/completions/lenet\n"
                    "  lenet completion zsh > ~/.zfunc/_lenet\n"
                    "  lenet completion fish > ~/.config/fish/completions/lenet.fish\n",
        .options = options,
        .fewest = 1,
        .most = 1,
    };
    int count = 0;
    const int stop = parse_command_line(&line, argc, argv, &count);
    if (stop != PARSED)
        return stop;
    for (size_t i = 0; i < sizeof shells / sizeof shells[0]; i++)
        if (!strcmp(argv[0], shells[i].name)) {
            shells[i].print();
            return LENET_OK;
        }
    return usage_error(&line, "unknown shell '%s'; it can be bash, zsh, fish", argv[0]);
}
