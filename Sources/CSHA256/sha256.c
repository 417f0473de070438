#include "CSHA256.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>

/// FIPS 180-4, section 4.2.2: the first 32 bits of the fractional parts of the cube roots of the first 64 primes.
static const uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

// Eight lanes

#define TARGET __attribute__((target("avx2")))
#define NAME(stem) sha256_##stem##_avx2
#define V __m256i
#define ADD _mm256_add_epi32
#define SET(x) _mm256_set1_epi32((int)(x))
#define SHR _mm256_srli_epi32
#define ROR(x, n) _mm256_or_si256(_mm256_srli_epi32(x, n), _mm256_slli_epi32(x, 32 - (n)))
#define XOR3(x, y, z) _mm256_xor_si256(_mm256_xor_si256(x, y), z)
#define CHOOSE(x, y, z) _mm256_xor_si256(_mm256_and_si256(_mm256_xor_si256(y, z), x), z)
#define MAJORITY(x, y, z)                                                                                              \
  _mm256_xor_si256(_mm256_and_si256(_mm256_xor_si256(x, y), _mm256_xor_si256(y, z)), y)

/// Between rows of lanes and lanes of rows.
TARGET static inline void NAME(transpose)(V r[8]) {
  V a[8], b[8];
  for (int i = 0; i < 4; i++) {
    a[2 * i] = _mm256_unpacklo_epi32(r[2 * i], r[2 * i + 1]);
    a[2 * i + 1] = _mm256_unpackhi_epi32(r[2 * i], r[2 * i + 1]);
  }
  for (int i = 0; i < 2; i++)
    for (int k = 0; k < 2; k++) {
      b[4 * i + 2 * k] = _mm256_unpacklo_epi64(a[4 * i + k], a[4 * i + k + 2]);
      b[4 * i + 2 * k + 1] = _mm256_unpackhi_epi64(a[4 * i + k], a[4 * i + k + 2]);
    }
  for (int i = 0; i < 4; i++) {
    r[i] = _mm256_permute2x128_si256(b[i], b[i + 4], 0x20);
    r[i + 4] = _mm256_permute2x128_si256(b[i], b[i + 4], 0x31);
  }
}

/// Big-endian words to numbers and back.
TARGET static inline V NAME(swap)(V v) {
  return _mm256_shuffle_epi8(v, _mm256_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203, 0x0c0d0e0f08090a0b,
                                                  0x0405060700010203));
}

TARGET static inline void NAME(load)(const uint8_t *blocks, V w[16]) {
  for (int half = 0; half < 2; half++) {
    for (int i = 0; i < 8; i++)
      w[8 * half + i] = NAME(swap)(_mm256_loadu_si256((const __m256i *)(const void *)(blocks + 64 * i + 32 * half)));
    NAME(transpose)(w + 8 * half);
  }
}

TARGET static inline void NAME(store)(V w[8], uint8_t *digests) {
  NAME(transpose)(w);
  for (int i = 0; i < 8; i++) _mm256_storeu_si256((__m256i *)(void *)(digests + 32 * i), NAME(swap)(w[i]));
}

#include "lanes.h"
#undef TARGET
#undef NAME
#undef V
#undef ADD
#undef SET
#undef SHR
#undef ROR
#undef XOR3
#undef CHOOSE
#undef MAJORITY

// Sixteen lanes

#define TARGET __attribute__((target("avx512f,avx512bw")))
#define NAME(stem) sha256_##stem##_avx512
#define V __m512i
#define ADD _mm512_add_epi32
#define SET(x) _mm512_set1_epi32((int)(x))
#define SHR _mm512_srli_epi32
#define ROR _mm512_ror_epi32
#define XOR3(x, y, z) _mm512_ternarylogic_epi32(x, y, z, 0x96)
#define CHOOSE(x, y, z) _mm512_ternarylogic_epi32(x, y, z, 0xCA)
#define MAJORITY(x, y, z) _mm512_ternarylogic_epi32(x, y, z, 0xE8)

