/* SPDX-License-Identifier: MIT */
/* files.h - the pages, styles and scripts of this folder as the program carries them. */
#ifndef LENET_LAB_LIVE_FILES_H
#define LENET_LAB_LIVE_FILES_H

#include "lab/text/built-in.h"

extern const lab_built_in lab_live_files[]; /* by their names, "draw.js"; ended by a NULL name */

/* The file of this name, which must be there. */
const lab_built_in *lab_live_file(const char *name);

#endif
