/* SPDX-License-Identifier: MIT */
/* machine.c - see machine.h. */
#include "lab/runs/machine.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

void lab_machine_name(char *name, size_t capacity)
{
    char line[256];
    struct utsname system;
    FILE *file = fopen("/proc/cpuinfo", "re");
    snprintf(name, capacity, "%s", uname(&system) ? "unknown" : system.machine);
    while (file && fgets(line, sizeof line, file)) {
        const char *value = strncmp(line, "model name", 10) ? NULL : strchr(line, ':');
        if (!value)
            continue;
        value += 1 + strspn(value + 1, " \t");
        snprintf(name, capacity, "%.*s", (int)strcspn(value, "\n"), value);
        break;
    }
    if (file)
        fclose(file);
}
