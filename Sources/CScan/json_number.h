// The grammar of a JSON number (RFC 8259, section 6), once for the scan that says what is wrong and for the match that only
// needs to know that something is.
#pragma once
#include "json_text.h"
#include "simd.h"

/// Where the number at `at` ends, or where it is wrong. What follows it is not looked at, but for a digit behind a zero in
/// front.
SCAN_INLINE scan_json_token scan_json_number(const uint8_t *b, size_t at) {
  if (b[at] == '-') at++;
  if (b[at] == '0') {
    at++;
    if (scan_json_is_digit(b[at])) return scan_json_bad(at, SCAN_JSON_BAD_NUMBER);
  } else {
    if (!scan_json_is_digit(b[at])) return scan_json_bad(at, SCAN_JSON_BAD_NUMBER);
    at = scan_json_digits_end(b, at);
  }
  if (b[at] == '.') {
    at++;
    if (!scan_json_is_digit(b[at])) return scan_json_bad(at, SCAN_JSON_BAD_NUMBER);
    at = scan_json_digits_end(b, at);
  }
  if ((b[at] | 0x20) == 'e') {
    at++;
    if (b[at] == '+' || b[at] == '-') at++;
    if (!scan_json_is_digit(b[at])) return scan_json_bad(at, SCAN_JSON_BAD_NUMBER);
    at = scan_json_digits_end(b, at);
  }
  return scan_json_end(at);
}
