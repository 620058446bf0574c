/* SPDX-License-Identifier: MIT */
/*
 * tex.h - figures and tables as pieces of a LaTeX document, which \input takes: they need the packages
 * graphicx and booktabs, and an engine that reads UTF-8.
 */
#ifndef LENET_LAB_REPORT_TEX_H
#define LENET_LAB_REPORT_TEX_H

#include "lab/report/part.h"

/* Text that stays text. lab_tex_prose: `code` and *stress* become \texttt and \emph. */
void lab_write_tex(lab_text *out, const char *text);
void lab_write_tex_prose(lab_text *out, const char *prose);

char *lab_tex_figure(lab_pool *pool, const char *name, const char *caption);
char *lab_tex_table(lab_pool *pool, const lab_part *part);

#endif
