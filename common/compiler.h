/* Attributes and checks shared by the shim and the reporter; the only place that knows the compiler. */
#ifndef COMMON_COMPILER_H
#define COMMON_COMPILER_H

#define MW_EXPORT            __attribute__((visibility("default")))
/* Of an extern variable: it is ours, and needs no look-up. */
#define MW_HIDDEN            __attribute__((visibility("hidden")))
#define MW_NOINLINE          __attribute__((noinline))
#define MW_ALWAYS_INLINE     inline __attribute__((always_inline))
#define MW_COLD              __attribute__((cold, noinline))
#define MW_UNUSED            __attribute__((unused))
#define MW_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define MW_LIKELY(x)         __builtin_expect(!!(x), 1)
#define MW_UNLIKELY(x)       __builtin_expect(!!(x), 0)

/* Whether leaks, of memory or threads, are looked for at the end of the process: only then is released what it takes
 * along. */
#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || __has_feature(address_sanitizer) || \
	__has_feature(thread_sanitizer)
#define MW_LEAKS_COUNT 1
#else
#define MW_LEAKS_COUNT 0
#endif

#define MW_ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif
