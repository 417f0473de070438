// What plain C does with the reference jobs when it may trust its input: the yardstick beside the peers.
//
//   reference JOB KEYS INPUT OUTPUT [THREADS]     JOB is j0, j1 or j2; KEYS a folder with the benchmark's keys
//
// It checks nothing but the number of fields, knows the fifteen columns by position, and writes straight to OUTPUT: no
// UTF-8 check, no fsync, no rename. Threads take turns to read a chunk (cut where a record ends), work on it, and take
// turns to write it. Structure is found 64 bytes at a time with AVX2; inside-quotes bits come from a carry-less multiply.
// HMAC starts from SHA-256 states that have the key's pads absorbed already.
#include <fcntl.h>
#include <immintrin.h>
#include <openssl/sha.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COLUMNS = 15, CHUNK = 1 << 20, LARGEST_RECORD = 1 << 20, SLACK = 4096, PADDING = 64 };
enum { ID, EMAIL, NAME, PHONE, STREET, CITY, POSTCODE, COUNTRY, BIRTH, GENDER, INCOME, IP, SIGNUP, CONSENT, NOTES };

typedef struct { const uint8_t *bytes; size_t length; } Cell;
typedef struct { SHA256_CTX inner, outer; } Key;

static int job;
static Key email_key, customer_key;
static SHA256_CTX salted;  // has absorbed nothing: the salt is shorter than a block
static uint8_t salt[32];

static void fail(const char *what) { perror(what); exit(1); }

// --- hashing

static void load(const char *folder, const char *name, uint8_t bytes[32]) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  int file = open(path, O_RDONLY);
  if (file < 0 || read(file, bytes, 32) != 32) fail(path);
  close(file);
}

static void prepare(Key *key, const uint8_t bytes[32]) {
  uint8_t pad[64];
  SHA256_CTX *states[] = {&key->inner, &key->outer};
  for (int side = 0; side < 2; side++) {
    for (int i = 0; i < 64; i++) pad[i] = (i < 32 ? bytes[i] : 0) ^ (side ? 0x5c : 0x36);
    SHA256_Init(states[side]);
    SHA256_Update(states[side], pad, 64);
  }
}

// The digest of what `state` has absorbed (`before` bytes, whole blocks) followed by a message; one block if it fits.
static void finish(SHA256_CTX *state, size_t before, const uint8_t *message, size_t length, uint8_t digest[32]) {
  if (length > 55) {
    SHA256_Update(state, message, length);
    SHA256_Final(digest, state);
    return;
  }
  uint8_t block[64] = {0};
  memcpy(block, message, length);
  block[length] = 0x80;
  uint64_t bits = __builtin_bswap64((before + length) * 8);
  memcpy(block + 56, &bits, 8);
  SHA256_Transform(state, block);
  for (int i = 0; i < 8; i++) {
    uint32_t word = __builtin_bswap32(state->h[i]);
    memcpy(digest + 4 * i, &word, 4);
  }
}

static uint8_t *write_hex(const uint8_t digest[32], uint8_t *out) {
  const __m128i letters = _mm_loadu_si128((const __m128i *)"0123456789abcdef"), low = _mm_set1_epi8(15);
  for (int half = 0; half < 32; half += 16) {
    __m128i bytes = _mm_loadu_si128((const __m128i *)(digest + half));
    __m128i high = _mm_shuffle_epi8(letters, _mm_and_si128(_mm_srli_epi16(bytes, 4), low));
    __m128i rest = _mm_shuffle_epi8(letters, _mm_and_si128(bytes, low));
    _mm_storeu_si128((__m128i *)out, _mm_unpacklo_epi8(high, rest));
    _mm_storeu_si128((__m128i *)(out + 16), _mm_unpackhi_epi8(high, rest));
    out += 32;
  }
  return out;
}

// --- cells

// The cell without its quotes; doubled quotes are undone in `scratch`.
static Cell value(Cell cell, uint8_t *scratch) {
  if (cell.length < 2 || cell.bytes[0] != '"') return cell;
  size_t length = 0;
  for (size_t i = 1; i + 1 < cell.length; i++) {
    scratch[length++] = cell.bytes[i];
    if (cell.bytes[i] == '"') i++;
  }
  return (Cell){scratch, length};
}

static uint8_t *copy(Cell cell, uint8_t *out) {
  memcpy(out, cell.bytes, cell.length);
  return out + cell.length;
}

