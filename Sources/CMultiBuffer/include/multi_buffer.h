// SHA-256 and HMAC-SHA-256 of many values at once, one in each lane of the vector registers, by libipsec-mb (Intel
// Multi-Buffer Crypto for IPsec). The library is loaded when it is first asked for; a program without it has no gang.
#pragma once
#include <stdint.h>

enum {
  /// How many values a call takes at most.
  veil_gang_capacity = 256,
  /// The longest value of an HMAC, in bytes.
  veil_gang_longest = 1024,
  /// The most bytes that a prefix and its value have together.
  veil_gang_longest_prefixed = 119,
  /// Bytes from one digest to the next.
  veil_gang_stride = 64,
};

/// The lanes and what is in them; serves one thread at a time.
typedef struct veil_gang veil_gang;

/// A gang for the calling thread until it is given back. NULL where there would be nothing to win: the library is not
/// there or of another major version, the processor has SHA instructions or lacks AVX2, or the digests of a trial are not
/// the expected ones.
veil_gang *veil_gang_take(void);

/// Gives back what `veil_gang_take` answered. It holds no values between calls.
void veil_gang_give(veil_gang *gang);

/// HMAC-SHA-256 of `count` values, each of 1 to `veil_gang_longest` bytes, from the states after the inner and the outer
/// pad (FIPS 180-4's H, as numbers): 32 bytes to digests + i * veil_gang_stride. 0, or -1 where not all were made.
int veil_gang_hmac(veil_gang *gang, const uint32_t inner[8], const uint32_t outer[8], const uint8_t *const *values,
                   const uint32_t *lengths, int count, uint8_t *digests);

/// SHA-256 of `prefix` followed by each of `count` values: at least one byte and at most `veil_gang_longest_prefixed`
/// together. Otherwise as `veil_gang_hmac`.
int veil_gang_sha256(veil_gang *gang, const uint8_t *prefix, int prefix_length, const uint8_t *const *values,
                     const uint32_t *lengths, int count, uint8_t *digests);
