// UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// Whether the bytes are UTF-8.
int scan_utf8_valid(const uint8_t *bytes, size_t count);

/// Where `bytes[at..<end]` stops being UTF-8, or `end`.
size_t scan_utf8_end(const uint8_t *bytes, size_t at, size_t end);
