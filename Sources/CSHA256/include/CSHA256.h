// SHA-256 (FIPS 180-4) of many short messages at once, one in each lane of the machine's vectors.
//
// One message's rounds depend on each other, so that most of a processor waits; sixteen messages side by side keep it
// busy. Everything here is a fixed run of additions, rotations and logic: no branch and no address depends on a message or
// a state.
#pragma once
#include <stddef.h>
#include <stdint.h>
#pragma clang assume_nonnull begin

/// The most messages that are taken at once.
enum { VEIL_SHA256_MOST = 16 };

/// How many messages are best taken at once: 16 with AVX-512, 8 with AVX2, and 1 where nothing is gained over one after
/// another, as without such vectors, or with AVX2 on a processor that has SHA instructions.
size_t veil_sha256_lanes(void);

/// Whether the machine can take that many at once, be it best or not.
int veil_sha256_can(size_t lanes);

/// Compresses `lanes` blocks (64 bytes each, one behind the other), each from the same state, and writes their digests (32
/// bytes each, likewise). The machine can take that many, and they are more than 1.
void veil_sha256_blocks(size_t lanes, const uint32_t state[_Nonnull 8], const uint8_t *blocks, uint8_t *digests);

/// The same, and then the digest of each digest behind a block that `outer` has absorbed: HMAC (RFC 2104) of messages that
/// end in these blocks.
void veil_hmac_sha256_blocks(size_t lanes, const uint32_t inner[_Nonnull 8], const uint32_t outer[_Nonnull 8],
                             const uint8_t *blocks, uint8_t *digests);

#pragma clang assume_nonnull end