static uint8_t *pseudonym(const Key *key, Cell cell, uint8_t *out, uint8_t *scratch) {
  uint8_t digest[32];
  cell = value(cell, scratch);
  SHA256_CTX state = key->inner;
  finish(&state, 64, cell.bytes, cell.length, digest);
  state = key->outer;
  finish(&state, 64, digest, 32, digest);
  return write_hex(digest, out);
}

static uint8_t *salted_hash(Cell cell, uint8_t *out, uint8_t *scratch) {
  uint8_t digest[32];
  cell = value(cell, scratch + 32);
  memmove(scratch + 32, cell.bytes, cell.length);
  memcpy(scratch, salt, 32);
  SHA256_CTX state = salted;
  finish(&state, 0, scratch, 32 + cell.length, digest);
  return write_hex(digest, out);
}

static uint8_t *first_characters(Cell cell, int count, uint8_t *out, uint8_t *scratch) {
  cell = value(cell, scratch);
  size_t length = 0;
  while (length < cell.length && ((cell.bytes[length] & 0xC0) == 0x80 || count-- > 0)) length++;
  return copy((Cell){cell.bytes, length}, out);
}

static uint8_t *write_number(uint64_t number, uint8_t *out) {
  uint8_t digits[20];
  int count = 0;
  do digits[count++] = '0' + number % 10;
  while (number /= 10);
  while (count) *out++ = digits[--count];
  return out;
}

static uint8_t *band(Cell cell, uint8_t *out) {
  uint64_t number = 0;
  for (size_t i = 0; i < cell.length && cell.bytes[i] >= '0' && cell.bytes[i] <= '9'; i++)
    number = number * 10 + (cell.bytes[i] - '0');
  number -= number % 10000;
  out = write_number(number, out);
  *out++ = '-';
  return write_number(number + 9999, out);
}

// --- records

static const char J1_HEADER[] =
    "customer_id,email,phone,city,postcode,country,birth_date,gender,income,signup_ts,marketing_consent\n";
static const int J1_COLUMNS[] = {ID, EMAIL, PHONE, CITY, POSTCODE, COUNTRY, BIRTH, GENDER, INCOME, SIGNUP, CONSENT};

static uint8_t *write_record(const Cell *cells, uint8_t *out, uint8_t *scratch) {
  int count = job == 1 ? sizeof J1_COLUMNS / sizeof *J1_COLUMNS : COLUMNS;
  for (int i = 0; i < count; i++) {
    int column = job == 1 ? J1_COLUMNS[i] : i;
    Cell cell = cells[column];
    if (column == EMAIL && job != 0) out = pseudonym(&email_key, cell, out, scratch);
    else if (job != 1) out = copy(cell, out);
    else if (column == ID) out = pseudonym(&customer_key, cell, out, scratch);
    else if (column == PHONE) out = salted_hash(cell, out, scratch);
    else if (column == POSTCODE) out = first_characters(cell, 3, out, scratch);
    else if (column == BIRTH) out = first_characters(cell, 4, out, scratch);
    else if (column == INCOME) out = band(cell, out);
    else out = copy(cell, out);
    *out++ = ',';
  }
  out[-1] = '\n';
  return out;
}

static inline uint64_t equal(const uint8_t *at, uint8_t byte) {
  __m256i wanted = _mm256_set1_epi8(byte);
  uint32_t low = _mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_loadu_si256((const __m256i *)at), wanted));
  uint32_t high = _mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_loadu_si256((const __m256i *)(at + 32)), wanted));
  return (uint64_t)high << 32 | low;
}

// Bit i of the result is the parity of bits 0 to i.
static inline uint64_t running_parity(uint64_t bits) {
  return _mm_cvtsi128_si64(_mm_clmulepi64_si128(_mm_cvtsi64_si128(bits), _mm_set1_epi8(-1), 0));
}

static uint8_t *transform(const uint8_t *in, size_t length, uint8_t *out, uint8_t *scratch) {
  Cell cells[COLUMNS];
  int count = 0;
  const uint8_t *start = in;
  uint64_t quoted = 0;  // all ones while inside quotes
  for (size_t i = 0; i < length; i += 64) {
    uint64_t inside = running_parity(equal(in + i, '"')) ^ quoted;
    quoted = (uint64_t)((int64_t)inside >> 63);
    uint64_t ends = (equal(in + i, ',') | equal(in + i, '\n')) & ~inside;
    if (length - i < 64) ends &= (1ull << (length - i)) - 1;
    for (; ends; ends &= ends - 1) {
      const uint8_t *end = in + i + __builtin_ctzll(ends);
      cells[count++] = (Cell){start, end - start};
      start = end + 1;
      if ((*end == '\n') != (count == COLUMNS)) { fputs("a record has not fifteen fields\n", stderr); exit(2); }
      if (count == COLUMNS) { out = write_record(cells, out, scratch); count = 0; }
    }
  }
  return out;
}

