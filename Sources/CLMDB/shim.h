#include <lmdb.h>
#include <stdlib.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

// The allocator's thresholds are macros of a header that is not imported.
static inline void clmdb_keep_freed_memory(int keptByteCount, int mappedByteCount) {
#ifdef __GLIBC__
    mallopt(M_TRIM_THRESHOLD, keptByteCount);
    mallopt(M_MMAP_THRESHOLD, mappedByteCount);
#else
    (void)keptByteCount;
    (void)mappedByteCount;
#endif
}
