/* Fails or kills a process at its n-th change of a file below a folder; preloaded by the fault
 * tests of cases. fault_arm(n, mode) counts from here; modes: 0 count only, 1 kill before the
 * change, 2 kill in the middle of it, 3 no space from here on, 4 one input/output error. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static long count, target = -1;
static int mode;
static const char *folder;

void fault_arm(long nth, int how) { count = 0; target = nth; mode = how; folder = getenv("FAULT_FOLDER"); }
long fault_count(void) { return count; }

static int below(const char *path) { return folder && path && strncmp(path, folder, strlen(folder)) == 0; }

static int below_fd(int fd) {
  char link[64], path[4096];
  if (!folder) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, path, sizeof path - 1);
  if (n < 0) return 0;
  path[n] = 0;
  return below(path);
}

/* 0: go on; 1: fail with errno set; 2: do half of it, then die */
static int due(void) {
  long now = __atomic_fetch_add(&count, 1, __ATOMIC_SEQ_CST);
  if (target < 0 || mode == 0) return 0;
  if (mode == 3 ? now < target : now != target) return 0;
  if (mode == 1) kill(getpid(), SIGKILL);
  if (mode == 2) return 2;
  errno = mode == 3 ? ENOSPC : EIO;
  return 1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

#define CHANGE(test, full, half, failed) \
  do { \
    if (test) { \
      int what = due(); \
      if (what == 1) return failed; \
      if (what == 2) { half; kill(getpid(), SIGKILL); } \
    } \
    return full; \
  } while (0)

ssize_t write(int fd, const void *b, size_t n) {
  CHANGE(below_fd(fd), REAL(write)(fd, b, n), (void)!REAL(write)(fd, b, n / 2), -1);
}
ssize_t pwrite(int fd, const void *b, size_t n, off_t o) {
  CHANGE(below_fd(fd), REAL(pwrite)(fd, b, n, o), (void)!REAL(pwrite)(fd, b, n / 2, o), -1);
}
ssize_t pwrite64(int fd, const void *b, size_t n, off64_t o) {
  CHANGE(below_fd(fd), REAL(pwrite64)(fd, b, n, o), (void)!REAL(pwrite64)(fd, b, n / 2, o), -1);
}
int ftruncate(int fd, off_t n) { CHANGE(below_fd(fd), REAL(ftruncate)(fd, n), REAL(ftruncate)(fd, n), -1); }
int ftruncate64(int fd, off64_t n) { CHANGE(below_fd(fd), REAL(ftruncate64)(fd, n), REAL(ftruncate64)(fd, n), -1); }
int fsync(int fd) { CHANGE(below_fd(fd), REAL(fsync)(fd), REAL(fsync)(fd), -1); }
int fdatasync(int fd) { CHANGE(below_fd(fd), REAL(fdatasync)(fd), REAL(fdatasync)(fd), -1); }
int rename(const char *a, const char *b) { CHANGE(below(b), REAL(rename)(a, b), REAL(rename)(a, b), -1); }
int unlink(const char *a) { CHANGE(below(a), REAL(unlink)(a), REAL(unlink)(a), -1); }
int mkdir(const char *a, mode_t m) { CHANGE(below(a), REAL(mkdir)(a, m), REAL(mkdir)(a, m), -1); }
