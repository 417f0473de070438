// The rounds of FIPS 180-4, section 6.2.2, over vectors V of one 32-bit word a lane. Included once for each width, with
// these defined: V, LANES, TARGET, NAME(stem), LOAD_WORDS, STORE_WORDS, ADD, SET, ROR(x, n), SHR(x, n), XOR3, CHOOSE, MAJORITY.

/// One round; the caller renames the variables instead of moving them.
#define ROUND(a, b, c, d, e, f, g, h, k, w)                                                                            \
  do {                                                                                                                 \
    V t = ADD(ADD(h, XOR3(ROR(e, 6), ROR(e, 11), ROR(e, 25))), ADD(CHOOSE(e, f, g), ADD(SET(k), w)));                  \
    d = ADD(d, t);                                                                                                     \
    h = ADD(ADD(t, MAJORITY(a, b, c)), XOR3(ROR(a, 2), ROR(a, 13), ROR(a, 22)));                                       \
  } while (0)

/// Word i of the next sixteen of the message schedule, in place of the one sixteen before it.
#define EXTEND(w, i)                                                                                                   \
  w[i] = ADD(ADD(w[i], w[((i) + 9) & 15]),                                                                             \
             ADD(XOR3(ROR(w[((i) + 1) & 15], 7), ROR(w[((i) + 1) & 15], 18), SHR(w[((i) + 1) & 15], 3)),               \
                 XOR3(ROR(w[((i) + 14) & 15], 17), ROR(w[((i) + 14) & 15], 19), SHR(w[((i) + 14) & 15], 10))))

#define EIGHT_ROUNDS(k, w, i)                                                                                          \
  ROUND(a, b, c, d, e, f, g, h, k[(i) + 0], w[(i) + 0]);                                                               \
  ROUND(h, a, b, c, d, e, f, g, k[(i) + 1], w[(i) + 1]);                                                               \
  ROUND(g, h, a, b, c, d, e, f, k[(i) + 2], w[(i) + 2]);                                                               \
  ROUND(f, g, h, a, b, c, d, e, k[(i) + 3], w[(i) + 3]);                                                               \
  ROUND(e, f, g, h, a, b, c, d, k[(i) + 4], w[(i) + 4]);                                                               \
  ROUND(d, e, f, g, h, a, b, c, k[(i) + 5], w[(i) + 5]);                                                               \
  ROUND(c, d, e, f, g, h, a, b, k[(i) + 6], w[(i) + 6]);                                                               \
  ROUND(b, c, d, e, f, g, h, a, k[(i) + 7], w[(i) + 7])

/// Compresses a block a lane, whose words are `w`, from `state` on. Leaves the new state in w[0] to w[7].
TARGET static inline void NAME(compress)(const uint32_t state[8], V w[16]) {
  V a = SET(state[0]), b = SET(state[1]), c = SET(state[2]), d = SET(state[3]);
  V e = SET(state[4]), f = SET(state[5]), g = SET(state[6]), h = SET(state[7]);
  for (int i = 0;;) {
    const uint32_t *k = constants + i;
    EIGHT_ROUNDS(k, w, 0);
    EIGHT_ROUNDS(k, w, 8);
    i += 16;
    if (i == 64) break;
    EXTEND(w, 0); EXTEND(w, 1); EXTEND(w, 2); EXTEND(w, 3); EXTEND(w, 4); EXTEND(w, 5); EXTEND(w, 6); EXTEND(w, 7);
    EXTEND(w, 8); EXTEND(w, 9); EXTEND(w, 10); EXTEND(w, 11); EXTEND(w, 12); EXTEND(w, 13); EXTEND(w, 14); EXTEND(w, 15);
  }
  w[0] = ADD(a, SET(state[0])), w[1] = ADD(b, SET(state[1])), w[2] = ADD(c, SET(state[2])), w[3] = ADD(d, SET(state[3]));
  w[4] = ADD(e, SET(state[4])), w[5] = ADD(f, SET(state[5])), w[6] = ADD(g, SET(state[6])), w[7] = ADD(h, SET(state[7]));
}

TARGET static void NAME(digests)(const uint32_t *state, const uint32_t *outer, const uint8_t *blocks,
                                 uint8_t *digests) {
  V w[16];
  NAME(load)(blocks, w);
  NAME(compress)(state, w);
  if (outer) {
    // 32 bytes behind a block of 64: the padding begins with one bit, and 96 bytes are 768 bits.
    w[8] = SET(0x80000000);
    for (int i = 9; i < 15; i++) w[i] = SET(0);
    w[15] = SET(768);
    NAME(compress)(outer, w);
  }
  NAME(store)(w, digests);
}

#undef ROUND
#undef EXTEND
#undef EIGHT_ROUNDS
