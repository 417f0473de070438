#include "transcode.h"

#include <string.h>

scan_progress scan_single_byte(const uint8_t *bytes, size_t count, const uint32_t *table, int is_ascii, uint8_t *out) {
  size_t at = 0, made = 0;
  while (at < count) {
    // Most of most tables is ASCII, which is copied 32 bytes at a time.
    while (is_ascii && count - at >= 32) {
      uint64_t words[4];
      memcpy(words, bytes + at, 32);
      if ((words[0] | words[1] | words[2] | words[3]) & 0x8080808080808080u) break;
      memcpy(out + made, words, 32);
      at += 32;
      made += 32;
    }
    // Then one by one, past the byte that ended the run.
    const size_t end = count - at < 32 ? count : at + 32;
    for (; at < end; at++) {
      const uint32_t entry = table[bytes[at]];
      const uint8_t text[4] = {(uint8_t)entry, (uint8_t)(entry >> 8), (uint8_t)(entry >> 16), 0};
      if (entry >> 24 == 0) return (scan_progress){at, made};
      memcpy(out + made, text, 4);
      made += entry >> 24;
    }
  }
  return (scan_progress){at, made};
}

scan_progress scan_utf16(const uint8_t *bytes, size_t count, int high, uint8_t *out) {
  const int low = 1 - high;
  size_t at = 0, made = 0;
  while (count - at >= 2) {
    const uint32_t unit = (uint32_t)bytes[at + (size_t)high] << 8 | bytes[at + (size_t)low];
    if (unit < 0x80) {
      out[made++] = (uint8_t)unit;
      at += 2;
    } else if (unit < 0x800) {
      out[made++] = (uint8_t)(0xC0 | unit >> 6);
      out[made++] = (uint8_t)(0x80 | (unit & 0x3F));
      at += 2;
    } else if (unit < 0xD800 || unit > 0xDFFF) {
      out[made++] = (uint8_t)(0xE0 | unit >> 12);
      out[made++] = (uint8_t)(0x80 | (unit >> 6 & 0x3F));
      out[made++] = (uint8_t)(0x80 | (unit & 0x3F));
      at += 2;
    } else {
      if (unit > 0xDBFF || count - at < 4) break;
      const uint32_t second = (uint32_t)bytes[at + 2 + (size_t)high] << 8 | bytes[at + 2 + (size_t)low];
      if (second < 0xDC00 || second > 0xDFFF) break;
      const uint32_t scalar = 0x10000 + ((unit - 0xD800) << 10) + (second - 0xDC00);
      out[made++] = (uint8_t)(0xF0 | scalar >> 18);
      out[made++] = (uint8_t)(0x80 | (scalar >> 12 & 0x3F));
      out[made++] = (uint8_t)(0x80 | (scalar >> 6 & 0x3F));
      out[made++] = (uint8_t)(0x80 | (scalar & 0x3F));
      at += 4;
    }
  }
  return (scan_progress){at, made};
}
