// Preloaded into a program under test: while the file named by KMP_STUCK_FILE is there, nothing becomes durable.
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static void wait_for_the_disk(void) {
    const char* stuck = getenv("KMP_STUCK_FILE");
    while (stuck != NULL && access(stuck, F_OK) == 0) usleep(10000);
}

int fdatasync(int file) {
    wait_for_the_disk();
    return (int)syscall(SYS_fdatasync, file);
}

int fsync(int file) {
    wait_for_the_disk();
    return (int)syscall(SYS_fsync, file);
}
