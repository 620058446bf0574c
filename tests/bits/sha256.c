/* SPDX-License-Identifier: MIT */
/*
 * sha256.c - SHA-256 (FIPS 180-4) in plain C, in the place of src/util/sha256.c, for trainings on a processor for which this machine has no libcrypto.
 * A test's part alone: the library's own is libcrypto's. That both are the same function is shown by what they are for: the builds for this machine's
 * processor use libcrypto, and must give the same hashes.
 */
#include "util/sha256.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ln_sha256 {
    uint32_t state[8], constant[64];
    uint64_t bytes;
    uint8_t block[64];
};

__extension__ typedef unsigned __int128 wide;

static uint32_t turn(uint32_t x, int bits) { return x >> bits | x << (32 - bits); }

/* The first 32 bits behind the point of the square roots, or cube roots, of the first primes: root / 2^32 is sought bit by bit. */
static void find_constants(uint32_t *constant, int count, int cube)
{
    for (int n = 2, found = 0; found < count; n++) {
        int is_prime = 1;
        for (int d = 2; d * d <= n; d++)
            is_prime &= n % d != 0;
        if (!is_prime)
            continue;
        uint64_t root = 0; /* below 18 * 2^32 */
        for (uint64_t bit = (uint64_t)1 << 36; bit; bit >>= 1) {
            const wide r = root | bit, square = r * r; /* r^3 has up to 111 bits */
            if (cube ? square * r <= (wide)n << 96 : square <= (wide)n << 64)
                root |= bit;
        }
        constant[found++] = (uint32_t)root;
    }
}

static void add_block(ln_sha256 *hash)
{
    uint32_t w[64], s[8];
    for (int i = 0; i < 64; i++)
        if (i < 16) {
            const uint8_t *b = hash->block + 4 * i;
            w[i] = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
        } else {
            const uint32_t a = w[i - 15], b = w[i - 2];
            w[i] = w[i - 16] + (turn(a, 7) ^ turn(a, 18) ^ a >> 3) + w[i - 7] + (turn(b, 17) ^ turn(b, 19) ^ b >> 10);
        }
    memcpy(s, hash->state, sizeof s);
    for (int i = 0; i < 64; i++) {
        const uint32_t a = s[0], e = s[4];
        const uint32_t first = s[7] + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & s[5]) ^ (~e & s[6])) + hash->constant[i] + w[i];
        const uint32_t second = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]));
        memmove(s + 1, s, 7 * sizeof *s);
        s[4] += first;
        s[0] = first + second;
    }
    for (int i = 0; i < 8; i++)
        hash->state[i] += s[i];
}

ln_sha256 *ln_sha256_open(void)
{
    ln_sha256 *hash = calloc(1, sizeof *hash);
    if (hash) {
        find_constants(hash->state, 8, 0);
        find_constants(hash->constant, 64, 1);
    }
    return hash;
}

void ln_sha256_add(ln_sha256 *hash, const void *data, size_t size)
{
    const uint8_t *byte = data;
    for (size_t i = 0; hash && i < size; i++) {
        hash->block[hash->bytes++ % 64] = byte[i];
        if (hash->bytes % 64 == 0)
            add_block(hash);
    }
}

void ln_sha256_close(ln_sha256 *hash, char hex[LN_SHA256_HEX])
{
    hex[0] = '\0';
    if (!hash)
        return;
    const uint64_t bits = 8 * hash->bytes;
    ln_sha256_add(hash, "\x80", 1);
    while (hash->bytes % 64 != 56)
        ln_sha256_add(hash, "", 1);
    for (int i = 56; i >= 0; i -= 8)
        ln_sha256_add(hash, &(uint8_t){(uint8_t)(bits >> i)}, 1);
    for (int i = 0; i < 8; i++)
        snprintf(hex + 8 * i, 9, "%08x", (unsigned)hash->state[i]);
    free(hash);
}

void ln_sha256_of(const void *data, size_t size, char hex[LN_SHA256_HEX])
{
    ln_sha256 *hash = ln_sha256_open();
    ln_sha256_add(hash, data, size);
    ln_sha256_close(hash, hex);
}
