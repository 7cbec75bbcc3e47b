/* deathpoint: kills a program at one of its durable steps. Preloaded (LD_PRELOAD), it counts what makes things last - writes to files, syncs, renames,
 * removals, truncations - and ends the process with SIGKILL before or after one of them.
 *
 *   DEATH_IN     name of the executable; in any other this library does nothing
 *   DEATH_UNDER  folder whose files count
 *   DEATH_GO     file: nothing is counted before it is there
 *   DEATH_LOG    file: gets a line for each step, "NUMBER OPERATION PATH"
 *   DEATH_AT     number of the step at which to die, from 1; 0 or nothing to live
 *   DEATH_WHEN   before or after
 *   DEATH_MARK   file that is made at the death; where it is there already nothing dies
 *
 * Of the pages that a database writes for one transaction the first counts, and the sync: what lies between is the engine's own affair.
 * Build: cc -shared -fPIC -O2 -o deathpoint.so deathpoint.c -ldl -lpthread
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static int state = -1; /* -1 not looked, 0 inert, 1 waits for DEATH_GO, 2 counts */
static long count, at;
static int dies_after, database_is_dirty;
static const char *under, *go, *log_path, *mark;
static __thread int inside;

static const char *setting(const char *name) { const char *v = getenv(name); return v && *v ? v : NULL; }

static int ends_with(const char *text, const char *end) {
  size_t n = strlen(text), m = strlen(end);
  return n >= m && strcmp(text + n - m, end) == 0;
}

static void look(void) {
  char self[PATH_MAX];
  ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
  const char *name = setting("DEATH_IN");
  state = 0;
  if (n <= 0 || !name) return;
  self[n] = 0;
  const char *base = strrchr(self, '/');
  if (strcmp(base ? base + 1 : self, name)) return;
  under = setting("DEATH_UNDER"), go = setting("DEATH_GO"), log_path = setting("DEATH_LOG"), mark = setting("DEATH_MARK");
  at = setting("DEATH_AT") ? atol(setting("DEATH_AT")) : 0;
  dies_after = setting("DEATH_WHEN") && !strcmp(setting("DEATH_WHEN"), "after");
  if (under && !(mark && access(mark, F_OK) == 0)) state = go ? 1 : 2;
}

static void die(void) {
  if (mark) { int fd = open(mark, O_CREAT | O_WRONLY, 0600); if (fd >= 0) close(fd); }
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

/* Counts a step; returns its number, 0 when it does not count. The caller holds no lock. */
static long begin(const char *operation, const char *path) {
  long number = 0;
  if (inside || state == 0) return 0;
  inside = 1;
  pthread_mutex_lock(&gate);
  if (state < 0) look();
  if (state == 1 && access(go, F_OK) == 0) state = 2;
  if (state == 2 && path && !strncmp(path, under, strlen(under)) && !ends_with(path, "-shm") && !ends_with(path, ".log") && !strstr(path, "/logs/")) {
    int is_database = ends_with(path, "-wal") || ends_with(path, ".db"), is_write = strstr(operation, "write") != NULL;
    if (!(is_database && is_write && database_is_dirty)) {
      number = ++count;
      if (log_path) {
        int fd = open(log_path, O_CREAT | O_WRONLY | O_APPEND, 0600);
        if (fd >= 0) { dprintf(fd, "%ld %s %s\n", number, operation, path); close(fd); }
      }
    }
    if (is_database) database_is_dirty = is_write;
  }
  if (number && number == at && !dies_after) die();
  pthread_mutex_unlock(&gate);
  inside = 0;
  return number;
}

static void end(long number) { if (number && number == at && dies_after) die(); }

static const char *path_of(int fd, char *buffer) {
  char link[64];
  struct stat facts;
  if (state == 0 || fstat(fd, &facts) || !S_ISREG(facts.st_mode)) return NULL;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, buffer, PATH_MAX - 1);
  if (n <= 0) return NULL;
  buffer[n] = 0;
  return buffer;
}

#define REAL(name) static __typeof__(&name) real; if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)
#define ON_FILE(type, name, parameters, arguments) \
  type name parameters { REAL(name); char buffer[PATH_MAX]; long n = begin(#name, path_of(fd, buffer)); type r = real arguments; end(n); return r; }
#define ON_PATH(name, parameters, arguments, path) \
  int name parameters { REAL(name); long n = begin(#name, path); int r = real arguments; end(n); return r; }

ON_FILE(ssize_t, write, (int fd, const void *data, size_t size), (fd, data, size))
ON_FILE(ssize_t, pwrite, (int fd, const void *data, size_t size, off_t offset), (fd, data, size, offset))
ON_FILE(ssize_t, pwrite64, (int fd, const void *data, size_t size, off64_t offset), (fd, data, size, offset))
ON_FILE(int, fsync, (int fd), (fd))
ON_FILE(int, fdatasync, (int fd), (fd))
ON_FILE(int, ftruncate, (int fd, off_t size), (fd, size))
ON_FILE(int, ftruncate64, (int fd, off64_t size), (fd, size))
ON_PATH(rename, (const char *from, const char *to), (from, to), to)
ON_PATH(unlink, (const char *path), (path), path)
ON_PATH(link, (const char *from, const char *to), (from, to), to)
