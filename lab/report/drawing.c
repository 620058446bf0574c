/* SPDX-License-Identifier: MIT */
/* drawing.c - see drawing.h: files, and gnuplot as a process. */
#include "lab/report/drawing.h"

#include "lab/report/layout.h"
#include "lab/report/pdf.h"
#include "lab/report/script.h"
#include "lab/report/svg.h"
#include "lab/report/tex.h"
#include "util/error.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { AT_ONCE = 2, MOST_WORDS = 400 };

bool lab_figure_can_draw(void)
{
    const char *path = getenv("PATH");
    char *folders = strdup(path ? path : "/usr/bin:/bin"), *rest = folders, file[4096];
    bool is_here = false;
    for (char *folder; folders && !is_here && (folder = strsep(&rest, ":")) != NULL;) {
        snprintf(file, sizeof file, "%s/gnuplot", *folder ? folder : ".");
        is_here = !access(file, X_OK);
    }
    free(folders);
    return is_here;
}

static void write_file(lab_pool *pool, const lab_figure *figure, const char *ending, const char *folder, char *text)
{
    lab_pool_write(pool, lab_format(pool, "%s/%s.%s", folder, figure->name, ending), text);
}

void lab_figure_write(lab_pool *pool, lab_figure *figure, const char *caption, const char *folder)
{
    lab_rank_series(figure);
    write_file(pool, figure, "tsv", folder, lab_figure_table(pool, figure));
    write_file(pool, figure, "gp", folder, lab_figure_script(pool, figure));
    write_file(pool, figure, "svg", folder, lab_svg_file(pool, figure));
    write_file(pool, figure, "tex", folder, lab_tex_figure(pool, figure->name, caption));
}

/* ------------------------------------------------------------------------------------------------------- gnuplot */

typedef struct drawing {
    const char *name;
    pid_t process;
    int words; /* its complaints, to be read */
} drawing;

/* In the child: why it could not become gnuplot, for the parent. */
static _Noreturn void give_up(int words)
{
    dprintf(words, "%s", strerror(errno));
    _exit(127);
}

/* In the child: gnuplot without the user's settings, in the folder of the script. */
static _Noreturn void become_gnuplot(const char *script, const char *folder, int words)
{
    const int nothing = open("/dev/null", O_RDWR);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (nothing < 0 || dup2(nothing, 0) < 0 || dup2(nothing, 1) < 0 || dup2(words, 2) < 0 || chdir(folder))
        give_up(words);
    setenv("LC_ALL", "C.UTF-8", 1);
    setenv("SOURCE_DATE_EPOCH", "0", 1);
    unsetenv("GNUTERM");
    execlp("gnuplot", "gnuplot", "-d", script, (char *)NULL);
    give_up(words);
}

static lenet_status begin(drawing *d, const char *name, const char *folder, lenet_error *error)
{
    int ends[2];
    char script[256];
    snprintf(script, sizeof script, "%s.gp", name);
    if (pipe(ends))
        return ln_fail(error, LENET_FAILURE, "gnuplot: no pipe: %s", strerror(errno));
    const pid_t process = fork();
    if (process == 0)
        become_gnuplot(script, folder, ends[1]);
    close(ends[1]);
    if (process < 0) {
        close(ends[0]);
        return ln_fail(error, LENET_FAILURE, "gnuplot cannot be started: %s", strerror(errno));
    }
    *d = (drawing){name, process, ends[0]};
    return LENET_OK;
}

static lenet_status end(const drawing *d, const char *folder, lenet_error *error)
{
    char words[MOST_WORDS], more[256];
    size_t used = 0;
    ssize_t got;
    while ((got = read(d->words, words + used, sizeof words - 1 - used)) > 0 || (got < 0 && errno == EINTR))
        used += got > 0 ? (size_t)got : 0;
    while (read(d->words, more, sizeof more) > 0) /* or it would wait for a reader for ever */
        ;
    words[used] = '\0';
    close(d->words);
    int how = 0;
    while (waitpid(d->process, &how, 0) < 0 && errno == EINTR)
        ;
    if (WIFEXITED(how) && WEXITSTATUS(how) == 0)
        return LENET_OK;
    return ln_fail(error, LENET_FAILURE, "gnuplot could not draw %s/%s.gp: %s", folder, d->name,
                   *words ? words : "it said nothing");
}

static lenet_status clear_date(const char *name, const char *folder, lenet_error *error)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.pdf", folder, name);
    return lab_pdf_clear_date(path, error);
}

lenet_status lab_figure_draw(const char *const *names, size_t count, const char *folder, lenet_error *error)
{
    drawing running[AT_ONCE];
    size_t begun = 0, ended = 0;
    lenet_status status = LENET_OK;
    while (ended < begun || (!status && begun < count)) {
        if (!status && begun < count && begun - ended < AT_ONCE) {
            status = begin(&running[begun % AT_ONCE], names[begun], folder, error);
            begun += !status;
            continue;
        }
        const drawing *d = &running[ended++ % AT_ONCE];
        const lenet_status how = end(d, folder, status ? NULL : error);
        status = status ? status : how;
        if (!status)
            status = clear_date(d->name, folder, error);
    }
    return status;
}
