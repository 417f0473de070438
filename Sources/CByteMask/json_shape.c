#include "json_shape.h"
#include "byte_mask.h"
#include "json_plain.h"

// Most strings end within 32 bytes, and most of what stands between scalars is no longer: so with AVX2 each takes one
// step, and the processor has few branches to guess.

#if defined(__x86_64__)
AVX2 INLINE int same_avx2(const uint8_t *bytes, const json_gap *gap) {
  __m256i x = _mm256_loadu_si256((const __m256i *)(const void *)bytes);
  __m256i y = _mm256_loadu_si256((const __m256i *)(const void *)gap->text);
  return (~(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(x, y)) & gap->mask) == 0;
}
#endif

INLINE int same_base(const uint8_t *bytes, const json_gap *gap) {
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
  uint8_t c = bytes[at];
  if (c >= 'a') {
    // Without a branch for each word: which one comes next is anybody's guess.
    const size_t is_false = memcmp(bytes + at, "false", 5) == 0;
    const size_t is_word = (memcmp(bytes + at, "true", 4) == 0) | (memcmp(bytes + at, "null", 4) == 0) | is_false;
    return is_word ? at + 4 + is_false : 0;
  }
  if (c == '-') c = bytes[++at];
  if (c == '0') {
    at++;
  } else {
    size_t first = at;
    at = json_digits_end(bytes, first);
    if (at == first) return 0;
  }
  if (bytes[at] == '.') {
    size_t first = at + 1;
    at = json_digits_end(bytes, first);
    if (at == first) return 0;
  }
  if ((bytes[at] | 0x20) == 'e') {
    at++;
    if (bytes[at] == '+' || bytes[at] == '-') at++;
    size_t first = at;
    at = json_digits_end(bytes, first);
    if (at == first) return 0;
  }
  return at;
}

static __attribute__((noinline)) size_t string_rest(const uint8_t *bytes, size_t at, uint32_t *end) {
  json_token token = json_string_rest(bytes, at);
  if (token.problem) return 0;
  *end = (uint32_t)(token.at + 1) | JSON_QUOTED | (token.escaped ? JSON_ESCAPED : 0);
  return token.at + 1;
}

// The end of a scalar, also noted in `end`, or 0.
#define SCALAR(NAME, TARGET, PLAIN)                                                                                    \
  TARGET INLINE size_t NAME(const uint8_t *bytes, size_t at, uint32_t *end) {                                          \
    if (bytes[at] == '"') {                                                                                            \
      at = PLAIN(bytes, at + 1);                                                                                       \
      if (bytes[at] != '"') return string_rest(bytes, at, end);                                                        \
      *end = (uint32_t)++at | JSON_QUOTED;                                                                             \
    } else {                                                                                                           \
      at = bare_scalar(bytes, at);                                                                                     \
      *end = (uint32_t)at;                                                                                             \
    }                                                                                                                  \
    return at;                                                                                                         \
  }

#define MATCH(NAME, TARGET, SAME, SCALAR)                                                                              \
  TARGET static size_t NAME(const uint8_t *bytes, size_t at, const json_gap *gap, const json_gap *last,                \
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
  TARGET static json_ends NAME(const uint8_t *bytes, size_t a, size_t b, const json_gap *gap, const json_gap *last,    \
                               uint32_t *a_places, uint32_t *b_places) {                                               \
    const json_ends neither = {0, 0};                                                                                  \
    *a_places++ = (uint32_t)a;                                                                                         \
    *b_places++ = (uint32_t)b;                                                                                         \
    for (;; gap++) {                                                                                                   \
      if (!(SAME(bytes + a, gap) & SAME(bytes + b, gap))) return neither;                                              \
      a += gap->count;                                                                                                 \
      b += gap->count;                                                                                                 \
      if (gap->goes_on) continue;                                                                                      \
      if (gap == last) return (json_ends){a, b};                                                                       \
      a_places[0] = (uint32_t)a;                                                                                       \
      b_places[0] = (uint32_t)b;                                                                                       \
      a = SCALAR(bytes, a, a_places + 1);                                                                              \
      b = SCALAR(bytes, b, b_places + 1);                                                                              \
      if ((a == 0) | (b == 0)) return neither;                                                                         \
      a_places += 2;                                                                                                   \
      b_places += 2;                                                                                                   \
    }                                                                                                                  \
  }

SCALAR(scalar_base, , plain_base)
MATCH(match_base, , same_base, scalar_base)
MATCH_TWO(match_two_base, , same_base, scalar_base)
#if defined(__x86_64__)
SCALAR(scalar_avx2, AVX2, plain_avx2)
MATCH(match_avx2, AVX2, same_avx2, scalar_avx2)
MATCH_TWO(match_two_avx2, AVX2, same_avx2, scalar_avx2)
#endif

size_t json_match(const uint8_t *bytes, size_t at, const json_gap *gaps, const json_gap *last, uint32_t *places) {
#if defined(__x86_64__)
  if (veil_mask_level_now() == VEIL_MASK_AVX2) return match_avx2(bytes, at, gaps, last, places);
#endif
  return match_base(bytes, at, gaps, last, places);
}

json_ends json_match_two(const uint8_t *bytes, size_t first, size_t second, const json_gap *gaps, const json_gap *last,
                         uint32_t *first_places, uint32_t *second_places) {
#if defined(__x86_64__)
  if (veil_mask_level_now() == VEIL_MASK_AVX2)
    return match_two_avx2(bytes, first, second, gaps, last, first_places, second_places);
#endif
  return match_two_base(bytes, first, second, gaps, last, first_places, second_places);
}
