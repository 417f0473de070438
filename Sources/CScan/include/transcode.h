// Text in other encodings as UTF-8.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// What a call has used and made.
typedef struct {
  size_t used;
  size_t made;
} scan_progress;

/// Writes bytes of an encoding with one byte a character as UTF-8, up to the first byte that is no character.
///
/// `table` has for each byte its UTF-8 of at most 3 bytes, the first one lowest, and their number in the highest byte; 0
/// stands for no character. `is_ascii` says that bytes below 0x80 stand for themselves. `out` has room for 3 * count + 8.
scan_progress scan_single_byte(const uint8_t *bytes, size_t count, const uint32_t *table, int is_ascii, uint8_t *out);

/// Writes UTF-16 as UTF-8, up to the last whole character or to the first surrogate without its other half.
///
/// `high` is the place of a unit's high byte: 0 in big-endian text, 1 in little-endian text. `out` has room for
/// 3 * count / 2 + 8.
scan_progress scan_utf16(const uint8_t *bytes, size_t count, int high, uint8_t *out);
