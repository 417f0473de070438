#include "utf8.h"
#include "simd.h"
#include "structure.h"

#include <string.h>

// Whether the 64 bytes at `p` are ASCII.
static inline int is_ascii64(const uint8_t *p) {
  uint64_t seen = 0;
  for (int i = 0; i < 64; i += 8) {
    uint64_t word;
    memcpy(&word, p + i, 8);
    seen |= word;
  }
  return (seen & 0x8080808080808080u) == 0;
}

static inline int is_tail(uint8_t c) { return (c & 0xC0) == 0x80; }

// The length of the sequence at `p` that is not ASCII, or 0. Table 3-7 of the Unicode standard.
static inline size_t sequence(const uint8_t *p, size_t left) {
  const uint8_t lead = p[0];
  if (lead < 0xC2 || lead > 0xF4 || left < 2) return 0;
  if (lead < 0xE0) return is_tail(p[1]) ? 2 : 0;
  const uint8_t low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const uint8_t high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (p[1] < low || p[1] > high || left < 3 || !is_tail(p[2])) return 0;
  if (lead < 0xF0) return 3;
  return left >= 4 && is_tail(p[3]) ? 4 : 0;
}

size_t scan_utf8_end(const uint8_t *b, size_t at, size_t end) {
  while (at < end) {
    if (b[at] < 0x80) {
      while (end - at >= 64 && is_ascii64(b + at)) at += 64;
      while (at < end && b[at] < 0x80) at++;
      continue;
    }
    size_t length = sequence(b + at, end - at);
    if (length == 0) return at;
    at += length;
  }
  return end;
}

#if defined(__x86_64__)

// The table look-up method of Keiser and Lemire, "Validating UTF-8 in less than one instruction per byte" (2021): each
// kind of error is a bit, and a pair of neighbouring bytes is wrong where three look-ups (the first byte's two nibbles
// and the second's high nibble) share a bit.
enum {
  TOO_SHORT = 1,    // a lead byte, then no continuation
  TOO_LONG = 2,     // ASCII, then a continuation
  OVERLONG_3 = 4,   // E0, then 80-9F
  SURROGATE = 8,    // ED, then A0-BF
  OVERLONG_2 = 16,  // C0 or C1
  TOO_LARGE = 32,   // F4, then 90 or above, or F5 and above
  OVERLONG_4 = 64,  // F0, then 80-8F; with the bit below also F5 and above
  TWO_CONTS = 128,  // two continuations, which only a longer sequence explains
  CARRY = TOO_SHORT | TOO_LONG | TWO_CONTS
};
SCAN_AVX2 SCAN_INLINE __m256i lookup(__m256i index, __m128i table) {
  return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(table), index);
}
SCAN_AVX2 SCAN_INLINE __m256i load(const uint8_t *p) { return _mm256_loadu_si256((const __m256i *)(const void *)p); }

