/* SPDX-License-Identifier: MIT */
/* balance.c - see balance.h. A class's images are shuffled in their final place, and repeated after it. */
#include "data/balance.h"

#include "util/random.h"

#include <string.h>

enum { CLASSES = 256 };

/* `places` places from `order` on, for a class of `members` images. */
static void fill_class(const uint32_t *index, size_t count, const uint8_t *labels, int label, size_t members,
                       size_t places, ln_random *random, uint32_t *order)
{
    /*
     * Reservoir: of more members than places each is kept with the same chance, and those that are kept are
     * then shuffled.
     */
    size_t seen = 0;
    for (size_t i = 0; i < count; i++) {
        if (labels[index[i]] != label)
            continue;
        const size_t at = seen < places ? seen : ln_random_below(random, (uint32_t)seen + 1);
        if (at < places)
            order[at] = index[i];
        seen++;
    }
    const size_t kept = members < places ? members : places;
    ln_random_shuffle(random, kept, order);
    for (size_t i = kept; i < places; i++)
        order[i] = order[i - kept];
}

void ln_balance(const uint32_t *index, size_t count, const uint8_t *labels, uint64_t seed, int epoch, uint32_t *order)
{
    size_t members[CLASSES] = {0}, classes = 0, filled = 0, passed = 0;
    for (size_t i = 0; i < count; i++)
        classes += !members[labels[index[i]]]++;
    for (int label = 0; label < CLASSES; label++) {
        if (!members[label])
            continue;
        const size_t end = ++passed * count / classes;
        ln_random random = ln_random_open(seed, LN_FOR_BALANCE, (uint32_t)epoch, (uint32_t)label);
        fill_class(index, count, labels, label, members[label], end - filled, &random, order + filled);
        filled = end;
    }
}
