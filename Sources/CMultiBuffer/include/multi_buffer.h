// SHA-256 and HMAC-SHA-256 of many values at once, one in each lane of the vector registers, by libipsec-mb (Intel
// Multi-Buffer Crypto for IPsec). The library is loaded at the first request; without it, there is no gang.
#pragma once
#include <stdint.h>

enum {
  /// The largest number of values in one call.
  veil_gang_capacity = 256,
  /// The longest value of an HMAC, in bytes.
  veil_gang_longest = 1024,
  /// The largest length of a prefix and its value together, in bytes.
  veil_gang_longest_prefixed = 119,
  /// The number of bytes from one digest to the next.
  veil_gang_stride = 64,
};

/// The lanes and the jobs in them. One thread at a time may use a gang.
typedef struct veil_gang veil_gang;

/// Lends a gang to the calling thread until the thread gives it back. Returns NULL if a gang would not be faster: the
/// library is missing or of another major version, the processor has SHA instructions or lacks AVX2, or the digests of
/// a trial are not the expected ones.
veil_gang *veil_gang_take(void);

/// Returns the version of the library if it has computed digests in this process; else NULL.
const char *veil_gang_version(void);

/// Gives back a gang that `veil_gang_take` returned. The gang holds no values between calls.
void veil_gang_give(veil_gang *gang);

/// Computes HMAC-SHA-256 of `count` values, each of 1 to `veil_gang_longest` bytes, from the states after the inner and
/// the outer pad (FIPS 180-4's H, as numbers). Writes 32 bytes to digests + i * veil_gang_stride. Returns 0, or -1 if
/// not all digests were computed.
int veil_gang_hmac(veil_gang *gang, const uint32_t inner[8], const uint32_t outer[8], const uint8_t *const *values,
                   const uint32_t *lengths, int count, uint8_t *digests);

/// Computes SHA-256 of `prefix` followed by each of `count` values; together they have at least one byte and at most
/// `veil_gang_longest_prefixed`. Otherwise it works like `veil_gang_hmac`.
int veil_gang_sha256(veil_gang *gang, const uint8_t *prefix, int prefix_length, const uint8_t *const *values,
                     const uint32_t *lengths, int count, uint8_t *digests);