// What is wrong with the pairs of bytes that end in a vector: not zero.
SCAN_AVX2 SCAN_INLINE __m256i wrong(__m256i before, __m256i now) {
  const __m128i first_high =
      _mm_setr_epi8(TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, (char)TWO_CONTS,
                    (char)TWO_CONTS, (char)TWO_CONTS, (char)TWO_CONTS, TOO_SHORT | OVERLONG_2, TOO_SHORT,
                    TOO_SHORT | OVERLONG_3 | SURROGATE, TOO_SHORT | TOO_LARGE | OVERLONG_4);
  const __m128i first_low =
      _mm_setr_epi8((char)(CARRY | OVERLONG_3 | OVERLONG_2 | OVERLONG_4), (char)(CARRY | OVERLONG_2), (char)CARRY,
                    (char)CARRY, (char)(CARRY | TOO_LARGE), (char)(CARRY | TOO_LARGE | OVERLONG_4),
                    (char)(CARRY | TOO_LARGE | OVERLONG_4), (char)(CARRY | TOO_LARGE | OVERLONG_4),
                    (char)(CARRY | TOO_LARGE | OVERLONG_4), (char)(CARRY | TOO_LARGE | OVERLONG_4),
                    (char)(CARRY | TOO_LARGE | OVERLONG_4), (char)(CARRY | TOO_LARGE | OVERLONG_4),
                    (char)(CARRY | TOO_LARGE | OVERLONG_4), (char)(CARRY | TOO_LARGE | OVERLONG_4 | SURROGATE),
                    (char)(CARRY | TOO_LARGE | OVERLONG_4), (char)(CARRY | TOO_LARGE | OVERLONG_4));
  const char cont = (char)(TOO_LONG | OVERLONG_2 | TWO_CONTS);
  const __m128i second_high =
      _mm_setr_epi8(TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT,
                    (char)(cont | OVERLONG_3 | OVERLONG_4), (char)(cont | OVERLONG_3 | TOO_LARGE),
                    (char)(cont | SURROGATE | TOO_LARGE), (char)(cont | SURROGATE | TOO_LARGE), TOO_SHORT, TOO_SHORT,
                    TOO_SHORT, TOO_SHORT);
  const __m256i nibble = _mm256_set1_epi8(15), top = _mm256_set1_epi8((char)0x80);
  __m256i joined = _mm256_permute2x128_si256(before, now, 0x21);
  __m256i one = _mm256_alignr_epi8(now, joined, 15), two = _mm256_alignr_epi8(now, joined, 14),
          three = _mm256_alignr_epi8(now, joined, 13);
  __m256i special =
      _mm256_and_si256(_mm256_and_si256(lookup(_mm256_and_si256(_mm256_srli_epi16(one, 4), nibble), first_high),
                                        lookup(_mm256_and_si256(one, nibble), first_low)),
                       lookup(_mm256_and_si256(_mm256_srli_epi16(now, 4), nibble), second_high));
  // A third byte follows E0 and above two bytes back, a fourth F0 and above three bytes back.
  __m256i third = _mm256_subs_epu8(two, _mm256_set1_epi8((char)(0xE0 - 0x80)));
  __m256i fourth = _mm256_subs_epu8(three, _mm256_set1_epi8((char)(0xF0 - 0x80)));
  __m256i must = _mm256_and_si256(_mm256_or_si256(third, fourth), top);
  return _mm256_xor_si256(must, special);
}

// Not zero where a sequence that begins in the last three bytes of a vector goes on behind it.
SCAN_AVX2 SCAN_INLINE __m256i open_end(__m256i now) {
  const __m256i most = _mm256_setr_epi8(-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
                                        -1, -1, -1, -1, -1, -1, -1, -1, -1, (char)0xEF, (char)0xDF, (char)0xBF);
  return _mm256_subs_epu8(now, most);
}

SCAN_AVX2 static int valid_avx2(const uint8_t *bytes, size_t count) {
  __m256i error = _mm256_setzero_si256(), before = error, open = error;
  size_t at = 0;
  for (; count - at >= 64; at += 64) {
    __m256i first = load(bytes + at), second = load(bytes + at + 32);
    // Most text is ASCII; where it is not, both halves are looked at, without another branch to guess.
    if (_mm256_movemask_epi8(_mm256_or_si256(first, second))) {
      error = _mm256_or_si256(error, _mm256_or_si256(wrong(before, first), wrong(first, second)));
      open = open_end(second);
    } else {
      error = _mm256_or_si256(error, open);
      open = _mm256_setzero_si256();
    }
    before = second;
  }
  // The rest with zeros behind it, before which no sequence may be open.
  uint8_t tail[64] = {0};
  memcpy(tail, bytes + at, count - at);
  __m256i first = load(tail), second = load(tail + 32);
  error = _mm256_or_si256(error, _mm256_or_si256(wrong(before, first), wrong(first, second)));
  return _mm256_testz_si256(error, error);
}
#endif

int scan_utf8_valid(const uint8_t *bytes, size_t count) {
#if defined(__x86_64__)
  if (scan_level_now() == SCAN_LEVEL_AVX2) return valid_avx2(bytes, count);
#endif
  return scan_utf8_end(bytes, 0, count) == count;
}
