#pragma once
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__ARM_NEON)
#include <arm_neon.h>
#endif

// Scanning JSON (RFC 8259) text.
//
// Every function below reads `bytes` from `at` on and relies on one thing: that at least 64 zero bytes stand behind the
// text. Zero is a control character and no part of any token, so each scan stops at the text's end by itself, and a
// 64-byte load that begins inside the text stays inside the allocation. `line_feed` is '\n' where a line feed is
// whitespace, and ' ' where it ends the record (NDJSON).
#pragma clang assume_nonnull begin

enum { SCAN_JSON_MAX_DEPTH = 512 };

/// What is wrong with a text, and 0 where nothing is.
enum {
  SCAN_JSON_VALID,
  SCAN_JSON_BAD_VALUE,
  SCAN_JSON_BAD_NUMBER,
  SCAN_JSON_BAD_CONTROL,
  SCAN_JSON_BAD_ESCAPE,
  SCAN_JSON_BAD_SURROGATE,
  SCAN_JSON_BAD_DEPTH,
  SCAN_JSON_BAD_COMMA,
  SCAN_JSON_BAD_NAME,
  SCAN_JSON_BAD_COLON,
};

/// Where a token ends, or where it is wrong.
typedef struct {
  size_t at;
  uint32_t problem;
  /// For a string: whether it holds a backslash.
  uint32_t escaped;
} scan_json_token;

static inline scan_json_token scan_json_bad(size_t at, uint32_t problem) {
  scan_json_token token = {at, problem, 0};
  return token;
}

static inline scan_json_token scan_json_end(size_t at) {
  scan_json_token token = {at, SCAN_JSON_VALID, 0};
  return token;
}

/// How many of the 16 bytes at `p` come before the first quote, backslash or control character.
static inline unsigned scan_json_ordinary16(const uint8_t *p) {
#if defined(__SSE2__)
  __m128i v = _mm_loadu_si128((const __m128i *)p);
  __m128i hit = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')), _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')));
  hit = _mm_or_si128(hit, _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(0x1F)), v));
  return (unsigned)__builtin_ctz((unsigned)_mm_movemask_epi8(hit) | 0x10000u);
#elif defined(__ARM_NEON)
  uint8x16_t v = vld1q_u8(p);
  uint8x16_t hit = vorrq_u8(vceqq_u8(v, vdupq_n_u8('"')), vceqq_u8(v, vdupq_n_u8('\\')));
  hit = vorrq_u8(hit, vcltq_u8(v, vdupq_n_u8(0x20)));
  // Four bits for each lane.
  uint64_t mask = vget_lane_u64(vreinterpret_u64_u8(vshrn_n_u16(vreinterpretq_u16_u8(hit), 4)), 0);
  return mask ? (unsigned)__builtin_ctzll(mask) >> 2 : 16;
#else
  unsigned n = 0;
  while (n < 16 && p[n] >= 0x20 && p[n] != '"' && p[n] != '\\') n++;
  return n;
#endif
}

/// A string from behind its ordinary beginning on: long ones, and those with escapes.
scan_json_token scan_json_string_rest(const uint8_t *bytes, size_t at);

/// The closing quote of the string that begins behind the opening quote at `at - 1`.
static inline scan_json_token scan_json_string(const uint8_t *bytes, size_t at) {
  at += scan_json_ordinary16(bytes + at);
  if (bytes[at] == '"') return scan_json_end(at);
  return scan_json_string_rest(bytes, at);
}

/// The first byte from `at` on that is not whitespace.
static inline size_t scan_json_space(const uint8_t *bytes, size_t at, uint8_t line_feed) {
  while (bytes[at] <= ' ') {
    uint8_t c = bytes[at];
    if (c != ' ' && c != line_feed && c != '\t' && c != '\r') break;
    at++;
  }
  return at;
}

static inline int scan_json_is_digit(uint8_t c) { return (uint8_t)(c - '0') < 10; }

