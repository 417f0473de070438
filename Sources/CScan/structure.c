#include "structure.h"
#include "simd.h"

#include <string.h>

// One block of 64 bytes, and the three questions asked of it, for each instruction set.

typedef struct {
  const uint8_t *p;
} scalar_block;
SCAN_INLINE scalar_block scalar_load(const uint8_t *p) { return (scalar_block){p}; }
SCAN_INLINE uint64_t scalar_eq(scalar_block b, uint8_t byte) {
  uint64_t mask = 0;
  for (int i = 0; i < 64; i++) mask |= (uint64_t)(b.p[i] == byte) << i;
  return mask;
}
SCAN_INLINE uint64_t scalar_high(scalar_block b) {
  uint64_t mask = 0;
  for (int i = 0; i < 64; i++) mask |= (uint64_t)(b.p[i] >> 7) << i;
  return mask;
}
SCAN_INLINE uint64_t scalar_prefix_xor(uint64_t x) {
  for (int s = 1; s < 64; s <<= 1) x ^= x << s;
  return x;
}

#if SCAN_X86
typedef struct {
  __m128i v[4];
} base_block;
SCAN_INLINE base_block base_load(const uint8_t *p) {
  base_block b;
  for (int i = 0; i < 4; i++) b.v[i] = _mm_loadu_si128((const __m128i *)(const void *)(p + 16 * i));
  return b;
}
SCAN_INLINE uint64_t base_gather(const __m128i m[4]) {
  return (uint64_t)(uint32_t)_mm_movemask_epi8(m[0]) | (uint64_t)(uint32_t)_mm_movemask_epi8(m[1]) << 16 |
         (uint64_t)(uint32_t)_mm_movemask_epi8(m[2]) << 32 | (uint64_t)(uint32_t)_mm_movemask_epi8(m[3]) << 48;
}
SCAN_INLINE uint64_t base_eq(base_block b, uint8_t byte) {
  __m128i w = _mm_set1_epi8((char)byte), m[4];
  for (int i = 0; i < 4; i++) m[i] = _mm_cmpeq_epi8(b.v[i], w);
  return base_gather(m);
}
SCAN_INLINE uint64_t base_high(base_block b) { return base_gather(b.v); }

typedef struct {
  __m256i lo, hi;
} avx2_block;
SCAN_AVX2 SCAN_INLINE avx2_block avx2_load(const uint8_t *p) {
  return (avx2_block){_mm256_loadu_si256((const __m256i *)(const void *)p),
                      _mm256_loadu_si256((const __m256i *)(const void *)(p + 32))};
}
SCAN_AVX2 SCAN_INLINE uint64_t avx2_gather(__m256i lo, __m256i hi) {
  return (uint64_t)(uint32_t)_mm256_movemask_epi8(lo) | (uint64_t)(uint32_t)_mm256_movemask_epi8(hi) << 32;
}
SCAN_AVX2 SCAN_INLINE uint64_t avx2_eq(avx2_block b, uint8_t byte) {
  __m256i w = _mm256_set1_epi8((char)byte);
  return avx2_gather(_mm256_cmpeq_epi8(b.lo, w), _mm256_cmpeq_epi8(b.hi, w));
}
SCAN_AVX2 SCAN_INLINE uint64_t avx2_high(avx2_block b) { return avx2_gather(b.lo, b.hi); }
SCAN_AVX2 SCAN_INLINE uint64_t avx2_prefix_xor(uint64_t x) {
  __m128i r = _mm_clmulepi64_si128(_mm_set_epi64x(0, (long long)x), _mm_set1_epi8((char)0xFF), 0);
  return (uint64_t)_mm_cvtsi128_si64(r);
}
#elif SCAN_NEON
typedef struct {
  uint8x16_t v[4];
} base_block;
SCAN_INLINE base_block base_load(const uint8_t *p) {
  base_block b;
  for (int i = 0; i < 4; i++) b.v[i] = vld1q_u8(p + 16 * i);
  return b;
}
SCAN_INLINE uint64_t base_gather(const uint8x16_t m[4]) {
  const uint8x16_t weights = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
  uint8x16_t a = vpaddq_u8(vandq_u8(m[0], weights), vandq_u8(m[1], weights));
  uint8x16_t b = vpaddq_u8(vandq_u8(m[2], weights), vandq_u8(m[3], weights));
  a = vpaddq_u8(a, b);
  a = vpaddq_u8(a, a);
  return vgetq_lane_u64(vreinterpretq_u64_u8(a), 0);
}
SCAN_INLINE uint64_t base_eq(base_block b, uint8_t byte) {
  uint8x16_t w = vdupq_n_u8(byte), m[4];
  for (int i = 0; i < 4; i++) m[i] = vceqq_u8(b.v[i], w);
  return base_gather(m);
}
SCAN_INLINE uint64_t base_high(base_block b) {
  uint8x16_t m[4];
  for (int i = 0; i < 4; i++) m[i] = vcltzq_s8(vreinterpretq_s8_u8(b.v[i]));
  return base_gather(m);
}
#endif