// --- chunks

// Where the last whole record of the bytes ends. Quotes are even in number up to there.
static size_t last_end(const uint8_t *bytes, size_t length) {
  size_t quotes = 0, i = 0;
  for (; i + 64 <= length; i += 64) quotes += __builtin_popcountll(equal(bytes + i, '"'));
  for (; i < length; i++) quotes += bytes[i] == '"';
  for (size_t end = length; end > 0; end--) {
    if (bytes[end - 1] == '"') quotes--;
    else if (bytes[end - 1] == '\n' && quotes % 2 == 0) return end;
  }
  return 0;
}

static int input, output;
static pthread_mutex_t reading = PTHREAD_MUTEX_INITIALIZER, writing = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t written = PTHREAD_COND_INITIALIZER;
static uint8_t leftover[LARGEST_RECORD];
static size_t leftover_length, chunks_read, chunks_written;
static bool at_end;

// Fills `in` with whole records and says how many bytes, and the chunk's number.
static size_t next_chunk(uint8_t *in, size_t *number) {
  pthread_mutex_lock(&reading);
  size_t length = leftover_length;
  memcpy(in, leftover, length);
  while (!at_end && length < CHUNK) {
    ssize_t got = read(input, in + length, CHUNK - length);
    if (got < 0) fail("read");
    at_end = got == 0;
    length += got;
  }
  size_t end = at_end ? length : last_end(in, length);
  if (end == 0 && length > 0) { fputs("a record is too long\n", stderr); exit(2); }
  leftover_length = length - end;
  memcpy(leftover, in + end, leftover_length);
  *number = chunks_read++;
  pthread_mutex_unlock(&reading);
  return end;
}

static void write_in_turn(const uint8_t *bytes, const uint8_t *end, size_t number) {
  pthread_mutex_lock(&writing);
  while (chunks_written != number) pthread_cond_wait(&written, &writing);
  pthread_mutex_unlock(&writing);
  while (bytes < end) {
    ssize_t put = write(output, bytes, end - bytes);
    if (put < 0) fail("write");
    bytes += put;
  }
  pthread_mutex_lock(&writing);
  chunks_written++;
  pthread_cond_broadcast(&written);
  pthread_mutex_unlock(&writing);
}

static void *work(void *unused) {
  // A record of fifteen empty fields grows most: three digests of 64 characters from 15 bytes.
  uint8_t *in = malloc(CHUNK + PADDING), *out = malloc((size_t)CHUNK * 16 + SLACK);
  uint8_t *scratch = malloc(LARGEST_RECORD + SLACK);
  if (!in || !out || !scratch) fail("malloc");
  size_t number, length;
  while ((length = next_chunk(in, &number)) > 0) write_in_turn(out, transform(in, length, out, scratch), number);
  free(in); free(out); free(scratch);
  return unused;
}

int main(int count, char **arguments) {
  if (count < 5) { fputs("usage: reference j0|j1|j2 KEYS INPUT OUTPUT [THREADS]\n", stderr); return 2; }
  job = atoi(arguments[1] + 1);
  uint8_t bytes[32];
  load(arguments[2], "email.key", bytes), prepare(&email_key, bytes);
  load(arguments[2], "customer_id.key", bytes), prepare(&customer_key, bytes);
  load(arguments[2], "phone.key", salt), SHA256_Init(&salted);
  input = open(arguments[3], O_RDONLY);
  output = open(arguments[4], O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (input < 0 || output < 0) fail("open");

  char header[SLACK];
  ssize_t got = pread(input, header, sizeof header, 0);
  char *end = got > 0 ? memchr(header, '\n', got) : NULL;
  if (!end) { fputs("no header\n", stderr); return 2; }
  size_t length = end + 1 - header;
  lseek(input, length, SEEK_SET);
  if (write(output, job == 1 ? J1_HEADER : header, job == 1 ? sizeof J1_HEADER - 1 : length) < 0) fail("write");

  int threads = count > 5 ? atoi(arguments[5]) : 1;
  pthread_t others[64];
  if (threads < 1 || threads > 64) return 2;
  for (int i = 1; i < threads; i++) pthread_create(&others[i], NULL, work, NULL);
  work(NULL);
  for (int i = 1; i < threads; i++) pthread_join(others[i], NULL);
  return close(output) == 0 ? 0 : 1;
}
