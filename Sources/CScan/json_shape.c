#include "json_shape.h"
#include "json_number.h"
#include "json_string_end.h"
#include "structure.h"

// Most strings end within 32 bytes, and most of what stands between scalars is no longer: so with AVX2 each takes one
// step, and the processor has few branches to guess.

#if defined(__x86_64__)
SCAN_AVX2 SCAN_INLINE int same_avx2(const uint8_t *bytes, const scan_json_gap *gap) {
  __m256i x = _mm256_loadu_si256((const __m256i *)(const void *)bytes);
  __m256i y = _mm256_loadu_si256((const __m256i *)(const void *)gap->text);
  return (~(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(x, y)) & gap->mask) == 0;
}
#endif

SCAN_INLINE int same_base(const uint8_t *bytes, const scan_json_gap *gap) {
#if defined(__SSE2__)
  uint32_t equal = 0;
  for (int i = 0; i < 2; i++) {
    __m128i x = _mm_loadu_si128((const __m128i *)(const void *)(bytes + 16 * i));
    __m128i y = _mm_loadu_si128((const __m128i *)(const void *)(gap->text + 16 * i));
    equal |= (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(x, y)) << (16 * i);
  }
  return (~equal & gap->mask) == 0;
#else
  return memcmp(bytes, gap->text, gap->count) == 0;
#endif
}

/// The end of a number, true, false or null as RFC 8259 writes them, or 0. What follows is not looked at.
static size_t bare_scalar(const uint8_t *bytes, size_t at) {
  if (bytes[at] >= 'a') {
    // Without a branch for each word: which one comes next is anybody's guess.
    const size_t is_false = memcmp(bytes + at, "false", 5) == 0;
    const size_t is_word = (memcmp(bytes + at, "true", 4) == 0) | (memcmp(bytes + at, "null", 4) == 0) | is_false;
    return is_word ? at + 4 + is_false : 0;
  }
  const scan_json_token number = scan_json_number(bytes, at);
  return number.problem ? 0 : number.at;
}

static __attribute__((noinline)) size_t string_rest(const uint8_t *bytes, size_t at, uint32_t *end) {
  scan_json_token token = scan_json_string_rest(bytes, at);
  if (token.problem) return 0;
  *end = (uint32_t)(token.at + 1) | SCAN_JSON_QUOTED | (token.escaped ? SCAN_JSON_ESCAPED : 0);
  return token.at + 1;
}

// The end of a scalar, also noted in `end`, or 0.
#define SCALAR(NAME, TARGET, STRING_END)                                                                               \
  TARGET SCAN_INLINE size_t NAME(const uint8_t *bytes, size_t at, uint32_t *end) {                                     \
    if (bytes[at] == '"') {                                                                                            \
      at = STRING_END(bytes, at + 1);                                                                                  \
      if (bytes[at] != '"') return string_rest(bytes, at, end);                                                        \
      *end = (uint32_t)++at | SCAN_JSON_QUOTED;                                                                        \
    } else {                                                                                                           \
      at = bare_scalar(bytes, at);                                                                                     \
      *end = (uint32_t)at;                                                                                             \
    }                                                                                                                  \
    return at;                                                                                                         \
  }

#define MATCH(NAME, TARGET, SAME, SCALAR)                                                                              \
  TARGET static size_t NAME(const uint8_t *bytes, size_t at, const scan_json_gap *gap, const scan_json_gap *last,      \
                            uint32_t *places) {                                                                        \
    *places++ = (uint32_t)at;                                                                                          \
    for (;; gap++) {                                                                                                   \
      if (!SAME(bytes + at, gap)) return 0;                                                                            \
      at += gap->count;                                                                                                \
      if (gap->goes_on) continue;                                                                                      \
      if (gap == last) return at;                                                                                      \
      places[0] = (uint32_t)at;                                                                                        \
      at = SCALAR(bytes, at, places + 1);                                                                              \
      if (at == 0) return 0;                                                                                           \
      places += 2;                                                                                                     \
    }                                                                                                                  \
  }

#define MATCH_TWO(NAME, TARGET, SAME, SCALAR)                                                                          \
  TARGET static scan_json_ends NAME(const uint8_t *bytes, size_t a, size_t b, const scan_json_gap *gap,                \
                                    const scan_json_gap *last, uint32_t *a_places, uint32_t *b_places) {               \
    const scan_json_ends neither = {0, 0};                                                                             \
    *a_places++ = (uint32_t)a;                                                                                         \
    *b_places++ = (uint32_t)b;                                                                                         \
    for (;; gap++) {                                                                                                   \
      if (!(SAME(bytes + a, gap) & SAME(bytes + b, gap))) return neither;                                              \
      a += gap->count;                                                                                                 \
      b += gap->count;                                                                                                 \
      if (gap->goes_on) continue;                                                                                      \
      if (gap == last) return (scan_json_ends){a, b};                                                                  \
      a_places[0] = (uint32_t)a;                                                                                       \
      b_places[0] = (uint32_t)b;                                                                                       \
      a = SCALAR(bytes, a, a_places + 1);                                                                              \
      b = SCALAR(bytes, b, b_places + 1);                                                                              \
      if ((a == 0) | (b == 0)) return neither;                                                                         \
      a_places += 2;                                                                                                   \
      b_places += 2;                                                                                                   \
    }                                                                                                                  \
  }

SCALAR(scalar_base, , string_end_base)
MATCH(match_base, , same_base, scalar_base)
MATCH_TWO(match_two_base, , same_base, scalar_base)
#if defined(__x86_64__)
SCALAR(scalar_avx2, SCAN_AVX2, string_end_avx2)
MATCH(match_avx2, SCAN_AVX2, same_avx2, scalar_avx2)
MATCH_TWO(match_two_avx2, SCAN_AVX2, same_avx2, scalar_avx2)
#endif

size_t scan_json_match(const uint8_t *bytes, size_t at, const scan_json_gap *gaps, const scan_json_gap *last,
                       uint32_t *places) {
#if defined(__x86_64__)
  if (scan_level_now() == SCAN_LEVEL_AVX2) return match_avx2(bytes, at, gaps, last, places);
#endif
  return match_base(bytes, at, gaps, last, places);
}

scan_json_ends scan_json_match_two(const uint8_t *bytes, size_t first, size_t second, const scan_json_gap *gaps,
                                   const scan_json_gap *last, uint32_t *first_places, uint32_t *second_places) {
#if defined(__x86_64__)
  if (scan_level_now() == SCAN_LEVEL_AVX2)
    return match_two_avx2(bytes, first, second, gaps, last, first_places, second_places);
#endif
  return match_two_base(bytes, first, second, gaps, last, first_places, second_places);
}