/// The first byte from `at` on that is no digit.
static inline size_t scan_json_digits_end(const uint8_t *b, size_t at) {
#if defined(__SSE2__)
  // Sixteen at a time: how many digits a number has is hard to guess for a processor.
  for (;; at += 16) {
    __m128i v = _mm_sub_epi8(_mm_loadu_si128((const __m128i *)(const void *)(b + at)), _mm_set1_epi8('0'));
    __m128i over = _mm_cmpeq_epi8(_mm_max_epu8(v, _mm_set1_epi8(10)), v);
    unsigned others = (unsigned)_mm_movemask_epi8(over);
    if (others) return at + (unsigned)__builtin_ctz(others);
  }
#else
  while (scan_json_is_digit(b[at])) at++;
  return at;
#endif
}

/// The end of any one value, all of it checked except that it is UTF-8. `depth` objects and arrays are open around it.
scan_json_token scan_json_skip_value(const uint8_t *bytes, size_t at, uint32_t depth, uint8_t line_feed);

/// Behind the last line feed of `bytes[at..<end]`, or 0 where there is none.
size_t scan_json_lines_end(const uint8_t *bytes, size_t at, size_t end);

/// How far a scan has come that looks at nothing but strings and brackets, so that it also finds its way through text
/// that is not JSON.
typedef struct {
  /// All ones inside a string.
  uint64_t in_string;
  /// 1 where the next byte stands behind a backslash.
  uint64_t escaped;
  int64_t depth;
} scan_json_structure;

typedef struct {
  /// The place of the bracket that brought the depth to 0, or of the wanted comma, or `end`.
  size_t at;
  /// The last comma at depth 1, or SIZE_MAX.
  size_t comma;
} scan_json_structure_end;

/// Scans `bytes[at..<end]` for a bracket that closes depth 1 and for commas at depth 1. With `first` it stops at the first
/// such comma. Reads nothing behind `end`. The state fits `end` afterwards only where the scan came that far.
scan_json_structure_end scan_json_structure_scan(scan_json_structure *state, const uint8_t *bytes, size_t at,
                                                 size_t end, int first);

/// The same, one byte at a time; for tests.
scan_json_structure_end scan_json_structure_scan_scalar(scan_json_structure *state, const uint8_t *bytes, size_t at,
                                                        size_t end, int first);

/// Copies `count` bytes. Where both sides have 64 bytes to spare behind their ends, short copies need no call.
static inline void scan_json_copy(uint8_t *to, const uint8_t *from, size_t count) {
  if (count <= 64) {
    memcpy(to, from, 32);
    if (count > 32) memcpy(to + 32, from + 32, 32);
  } else {
    memcpy(to, from, count);
  }
}

/// How many of the `count` bytes at `p` a JSON string may hold as they are. Reads nothing behind them.
static inline size_t scan_json_ordinary(const uint8_t *p, size_t count) {
  size_t n = 0;
  while (count - n >= 16) {
    unsigned step = scan_json_ordinary16(p + n);
    n += step;
    if (step < 16) return n;
  }
  while (n < count && p[n] >= 0x20 && p[n] != '"' && p[n] != '\\') n++;
  return n;
}

/// How many of the `count` bytes at `p` come before the first line feed or carriage return.
static inline size_t scan_json_line(const uint8_t *p, size_t count) {
  size_t n = 0;
  while (n < count && p[n] != '\n' && p[n] != '\r') n++;
  return n;
}

/// Up to eight bytes of a name as one number, for comparing. Eight bytes must be readable.
static inline uint64_t scan_json_prefix(const uint8_t *name, size_t count) {
  uint64_t word;
  memcpy(&word, name, 8);
  return count >= 8 ? word : word & (((uint64_t)1 << (count * 8)) - 1);
}

/// Whether two runs of more than eight bytes are the same.
static inline _Bool scan_json_same(const uint8_t *a, const uint8_t *b, size_t count) {
  uint64_t x, y;
  for (size_t i = 8; i < count; i += 8) {
    memcpy(&x, a + i - 8, 8);
    memcpy(&y, b + i - 8, 8);
    if (x != y) return 0;
  }
  memcpy(&x, a + count - 8, 8);
  memcpy(&y, b + count - 8, 8);
  return x == y;
}

#pragma clang assume_nonnull end
