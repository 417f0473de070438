// A call of Linux that Swift's Glibc module leaves out.
#pragma once
#include <stdint.h>

/// Asks the system to begin writing dirty pages of bytes[offset..<offset + count] to the disk, and does not wait. 0, or
/// -1 where it cannot; nothing is lost then, since this promises nothing (see sync_file_range(2)).
int veil_begin_write_back(int file, int64_t offset, int64_t count);