/// Between rows of lanes and lanes of rows.
TARGET static inline void NAME(transpose)(V r[16]) {
  V a[16], b[16];
  for (int i = 0; i < 8; i++) {
    a[2 * i] = _mm512_unpacklo_epi32(r[2 * i], r[2 * i + 1]);
    a[2 * i + 1] = _mm512_unpackhi_epi32(r[2 * i], r[2 * i + 1]);
  }
  // b[4i + k] holds column k of each 4 by 4 tile of rows 4i to 4i + 3.
  for (int i = 0; i < 4; i++)
    for (int k = 0; k < 2; k++) {
      b[4 * i + 2 * k] = _mm512_unpacklo_epi64(a[4 * i + k], a[4 * i + k + 2]);
      b[4 * i + 2 * k + 1] = _mm512_unpackhi_epi64(a[4 * i + k], a[4 * i + k + 2]);
    }
  for (int k = 0; k < 4; k++) {
    V low02 = _mm512_shuffle_i32x4(b[k], b[4 + k], 0x88), low13 = _mm512_shuffle_i32x4(b[k], b[4 + k], 0xDD);
    V high02 = _mm512_shuffle_i32x4(b[8 + k], b[12 + k], 0x88), high13 = _mm512_shuffle_i32x4(b[8 + k], b[12 + k], 0xDD);
    r[k] = _mm512_shuffle_i32x4(low02, high02, 0x88);
    r[8 + k] = _mm512_shuffle_i32x4(low02, high02, 0xDD);
    r[4 + k] = _mm512_shuffle_i32x4(low13, high13, 0x88);
    r[12 + k] = _mm512_shuffle_i32x4(low13, high13, 0xDD);
  }
}

/// Big-endian words to numbers and back.
TARGET static inline V NAME(swap)(V v) {
  return _mm512_shuffle_epi8(
      v, _mm512_broadcast_i32x4(_mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203)));
}

TARGET static inline void NAME(load)(const uint8_t *blocks, V w[16]) {
  for (int i = 0; i < 16; i++) w[i] = NAME(swap)(_mm512_loadu_si512(blocks + 64 * i));
  NAME(transpose)(w);
}

TARGET static inline void NAME(store)(V w[16], uint8_t *digests) {
  for (int i = 8; i < 16; i++) w[i] = SET(0);
  NAME(transpose)(w);
  for (int i = 0; i < 16; i++)
    _mm256_storeu_si256((__m256i *)(void *)(digests + 32 * i), _mm512_castsi512_si256(NAME(swap)(w[i])));
}

#include "lanes.h"

int veil_sha256_can(size_t lanes) {
  __builtin_cpu_init();
  switch (lanes) {
    case 16: return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw");
    case 8: return __builtin_cpu_supports("avx2") != 0;
    default: return lanes == 1;
  }
}

static int has_sha_instructions(void) {
  unsigned a, b, c, d;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & 1u << 29);
}

size_t veil_sha256_lanes(void) {
  if (veil_sha256_can(16)) return 16;
  return veil_sha256_can(8) && !has_sha_instructions() ? 8 : 1;
}

static void digests(size_t lanes, const uint32_t *state, const uint32_t *outer, const uint8_t *blocks, uint8_t *out) {
  if (lanes == 16) {
    sha256_digests_avx512(state, outer, blocks, out);
  } else {
    sha256_digests_avx2(state, outer, blocks, out);
  }
}

void veil_sha256_blocks(size_t lanes, const uint32_t *state, const uint8_t *blocks, uint8_t *out) {
  digests(lanes, state, NULL, blocks, out);
}

void veil_hmac_sha256_blocks(size_t lanes, const uint32_t *inner, const uint32_t *outer, const uint8_t *blocks,
                             uint8_t *out) {
  digests(lanes, inner, outer, blocks, out);
}
#else
// Without lanes there is nothing to call the others with.
size_t veil_sha256_lanes(void) { return 1; }

int veil_sha256_can(size_t lanes) { return lanes == 1; }

void veil_sha256_blocks(size_t lanes, const uint32_t *state, const uint8_t *blocks, uint8_t *out) {
  (void)lanes, (void)state, (void)blocks, (void)out;
}

void veil_hmac_sha256_blocks(size_t lanes, const uint32_t *inner, const uint32_t *outer, const uint8_t *blocks,
                             uint8_t *out) {
  (void)lanes, (void)inner, (void)outer, (void)blocks, (void)out;
}
#endif
