// A program that is linked with this file has these functions in the place of the C library's, for
// itself and for all libraries that it loads. Each counts, and then does what the other would do.
#define _GNU_SOURCE
#include "counting.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HAS_SANITIZER
#endif
#endif

#if defined(__linux__) && !defined(HAS_SANITIZER)
#include <features.h>
#endif

#if defined(__GLIBC__) && !defined(HAS_SANITIZER)
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_ullong allocations, calls, syncs;

static void count(atomic_ullong *counter) {
    atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

struct counts counting_now(void) {
    return (struct counts){atomic_load(&allocations), atomic_load(&calls), atomic_load(&syncs)};
}

_Bool counting_works(void) {
    unsigned long long before = atomic_load(&allocations);
    void *volatile memory = malloc(1);
    free(memory);
    return atomic_load(&allocations) > before;
}

// The allocator.

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);

void *malloc(size_t size) {
    count(&allocations);
    return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
    count(&allocations);
    return __libc_calloc(number, size);
}

void *realloc(void *memory, size_t size) {
    count(&allocations);
    return __libc_realloc(memory, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    count(&allocations);
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size) {
    count(&allocations);
    void *found = __libc_memalign(alignment, size);
    if (found == NULL) return ENOMEM;
    *memory = found;
    return 0;
}

// System calls on files.

#define CALL(number, ...) (count(&calls), syscall(number, __VA_ARGS__))

static mode_t mode_of(int flags, va_list list) {
    return flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0;
}

int open(const char *path, int flags, ...) {
    va_list list;
    va_start(list, flags);
    mode_t mode = mode_of(flags, list);
    va_end(list);
    return CALL(SYS_openat, AT_FDCWD, path, flags, mode);
}

int openat(int folder, const char *path, int flags, ...) {
    va_list list;
    va_start(list, flags);
    mode_t mode = mode_of(flags, list);
    va_end(list);
    return CALL(SYS_openat, folder, path, flags, mode);
}

int close(int file) { return CALL(SYS_close, file); }
int fstat(int file, struct stat *status) { return CALL(SYS_fstat, file, status); }

int fstatat(int folder, const char *path, struct stat *status, int flags) {
    return CALL(SYS_newfstatat, folder, path, status, flags);
}

int stat(const char *path, struct stat *status) {
    return CALL(SYS_newfstatat, AT_FDCWD, path, status, 0);
}

int lstat(const char *path, struct stat *status) {
    return CALL(SYS_newfstatat, AT_FDCWD, path, status, AT_SYMLINK_NOFOLLOW);
}

ssize_t readlinkat(int folder, const char *path, char *target, size_t size) {
    return CALL(SYS_readlinkat, folder, path, target, size);
}

ssize_t read(int file, void *bytes, size_t size) { return CALL(SYS_read, file, bytes, size); }

ssize_t pread(int file, void *bytes, size_t size, off_t offset) {
    return CALL(SYS_pread64, file, bytes, size, offset);
}

ssize_t write(int file, const void *bytes, size_t size) {
    return CALL(SYS_write, file, bytes, size);
}

ssize_t pwrite(int file, const void *bytes, size_t size, off_t offset) {
    return CALL(SYS_pwrite64, file, bytes, size, offset);
}

ssize_t writev(int file, const struct iovec *parts, int number) {
    return CALL(SYS_writev, file, parts, number);
}

off_t lseek(int file, off_t offset, int origin) { return CALL(SYS_lseek, file, offset, origin); }
int madvise(void *start, size_t size, int advice) { return CALL(SYS_madvise, start, size, advice); }

int fsync(int file) {
    count(&syncs);
    return CALL(SYS_fsync, file);
}

int fdatasync(int file) {
    count(&syncs);
    return CALL(SYS_fdatasync, file);
}

int msync(void *start, size_t size, int flags) {
    count(&syncs);
    return CALL(SYS_msync, start, size, flags);
}

#else

struct counts counting_now(void) { return (struct counts){0, 0, 0}; }
_Bool counting_works(void) { return 0; }

#endif
