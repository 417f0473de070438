// Which of 64 bytes are structure? The scans that everything above stands on, in the widest vectors the machine has.
//
// Every function exists four times: AVX2 (chosen at run time), SSE2, NEON and portable C, all tested against each other.
// No function reads outside bytes[0..<count]; the last partial block is copied to a local one.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// The implementations, best last. `scan_level_select` is for tests: it answers the level now in force, which is at
/// most the one asked for.
enum scan_level { SCAN_LEVEL_SCALAR = 0, SCAN_LEVEL_BASELINE = 1, SCAN_LEVEL_AVX2 = 2 };
int scan_level_select(int level);

/// The level now in force.
int scan_level_now(void);

/// What a CSV scan found besides the masks.
struct scan_csv {
  /// Line feeds outside quotes.
  size_t newlines;
  /// Delimiters and line feeds outside quotes: how many bits are set.
  size_t ends;
  /// Whether a quote or a carriage return stands where RFC 4180 has none, or a quote is left open at the end: the
  /// masks then mean nothing.
  int irregular;
  /// Whether any byte is 0x80 or above.
  int non_ascii;
  /// How many blocks have a line feed inside quotes.
  size_t inner_blocks;
};

/// Sets, for each block of 64 bytes, a bit in `ends` for every delimiter and line feed outside quotes.
/// `ends` has (count + 63) / 64 elements, and so has `inner_blocks`, which gets the numbers of the blocks that have a line
/// feed inside quotes, or is NULL. The bytes begin at a record's start.
struct scan_csv scan_csv(const uint8_t *bytes, size_t count, uint8_t delimiter, uint8_t quote, uint64_t *ends,
                         uint32_t *inner_blocks);

/// Writes where the bits stand that are set in `masks`, in order, and answers how many there are. There is room for
/// four more in `places`.
size_t scan_places(const uint64_t *masks, size_t blocks, uint32_t *places);

/// How often `byte` occurs.
size_t scan_count_byte(const uint8_t *bytes, size_t count, uint8_t byte);

/// How many bytes stand before the first one that is `a`, `b`, a carriage return or a line feed.
size_t scan_find_special(const uint8_t *bytes, size_t count, uint8_t a, uint8_t b);
