// Preloaded into a program under test: while the file named by KMP_STUCK_FILE is there, nothing becomes durable. It waits; where the file
// is not empty it fails at once with EIO. And while the one named by KMP_SLOW_FILE is there, every piece of a file that is read takes a while.
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int disk_fails(void) {
    const char* stuck = getenv("KMP_STUCK_FILE");
    struct stat seen;
    while (stuck != NULL && stat(stuck, &seen) == 0) {
        if (seen.st_size > 0) return 1;
        usleep(10000);
    }
    return 0;
}

int fdatasync(int file) {
    if (disk_fails()) {
        errno = EIO;
        return -1;
    }
    return (int)syscall(SYS_fdatasync, file);
}

int fsync(int file) {
    if (disk_fails()) {
        errno = EIO;
        return -1;
    }
    return (int)syscall(SYS_fsync, file);
}

static void disk_reads(void) {
    const char* slow = getenv("KMP_SLOW_FILE");
    struct stat seen;
    if (slow != NULL && stat(slow, &seen) == 0) usleep(5000);
}

ssize_t pread(int file, void* out, size_t size, off_t at) {
    disk_reads();
    return syscall(SYS_pread64, file, out, size, at);
}

ssize_t pread64(int file, void* out, size_t size, off64_t at) {
    disk_reads();
    return syscall(SYS_pread64, file, out, size, at);
}