// The scans themselves, written once over a block type.
//
// A quote opens where the parity before it is even and closes where it is odd; a doubled quote closes and opens again.
// RFC 4180 lets a quote open only at a field's start or right behind one that closes, and lets only a delimiter, a
// line's end or another quote follow one that closes. Anything else is irregular, and so is a carriage return outside
// quotes that no line feed follows.
#define CSV_SCAN(NAME, TARGET, BLOCK, LOAD, EQ, HIGH, PREFIX)                                                          \
  TARGET static struct scan_csv NAME(const uint8_t *bytes, size_t count, uint8_t delimiter, uint8_t quote,             \
                                     uint64_t *ends, uint32_t *inner_blocks) {                                         \
    uint64_t parity = 0, start_carry = 1, closing_carry = 0, return_carry = 0, wrong = 0, high = 0;                    \
    size_t newlines = 0, all = 0, inner = 0;                                                                           \
    uint8_t tail[64];                                                                                                  \
    for (size_t at = 0; at < count; at += 64) {                                                                        \
      const uint8_t *p = bytes + at;                                                                                   \
      if (count - at < 64) {                                                                                           \
        memset(tail, 0, 64);                                                                                           \
        memcpy(tail, p, count - at);                                                                                   \
        p = tail;                                                                                                      \
      }                                                                                                                \
      BLOCK b = LOAD(p);                                                                                               \
      uint64_t quotes = EQ(b, quote), lines = EQ(b, '\n'), fields = EQ(b, delimiter);                                  \
      high |= HIGH(b);                                                                                                 \
      uint64_t returns = EQ(b, '\r'), after_closing = closing_carry, quote_ends = 0;                                   \
      if (quotes | parity) {                                                                                           \
        uint64_t inside = PREFIX(quotes) ^ parity;                                                                     \
        parity = (uint64_t)((int64_t)inside >> 63);                                                                    \
        if (inner_blocks && (lines & inside)) inner_blocks[inner++] = (uint32_t)(at / 64);                             \
        lines &= ~inside;                                                                                              \
        fields &= ~inside;                                                                                             \
        returns &= ~inside;                                                                                            \
        quote_ends = quotes & ~inside;                                                                                 \
        after_closing |= quote_ends << 1;                                                                              \
        wrong |= quotes & inside & ~((lines | fields) << 1 | start_carry | after_closing);                             \
      }                                                                                                                \
      uint64_t both = lines | fields;                                                                                  \
      wrong |= after_closing & ~(both | quotes | returns);                                                             \
      wrong |= (returns << 1 | return_carry) & ~lines;                                                                 \
      closing_carry = quote_ends >> 63;                                                                                \
      return_carry = returns >> 63;                                                                                    \
      start_carry = both >> 63;                                                                                        \
      ends[at / 64] = both;                                                                                            \
      newlines += (size_t)__builtin_popcountll(lines);                                                                 \
      all += (size_t)__builtin_popcountll(both);                                                                       \
    }                                                                                                                  \
    if (count % 64 == 0) wrong |= closing_carry | return_carry;                                                        \
    return (struct scan_csv){newlines, all, (wrong | parity) != 0, high != 0, inner};                                  \
  }

#define COUNT_BYTE(NAME, TARGET, BLOCK, LOAD, EQ)                                                                      \
  TARGET static size_t NAME(const uint8_t *bytes, size_t count, uint8_t byte) {                                        \
    size_t at = 0, found = 0;                                                                                          \
    for (; at + 64 <= count; at += 64) {                                                                               \
      BLOCK b = LOAD(bytes + at);                                                                                      \
      found += (size_t)__builtin_popcountll(EQ(b, byte));                                                              \
    }                                                                                                                  \
    for (; at < count; at++) found += bytes[at] == byte;                                                               \
    return found;                                                                                                      \
  }

#define FIND_SPECIAL(NAME, TARGET, BLOCK, LOAD, EQ)                                                                    \
  TARGET static size_t NAME(const uint8_t *bytes, size_t count, uint8_t a, uint8_t b) {                                \
    size_t at = 0;                                                                                                     \
    for (; at + 64 <= count; at += 64) {                                                                               \
      BLOCK k = LOAD(bytes + at);                                                                                      \
      uint64_t m = EQ(k, a) | EQ(k, b) | EQ(k, '\r') | EQ(k, '\n');                                                    \
      if (m) return at + (size_t)__builtin_ctzll(m);                                                                   \
    }                                                                                                                  \
    for (; at < count; at++)                                                                                           \
      if (bytes[at] == a || bytes[at] == b || bytes[at] == '\r' || bytes[at] == '\n') break;                           \
    return at;                                                                                                         \
  }

