#pragma once
#include "json_text.h"

// Records of a known shape: the same brackets, names, colons, commas and white space in front of each scalar.
#pragma clang assume_nonnull begin

enum { SCAN_JSON_GAP_MOST = 32 };

/// What stands in front of a scalar or behind the last one; longer text takes several.
typedef struct {
  uint8_t text[SCAN_JSON_GAP_MOST];
  /// A bit for each byte of the text.
  uint32_t mask;
  uint16_t count;
  /// Whether the text goes on in the next one, without a scalar between.
  uint16_t goes_on;
} scan_json_gap;

/// Set in the end of a string, and of one that holds a backslash; places are below.
enum { SCAN_JSON_ESCAPED = 0x40000000, SCAN_JSON_QUOTED = 0x20000000 };

/// Whether the record at `at` has a shape: scalars, which are strings, numbers, true, false or null, and between them the
/// texts of `gaps`, the last of which is `last`.
///
/// Answers the place behind the record, or 0 where it is not like that or not well-formed, which is then for others to
/// find out. `places` gets the record's start, then the start and end of each scalar. As in json_text.h, 64 zero bytes
/// stand behind the text. No gap's text holds a zero.
size_t scan_json_match(const uint8_t *bytes, size_t at, const scan_json_gap *gaps, const scan_json_gap *last,
                       uint32_t *places);

/// Where two records end.
typedef struct {
  size_t first, second;
} scan_json_ends;

/// The same for two records at once; both ends are 0 where either has another shape. Where a scalar begins is known only
/// when the one in front of it has been found to end, so a processor looks at two records in little more time than at one.
scan_json_ends scan_json_match_two(const uint8_t *bytes, size_t first, size_t second, const scan_json_gap *gaps,
                                   const scan_json_gap *last, uint32_t *first_places, uint32_t *second_places);

#pragma clang assume_nonnull end
