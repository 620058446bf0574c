/* SPDX-License-Identifier: MIT */
/* rest.h - the last numbers of an array, less than a vector: to and from a vector through the stack. */

/* The last size % W numbers of an array as a vector (other lanes 1, harmless to every function here), and back. */
static inline vf load_rest(const float *from, size_t size)
{
    float lane[LN_WIDTH];
    for (size_t i = 0; i < LN_WIDTH; i++)
        lane[i] = i < size ? from[i] : 1.0f;
    return v_load(lane);
}

static inline void store_rest(float *to, size_t size, vf a)
{
    float lane[LN_WIDTH];
    v_store(lane, a);
    for (size_t i = 0; i < size; i++)
        to[i] = lane[i];
}
