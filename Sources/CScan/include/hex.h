// Bytes as lowercase hexadecimal digits, sixteen at a time.
#pragma once
#include <stddef.h>
#include <stdint.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__ARM_NEON)
#include <arm_neon.h>
#endif

/// Writes 32 digits for the 16 bytes at `bytes`.
static inline void scan_hex16(const uint8_t *bytes, uint8_t *digits) {
#if defined(__SSE2__)
  const __m128i nine = _mm_set1_epi8(9), zero = _mm_set1_epi8('0'), letter = _mm_set1_epi8('a' - '9' - 1),
                low = _mm_set1_epi8(15);
  __m128i b = _mm_loadu_si128((const __m128i *)(const void *)bytes);
  __m128i high = _mm_and_si128(_mm_srli_epi16(b, 4), low);
  b = _mm_and_si128(b, low);
  __m128i even = _mm_unpacklo_epi8(high, b), odd = _mm_unpackhi_epi8(high, b);
  even = _mm_add_epi8(_mm_add_epi8(even, zero), _mm_and_si128(_mm_cmpgt_epi8(even, nine), letter));
  odd = _mm_add_epi8(_mm_add_epi8(odd, zero), _mm_and_si128(_mm_cmpgt_epi8(odd, nine), letter));
  _mm_storeu_si128((__m128i *)(void *)digits, even);
  _mm_storeu_si128((__m128i *)(void *)(digits + 16), odd);
#elif defined(__ARM_NEON)
  const uint8x16_t zero = vdupq_n_u8('0'), letter = vdupq_n_u8('a' - '9' - 1), nine = vdupq_n_u8(9);
  uint8x16_t b = vld1q_u8(bytes);
  uint8x16x2_t both = vzipq_u8(vshrq_n_u8(b, 4), vandq_u8(b, vdupq_n_u8(15)));
  for (int i = 0; i < 2; i++) {
    uint8x16_t d = both.val[i];
    vst1q_u8(digits + 16 * i, vaddq_u8(vaddq_u8(d, zero), vandq_u8(vcgtq_u8(d, nine), letter)));
  }
#else
  for (int i = 0; i < 16; i++) {
    uint8_t high = bytes[i] >> 4, low = bytes[i] & 15;
    digits[2 * i] = (uint8_t)(high + (high > 9 ? 'a' - 10 : '0'));
    digits[2 * i + 1] = (uint8_t)(low + (low > 9 ? 'a' - 10 : '0'));
  }
#endif
}

/// Writes `digits` digits for each of `count` rows of bytes, which begin `stride` bytes apart: an even number of them, one
/// text behind the other. Reads up to 32 bytes more of a row than it needs, and writes up to 63 more behind the last text.
void scan_hex_rows(const uint8_t *bytes, size_t stride, size_t count, size_t digits, uint8_t *out);
