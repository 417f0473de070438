// The first quote, backslash or control character from a place on, for each instruction set. See json_mask.h for what
// stands behind the text.
#pragma once
#include "json_mask.h"

#define INLINE static inline __attribute__((always_inline))

#if defined(__x86_64__)
#include <immintrin.h>
#define AVX2 __attribute__((target("avx2,bmi,bmi2")))

AVX2 INLINE size_t plain_avx2(const uint8_t *b, size_t at) {
  const __m256i quote = _mm256_set1_epi8('"'), slash = _mm256_set1_epi8('\\'), control = _mm256_set1_epi8(0x1F);
  for (;; at += 32) {
    __m256i v = _mm256_loadu_si256((const __m256i *)(const void *)(b + at));
    __m256i hit = _mm256_or_si256(_mm256_cmpeq_epi8(v, quote), _mm256_cmpeq_epi8(v, slash));
    hit = _mm256_or_si256(hit, _mm256_cmpeq_epi8(_mm256_min_epu8(v, control), v));
    uint32_t mask = (uint32_t)_mm256_movemask_epi8(hit);
    if (mask) return at + (unsigned)__builtin_ctz(mask);
  }
}
#endif

INLINE size_t plain_base(const uint8_t *b, size_t at) {
  for (;; at += 16) {
    unsigned n = json_plain16(b + at);
    if (n < 16) return at + n;
  }
}
