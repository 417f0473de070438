#include "hex.h"
#include "simd.h"
#include "structure.h"

#if defined(__x86_64__)

SCAN_AVX2 static void rows_avx2(const uint8_t *bytes, size_t stride, size_t count, size_t digits, uint8_t *out) {
  const __m256i low = _mm256_set1_epi8(15);
  const __m256i letters = _mm256_broadcastsi128_si256(
      _mm_setr_epi8('0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'));
  for (; count; count--, bytes += stride, out += digits) {
    for (size_t done = 0; done < digits; done += 64) {
      __m256i v = _mm256_loadu_si256((const __m256i *)(const void *)(bytes + done / 2));
      __m256i first = _mm256_shuffle_epi8(letters, _mm256_and_si256(_mm256_srli_epi16(v, 4), low));
      __m256i second = _mm256_shuffle_epi8(letters, _mm256_and_si256(v, low));
      // Within each half of a vector.
      __m256i even = _mm256_unpacklo_epi8(first, second), odd = _mm256_unpackhi_epi8(first, second);
      _mm256_storeu_si256((__m256i *)(void *)(out + done), _mm256_permute2x128_si256(even, odd, 0x20));
      _mm256_storeu_si256((__m256i *)(void *)(out + done + 32), _mm256_permute2x128_si256(even, odd, 0x31));
    }
  }
}
#endif

void scan_hex_rows(const uint8_t *bytes, size_t stride, size_t count, size_t digits, uint8_t *out) {
#if defined(__x86_64__)
  if (scan_level_now() == SCAN_LEVEL_AVX2) {
    rows_avx2(bytes, stride, count, digits, out);
    return;
  }
#endif
  for (; count; count--, bytes += stride, out += digits)
    for (size_t done = 0; done < digits; done += 32) scan_hex16(bytes + done / 2, out + done);
}
