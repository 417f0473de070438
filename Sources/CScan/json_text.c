#define _GNU_SOURCE  // memrchr
#include "json_text.h"
#include "json_number.h"
#include "json_string_end.h"
#include "structure.h"

// Strings

static int hex4(const uint8_t *p) {
  int unit = 0;
  for (int i = 0; i < 4; i++) {
    uint8_t c = p[i];
    int digit = c - '0';
    if (digit < 0 || digit > 9) {
      c |= 0x20;
      if (c < 'a' || c > 'f') return -1;
      digit = c - 'a' + 10;
    }
    unit = unit << 4 | digit;
  }
  return unit;
}

// From a backslash to behind the escape.
static scan_json_token escape_end(const uint8_t *b, size_t at) {
  switch (b[at + 1]) {
  case '"':
  case '\\':
  case '/':
  case 'b':
  case 'f':
  case 'n':
  case 'r':
  case 't': return scan_json_end(at + 2);
  case 'u': {
    int unit = hex4(b + at + 2);
    if (unit < 0) return scan_json_bad(at, SCAN_JSON_BAD_ESCAPE);
    if (unit < 0xD800 || unit > 0xDFFF) return scan_json_end(at + 6);
    if (unit > 0xDBFF || b[at + 6] != '\\' || b[at + 7] != 'u') return scan_json_bad(at, SCAN_JSON_BAD_SURROGATE);
    int low = hex4(b + at + 8);
    if (low < 0) return scan_json_bad(at + 6, SCAN_JSON_BAD_ESCAPE);
    if (low < 0xDC00 || low > 0xDFFF) return scan_json_bad(at, SCAN_JSON_BAD_SURROGATE);
    return scan_json_end(at + 12);
  }
  default: return scan_json_bad(at, SCAN_JSON_BAD_ESCAPE);
  }
}

#if defined(__x86_64__)
// A function of its own: its caller is for any processor.
SCAN_AVX2 static size_t rest_avx2(const uint8_t *b, size_t at) { return string_end_avx2(b, at); }
#endif

static size_t string_end(const uint8_t *b, size_t at) {
  for (int i = 0; i < 4; i++) {
    unsigned n = scan_json_ordinary16(b + at);
    at += n;
    if (n < 16) return at;
  }
#if defined(__x86_64__)
  if (scan_level_now() == SCAN_LEVEL_AVX2) return rest_avx2(b, at);
#endif
  return string_end_base(b, at);
}

scan_json_token scan_json_string_rest(const uint8_t *b, size_t at) {
  uint32_t escaped = 0;
  for (;;) {
    at = string_end(b, at);
    if (b[at] == '"') {
      scan_json_token token = {at, SCAN_JSON_VALID, escaped};
      return token;
    }
    if (b[at] != '\\') return scan_json_bad(at, SCAN_JSON_BAD_CONTROL);
    escaped = 1;
    scan_json_token token = escape_end(b, at);
    if (token.problem) return token;
    at = token.at;
  }
}

// Values

