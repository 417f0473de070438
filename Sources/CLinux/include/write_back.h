// A system call of Linux that Swift's Glibc module does not contain.
#pragma once
#include <stdint.h>

/// Asks the system to start writing the dirty pages of bytes[offset..<offset + count] to the disk, and does not wait.
/// Returns 0, or -1 if the system cannot do it. A failure loses nothing, because this call guarantees nothing (see
/// sync_file_range(2)).
int linux_begin_write_back(int file, int64_t offset, int64_t count);
