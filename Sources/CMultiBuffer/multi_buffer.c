#define _GNU_SOURCE
#include "multi_buffer.h"

#if __has_include(<intel-ipsec-mb.h>) && defined(__x86_64__)
#include <intel-ipsec-mb.h>
#endif

// The structures below are those of version 1. The library's file name promises that they stay the same.
#if defined(IMB_VERSION_NUM) && IMB_VERSION_NUM >= 0x10300 && IMB_VERSION_NUM < 0x20000

#include <cpuid.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { slot_size = 128 };

struct veil_gang {
  IMB_MGR *manager;
  veil_gang *next;
  /// Not all jobs of a call came back, so the manager may still hold some.
  int is_broken;
  IMB_JOB jobs[veil_gang_capacity];
  /// One slot for each prefix and its value.
  uint8_t slots[veil_gang_capacity][slot_size];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static veil_gang *idle;
static enum { untried, usable, useless } state;
static IMB_MGR *(*make_manager)(uint64_t);
static void (*free_manager)(IMB_MGR *);
static void (*prepare_manager)(IMB_MGR *, IMB_ARCH *);

/// Returns whether this processor may compute digests faster in lanes: it has AVX2, and no instructions for SHA. The
/// library is not even loaded elsewhere.
static int may_pay(void) {
  unsigned a, b, c, d;
  return __builtin_cpu_supports("avx2") && __get_cpuid_count(7, 0, &a, &b, &c, &d) && !(b & 1u << 29);
}

static int load(void) {
  if (!may_pay()) return -1;
  void *library = dlopen("libIPSec_MB.so.1", RTLD_NOW | RTLD_LOCAL);
  if (!library) return -1;
  *(void **)&make_manager = dlsym(library, "alloc_mb_mgr");
  *(void **)&free_manager = dlsym(library, "free_mb_mgr");
  *(void **)&prepare_manager = dlsym(library, "init_mb_mgr_auto");
  return make_manager && free_manager && prepare_manager ? 0 : -1;
}

static void discard(veil_gang *gang) {
  if (gang->manager) free_manager(gang->manager);
  free(gang);
}

/// Returns whether this processor computes digests faster in lanes than one value after the other.
static int pays(const IMB_MGR *manager) {
  const uint64_t wanted = IMB_FEATURE_AVX2 | IMB_FEATURE_SAFE_DATA;
  return (manager->features & wanted) == wanted && !(manager->features & IMB_FEATURE_SHANI) &&
         manager->submit_hash_burst_nocheck != NULL;
}

/// Sets what is the same in all jobs of an algorithm.
static void describe(IMB_JOB *job, IMB_HASH_ALG algorithm) {
  job->cipher_mode = IMB_CIPHER_NULL;
  job->cipher_direction = IMB_DIR_ENCRYPT;
  job->chain_order = IMB_ORDER_HASH_CIPHER;
  job->hash_alg = algorithm;
  job->hash_start_src_offset_in_bytes = 0;
  job->auth_tag_output_len_in_bytes = 32;
}

static void fill(IMB_JOB *job, const uint8_t *value, uint64_t length, uint8_t *digest) {
  job->src = value;
  job->msg_len_to_hash_in_bytes = length;
  job->auth_tag_output = digest;
}

static veil_gang *make(void) {
  veil_gang *gang = NULL;
  if (posix_memalign((void **)&gang, 64, sizeof *gang) != 0) return NULL;
  memset(gang, 0, sizeof *gang);
  IMB_ARCH architecture = IMB_ARCH_NONE;
  if ((gang->manager = make_manager(0))) {
    prepare_manager(gang->manager, &architecture);
    for (int i = 0; i < veil_gang_capacity; i++) describe(&gang->jobs[i], IMB_AUTH_HMAC_SHA_256);
    if (architecture >= IMB_ARCH_AVX2 && pays(gang->manager)) return gang;
  }
  discard(gang);
  return NULL;
}

static int end(veil_gang *gang, int is_complete) {
  if (!is_complete) gang->is_broken = 1;
  return is_complete ? 0 : -1;
}

int veil_gang_hmac(veil_gang *gang, const uint32_t inner[8], const uint32_t outer[8], const uint8_t *const *values,
                   const uint32_t *lengths, int count, uint8_t *digests) {
  for (int i = 0; i < count; i++) {
    IMB_JOB *job = &gang->jobs[i];
    fill(job, values[i], lengths[i], digests + i * veil_gang_stride);
    job->u.HMAC._hashed_auth_key_xor_ipad = (const uint8_t *)inner;
    job->u.HMAC._hashed_auth_key_xor_opad = (const uint8_t *)outer;
    job->status = IMB_STATUS_BEING_PROCESSED;
  }
  uint32_t done = IMB_SUBMIT_HASH_BURST_NOCHECK(gang->manager, gang->jobs, (uint32_t)count, IMB_AUTH_HMAC_SHA_256);
  for (int i = 0; i < count; i++) done -= gang->jobs[i].status != IMB_STATUS_COMPLETED;
  return end(gang, (int)done == count);
}

/// Submits the jobs one by one, because the burst interface has no plain SHA-256. They come back in the same order.
int veil_gang_sha256(veil_gang *gang, const uint8_t *prefix, int prefix_length, const uint8_t *const *values,
                     const uint32_t *lengths, int count, uint8_t *digests) {
  int done = 0;
  for (int i = 0; i < count; i++) {
    memcpy(gang->slots[i], prefix, (size_t)prefix_length);
    memcpy(gang->slots[i] + prefix_length, values[i], lengths[i]);
    IMB_JOB *next = IMB_GET_NEXT_JOB(gang->manager);
    describe(next, IMB_AUTH_SHA_256);
    fill(next, gang->slots[i], (uint64_t)prefix_length + lengths[i], digests + i * veil_gang_stride);
    for (IMB_JOB *job = IMB_SUBMIT_JOB_NOCHECK(gang->manager); job; job = IMB_GET_COMPLETED_JOB(gang->manager))
      done += job->status == IMB_STATUS_COMPLETED;
  }
  for (IMB_JOB *job = IMB_FLUSH_JOB(gang->manager); job; job = IMB_FLUSH_JOB(gang->manager))
    done += job->status == IMB_STATUS_COMPLETED;
  explicit_bzero(gang->slots, (size_t)count * slot_size);
  return end(gang, done == count);
}

static int all_are(const uint8_t *digests, const uint8_t expected[32], int count) {
  for (int i = 0; i < count; i++)
    if (memcmp(digests + i * veil_gang_stride, expected, 32) != 0) return 0;
  return 1;
}

/// Returns whether "abc" (FIPS 180-4) and the second case of RFC 4231 give the published digests, for more values than
/// there are lanes. This check keeps us from trusting a library that does not match its header.
static int is_right(veil_gang *gang) {
  static const uint8_t sha256[32] = {0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40,
                                     0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17,
                                     0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad};
  static const uint8_t hmac[32] = {0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e, 0x6a, 0x04, 0x24,
                                   0x26, 0x08, 0x95, 0x75, 0xc7, 0x5a, 0x00, 0x3f, 0x08, 0x9d, 0x27,
                                   0x39, 0x83, 0x9d, 0xec, 0x58, 0xb9, 0x64, 0xec, 0x38, 0x43};
  // The states of SHA-256 after one block of the key "Jefe" with the inner and with the outer pad.
  static const uint32_t inner[8] = {0x655da7fa, 0xcc434b37, 0x5a1cd5cb, 0x0692ee0e,
                                    0xa47a23d3, 0x4c3af449, 0xdba21ae2, 0x78c7500c};
  static const uint32_t outer[8] = {0x0eafe3d5, 0x13412e6c, 0x6a6a2feb, 0x2d375acc,
                                    0x51a4fd47, 0x6db095e8, 0x23bfa18a, 0x52f141d5};
  enum { count = 19 };
  const uint8_t *texts[count], *questions[count];
  uint32_t lengths[count], longer[count];
  uint8_t digests[count * veil_gang_stride];
  for (int i = 0; i < count; i++) {
    texts[i] = (const uint8_t *)"abc", lengths[i] = 3;
    questions[i] = (const uint8_t *)"what do ya want for nothing?", longer[i] = 28;
  }
  return veil_gang_sha256(gang, (const uint8_t *)"", 0, texts, lengths, count, digests) == 0 &&
         all_are(digests, sha256, count) &&
         veil_gang_hmac(gang, inner, outer, questions, longer, count, digests) == 0 && all_are(digests, hmac, count);
}

veil_gang *veil_gang_take(void) {
  pthread_mutex_lock(&lock);
  veil_gang *gang = idle;
  if (gang) {
    idle = gang->next;
  } else if (state == usable || (state == untried && load() == 0)) {
    gang = make();
    if (gang && state == untried && !is_right(gang)) {
      discard(gang);
      gang = NULL;
    }
  }
  // If the first attempt gives no gang, later calls do not try again. A run is then slower, and otherwise the same.
  if (state == untried) state = gang ? usable : useless;
  pthread_mutex_unlock(&lock);
  return gang;
}

const char *veil_gang_version(void) {
  pthread_mutex_lock(&lock);
  const char *version = state == usable ? IMB_VERSION_STR : NULL;
  pthread_mutex_unlock(&lock);
  return version;
}

void veil_gang_give(veil_gang *gang) {
  if (gang->is_broken) {
    discard(gang);
    return;
  }
  pthread_mutex_lock(&lock);
  gang->next = idle;
  idle = gang;
  pthread_mutex_unlock(&lock);
}

#else

veil_gang *veil_gang_take(void) { return 0; }

const char *veil_gang_version(void) { return 0; }

void veil_gang_give(veil_gang *gang) { (void)gang; }

int veil_gang_hmac(veil_gang *gang, const uint32_t inner[8], const uint32_t outer[8], const uint8_t *const *values,
                   const uint32_t *lengths, int count, uint8_t *digests) {
  return -1;
}

int veil_gang_sha256(veil_gang *gang, const uint8_t *prefix, int prefix_length, const uint8_t *const *values,
                     const uint32_t *lengths, int count, uint8_t *digests) {
  return -1;
}

#endif