scan_json_token scan_json_skip_value(const uint8_t *b, size_t at, uint32_t depth, uint8_t line_feed) {
  uint64_t objects[SCAN_JSON_MAX_DEPTH / 64 + 1];  // a bit for each depth: whether it is an object
  const uint32_t outside = depth;
  scan_json_token token;
  if (depth > SCAN_JSON_MAX_DEPTH) return scan_json_bad(at, SCAN_JSON_BAD_DEPTH);

value:
  switch (b[at]) {
  case '"':
    token = scan_json_string(b, at + 1);
    if (token.problem) return token;
    at = token.at + 1;
    goto after;
  case '{':
    if (depth == SCAN_JSON_MAX_DEPTH) return scan_json_bad(at, SCAN_JSON_BAD_DEPTH);
    depth++;
    if (depth == outside + 1 || (depth & 63) == 0) objects[depth >> 6] = 0;
    objects[depth >> 6] |= (uint64_t)1 << (depth & 63);
    at = scan_json_space(b, at + 1, line_feed);
    if (b[at] != '}') goto name;
    at++;
    depth--;
    goto after;
  case '[':
    if (depth == SCAN_JSON_MAX_DEPTH) return scan_json_bad(at, SCAN_JSON_BAD_DEPTH);
    depth++;
    if (depth == outside + 1 || (depth & 63) == 0) objects[depth >> 6] = 0;
    objects[depth >> 6] &= ~((uint64_t)1 << (depth & 63));
    at = scan_json_space(b, at + 1, line_feed);
    if (b[at] != ']') goto value;
    at++;
    depth--;
    goto after;
  case 't':
    if (memcmp(b + at, "true", 4) != 0) return scan_json_bad(at, SCAN_JSON_BAD_VALUE);
    at += 4;
    goto after;
  case 'f':
    if (memcmp(b + at, "false", 5) != 0) return scan_json_bad(at, SCAN_JSON_BAD_VALUE);
    at += 5;
    goto after;
  case 'n':
    if (memcmp(b + at, "null", 4) != 0) return scan_json_bad(at, SCAN_JSON_BAD_VALUE);
    at += 4;
    goto after;
  case '-':
  case '0':
  case '1':
  case '2':
  case '3':
  case '4':
  case '5':
  case '6':
  case '7':
  case '8':
  case '9':
    token = scan_json_number(b, at);
    if (token.problem) return token;
    at = token.at;
    goto after;
  default: return scan_json_bad(at, SCAN_JSON_BAD_VALUE);
  }

name:
  if (b[at] != '"') return scan_json_bad(at, SCAN_JSON_BAD_NAME);
  token = scan_json_string(b, at + 1);
  if (token.problem) return token;
  at = scan_json_space(b, token.at + 1, line_feed);
  if (b[at] != ':') return scan_json_bad(at, SCAN_JSON_BAD_COLON);
  at = scan_json_space(b, at + 1, line_feed);
  goto value;

after:
  while (depth != outside) {
    const int is_object = (objects[depth >> 6] >> (depth & 63)) & 1;
    at = scan_json_space(b, at, line_feed);
    if (b[at] == ',') {
      at = scan_json_space(b, at + 1, line_feed);
      if (is_object) goto name;
      goto value;
    }
    if (b[at] != (is_object ? '}' : ']')) return scan_json_bad(at, SCAN_JSON_BAD_COMMA);
    at++;
    depth--;
  }
  return scan_json_end(at);
}

// Lines

size_t scan_json_lines_end(const uint8_t *b, size_t at, size_t end) {
  const uint8_t *last = at < end ? memrchr(b + at, '\n', end - at) : NULL;
  return last ? (size_t)(last - b) + 1 : 0;
}

// Structure

typedef struct {
  uint64_t quote, backslash, comma, open, close;
} block;

// One 64-byte block: which bytes are what, wherever they stand. `[` and `{`, `]` and `}` differ by 0x20 only.
static inline block block_of(const uint8_t *p) {
  block m = {0, 0, 0, 0, 0};
#if defined(__SSE2__)
  for (int i = 0; i < 4; i++) {
    __m128i v = _mm_loadu_si128((const __m128i *)(p + 16 * i));
    __m128i folded = _mm_or_si128(v, _mm_set1_epi8(0x20));
#define MASK(x, c) ((uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(x, _mm_set1_epi8(c))) << (16 * i))
    m.quote |= MASK(v, '"');
    m.backslash |= MASK(v, '\\');
    m.comma |= MASK(v, ',');
    m.open |= MASK(folded, '{');
    m.close |= MASK(folded, '}');
#undef MASK
  }
#else
  for (int i = 0; i < 64; i++) {
    m.quote |= (uint64_t)(p[i] == '"') << i;
    m.backslash |= (uint64_t)(p[i] == '\\') << i;
    m.comma |= (uint64_t)(p[i] == ',') << i;
    m.open |= (uint64_t)((p[i] | 0x20) == '{') << i;
    m.close |= (uint64_t)((p[i] | 0x20) == '}') << i;
  }
#endif
  return m;
}

#if defined(__x86_64__)
SCAN_AVX2 static inline block block_avx2(const uint8_t *p) {
  block m = {0, 0, 0, 0, 0};
  for (int i = 0; i < 2; i++) {
    __m256i v = _mm256_loadu_si256((const __m256i *)(p + 32 * i));
    __m256i folded = _mm256_or_si256(v, _mm256_set1_epi8(0x20));
#define MASK(x, c) ((uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(x, _mm256_set1_epi8(c))) << (32 * i))
    m.quote |= MASK(v, '"');
    m.backslash |= MASK(v, '\\');
    m.comma |= MASK(v, ',');
    m.open |= MASK(folded, '{');
    m.close |= MASK(folded, '}');
#undef MASK
  }
  return m;
}
#endif

