// The first quote, backslash or control character from a place on, for each instruction set. See json_text.h for what
// stands behind the text.
#pragma once
#include "json_text.h"
#include "simd.h"

#if defined(__x86_64__)
SCAN_AVX2 SCAN_INLINE size_t string_end_avx2(const uint8_t *b, size_t at) {
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

SCAN_INLINE size_t string_end_base(const uint8_t *b, size_t at) {
  for (;; at += 16) {
    unsigned n = scan_json_ordinary16(b + at);
    if (n < 16) return at + n;
  }
}
