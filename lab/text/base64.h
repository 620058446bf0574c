/* SPDX-License-Identifier: MIT */
/* base64.h - bytes as base64 (RFC 4648, with padding). */
#ifndef LENET_LAB_TEXT_BASE64_H
#define LENET_LAB_TEXT_BASE64_H

#include "lab/text/pool.h"

void lab_append_base64(lab_text *out, const void *bytes, size_t size);

#endif
