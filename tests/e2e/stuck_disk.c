// Preloaded into a program under test: while the file named by KMP_STUCK_FILE is there, nothing becomes durable. It waits; where the file
// is not empty it fails at once with EIO.
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