// Takes one block of `count` bytes into the state. 1 where the scan is over: `out->at` says where.
__attribute__((always_inline)) static inline int take(scan_json_structure *state, block m, size_t at, unsigned count,
                                                      int first, scan_json_structure_end *out) {
  // Bytes behind a backslash. Backslashes are rare enough to go through one by one; each one that is not escaped
  // itself takes the next byte with it.
  uint64_t escaped = state->escaped;
  uint64_t slashes = m.backslash & ~escaped;
  uint64_t carry = 0;
  while (slashes) {
    unsigned i = (unsigned)__builtin_ctzll(slashes);
    if (i + 1 == count) carry = 1;
    if (i == 63) break;
    escaped |= (uint64_t)2 << i;
    slashes &= ~((uint64_t)3 << i);
  }
  uint64_t strings = m.quote & ~escaped;
  for (int shift = 1; shift < 64; shift <<= 1) strings ^= strings << shift;
  strings ^= state->in_string;
  uint64_t open = m.open & ~strings, close = m.close & ~strings;
  state->escaped = carry;
  state->in_string = (uint64_t)((int64_t)strings >> 63);
  if (close == 0 && state->depth > 1) {
    for (; open; open &= open - 1) state->depth++;
    return 0;
  }
  uint64_t marks = open | close | (m.comma & ~strings);
  for (; marks; marks &= marks - 1) {
    uint64_t bit = marks & (0 - marks);
    if (open & bit) {
      state->depth++;
    } else if (close & bit) {
      if (--state->depth == 0) {
        out->at = at + (unsigned)__builtin_ctzll(bit);
        return 1;
      }
    } else if (state->depth == 1) {
      out->comma = at + (unsigned)__builtin_ctzll(bit);
      if (first) {
        out->at = out->comma;
        return 1;
      }
    }
  }
  return 0;
}

static int take_rest(scan_json_structure *state, const uint8_t *b, size_t at, size_t end, int first,
                     scan_json_structure_end *out) {
  uint8_t last[64] = {0};
  if (at == end) return 0;
  memcpy(last, b + at, end - at);
  return take(state, block_of(last), at, (unsigned)(end - at), first, out);
}

#if defined(__x86_64__)
SCAN_AVX2 static scan_json_structure_end scan_avx2(scan_json_structure *state, const uint8_t *b, size_t at, size_t end,
                                                   int first) {
  scan_json_structure_end out = {end, SIZE_MAX};
  for (; end - at >= 64; at += 64)
    if (take(state, block_avx2(b + at), at, 64, first, &out)) return out;
  take_rest(state, b, at, end, first, &out);
  return out;
}
#endif

static scan_json_structure_end scan(scan_json_structure *state, const uint8_t *b, size_t at, size_t end, int first) {
  scan_json_structure_end out = {end, SIZE_MAX};
  for (; end - at >= 64; at += 64)
    if (take(state, block_of(b + at), at, 64, first, &out)) return out;
  take_rest(state, b, at, end, first, &out);
  return out;
}

scan_json_structure_end scan_json_structure_scan(scan_json_structure *state, const uint8_t *b, size_t at, size_t end,
                                                 int first) {
#if defined(__x86_64__)
  if (scan_level_now() == SCAN_LEVEL_AVX2) return scan_avx2(state, b, at, end, first);
#endif
  return scan(state, b, at, end, first);
}

scan_json_structure_end scan_json_structure_scan_scalar(scan_json_structure *state, const uint8_t *b, size_t at,
                                                        size_t end, int first) {
  scan_json_structure_end out = {end, SIZE_MAX};
  for (; at < end; at++) {
    const uint8_t c = b[at];
    if (state->escaped) {
      // Behind a backslash a quote does not count; brackets and commas outside strings still do.
      state->escaped = 0;
      if (c == '"' || c == '\\') continue;
    } else if (c == '\\') {
      state->escaped = 1;
      continue;
    } else if (c == '"') {
      state->in_string = ~state->in_string;
      continue;
    }
    if (state->in_string) continue;
    if (c == '{' || c == '[') state->depth++;
    if ((c == '}' || c == ']') && --state->depth == 0) {
      out.at = at;
      return out;
    }
    if (c == ',' && state->depth == 1) {
      out.comma = at;
      if (first) {
        out.at = at;
        return out;
      }
    }
  }
  return out;
}
