/* SPDX-License-Identifier: MIT */
/* tex.c - see tex.h. */
#include "lab/report/tex.h"

#include "lab/report/markup.h"

#include <string.h>

/* What LaTeX reads as a command, and characters that its default fonts do not have. */
static const struct {
    const char *from, *to;
} replacements[] = {
    {"\\", "\\textbackslash{}"},
    {"{", "\\{"},
    {"}", "\\}"},
    {"#", "\\#"},
    {"$", "\\$"},
    {"%", "\\%"},
    {"&", "\\&"},
    {"_", "\\_"},
    {"~", "\\textasciitilde{}"},
    {"^", "\\textasciicircum{}"},
    {"<", "\\textless{}"},
    {">", "\\textgreater{}"},
    {"|", "\\textbar{}"},
    {"\"", "\\textquotedbl{}"},
    {"±", "$\\pm$"},
    {"→", "$\\rightarrow$"},
    {"↔", "$\\leftrightarrow$"},
    {"ε", "$\\varepsilon$"},
    {"×", "$\\times$"},
};

void lab_write_tex(lab_text *out, const char *text)
{
    const size_t count = sizeof replacements / sizeof *replacements;
    while (*text) {
        size_t i = 0;
        while (i < count && strncmp(text, replacements[i].from, strlen(replacements[i].from)) != 0)
            i++;
        if (i < count)
            lab_append(out, "%s", replacements[i].to);
        else
            lab_append_bytes(out, *text == '\n' ? " " : text, 1);
        text += i < count ? strlen(replacements[i].from) : 1;
    }
}

void lab_write_tex_prose(lab_text *out, const char *prose)
{
    lab_append_marked(out, prose, lab_write_tex, (const char *const[]){"\\texttt{", "\\emph{", "}", "}"});
}

char *lab_tex_figure(lab_pool *pool, const char *name, const char *caption)
{
    lab_text out = {.pool = pool};
    lab_append(&out, "\\begin{figure}\n  \\centering\n  \\includegraphics[width=\\linewidth]{%s.pdf}\n  \\caption{",
               name);
    lab_write_tex_prose(&out, caption);
    lab_append(&out, "}\n  \\label{fig:%s}\n\\end{figure}\n", name);
    return out.data;
}

char *lab_tex_table(lab_pool *pool, const lab_part *part)
{
    const lab_table *table = part->table;
    lab_text out = {.pool = pool};
    lab_append(&out, "\\begin{table}\n  \\centering\n  \\caption{");
    lab_write_tex_prose(&out, part->text);
    lab_append(&out, "}\n  \\label{tab:%s}\n  \\begin{tabular}{", part->id);
    for (size_t i = 0; i < table->columns; i++)
        lab_append(&out, table->heads[i].is_text ? "l" : "r");
    lab_append(&out, "}\n    \\toprule\n   ");
    for (size_t i = 0; i < table->columns; i++) {
        lab_append(&out, i ? " & " : " ");
        lab_write_tex(&out, table->heads[i].title);
    }
    lab_append(&out, " \\\\\n    \\midrule\n");
    for (size_t i = 0; i < table->count; i++) {
        lab_append(&out, i % table->columns ? " & " : "    ");
        const bool is_best = table->best && table->best == i / table->columns + 1;
        lab_append(&out, is_best ? "\\textbf{" : table->cells[i].is_code ? "\\texttt{" : "");
        lab_write_tex(&out, table->cells[i].text);
        lab_append(&out, is_best || table->cells[i].is_code ? "}%s" : "%s", (i + 1) % table->columns ? "" : " \\\\\n");
    }
    lab_append(&out, "    \\bottomrule\n  \\end{tabular}\n\\end{table}\n");
    return out.data;
}
