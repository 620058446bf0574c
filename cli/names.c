/* SPDX-License-Identifier: MIT */
/* names.c - see names.h. */
#include "cli/names.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

const char *const split_names[] = {"all", "train", "val", "test", NULL};

/* The same letters and digits, whatever case and signs: "CIFAR-10", "FashionMNIST". */
static bool is_alike(const char *name, const char *text)
{
    static const char signs[] = "-_ ";
    for (;; name++, text++) {
        name += strspn(name, signs);
        text += strspn(text, signs);
        if (tolower((unsigned char)*name) != tolower((unsigned char)*text))
            return false;
        if (!*name)
            return true;
    }
}

const char *find_name(const char *const *names, const char *text)
{
    for (; *names; names++)
        if (is_alike(*names, text))
            return *names;
    return NULL;
}

char *join_names(const char *const *names, char *text, size_t capacity)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; names[i]; i++) {
        const char *separator = i ? ", " : "";
        const size_t length = strlen(separator) + strlen(names[i]);
        if (used + length >= capacity)
            break;
        strcpy(text + used, separator);
        strcat(text + used, names[i]);
        used += length;
    }
    return text;
}
