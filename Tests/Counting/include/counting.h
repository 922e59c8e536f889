#ifndef COUNTING_H
#define COUNTING_H

/// What a process has asked of its allocator and of the system so far.
struct counts {
    /// Memory that was allocated, moved ones included.
    unsigned long long allocations;
    /// System calls on files.
    unsigned long long calls;
    /// Those of them that wait for the disk.
    unsigned long long syncs;
};

/// The counts of this process, all of its threads and libraries together.
struct counts counting_now(void);

/// True if counting works here: on Linux with the GNU C library, and without a sanitizer.
_Bool counting_works(void);

#endif