// Four places are written at a time, whether there are as many or not: a branch for each would often be guessed wrong.
// Where no bit is left, what is written is overwritten or stands behind the last place.
#define MASK_PLACES(NAME, TARGET)                                                                                      \
  TARGET static size_t NAME(const uint64_t *masks, size_t blocks, uint32_t *places) {                                  \
    uint32_t *next = places;                                                                                           \
    for (size_t block = 0; block < blocks; block++) {                                                                  \
      uint64_t mask = masks[block];                                                                                    \
      uint32_t base = (uint32_t)(block * 64);                                                                          \
      int count = __builtin_popcountll(mask);                                                                          \
      for (int i = 0; i < count; i += 4) {                                                                             \
        for (int k = 0; k < 4; k++) {                                                                                  \
          next[i + k] = base + (uint32_t)__builtin_ctzll(mask | (uint64_t)1 << 63);                                    \
          mask &= mask - 1;                                                                                            \
        }                                                                                                              \
      }                                                                                                                \
      next += count;                                                                                                   \
    }                                                                                                                  \
    return (size_t)(next - places);                                                                                    \
  }

MASK_PLACES(places_scalar, )
#if SCAN_X86
MASK_PLACES(places_avx2, SCAN_AVX2)
#endif
#define places_base places_scalar

CSV_SCAN(csv_scalar, , scalar_block, scalar_load, scalar_eq, scalar_high, scalar_prefix_xor)
COUNT_BYTE(count_scalar, , scalar_block, scalar_load, scalar_eq)
FIND_SPECIAL(find_scalar, , scalar_block, scalar_load, scalar_eq)
#if SCAN_X86 || SCAN_NEON
CSV_SCAN(csv_base, , base_block, base_load, base_eq, base_high, scalar_prefix_xor)
COUNT_BYTE(count_base, , base_block, base_load, base_eq)
FIND_SPECIAL(find_base, , base_block, base_load, base_eq)
#endif
#if SCAN_X86
CSV_SCAN(csv_avx2, SCAN_AVX2, avx2_block, avx2_load, avx2_eq, avx2_high, avx2_prefix_xor)
COUNT_BYTE(count_avx2, SCAN_AVX2, avx2_block, avx2_load, avx2_eq)
FIND_SPECIAL(find_avx2, SCAN_AVX2, avx2_block, avx2_load, avx2_eq)
#endif

static int level_in_force = -1;

static int level_best(void) {
#if SCAN_X86
  __builtin_cpu_init();
  // All that SCAN_AVX2 lets the compiler use.
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
      __builtin_cpu_supports("lzcnt") && __builtin_cpu_supports("popcnt") && __builtin_cpu_supports("pclmul"))
    return SCAN_LEVEL_AVX2;
  return SCAN_LEVEL_BASELINE;
#elif SCAN_NEON
  return SCAN_LEVEL_BASELINE;
#else
  return SCAN_LEVEL_SCALAR;
#endif
}

int scan_level_select(int level) {
  int best = level_best();
  level = level < best ? level : best;
  __atomic_store_n(&level_in_force, level, __ATOMIC_RELAXED);
  return level;
}

int scan_level_now(void) {
  int level = __atomic_load_n(&level_in_force, __ATOMIC_RELAXED);
  return level >= 0 ? level : scan_level_select(SCAN_LEVEL_AVX2);
}

#if SCAN_X86
#define DISPATCH(STEM, ...)                                                                                            \
  switch (scan_level_now()) {                                                                                          \
  case SCAN_LEVEL_AVX2: return STEM##_avx2(__VA_ARGS__);                                                               \
  case SCAN_LEVEL_BASELINE: return STEM##_base(__VA_ARGS__);                                                           \
  default: return STEM##_scalar(__VA_ARGS__);                                                                          \
  }
#elif SCAN_NEON
#define DISPATCH(STEM, ...)                                                                                            \
  return scan_level_now() == SCAN_LEVEL_SCALAR ? STEM##_scalar(__VA_ARGS__) : STEM##_base(__VA_ARGS__);
#else
#define DISPATCH(STEM, ...) return STEM##_scalar(__VA_ARGS__);
#endif

struct scan_csv scan_csv(const uint8_t *bytes, size_t count, uint8_t delimiter, uint8_t quote, uint64_t *ends,
                         uint32_t *inner_blocks){DISPATCH(csv, bytes, count, delimiter, quote, ends, inner_blocks)}

size_t scan_places(const uint64_t *masks, size_t blocks, uint32_t *places){DISPATCH(places, masks, blocks, places)}

size_t scan_count_byte(const uint8_t *bytes, size_t count, uint8_t byte){DISPATCH(count, bytes, count, byte)}

size_t scan_find_special(const uint8_t *bytes, size_t count, uint8_t a, uint8_t b) {
  if (count < 64) return find_scalar(bytes, count, a, b);
  DISPATCH(find, bytes, count, a, b)
}
