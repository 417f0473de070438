#define _GNU_SOURCE
#include "write_back.h"

#include <fcntl.h>

int linux_begin_write_back(int file, int64_t offset, int64_t count) {
  return sync_file_range(file, offset, count, SYNC_FILE_RANGE_WRITE);
}
