/* What the generator counts, and how it says it. */
#ifndef TALLY_H
#define TALLY_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* Nanoseconds, each power of two in 64 parts: a value is told to within 1.6 %. */
struct histogram {
    uint64_t counts[64 * 64], total;
};

static inline void note(struct histogram *into, uint64_t value) {
    int power = value < 64 ? 0 : 63 - __builtin_clzll(value) - 5;
    into->counts[64 * power + (power ? value >> power & 63 : value)]++;
    into->total++;
}

/* The value below which `share` of all values lie, in milliseconds; 0 when there are none. */
static double quantile(const struct histogram *of, double share) {
    uint64_t wanted = (uint64_t)(share * (double)of->total), seen = 0;
    for (int i = 0; i < 64 * 64 && of->total; i++) {
        seen += of->counts[i];
        if (seen > wanted) {
            int power = i / 64;
            return (double)((uint64_t)(i % 64) << power) / 1e6;
        }
    }
    return 0;
}

struct tally {
    uint64_t deliveries, messages, acks; /* within the measured time */
    uint64_t wrong_order, wrong_room, refused, closed, malformed;
    struct histogram delivery, ack;
};

static uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static double own_cpu(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

/* CPU seconds of another process, all its threads; 0 when there is none. */
static double cpu_of(pid_t pid) {
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = pid ? fopen(path, "r") : NULL;
    if (!file) return 0;
    text[fread(text, 1, sizeof text - 1, file)] = 0;
    fclose(file);
    unsigned long user = 0, system = 0;
    char *rest = strrchr(text, ')');
    if (!rest) return 0;
    sscanf(rest + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

#endif
