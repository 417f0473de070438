#pragma once
// SHA256_Init and its kin are deprecated in OpenSSL 3.0, yet copying a SHA256_CTX is the fastest way to reuse an
// absorbed key: half the time of EVP_MAC for short values.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/evp.h>
#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <openssl/conf.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/sha.h>
#include <openssl/hmac.h>
#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

// prctl is variadic, which Swift cannot call.
#include <sys/prctl.h>
static inline int veil_forbid_dumps(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }
