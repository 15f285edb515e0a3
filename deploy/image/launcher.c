/*
 * Starts the broker in its image, which has no shell: the script ./wasm-broker of a checkout, as a program. It sizes the heap
 * as docs/configuration.md (Memory) says, sets what must be set before the JVM starts, and becomes the JVM, so that signals
 * arrive there.
 *
 * It is DIRECTORY/bin/wasm-broker; beside it are DIRECTORY/runtime/bin/java and DIRECTORY/lib/wasm-broker-app.jar.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { UNAVAILABLE = 3, MAX_TEXT = 4096, OWN_ARGUMENTS = 32 };

static void die(const char *format, ...) {
  va_list values;
  va_start(values, format);
  fputs("wasm-broker: ", stderr);
  vfprintf(stderr, format, values);
  fputs("\n", stderr);
  va_end(values);
  exit(UNAVAILABLE);
}

static void *checked(void *memory) {
  if (memory == NULL) {
    die("no memory");
  }
  return memory;
}

__attribute__((format(printf, 1, 2))) static char *text(const char *format, ...) {
  va_list values;
  char *result;
  va_start(values, format);
  int length = vasprintf(&result, format, values);
  va_end(values);
  if (length < 0) {
    die("no memory");
  }
  return result;
}

/* The beginning of a small file; empty if there is none. */
static const char *content(const char *file) {
  static char buffer[MAX_TEXT];
  buffer[0] = '\0';
  FILE *in = fopen(file, "re");
  if (in != NULL) {
    buffer[fread(buffer, 1, sizeof buffer - 1, in)] = '\0';
    fclose(in);
  }
  return buffer;
}

/* The directory of which bin/wasm-broker is this program. */
static char *home(void) {
  static char path[PATH_MAX];
  ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
  if (length < 0) {
    die("/proc is not mounted: %s", strerror(errno));
  }
  path[length] = '\0';
  for (int up = 0; up < 2; up++) {
    char *slash = strrchr(path, '/');
    if (slash == NULL) {
      die("unexpected path of this program");
    }
    *slash = '\0';
  }
  return path;
}

static long long smaller(long long known, long long found) {
  return found > 0 && (known == 0 || found < known) ? found : known;
}

/* The memory of the machine or the container in MiB; 0 if unknown. */
static long long memory(void) {
  long long smallest = 0;
  const char *total = strstr(content("/proc/meminfo"), "MemTotal:");
  if (total != NULL) {
    smallest = strtoll(total + strlen("MemTotal:"), NULL, 10) >> 10;
  }
  static const char *const limits[] = {
      "/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"};
  for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
    /* "max" is read as 0, which is no limit. */
    smallest = smaller(smallest, strtoll(content(limits[i]), NULL, 10) >> 20);
  }
  return smallest;
}

/* As the JVM counts them: those that it may use, and no more than the container's share of time. */
static long long processors(void) {
  cpu_set_t set;
  long long count = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : sysconf(_SC_NPROCESSORS_ONLN);
  char *end;
  long long quota = strtoll(content("/sys/fs/cgroup/cpu.max"), &end, 10);
  long long period = quota > 0 ? strtoll(end, NULL, 10) : 0;
  if (quota <= 0) {
    quota = strtoll(content("/sys/fs/cgroup/cpu/cpu.cfs_quota_us"), NULL, 10);
    period = quota > 0 ? strtoll(content("/sys/fs/cgroup/cpu/cpu.cfs_period_us"), NULL, 10) : 0;
  }
  return quota > 0 && period > 0 ? smaller(count, (quota + period - 1) / period) : count;
}

static long long most(long long bound, long long value) { return value > bound ? bound : value; }

/* A bound of DispatchConfig. */
static long long configured(const char *name, long long otherwise) {
  const char *set = getenv(name);
  if (set == NULL || *set == '\0') {
    return otherwise;
  }
  if (*set == '0' || strspn(set, "0123456789") != strlen(set)) {
    return 2; /* the broker refuses it with a message */
  }
  return most(4096, strlen(set) > 4 ? 4096 : atoll(set));
}

struct arguments {
  char **all;
  size_t count;
};

static void add(struct arguments *to, const char *argument) { to->all[to->count++] = (char *)argument; }

/* See docs/configuration.md, Memory, and the script ./wasm-broker. */
static void add_heap(struct arguments *to) {
  long long usable = processors() < 2 ? 2 : processors();
  long long slots = configured("WASM_BROKER_DISPATCH_SLOTS", most(1024, 128 * usable));
  long long computing = most(slots, configured("WASM_BROKER_DISPATCH_PROCESSORS", usable));
  long long young = computing < 30 ? 32 + 16 * computing : 512;
  long long first = young + 32;
  add(to, text("-Xms%lldm", first));
  add(to, text("-Xmn%lldm", young));
  long long available = memory();
  if (available > 0) {
    long long largest = 292 + 64 * computing + (slots - computing);
    largest += most(512, largest / 7); /* prepared images: so that they are an eighth of the heap */
    largest = most(available / 2, largest);
    largest = largest < available / 4 ? available / 4 : largest;
    largest = largest < first ? first : largest;
    add(to, text("-Xmx%lldm", largest));
  }
}

/* Whether a person's option sizes the heap: then all sizes are theirs. */
static bool sizes_heap(const char *option) {
  return strncmp(option, "-Xmx", 4) == 0 || strncmp(option, "-Xmn", 4) == 0 || strncmp(option, "-Xms", 4) == 0 ||
         (strncmp(option, "-XX:", 4) == 0 && strstr(option, "RAM") != NULL) ||
         (strncmp(option, "-XX:M", 5) == 0 && strstr(option, "HeapSize") != NULL);
}

static void set_unless_given(const char *name, const char *value) {
  const char *given = getenv(name);
  if ((given == NULL || *given == '\0') && setenv(name, value, 1) != 0) {
    die("no memory");
  }
}

int main(int argc, char **argv) {
  const char *base = home();
  char *given = checked(strdup(getenv("WASM_BROKER_JAVA_OPTS") != NULL ? getenv("WASM_BROKER_JAVA_OPTS") : ""));
  struct arguments java = {
      checked(calloc(OWN_ARGUMENTS + strlen(given) + (size_t)argc, sizeof(char *))), 0};
  struct arguments options = {checked(calloc(strlen(given) + 1, sizeof(char *))), 0};
  bool sized = false;
  for (char *rest, *option = strtok_r(given, " \t\n", &rest); option != NULL; option = strtok_r(NULL, " \t\n", &rest)) {
    add(&options, option);
    sized = sized || sizes_heap(option);
  }

  char *program = text("%s/runtime/bin/java", base);
  add(&java, program);
  add(&java, "--enable-native-access=ALL-UNNAMED");
  add(&java, "--sun-misc-unsafe-memory-access=allow");
  /* What the JVM has to say must not mix with results on standard output. That a cache is of no use is no news for people. */
  add(&java, "-Xlog:disable");
  add(&java, "-Xlog:all=warning:stderr");
  add(&java, "-Xlog:aot*=off:stderr");
  add(&java, "-Xlog:cds*=off:stderr");
  add(&java, "-XX:+ErrorFileToStderr");
  add(&java, "-XX:-UsePerfData");
  char *cache = text("%s/lib/wasm-broker.aot", base);
  if (access(cache, R_OK) == 0) {
    add(&java, text("-XX:AOTCache=%s", cache));
  }
  const char *caches = getenv("XDG_CACHE_HOME");
  if (caches != NULL && *caches == '/') {
    add(&java, text("-Djava.io.tmpdir=%s/wasm-broker", caches));
  }
  add(&java, "-XX:+UseParallelGC");
  if (argc > 1 && strcmp(argv[1], "health") == 0) {
    /* A health check runs for a fraction of a second, again and again. */
    add(&java, "-XX:TieredStopAtLevel=1");
    add(&java, "-XX:ParallelGCThreads=1");
    add(&java, "-Xmx64m");
  } else if (!sized) {
    add_heap(&java);
  }
  for (size_t i = 0; i < options.count; i++) {
    add(&java, options.all[i]);
  }
  add(&java, "-jar");
  add(&java, text("%s/lib/wasm-broker-app.jar", base));
  for (int i = 1; i < argc; i++) {
    add(&java, argv[i]);
  }
  /* The only locale of the image. Java can open only files whose names the locale knows. */
  if (setenv("LC_ALL", "C.UTF-8", 1) != 0) {
    die("no memory");
  }
  set_unless_given("MALLOC_ARENA_MAX", "4");
  execv(program, java.all);
  die("cannot start %s: %s", program, strerror(errno));
}
