// The instruction sets that functions are compiled for, besides the one that every processor of its kind has.
#pragma once
#define SCAN_INLINE static inline __attribute__((always_inline))

#if defined(__x86_64__)
#include <immintrin.h>
#define SCAN_X86 1
// What `scan_level_now() == SCAN_LEVEL_AVX2` promises.
#define SCAN_AVX2 __attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt,pclmul")))
#elif defined(__aarch64__)
#include <arm_neon.h>
#define SCAN_NEON 1
#endif
